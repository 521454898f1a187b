"""Imports go down, and each outside thing has one door."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import partner_analysis as pa

PACKAGE = Path(pa.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN = {
    "cleaning": ("attribution", "reporting", "cli", "simulate"),
    "attribution": ("cleaning", "reporting", "cli", "simulate"),
    "reporting": ("cli",),
    "tables.py": ("cleaning", "attribution", "reporting", "cli", "practice", "storage"),
    "fields.py": ("cleaning", "attribution", "reporting", "cli", "practice", "storage"),
    "declared.py": ("cleaning", "attribution", "reporting", "cli", "practice", "storage"),
    "events.py": ("cleaning", "attribution", "reporting", "cli", "practice", "storage"),
    "money.py": ("cleaning", "attribution", "reporting", "cli", "practice", "storage"),
    "files": ("cleaning", "attribution", "reporting", "cli", "practice", "storage"),
    "storage.py": ("cleaning", "attribution", "reporting", "cli", "practice"),
    "practice.py": ("cleaning", "attribution", "reporting", "cli"),
}
DOORS = {
    "matplotlib": {"reporting/figures"},
    "papermill": {"reporting/notebooks/"},
    "nbclient": {"reporting/notebooks/"},
    "ipykernel": {"reporting/notebooks/"},
    "psutil": {"reporting/notebooks/processes.py"},
    "nbconvert": {"reporting/fragments.py"},
    "nbformat": {"reporting/fragments.py", "reporting/notebooks/"},
    "charset_normalizer": {"files/encodings.py"},
    "statsmodels": {"attribution/together/combine.py"},
    "openpyxl": {"files/workbooks.py", "files/books.py"},
    "zipfile": {"files/workbooks.py"},
    "ipywidgets": {"reporting/exploring/widgets.py"},
    "distributed": {"reporting/notebooks/cluster.py"},
    "dask": set(),
    "tempfile": {"storage.py"},
    "shutil": {"files/folders.py"},
    "ctypes": {"files/folders.py", "reporting/notebooks/processes.py"},
}
OPENERS = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "read_csv", "read_excel",
           "read_parquet", "to_parquet", "mkdir", "unlink", "symlink_to"}  # fmt: skip
OPENING = {"storage.py", "files/opening.py", "files/folders.py"}
OPENED = {"files/workbooks.py", "files/regular.py"}  # parts of what opening.py has opened
NAMES = {"utils", "helpers", "common", "misc"}


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def imported(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{name.name}" for name in node.names}
    return names


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_imports_go_down(module: Path) -> None:
    floor = place(module).split("/")[0]
    for above in FORBIDDEN.get(floor, ()):
        wrong = [n for n in imported(module) if n.startswith(f"partner_analysis.{above}")]
        assert not wrong, f"{place(module)} imports from above: {wrong}"


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_each_outside_thing_has_one_door(module: Path) -> None:
    for name in imported(module):
        owners = DOORS.get(name.split(".")[0], {place(module)})
        is_owner = any(place(module).startswith(owner) for owner in owners)
        assert is_owner, f"{place(module)} imports {name}"


@pytest.mark.parametrize(
    "module", [m for m in MODULES if place(m) not in OPENING | OPENED], ids=place
)
def test_only_storage_opens_files(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id == "storage":
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        assert called not in OPENERS, f"{place(module)} line {node.lineno} calls {called}"


def test_no_module_is_a_drawer_for_everything() -> None:
    assert not NAMES & {module.stem for module in MODULES}


def test_importing_is_quick_and_loads_no_notebook_machinery() -> None:
    heavy = "{'papermill', 'nbconvert', 'matplotlib', 'scipy', 'pandas'}"
    code = f"import sys, partner_analysis; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_checking_loads_nothing_that_estimates_or_draws() -> None:
    heavy = "{'papermill', 'matplotlib', 'scipy', 'partner_analysis.attribution.estimate'}"
    code = (
        "import sys, partner_analysis.reporting.problems; "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_public_names_are_all_there() -> None:
    for name in pa.__all__:
        assert getattr(pa, name) is not None
    assert set(pa.__all__) <= set(dir(pa))
