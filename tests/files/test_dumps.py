"""JSON as practice-management systems give it: records, pages, one record a line."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_analysis import storage
from partner_analysis.files.dumps import read_dump
from partner_analysis.tables import DataError

RECORDS = [
    {
        "id": 123456789012345678, "cancelled_at": None, "fee": 12.50,
        "patient": {"links": {"self": "https://x/1"}}, "tags": ["a", 2], "notes": [{"id": 1}],
    },
    {"id": "2", "arrived": True, "fee": -0.0},
]  # fmt: skip
ROWS = [
    ["id", "cancelled_at", "fee", "patient.links.self", "tags", "arrived"],
    ["123456789012345678", "", "12.5", "https://x/1", "a;2", ""],
    ["2", "", "-0.0", "", "", "true"],
]
PAGE = {"total_entries": 2, "links": {"self": "https://x"}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(RECORDS),
        json.dumps({"appointments": RECORDS, **PAGE}),
        json.dumps([{"appointments": [record], **PAGE} for record in RECORDS]),
        json.dumps([RECORDS[:1], RECORDS[1:]]),
        "\ufeff" + "\n\n".join(json.dumps(record) for record in RECORDS) + "\n",
        "\r\n".join(json.dumps({"appointments": [record], **PAGE}) for record in RECORDS),
    ],
)
def test_every_form_of_a_dump_gives_the_same_grid(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    (sheet,) = storage.read_sheets(tmp_path / "a.json")
    assert sheet.grid.to_numpy().tolist() == ROWS
    assert sheet.grid.index.tolist() == [1, 2, 3]


def test_lists_under_several_names_are_several_sheets(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"patients": [{"id": 1}], "cases": [{"id": 2}], "none": []}')
    sheets = storage.read_sheets(tmp_path / "a.json")
    assert [sheet.name for sheet in sheets] == ["patients", "cases"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" * 100_000, "too many brackets"),
        ('{"a":' * 20 + "1" + "}" * 20, "too many brackets"),
        ('[{"a": ' + "9" * 101 + "}]", "a number of more than 100 digits"),
        ('[{"a": NaN}]', "a number that is none"),
        ('[{"a": 1},\n{"b" 2}]', "a fault in line 2"),
        ('{"a": 1}\n{"b" 2}', "a line that is no JSON"),
        ("[1, 2]", "the file is empty"),
        ("[]", "the file is empty"),
        ("", "a fault in line 1"),
        (json.dumps([{str(place): 1} for place in range(2_001)]), "more than 2,000 names"),
    ],
)
def test_what_is_no_dump_is_refused_in_plain_words(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(DataError, match=says) as error:
        storage.read_sheets(tmp_path / "a.json")
    assert str(error.value).endswith(".")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
@settings(deadline=None)
def test_any_json_is_a_grid_or_refused(value: object) -> None:
    text = json.dumps(value)
    try:
        for _, grid in read_dump(text.encode(), text, "a.json"):
            assert grid.notna().all(axis=None)
    except DataError:
        pass
