"""One notebook to run, or one thing to work out beside others, and what became of it."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from partner_analysis import storage
from partner_analysis.tables import SettingsError

Engine = Literal["fast", "plain"]
PARAMETERS: Final = "parameters"
DIED: Final = "The process that ran it died (out of memory, or ended from outside)."


@dataclass(frozen=True)
class Job:
    """One notebook to run: where it is, where the executed copy goes, its parameters."""

    label: str
    notebook: Path
    output: Path
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Calculation:
    """One thing to work out, without a notebook: ``work`` is called with the parameters.

    It is a function of a module, so that another process finds it by its name, and what it gives
    are the files that it leaves.
    """

    label: str
    work: Callable[..., object]
    parameters: Mapping[str, Any]


Piece = Job | Calculation


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook, or of one calculation.

    Attributes
    ----------
    job
        The job as it was given.
    seconds
        Wall time.
    problem
        Empty if the notebook ran to its end and shows all its pictures; otherwise one sentence
        without any value of the data.
    private
        The whole traceback. It may show a patient and stays in a private folder.
    """

    job: Piece
    seconds: float
    problem: str = ""
    private: str = field(default="", repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether every cell ran and showed what it should."""
        return not self.problem


class Request(NamedTuple):
    """Notebooks to run, or what else is to be worked out, and how."""

    jobs: tuple[Piece, ...]
    environment: dict[str, str]
    at_once: int
    seconds: float


class Done(NamedTuple):
    """One notebook that is done: its number among the jobs, wall time, and both texts."""

    number: int
    seconds: float
    problem: str
    private: str


def declared_parameters(notebook: Path) -> tuple[str, ...]:
    """Names in the notebook's parameters cell, in their order.

    Raises
    ------
    SettingsError
        If that cell is not plain assignments.
    """
    cells = storage.read_json(notebook)["cells"]
    tagged = (cell for cell in cells if PARAMETERS in cell["metadata"].get("tags", ()))
    source = next(("".join(cell["source"]) for cell in tagged), "")
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        raise SettingsError(
            f"{notebook.name}: its parameters cell is not Python. Write one `name = value` a line."
        ) from None
    assigned = (each.targets[0] for each in statements if isinstance(each, ast.Assign))
    return tuple(target.id for target in assigned if isinstance(target, ast.Name))


def check_parameters(notebook: Path, parameters: Iterable[str]) -> None:
    """Refuse a parameter that the notebook does not have.

    Raises
    ------
    SettingsError
        Naming the parameter, those that there are, and the nearest one.
    """
    declared = declared_parameters(notebook)
    for name in parameters:
        if name in declared:
            continue
        near = difflib.get_close_matches(name, declared, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        raise SettingsError(
            f'{notebook.name} has no parameter "{name}". '
            f"It takes {', '.join(declared) or 'none'}.{hint}"
        )
