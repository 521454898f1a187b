"""How much of a file is read at once, and what is refused because no export is like that."""

from __future__ import annotations

from typing import Final

MIB: Final = 1 << 20
GIB: Final = 1 << 30

BLOCK: Final = 16 * MIB  # bytes of a text read at once
HEAD: Final = MIB // 16  # bytes that tell the delimiter, and text from binary data

LARGEST_FILE: Final = 4 * GIB
LONGEST_LINE: Final = MIB  # bytes
MOST_CELLS: Final = 2_000  # in one line
MOST_LINES: Final = 3  # that one record may take

LARGEST_JSON: Final = 256 * MIB
MOST_VALUES: Final = 20_000_000  # in one JSON text, counted by its commas and brackets
LONGEST_NUMBER: Final = 100  # digits

LARGEST_UNPACKED: Final = 2 * GIB  # all parts of a workbook, and all text of a sheet
MOST_PACKED: Final = 200  # unpacked size over packed size
SMALL_UNPACKED: Final = 64 * MIB  # up to here any packing is fine
MOST_PARTS: Final = 10_000  # files in a workbook
LAST_ROW: Final = 1_048_576  # of an Excel sheet
