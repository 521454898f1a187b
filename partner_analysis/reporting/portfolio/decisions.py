"""What to do with each alliance, and why, in one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from partner_analysis.attribution.portfolio.recommend import ACTIONS, Recommendation
from partner_analysis.attribution.reviews.held import WATCHING, Standing
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.long_lists import left_out_text, names_text, shown_of
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    day_text,
    list_text,
    month_text,
    number_text,
    short_name,
)

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

ACTION_WORDS: Final = {
    "grow": "Grow",
    "keep": "Keep",
    "change": "Change",
    "wait": "Wait",
    "end": "End",
    "none": "Over",
}
CHANGING: Final = frozenset(ACTION_WORDS[action] for action in ("grow", "change", "end"))
WITH_NAMES: Final = {"wait": "Wait with"}
REASONS: Final = {
    "ended": "It ended {ended}.",
    "not begun": "It begins {began}.",
    "no standing": "Its row in the register has a fault; mend it, then it can be judged.",
    "provider active": "Judged by what is done together, last in {last}.",
    "provider quiet": "Nothing has been noted since {last}: talk, and agree what comes next.",
    "other aims active": "Meant for {aims}, not for patients; last active in {last}.",
    "other aims quiet": (
        "Meant for {aims}, and nothing has been noted since {last}: revive it, or let it go."
    ),
    "watching": "Too young to judge; the first review is of {next}.",
    "data not fit": "The data cannot answer; its page says what it would take.",
    "more and worth more": "More came than chance explains, and it most likely pays.",
    "more, clinic full": (
        "More came than chance explains, and the clinic was full: make room before you grow it."
    ),
    "more, dear": "More came, but hardly enough for what it costs: make it cheaper.",
    "more, weakly founded": "More seem to have come, on weak evidence: keep it and look again.",
    "more, cost not stated": (
        "More came than chance explains; state its cost and what a patient is worth to see "
        "whether to grow it."
    ),
    "more": "More came than chance explains; whether it is worth more of your money is open.",
    "fewer for long": "For a year fewer came than chance explains.",
    "fewer": "Fewer came than without it: find out why with the partner.",
    "likely worth it": "{unclear}, yet most likely worth its small cost.",
    "unlikely worth it for long": "After two years it is most likely not worth its cost.",
    "unlikely worth it": "It is most likely not worth its cost: change what you do together.",
    "small for long": (
        "After two years it is too small to tell: widen it to more clinics or people, or judge "
        "it by another aim."
    ),
    "nothing for long": "After two years no clear change: change what you do together.",
    "waiting tells no more": (
        "{unclear} so far, and, as far as can be foreseen, the numbers will not settle it by "
        "waiting: change what you do together, or judge it by another aim."
    ),
    "not yet known": "No clear answer yet; the next review is of {next}.",
}
OF_EFFECT: Final = (  # these speak of an effect, so they say how good its evidence is
    "more and worth more", "more, clinic full", "more, dear", "more, cost not stated", "more",
    "fewer for long", "fewer",
)  # fmt: skip
UNCLEAR: Final = "No clear change in patients"
UNCLEAR_WORDS: Final = {
    "too small to tell": "Too few patients to tell a change",
    WATCHING: "No review yet",
}
NO_DAY: Final = "a day not noted"


def decisions_sentence(
    recommendations: Mapping[str, Recommendation], names: Mapping[str, str]
) -> str:
    """Give all decisions, the actions one after the other."""
    parts = []
    for action in ACTIONS[:-1]:
        found = [key for key, each in recommendations.items() if each.action == action]
        if found:
            told = sorted(short_name(names.get(key, key), most=45) for key in found)
            verb = WITH_NAMES.get(action, ACTION_WORDS[action])
            parts.append(f"{verb} {names_text(told, of=len(recommendations))}.")
    return " ".join(parts) or "No alliance is running, so there is nothing to decide."


def decision_sentence(study: Study, identifier: str) -> str:
    """Give what to do with one alliance, and why; nothing for one that is over or not listed."""
    found = study.recommendations.get(identifier)
    listed = study.alliances.set_index("partnership_id", drop=False)
    if found is None or found.action == "none" or identifier not in listed.index:
        return ""
    reason = reason_of(found, listed.loc[identifier].to_dict(), study.standings.get(identifier))
    return f"{ACTION_WORDS[found.action]}. {reason}"


def decisions_title(recommendations: Mapping[str, Recommendation]) -> str:
    """Count the decisions as a title."""
    counted = [
        f"{action} {sum(each.action == action for each in recommendations.values())}"
        for action in ACTIONS[:-1]
        if any(each.action == action for each in recommendations.values())
    ]
    running = sum(each.action != "none" for each in recommendations.values())
    if not counted:
        return "There is nothing to decide"
    return f"Of {count_text(running, 'alliance')}: {list_text(counted)}"


def decisions_table(
    recommendations: Mapping[str, Recommendation],
    alliances: pd.DataFrame,
    standings: Mapping[str, Standing],
) -> Shown:
    """Give one decision for each alliance with its reason in one sentence."""
    rows = []
    listed = {str(row["partnership_id"]): row for row in alliances.to_dict("records")}
    for action in ACTIONS:
        for key, each in recommendations.items():
            if each.action == action and key in listed:
                rows.append(
                    (
                        short_name(str(listed[key]["name"])),
                        ACTION_WORDS[action],
                        reason_of(each, listed[key], standings.get(key)),
                        _loss(each),
                    )
                )
    shown = shown_of(rows, first=lambda row: row[1] not in CHANGING)
    heads = ["alliance", "decision", "because", "expected loss of this choice (patients a month)"]
    note = (
        "Each alliance is judged by what it is meant for, by written rules. Expected "
        "loss: new patients a month that the decision would lose, on average over all that the "
        "data fit, also where it is right. Physicians and other providers are judged by what is "
        "done together only."
    )
    part = left_out_text(len(rows), "decisions.csv", which="first those to grow, change or end")
    title, kinds = decisions_title(recommendations), ("text", "text", "text", "number")
    return html_table(heads, shown, kinds, title=title, note=f"{note} {part}".strip())


def reason_of(each: Recommendation, alliance: Mapping[str, Any], standing: Standing | None) -> str:
    """Give why, in one sentence."""
    last = alliance["last_activity"]
    days = {
        "ended": _on(alliance["ended"]),
        "began": _on(alliance["began"]),
        "last": (
            month_text(last) if pd.notna(last) else f"it began, in {month_text(alliance['began'])}"
        ),
        "next": _on(standing.next_review if standing else pd.NaT).removeprefix("on "),
        "unclear": UNCLEAR_WORDS.get(standing.standing, UNCLEAR) if standing else UNCLEAR,
        "aims": list_text([str(aim) for aim in alliance["aims"]]) or "all aims",
    }
    said = REASONS[each.rule].format(**days)
    if each.rule in OF_EFFECT and each.grade in ("moderate", "weak"):
        said += f" Evidence: {each.grade}."
    alone = [] if each.action == "none" else list(alliance.get("paid_alone", ()))
    if not alone:
        return said
    return f"{said} Meant for shared cost, yet the partner paid nothing toward {list_text(alone)}."


def _on(day: pd.Timestamp) -> str:
    return f"on {day_text(day)}" if pd.notna(day) else NO_DAY


def _loss(each: Recommendation) -> str:
    """Give the expected loss of acting wrongly."""
    if each.loss_if_wrong != each.loss_if_wrong:
        return NOT_APPLICABLE
    if each.loss_if_wrong < 0.05:
        return "under 0.1"
    return number_text(each.loss_if_wrong, digits=1)
