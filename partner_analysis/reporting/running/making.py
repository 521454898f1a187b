"""The making of one report: notebooks that are not done yet, then one published edition."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pandas as pd

from partner_analysis import storage
from partner_analysis.cleaning.exports.cut import as_day
from partner_analysis.reporting import kept
from partner_analysis.reporting.editions import LABELS, Edition
from partner_analysis.reporting.manifests import run_manifest
from partner_analysis.reporting.notebooks import RunAll
from partner_analysis.reporting.problems import refuse_no_periods, register_problems
from partner_analysis.reporting.publishing import publish_edition
from partner_analysis.reporting.readied import keep_estimate, keep_posed
from partner_analysis.reporting.running import lastgood
from partner_analysis.reporting.running.execution import (
    CLEAN,
    COUNT,
    ESTIMATE,
    PORTFOLIO,
    POSED,
    WHERE_NEXT,
    Execution,
    find_notebooks,
    in_words,
    keep_failed,
)
from partner_analysis.reporting.running.journal import Journal
from partner_analysis.reporting.running.keys import notebooks_digest, work_key
from partner_analysis.reporting.running.outcomes import Foresee, RunRecord, Tell
from partner_analysis.reporting.running.staleness import last_pages, mark_report, state_of_pages
from partner_analysis.reporting.running.work import Work, seconds_before
from partner_analysis.reporting.shareable.editions import share_pages
from partner_analysis.reporting.study import Study, open_study
from partner_analysis.tables import DataError, SettingsError


def make_report(
    work: Work,
    study: Study,
    *,
    wanted: Sequence[str],
    newest: bool,
    tell: Tell,
    foresee: Foresee,
    journal: Journal,
    run_all: RunAll,
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
    notebooks = find_notebooks(study.practice)
    turns_on = study.cleaned.turns_on
    turned = "" if pd.isna(turns_on) else f"{turns_on:%Y-%m-%d}"
    if "turns_on" not in work.manifest:
        work.save(as_of=f"{study.as_of:%Y-%m-%d}", turns_on=turned)
    listed = dict.fromkeys(study.partnerships["partnership_id"])
    labels = [key for key in listed if key not in study.not_begun and key in (wanted or listed)]
    waiting = [*LABELS, *labels, *(ESTIMATE.format(each) for each in listed)]
    waiting += [POSED.format(part) for part in study.goal_parts]
    run = Execution(study, work, notebooks, tell, foresee, journal, run_all,
               seconds_before(study.practice), waiting)  # fmt: skip
    for label in (CLEAN, COUNT):
        if not run.execute([label], label):
            keep_failed(run)
            as_of, said = f"{study.as_of:%Y-%m-%d}", in_words(label, run.failed[label], study)
            stale = mark_report(kept.reports_folder(study.practice), as_of=as_of)
            return RunRecord(as_of, None, (said,), failed=(label,), stale=stale)
    return _estimate_and_publish(run, labels, wanted, newest=newest)


def _estimate_and_publish(
    run: Execution, labels: Sequence[str], wanted: Sequence[str], *, newest: bool
) -> RunRecord:
    """Estimate each partnership, gather them, and publish."""
    study, tables = run.study, run.work.tables
    made = open_study(study.practice.path, as_of=study.as_of, tables=tables)
    together = _estimate_together(run, made)
    run.pose(made.goal_parts, keep_posed)
    run.execute(labels, "effect", also=together)
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
    keep_failed(run)
    return _publish(run, made, carried, wanted, newest=newest)


def _publish(
    run: Execution, made: Study, carried: Mapping[str, Path], wanted: Sequence[str], *, newest: bool
) -> RunRecord:
    """Publish the edition, leave the tables for notebooks, and write down that it is done."""
    practice, work = made.practice, run.work
    if work_key(practice, asked=as_day(work.manifest["asked"])) != work.manifest["key"]:
        raise FilesChangedError(practice.path)
    as_of = f"{made.as_of:%Y-%m-%d}"
    edition = Edition(
        study=made,
        effects=made.effects,
        executed={label: work.executed(label) for label in run.outcomes},
        failed=run.failed,
        carried=carried,
        stale=last_pages(run, as_of),
    )
    seconds = time.monotonic() - run.start
    manifest = run_manifest(practice, work, run.outcomes, began=run.began, seconds=seconds)
    manifest["pages"] = state_of_pages(run, edition)
    index = publish_edition(edition, manifest=manifest)
    not_shared = share_pages(made)
    _leave_tables(run, newest=newest)
    problems = [p for p in register_problems(made) if not wanted or p.split(":")[0] in wanted]
    problems += [in_words(label, said, made) for label, said in run.failed.items()]
    problems += not_shared
    if not run.failed and not not_shared:
        known = sorted(set(made.register.names["partnership_id"]))
        told = {"as_of": as_of, "only": sorted(wanted), "known": known, "problems": problems}
        work.save(published={**told, "notebooks": notebooks_digest(practice)})
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
def _refuse_unknown(identifier: str, study: Study) -> None:
    known = list(dict.fromkeys(study.register.names["partnership_id"]))
    if identifier not in known:
        raise SettingsError(
            f'--only: the register has no partnership "{identifier}". It has '
            f"{', '.join(known) or 'none'}."
        )


def _estimate_together(run: Execution, made: Study) -> list[str]:
    """Leave all estimates for the notebooks: what each partnership's rests on beside its own."""
    listed = list(dict.fromkeys(made.partnerships["partnership_id"]))
    estimated = run.estimate(listed, keep_estimate)
    with suppress(Exception):  # each page then estimates by itself, and only its own can fail
        made.keep_blended()
        return estimated
    return []


def _carry_over(made: Study, wanted: Sequence[str], run: Execution) -> dict[str, Path]:
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


def _leave_tables(run: Execution, *, newest: bool) -> None:
    """Leave the tables of this run for notebooks that are opened by hand."""
    practice, as_of = run.study.practice, run.study.as_of
    folder = kept.processed_folder(practice)
    staging = storage.make_staging(folder, private=True)
    tables = storage.copy_folder(run.work.tables, staging / "tables")
    turns_on = run.work.manifest["turns_on"]
    kept.write_key(practice, tables, as_of=as_of, newest=newest, turns_on=turns_on)
    storage.publish(tables, folder / "tables")
    storage.remove_folder(staging)
