"""One edition of the report: its pages and files, made aside and published whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting import kept
from partner_analysis.reporting.downloads import write_downloads
from partner_analysis.reporting.editions import (
    LABELS,
    Edition,
    frame_of,
    names_of,
    previous_edition,
)
from partner_analysis.reporting.front import overview_page
from partner_analysis.reporting.numbers import day_text
from partner_analysis.reporting.pages import Frame, notebook_page, notice_page
from partner_analysis.reporting.portfolio.decisions import decision_sentence
from partner_analysis.reporting.reasons import basis_of
from partner_analysis.reporting.running.lastgood import editions, fingerprints_of, with_banner
from partner_analysis.reporting.running.refusals import without_mark
from partner_analysis.reporting.standings import first_review_sentence
from partner_analysis.reporting.wording import effect_sentence

ONCE: Final = {
    LABELS[2]: "Which partnerships should we keep, grow, change or end?",
    LABELS[3]: "Where else should we look for a partner?",
}


def publish_edition(edition: Edition, *, manifest: Mapping[str, Any]) -> Path:
    """Index page of the edition, now published whole; until then readers see the last one.

    ``latest`` leads to the newest date, also when an older report is made again.
    """
    staging = storage.make_staging(edition.folder.parent)
    try:
        _write_pages(edition, staging, manifest)
        _write_effects(edition, staging)
        files = fingerprints_of(staging)
        storage.write_json({**manifest, "files": files}, staging / "manifest.json")
        storage.publish(staging, edition.folder)
    finally:
        storage.remove_folder(staging)
    storage.point_latest(max(editions(edition.folder.parent)))
    return edition.folder / "index.html"


# ------------------------------------------------------------------ files
def _write_pages(edition: Edition, staging: Path, manifest: Mapping[str, Any]) -> None:
    """Write every page of the edition into its staging folder."""
    before = previous_edition(edition)
    listed = edition.study.partnerships
    for label, path in edition.executed.items():
        if label in edition.failed or label in LABELS:
            continue
        stretches = listed.loc[listed["partnership_id"] == label]
        frame = _partner_frame(edition, edition.effects[label], stretches)
        storage.write_text(notebook_page([path], frame=frame), staging / frame.here)
    faults = edition.study.faults
    for identifier, effect in edition.study.without_number.items():
        if identifier in edition.effects:
            page = (_unfit_page if identifier in faults else _waiting_page)(edition, effect)
            storage.write_text(page, staging / f"{identifier}.html")
    for label, problem in edition.failed.items():
        page = _stale_page(edition, label) or _failed_page(edition, label, problem, before)
        storage.write_text(page, staging / f"{label}.html")
    for identifier, path in edition.carried.items():
        page = storage.read_bytes(path).decode("utf-8")
        storage.write_text(without_mark(page), staging / f"{identifier}.html")
    _write_pages_of_all(edition, staging)
    overview = overview_page(edition, before, manifest=manifest)
    storage.write_text(overview, staging / "index.html")


def _write_pages_of_all(edition: Edition, staging: Path) -> None:
    """Write the pages that are not about one partnership."""
    exports, counts, *_ = LABELS
    made = {label: [edition.executed[label]] for label in ONCE if label not in edition.failed}
    titles = ONCE | {"data-quality": "Can we trust these exports?"}
    made["data-quality"] = [edition.executed[exports], edition.executed[counts]]
    for label, notebooks in made.items():
        frame = frame_of(edition, titles[label], label)
        storage.write_text(notebook_page(notebooks, frame=frame), staging / frame.here)


def _write_effects(edition: Edition, staging: Path) -> None:
    """Write the numbers of the edition into its staging folder."""
    standings = edition.study.standings
    write_downloads(edition, staging)
    kept.write_standings(standings, staging)
    kept.write_basis(basis_of(edition.study), staging)
    for effect in edition.effects.values():
        kept.write_effect(effect, staging / "effects")


# ------------------------------------------------------------------ pages
def _partner_frame(
    edition: Edition, effect: Effect, stretches: pd.DataFrame | None = None
) -> Frame:
    """Frame of a partnership's page: the question with its name, and when it ran."""
    title = f"Did {effect.name} bring patients who would not have come?"
    parts = [effect.kind] if effect.kind else []
    if stretches is not None and len(stretches):
        start = stretches["start_date"].min()
        word = "since" if start <= edition.study.as_of else "begins on"
        parts.append(f"{word} {day_text(start)}")
        if stretches["end_date"].notna().all():
            parts.append(f"ended {day_text(stretches['end_date'].max())}")
    frame = frame_of(edition, title, effect.partnership_id)
    decision = decision_sentence(edition.study, effect.partnership_id)
    return replace(frame, kicker=" · ".join(parts), decision=decision)


def _waiting_page(edition: Edition, effect: Effect) -> str:
    """Page of a partnership that begins after the day of the report."""
    frame = _partner_frame(edition, effect)
    first = first_review_sentence(edition.study.standings.get(effect.partnership_id))
    return notice_page(f"{effect_sentence(effect)} {first}".strip(), sections=[], frame=frame)


def _unfit_page(edition: Edition, effect: Effect) -> str:
    """Page of a partnership whose row in the register cannot be used."""
    partnerships = edition.study.practice.tables.partnerships
    return notice_page(
        f"The data cannot say what {effect.name} changed: its entry in the register of "
        "partnerships cannot be used.",
        sections=[
            ("What is wrong?", effect.notes),
            ("What to do next", [f"Correct {partnerships}, and make the report again."]),
        ],
        frame=_partner_frame(edition, effect),
    )


def _stale_page(edition: Edition, label: str) -> str:
    """The last good page of a label with a banner that says so; "" where there is none."""
    if label not in edition.stale:
        return ""
    good = edition.stale[label]
    page = storage.read_bytes(good.page).decode("utf-8")
    return with_banner(without_mark(page), good.words(today=pd.Timestamp.now()))


def _failed_page(edition: Edition, label: str, problem: str, before: Path | None) -> str:
    """Page in place of one that could not be made."""
    names = names_of(edition)
    title = (
        f"Did {names[label]} bring patients who would not have come?"
        if label in names
        else ONCE[label]
    )
    done = [f"{problem} The other pages of this report are not touched by this."]
    if before is not None and (before / f"{label}.html").exists():
        done.append(f"The report of {before.name} has the last page that could be made.")
    return notice_page(
        "This page could not be made this time.",
        sections=[
            ("What happened?", done),
            (
                "What to do next",
                [
                    "The notebook, as far as it ran, and the full message are kept in the "
                    f"private folder data/processed/{edition.study.practice.slug}/failed/{label}. "
                    "They may show a patient, so they stay inside the practice."
                ],
            ),
        ],
        frame=frame_of(edition, title, label),
    )
