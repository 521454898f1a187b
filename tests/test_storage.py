import re
import stat
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from partner_analysis import storage
from partner_analysis.tables import DataError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_grid_reads_the_same_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("clinic,note\nWarwick,Owner\u2019s café\n".encode(encoding))
    grid = storage.read_grid(path)
    assert grid.loc[2].tolist() == ["Warwick", "Owner\u2019s café"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_a_grid_finds_its_delimiter(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'a{mark}b{mark}c\n1{mark}"x, y"{mark}3\n')
    assert storage.read_grid(path).loc[2].tolist() == ["1", "x, y", "3"]


def test_a_grid_keeps_line_numbers_and_ids_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('title\n\nid,n\n007,"two\nlines"\n123456789012345678,\n')
    grid = storage.read_grid(path)
    assert grid.index.tolist() == [1, 3, 4, 6]
    assert grid[0].tolist() == ["title", "id", "007", "123456789012345678"]


def test_a_workbook_reads_like_the_same_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("rows")
    for cells in (["id", "on"], [7, date(2024, 3, 5)], [8.0, None]):
        book["rows"].append(cells)
    book.save(tmp_path / "a.xlsx")
    grid = storage.read_grid(tmp_path / "a.xlsx")
    assert grid.to_numpy().tolist() == [["id", "on"], ["7", "2024-03-05"], ["8", ""]]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"\xef\xbb\xbf\n\n , \n", "the file is empty"),
        ("a.xlsx", b"PK no workbook", "cannot be opened as an Excel workbook"),
        ("a.pdf", b"x", r"\.pdf cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        storage.read_grid(tmp_path / name)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        storage.read_grid(tmp_path / "a.csv")
    with pytest.raises(DataError, match="no such file"):
        storage.find_files(tmp_path, "*.csv")


def test_files_are_found_by_pattern_and_sorted(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "~$a.csv", ".a.csv"):
        (tmp_path / name).write_text("x")
    found = [path.name for path in storage.find_files(tmp_path, "*.csv")]
    assert found == ["a.csv", "b.csv"]
    assert storage.find_files(Path("/"), str(tmp_path / "a.*")) == [tmp_path / "a.csv"]


def test_a_table_comes_back_as_it_was_and_for_its_owner_only(tmp_path: Path) -> None:
    table = pd.DataFrame({"on": pd.to_datetime(["2024-01-01", None]), "name": ["ä", None]})
    path = storage.write_table(table, tmp_path / "processed" / "a.parquet")
    pd.testing.assert_frame_equal(storage.read_table(path), table)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_table_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"x")
    with pytest.raises(DataError, match="Delete it and run again"):
        storage.read_table(tmp_path / "a.parquet")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = storage.write_text("old", tmp_path / "a.txt")

    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(storage.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        storage.write_text("new", path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_publishing_replaces_the_whole_folder_and_latest_points_at_it(tmp_path: Path) -> None:
    final = tmp_path / "reports" / "2024-01-01"
    for word in ("old", "new"):
        staging = storage.make_folder(tmp_path / "staging")
        storage.write_text(word, staging / f"{word}.html")
        storage.publish(staging, final)
    assert [path.name for path in final.iterdir()] == ["new.html"]
    assert (storage.point_latest(final) / "new.html").read_text() == "new"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (['1,"two, 01/02/2024', *["2,b,c"] * 9], 2),
        (["1,b,c", '2,"Fable,01/02/2024', '3,"Storey, Lou",c', "4,b,c"], 3),
        (["1,b,c", '2,b,"c', "3,b,c", '4,"b",c'], 3),
        (['1,"a\nb\nc\nd",e'], 2),
        (["1,b,c", '2,b,"c'], 3),
    ],
)
def test_a_quotation_mark_that_takes_rows_with_it_is_refused_with_its_line(
    tmp_path: Path, lines: list[str], line: int
) -> None:
    (tmp_path / "a.csv").write_text("\n".join(["id,name,on", "0,x,y", *lines]) + "\n")
    found = rf"a quotation mark opens in line {line + 1} and is not closed there"
    with pytest.raises(DataError, match=found) as error:
        storage.read_grid(tmp_path / "a.csv")
    assert "Fable" not in str(error.value)


def test_a_huge_cell_near_the_top_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n"' + "x" * 140_000 + '",2\n')
    with pytest.raises(DataError, match="line 2 has a cell of more than"):
        storage.read_grid(tmp_path / "a.csv")


def workbook(path: Path) -> dict[str, bytes]:
    """Write a workbook and return its parts."""
    book = openpyxl.Workbook()
    for number in range(200):
        book.worksheets[0].append(["id", number, f"text {number * 7919}"])
    book.save(path)
    with zipfile.ZipFile(path) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def pack(parts: dict[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    parts = workbook(path)
    content = bytearray(path.read_bytes())
    place = content.index(b"xl/worksheets/sheet1.xml") + 60
    content[place : place + 40] = bytes(40)
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="cannot be opened as an Excel workbook"):
        storage.read_grid(path)
    sheet = "xl/worksheets/sheet1.xml"
    pack({**parts, sheet: parts[sheet][: len(parts[sheet]) // 2]}, path)
    with pytest.raises(DataError, match="cannot be opened as an Excel workbook"):
        storage.read_grid(path)


def test_a_workbook_that_is_wrong_about_its_size_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    parts = workbook(path)
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', parts[sheet])
    pack(parts, path)
    assert storage.read_grid(path).shape == (200, 3)


def test_a_folder_that_cannot_be_written_to_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(DataError, match="reports/demo: cannot be written to"):
        storage.probe_folder(tmp_path / "reports" / "demo")
    storage.probe_folder(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]


def test_latest_is_a_page_where_a_real_folder_has_its_name(tmp_path: Path) -> None:
    final = storage.make_folder(tmp_path / "2024-01-01")
    storage.make_folder(tmp_path / "latest")
    assert "2024-01-01/index.html" in storage.point_latest(final).read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2024-01-01", "latest", "latest.html"]


def test_a_pattern_that_can_name_no_file_finds_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        storage.find_files(tmp_path, ".")
