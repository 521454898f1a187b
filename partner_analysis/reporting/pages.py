"""Puts what executed notebooks show into self-contained pages."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from partner_analysis.reporting.fragments import STYLE, read_fragment, read_part
from partner_analysis.reporting.html import Shown
from partner_analysis.reporting.meanings import explained

NAVIGATION: Final = (
    ("Overview", "index.html"),
    ("Portfolio", "portfolio.html"),
    ("Where next", "where-next.html"),
    ("Data quality", "data-quality.html"),
)
HEADING: Final = re.compile(r"<h([1-3])>(.*?)</h\1>", re.DOTALL)
TAG: Final = re.compile(r"<[^>]+>")
ROW_NAME: Final = re.compile(r'(<th class="text" scope="row"[^>]*>)([^<]+)(</th>)')
FILE_NAME: Final = re.compile(r"\b([a-z-]+\.csv)(, a file of this report)")
MARK: Final = "<!--body-->"
REMARK: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
INDENT: Final = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Frame:
    """What stands around a page: its title, whose report it is, and where it belongs.

    ``here`` is the page's own file name; ``kicker`` a short line above the title; ``decision``
    what to do, and why, below the answer; ``partners`` the page of each partnership by the name
    that tables have; a page is ``shareable`` only if nothing in it is internal.
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
    partners: Mapping[str, str] = field(default_factory=dict)
    shareable: bool = False


@dataclass(frozen=True)
class Heading:
    """One entry of the list of contents; ``text`` is escaped already."""

    level: int
    anchor: str
    text: Markup
    begins_part: bool = False


def notebook_page(notebooks: Sequence[Path], *, frame: Frame) -> str:
    """One page from executed notebooks: the answer first, then sections, and no code.

    What reaches it of a notebook, and in which order, is said by ``fragments``. A term's meaning
    stands where the term first does.

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
    first, *others = notebooks
    shown = read_fragment(first)
    openings = [shown.answer, _decided(frame), shown.opening]
    bodies = [shown.sections, *map(read_part, others)]
    together = MARK.join(["\n".join(openings), "\n".join(bodies)])
    opening_html, _, rest = explained(_linked(together, frame)).partition(MARK)
    body_html, headings = _anchored(rest)
    return _fill(
        "base.html.j2",
        frame=frame,
        opening=Markup(opening_html),
        body=body_html,
        headings=headings,
    )


def notice_page(
    answer: str, *, sections: Sequence[tuple[str, Sequence[str | Shown]]], frame: Frame
) -> str:
    """One page of paragraphs, tables and figures that no notebook has made."""
    told = [(heading, [_line(line) for line in lines]) for heading, lines in sections]
    return _fill("notice.html.j2", frame=frame, answer=answer, sections=told, headings=())


def _line(line: str | Shown) -> Markup:
    """A text as a paragraph, anything else as it is shown, without a style of its own."""
    if isinstance(line, Shown):
        return Markup(STYLE.sub("", line.html))
    return Markup("<p>{}</p>").format(line)


def index_page(content: Mapping[str, Any], *, frame: Frame) -> str:
    """The overview page: what changed, the answer for all, a card for each partnership."""
    return _fill("index.html.j2", frame=frame, headings=(), **content)


def _fill(template: str, **values: Any) -> str:
    """The template with what it takes, under a policy that allows its own style and script."""
    environment = _environment()
    frame, sheets = values["frame"], ["page.css"]
    sheets += ["made-up.css"] if frame.made_up else []
    sheets += [] if frame.shareable else ["internal.css"]
    style = Markup("\n").join(_style(environment, name) for name in sheets)
    script = _source(environment, "index.js")
    page = environment.get_template(template)
    return page.render(style=style, script=script, policy=_policy, **values) + "\n"


@cache
def _environment() -> Environment:
    """Where the pages' templates are read, once each."""
    return Environment(
        loader=PackageLoader("partner_analysis.reporting", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(environment: Environment, name: str) -> Markup:
    """A file that stands beside the templates, as it is."""
    return Markup(environment.loader.get_source(environment, name)[0])  # type: ignore[union-attr]


def _style(environment: Environment, name: str) -> Markup:
    """A style sheet without remarks and indents, which no reader needs."""
    return Markup(INDENT.sub("\n", REMARK.sub("", _source(environment, name))).strip())


def _policy(style: str, script: str = "") -> Markup:
    """What a page may load: pictures inside it, its one style, and its one script, if any."""
    parts = ["default-src 'none'", "img-src data:", f"style-src '{_hash(style)}'"]
    parts += [f"script-src '{_hash(script)}'"] if script else []
    return Markup("; ").join(map(Markup, [*parts, "base-uri 'none'", "form-action 'none'"]))


def _hash(text: str) -> str:
    """The hash by which a policy allows a text, with the line ends around it."""
    digest = hashlib.sha256(f"\n{text}\n".encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _decided(frame: Frame) -> str:
    """What to do, as a paragraph; nothing where there is nothing to decide."""
    if not frame.decision:
        return ""
    return f'<p class="decision"><strong>What to do:</strong> {escape(frame.decision)}</p>'


def _linked(html: str, frame: Frame) -> str:
    """The HTML in which rows called as a partnership, and files of the report, lead to them."""

    def link(found: re.Match[str]) -> str:
        before, name, after = found.groups()
        href = frame.partners.get(unescape(name), frame.here)
        if href == frame.here:
            return found.group(0)
        return f'{before}<a href="{escape(href, quote=True)}">{name}</a>{after}'

    return FILE_NAME.sub(r'<a href="\1">\1</a>\2', ROW_NAME.sub(link, html))


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
        headings.append(Heading(max(level, 2), slug, Markup.escape(text), level == 1))
        kind = ' class="part"' if level == 1 else ""
        return f'<h{max(level, 2)} id="{slug}"{kind}>{inner}</h{max(level, 2)}>'

    return Markup(HEADING.sub(anchor, html)), tuple(headings)
