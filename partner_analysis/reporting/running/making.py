"""The making of one report: notebooks that are not done yet, then one published edition."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.exports.cut import as_day
from partner_analysis.reporting import kept
from partner_analysis.reporting.editions import LABELS, Edition
from partner_analysis.reporting.manifests import run_manifest, shown_parameters
from partner_analysis.reporting.notebooks import Job, Outcome, check_parameters, run_notebooks
from partner_analysis.reporting.problems import refuse_no_periods, register_problems
from partner_analysis.reporting.publishing import publish_edition
from partner_analysis.reporting.running import lastgood
from partner_analysis.reporting.running.journal import Journal, now
from partner_analysis.reporting.running.keys import notebook_key, work_key
from partner_analysis.reporting.running.outcomes import Foresee, RunRecord, Tell
from partner_analysis.reporting.running.work import Work, seconds_before
from partner_analysis.reporting.study import Study, open_study
from partner_analysis.tables import DataError, SettingsError

CLEAN, COUNT, PORTFOLIO, WHERE_NEXT = LABELS
ESTIMATES: Final = "all estimates"
NOTEBOOKS: Final = {
    CLEAN: "01-clean.ipynb",
    COUNT: "02-count.ipynb",
    "effect": "03-partnership-effect.ipynb",
    PORTFOLIO: "04-portfolio.ipynb",
    WHERE_NEXT: "07-where-next.ipynb",
}
READS: Final = {
    CLEAN: (CLEAN,),
    COUNT: (CLEAN, COUNT),
    "effect": (CLEAN, COUNT, "effect"),
    PORTFOLIO: (CLEAN, COUNT, "effect", PORTFOLIO),
    WHERE_NEXT: (CLEAN, COUNT, "effect", WHERE_NEXT),
}


@dataclass
class _Run:
    """A run under way: where it works, and what became of its notebooks so far."""

    study: Study
    work: Work
    notebooks: Path
    total: int
    tell: Tell
    foresee: Foresee
    journal: Journal
    took: Mapping[str, float]
    began: datetime = field(default_factory=now)
    start: float = field(default_factory=time.monotonic)
    waiting: list[str] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def execute(self, labels: Sequence[str], notebook: str, also: Iterable[str] = ()) -> bool:
        """Run one notebook once per label, where it is not done; whether all succeeded."""
        jobs, keys = [], {}
        for label in labels:
            job = Job(label, self.notebooks / NOTEBOOKS[notebook], self.work.executed(label),
                      self.parameters(label, notebook))  # fmt: skip
            keys[label] = self.key(job, notebook, also)
            if self.work.is_done(label, keys[label]):
                self.tell_of(Outcome(job=job, seconds=0.0))
                continue
            self.work.forget(label)
            self.clear(label)
            jobs.append(job)
        self.foresee(self.seconds_left())
        if jobs:
            run_notebooks(jobs, tell=lambda done: self.note(done, keys[done.job.label]))
        return all(self.outcomes[label].succeeded for label in labels)

    def note(self, outcome: Outcome, key: str) -> None:
        """One more notebook is done: write it down, so that no later run does it again."""
        label = outcome.job.label
        entry = {
            "key": key,
            "notebook": outcome.job.notebook.name,
            "parameters": shown_parameters(outcome.job.parameters),
            "outcome": "done" if outcome.succeeded else "failed",
            "problem": outcome.problem,
            "seconds": round(outcome.seconds, 1),
            "made_on": now().isoformat(timespec="seconds"),
        }
        self.work.note(label, entry, [outcome.job.output, *self.left_by(label)]
                       if outcome.succeeded else ())  # fmt: skip
        told = {name: entry[name] for name in ("outcome", "problem", "seconds")}
        self.journal.note("notebook", label=label, **told)
        self.tell_of(outcome)

    def tell_of(self, outcome: Outcome) -> None:
        """Say that a notebook is done, and how long the rest may take."""
        label = outcome.job.label
        self.outcomes[label] = outcome
        self.waiting = [one for one in self.waiting if one != label]
        self.tell(len(self.outcomes), self.total, label, outcome.seconds)
        self.foresee(self.seconds_left())

    def seconds_left(self) -> float:
        """Seconds that the rest will take, by earlier runs, two at once; NaN if not known."""
        known = [self.took[label] for label in self.waiting if self.took.get(label)]
        usual = sum(known) / len(known) if known else float("nan")
        left = {label: self.took.get(label) or usual for label in self.waiting}
        alone = sum(left.pop(label) for label in LABELS if label in left)
        return alone + sum(left.values()) / 2

    def clear(self, label: str) -> None:
        """Remove what an earlier run of a notebook has left for the others."""
        if label == CLEAN:
            storage.remove_folder(self.work.tables)
            storage.make_folder(self.work.tables, private=True)
        for path in self.left_by(label):
            storage.remove_folder(path) if path.is_dir() else storage.remove_file(path)

    def left_by(self, label: str) -> list[Path]:
        """What a notebook has left in the tables: counting, all that cleaning has not."""
        if label in (CLEAN, COUNT):
            outputs = self.work.entry(CLEAN).get("outputs", {})
            found = sorted(self.work.tables.glob("*"))
            return [path for path in found if f"tables/{path.name}" not in outputs]
        return sorted((self.work.tables / "effects").glob(f"{label}.*"))

    def key(self, job: Job, notebook: str, also: Iterable[str]) -> str:
        """Key of one notebook with all that it reads."""
        read = [self.notebooks / NOTEBOOKS[name] for name in READS[notebook]]
        return notebook_key(
            self.work.manifest["key"], read, shown_parameters(job.parameters), also=also
        )

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


def make_report(
    work: Work,
    study: Study,
    *,
    wanted: Sequence[str],
    newest: bool,
    tell: Tell,
    foresee: Foresee,
    journal: Journal,
) -> RunRecord:
    """Clean, count, estimate each, gather, publish; what is done already is not done again.

    Raises
    ------
    InputError
        For a fault of a file or a setting; then nothing has been run.
    """
    for identifier in wanted:
        _refuse_unknown(identifier, study)
    refuse_no_periods(study)  # every fault of a file ends the run here
    notebooks = find_notebooks(study)
    turns_on = study.cleaned.turns_on
    turned = "" if pd.isna(turns_on) else f"{turns_on:%Y-%m-%d}"
    if "turns_on" not in work.manifest:
        work.save(as_of=f"{study.as_of:%Y-%m-%d}", turns_on=turned)
    listed = dict.fromkeys(study.partnerships["partnership_id"])
    labels = [key for key in listed if key not in study.not_begun and key in (wanted or listed)]
    run = _Run(study, work, notebooks, len(labels) + 4, tell, foresee, journal,
               seconds_before(study.practice), waiting=[*LABELS, *labels])  # fmt: skip
    for label in (CLEAN, COUNT):
        if not run.execute([label], label):
            _keep_failed(run)
            said = _in_words(label, run.failed[label], study)
            return RunRecord(f"{study.as_of:%Y-%m-%d}", None, (said,), failed=(label,))
    return _estimate_and_publish(run, labels, wanted, newest=newest)


def _estimate_and_publish(
    run: _Run, labels: Sequence[str], wanted: Sequence[str], *, newest: bool
) -> RunRecord:
    """Estimate each partnership, gather them, and publish."""
    study, tables = run.study, run.work.tables
    made = open_study(study.practice.path, as_of=study.as_of, tables=tables)
    run.execute(labels, "effect", also=[_estimate_together(run, made)])
    for identifier, effect in made.without_number.items():
        if not wanted or identifier in wanted:
            kept.write_effect(effect, tables / "effects", private=True)
    carried = _carry_over(made, wanted, run)
    mine = {label for label in labels if run.outcomes[label].succeeded}
    without = {key for key in made.without_number if not wanted or key in wanted}
    _keep_effects_of(run.work, mine | without | set(carried))
    effects = sorted((tables / "effects").glob("*"))
    prints = [f"{path.name} {storage.fingerprint(path)}" for path in effects]
    for label in (PORTFOLIO, WHERE_NEXT):
        run.execute([label], label, also=prints)
    _keep_failed(run)
    return _publish(run, made, carried, wanted, newest=newest)


def _publish(
    run: _Run, made: Study, carried: Mapping[str, Path], wanted: Sequence[str], *, newest: bool
) -> RunRecord:
    """Publish the edition, leave the tables for notebooks, and write down that it is done."""
    practice, work = made.practice, run.work
    if work_key(practice, asked=as_day(work.manifest["asked"])) != work.manifest["key"]:
        raise FilesChangedError(practice.path)
    as_of = f"{made.as_of:%Y-%m-%d}"
    edition = Edition(
        study=made,
        effects=made.effects,
        executed={label: done.job.output for label, done in run.outcomes.items()},
        failed=run.failed,
        carried=carried,
        stale=_last_pages(run, as_of),
    )
    seconds = time.monotonic() - run.start
    manifest = run_manifest(practice, work, run.outcomes, began=run.began, seconds=seconds)
    manifest["pages"] = _pages(run, edition)
    index = publish_edition(edition, manifest=manifest)
    _leave_tables(run, newest=newest)
    problems = [p for p in register_problems(made) if not wanted or p.split(":")[0] in wanted]
    problems += [_in_words(label, said, made) for label, said in run.failed.items()]
    if not run.failed:
        known = sorted(set(made.register.names["partnership_id"]))
        told = {"as_of": as_of, "only": sorted(wanted), "known": known, "problems": problems}
        work.save(published=told)
    stale = lastgood.stale_pages(edition.folder)
    return RunRecord(as_of, index, tuple(problems), failed=tuple(run.failed), stale=stale)


class FilesChangedError(DataError):
    """Files changed while a run read them."""

    def __init__(self, practice: Path) -> None:
        super().__init__(
            f"{practice}: this file, or one that it names, changed while the run was going on, so "
            "nothing was published. Run again when all files are in place."
        )


# ------------------------------------------------------------------ steps
def find_notebooks(study: Study) -> Path:
    """Folder of the notebooks: the practice's own, or those beside the package.

    Raises
    ------
    SettingsError
        If there are none, or one takes other parameters than a run gives it.
    """
    for folder in (study.practice.folder, Path(__file__).parents[3]):
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


def _refuse_unknown(identifier: str, study: Study) -> None:
    known = list(dict.fromkeys(study.register.names["partnership_id"]))
    if identifier not in known:
        raise SettingsError(
            f'--only: the register has no partnership "{identifier}". It has '
            f"{', '.join(known) or 'none'}."
        )


def _estimate_together(run: _Run, made: Study) -> str:
    """Leave all estimates for the notebooks, where they are not there; whether they are."""
    work = run.work
    key = run.key(Job(ESTIMATES, Path(), Path(), run.parameters(ESTIMATES, "")), COUNT, ())
    if work.is_done(ESTIMATES, key):
        return "together"
    work.forget(ESTIMATES)
    storage.remove_folder(work.tables / "estimates")
    storage.remove_file(work.tables / kept.STANDINGS_FILE)
    start = time.monotonic()
    with suppress(Exception):  # each page then estimates by itself, and only its own can fail
        made.keep_estimates()
        seconds = round(time.monotonic() - start, 1)
        files = [*(work.tables / "estimates").glob("*"), work.tables / kept.STANDINGS_FILE]
        work.note(ESTIMATES, {"key": key, "outcome": "done", "seconds": seconds}, files)
        return "together"
    return "each by itself"


def _carry_over(made: Study, wanted: Sequence[str], run: _Run) -> dict[str, Path]:
    """Pages that stay as they are, by id; their effects join those of this run."""
    folder = kept.reports_folder(made.practice) / f"{made.as_of:%Y-%m-%d}"
    if not wanted or not folder.exists():
        return {}
    carried = {}
    made_by = lastgood.manifest_of(folder).get("notebooks", {})
    for identifier, effect in kept.read_effects(folder / "effects").items():
        page = folder / f"{identifier}.html"
        if identifier in {*wanted, *run.failed} or not page.exists():
            continue
        carried[identifier] = page
        key = made_by.get(identifier, {}).get("key", "")
        if not run.work.is_done(identifier, key):
            kept.write_effect(effect, run.work.tables / "effects", private=True)
    return carried


def _keep_effects_of(work: Work, labels: set[str]) -> None:
    """Remove effects of all partnerships but these."""
    for path in (work.tables / "effects").glob("*"):
        if path.name.split(".")[0] not in labels:
            storage.remove_file(path)


def _last_pages(run: _Run, as_of: str) -> dict[str, lastgood.LastGood]:
    """The last good page of every notebook that failed, by label."""
    folder = kept.reports_folder(run.study.practice)
    found = {label: lastgood.last_good(folder, label, as_of=as_of) for label in run.failed}
    return {label: good for label, good in found.items() if good is not None}


def _pages(run: _Run, edition: Edition) -> dict[str, dict[str, str]]:
    """State, day of making and day of the data of every page, by label."""
    entries = {label: run.work.entry(label) for label in run.outcomes}
    today = f"{now():%Y-%m-%d}"

    def entry(state: str, label: str = "") -> dict[str, str]:
        made_on = str(entries.get(label, {}).get("made_on", today))[:10]
        return {"state": state, "made_on": made_on, "as_of": edition.as_of}

    pages = {label: entry(lastgood.MADE) for label in edition.study.without_number}
    pages |= {label: entry(lastgood.MADE, label) for label in run.outcomes}
    pages["data-quality"] = entry(lastgood.MADE, CLEAN)
    before = lastgood.pages_of(edition.folder)
    for label in edition.carried:
        was = before.get(label, entry(lastgood.AS_IT_WAS))
        state = was["state"] if was["state"] == lastgood.STALE else lastgood.AS_IT_WAS
        pages[label] = {**was, "state": state}
    pages |= {label: entry(lastgood.NOT_MADE) for label in run.failed}
    pages |= {label: good.entry for label, good in edition.stale.items()}
    return {label: said for label, said in pages.items() if label not in (CLEAN, COUNT)}


def _leave_tables(run: _Run, *, newest: bool) -> None:
    """Leave the tables of this run for notebooks that are opened by hand."""
    practice, as_of = run.study.practice, run.study.as_of
    folder = kept.processed_folder(practice)
    staging = storage.make_staging(folder, private=True)
    tables = storage.copy_folder(run.work.tables, staging / "tables")
    turns_on = run.work.manifest["turns_on"]
    kept.write_key(practice, tables, as_of=as_of, newest=newest, turns_on=turns_on)
    storage.publish(tables, folder / "tables")
    storage.remove_folder(staging)


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
