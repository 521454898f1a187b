"""Turns executed notebooks into self-contained pages: the only door to nbconvert."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any, Final

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from partner_analysis.reporting.html import Shown
from partner_analysis.tables import DataError

NAVIGATION: Final = (
    ("Overview", "index.html"),
    ("Portfolio", "portfolio.html"),
    ("Where next", "where-next.html"),
    ("Data quality", "data-quality.html"),
)
ANSWER: Final = "answer"
NOTEBOOK_ONLY: Final = "notebook-only"
FOLDED: Final = "folded"
FOLD: Final = '<details class="fold"><summary>Show the numbers</summary>\n{}\n</details>'
HEADING: Final = re.compile(r"<h([1-3])>(.*?)</h\1>", re.DOTALL)
TAG: Final = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Frame:
    """What stands around a page: its title, whose report it is, and where it belongs.

    ``here`` is the page's own file name; ``kicker`` a short line above the title; ``decision``
    what to do, and why, below the answer; a page is ``shareable`` only if nothing in it is
    internal.
    """

    title: str
    practice: str
    as_of: str
    version: str
    made_up: bool
    here: str
    kicker: str = ""
    decision: str = ""
    links: tuple[tuple[str, str], ...] = NAVIGATION
    shareable: bool = False


@dataclass(frozen=True)
class Heading:
    """One entry of the list of contents; ``text`` is escaped already."""

    level: int
    anchor: str
    text: Markup


def notebook_page(notebooks: Sequence[Path], *, frame: Frame) -> str:
    """One page from executed notebooks: the answer first, then sections, and no code.

    Only what the library displays reaches the page: printed text, warnings, plain
    representations and cells tagged "notebook-only" stay behind. What a cell tagged "folded"
    displays opens at a click, and is printed open.

    Parameters
    ----------
    notebooks
        Executed notebooks. The title of the first gives way to ``frame.title``; the titles of
        the others begin parts of the page.
    frame
        The title and what stands around the page.

    Raises
    ------
    DataError
        If a notebook displays nothing, since then something went wrong unseen.
    """
    openings: list[str] = []
    bodies: list[str] = []
    for position, path in enumerate(notebooks):
        opening, body = _halves(nbformat.read(path, as_version=4), keep_title=position > 0)
        if not _displays(opening) + _displays(body):
            raise DataError(f"{path.name}: the executed notebook displays nothing. Run it again.")
        if position == 0:
            openings = [_html(part) for part in _answer_first(opening)]
            openings.insert(1, _decided(frame))
        else:
            body = [*opening, *body]
        bodies.append(_html(body))
    body_html, headings = _anchored("\n".join(bodies))
    return _fill(
        "base.html.j2",
        frame=frame,
        opening=Markup("\n".join(openings)),
        body=body_html,
        headings=headings,
    )


def notice_page(
    answer: str, *, sections: Sequence[tuple[str, Sequence[str | Shown]]], frame: Frame
) -> str:
    """One page of paragraphs, tables and figures that no notebook has made."""
    return _fill("notice.html.j2", frame=frame, answer=answer, sections=sections, headings=())


def index_page(content: Mapping[str, Any], *, frame: Frame) -> str:
    """The overview page: what changed, the answer for all, a card for each partnership."""
    return _fill("index.html.j2", frame=frame, headings=(), **content)


def _fill(template: str, **values: Any) -> str:
    environment = Environment(
        loader=PackageLoader("partner_analysis.reporting", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css = Markup(environment.loader.get_source(environment, "page.css")[0])  # type: ignore[union-attr]
    return environment.get_template(template).render(css=css, **values) + "\n"


def _halves(
    notebook: NotebookNode, *, keep_title: bool
) -> tuple[list[NotebookNode], list[NotebookNode]]:
    """The cells before the first section, answer, results, prose, and those from there on."""
    shown = [cell for cell in notebook.cells if NOTEBOOK_ONLY not in cell.metadata.get("tags", ())]
    cells = _without_empty_sections([_displayed(cell) for cell in shown])
    if cells and cells[0].cell_type == "markdown" and not keep_title:
        cells[0].source = re.sub(r"\A# .*\n?", "", cells[0].source).strip()
    first = next((i for i, cell in enumerate(cells) if _begins_section(cell)), len(cells))
    return cells[:first], cells[first:]


def _answer_first(opening: Sequence[NotebookNode]) -> tuple[list[NotebookNode], list[NotebookNode]]:
    """The answer, then the other results and the prose that follows them."""
    answers = [cell for cell in opening if ANSWER in cell.metadata.get("tags", ())]
    rest = [cell for cell in opening if cell not in answers]
    return answers, sorted(rest, key=lambda cell: cell.cell_type == "markdown")


def _decided(frame: Frame) -> str:
    """What to do, as a paragraph; nothing where there is nothing to decide."""
    if not frame.decision:
        return ""
    return f'<p class="decision">What to do: {escape(frame.decision)}</p>'


def _begins_section(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and cell.source.startswith("## ")


def _displayed(cell: NotebookNode) -> NotebookNode:
    """The cell with nothing but what the library displays as HTML."""
    if cell.cell_type == "code":
        cell.source = ""
        cell.outputs = [
            output for output in cell.outputs if output.get("data", {}).get("text/html")
        ]
        if FOLDED in cell.metadata.get("tags", ()):
            for output in cell.outputs:
                output.data["text/html"] = FOLD.format(output.data["text/html"])
    return cell


def _without_empty_sections(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The cells without sections that ask the library and are shown nothing."""
    sections: list[list[NotebookNode]] = [[]]
    for cell in cells:
        if _begins_section(cell):
            sections.append([])
        sections[-1].append(cell)
    opening, *others = sections
    told = [part for part in others if _displays(part) or all(c.cell_type != "code" for c in part)]
    return [cell for part in (opening, *told) for cell in part]


def _displays(cells: Sequence[NotebookNode]) -> int:
    return sum(len(cell.outputs) for cell in cells if cell.cell_type == "code")


def _html(cells: Sequence[NotebookNode]) -> str:
    """The cells as an HTML fragment without code, prompts and link marks."""
    kept = [
        cell
        for cell in cells
        if (cell.outputs if cell.cell_type == "code" else cell.source.strip())
    ]
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    html, _ = exporter.from_notebook_node(new_notebook(cells=kept))
    return html


def _anchored(html: str) -> tuple[Markup, tuple[Heading, ...]]:
    """The fragment with an anchor on each heading, and the headings.

    A title inside the fragment begins a part: it becomes a heading of the second level.
    """
    headings: list[Heading] = []

    def anchor(found: re.Match[str]) -> str:
        level, inner = int(found.group(1)), found.group(2).strip()
        text = unescape(TAG.sub("", inner))
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "section"
        taken = sum(one.anchor == slug or one.anchor.startswith(f"{slug}-n") for one in headings)
        slug = f"{slug}-n{taken + 1}" if taken else slug
        headings.append(Heading(max(level, 2), slug, Markup.escape(text)))
        kind = ' class="part"' if level == 1 else ""
        return f'<h{max(level, 2)} id="{slug}"{kind}>{inner}</h{max(level, 2)}>'

    return Markup(HEADING.sub(anchor, html)), tuple(headings)
