"""The notebooks of a run: which there are, and each run where it is not done yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from partner_analysis import storage
from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.editions import LABELS
from partner_analysis.reporting.goals.posed import posed_files
from partner_analysis.reporting.manifests import shown_parameters
from partner_analysis.reporting.notebooks import (
    Calculation,
    Job,
    Outcome,
    Piece,
    RunAll,
    check_parameters,
)
from partner_analysis.reporting.running.journal import Journal, now
from partner_analysis.reporting.running.keys import NOTEBOOKS, notebook_folder, notebook_key
from partner_analysis.reporting.running.outcomes import Foresee, Tell
from partner_analysis.reporting.running.work import Work
from partner_analysis.reporting.study import Study
from partner_analysis.tables import SettingsError

CLEAN, COUNT, PORTFOLIO, WHERE_NEXT = LABELS
ESTIMATE: Final = "estimate of {}"
POSED: Final = "goals posed before ({})"
READS: Final = {
    CLEAN: (CLEAN,),
    COUNT: (CLEAN, COUNT),
    "effect": (CLEAN, COUNT, "effect"),
    PORTFOLIO: (CLEAN, COUNT, "effect", PORTFOLIO),
    WHERE_NEXT: (CLEAN, COUNT, "effect", WHERE_NEXT),
}


@dataclass
class Execution:
    """A run under way: where it works, and what became of its notebooks so far."""

    study: Study
    work: Work
    notebooks: Path
    tell: Tell
    foresee: Foresee
    journal: Journal
    run_all: RunAll
    took: Mapping[str, float]
    waiting: list[str]
    began: datetime = field(default_factory=now)
    start: float = field(default_factory=time.monotonic)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.total = len(self.waiting)

    def execute(self, labels: Sequence[str], notebook: str, also: Iterable[str] = ()) -> bool:
        """Run one notebook once per label, where it is not done; whether all succeeded."""
        jobs, keys = [], {}
        for label in labels:
            job = Job(label, self.notebooks / NOTEBOOKS[notebook], self.work.executed(label),
                      self.parameters(label, notebook))  # fmt: skip
            keys[label] = self.key(job.parameters, notebook, also)
            if self.work.is_done(label, keys[label]):
                self.outcomes[label] = Outcome(job=job, seconds=0.0)
                self.tell_of(label)
                continue
            self.work.forget(label)
            self.clear(label)
            jobs.append(job)
        self.foresee(self.seconds_left())
        if jobs:
            self.run_all(jobs, tell=lambda done: self.note_notebook(done, keys, notebook))
        return all(self.outcomes[label].succeeded for label in labels)

    def estimate(self, partnerships: Sequence[str], work: Callable[..., object]) -> list[str]:
        """Estimate each partnership by itself, where it is not done; those that succeeded.

        One that fails stops no other: its page estimates it again, and fails in its place.
        """
        asked = [
            Calculation(ESTIMATE.format(each), work, self.parameters(each, "effect"))
            for each in partnerships
        ]
        self.work_out("estimate", asked, left_by=self.left_by_estimate)
        return [each for each in partnerships if self.work.is_whole(ESTIMATE.format(each))]

    def pose(self, parts: Iterable[str], work: Callable[..., object]) -> None:
        """Pose goals at earlier dates, part by part, where it is not done.

        A part that fails stops nothing: the page poses its goals again.
        """
        given = self.parameters("", PORTFOLIO)
        asked = [Calculation(POSED.format(each), work, given | {"part": each}) for each in parts]
        self.work_out("goals posed", asked, left_by=self.left_by_posing)

    def work_out(
        self, event: str, asked: Sequence[Calculation], *, left_by: Callable[[Piece], list[Path]]
    ) -> None:
        """Work out each thing that is not done; ``left_by`` gives the files that one leaves."""
        open_, keys = [], {}
        for each in asked:
            keys[each.label] = self.key(each.parameters, COUNT, ())
            if self.work.is_done(each.label, keys[each.label]):
                self.tell_of(each.label)
                continue
            self.work.forget(each.label)
            for path in left_by(each):
                storage.remove_file(path)
            open_.append(each)
        self.foresee(self.seconds_left())
        if open_:
            self.run_all(
                open_,
                tell=lambda done: self.note(
                    event, done, left_by(done.job), key=keys[done.job.label]
                ),
            )

    def note_notebook(self, outcome: Outcome, keys: Mapping[str, str], notebook: str) -> None:
        """One more notebook is done."""
        label = outcome.job.label
        self.outcomes[label] = outcome
        left = [self.work.executed(label), *self.left_by(label)]
        self.note("notebook", outcome, left, key=keys[label], notebook=NOTEBOOKS[notebook])

    def left_by_estimate(self, piece: Piece) -> list[Path]:
        """What the estimate of one partnership has left."""
        return kept.estimated_alone(self.work.tables, piece.parameters["partnership_id"])

    def left_by_posing(self, piece: Piece) -> list[Path]:
        """What a part of the goals posed at earlier dates has left."""
        return posed_files(self.work.tables, piece.parameters["part"])

    def note(self, event: str, outcome: Outcome, left: Sequence[Path], **about: str) -> None:
        """Write down what is done, so that no later run does it again."""
        label = outcome.job.label
        told = {
            "outcome": "done" if outcome.succeeded else "failed",
            "problem": outcome.problem,
            "seconds": round(outcome.seconds, 1),
        }
        entry = {
            **about,
            **told,
            "parameters": shown_parameters(outcome.job.parameters),
            "made_on": now().isoformat(timespec="seconds"),
        }
        self.work.note(label, entry, left if outcome.succeeded else ())
        self.journal.note(event, label=label, **told)
        self.tell_of(label, outcome.seconds)

    def tell_of(self, label: str, seconds: float = 0.0) -> None:
        """Say that something is done, and how long the rest may take."""
        self.waiting = [one for one in self.waiting if one != label]
        self.tell(self.total - len(self.waiting), self.total, label, seconds)
        self.foresee(self.seconds_left())

    def seconds_left(self) -> float:
        """Seconds that the rest will take, by earlier runs, two at once; NaN if not known."""
        known = [self.took[label] for label in self.waiting if self.took.get(label)]
        usual = sum(known) / len(known) if known else float("nan")
        left = {label: self.took.get(label) or usual for label in self.waiting}
        alone = sum(left.pop(label) for label in LABELS if label in left)
        return alone + sum(left.values()) / 2

    def clear(self, label: str) -> None:
        """Remove what an earlier run of a notebook has left for the others.

        What this run has cleaned to find every fault is left for cleaning to show: once is enough.
        """
        if label == CLEAN:
            storage.remove_folder(self.work.tables)
            storage.make_folder(self.work.tables, private=True)
        for path in self.left_by(label):
            storage.remove_folder(path) if path.is_dir() else storage.remove_file(path)
        if label == CLEAN:
            kept.write_cleaned(self.study.cleaned, self.work.tables)

    def left_by(self, label: str) -> list[Path]:
        """What a notebook has left in the tables: counting, all that cleaning has not."""
        if label in (CLEAN, COUNT):
            outputs = self.work.entry(CLEAN).get("outputs", {})
            found = sorted(self.work.tables.glob("*"))
            return [path for path in found if f"tables/{path.name}" not in outputs]
        return sorted((self.work.tables / "effects").glob(f"{label}.*"))

    def key(self, given: Mapping[str, Any], notebook: str, also: Iterable[str]) -> str:
        """Key of one notebook with all that it reads."""
        read = [self.notebooks / NOTEBOOKS[name] for name in READS[notebook]]
        return notebook_key(self.work.manifest["key"], read, shown_parameters(given), also=also)

    def parameters(self, label: str, notebook: str) -> dict[str, str]:
        """Parameters of one notebook."""
        given = {
            "practice": str(self.study.practice.path),
            "as_of": f"{self.study.as_of:%Y-%m-%d}",
            "tables": str(self.work.tables),
        }
        return given | ({"partnership_id": label} if notebook == "effect" else {})

    @property
    def failed(self) -> dict[str, str]:
        """What went wrong, by label."""
        return {k: done.problem for k, done in self.outcomes.items() if not done.succeeded}


def find_notebooks(practice: Practice) -> Path:
    """Folder of the notebooks: the practice's own, or those beside the package.

    Raises
    ------
    SettingsError
        If there are none, or one takes other parameters than a run gives it.
    """
    folder = notebook_folder(practice)
    if folder is None:
        raise SettingsError(
            f"{practice.folder}: no notebooks found. Copy the folder notebooks/ of "
            "partner_analysis there."
        )
    for label, name in NOTEBOOKS.items():
        given = ("practice", "as_of", "tables", *(("partnership_id",) if label == "effect" else ()))
        check_parameters(folder / name, given)
    return folder


def keep_failed(run: Execution) -> None:
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
        executed = run.work.executed(label)
        if executed.exists():
            content = storage.read_bytes(executed)
            name = run.work.entry(label)["notebook"]
            storage.write_bytes(content, private / name, private=True)


def in_words(label: str, problem: str, study: Study) -> str:
    """What is said of a notebook that failed, and where to look."""
    folder = kept.processed_folder(study.practice) / "failed" / label
    return f"{label}: the notebook failed. {problem} See {folder} (private: it may show a patient)."
