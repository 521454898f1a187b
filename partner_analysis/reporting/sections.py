"""Cells of an executed notebook in the order in which a page tells them, folded where they fold."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final

ANSWER: Final = "answer"
NOTEBOOK_ONLY: Final = "notebook-only"
FOLDED: Final = "folded"
# Tags of headings, in the order of a page; a section without a tag belongs to the empty one.
PARTS: Final = {
    "picture": "",
    "believe": "Why believe it?",
    "mislead": "What could mislead?",
    "": "What else came of it?",
    "record": "The record",
}
SHOW: Final = "Show the numbers"
FOLD: Final = '<details class="fold"><summary>{}</summary>\n{}\n</details>'
CAPTION: Final = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)
Cell = Any  # a notebook's node: a mapping that also has its keys as attributes


def opening_and_sections(
    cells: Sequence[Cell], *, keep_title: bool
) -> tuple[list[Cell], list[Cell]]:
    """The cells before the first section and those from there on, as a page shows them.

    Sections that ask the library and are shown nothing are left out. Where headings carry tags
    of ``PARTS``, sections are gathered into these parts, in their order.
    """
    shown = [cell for cell in cells if NOTEBOOK_ONLY not in tags_of(cell)]
    opening, *sections = _split([_displayed(cell) for cell in shown])
    if opening and opening[0].cell_type == "markdown" and not keep_title:
        opening[0].source = re.sub(r"\A# .*\n?", "", opening[0].source).strip()
    for cell in opening:
        if FOLDED in tags_of(cell):
            _fold(cell, "")
    told = [part for part in sections if displays(part) or all(map(_is_prose, part))]
    return opening, [cell for part in _parted(told) for cell in part]


def answer_first(opening: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    """The answer, then the other results and the prose that follows them."""
    answers = [cell for cell in opening if ANSWER in tags_of(cell)]
    rest = [cell for cell in opening if cell not in answers]
    return answers, sorted(rest, key=_is_prose)


def displays(cells: Sequence[Cell]) -> int:
    """How many things the cells show."""
    return sum(len(cell.outputs) for cell in cells if cell.cell_type == "code")


def tags_of(cell: Cell) -> Sequence[str]:
    """Tags of a cell."""
    return list(cell.metadata.get("tags", ()))


def _is_prose(cell: Cell) -> bool:
    return bool(cell.cell_type == "markdown")


def _begins_section(cell: Cell) -> bool:
    return _is_prose(cell) and cell.source.startswith("## ")


def _split(cells: Sequence[Cell]) -> list[list[Cell]]:
    """The opening, then each section with its heading."""
    sections: list[list[Cell]] = [[]]
    for cell in cells:
        if _begins_section(cell):
            sections.append([])
        sections[-1].append(cell)
    return sections


def _displayed(cell: Cell) -> Cell:
    """The cell with nothing but what the library displays as HTML."""
    if cell.cell_type == "code":
        cell.source = ""
        cell.outputs = [out for out in cell.outputs if out.get("data", {}).get("text/html")]
    return cell


# ------------------------------------------------------------------ parts
def _parted(sections: Sequence[list[Cell]]) -> list[list[Cell]]:
    """The sections in the order of the parts, each part with its title; as they are without."""
    tagged = [_part_of(section) for section in sections]
    if not any(tagged):
        return [_folded(section) for section in sections]
    ordered: list[list[Cell]] = []
    for part, title in PARTS.items():
        own = [s for s, tag in zip(sections, tagged, strict=True) if tag == part]
        if title and own:
            ordered.append([_heading(own[0][0], f"# {title}", name=f"part-{part}")])
        own.sort(key=lambda section: section[0].source.strip() != f"## {title}")
        ordered += [_folded(_under(section, title)) for section in own]
    return ordered


def _part_of(section: Sequence[Cell]) -> str:
    """Which part a section belongs to, by the tag of its heading."""
    return next((tag for tag in tags_of(section[0]) if tag in PARTS), "")


def _under(section: Sequence[Cell], title: str) -> list[Cell]:
    """The section one level down; the one that is called as its part needs no heading."""
    head, *rest = section
    if not title:
        return list(section)
    if head.source.splitlines()[0] == f"## {title}":
        return [_heading(head, "\n".join(head.source.splitlines()[1:])), *rest]
    return [_heading(head, f"#{head.source}"), *rest]


def _heading(like: Cell, source: str, *, name: str = "") -> Cell:
    """A cell of prose like another one, with words and perhaps an id of its own."""
    cell = copy.deepcopy(like)
    cell.source, cell["id"] = source, name or cell["id"]
    return cell


# ------------------------------------------------------------------ folds
def _folded(section: Sequence[Cell]) -> list[Cell]:
    """The section with folded cells behind a click; its heading opens it if nothing else shows."""
    head, *rest = section
    folds = [cell for cell in rest if FOLDED in tags_of(cell)]
    alone = [cell for cell in rest if cell not in folds and (_is_prose(cell) or cell.outputs)]
    title = re.fullmatch(r"(#{2,3}) (.+)", head.source.strip())
    if title and folds and not alone and displays(folds) == 1:
        level, words = len(title.group(1)), escape(title.group(2))
        _fold(folds[0], f"<h{level}>{words}</h{level}>")
        return folds
    for cell in folds:
        _fold(cell, "")
    return list(section)


def _fold(cell: Cell, summary: str) -> None:
    """Put what a cell shows behind a click, under a summary that says what it is."""
    for output in cell.outputs:
        html = output.data["text/html"]
        caption = CAPTION.search(html)
        of = f'<span class="unseen">: {caption.group(1)}</span>' if caption else ""
        output.data["text/html"] = FOLD.format(summary or f"{SHOW}{of}", html)
