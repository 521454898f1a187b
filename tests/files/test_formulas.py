"""No cell of a table that is written can be taken for a formula; numbers stay numbers."""

import csv
import io
from pathlib import Path

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partner_analysis import storage
from partner_analysis.files.formulas import guard_formulas

RISKY = st.text(alphabet="=+-@\t\r\uff1d\uff0b\uff0d\uff20 1.,%eA'\"\n", max_size=6)


def is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").removesuffix("%"))
    except ValueError:
        return False
    return "_" not in text


@given(st.lists(RISKY, min_size=1, max_size=6), RISKY)
@example(["=HYPERLINK(1)", "-12.5", "+1", "@a", "\t=1", "\uff1d1", " =1"], "=a")
@settings(deadline=None)
def test_no_cell_begins_like_a_formula(cells: list[str], header: str) -> None:
    written = guard_formulas(pd.DataFrame({header: cells})).to_csv(index=False)
    rows = list(csv.reader(io.StringIO(written, newline="")))
    for cell in [cell for row in rows for cell in row]:
        begins = cell.lstrip(" ").startswith(tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20"))
        assert not begins or is_number(cell)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(), min_size=1))
@settings(deadline=None)
def test_numbers_stay_as_they_are(numbers: list[float]) -> None:
    cells = pd.DataFrame({"n": numbers, "t": [str(number) for number in numbers]})
    pd.testing.assert_frame_equal(guard_formulas(cells), cells, check_dtype=False)


def test_a_table_written_and_read_again_keeps_its_harmless_cells(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"name": ["Harbor Run Shop", "=1+1"], "estimate": [-3.1, 2.0], "on": ["2024-01-01", None]}
    )
    grid = storage.read_grid(storage.write_csv(table, tmp_path / "a.csv"))
    assert grid.to_numpy().tolist() == [
        ["name", "estimate", "on"], ["Harbor Run Shop", "-3.1", "2024-01-01"], ["'=1+1", "2.0", ""],
    ]  # fmt: skip
