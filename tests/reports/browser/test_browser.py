"""Every kind of page, as a person meets it: on a screen, a phone, a keyboard, aloud, on paper."""

import importlib.resources
import re
import shutil
import zlib
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from partner_analysis.reporting.html import html_table
from partner_analysis.reporting.pages import Frame, notebook_page
from partner_analysis.reporting.running import lastgood, refusals
from partner_analysis.tables import DataError

KINDS = {
    "the front page": "index.html",
    "an answer": "kestrel-boatworks.html",
    "a name that is a script": "harbor-run-shop.html",
    "a row that has a fault": "no-start.html",
    "all of them": "portfolio.html",
    "where next": "where-next.html",
    "the exports": "data-quality.html",
}
A4, LETTER = "A4", "Letter"
NIGHT = pd.Timestamp("2026-02-01")
LIMIT = 350_000  # 400 kB are allowed
UNFOLD = "document.querySelectorAll('details').forEach(one => one.open = true)"
every_kind = pytest.mark.parametrize("name", KINDS.values(), ids=KINDS)


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker; the policy of a page allows no script tag, so it is evaluated."""
    package = pytest.importorskip("axe_playwright_python", reason="pip install -e '.[dev]'")
    return (importlib.resources.files(package) / "axe.min.js").read_text("utf-8")


# ------------------------------------------------------------------ rules
def faults(page, axe):
    page.evaluate(UNFOLD)
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        (fault["id"], node["html"][:160], node["failureSummary"])
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@every_kind
def test_axe_finds_no_fault(opened, axe, name, scheme, width):
    with opened(name, width=width, color_scheme=scheme) as page:
        assert faults(page, axe) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1280)])
@pytest.mark.parametrize("name", ["index.html", "kestrel-boatworks.html", "portfolio.html"])
def test_axe_finds_no_fault_in_the_other_light_and_width(opened, axe, name, scheme, width):
    with opened(name, width=width, color_scheme=scheme) as page:
        assert faults(page, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "kestrel-boatworks.html"])
def test_a_page_that_is_marked_has_no_fault_either(opened, axe, reports, tmp_path, name, scheme):
    refusal = refusals.refusal_of(DataError("visits.csv: no such file. Put the export there."))
    edition = shutil.copytree(reports.resolve(), tmp_path / reports.resolve().name)
    refusals.mark_refused(tmp_path, refusal)
    good = lastgood.LastGood(edition / name, "2026-01-01", "2025-12-31")
    page_text = lastgood.with_banner((edition / name).read_text(), good.words(today=NIGHT))
    (edition / name).write_text(page_text)
    with opened(edition / name, width=390, color_scheme=scheme) as page:
        assert page.locator("header .refused").bounding_box()["y"] < 300
        assert page.locator("header .stale").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert faults(page, axe) == []


@every_kind
def test_nothing_is_asked_for_and_nothing_goes_wrong(opened, reports, name):
    with opened(name) as page:
        page.mouse.wheel(0, 20_000)
        asked = [url for url in page.asked if not url.startswith("data:")]
        assert asked == [(reports / name).as_uri()]
        assert page.complaints == []


@every_kind
def test_a_phone_scrolls_down_and_never_sideways(opened, name):
    with opened(name, width=390) as page:
        page.evaluate(UNFOLD)
        assert page.evaluate("document.documentElement.scrollWidth") == 390


# ------------------------------------------------------------------ reading
@every_kind
def test_contents_and_links_lead_somewhere(opened, reports, name):
    with opened(name) as page:
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        anchors = [link for link in links if link.startswith("#")]
        assert all(page.locator(f"[id='{link[1:]}']").count() == 1 for link in anchors)
        if name == "kestrel-boatworks.html":
            page.click("nav.contents >> text=Why believe it?")
            assert page.locator("#why-believe-it").bounding_box()["y"] < 300
    files = {link.split("#")[0] for link in links} - {""}
    assert files
    assert all((reports / file).exists() for file in files)


def test_list_and_pages_lead_to_each_other(opened):
    with opened("index.html") as page:
        page.click("#cards >> text=Kestrel Boatworks")
        assert page.url.endswith("/kestrel-boatworks.html")
        page.click("text=Back to all partnerships")
        assert page.url.endswith("/index.html#partner-kestrel-boatworks")
        assert page.locator("#partner-kestrel-boatworks").bounding_box()["y"] < 900


def test_the_keyboard_reaches_what_is_folded(opened):
    with opened("kestrel-boatworks.html") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the answer"
        fold = page.locator("details.fold").last
        for _ in range(200):
            page.keyboard.press("Tab")
            if fold.locator("summary").evaluate("one => one === document.activeElement"):
                break
        page.keyboard.press("Enter")
        assert fold.get_attribute("open") is not None
        assert fold.locator("table").is_visible()


@every_kind
def test_it_reads_the_same_without_scripts(opened, name):
    with opened(name, java_script_enabled=False) as page:
        plain = page.locator("main").inner_text()
    with opened(name) as page:
        scripted = page.locator("main").inner_text()
    if name != "index.html":
        assert plain == scripted
    assert "Search" not in plain
    assert set(plain.splitlines()) <= set(scripted.splitlines())


def test_the_list_can_be_searched_and_sorted(opened):
    shown = "all => all.filter(one => !one.hidden).map(one => one.dataset.name)"
    with opened("index.html") as page:
        names = page.eval_on_selector_all(".card", shown)
        page.fill("#search", "boat employer")
        assert page.eval_on_selector_all(".card", shown) == ["Kestrel Boatworks"]
        assert page.inner_text("#found") == f"1 of {len(names)}"
        page.fill("#search", "")
        page.select_option("#sort", "review")
        days = page.eval_on_selector_all(".card", "all => all.map(one => one.dataset.review)")
        assert days == sorted(days)
        assert len(days) == len(names)


def test_pictures_say_their_finding_and_tables_their_headings(opened):
    for name in KINDS.values():
        with opened(name) as page:
            alts = page.eval_on_selector_all("img", "all => all.map(one => one.alt)")
            heads = page.eval_on_selector_all(
                "table", "all => all.map(one => one.querySelectorAll('th[scope=col]').length)"
            )
        assert all(re.search(r"[a-z].*\.$", alt, re.DOTALL) for alt in alts), name
        assert all(heads), name


# ------------------------------------------------------------------ paper and weight
@pytest.mark.parametrize("paper", [A4, LETTER])
@every_kind
def test_paper_cuts_no_picture_and_stays_short(opened, name, paper):
    with opened(name) as page:
        page.emulate_media(media="print")
        pictures = page.eval_on_selector_all("img", "all => all.filter(i => i.width).length")
        pages, drawn = drawn_pictures(page.pdf(format=paper, prefer_css_page_size=False))
    assert drawn == pictures, "a picture that is cut is drawn on two sheets"
    assert pages <= 7


def drawn_pictures(pdf: bytes) -> tuple[int, int]:
    """How many sheets a PDF has, and how often one of its pictures is drawn on any of them."""
    images = re.findall(rb"(\d+) 0 obj\s*<<[^>]*?/Subtype /Image(.*?)>>", pdf, re.DOTALL)
    masks = set(re.findall(rb"/SMask (\d+) 0 R", pdf))
    kept = {number for number, _ in images} - masks
    named = {name for name, number in re.findall(rb"/(X\d+) (\d+) 0 R", pdf) if number in kept}
    drawn = 0
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        drawn += sum(name in named for name in re.findall(rb"/(X\d+) Do", content))
    return len(re.findall(rb"/Type /Page\b", pdf)), drawn


def test_every_page_is_light(reports: Path):
    weights = {path.name: path.stat().st_size for path in reports.glob("*.html")}
    assert weights
    assert {name: size for name, size in weights.items() if size >= LIMIT} == {}


def test_a_picture_that_is_cut_would_be_noticed(opened):
    with opened("kestrel-boatworks.html") as page:
        pictures = page.locator("img").count()
        page.evaluate("document.querySelector('img').style.setProperty('height', '40cm')")
        page.evaluate("document.querySelector('img').style.setProperty('max-height', 'none')")
        _, drawn = drawn_pictures(page.pdf(format=A4))
    assert drawn > pictures


@pytest.mark.parametrize("columns", [1, 2, 3, 5, 7])
def test_no_table_is_too_wide_for_a_phone(opened, tmp_path, columns):
    words = ["Synthetic difference in differences", "12,345.6 (\N{MINUS SIGN}1,204.5 to 25,895.7)"]
    heads = [f"{'more or fewer' if place else 'study'} {place}" for place in range(columns)]
    rows = [[words[min(place, 1)] for place in range(columns)]] * 2
    kinds = ["number" if place else "text" for place in range(columns)]
    shown = html_table(heads, rows, kinds, title="A title that is long enough to be broken")
    output = new_output("display_data", data={"text/html": shown.html})
    nbformat.write(new_notebook(cells=[new_code_cell("", outputs=[output])]), tmp_path / "a.ipynb")
    frame = Frame("Q?", "Practice", "today", "0", made_up=False, here="gym.html")
    page_file = tmp_path / "gym.html"
    page_file.write_text(notebook_page([tmp_path / "a.ipynb"], frame=frame), encoding="utf-8")
    with opened(page_file, width=390) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        hidden = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
        assert page.eval_on_selector_all(".table-scroll", hidden) == 0, "nothing needs scrolling"
