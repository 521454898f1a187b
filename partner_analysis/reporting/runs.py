"""One run, fit to be left alone: one at a time, nothing done twice, the last good report stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.exports.cut import as_day
from partner_analysis.practice import Practice, load_practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.counted import find_upwards
from partner_analysis.reporting.notebooks import Engine, prepare, run_notebooks
from partner_analysis.reporting.running import lastgood, outcomes, refusals
from partner_analysis.reporting.running.keys import notebooks_digest, work_key
from partner_analysis.reporting.running.outcomes import Foresee, RunRecord, Tell
from partner_analysis.reporting.running.retention import tidy
from partner_analysis.reporting.running.stopping import Stopping
from partner_analysis.reporting.running.work import Work, open_work

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

__all__ = ["RunRecord", "run_practice"]


def run_practice(
    practice: str | Path,
    *,
    as_of: str | None = None,
    only: Iterable[str] = (),
    force: bool = False,
    engine: Engine = "fast",
    scheduler: str = "",
    tell: Tell = lambda done, total, label, seconds: None,
    foresee: Foresee = lambda seconds: None,
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
    force
        Run all notebooks, also those whose inputs have not changed.
    engine, scheduler
        How and where cells are run, as for ``run_notebooks``; the pages are the same.
    tell
        Called after each notebook with how many are done, of how many, which, and its seconds:
        0 for one that was done by an earlier run.
    foresee
        Called with the seconds that the rest will probably take; NaN where nobody knows.

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
    OSError
        If the disk is full or fails; the last report stands as it was.
    Stopped
        If a signal asks for it; every process that the run has started is ended.
    """
    path = find_upwards(Path(practice).expanduser())
    with refusals.marking_settings(path):
        settings = load_practice(path)
    asked, wanted = as_day(as_of), list(dict.fromkeys(only))
    folder, reports = kept.processed_folder(settings), kept.reports_folder(settings)
    for place in (folder, reports):
        storage.probe_folder(place)
    with outcomes.recorded(settings) as told, Stopping(), storage.locked(folder):
        told.journal.note("began", asked=as_of or "", only=wanted, force=force)
        for place in (folder, reports):
            storage.mend(place)
        given = {"wanted": wanted, "tell": tell, "foresee": foresee, "journal": told.journal}
        given["run_all"] = partial(run_notebooks, engine=engine, scheduler=scheduler)
        ready = partial(prepare, engine) if not scheduler else _nothing
        with refusals.marking(reports, settings.path, as_of=_day(asked)):
            told.record = _run(settings, asked, scheduler, force=force, ready=ready, **given)
        if told.record.index is not None:
            refusals.clear_refused(reports, until=told.record.as_of)
        removed = tidy(settings, spare=told.record.as_of)
        if removed:
            told.journal.note("removed", editions=removed)
    return told.record


def _day(asked: pd.Timestamp | None) -> str:
    """A day as it names a report; nothing for the newest."""
    return "" if asked is None else f"{asked:%Y-%m-%d}"


def _nothing() -> None:
    """What this machine has to prepare where others do the work."""


def _run(
    settings: Practice,
    asked: pd.Timestamp | None,
    scheduler: str,
    *,
    force: bool,
    ready: Callable[[], None],
    **given: Any,
) -> RunRecord:
    """What the last run published, where nothing has changed since; else a new report."""
    for again in (False, True):
        work = open_work(settings, work_key(settings, asked=asked), asked=asked, force=force)
        record = _unchanged(settings, work, given["wanted"])
        if record is not None:
            return record
        ready()
        from partner_analysis.reporting.running import making  # it loads all that estimates

        study = _study(settings, asked, work, force=force)
        if scheduler:
            study.run_all = partial(_cluster(), scheduler=scheduler, folder=settings.folder)
        try:
            return making.make_report(work, study, newest=asked is None, **given)
        except making.FilesChangedError:
            work.discard()
            if again:
                raise
            given["journal"].note("files changed")
            settings = load_practice(settings.path)
    raise AssertionError("two rounds either return or raise")


def _cluster() -> Callable[..., Iterator[Any]]:
    """What shares work among the workers of a cluster, loaded only where there is one."""
    from partner_analysis.reporting.notebooks.cluster import by_cluster

    return by_cluster


def _study(settings: Practice, asked: pd.Timestamp | None, work: Work, *, force: bool) -> Study:
    """The practice at its date; what is cleaned and counted already is read, unless forced."""
    from partner_analysis.reporting.editions import LABELS
    from partner_analysis.reporting.study import Study, open_study

    if all(work.is_whole(label) for label in LABELS[:2]):
        return Study(settings, asked=asked, tables=work.tables)
    return Study(settings, asked=asked) if force else open_study(settings.path, as_of=asked)


def _unchanged(settings: Practice, work: Work, wanted: Sequence[str]) -> RunRecord | None:
    """What was published from this very work, if it stands as it was published; else None."""
    published = work.manifest.get("published", {})
    if not published or not _covers(published, wanted):
        return None
    if published["notebooks"] != notebooks_digest(settings):
        return None
    folder = kept.reports_folder(settings)
    edition = folder / published["as_of"]
    same = lastgood.manifest_of(edition).get("work_key") == work.manifest["key"]
    if not same or not lastgood.is_whole(edition):
        return None
    storage.point_latest(max(lastgood.editions(folder)))
    return RunRecord(
        as_of=published["as_of"],
        index=edition / "index.html",
        problems=tuple(published["problems"]),
        unchanged=True,
        stale=lastgood.stale_pages(edition),
    )


def _covers(published: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    """Whether what was published was made for all that is wanted; an id not known never was."""
    only = published["only"]
    return not only if not wanted else set(wanted) <= set(only or published["known"])
