"""Writes the pages that may be passed on: a file for each partner, and one that names none."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

import partner_analysis
from partner_analysis import storage
from partner_analysis.reporting import kept
from partner_analysis.reporting.accounts import new_patient_words
from partner_analysis.reporting.display import show
from partner_analysis.reporting.figures.told import plot_told
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import month_text
from partner_analysis.reporting.pages import Frame, notice_page
from partner_analysis.reporting.pitch import NO_BASIS
from partner_analysis.reporting.shareable import words
from partner_analysis.reporting.shareable.contributions import (
    contributions_of,
    contributions_table,
    given_sentence,
    kinds_by_year,
    kinds_table,
)
from partner_analysis.reporting.shareable.counts import (
    EVERYBODY,
    Row,
    Scope,
    answer_named,
    answer_questions,
    named_rows,
    rows_of,
)
from partner_analysis.reporting.shareable.effects import ToldEffect, told_effect
from partner_analysis.reporting.shareable.partners import Partner, partners_of
from partner_analysis.reporting.shareable.published import (
    Published,
    close_quarters,
    read_published,
    write_published,
)
from partner_analysis.reporting.study import Study

FOLDER: Final = "shareable"
FOR_ALL: Final = "board"
Section = tuple[str, Sequence[str | Shown]]


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
    pages = {key: _partner_page(study, published, one, effects[key]) for key, one in listed.items()}
    return pages | {FOR_ALL: _board_page(study, published, effects, listed, by_clinic)}


# ------------------------------------------------------------------ one partner
def _partner_page(
    study: Study, published: Published, partner: Partner, told: ToldEffect | None
) -> str:
    """The page for one partner; of a provider without any number of patients."""
    standing = study.standings.get(partner.key)
    if partner.is_provider:
        answer, what = words.CARE_ONLY, "What was done together?"
        numbers: list[Section] = [
            ("How did patients fare?", words.benefit_words(study.care(partner.key)))
        ]
    else:
        answer, what = words.answer_words(told, standing), "What did both sides give?"
        numbers = _of_partner(study, published, partner, told)
    sections: list[Section] = [
        *numbers,
        (what, _given(study, partner)),
        *_next_talk(study, partner),
        ("What this is not", NO_BASIS),
        ("What this page rests on", _about(study, has_counts=not partner.is_provider)),
    ]
    title = f"Partnership with {partner.name}"
    kicker = f"May be shared with {partner.name} · {partner.when}"
    return notice_page(answer, sections=sections, frame=_frame(study, title, kicker, partner.key))


def _next_talk(study: Study, partner: Partner) -> list[Section]:
    """When both sides meant to talk again; nothing of a partnership that is over."""
    if pd.notna(partner.ended):
        return []
    standing, silent = study.standings.get(partner.key), partner.is_provider
    said = words.talk_words(partner.review, standing, as_of=study.as_of, silent=silent)
    return [("When do both sides talk next?", said)]


def _given(study: Study, partner: Partner) -> list[str | Shown]:
    """What both sides gave, as a sentence and a table."""
    name, is_provider = partner.name, partner.is_provider
    done = contributions_of(
        study.register.activities, study.register.flows, partner.key,
        is_provider=is_provider, as_of=study.as_of,
    )  # fmt: skip
    given: list[str | Shown] = [given_sentence(done, is_provider=is_provider)]
    if len(done):
        given.append(contributions_table(done, partner=name, is_provider=is_provider))
    return given


def _of_partner(
    study: Study, published: Published, partner: Partner, told: ToldEffect | None
) -> list[Section]:
    """How sure the answer is, what it was compared with, and the counts."""
    period = {"until": study.complete_until, "first": partner.start.year - 1}
    rows = rows_of(published, partner.scope, **period)
    counts: list[str | Shown] = [words.rows_sentence(rows, partner.whom)]
    sections: list[Section] = [
        ("How sure is this?", words.uncertainty_words(told)),
        ("How many new patients came?", [*counts, *_counted(rows, "new patients", partner.start)]),
    ]
    period["first"] = partner.start.year
    named = named_rows(published, partner.key, **period)
    if named:
        said = (
            f"New patients of the whole practice who named {partner.name} when asked, by year. "
            "A year is told once it is over."
        )
        table = _rows_table(named, "new patients who named the partner")
        sections.append((f"How many named {partner.name}?", [said, table]))
    return [*sections, ("How was this worked out?", words.method_words(told))]


# ------------------------------------------------------------------ a board or a talk
def _board_page(
    study: Study,
    published: Published,
    effects: Mapping[str, ToldEffect | None],
    listed: Mapping[str, Partner],
    by_clinic: Sequence[Scope],
) -> str:
    """The page over all partnerships, without the name of one."""
    told = [effect for effect in effects.values() if effect is not None]
    providers = sum(one.is_provider for one in listed.values())
    answer = words.verdicts_words(
        told, waiting=len(listed) - providers - len(told), providers=providers
    )
    period = {"until": study.complete_until, "first": study.counts["period"].min().year}
    rows = rows_of(published, EVERYBODY, **period)
    counts: list[str | Shown] = [words.rows_sentence(rows, "of every kind, at all clinics")]
    clinics = _clinics_table(published, by_clinic, period)
    kinds = kinds_by_year(study.register.activities, as_of=study.as_of)
    sections: list[Section] = [
        ("How many new patients came?", [*counts, *_counted(rows, "new patients", None)]),
        ("Where did they come?", [clinics]),
        ("What was done in partnerships?", [kinds_table(kinds)] if len(kinds) else []),
        ("How was this worked out?", [*words.method_words(None), words.NOT_WHY]),
        ("What this is not", NO_BASIS),
        ("What this page rests on", _about(study, has_counts=True)),
    ]
    frame = _frame(
        study, "All partnerships together", "May be shared with a board or in a talk", FOR_ALL
    )
    return notice_page(answer, sections=[each for each in sections if each[1]], frame=frame)


def _clinics_table(
    published: Published, by_clinic: Sequence[Scope], period: Mapping[str, Any]
) -> Shown:
    """New patients by clinic and full year."""
    told = {
        scope.clinics[0]: {row.period: row.text for row in rows}
        for scope in by_clinic
        if (rows := rows_of(published, scope, **period))
    }
    years = sorted(set().union(*told.values()))
    table = [[clinic, *(by.get(year, "not open") for year in years)] for clinic, by in told.items()]
    kinds = ["text"] + ["number"] * len(years)
    return html_table(["clinic", *years], table, kinds, title="New patients by clinic and year")


# ------------------------------------------------------------------ shared parts
def _counted(rows: list[Row], what: str, start: pd.Timestamp | None) -> list[str | Shown]:
    """The counts as a table, and as a picture if a full year with the partnership is in it."""
    if not rows:
        return []
    title = words.rows_title(rows, what)
    since = "" if start is None else f" The partnership began in {month_text(start)}."
    if start is not None and not words.has_full_year(rows, start):
        return [words.no_full_year_words(start), _rows_table(rows, what)]
    figure = plot_told(
        rows, title=title, subtitle=f"New patients who came.{since}", alt=words.rows_alt(rows, what)
    )
    return [show(figure), _rows_table(rows, what)]


def _rows_table(rows: list[Row], what: str) -> Shown:
    texts = [(words.period_text(row.period), row.text) for row in rows]
    title = words.rows_title(rows, what)
    return html_table(("period", what), texts, ("text", "number"), title=title)


def _about(study: Study, *, has_counts: bool) -> list[str]:
    return words.about_words(
        as_of=study.as_of,
        until=study.complete_until,
        definition=new_patient_words(study.practice),
        by_week=study.cleaned.period == "week",
        has_counts=has_counts,
    )


def _frame(study: Study, title: str, kicker: str, page: str) -> Frame:
    return Frame(
        title=title,
        practice=study.practice.name,
        as_of="",
        version=partner_analysis.__version__,
        made_up=study.practice.made_up,
        here=f"{page}.html",
        kicker=kicker,
        links=(),
        shareable=True,
    )
