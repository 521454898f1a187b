"""Which pages of a report are new, which are older, and how those that are older are marked."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from partner_analysis import storage
from partner_analysis.reporting import kept
from partner_analysis.reporting.editions import Edition
from partner_analysis.reporting.running import lastgood
from partner_analysis.reporting.running.execution import CLEAN, COUNT, Execution
from partner_analysis.reporting.running.journal import now
from partner_analysis.reporting.running.refusals import KEY, without_mark


def last_pages(run: Execution, as_of: str) -> dict[str, lastgood.LastGood]:
    """The last good page of every notebook that failed, by label."""
    folder = kept.reports_folder(run.study.practice)
    found = {label: lastgood.last_good(folder, label, as_of=as_of) for label in run.failed}
    return {label: good for label, good in found.items() if good is not None}


def state_of_pages(run: Execution, edition: Edition) -> dict[str, dict[str, str]]:
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


def mark_report(folder: Path, *, as_of: str) -> dict[str, str]:
    """Mark every page of the newest report up to a day as one that could not be made anew.

    Returns
    -------
    dict
        Day of making by page; empty where there is no report.
    """
    found = [edition for edition in lastgood.editions(folder) if edition.name <= as_of]
    if not found:
        return {}
    staging = storage.make_staging(folder)
    try:
        copy = storage.copy_folder(found[-1], staging / found[-1].name)
        _mark_pages(copy)
        storage.publish(copy, found[-1])
    finally:
        storage.remove_folder(staging)
    return dict(lastgood.stale_pages(found[-1]))


def _mark_pages(edition: Path) -> None:
    """Give every page that was made a banner, and say so in the manifest.

    The report is then no longer what its work would give, so that the next run publishes it anew.
    """
    manifest, pages = lastgood.manifest_of(edition), lastgood.pages_of(edition)
    manifest.pop(KEY, None)
    whole = {"state": lastgood.MADE, "made_on": manifest.get("began", edition.name)[:10]}
    for page in sorted(edition.glob("*.html")):
        entry = pages.get(page.stem, {**whole, "as_of": edition.name})
        if entry["state"] == lastgood.NOT_MADE:
            continue
        good = lastgood.LastGood(page, entry["made_on"], entry["as_of"])
        text = without_mark(storage.read_bytes(page).decode("utf-8"))
        marked = lastgood.with_banner(text, good.words(today=pd.Timestamp.now()))
        storage.write_text(marked, page)
        pages[page.stem] = good.entry
    files = lastgood.fingerprints_of(edition)
    told = {**manifest, "work_key": "", "pages": pages, "files": files}
    storage.write_json(told, edition / "manifest.json")
