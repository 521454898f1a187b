"""Each page that may be passed on: what stands on it, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

import partner_analysis
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
    named_rows,
    rows_of,
)
from partner_analysis.reporting.shareable.effects import ToldEffect
from partner_analysis.reporting.shareable.partners import Partner
from partner_analysis.reporting.shareable.published import Published
from partner_analysis.reporting.shareable.rows import (
    has_full_year,
    no_full_year_words,
    period_text,
    rows_alt,
    rows_sentence,
    rows_title,
)
from partner_analysis.reporting.study import Study

FOR_ALL: Final = "board"
Section = tuple[str, Sequence[str | Shown]]


# ------------------------------------------------------------------ one partner
def partner_page(
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
    counts: list[str | Shown] = [rows_sentence(rows, partner.whom)]
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
def board_page(
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
    counts: list[str | Shown] = [rows_sentence(rows, "of every kind, at all clinics")]
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
    title = rows_title(rows, what)
    since = "" if start is None else f" The partnership began in {month_text(start)}."
    if start is not None and not has_full_year(rows, start):
        return [no_full_year_words(start), _rows_table(rows, what)]
    figure = plot_told(
        rows, title=title, subtitle=f"New patients who came.{since}", alt=rows_alt(rows, what)
    )
    return [show(figure), _rows_table(rows, what)]


def _rows_table(rows: list[Row], what: str) -> Shown:
    texts = [(period_text(row.period), row.text) for row in rows]
    title = rows_title(rows, what)
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
