"""environment.yml and pyproject.toml name the same packages within the same bounds."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def bounds(requirement: str) -> tuple[str, str]:
    name, rest = re.fullmatch(r"([A-Za-z0-9_.-]+)\s*(.*)", requirement).groups()
    return name.lower(), rest.replace(" ", "")


def test_conda_users_get_the_same_versions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = dict(map(bounds, project["dependencies"]))
    for extra in ("lab", "dev"):
        wanted |= dict(map(bounds, project["optional-dependencies"][extra]))
    wanted["python"] = project["requires-python"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    from_pip = next(line["pip"] for line in conda if isinstance(line, dict))
    lines = [line for line in conda if isinstance(line, str) and line != "pip"]
    listed = dict(map(bounds, [*lines, *(line for line in from_pip if line != "-e .")]))
    assert listed == wanted


def test_card_packages_are_all_there():
    text = (ROOT / "pyproject.toml").read_text()
    for package in ("jupyterlab", "pandas", "matplotlib", "scipy", "papermill", "nbval"):
        assert f'"{package}>=' in text
