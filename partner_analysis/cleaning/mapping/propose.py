"""One unknown file to a proposal of how to read it: kind, profile, columns, dates, questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from partner_analysis import storage
from partner_analysis.cleaning.exports.grids import TITLE
from partner_analysis.cleaning.mapping.cells_only import choose_by_cells, look_of
from partner_analysis.cleaning.mapping.choose import Choice, Column, choose
from partner_analysis.cleaning.mapping.contents import read_contents
from partner_analysis.cleaning.mapping.dating import Dating, find_dating
from partner_analysis.cleaning.mapping.fits import DAYS
from partner_analysis.cleaning.mapping.kinds import find_kind
from partner_analysis.cleaning.mapping.names import why_unread
from partner_analysis.cleaning.mapping.recognise import Recognised, recognise
from partner_analysis.cleaning.mapping.shapes import is_a_name
from partner_analysis.cleaning.mapping.table import Table, cut_table, find_line
from partner_analysis.cleaning.plain import plain
from partner_analysis.columns import COLUMNS
from partner_analysis.profile import list_profiles
from partner_analysis.tables import DataError

NEVER: Final = ("e-mail address", "telephone number", "social security number", "long text")


@dataclass(frozen=True)
class Proposal:
    """How a file could be read.

    Attributes
    ----------
    path, sheet
        The file, and which of its sheets ("" where it has one).
    table
        Its header and rows.
    every
        All columns, from left to right.
    kind, why
        What a row stands for, and why it seems so; "" where nothing tells.
    recognised
        The profile it fits; None where it fits none.
    known
        Columns that the profile names, by ours.
    choices
        Columns proposed beyond those, from left to right.
    unread
        Names of columns that must not be read, with what they seem to hold.
    left
        Names of columns for which there is no use.
    nameless
        How many filled columns have no name, or one that looks like data or stands twice.
    dating
        How the dates in the columns above are written.
    """

    path: Path
    sheet: str
    table: Table
    every: tuple[Column, ...]
    kind: str
    why: str
    recognised: Recognised | None
    known: dict[str, Column]
    choices: tuple[Choice, ...]
    unread: dict[str, str]
    left: tuple[str, ...]
    nameless: int
    dating: Dating

    @property
    def columns(self) -> dict[str, Column]:
        """All columns found or proposed, by ours."""
        return {**self.known, **{choice.ours: choice.column for choice in self.choices}}


def map_file(path: str | Path) -> Proposal:
    """How a file of any system could be read, for the practice to confirm.

    Parameters
    ----------
    path
        A file as the practice's system exports it.

    Raises
    ------
    DataError
        If it cannot be opened, has no header, or nothing in it tells what its rows are.
    """
    path = Path(path)
    sheet, table, recognised = _find_table(path)
    if not len(table.rows):
        raise DataError(
            f"{path}: the header in line {table.line} has no rows below it, so that nothing tells "
            "how they are written. Export again with a few weeks of data."
        )
    columns = _columns(table)
    named = [column for column in columns if column.header]
    known = _known(recognised, columns)
    others = [column for column in named if column not in known.values()]
    unread = {column.header: why for column in others if (why := _why_unread(column))}
    rest = [column for column in others if column.header not in unread]
    contacts = sum(why.endswith(("number", "address")) for why in unread.values())
    kind, why = _kind(recognised, [c for c in named if c.header not in unread], contacts)
    if kind:
        taken = _taken(recognised)
        free = [column for column in rest if plain(column.header) not in taken]
        said = _said(recognised, known)
        choices = tuple(choose(free, [o for o in COLUMNS[kind].model_fields if o not in said]))
    else:
        kind, why, choices = choose_by_cells(rest)
        if not kind:
            _refuse_words(path, columns)
    used = [*known.values(), *(choice.column for choice in choices)]
    dated = [c for ours, c in known.items() if ours in DAYS]
    dated += [choice.column for choice in choices if choice.ours in DAYS]
    return Proposal(
        path=path, sheet=sheet, table=table, every=tuple(columns), kind=kind, why=why,
        recognised=recognised,
        known=known, choices=choices, unread=unread,
        left=tuple(column.header for column in rest if column not in used),
        nameless=sum(not c.header and c.contents.filled > 0 for c in columns),
        dating=find_dating([column.contents for column in dated]),
    )  # fmt: skip


def _find_table(path: Path) -> tuple[str, Table, Recognised | None]:
    """Sheet, table and profile of a file: of the sheet that fits a profile, else names most."""
    profiles = list_profiles()
    sheets = storage.read_sheets(path)
    fits = [(sheet.name, fit) for sheet in sheets if (fit := recognise(sheet.grid, profiles))]
    if fits:
        name, fit = max(fits, key=lambda pair: pair[1].score)
        return name, fit.table, fit
    lines = [(sheet, line) for sheet in sheets if (line := find_line(sheet.grid)) is not None]
    if not lines:
        raise DataError(
            f"{path}: no header found. None of its first lines names columns above rows of the "
            "same width. Export again with column names in one line, or write them above the rows."
        )
    tables = [(sheet.name, cut_table(sheet.grid, line)) for sheet, line in lines]
    name, table = max(tables, key=lambda pair: sum(map(bool, pair[1].header)))
    return name, table, None


def _columns(table: Table) -> list[Column]:
    """Columns of a table; the name is left out where it looks like data or stands twice."""
    often = Counter(plain(cell) for cell in table.header)
    return [
        Column(
            place,
            cell if is_a_name(cell) and often[plain(cell)] == 1 else "",
            read_contents(table.rows[place], table.whole[place]),
        )
        for place, cell in enumerate(table.header)
    ]


def _known(recognised: Recognised | None, columns: list[Column]) -> dict[str, Column]:
    """Columns that the profile found names."""
    if recognised is None:
        return {}
    places = sorted(recognised.places.items(), key=lambda pair: pair[1])
    return {ours: columns[place] for ours, place in places}


def _taken(recognised: Recognised | None) -> set[str]:
    """Every name that the profile found gives a column, so that it can be no other one."""
    if recognised is None:
        return set()
    return {plain(name) for names in recognised.profile.columns.values() for name in names}


def _said(recognised: Recognised | None, known: dict[str, Column]) -> set[str]:
    """Ours for which nothing is to be proposed: found, or said by the profile in another way."""
    if recognised is None:
        return set()
    named = recognised.profile.columns.items()
    return {*known, *(ours for ours, names in named if names == (TITLE,))}


def _kind(recognised: Recognised | None, columns: list[Column], contacts: int) -> tuple[str, str]:
    """What a row stands for, and why."""
    if recognised is not None:
        kind = str(recognised.profile.export["kind"])
        return kind, f"it fits the profile {recognised.profile.name}"
    return find_kind(columns, contacts=contacts)


def _refuse_words(path: Path, columns: list[Column]) -> None:
    """Refuse a file in which nothing but words stands, or whose first line may be a patient's."""
    filled = [column for column in columns if column.contents.filled]
    looks = [look_of(column.contents) for column in filled]
    tells = any(look.startswith(("days", "numbers", "amounts")) for look in looks)
    if tells and all(column.header for column in filled):
        return
    raise DataError(
        f"{path}: nothing in it tells what its rows are. It needs a column with the number of "
        "a patient and one with a day, or counts by clinic or source. If it has them, write "
        "[[exports]] by hand: data/README.md lists what each kind takes."
    )


def _why_unread(column: Column) -> str:
    """What a column holds that must not be read; "" if nothing tells so."""
    by_name = why_unread(column.header)
    if by_name:
        return by_name
    shapes = [shape for shape in NEVER if column.contents.share(shape) >= 0.5]
    if not shapes or column.contents.filled < 2:
        return ""
    return "free text" if shapes[0] == "long text" else f"cells like those of a {shapes[0]}"
