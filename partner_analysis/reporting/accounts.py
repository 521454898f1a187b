"""Small tables about a study for its pages: whom they named, what they rest on."""

from __future__ import annotations

import platform
from importlib.metadata import version

import pandas as pd

import partner_analysis
from partner_analysis.attribution.counts import count_named
from partner_analysis.attribution.effect import Effect
from partner_analysis.practice import Practice
from partner_analysis.reporting.numbers import (
    day_text,
    interval_text,
    level_text,
    list_text,
    p_text,
    short_name,
    signed_percent,
)
from partner_analysis.reporting.overview import cleaning_sentence
from partner_analysis.reporting.phrases import is_answered, percent_text, period_word
from partner_analysis.reporting.standings import reviewed_text
from partner_analysis.reporting.study import Study
from partner_analysis.tables import NO_NUMBER

NEW_PATIENT: dict[str, str] = {
    "first evaluation": "a patient whose first finalised initial evaluation in the data is counted",
    "first visit": "a patient whose first visit in the data took place",
    "new episode": "a patient who begins an episode of care, also after an earlier one",
    "case created": "a case that is created, seen or not, also a further one of a patient",
}


METHODS: dict[str, str] = {
    "panel": "compared with other clinics (panel)",
    "series": "compared with its own past (series)",
    "none": "no estimate could be made",
}
NOT_FOR_PAYMENT: str = (
    "For providers who can refer, this page is no ground for payment, return or renewal."
)


def named_by_partner(study: Study) -> pd.DataFrame:
    """One row per partner, by name, providers last: new patients who named it.

    In all complete periods. The first row is for those who named no partner, so that what is
    not known is not hidden; a patient may name two partners. Empty for a practice with counts
    only.
    """
    if study.named is None:
        return pd.DataFrame(columns=["partner", "new_patients"])
    named = study.named.groupby("partnership_id")["named"].sum()
    names = study.register.names.set_index("partnership_id")["name"]
    by_name = sorted(names.index, key=lambda key: (key in study.providers, names[key].casefold()))
    listed = named.reindex(by_name, fill_value=0)
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


def new_patients_by_clinic(counts: pd.DataFrame) -> pd.DataFrame:
    """One row per clinic, one column per persona: new patients in all complete periods."""
    wide = counts.pivot_table(
        index="clinic", columns="persona", values="new_patients", aggfunc="sum", fill_value=0
    )
    if wide.shape[1] > 1:
        wide["all"] = wide.sum(axis=1)
    return wide.rename_axis(columns=None).reset_index()


def new_patient_words(practice: Practice) -> str:
    """Whom this practice counts as a new patient, in words."""
    if not practice.has_episodes:
        return "as counted in the practice's own table"
    return NEW_PATIENT[practice.definitions.new_patient]


def provider_sentence(study: Study, partnership_id: str) -> str:
    """What the page of a provider who can refer is not for; nothing for any other partner."""
    return NOT_FOR_PAYMENT if partnership_id in study.providers else ""


def run_record(study: Study, effect: Effect | None = None) -> dict[str, object]:
    """What a page rests on, as terms and values: definitions, dates, rows, versions."""
    practice, cleaned = study.practice, study.cleaned
    record: dict[str, object] = {
        "A new patient is": f"{new_patient_words(practice)}{_beside_others(study)}",
        "Data as of": day_text(study.as_of),
        "Complete until": f"{day_text(study.complete_until)} (a {cleaned.period} is complete "
        f"{study.complete_days} days after it ended)",
        "Rows": cleaning_sentence(
            cleaned.row_account, rejected=cleaned.rejected, as_of=study.as_of
        ),
    }
    if effect is not None:
        record |= _effect_record(study, effect)
    packages = ", ".join(f"{name} {version(name)}" for name in ("pandas", "numpy", "scipy"))
    return record | {
        "Versions": f"partner-analysis {partner_analysis.__version__}, "
        f"Python {platform.python_version()}, {packages}",
        "Fingerprint of inputs and code": study.input_key[:16],
    }


def _beside_others(study: Study) -> str:
    """How many more or fewer each other definition would count."""
    if not study.practice.has_episodes:
        return ""
    others = study.definitions.loc[~study.definitions["is_used"]]
    said = [f"{row.definition} {signed_percent(row.difference)}" for row in others.itertuples()]
    return f" (others would count: {', '.join(said)})"


def _effect_record(study: Study, effect: Effect) -> dict[str, object]:
    """The parameters of one effect, and its numbers where they are an answer."""
    rows = study.partnerships.loc[study.partnerships["partnership_id"] == effect.partnership_id]
    record: dict[str, object] = {
        "Partnership": f"{short_name(effect.name)} ({effect.partnership_id})"
    }
    if len(rows):
        places = [
            f"{_or_all(row.clinics, 'clinics')}; {_or_all(row.personas, 'personas')}; "
            f"{day_text(row.start_date)} to "
            f"{'now' if pd.isna(row.end_date) else day_text(row.end_date)}"
            for row in rows.itertuples()
        ]
        record["Reaches"] = " / ".join(places)
    word = period_word(effect.periods)
    record |= {
        "Method": METHODS.get(effect.method, effect.method),
        "Standing": _standing_text(study, effect),
        "Verdict on the data given": effect.verdict,
        "Evidence": " ".join([effect.grade, *(f"({limit})" for limit in effect.grade_limits)]),
        "Used": f"{effect.n_pre} {word}s before, {effect.n_post} with the partnership",
    }
    if is_answered(effect) and effect.total != NO_NUMBER and effect.total.is_number:
        level = level_text(effect.level)
        record |= {
            f"In all ({level} interval)": interval_text(effect.total),
            f"A month ({level} interval)": interval_text(effect.per_month),
            f"Percent ({level} interval)": percent_text(effect),
            "p-value": p_text(effect.p_value),
        }
    return record


def _standing_text(study: Study, effect: Effect) -> str:
    """What is declared, from when and until when."""
    standing = study.standing(effect.partnership_id)
    if standing is None:
        return "not reviewed"
    said = [standing.standing, reviewed_text(standing)]
    if pd.notna(standing.reviewed_on) and pd.notna(standing.next_review):
        said.append(f"next review {day_text(standing.next_review)}")
    return ", ".join(said)


def _or_all(names: tuple[str, ...], what: str) -> str:
    return list_text(list(names)) if len(names) else f"all {what}"
