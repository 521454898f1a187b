"""Delimited text to rows of cells, and the marks of one in which quotation went wrong."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Final

from partner_analysis.tables import DataError

DELIMITERS: Final = ",\t;|"
MOST_LINES: Final = 3
_END: Final = "\x02end\x02"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line (from 1), how many lines it takes, and its trimmed cells."""

    line: int
    lines: int
    cells: list[str]


def split_records(text: str, name: str) -> list[Record]:
    """Records of a delimited text; the delimiter is found.

    Parameters
    ----------
    text
        Content of the file.
    name
        What messages call it.

    Raises
    ------
    DataError
        If a quotation mark is not closed, or closes so late that it took whole rows with it;
        the message has the line where it opens.
    """
    text = text.replace("\x00", "")
    mark = find_delimiter(text)
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=mark)
    records: list[Record] = []
    start = 1
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            records.append(Record(start, reader.line_num - start + 1, trimmed))
            start = reader.line_num + 1
    except csv.Error:
        raise _unclosed(name, start) from None
    if records.pop().cells != [_END]:
        raise _unclosed(name, _opens(text, mark))
    _refuse_swallowed(records, text, mark, name)
    return records


def find_delimiter(text: str) -> str:
    """Delimiter that cuts most of the first lines into equally many cells; comma if in doubt."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]

    def evenness(mark: str) -> int:
        try:
            cells = Counter(len(row) for row in csv.reader(lines, delimiter=mark))
        except csv.Error:
            return 0
        del cells[1]
        return max(cells.values(), default=0)

    return max(DELIMITERS, key=evenness)


def _refuse_swallowed(records: list[Record], text: str, mark: str, name: str) -> None:
    """Refuse records over several lines that look like rows run together, not like one note."""
    long = [record for record in records if record.lines > 1]
    if not long:
        return
    widths = Counter(len(r.cells) for r in records if r.lines == 1 and len(r.cells) > 1)
    usual = widths.most_common(1)[0][0] if widths else 0
    lines = io.StringIO(text, newline="").readlines()
    for record in long:
        after = lines[record.line : record.line + record.lines - 1]
        whole_row = any(line.count(mark) >= max(usual - 1, 2) for line in after)
        shifted = usual > 0 and len(record.cells) != usual
        if record.lines > MOST_LINES or whole_row or shifted:
            raise _unclosed(name, record.line)


def _opens(text: str, mark: str) -> int:
    """Line of the record in which the quotation mark opens that the whole text never closes."""
    start = 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    last = start
    for _ in reader:
        last, start = start, reader.line_num + 1
    return last


def _unclosed(name: str, line: int) -> DataError:
    return DataError(
        f"{name}: a quotation mark opens in line {line:,} and is not closed there, so that the "
        "rows after it would be read as one cell. Remove or close it, or export as .xlsx."
    )
