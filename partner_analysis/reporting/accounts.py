"""Small tables about a study for its pages: what was set aside, named, matched and counted."""

from __future__ import annotations

import platform
from importlib.metadata import version

import pandas as pd

import partner_analysis
from partner_analysis.attribution.counts import count_named
from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.kept import input_key
from partner_analysis.reporting.numbers import day_text, interval_text, level_text, list_text
from partner_analysis.reporting.overview import cleaning_sentence
from partner_analysis.reporting.study import Study
from partner_analysis.tables import NO_NUMBER

NEW_PATIENT: dict[str, str] = {
    "first evaluation": "a patient whose first finalised initial evaluation in the data is counted",
    "new episode": "a patient who begins an episode of care, also after an earlier one",
    "case created": "a patient whose first case in the data is created, seen or not",
}


def rejected_by_reason(rejected: pd.DataFrame) -> pd.DataFrame:
    """One row per file and reason: how many rows were set aside, and the first line."""
    by = rejected.groupby(["file", "reason"], as_index=False)
    found = by.agg(rows=("line", "size"), first_line=("line", "min"))
    return found.sort_values(["rows", "file", "reason"], ascending=[False, True, True])


def named_by_partner(study: Study) -> pd.DataFrame:
    """One row per partner: new patients who named it, in all complete periods.

    The first row is for those who named no partner, so that what is not known is not hidden;
    a patient may name two partners. Empty for a practice with counts only.
    """
    if study.named is None:
        return pd.DataFrame(columns=["partner", "new_patients"])
    named = study.named.groupby("partnership_id")["named"].sum()
    names = study.register.names.set_index("partnership_id")["name"]
    listed = named.reindex(names.index, fill_value=0).sort_values(ascending=False, kind="stable")
    once = count_named(
        study.cleaned.episodes.drop(columns="also_named"),
        counts=study.counts,
        period=study.cleaned.period,
        week_starts=study.practice.week_starts,
    )
    nobody = int(study.counts["new_patients"].sum() - once["named"].sum())
    return pd.DataFrame(
        {
            "partner": ["no partner", *names[listed.index]],
            "new_patients": [nobody, *listed.astype("int64")],
        }
    )


def episodes_by_rule(episodes: pd.DataFrame) -> pd.DataFrame:
    """One row per state and rule of matching: how many episodes it settled."""
    texts = episodes[["state", "rule"]].fillna("").replace("", "none").astype("str")
    found = texts.groupby(["state", "rule"], as_index=False).size()
    found = found.sort_values("size", ascending=False, kind="stable")
    return found.rename(columns={"size": "episodes"})


def new_patients_by_clinic(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per clinic, one column per persona: new patients in all complete periods."""
    wide = counts.pivot_table(
        index="clinic", columns="persona", values="new_patients", aggfunc="sum", fill_value=0
    )
    if wide.shape[1] > 1:
        wide["all"] = wide.sum(axis=1)
    return wide.rename_axis(columns=None).reset_index()


def run_record(study: Study, effect: Effect | None = None) -> dict[str, object]:
    """What a page rests on, as terms and values: definitions, dates, rows, versions."""
    practice, cleaned = study.practice, study.cleaned
    record: dict[str, object] = {
        "A new patient is": NEW_PATIENT[practice.definitions.new_patient],
        "Data as of": day_text(study.as_of),
        "Complete until": f"{day_text(study.complete_until)} (a {cleaned.period} is complete "
        f"{practice.definitions.complete_days} days after it ended)",
        "Rows": cleaning_sentence(cleaned.row_account),
    }
    if not practice.has_episodes:
        del record["A new patient is"]
    if effect is not None:
        record |= _effect_record(study, effect)
    packages = ", ".join(f"{name} {version(name)}" for name in ("pandas", "numpy", "scipy"))
    return record | {
        "Versions": f"partner-analysis {partner_analysis.__version__}, "
        f"Python {platform.python_version()}, {packages}",
        "Fingerprint of inputs and code": input_key(practice)[:16],
    }


def _effect_record(study: Study, effect: Effect) -> dict[str, object]:
    """The parameters and numbers of one effect, those that are no answer too."""
    rows = study.partnerships.loc[study.partnerships["partnership_id"] == effect.partnership_id]
    record: dict[str, object] = {"Partnership": effect.partnership_id}
    if len(rows):
        places = [
            f"{_or_all(row.clinics, 'clinics')}; {_or_all(row.personas, 'personas')}; "
            f"{day_text(row.start_date)} to "
            f"{'now' if pd.isna(row.end_date) else day_text(row.end_date)}"
            for row in rows.itertuples()
        ]
        record["Reaches"] = " / ".join(places)
    record |= {
        "Method": effect.method,
        "Verdict": effect.verdict,
        "Periods used": f"{effect.n_pre} before, {effect.n_post} with the partnership",
    }
    if effect.total != NO_NUMBER and effect.total.is_number:
        level = level_text(effect.level)
        record |= {
            f"In all ({level} interval)": interval_text(effect.total),
            f"A month ({level} interval)": interval_text(effect.per_month),
            f"Percent ({level} interval)": interval_text(effect.percent, 0, unit="%"),
            "p-value": f"{effect.p_value:.3f}",
        }
    return record


def _or_all(names: tuple[str, ...], what: str) -> str:
    return list_text(list(names)) if len(names) else f"all {what}"
