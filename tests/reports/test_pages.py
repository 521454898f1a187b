"""A page holds what the library displays and nothing else, and asks no host for anything."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from partner_analysis.reporting.fragments import keep_fragment
from partner_analysis.reporting.html import html_table
from partner_analysis.reporting.meanings import explained
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
    order = [page.index(w) for w in ("The answer.", "</strong> &lt;script&gt;", "The grade.")]
    assert order == sorted(order)


def test_folded_cell_opens_at_a_click(tmp_path: Path) -> None:
    path = kept(tmp_path, shown("<p>words</p>"), shown("<p>numbers</p>", "folded"))
    page = notebook_page([path], frame=FRAME)
    assert re.search(
        r'<details class="fold"><summary>Show the numbers</summary>\s*<p>numbers</p>\s*</details>',
        page,
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
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "script" not in policy[1]
    assert "unsafe" not in policy[1]
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


def test_what_was_left_of_another_notebook_is_not_taken(tmp_path: Path) -> None:
    path = kept(tmp_path, shown("<p>the old answer</p>", "answer"))
    keep_fragment(nbformat.read(path, as_version=4).cells, path)
    assert "the old answer" in notebook_page([path], frame=FRAME)
    kept(tmp_path, shown("<p>the new answer</p>", "answer"))
    page = notebook_page([path], frame=FRAME)
    assert "the new answer" in page and "the old answer" not in page
    for damaged in ('{"of":', "[]", '{"of": "", "answer": 1}'):
        path.with_suffix(".shown.json").write_text(damaged)
        assert notebook_page([path], frame=FRAME) == page


@pytest.mark.parametrize("answered", [True, False])
def test_notice_and_index_escape_everything(answered: bool) -> None:
    notice = notice_page(HOSTILE, sections=[(HOSTILE, [HOSTILE])], frame=FRAME)
    card = dict.fromkeys(
        (
            "key",
            "href",
            "name",
            "kind",
            "verdict",
            "mark",
            "sentence",
            "rate",
            "decision",
            "next_review",
        ),
        HOSTILE,
    )
    index = index_page(
        {
            "changes_title": HOSTILE if answered else "",
            "changes": [HOSTILE, HOSTILE],
            "reasons": [HOSTILE],
            "due": [(HOSTILE, HOSTILE, HOSTILE)] * 2,
            "most_due": 1,
            "nothing_due": HOSTILE,
            "downloads": [(HOSTILE, HOSTILE)],
            "answer": HOSTILE if answered else "",
            "verdicts": [(HOSTILE, [(HOSTILE, HOSTILE), (HOSTILE, HOSTILE)], 3)],
            "unsaid": HOSTILE,
            "decided": [HOSTILE],
            "luck": HOSTILE,
            "cards": [card],
            "quality": HOSTILE,
            "record": [(HOSTILE, HOSTILE)],
        },
        frame=FRAME,
    )
    assert "<script" not in notice
    assert index.count("<script") == index.count("<script>\n//") == 1


def test_sections_are_gathered_into_the_parts_that_their_headings_name(tmp_path: Path) -> None:
    def section(title: str, part: str = "") -> list[nbformat.NotebookNode]:
        heading = new_markdown_cell(f"## {title}", metadata={"tags": [part] if part else []})
        return [heading, shown(f"<p>{title} words</p>")]

    given = [
        *section("Last?", "record"), *section("Aside?"), *section("What could mislead?", "mislead"),
        *section("Why?", "believe"), *section("Seen?", "picture"),
    ]  # fmt: skip
    page = notebook_page([kept(tmp_path, shown("<p>words</p>"), *given)], frame=FRAME)
    found = re.findall(r'<h(\d) id="[^"]+"[^>]*>([^<]+)<', page)
    assert found == [
        ("2", "Seen?"), ("2", "Why believe it?"), ("3", "Why?"), ("2", "What could mislead?"),
        ("2", "What else came of it?"), ("3", "Aside?"), ("2", "The record"), ("3", "Last?"),
    ]  # fmt: skip


def test_a_section_that_only_folds_is_opened_by_its_heading(tmp_path: Path) -> None:
    cells = [shown("<p>w</p>"), new_markdown_cell("## Which?"), shown("<p>table</p>", "folded")]
    page = notebook_page([kept(tmp_path, *cells)], frame=FRAME)
    assert re.search(r'<details class="fold"><summary><h2 id="which">Which\?</h2></summary>', page)


def test_style_of_a_notebook_stays_in_the_notebook(tmp_path: Path) -> None:
    styled = shown("<style>p{color:red}</style><p>words</p>")
    page = notebook_page([kept(tmp_path, styled)], frame=FRAME)
    assert page.count("<style>") == 1
    assert "color:red" not in page


def test_row_named_as_a_partnership_leads_to_its_page(tmp_path: Path) -> None:
    rows = html_table(["who", "what"], [("A & B", "x"), ("Gym", "y")], ("text", "text"), title="")
    frame = replace(FRAME, partners={"A & B": "a-b.html", "Gym": "gym.html"})
    page = notebook_page([kept(tmp_path, shown(rows.html))], frame=frame)
    assert '<th class="text" scope="row"><a href="a-b.html">A &amp; B</a></th>' in page
    assert '<a href="gym.html">' not in page, "a page does not lead to itself"
    assert 'href="index.html#partner-gym"' in page, "and it leads back to its place in the list"


def test_a_file_of_the_report_is_led_to(tmp_path: Path) -> None:
    words = "Shown are 40 of 99; goals.csv, a file of this report, has all."
    page = notebook_page([kept(tmp_path, shown(f"<p>{words}</p>"))], frame=FRAME)
    assert '<a href="goals.csv">goals.csv</a>, a file of this report' in page


def test_a_term_is_explained_where_it_first_stands() -> None:
    html = explained("<p>A 95% interval.</p><p>A 95% interval, a drift.</p><h2>A placebo</h2>")
    assert html.index("<dfn>95% interval</dfn>") < html.index("</p>")
    assert html.count("<dfn>") == 2
    assert html.endswith("</small></p><h2>A placebo</h2>")


def test_a_table_is_explained_below_it() -> None:
    html = explained('<div class="table-scroll"><table><td>placebos</td></table></div>')
    assert re.search(r'</div><p class="pa-note"><small class="meaning">.*placebo', html)


@pytest.mark.parametrize(
    ("title", "whole"), [("Did Gym?", "Did Gym? · Harbor"), ("Harbor and Gym", "Harbor and Gym")]
)
def test_title_names_the_practice_once(title: str, whole: str) -> None:
    page = notice_page("", sections=[], frame=replace(FRAME, title=title, practice="Harbor"))
    assert f"<title>{whole}</title>" in page


@pytest.mark.parametrize("tags", [(), ("folded",)])
def test_paper_speaks_of_folds_only_where_there_are_some(
    tmp_path: Path, tags: tuple[str, ...]
) -> None:
    page = notebook_page([kept(tmp_path, shown("<p>w</p>"), shown("<p>x</p>", *tags))], frame=FRAME)
    assert ("What is folded on the page is not printed" in page) is ("folded" in tags)
