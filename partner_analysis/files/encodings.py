"""Bytes to text: which encoding a file has, and its content block by block as UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

import charset_normalizer

from partner_analysis.files.limits import BLOCK, LONGEST_LINE
from partner_analysis.tables import DataError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BY_LINE: Final = "utf-8 or cp1252, line by line"
LAST_RESORTS: Final = ["mac_roman", "cp437"]  # of old Macs, of DOS
_NOT_CP1252: Final = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
_SAMPLE: Final = 65_536


def find_encoding(stream: BinaryIO) -> str:
    """Name of a file's encoding, for ``bytes.decode``; the stream stands at its start after.

    A byte-order mark decides, then the places of NUL bytes (UTF-16 of Latin text has one in each
    pair), then whether all is UTF-8, then whether each line is UTF-8 or cp1252 (``BY_LINE`` where
    some are the one and some the other); what is left is a guess.
    """
    head = stream.read(4096)
    stream.seek(0)
    encoding = _marked(head) or _paired(head) or _decoded(stream)
    stream.seek(0)
    return encoding


def decode(raw: bytes, encoding: str) -> str:
    """Text of bytes; what does not fit the encoding becomes the replacement character."""
    if encoding == BY_LINE:
        return "".join(map(_decode_line, raw.splitlines(keepends=True)))
    return raw.decode(encoding, errors="replace")


def read_blocks(stream: BinaryIO, encoding: str, size: int = BLOCK) -> Iterator[tuple[bytes, bool]]:
    """Content of a file in blocks of whole lines, as UTF-8 without NUL bytes.

    Parameters
    ----------
    stream
        Open file; what follows its position is read.
    encoding
        As found.
    size
        Bytes read at once.

    Yields
    ------
    tuple
        Block, ending in a line end, and whether it is the last. Nothing for an empty file. Where a
        line has more than ``LONGEST_LINE`` bytes, the file ends with what was read of it.
    """
    by_line = encoding == BY_LINE
    decoder = _ByLine() if by_line else codecs.getincrementaldecoder(encoding)(errors="replace")
    plain = encoding == "utf-8"
    rest, raw = b"", stream.read(size)
    while raw:
        following = stream.read(size)
        text = raw if plain else decoder.decode(raw, final=not following).encode()
        block = rest + (text.translate(None, b"\0") if b"\0" in text else text)
        if not following:
            yield _ended(decode(block, "utf-8").encode()), True  # the last letter may be cut
            return
        cut = _last_end(block)
        block, rest = block[:cut], block[cut:]
        if block:
            yield block, False
        if len(rest) > LONGEST_LINE:
            yield _ended(rest), True
            return
        raw = following


class _ByLine(codecs.IncrementalDecoder):
    """Decoder of whole lines; the beginning of the next one waits for its end."""

    def __init__(self) -> None:
        super().__init__("replace")
        self.rest = b""

    def decode(self, raw: Buffer, final: bool = False) -> str:
        """Text of the lines that have ended."""
        held = self.rest + bytes(raw)
        cut = len(held) if final or len(held) > LONGEST_LINE + BLOCK else _last_end(held)
        self.rest = held[cut:]
        return decode(held[:cut], BY_LINE)


def _decode_line(line: bytes) -> str:
    """Text of one line, UTF-8 where it is, else cp1252."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def count_lines(block: bytes) -> int:
    r"""Line ends in a block; ``\r\n`` is one.

    >>> count_lines(b"a\nb\r\nc\r")
    3
    """
    returns = block.count(b"\r")
    ends = block.count(b"\n")
    return ends + returns - block.count(b"\r\n") if returns else ends


def has_long_line(block: bytes, most: int) -> bool:
    """Whether a line has more bytes than that; sometimes true from half of it on."""
    step = max(most // 2, 1)
    return any(
        block.find(b"\n", start, start + step) < 0 and block.find(b"\r", start, start + step) < 0
        for start in range(0, len(block) - step + 1, step)
    )


def refuse_long_lines(block: bytes, line: int, name: str) -> None:
    """Refuse a block with a line beyond ``LONGEST_LINE``; line is the number of its first."""
    if not has_long_line(block, LONGEST_LINE):
        return
    for number, text in enumerate(block.splitlines(), start=line):
        if len(text) > LONGEST_LINE:
            raise DataError(
                f"{name}: line {number:,} is longer than {LONGEST_LINE:,} bytes, which no row of a "
                "table is: line ends are missing, or one cell holds a document. Export again as "
                ".csv or .xlsx, with one row a line."
            )


def _marked(head: bytes) -> str:
    """Encoding by a byte-order mark, or nothing."""
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), "")


def _paired(head: bytes) -> str:
    """UTF-16 without a mark, by where the NUL bytes stand, or nothing."""
    half = len(head) // 2
    if half < 8:
        return ""
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else ""


def _decoded(stream: BinaryIO) -> str:
    """UTF-8 or cp1252 where all lines fit, else a guess from the lines with others than ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    fits, outside, sample = True, False, b""
    while raw := stream.read(BLOCK):
        if raw.isascii() and not decoder.getstate()[0]:
            continue
        if fits:
            try:
                decoder.decode(raw)
            except UnicodeDecodeError:
                fits = False
        outside = outside or any(byte in raw for byte in _NOT_CP1252)
        sample += _foreign_lines(raw, _SAMPLE - len(sample))
    if fits:
        return "utf-8"
    stream.seek(0)
    if _lines_fit(stream):
        return BY_LINE
    if not outside:
        return "cp1252"
    guess = charset_normalizer.from_bytes(sample, cp_isolation=LAST_RESORTS).best()
    return guess.encoding if guess else LAST_RESORTS[0]


def _lines_fit(stream: BinaryIO) -> bool:
    """Whether some lines beyond ASCII are UTF-8, and all others cp1252."""
    some, rest = False, b""
    while raw := stream.read(BLOCK):
        held = rest + raw
        cut = _last_end(held) or len(held)
        lines, rest = held[:cut], held[cut:]
        for line in (each for each in lines.splitlines() if not each.isascii()):
            try:
                line.decode()
            except UnicodeDecodeError:
                if any(byte in line for byte in _NOT_CP1252):
                    return False
            else:
                some = True
    return some


def _foreign_lines(raw: bytes, most: int) -> bytes:
    """Return lines that hold more than ASCII, up to so many bytes."""
    if most <= 0 or raw.isascii():
        return b""
    lines = (line for line in raw.splitlines(keepends=True) if not line.isascii())
    taken = b""
    for line in lines:
        taken += line
        if len(taken) >= most:
            break
    return taken[:most]


def _ended(block: bytes) -> bytes:
    """Block that ends in a line end."""
    return block if block.endswith((b"\n", b"\r")) else block + b"\n"


def _last_end(block: bytes) -> int:
    r"""Place after the last line end; a ``\r`` that ends the block may yet meet its ``\n``."""
    return max(block.rfind(b"\n"), block.rfind(b"\r", 0, max(len(block) - 1, 0))) + 1
