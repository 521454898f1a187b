"""The tables of a report as files for a spreadsheet: one workbook, and each sheet as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.goals.progress import GoalProgress
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.editions import Edition
from partner_analysis.reporting.portfolio.decisions import ACTION_WORDS, decision_sentence
from partner_analysis.reporting.records import effects_table

WORKBOOK: Final = "summary.xlsx"
SHEETS: Final = {
    "effects": "one row per partnership: standing, intervals, named counts",
    "decisions": "what to do with each, and why",
    "reviews": "one row per review held: what it found, and its interval",
    "goals": "one row per goal: its status, and what that rests on",
}
FILES: Final = (
    (WORKBOOK, f"all tables of this report as one Excel workbook ({len(SHEETS)} sheets)."),
    *((f"{name}.csv", f"{words}.") for name, words in SHEETS.items()),
    ("standings.json", "what is declared, with every review, for programs."),
    ("manifest.json", "how this report was made: inputs, versions, durations."),
)
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
    """The summary tables by name, in the order of ``SHEETS``; numbers as they are, not rounded."""
    study = edition.study
    return {
        "effects": effects_table(edition.effects, standings=study.standings),
        "decisions": decisions_listed(edition),
        "reviews": reviews_listed(study.standings, study.names),
        "goals": goals_listed(study.goals),
    }


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


def goals_listed(followed: Mapping[str, GoalProgress]) -> pd.DataFrame:
    """One row per goal: status, new patients so far and asked for with their intervals."""
    columns = [
        "goal_id", "partnership_id", "status", "counted", "first_day", "last_day",
        "achieved", "achieved_low", "achieved_high", "asked_for", "asked_for_low",
        "asked_for_high", "chance_met", "chance_without_it", "measurable",
    ]  # fmt: skip
    rows = [
        (
            key, each.goal.partnership_id, each.status, each.goal.counted,
            each.first_day, each.last_day,
            each.achieved.estimate, each.achieved.low, each.achieved.high,
            each.needed.estimate, each.needed.low, each.needed.high,
            each.probability, each.chance_alone, each.measurable,
        )
        for key, each in followed.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
