"""One run: the notebooks over a practice, each by itself, then one published report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from partner_analysis import storage
from partner_analysis.reporting import kept
from partner_analysis.reporting.editions import LABELS, Edition
from partner_analysis.reporting.manifests import run_manifest
from partner_analysis.reporting.notebooks import (
    Engine,
    Job,
    Outcome,
    check_parameters,
    prepare,
    run_notebooks,
)
from partner_analysis.reporting.problems import refuse_no_periods, register_problems
from partner_analysis.reporting.publishing import publish_edition
from partner_analysis.reporting.shareable.editions import share_pages
from partner_analysis.reporting.study import Study, open_study
from partner_analysis.tables import SettingsError

CLEAN, COUNT, PORTFOLIO, WHERE_NEXT = LABELS
NOTEBOOKS: Final = {
    CLEAN: "01-clean.ipynb",
    COUNT: "02-count.ipynb",
    "effect": "03-partnership-effect.ipynb",
    PORTFOLIO: "04-portfolio.ipynb",
    WHERE_NEXT: "07-where-next.ipynb",
}
Tell = Callable[[int, int, str, float], None]


@dataclass(frozen=True)
class RunRecord:
    """What a run did.

    Attributes
    ----------
    as_of
        Last day of the data used.
    index
        The published index page; None if nothing was published.
    problems
        One sentence for each register row and notebook that failed.
    """

    as_of: str
    index: Path | None
    problems: tuple[str, ...]


@dataclass
class _Run:
    """A run under way: where it works, and what became of its notebooks so far."""

    study: Study
    staging: Path
    notebooks: Path
    total: int
    tell: Tell
    engine: Engine = "fast"
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def execute(self, labels: Sequence[str], notebook: str, **parameters: Any) -> list[Outcome]:
        """Run one notebook once per label; a partnership's label is its id."""
        jobs = [
            Job(label, self.notebooks / NOTEBOOKS[notebook], self.staging / f"{label}.ipynb",
                self.parameters(label, notebook))
            for label in labels
        ]  # fmt: skip
        return run_notebooks(jobs, tell=self.note, engine=self.engine)

    def note(self, outcome: Outcome) -> None:
        """One more notebook is done."""
        self.outcomes[outcome.job.label] = outcome
        self.tell(len(self.outcomes), self.total, outcome.job.label, outcome.seconds)

    def parameters(self, label: str, notebook: str) -> dict[str, str]:
        """Parameters of one notebook."""
        given = {
            "practice": str(self.study.practice.path),
            "as_of": f"{self.study.as_of:%Y-%m-%d}",
            "tables": str(self.staging / "tables"),
        }
        return given | ({"partnership_id": label} if notebook == "effect" else {})

    @property
    def failed(self) -> dict[str, str]:
        """What went wrong, by label."""
        return {k: done.problem for k, done in self.outcomes.items() if not done.succeeded}


def run_practice(
    practice: str | Path,
    *,
    as_of: str | None = None,
    only: Iterable[str] = (),
    tell: Tell = lambda done, total, label, seconds: None,
    engine: Engine = "fast",
) -> RunRecord:
    """Run the notebooks of a practice and publish one report for its date.

    Parameters
    ----------
    practice
        Its settings file.
    as_of
        Last day of the data to use; default: the newest date in the data.
    only
        Partnership ids; default: all. Pages of the others at this date stay as they are, and
        the overview says so.
    tell
        Called after each notebook with how many are done, of how many, which, and its seconds.
    engine
        How cells are run, as for ``run_notebooks``; the pages are the same.

    Returns
    -------
    RunRecord
        The published index page, and what failed. A notebook that fails stops no other.

    Raises
    ------
    InputError
        For a fault of a file or a setting; then nothing has been run.
    LockedError
        If another run of this practice is under way.
    """
    prepare(engine)
    study = open_study(practice, as_of=as_of)
    wanted = _check_only(list(only), study)
    refuse_no_periods(study)  # every fault of a file ends the run here
    folder = kept.processed_folder(study.practice)
    for place in (folder, kept.reports_folder(study.practice)):
        storage.probe_folder(place)
    with storage.locked(folder):
        staging = storage.make_staging(folder, private=True)
        try:
            return _run(study, staging, wanted, tell, newest=as_of is None, engine=engine)
        finally:
            storage.remove_folder(staging)


def _run(
    study: Study,
    staging: Path,
    wanted: list[str],
    tell: Tell,
    *,
    newest: bool,
    engine: Engine,
) -> RunRecord:
    """Clean, count, estimate each, gather, publish."""
    began, start = datetime.now(UTC), time.monotonic()
    total = 4 + len(set(wanted or study.partnerships["partnership_id"]) - set(study.without_number))
    run = _Run(study, staging, find_notebooks(study), total, tell, engine)
    for label in (CLEAN, COUNT):
        if not run.execute([label], label)[0].succeeded:
            _keep_failed(run)
            return RunRecord(
                f"{study.as_of:%Y-%m-%d}", None, (_in_words(label, run.failed[label], study),)
            )
    tables = staging / "tables"
    made = open_study(study.practice.path, as_of=study.as_of, tables=tables)
    with suppress(Exception):  # each page then estimates by itself, and only its own can fail
        made.keep_estimates()
    listed = dict.fromkeys(made.partnerships["partnership_id"])
    sound = [key for key in listed if key not in made.not_begun]
    run.execute([key for key in sound if not wanted or key in wanted], "effect")
    for identifier, effect in made.without_number.items():
        if not wanted or identifier in wanted:
            kept.write_effect(effect, tables / "effects", private=True)
    carried = _carry_over(made, wanted, run)
    for label in (PORTFOLIO, WHERE_NEXT):
        run.execute([label], label)
    _keep_failed(run)
    edition = Edition(
        study=made,
        effects=made.effects,
        executed={label: done.job.output for label, done in run.outcomes.items()},
        failed=run.failed,
        carried=carried,
    )
    kept.write_key(study.practice, tables, as_of=made.as_of, newest=newest)
    manifest = run_manifest(
        study.practice, run.outcomes, as_of=made.as_of, began=began,
        seconds=time.monotonic() - start,
    )  # fmt: skip
    index = publish_edition(edition, manifest=manifest)
    not_shared = share_pages(made)
    storage.publish(tables, kept.processed_folder(study.practice) / "tables")
    problems = [p for p in register_problems(made) if not wanted or p.split(":")[0] in wanted]
    problems += [_in_words(label, said, study) for label, said in run.failed.items()]
    return RunRecord(edition.as_of, index, (*problems, *not_shared))


def find_notebooks(study: Study) -> Path:
    """Folder of the notebooks: the practice's own, or those beside the package.

    Raises
    ------
    SettingsError
        If there are none, or one takes other parameters than a run gives it.
    """
    for folder in (study.practice.folder, Path(__file__).parents[2]):
        notebooks = folder / "notebooks"
        if all((notebooks / name).exists() for name in NOTEBOOKS.values()):
            break
    else:
        raise SettingsError(
            f"{study.practice.folder}: no notebooks found. Copy the folder notebooks/ of "
            "partner_analysis there."
        )
    for label, name in NOTEBOOKS.items():
        given = ("practice", "as_of", "tables", *(("partnership_id",) if label == "effect" else ()))
        check_parameters(notebooks / name, given)
    return notebooks


def _check_only(only: list[str], study: Study) -> list[str]:
    """Refuse ids that the register does not list."""
    known = list(dict.fromkeys(study.register.names["partnership_id"]))
    for identifier in only:
        if identifier not in known:
            raise SettingsError(
                f'--only: the register has no partnership "{identifier}". It has '
                f"{', '.join(known) or 'none'}."
            )
    return only


def _carry_over(made: Study, wanted: list[str], run: _Run) -> dict[str, Path]:
    """Pages that stay as they are, by id; their effects join those of this run."""
    folder = kept.reports_folder(made.practice) / f"{made.as_of:%Y-%m-%d}"
    if not wanted or not folder.exists():
        return {}
    carried = {}
    for identifier, effect in kept.read_effects(folder / "effects").items():
        page = folder / f"{identifier}.html"
        if identifier not in {*wanted, *run.failed} and page.exists():
            kept.write_effect(effect, run.staging / "tables" / "effects", private=True)
            carried[identifier] = page
    return carried


def _keep_failed(run: _Run) -> None:
    """Keep failed notebooks with their tracebacks in a private folder, one per label."""
    folder = kept.processed_folder(run.study.practice) / "failed"
    for label, outcome in run.outcomes.items():
        storage.remove_folder(folder / label)
        if outcome.succeeded:
            continue
        private = storage.make_folder(
            storage.make_folder(folder, private=True) / label, private=True
        )
        storage.write_text(outcome.private, private / "traceback.txt", private=True)
        if outcome.job.output.exists():
            content = storage.read_bytes(outcome.job.output)
            storage.write_bytes(content, private / outcome.job.notebook.name, private=True)


def _in_words(label: str, problem: str, study: Study) -> str:
    folder = kept.processed_folder(study.practice) / "failed" / label
    return f"{label}: the notebook failed. {problem} See {folder} (private: it may show a patient)."
