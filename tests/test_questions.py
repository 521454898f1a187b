"""Every question that practices ask has a page and a function that answer it."""

import re
from pathlib import Path

import nbformat

import partner_analysis as pa

ROOT = Path(__file__).parents[1]
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in (ROOT / "docs" / "questions.md").read_text().splitlines()
    if re.match(r"\| \d+ \|", line)
]


def headings(notebook: str) -> str:
    cells = nbformat.read(ROOT / "notebooks" / notebook, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def test_all_23_are_there_once() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 24))


def test_every_function_is_public() -> None:
    for row in ROWS:
        assert hasattr(pa, row[3].strip("`")), row


def test_every_section_named_is_in_its_notebook() -> None:
    pages = {
        "the partnership's page": headings("03-partnership-effect.ipynb"),
        "portfolio.html": headings("04-portfolio.ipynb"),
    }
    for row in ROWS:
        for page, words in re.findall(
            r"(the partnership's page|portfolio\.html): ([A-Z][^;?]*\?)", row[2]
        ):
            assert f"## {words.rstrip('?')}" in pages[page], (row[0], words)
