"""The tables of a report as files for a spreadsheet: one workbook, and each sheet as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.goals.backtest import BackTest
from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.attribution.reach import REACH_COLUMNS
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.editions import LABELS, Edition
from partner_analysis.reporting.numbers import list_text
from partner_analysis.reporting.portfolio.decisions import ACTION_WORDS, decision_sentence
from partner_analysis.reporting.records import effects_table

PORTFOLIO: Final = LABELS[2]
WORKBOOK: Final = "summary.xlsx"
SHEETS: Final = {
    "effects": "one row per partnership: standing, intervals, named counts",
    "decisions": "what to do with each, and why",
    "reviews": "one row per review held: what it found, and its interval",
    "goals": "one row per goal: its status, what that rests on, how it went when posed before",
    "ranking": "one row per place: extra new patients a month, alone and cautious",
    "alliances": "one row per alliance: what it is for, its state, the next talk",
    "calls": "one row per running alliance: who named it lately, what is usual",
    "reach": "one row per partner: of those who named it, whom it was meant for",
}
FILES: Final = (
    (WORKBOOK, f"all tables of this report as one Excel workbook ({len(SHEETS)} sheets)."),
    *((f"{name}.csv", f"{words}.") for name, words in SHEETS.items()),
    ("standings.json", "what is declared, with every review, for programs."),
    ("manifest.json", "how this report was made: inputs, versions, durations."),
)
NOT_MADE: Final = "This table could not be made this time; the page that shows it says why."
NO_REACH: Final = pd.DataFrame(columns=list(REACH_COLUMNS))
REVIEW_COLUMNS: Final = (
    "partnership_id", "name", "review", "months", "verdict", "estimate", "low", "high", "level",
    "bundle",
)  # fmt: skip


def write_downloads(edition: Edition, folder: Path) -> None:
    """Write the summary tables into a folder, each as CSV and all as one workbook."""
    tables = summary_tables(edition)
    for name, table in tables.items():
        storage.write_csv(table, folder / f"{name}.csv")
    storage.write_workbook(tables, folder / WORKBOOK)


def summary_tables(edition: Edition) -> dict[str, pd.DataFrame]:
    """The summary tables by name, in the order of ``SHEETS``; numbers as they are, not rounded.

    Where the portfolio's page could not be made, a table that it shows may not be either, and
    then says so in place of its rows; it spoils no other.
    """
    study = edition.study
    of_the_page: dict[str, Callable[[], pd.DataFrame]] = {
        "goals": lambda: goals_listed(study.goals, study.back_tests),
        "ranking": lambda: ranking_listed(study.portfolio, study.names),
        "alliances": lambda: in_cells(study.alliances.drop(columns="paid_alone")),
        "calls": lambda: in_cells(study.calls),
        "reach": lambda: in_cells(NO_REACH if study.reach is None else study.reach),
    }
    may_fail = PORTFOLIO in edition.failed
    return {
        "effects": effects_table(edition.effects, standings=study.standings),
        "decisions": decisions_listed(edition),
        "reviews": reviews_listed(study.standings, study.names),
        **{k: made_or_said(make) if may_fail else make() for k, make in of_the_page.items()},
    }


def made_or_said(make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The table, or one that says that it could not be made."""
    try:
        return make()
    except Exception:
        return pd.DataFrame({"note": [NOT_MADE]})


def decisions_listed(edition: Edition) -> pd.DataFrame:
    """One row per partnership: ``decision``, ``because`` and the date of its next review."""
    study = edition.study
    rows = []
    for key, found in study.recommendations.items():
        standing = study.standings.get(key)
        word = ACTION_WORDS[found.action]
        said = decision_sentence(study, key)
        rows.append(
            {
                "partnership_id": key,
                "name": study.names.get(key, key),
                "decision": word,
                "because": said.removeprefix(f"{word}. "),
                "loss_if_wrong_a_month": found.loss_if_wrong,
                "next_review": standing.next_review if standing else pd.NaT,
            }
        )
    columns = ["partnership_id", "name", "decision", "because", "loss_if_wrong_a_month"]
    return pd.DataFrame(rows, columns=[*columns, "next_review"])


def reviews_listed(standings: Mapping[str, Standing], names: Mapping[str, str]) -> pd.DataFrame:
    """One row per partnership and review held, the oldest first: extra new patients in total."""
    rows = [
        {
            **{name: getattr(review, name) for name in review._fields},
            "partnership_id": key,
            "name": names.get(key, key),
            "bundle": ";".join(review.bundle),
        }
        for key, standing in standings.items()
        for review in standing.reviews.itertuples(index=False, name="Review")
    ]
    return pd.DataFrame(rows, columns=list(REVIEW_COLUMNS))


def goals_listed(
    followed: Mapping[str, GoalProgress], tested: Mapping[str, BackTest]
) -> pd.DataFrame:
    """One row per goal: status, new patients so far and asked for with their intervals.

    Then how often it was posed at earlier dates, how often it was met and what was stated.
    """
    columns = [
        "goal_id", "partnership_id", "status", "counted", "first_day", "last_day",
        "achieved", "achieved_low", "achieved_high", "asked_for", "asked_for_low",
        "asked_for_high", "chance_met", "chance_without_it", "measurable",
        "times_posed_before", "share_met_before", "stated_before", "brier", "brier_of_base_rate",
    ]  # fmt: skip
    rows = [
        (
            key, each.goal.partnership_id, each.status, each.goal.counted,
            each.first_day, each.last_day,
            each.achieved.estimate, each.achieved.low, each.achieved.high,
            each.needed.estimate, each.needed.low, each.needed.high,
            each.probability, each.chance_alone, each.measurable,
            len(before.poses), before.poses["is_met"].mean(), before.poses["probability"].mean(),
            before.brier, before.brier_of_base_rate,
        )
        for key, each in followed.items()
        for before in [tested[key]]
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def ranking_listed(portfolio: Portfolio, names: Mapping[str, str]) -> pd.DataFrame:
    """One row per place, the first first: see ``Portfolio.places``."""
    places = portfolio.places
    called = [list_text([names.get(key, key) for key in members]) for members in places["members"]]
    return in_cells(places.assign(names=pd.Series(called, places.index, dtype="str")))


def in_cells(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every tuple of names as one text, "a;b"."""
    lists = [c for c in table if len(table) and isinstance(table[c].iloc[0], tuple)]
    told = {c: table[c].map(lambda names: ";".join(map(str, names))).astype("str") for c in lists}
    return table.assign(**told)
