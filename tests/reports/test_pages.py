"""A page holds what the library displays and nothing else, and asks no host for anything."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from partner_analysis.reporting.pages import Frame, index_page, notebook_page, notice_page
from partner_analysis.tables import DataError

HOSTILE = "<script>alert(1)</script>"
FRAME = Frame(
    title=f"Did {HOSTILE} bring patients?",
    practice="Harborview & Sons",
    as_of="31 December 2025",
    version="0.1.0",
    made_up=True,
    here="gym.html",
)


def shown(html: str, *tags: str) -> nbformat.NotebookNode:
    output = new_output("display_data", data={"text/html": html, "text/plain": "plain secret"})
    return new_code_cell("code_secret = 1", outputs=[output], metadata={"tags": list(tags)})


def printed(text: str) -> nbformat.NotebookNode:
    outputs = [
        new_output("stream", name="stderr", text=text),
        new_output("execute_result", data={"text/plain": text}),
    ]
    return new_code_cell("", outputs=outputs)


def kept(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    path = folder / "executed.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@pytest.fixture
def page(tmp_path: Path) -> str:
    path = kept(
        tmp_path,
        new_markdown_cell("# Did it?\n\nThe owner asks."),
        printed("printed secret"),
        shown("<p>for the notebook</p>", "notebook-only"),
        shown("<p>The answer.</p>", "answer"),
        shown("<p>The grade.</p>"),
        new_markdown_cell("## What came & went?"),
        shown('<figure><img alt="Words" src="data:image/png;base64,AA=="></figure>'),
        new_markdown_cell("## What came, went?"),
    )
    return notebook_page([path], frame=FRAME)


def test_no_code_no_print_no_plain_text(page: str) -> None:
    assert "secret" not in page
    assert "for the notebook" not in page


def test_answer_stands_first(page: str) -> None:
    order = [
        page.index(words)
        for words in ("</h1>", "The answer.", "The grade.", "The owner asks.", "<h2")
    ]
    assert order == sorted(order)


def test_decision_follows_the_answer_and_is_escaped(tmp_path: Path) -> None:
    path = kept(tmp_path, shown("<p>The answer.</p>", "answer"), shown("<p>The grade.</p>"))
    page = notebook_page([path], frame=replace(FRAME, decision=HOSTILE))
    order = [page.index(w) for w in ("The answer.", "What to do: &lt;script&gt;", "The grade.")]
    assert order == sorted(order)


def test_folded_cell_opens_at_a_click(tmp_path: Path) -> None:
    path = kept(tmp_path, shown("<p>words</p>"), shown("<p>numbers</p>", "folded"))
    page = notebook_page([path], frame=FRAME)
    assert re.search(
        r'<details class="fold"><summary>[^<]+</summary>\s*<p>numbers</p>\s*</details>', page
    )


def test_one_title_and_it_is_escaped(page: str) -> None:
    assert page.count("<h1>") == 1
    assert "<script" not in page
    assert "Did &lt;script&gt;alert(1)&lt;/script&gt; bring" in page
    assert "<title>Did &lt;script&gt;" in page


def test_contents_lead_to_headings_that_exist_once(page: str) -> None:
    anchors = re.findall(r'<h2 id="([^"]+)"', page)
    assert anchors == ["what-came-went", "what-came-went-n2"]
    assert re.findall(r'href="#(what[^"]+)"', page) == anchors


def test_no_host_is_asked(page: str) -> None:
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    assert not re.search(r"(src|href)=[\"'](?!data:|#|[a-z-]+\.html)", page)
    assert not re.search(r"@import|url\(", page)


def test_reader_is_told_what_it_is(page: str) -> None:
    assert "These data are made up." in page
    assert "Internal: for the practice." in page
    assert "Harborview &amp; Sons" in page


def test_real_data_have_no_red_line(tmp_path: Path) -> None:
    path = kept(tmp_path, new_markdown_cell("# Q?"), shown("<p>words</p>"))
    real = Frame("Q?", "Practice", "today", "0", made_up=False, here="gym.html")
    assert "made up" not in notebook_page([path], frame=real)


def test_section_that_shows_nothing_is_left_out(tmp_path: Path) -> None:
    silent = [new_markdown_cell("## Why?"), shown(""), new_markdown_cell("## Prose only?")]
    page = notebook_page([kept(tmp_path, shown("<p>words</p>"), *silent)], frame=FRAME)
    assert "Why?" not in page
    assert "Prose only?" in page


def test_second_notebook_begins_a_part(tmp_path: Path) -> None:
    path = kept(tmp_path, new_markdown_cell("# Which one?"), shown("<p>words</p>"))
    page = notebook_page([path, path], frame=FRAME)
    assert '<h2 id="which-one" class="part">Which one?</h2>' in page


def test_notebook_that_shows_nothing_is_refused(tmp_path: Path) -> None:
    path = kept(tmp_path, new_markdown_cell("# Q?"), printed("words"))
    with pytest.raises(DataError, match=r"displays nothing\. Run it again"):
        notebook_page([path], frame=FRAME)


@pytest.mark.parametrize("answered", [True, False])
def test_notice_and_index_escape_everything(answered: bool) -> None:
    notice = notice_page(HOSTILE, sections=[(HOSTILE, [HOSTILE])], frame=FRAME)
    card = dict.fromkeys(
        ("href", "name", "kind", "verdict", "mark", "sentence", "rate", "decision"), HOSTILE
    )
    index = index_page(
        {
            "changes_title": HOSTILE,
            "changes": [HOSTILE, HOSTILE],
            "answer": HOSTILE if answered else "",
            "verdicts": [(HOSTILE, [(HOSTILE, HOSTILE), (HOSTILE, HOSTILE)])],
            "decided": [HOSTILE],
            "luck": HOSTILE,
            "cards": [card],
            "quality": HOSTILE,
            "record": [(HOSTILE, HOSTILE)],
        },
        frame=FRAME,
    )
    assert "<script" not in notice + index
