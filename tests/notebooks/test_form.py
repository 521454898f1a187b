"""Every notebook asks one question, declares its parameters, and leaves the work to the library."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FORBIDDEN = re.compile(r"\b(def|class|groupby|plt|Path|open)\b|\.csv|\.toml(?!\"  #)|\blambda\b")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def lines(cell: NotebookNode) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def test_all_are_there() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == [f"0{k}" for k in range(9)]


def test_one_title_and_it_is_a_question(notebook: NotebookNode) -> None:
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    titles = re.findall(r"^# .*$", words, flags=re.MULTILINE)
    assert len(titles) == 1
    assert titles[0].endswith("?")
    assert notebook.cells[0].source.startswith(titles[0])


def test_one_parameters_cell_with_a_comment_on_each_line(notebook: NotebookNode) -> None:
    tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", ())]
    assert len(tagged) == 1
    assert tagged[0] is code(notebook)[0]
    assert all("  # " in line for line in lines(tagged[0]))


def test_short_cells_and_short_notebooks(notebook: NotebookNode) -> None:
    lengths = [len(lines(cell)) for cell in code(notebook)]
    assert max(lengths) <= 8
    assert sum(lengths) <= 60


def test_the_library_does_the_work(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        assert not FORBIDDEN.search(cell.source), cell.source
        ast.parse(cell.source)


def test_nothing_is_stored_in_git(notebook: NotebookNode) -> None:
    for cell in code(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_prose_has_no_number_that_could_go_stale(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d", cell.source), cell.source


def test_nbformat_finds_no_fault(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
