"""Goals posed at earlier dates, worked out beside one another and kept for the page of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.goals.backtest import POSE_COLUMNS, BackTest
from partner_analysis.attribution.goals.goal import state_goals

FOLDER: Final = "goals-posed"
TOGETHER: Final = 10  # goals in a part: those that begin together share what was known then


def parts_of(goals: pd.DataFrame) -> dict[str, list[str]]:
    """Ids of the goals that are worked out together, by part: "1 of 5"; none of up to ten goals.

    A few goals are posed where they are shown, which takes less than handing them around.
    """
    if len(goals) <= TOGETHER:
        return {}
    starts = pd.to_datetime(goals.reindex(columns=["start_date"])["start_date"], errors="coerce")
    ordered = goals["goal_id"].iloc[starts.to_numpy().argsort(kind="stable")].tolist()
    cut = [ordered[k : k + TOGETHER] for k in range(0, len(ordered), TOGETHER)]
    return {f"{number} of {len(cut)}": keys for number, keys in enumerate(cut, start=1)}


def write_posed(tested: Mapping[str, BackTest], tables: Path, part: str) -> None:
    """Leave one part for the page of a run."""
    folder = storage.make_folder(tables / FOLDER, private=True)
    rows = [test.poses.assign(goal_id=key) for key, test in tested.items() if len(test.poses)]
    if rows:
        poses = pd.concat(rows, ignore_index=True)
        storage.write_table(poses, folder / f"{_stem(part)}.parquet")
    reasons = {key: test.reason for key, test in tested.items()}
    storage.write_json({"goals": reasons}, folder / f"{_stem(part)}.json", private=True)


def posed_files(tables: Path, part: str) -> list[Path]:
    """Files in which one part stands, as far as they are there."""
    return sorted((tables / FOLDER).glob(f"{_stem(part)}.*"))


def read_posed(
    tables: Path, goals: pd.DataFrame, partnerships: pd.DataFrame
) -> dict[str, BackTest]:
    """What a run has left of these goals, by id."""
    stated = state_goals(goals, partnerships)
    found = {}
    for path in sorted((tables / FOLDER).glob("*.json")):
        beside = path.with_suffix(".parquet")
        poses = storage.read_table(beside) if beside.exists() else pd.DataFrame({"goal_id": []})
        for key, reason in storage.read_json(path)["goals"].items():
            own = poses.loc[poses["goal_id"] == key]
            if key not in stated or (own.empty and not reason):
                continue
            found[key] = BackTest(stated[key], reason=reason)
            if len(own):
                own = own[list(POSE_COLUMNS)].reset_index(drop=True).astype(POSE_COLUMNS)
                found[key] = BackTest(stated[key], own)
    return found


def _stem(part: str) -> str:
    return part.replace(" ", "-")
