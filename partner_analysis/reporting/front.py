"""The overview page of an edition: what changed, the answer for all, a card for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

import partner_analysis
from partner_analysis.reporting import kept
from partner_analysis.reporting.accounts import new_patient_words
from partner_analysis.reporting.changes import (
    FIRST,
    NOTHING,
    beginnings,
    movements,
    reviews_held,
    standing_changes,
)
from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.downloads import FILES
from partner_analysis.reporting.due import decisions_due, nothing_due_sentence
from partner_analysis.reporting.editions import Edition, frame_of, names_of
from partner_analysis.reporting.evidence import together_short
from partner_analysis.reporting.long_lists import named_of
from partner_analysis.reporting.numbers import day_text, level_text, list_text, short_name
from partner_analysis.reporting.overview import luck_sentence, portfolio_parts, portfolio_sentence
from partner_analysis.reporting.pages import index_page
from partner_analysis.reporting.phrases import VERDICT_WORDS, declared_of
from partner_analysis.reporting.portfolio.decisions import decision_sentence, decisions_sentence
from partner_analysis.reporting.quality.verdict import quality_sentence
from partner_analysis.reporting.reasons import basis_of, reasons
from partner_analysis.reporting.standings import (
    first_review_sentence,
    interval_words,
    rate_sentence,
    standing_sentence,
)
from partner_analysis.reporting.wording import effect_sentence

NOT_JUDGED: Final = "Providers, judged by what is done together; numbers of patients decide nothing"
MOST_DUE: Final = 12
NOT_MADE: Final = "Not made"
CHANGED: Final = "What changed since the last report, and why"
QUESTION: Final = "Which partnerships brought patients who would not have come?"


def overview_page(edition: Edition, before: Path | None, *, manifest: Mapping[str, Any]) -> str:
    """The overview: what changed and why, what is due, the answer for all, a card for each."""
    study, effects = edition.study, edition.effects
    changes = _changes(edition, before)
    content = {
        "changes_title": "" if changes == [FIRST] else CHANGED,
        "changes": changes,
        "reasons": _reasons(edition, before, manifest),
        "due": decisions_due(study.standings, study.alliances, study.names, as_of=study.as_of),
        "most_due": MOST_DUE,
        "nothing_due": nothing_due_sentence(study.standings, study.names, as_of=study.as_of),
        "answer": "" if effects else portfolio_sentence({}),
        "verdicts": _verdicts(edition),
        "decided": [decisions_sentence(study.recommendations, study.names)] if effects else [],
        "luck": _luck(edition),
        "unsaid": _unsaid(study),
        "cards": _cards(edition),
        "quality": quality_sentence(study),
        "record": _record(edition),
        "downloads": FILES,
    }
    return index_page(content, frame=frame_of(edition, QUESTION, "index"))


def _reasons(edition: Edition, before: Path | None, manifest: Mapping[str, Any]) -> list[str]:
    """What changed under the report since the one of the date before."""
    if before is None:
        return []
    basis, previous = basis_of(edition.study), kept.read_basis(before)
    return reasons(basis, previous, manifest, kept.read_manifest(before))


def _changes(edition: Edition, before: Path | None) -> list[str]:
    """What is different from the report of the date before, or that this is the first."""
    if before is None:
        return [FIRST, *_left_as_they_were(edition)]
    names, standings = names_of(edition), edition.study.standings
    made = {key: declared_of(effect, standings.get(key)) for key, effect in edition.effects.items()}
    old = kept.read_effects(before / "effects")
    shown = {*made, *edition.failed}
    stood = kept.read_standings(before) or {}
    declared = {
        k: declared_of(e, stood.get(k)) for k, e in old.items() if k in shown or k not in names
    }
    since = pd.Timestamp(before.name)
    now = made | {k: v for k, v in declared.items() if k in edition.failed}
    called = {k: e.name for k, e in old.items()} | names
    starts = edition.study.partnerships.groupby("partnership_id")["start_date"].min().to_dict()
    held = {k: one.reviewed_on for k, one in standings.items() if one.reviewed_on > since}
    changes = [
        *standing_changes(now, declared, names=called, previous_as_of=since, reviewed=held),
        *reviews_held(standings, declared, names, after=since),
        *movements(edition.effects, old),
    ] or [NOTHING]
    changes += beginnings(starts, names, after=since, until=edition.study.as_of)
    until = day_text(edition.study.as_of)
    changes.append(f"The data now reach to {until}; before, to {day_text(since)}.")
    return changes + _left_as_they_were(edition)


def _left_as_they_were(edition: Edition) -> list[str]:
    """Pages that this run did not make, on purpose or because they failed."""
    names = names_of(edition)
    kept_pages = [names.get(identifier, identifier) for identifier in edition.carried]
    still = [f"Not made again, and as they were: {list_text(kept_pages)}."] if kept_pages else []
    return still + [
        f"The page of {names[label]} could not be made this time{_instead(edition, label)}."
        for label in edition.failed
        if label in names
    ]


def _instead(edition: Edition, label: str) -> str:
    """What stands in place of a page that could not be made."""
    return "; an older one stands in its place" if label in edition.stale else ""


def _luck(edition: Edition) -> str:
    """How many would look clear by luck alone, and what a review interval is."""
    said = luck_sentence(edition.effects, standings=edition.study.standings)
    level = level_text(edition.study.practice.level)
    wider = f"To keep it at that, review intervals are wider than {level} intervals."
    return f"{said} {wider}" if said and edition.study.standings else said


def _unsaid(study: CountedStudy) -> str:
    """That some are taken as providers, since nobody has said that they cannot refer."""
    unsaid = len(study.taken_as_providers)
    if not unsaid:
        return ""
    whose = "one partnership" if unsaid == 1 else f"{unsaid:,} partnerships"
    return (
        f"Of {whose} the register does not say whether they can refer patients, so they are taken "
        "as providers. Write no under provider for those who cannot, such as gyms and stores, and "
        "they are judged like the others."
    )


def _verdicts(edition: Edition) -> list[tuple[str, list[tuple[str, str]], int]]:
    """Each standing in words, with pages and names of its partnerships; providers apart.

    Of more than forty partnerships the first eight of each, and how many others.
    """
    effects, providers = edition.effects, edition.study.providers
    judged = {key: effect for key, effect in effects.items() if key not in providers}
    parts = portfolio_parts(judged, standings=edition.study.standings)
    by_name = sorted(set(effects) - set(judged), key=lambda key: effects[key].name.casefold())
    parts |= {NOT_JUDGED: by_name} if by_name else {}
    said = []
    for words, found in parts.items():
        named = named_of(found, of=len(effects))
        links = [(f"{key}.html", short_name(effects[key].name, most=45)) for key in named]
        said.append((words, links, len(found) - len(named)))
    return said


def _cards(edition: Edition) -> list[dict[str, str]]:
    """One card per partnership, by name."""
    names = names_of(edition)
    cards = [_card(edition, identifier) for identifier in edition.effects]
    cards += [
        {
            "key": label,
            "href": f"{label}.html",
            "name": names[label],
            "kind": "",
            "verdict": NOT_MADE,
            "mark": "not-made",
            "sentence": f"{_not_made(edition, label)} {problem}",
            "rate": "",
            "decision": "",
            "next_review": "",
        }
        for label, problem in edition.failed.items()
        if label in names
    ]
    return sorted(cards, key=lambda card: (card["name"].casefold(), card["href"]))


def _not_made(edition: Edition, label: str) -> str:
    """What stands on the page of a partnership that could not be made."""
    if label in edition.stale:
        return edition.stale[label].words(today=pd.Timestamp.now())
    return "This page could not be made this time."


def _card(edition: Edition, identifier: str) -> dict[str, str]:
    """What is declared of one partnership, in short."""
    effect, standing = edition.effects[identifier], edition.study.standings.get(identifier)
    declared = declared_of(effect, standing)
    sentence = standing_sentence(effect, standing, names=names_of(edition))
    if identifier in edition.study.not_begun:
        sentence = f"{effect_sentence(effect)} {first_review_sentence(standing)}".strip()
    return {
        "key": identifier,
        "href": f"{identifier}.html",
        "name": effect.name,
        "kind": effect.kind,
        "verdict": VERDICT_WORDS[declared],
        "mark": declared.replace(" ", "-"),
        "sentence": sentence,
        "rate": f"{rate_sentence(effect)} {_together(edition, identifier)}".strip(),
        "decision": decision_sentence(edition.study, identifier),
        "next_review": _iso(standing.next_review) if standing else "",
    }


def _together(edition: Edition, identifier: str) -> str:
    """The total with those that share its cells; nothing where a provider is one of them."""
    effect = edition.effects[identifier]
    if edition.study.providers & {identifier, *effect.together_with}:
        return ""
    return together_short(effect, names_of(edition))


def _iso(day: pd.Timestamp) -> str:
    """A day as text that sorts; nothing for no day."""
    return f"{day:%Y-%m-%d}" if pd.notna(day) else ""


def _record(edition: Edition) -> list[tuple[str, str]]:
    """The record of the edition, as terms and values."""
    study = edition.study
    return [
        ("Data as of", day_text(study.as_of)),
        ("Complete until", day_text(study.complete_until)),
        ("A new patient is", new_patient_words(study.practice)),
        ("Intervals", interval_words(study.practice.level)),
        ("Version", f"partner-analysis {partner_analysis.__version__}"),
    ]
