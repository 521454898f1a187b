"""What executed notebooks show, as HTML without any frame: the only door to nbconvert.

Turning cells into HTML is most of the work of a page. The process that ran a notebook leaves it
beside the notebook, so that a run need only put the frame around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Final

import nbformat
from nbconvert import HTMLExporter, TemplateExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from partner_analysis import storage
from partner_analysis.reporting.sections import answer_first, displays, opening_and_sections
from partner_analysis.tables import DataError

STYLE: Final = re.compile(r"<style>.*?</style>", re.DOTALL)
WRAPPER: Final = re.compile(
    r'<div(?: id="[^"]*")? class="((?:cell|inner_cell|text_cell|output)[^"]*)"[^>]*>'
)
STYLED: Final = frozenset({"cell", "output", "output_area", "celltag_answer"})  # by page.css
KEPT: Final = ".shown.json"


@dataclass(frozen=True)
class Fragment:
    """What one executed notebook shows, as HTML.

    Attributes
    ----------
    answer
        The answer, which stands first.
    opening
        What else stands before the first section.
    sections
        The sections in the order in which a page tells them.
    displays
        How many things the library displays in it.
    """

    answer: str
    opening: str
    sections: str
    displays: int


FIELDS: Final = {each.name for each in fields(Fragment)} | {"of"}


def read_fragment(notebook: Path) -> Fragment:
    """What an executed notebook shows: as it was kept with it, else worked out.

    Raises
    ------
    DataError
        If it shows nothing, since then something went wrong unseen.
    """
    try:
        found = storage.read_json(notebook.with_suffix(KEPT))
    except (DataError, OSError):
        found = {}
    if (
        isinstance(found, dict)
        and found.keys() == FIELDS
        and found["of"] == storage.fingerprint(notebook)
    ):
        shown = Fragment(**{name: found[name] for name in FIELDS - {"of"}})
    else:
        shown = fragment_of(nbformat.read(notebook, as_version=4).cells)
    _refuse_nothing(shown.displays, notebook)
    return shown


def keep_fragment(cells: Sequence[NotebookNode], notebook: Path) -> None:
    """Leave what the cells show beside the notebook in which they were saved."""
    found = asdict(fragment_of(cells)) | {"of": storage.fingerprint(notebook)}
    storage.write_json(found, notebook.with_suffix(KEPT), private=True)


def get_ready() -> None:
    """Read the templates that turn cells into HTML."""
    _html([new_markdown_cell("ready")])


def read_part(notebook: Path) -> str:
    """All that an executed notebook shows, in its order and with its title: a part of a page.

    Raises
    ------
    DataError
        If it shows nothing.
    """
    cells = nbformat.read(notebook, as_version=4).cells
    opening, sections = opening_and_sections(cells, keep_title=True)
    _refuse_nothing(displays(opening + sections), notebook)
    return _html([*opening, *sections])


def fragment_of(cells: Sequence[NotebookNode]) -> Fragment:
    """What the cells show, without their title; they are changed by it.

    Only what the library displays is shown: printed text, warnings, plain representations and
    cells tagged "notebook-only" stay behind. What a cell tagged "folded" displays opens at a
    click. Headings tagged with a part of ``sections.PARTS`` are gathered into it.
    """
    opening, sections = opening_and_sections(cells, keep_title=False)
    answer, rest = answer_first(opening)
    return Fragment(_html(answer), _html(rest), _html(sections), displays(opening + sections))


def _refuse_nothing(shown: int, notebook: Path) -> None:
    if not shown:
        raise DataError(f"{notebook.name}: the executed notebook displays nothing. Run it again.")


def _html(cells: Sequence[NotebookNode]) -> str:
    """The cells as an HTML fragment without code, prompts and link marks."""
    kept = [
        cell
        for cell in cells
        if (cell.outputs if cell.cell_type == "code" else cell.source.strip())
    ]
    # as an HTMLExporter does it, but for reading its own result again to look for missing texts
    html, _ = TemplateExporter.from_notebook_node(_exporter(), new_notebook(cells=kept))
    return WRAPPER.sub(_wrapper, STYLE.sub("", html))


def _wrapper(found: re.Match[str]) -> str:
    """The beginning of a part of a cell with the classes alone by which it is styled."""
    classes = " ".join(name for name in found.group(1).split() if name in STYLED)
    return f'<div class="{classes}">' if classes else "<div>"


@cache
def _exporter() -> HTMLExporter:
    """What turns cells into HTML; its templates are read once."""
    return HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        default_preprocessors=[],  # they change nothing that a page shows
        filters={"highlight_code": "nbconvert.filters.Highlight2HTML"},
    )
