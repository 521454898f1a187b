"""The list of all alliances, whom to call first, and how much hangs on one source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.portfolio.alliances import QUIET_DAYS
from partner_analysis.attribution.portfolio.concentration import PROVIDERS, Concentration
from partner_analysis.attribution.reviews.standing import Standing
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.long_lists import left_out_text, names_text, shown_of
from partner_analysis.reporting.numbers import (
    NOT_APPLICABLE,
    count_text,
    day_text,
    list_text,
    month_text,
    number_text,
    short_name,
    span_text,
)
from partner_analysis.reporting.phrases import VERDICT_WORDS, declared_of
from partner_analysis.tables import Interval

TALK_WORDS: Final = {
    "due": "talk: agreed for {review}",
    "quiet": "talk: quiet since {last}",
    "soon": "talk soon: {review}",
    "": "",
}
MOST_SOURCES: Final = 8
LIMIT: Final = 1 / 3


def alliances_sentence(alliances: pd.DataFrame) -> str:
    """Say how many alliances there are and with whom to talk first."""
    if alliances.empty:
        return "The register lists no alliance."
    running = int((alliances["state"] == "running").sum())
    said = [f"{count_text(running, 'alliance')} {'is' if running == 1 else 'are'} running"]
    quiet = (alliances["state"] == "running") & (alliances["quiet_days"] > QUIET_DAYS)
    for which, words in (
        (alliances["talk"] == "due", "the talk that was agreed is due with"),
        (quiet, "quiet for half a year:"),
    ):
        found = _called_all(alliances.loc[which])
        if found:
            said.append(f"{words} {names_text(found, of=len(alliances))}")
    sentence = "; ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def alliances_table(
    alliances: pd.DataFrame,
    effects: Mapping[str, Effect],
    standings: Mapping[str, Standing],
    *,
    values: Sequence[str] = (),
) -> Shown:
    """Give every alliance: those that need a talk first.

    ``values`` are the practice's own, beside which those of each partner are put.
    """
    rows = []
    for row in shown_of(alliances.to_dict("records")):
        key = str(row["partnership_id"])
        declared = declared_of(effects[key], standings.get(key)) if key in effects else ""
        rows.append(
            (
                _called(row),
                f"{_agreed(row)} ({_reach(row)})",
                _state(row),
                values_text(row["values"], values),
                VERDICT_WORDS.get(declared, NOT_APPLICABLE),
                _next_step(row),
            )
        )
    heads = ["alliance", "purpose and objectives (for whom, where)", "state",
             "values shared", "standing", "next"]  # fmt: skip
    title = alliances_title(alliances)
    note = (
        "Whom to talk with first stands first: the day agreed in the register is past, or no "
        "activity was noted for half a year. Such a talk is about the agreement; the reviews of "
        "the numbers have days of their own. "
        f"{left_out_text(len(alliances), 'alliances.csv')}".strip()
    )
    return html_table(heads, rows, ("text",) * 6, title=title, note=note)


def alliances_title(alliances: pd.DataFrame) -> str:
    """Count the alliances that run and those that need a talk, as a title."""
    running = count_text(int((alliances["state"] == "running").sum()), "alliance")
    talks = int(alliances["talk"].isin(["due", "quiet"]).sum())
    if not talks:
        return f"{running[0].upper()}{running[1:]} running, none overdue for a talk"
    return f"{running[0].upper()}{running[1:]} running; talk with {talks} of them first"


def aligned_sentences(
    alliances: pd.DataFrame, goals: Collection[str], values: Sequence[str]
) -> list[str]:
    """Say with how many running alliances objectives, a goal and values are written down.

    Parameters
    ----------
    alliances
        From ``list_alliances``.
    goals
        Ids of the partnerships for which a goal is followed.
    values
        What the practice stands for, in its own words; empty = not written down.

    Returns
    -------
    list of str
        What is agreed, with whom the values are shared, with whom not, and what is missing.
    """
    running = alliances.loc[alliances["state"] == "running"]
    if running.empty:
        return []
    agreed, followed = running["objectives"] != "", running["partnership_id"].isin(list(goals))
    said = [
        f"Of {count_text(len(running), 'running alliance')}, objectives are written down with "
        f"{_so_many(agreed)}, and a goal is followed in numbers with {_so_many(followed)}."
    ]
    open_ones = _called_all(running.loc[~agreed])
    if open_ones:
        names = names_text(open_ones, of=len(alliances))
        said.append(f"No objectives are written down with {names}.")
    return said + _values_said(running, values)


def values_text(theirs: Sequence[str], ours: Sequence[str]) -> str:
    """Give which of our values a partner shares, and which are its own.

    Examples
    --------
    >>> values_text(["care", "speed"], ["speed", "fairness"])
    '1 of our 2: speed; its own: care'
    """
    if not theirs:
        return "not written down"
    if not ours:
        return f"{list_text(list(theirs))} (ours are not written down)"
    known = {value.casefold() for value in theirs}
    shared = [value for value in ours if value.casefold() in known]
    own = [value for value in theirs if value.casefold() not in {v.casefold() for v in ours}]
    said = [f"{len(shared)} of our {len(ours)}" + (f": {list_text(shared)}" if shared else "")]
    return "; ".join([*said, *([f"its own: {list_text(own)}"] if own else [])])


def _values_said(running: pd.DataFrame, values: Sequence[str]) -> list[str]:
    """Say with whom values are shared, with whom not, and where they are not written down."""
    if not values:
        return ["What the practice stands for is not written down in its settings."]
    ours = {value.casefold() for value in values}
    written = running["values"].map(len) > 0
    shares = running["values"].map(lambda theirs: bool(ours & {v.casefold() for v in theirs}))
    said = [
        f"At least one of our values ({list_text(list(values))}) is shared by "
        f"{_so_many(written & shares)}."
    ]
    apart, silent = (_called_all(running.loc[r]) for r in (written & ~shares, ~written))
    if apart:
        names = names_text(apart, of=len(running))
        said.append(f"None of them is shared by {names}: talk about that first.")
    if silent:
        said.append(
            f"Whether values are shared is not written down for "
            f"{names_text(silent, of=len(running))}: ask, and fill in the column values in "
            "partnerships.csv."
        )
    return said


def _so_many(chosen: pd.Series) -> str:
    """How many of the rows, "none" for nobody."""
    return number_text(int(chosen.sum()), digits=0) if chosen.any() else "none"


def _called_all(rows: pd.DataFrame) -> list[str]:
    return [short_name(str(name), most=45) for name in rows["name"]]


def concentration_sentence(found: Concentration | None) -> str:
    """Say how much hangs on one source; nothing where sources are not known."""
    if found is None:
        return ""
    if not found.known:
        return "No new patient of the last year has a known source."
    top = str(found.sources["source"].iloc[0])
    came = count_text(found.known, "new patient")
    share, interval = _share_texts(found.largest_share)
    lead = f"{share} of the {came} of the last year with a known source ({interval})"
    heavy = " That is much to hang on one source." if found.single_share.low > LIMIT else ""
    counted = "Sources are as patients named them (counted, not estimated)."
    if top == found.single:
        return f"{lead} came through one partner: {short_name(top)}.{heavy} {counted}"
    many = "all offices together" if top == PROVIDERS else "a kind of source, not a single one"
    return f"{lead} came by {short_name(top)}, {many}. {_single_said(found)}{heavy} {counted}"


def _single_said(found: Concentration) -> str:
    """The largest source that is one, with its share."""
    if not found.single:
        return "No single partner is named."
    share, interval = _share_texts(found.single_share)
    name = short_name(found.single)
    return f"The largest single one that is named is {name}, with {share} ({interval})."


def _share_texts(share: Interval) -> tuple[str, str]:
    """A share in percent, and its interval: "47%", "95% interval 44% to 50%"."""
    ends = span_text(share.scaled(100), 0, unit="%")
    return f"{number_text(100 * share.estimate, digits=0)}%", f"95% interval {ends}"


def concentration_table(found: Concentration | None) -> Shown:
    """Give the largest sources of a year; nothing where sources are not known."""
    if found is None or not found.known:
        return NOTHING
    top = found.sources.head(MOST_SOURCES)
    rows = [
        (short_name(row.source), number_text(row.new_patients, digits=0), f"{row.share:.0%}")
        for row in top.itertuples()
    ]
    rest = found.sources.iloc[MOST_SOURCES:]
    if len(rest):
        many = number_text(rest["new_patients"].sum(), digits=0)
        rows.append((count_text(len(rest), "other source"), many, f"{rest['share'].sum():.0%}"))
    note = (
        f"{day_text(found.first_day)} to {day_text(found.last_day)}; of "
        f"{number_text(found.unknown, digits=0)} more the source is not known."
    )
    title = "Whom new patients name"
    return html_table(
        ["source", "named (counted)", "share"], rows, ("text", "number", "number"),
        title=title, note=note,
    )  # fmt: skip


def _called(row: Mapping[str, Any]) -> str:
    kind = "provider" if row["provider"] else ""
    parts = [part for part in (short_name(str(row["kind"])), kind) if part]
    return f"{short_name(str(row['name']))} ({', '.join(parts)})" if parts else str(row["name"])


def _agreed(row: Mapping[str, Any]) -> str:
    parts = [short_name(str(row[name])) for name in ("purpose", "objectives") if row[name]]
    return "; ".join(parts) or "not written down"


def _reach(row: Mapping[str, Any]) -> str:
    personas = list_text(list(row["personas"])) or "all patients"
    return f"{personas}; {list_text(list(row['clinics'])) or 'all clinics'}"


def _state(row: Mapping[str, Any]) -> str:
    if row["state"] == "ended":
        return f"ended {day_text(row['ended'])}"
    if row["state"] == "not begun":
        return f"begins {day_text(row['began'])}"
    if row["state"] == "paused":
        return f"paused after {count_text(row['months'], 'month')}"
    last = row["last_activity"]
    active = f", last active {month_text(last)}" if pd.notna(last) else ", no activity noted"
    return f"{count_text(row['months'], 'month')} old{active}"


def _next_step(row: Mapping[str, Any]) -> str:
    last, review = row["last_activity"], row["review_date"]
    words = TALK_WORDS[row["talk"]].format(
        review=day_text(review) if pd.notna(review) else "",
        last=month_text(last if pd.notna(last) else row["began"]),
    )
    if words:
        return words
    return f"talk on {day_text(review)}" if pd.notna(review) else NOT_APPLICABLE
