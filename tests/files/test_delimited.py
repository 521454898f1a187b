"""The fast way and the careful way give the same grid, whatever the text."""

import csv
import io
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from partner_analysis import storage
from partner_analysis.files import delimited
from partner_analysis.files.delimiters import find_delimiter
from partner_analysis.files.encodings import read_blocks
from partner_analysis.tables import DataError

CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "a", "7", '"b, c"', '"d ""e"""', "\u00a0é ", "x\u2028y", "5'6\"", "-1"]
    ),
    st.text(alphabet='a ,"\t\u3000é;|\x1c', max_size=5),
)
LINES = st.one_of(
    st.lists(CELLS, min_size=3, max_size=3).map(",".join),
    st.lists(CELLS, max_size=6).map(",".join),
    st.sampled_from(["", "", " ", ",,", '"one\ntwo",2,3', "Title", "Total,7"]),
)
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
TEXTS = st.one_of(
    st.lists(st.tuples(LINES, ENDS), max_size=30).map(lambda lines: "".join(map("".join, lines))),
    st.text(alphabet='ab ,"\n\r;é\x00', max_size=60),
)


def read(text: str, **how: int | bool) -> pd.DataFrame | str:
    try:
        return delimited.read_delimited(io.BytesIO(text.encode()), "a.csv", **how)
    except DataError as error:
        return str(error).split("line")[0]


def oracle(text: str) -> tuple[list[int], list[list[str]]]:
    text = text.replace("\0", "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text))
    rows, lines, line = [], [], 1
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            rows.append(cells)
            lines.append(line)
        line = reader.line_num + 1
    width = max(map(len, rows), default=0)
    return lines, [row + [""] * (width - len(row)) for row in rows]


@given(TEXTS, st.sampled_from([1, 7, 40, 1 << 20]))
@example('a,b\n1,"2', 1 << 20)
@example('a,b\n1,"2\n', 7)
@example('a"x,b\n1"y,"2\n', 1 << 20)
@example("a,b\r1,2\r\n\n3,4\n", 7)
@example("a,b\n1,2\n3\n4,5,6\n,\n", 1 << 20)
@settings(max_examples=400, deadline=None)
def test_the_fast_way_and_the_careful_way_give_the_same_grid(text: str, size: int) -> None:
    careful, fast = read(text, careful=True), read(text, size=size)
    if isinstance(careful, str) or isinstance(fast, str):
        assert careful == fast
        return
    pd.testing.assert_frame_equal(fast, careful)
    if "\0" in text:  # may be taken for UTF-16
        return
    lines, rows = oracle(text)
    assert fast.index.tolist() == lines
    assert fast.to_numpy().tolist() == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "mac_roman", "utf-16",
                                      "utf-16-le", "utf-16-be", "utf-32"])  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_grid(encoding: str, end: str) -> None:
    lines = [
        "clinic,note",
        "Warwick,Owner\u2019s café",
        "Cranston,naïve résumé, très bien",
        "",
        "Bristol,x",
    ]
    raw = end.join(lines).encode(encoding)
    for size in (3, 1 << 20):
        grid = delimited.read_delimited(io.BytesIO(raw), "a.csv", size=size)
        assert grid.index.tolist() == [1, 2, 3, 5]
        if encoding != "mac_roman":
            assert grid.loc[2].tolist() == ["Warwick", "Owner\u2019s café", ""]


@pytest.mark.parametrize("size", [7, 1 << 20])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_of_two_encodings_are_each_read_in_their_own(size: int, end: bytes) -> None:
    lines = ["id,note", "1,Zo\xe9 \u201cfaux\u201d", "2,plain", "3,caf\xe9 \u2019", "4,\xc1lvaro"]
    codes = ["utf-8", "utf-8", "utf-8", "cp1252", "utf-8"]
    raw = end.join(line.encode(code) for line, code in zip(lines, codes, strict=True))
    grid = delimited.read_delimited(io.BytesIO(raw), "a.csv", size=size)
    assert grid[1].tolist() == [line.split(",")[1] for line in lines]


def test_a_text_that_is_no_cp1252_is_taken_for_mac_roman() -> None:
    raw = "clinic,note\nWarwick,Café é è ê très\nCranston,naïve à côté\n".encode("mac_roman")
    grid = delimited.read_delimited(io.BytesIO(raw), "a.csv")
    assert grid.loc[2, 1] == "Café é è ê très"


@given(st.text(alphabet="aé\n\r\x00", max_size=40), st.integers(1, 9),
       st.sampled_from(["utf-8", "utf-16", "utf-16-be", "cp1252"]))  # fmt: skip
@settings(deadline=None)
def test_blocks_end_at_line_ends_and_hold_all_text(text: str, size: int, encoding: str) -> None:
    blocks = [block for block, _ in read_blocks(io.BytesIO(text.encode(encoding)), encoding, size)]
    whole = b"".join(blocks).decode()
    assert whole.rstrip("\r\n") == text.replace("\0", "").rstrip("\r\n")
    assert all(block.endswith((b"\n", b"\r")) for block in blocks)
    assert not any(
        one.endswith(b"\r") and other.startswith(b"\n") for one, other in pairwise(blocks)
    )


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n", ";"),
        ("Title, with comma\n\na|b|c\n1|2|3\n4|5|6\n", "|"),
        ("a^b^c\n1^2^3\n4^5^6\n", "^"),
        ("a~b~c\n1~2~3\n4~5~6\n", "~"),
        ("time\n10:30:00\n11:30:00\n12:30:00\n", ","),
        ("name\nO~Hara\nFable\n", ","),
        ("sep=;\na,b;c,d\n", ";"),
        ('"sep=\t"\na,b\tc\n', "\t"),
        ("Warwick, RI;3;4\nCranston, RI;5;6\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_evenly(text: str, mark: str) -> None:
    assert find_delimiter(text) == mark


def test_a_line_that_states_the_delimiter_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("sep=;\r\na;b,c\r\n1;2\r\n".encode("utf-16"))
    grid = storage.read_grid(tmp_path / "a.csv")
    assert grid.index.tolist() == [2, 3]
    assert grid.to_numpy().tolist() == [["a", "b,c"], ["1", "2"]]


def test_titles_short_lines_and_totals_keep_their_lines_in_the_fast_way() -> None:
    rows = "".join(f'{n},"Faux, A",c\n' for n in range(3_000))
    text = f"Report\nRun,1/2/2024\n\nid,name,x\n{rows}\nTotal,3000\nPage 1 of 1,,,,9\n"
    grid = delimited.read_delimited(io.BytesIO(text.encode()), "a.csv")
    assert grid.shape == (3_005, 5)
    assert grid.index[[0, 1, 2, 3, -2, -1]].tolist() == [1, 2, 4, 5, 3_006, 3_007]
    assert grid.iloc[-1].tolist() == ["Page 1 of 1", "", "", "", "9"]


def test_a_note_of_two_lines_may_lie_across_blocks() -> None:
    rows = "".join(f'{n},"one\ntwo",{n}\n' for n in range(50))
    for size in (5, 64, 1 << 20):
        grid = delimited.read_delimited(io.BytesIO(("a,b,c\n" + rows).encode()), "a.csv", size=size)
        assert grid.index.tolist() == [1, *range(2, 102, 2)]
        assert set(grid.loc[2:, 1]) == {"one\ntwo"}


def test_a_giant_cell_is_told_from_a_mark_that_is_not_closed(tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    path.write_text('a,b\n1,2\n3,"' + "x" * 200_000 + '"\n')
    with pytest.raises(DataError, match=r"line 3 has a cell of more than 131,072 characters"):
        storage.read_grid(path)
