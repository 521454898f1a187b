"""Both engines leave the same notebook: words, tables, pictures to the byte, and errors."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import partner_analysis as pa
from partner_analysis.reporting.fragments import read_fragment
from partner_analysis.reporting.notebooks import Job, run_notebooks
from partner_analysis.reporting.study import Study, open_study

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ONE = "kestrel-boatworks"
AS_OF = "2025-06-29"
ENGINES = ("plain", "fast")
ORDER = ("01-clean", "02-count", "03-partnership-effect", "04-portfolio", "07-where-next")
OTHERS = ("anvil-gym", "harbor-run-shop", "tidewater-pilates")  # enough to open a study once
PICTURE = "data:image/png;base64"
CELLS = """
print("out")
import sys; print("err", file=sys.stderr); print("out again"); 1 + 1
--
import warnings
warnings.warn("take care")
--
from IPython.display import HTML, Markdown, SVG, clear_output, display
display(HTML("<b>a</b>"), Markdown("*b*")); HTML("<i>c</i>")
--
handle = display("first", display_id="one")
handle.update("second")
--
again = display({"text/plain": "raw"}, raw=True, display_id="two"); print("between")
--
handle.update("third, from a later cell"); print("seen")
--
print("gone"); clear_output(); print("stays")
--
print("gone late"); clear_output(wait=True); print("comes")
--
import asyncio
await asyncio.sleep(0.01)
async def later(): return 41 + 1
await later()
--
task = asyncio.create_task(later())
--
await task
--
%%capture caught
print("caught")
--
caught.stdout, _, __, Out.get(1), In[1]
--
%timeit -n1 -r1 -q 1
%env HARBOR=1
!echo from the shell
--
import os, time
os.system("echo from a child"); time.sleep(0.3)
--
import matplotlib.pyplot as plt
plt.plot([1, 2, 1]); plt.title("one")
--
plt.plot([1, 2])
plt.show()
figure, axes = plt.subplots(); axes.bar([1, 2], [3, 1]); plt.show()
--
plt.rcParams["lines.linewidth"] = 9
figure, axes = plt.subplots(figsize=(2, 1)); axes.plot([1, 3, 2]); figure
--
plt.gcf().get_size_inches(), plt.get_backend(), plt.isinteractive()
--
import pandas as pd
pd.DataFrame({"clinic": ["Dockside", "Warwick"], "new_patients": [3, 4.5]})
--
pd.options.display.max_rows, sorted(k for k in globals() if not k.startswith("_"))
--
class Odd:
    def _repr_html_(self): return "<p>odd</p>"
    def __repr__(self): return "odd"
[Odd(), Odd()], Odd()
--
Odd()
--
None
--
Out[2] if 2 in Out else "not there";
--
__name__, sys.stdout.isatty(), sys.stdin is None, get_ipython().__class__.__name__
--
"é ✓ \\ud800"
--
def fails(value):
    return {"a": 1}[value]
try:
    fails("b")
except KeyError as error:
    print("caught", error)
--
fails("Jane Doe")
--
print("never run")
"""


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice with four of its partners."""
    path = pa.write_practice(tmp_path_factory.mktemp("both"))
    for name in ("partnerships", "aliases", "goals", "activities", "flows"):
        table = path.parent / "data" / "raw" / "demo" / f"{name}.csv"
        head, *rows = table.read_text().splitlines(keepends=True)
        kept = [row for row in rows if any(one in row.split(",") for one in (ONE, *OTHERS))]
        table.write_text("".join([head, *kept]))
    return path


def settled(text: str) -> str:
    """Text without what differs between two runs of the very same engine."""
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", text)
    return re.sub(r"0x[0-9a-f]{8,}", "0xN", text)


def settled_outputs(cell: nbformat.NotebookNode) -> list[object]:
    """Outputs, with what was printed in one go however often a kernel has sent it."""
    outputs: list[dict] = []
    for output in cell.outputs:
        if outputs and output.output_type == "stream" and outputs[-1].get("name") == output.name:
            outputs[-1]["text"] += output.text
        else:
            outputs.append(dict(output))
    return eval(settled(repr(outputs)))


def assert_same(plain: Path, fast: Path) -> int:
    """Compare two executed notebooks cell by cell; how many outputs there are."""
    ours, theirs = (nbformat.read(path, as_version=4) for path in (fast, plain))
    assert len(ours.cells) == len(theirs.cells)
    for a, b in zip(ours.cells, theirs.cells, strict=True):
        assert a.source == b.source or "injected-parameters" in a.metadata.tags
        if a.cell_type == "code":
            assert settled_outputs(a) == settled_outputs(b), a.source
            assert a.execution_count == b.execution_count, a.source
    assert ours.metadata.language_info == theirs.metadata.language_info
    return sum(len(cell.get("outputs", ())) for cell in ours.cells)


def test_what_a_kernel_can_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # a kernel looks for it, and takes less then
    cells = [new_code_cell(source) for source in CELLS.strip("\n").split("\n--\n")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = tmp_path / "all.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=kernel), notebook)
    for engine in ("plain", "fast"):
        job = Job(engine, notebook, tmp_path / f"{engine}.ipynb", {})
        [outcome] = run_notebooks([job], engine=engine)
        assert outcome.problem == "A cell stopped with KeyError."
    assert assert_same(tmp_path / "plain.ipynb", tmp_path / "fast.ipynb") > 25
    text = (tmp_path / "fast.ipynb").read_text()
    assert text.count("image/png") == 5
    assert "never run" in text


def test_every_notebook_of_a_run(tmp_path: Path, practice: Path) -> None:
    for engine in ENGINES:
        for name in ORDER[:2]:
            execute(tmp_path, engine, name, practice)
        study = open_study(practice, as_of=AS_OF, tables=tmp_path / "plain" / "tables")
        if engine == "plain":
            estimate(study)
        for left in ("estimates", "standings.json"):
            copy(tmp_path / "plain" / "tables" / left, tmp_path / engine / "tables" / left)
        execute(tmp_path, engine, ORDER[2], practice)
    copy(tmp_path / "fast" / "tables" / "effects", tmp_path / "plain" / "tables" / "effects")
    for engine in ENGINES:
        for name in ORDER[3:]:
            execute(tmp_path, engine, name, practice)
    for name in ORDER:
        made = [tmp_path / engine / f"{name}.ipynb" for engine in ENGINES]
        assert_same(*made)
        assert_kept_as_shown(made)
    drawn = [(tmp_path / "fast" / f"{name}.ipynb").read_text().count(PICTURE) for name in ORDER]
    assert min(drawn) > 0
    assert sum(drawn) > 15


def assert_kept_as_shown(notebooks: list[Path]) -> None:
    """What was left as HTML, for its owner only, is what the saved notebooks show."""
    kept = [path.with_suffix(".shown.json") for path in notebooks]
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    left = [read_fragment(path) for path in notebooks]
    for path in kept:
        path.unlink()
    assert left == [read_fragment(path) for path in notebooks]


def estimate(study: Study) -> None:
    """Leave the estimates of the partnerships that are run, as a run leaves them."""
    for each in (ONE, *OTHERS):
        study.keep_estimate(each)
    study.keep_blended()


def execute(folder: Path, engine: str, name: str, practice: Path) -> None:
    """Run one notebook of a run in the engine's own folder; for several partners, one compared."""
    given = {"practice": str(practice), "as_of": AS_OF, "tables": str(folder / engine / "tables")}
    (folder / engine / "tables").mkdir(parents=True, exist_ok=True)
    notebook, output = NOTEBOOKS / f"{name}.ipynb", folder / engine / f"{name}.ipynb"
    jobs = [Job(name, notebook, output, given)]
    if name.startswith("03"):
        others = OTHERS if engine == "fast" else ()
        jobs = [
            Job(one, notebook, output.with_stem(f"{name}{one}" if one != ONE else name),
                given | {"partnership_id": one})
            for one in (ONE, *others)
        ]  # fmt: skip
    for outcome in run_notebooks(jobs, engine=engine):
        assert outcome.succeeded, outcome.private


def copy(source: Path, target: Path) -> None:
    if source == target:
        return
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)
