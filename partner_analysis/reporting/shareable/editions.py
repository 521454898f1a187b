"""Writes the pages that may be passed on: a file for each partner, and one that names none."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

from partner_analysis import storage
from partner_analysis.reporting import kept
from partner_analysis.reporting.shareable.counts import (
    EVERYBODY,
    Scope,
    answer_named,
    answer_questions,
)
from partner_analysis.reporting.shareable.effects import told_effect
from partner_analysis.reporting.shareable.pages import FOR_ALL, board_page, partner_page
from partner_analysis.reporting.shareable.partners import partners_of
from partner_analysis.reporting.shareable.published import (
    Published,
    close_quarters,
    read_published,
    write_published,
)
from partner_analysis.reporting.study import Study

FOLDER: Final = "shareable"


def share_pages(study: Study) -> list[str]:
    """Write the pages where the practice asks for them; one sentence if they could not be made."""
    if study.practice.audience != "shareable":
        return []
    try:
        write_shareable(study)
    except Exception as error:
        place = storage.keep_private("".join(traceback.format_exception(error)))
        return [
            f"shareable: the pages that may be passed on could not be made "
            f"({type(error).__name__}); those made before stay. See {place} (private: it may show "
            "a patient)."
        ]
    return []


def write_shareable(study: Study) -> Path:
    """Folder ``reports/<practice>/shareable/<as_of>`` that now holds the pages, published whole.

    What is told is noted in ``data/processed/<practice>/published.json`` before any page is out.
    """
    published = read_published(study.practice)
    pages = shareable_pages(study, published)
    write_published(published, study.practice)
    folder = kept.reports_folder(study.practice) / FOLDER
    staging = storage.make_staging(folder)
    try:
        for name, page in pages.items():
            storage.write_text(page, staging / f"{name}.html")
        return storage.publish(staging, folder / f"{study.as_of:%Y-%m-%d}")
    finally:
        storage.remove_folder(staging)


def shareable_pages(study: Study, published: Published) -> dict[str, str]:
    """Every page that may be passed on, by partnership id, and "board" for the one over all.

    ``published`` is the ledger of all that was told; what these pages tell is added to it.
    """
    listed = partners_of(study)
    close_quarters(published, study.counts, study.named, partners=list(study.names))
    counted = [one for one in listed.values() if not one.is_provider]
    clinics = study.counts.groupby("clinic")["new_patients"].sum().sort_values(ascending=False)
    by_clinic = [Scope((str(name),), (), is_coarse=True) for name in clinics.index]
    answer_questions(published, [EVERYBODY, *(one.scope for one in counted), *by_clinic])
    answer_named(published, [one.key for one in counted if not one.is_employer])
    silent = [key for key, one in listed.items() if one.is_provider]
    effects = {key: told_effect(published, study, key, silent=silent) for key in listed}
    pages = {key: partner_page(study, published, one, effects[key]) for key, one in listed.items()}
    return pages | {FOR_ALL: board_page(study, published, effects, listed, by_clinic)}
