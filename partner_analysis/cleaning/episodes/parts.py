"""Parts of the patients to episodes, each by whoever takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from partner_analysis.cleaning.distinct import on_distinct
from partner_analysis.cleaning.episodes.definitions import mark_new
from partner_analysis.cleaning.episodes.fold import fold_rows
from partner_analysis.cleaning.episodes.personas import age_bands, assign_personas, show_rules
from partner_analysis.cleaning.episodes.zips import first_three
from partner_analysis.cleaning.exports.parts import Held, RunAll, pack, unpack
from partner_analysis.practice import Practice

SAID: Final = ("zip", "sex", "age", "diagnosis", "region", "tag")  # what personas are told by


@dataclass(frozen=True)
class FoldTask:
    """One part of the patients, ``number`` of so many ``parts``, and the clinics' one name each."""

    rows: Held = field(repr=False)
    names: Mapping[str, str]
    practice: Practice
    number: int
    parts: int


def fold_all(
    parts: Sequence[Held], practice: Practice, names: Mapping[str, str], run_all: RunAll
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Episodes of all parts with their personas, and how the persona rules share them.

    Parameters
    ----------
    parts
        As ``read_exports`` gives them.
    practice
        Its definitions say which rows are one episode, its rules which personas there are.
    names
        The one name of each clinic, by those that rows have.
    run_all
        What does the work.
    """
    tasks = (FoldTask(rows, names, practice, n, len(parts)) for n, rows in enumerate(parts))
    folded = list((run_all if len(parts) > 1 else map)(fold_part, tasks))
    shared = folded[0][1]
    for _, more in folded[1:]:
        shared = shared.assign(**{c: shared[c] + more[c] for c in shared.columns[1:]})
    return unpack([episodes for episodes, _ in folded]), shared


def fold_part(task: FoldTask) -> tuple[Held, pd.DataFrame]:
    """Episodes of one part, and how the persona rules share them.

    The numbers of patients and episodes are those of no other part.
    """
    rows, practice, defined = unpack([task.rows]), task.practice, task.practice.definitions
    rows = rows.assign(clinic=on_distinct(rows["clinic"], task.names.get))
    by_case = defined.new_patient == "case created"
    episodes = fold_rows(rows, gap_days=defined.reopen_gap_days, by_case=by_case)
    del rows
    shared = show_rules(episodes, rules=practice.personas)
    episodes = episodes.assign(
        persona=assign_personas(episodes, rules=practice.personas),
        age_band=age_bands(episodes["age"]),
        zip3=first_three(episodes["zip"]),
        patient=episodes["patient"] * task.parts + task.number,
        episode=episodes["episode"] * task.parts + task.number,
    ).drop(columns=list(SAID))
    episodes = mark_new(
        episodes, definition=defined.new_patient, count_no_charge=defined.count_no_charge
    )
    return (pack(episodes) if isinstance(task.rows, bytes) else episodes), shared
