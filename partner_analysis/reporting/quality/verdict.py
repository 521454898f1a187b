"""Whether the exports are fit for estimates: for the practice, and for each partnership."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.numbers import count_text, list_text
from partner_analysis.reporting.quality.findings import (
    CARE,
    EVERYWHERE,
    FIT,
    LEVELS,
    NOT_FIT,
    OF_PATIENTS,
    TOPICS,
    Finding,
    list_findings,
)

WAY: Final = "what_stands_in_the_way"
ANSWERS: Final = {
    FIT: "Yes: the exports are fit for every partnership.",
    CARE: "With care.",
    NOT_FIT: "Not yet.",
}


def fitness_table(study: CountedStudy, findings: tuple[Finding, ...] | None = None) -> pd.DataFrame:
    """One row per partnership, by name: whether the exports are fit for it, and why not.

    Returns
    -------
    DataFrame
        partnership_id, partnership (its name), verdict ("fit", "fit with care", "not fit") and
        what_stands_in_the_way (the topics that keep it from being fit).
    """
    found = list_findings(study) if findings is None else findings
    rows = []
    for key, name in sorted(study.names.items(), key=lambda item: item[1].casefold()):
        own = [f for f in found if f.level != FIT and ({key, *EVERYWHERE} & {*f.partnerships})]
        worst = max((LEVELS.index(f.level) for f in own), default=0)
        because = ", ".join(dict.fromkeys(f.topic for f in own)) or "nothing"
        rows.append((key, name, LEVELS[worst], because))
    return pd.DataFrame(rows, columns=["partnership_id", "partnership", "verdict", WAY])


def quality_sentence(study: CountedStudy) -> str:
    """Whether the exports can be trusted, and for which partnerships they can not."""
    table = fitness_table(study)
    worst = LEVELS[max((LEVELS.index(v) for v in table["verdict"]), default=0)]
    fit = int((table["verdict"] == FIT).sum())
    if worst == FIT:
        return ANSWERS[FIT] if len(table) else "Yes: nothing in the exports speaks against them."
    said = [f"The exports are fit for {fit} of {count_text(len(table), 'partnership')}."]
    for level in (CARE, NOT_FIT):
        rows = table.loc[table["verdict"] == level]
        if len(rows):
            said.append(f"{level[0].upper()}{level[1:]}: {_named(rows)}.")
    lead = ANSWERS[NOT_FIT if (table["verdict"] == NOT_FIT).all() else CARE]
    return " ".join([lead, *said])


def _named(rows: pd.DataFrame) -> str:
    """Partnerships with what keeps them from being fit, those with the same reasons together."""
    groups = rows.groupby(WAY, sort=False)["partnership"].agg(list)
    return "; ".join(f"{list_text(names)} ({because})" for because, names in groups.items())


def finding_sentence(study: CountedStudy, topic: str) -> str:
    """What was found about one topic, such as "gaps" or "look-back", and whom it threatens.

    Nothing of what only patients' rows could show, where the practice has counts only.

    Raises
    ------
    KeyError
        If there is no such topic.
    """
    if topic in OF_PATIENTS and not study.practice.has_episodes:
        return ""
    return TOPICS[topic](study).sentence
