"""How good the exports are, in words and small tables for the page that asks it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any, Final

import pandas as pd

from partner_analysis.cleaning.episodes.delays import referral_lags
from partner_analysis.reporting.counted import CountedStudy
from partner_analysis.reporting.numbers import (
    count_text,
    day_text,
    list_text,
    month_text,
    signed_percent,
)
from partner_analysis.reporting.overview import LATE

FEWEST_LAGS: Final = 20
LIKENESS: Final = re.compile(r" (\d+)$")
NOT_A_DATE: Final = re.compile(r"(\w+) is not a date as (.+)")
DATES: Final = {
    "received": "referral date",
    "created": "date of the case",
    "evaluated": "evaluation date",
    "discharged": "discharge date",
    "birth_date": "birth date",
}
DATE_PARTS: Final = {
    "%m": "month", "%d": "day", "%Y": "year", "%y": "year in two digits", "%b": "month in letters",
    "%B": "month in letters", "%H": "hour", "%M": "minute", "%S": "second",
}  # fmt: skip
RULES: Final = {
    "exact": "as written in the register",
    "normalised": "the same but for capitals, signs or short forms",
    "decided": "as the practice has decided",
    "short name": "the name without its last word",
    "initials": "initials and the last word of the name",
    "physician": "a physician's name, with title, first name or initial",
    "fuzzy": "nearly the same spelling",
    "general": "a general source such as a doctor or a search; no partner meant",
    "review": "could mean several partners; counted for none",
}
STATES: Final = {"missing": "nothing written", "unmatched": "no partner known by this text"}


def rows_by_file(study: CountedStudy) -> pd.DataFrame:
    """One row per file: how many rows it has, and what became of them."""
    account = study.cleaned.row_account.drop(columns="repeated", errors="ignore")
    return account.assign(file=short_files(account["file"])).rename(
        columns={
            "raw_rows": "rows",
            "rejected": "set aside",
            "totals_and_headers": "headings or totals",
            "superseded": "again or newer copy",
        }
    )


def rejected_by_reason(study: CountedStudy) -> pd.DataFrame:
    """One row per file and reason: how many rows were set aside, and the first line."""
    rejected = study.cleaned.rejected
    reasons = [_reason_in_words(reason, study.as_of) for reason in rejected["reason"]]
    named = rejected.assign(reason=pd.Series(reasons, index=rejected.index, dtype="str"))
    by = named.groupby(["file", "reason"], as_index=False)
    found = by.agg(rows=("line", "size"), first_line=("line", "min"))
    found = found.sort_values(["rows", "file", "reason"], ascending=[False, True, True])
    return found.assign(file=short_files(found["file"]))


def episodes_by_rule(episodes: pd.DataFrame) -> pd.DataFrame:
    """One row per way in which texts were understood: how many episodes it settled."""
    how = episodes["rule"].fillna("").map(RULES)
    told = how.fillna(episodes["state"].map(STATES)).fillna(episodes["rule"]).astype("str")
    found = told.rename("how the text was understood").value_counts().rename("episodes")
    return found.reset_index()


def review_table(study: CountedStudy, *, most: int = 15) -> pd.DataFrame:
    """One row per source text that waits for a decision, those of most patients first."""
    review = study.cleaned.unmatched.head(most)
    near = review[["first_candidate", "second_candidate", "third_candidate"]]
    listed = [
        ", ".join(LIKENESS.sub(r" (\1% alike)", one) for one in row if one) or "nobody"
        for row in near.itertuples(index=False)
    ]
    shown = review[["text", "patients"]].assign(nearest_partners=listed)
    masked = review["text"].str.startswith("(")
    place = short_files(review["where"].str.split(" line ").str[0])
    line = review["where"].str.split(" line ").str[-1]
    where = (place + " line " + line).where(masked & (review["where"] != ""), "")
    return shown.assign(look_it_up_at=where) if masked.any() else shown


def capture_table(study: CountedStudy) -> pd.DataFrame:
    """One row per clinic: new patients, the shares written down and understood, the worst month.

    By month it is ``study.capture``.
    """
    capture = study.capture.assign(written=lambda t: t["new_patients"] - t["nothing_written"])
    sums = capture.drop(columns="month").groupby("clinic").sum()
    understood = sums["written"] - sums["not_understood"]
    return pd.DataFrame(
        {
            "new_patients": sums["new_patients"],
            "source_written": _percent(sums["written"], sums["new_patients"]),
            "understood_of_these": _percent(understood, sums["written"]),
            "named_a_partner": _percent(sums["partner"], sums["new_patients"]),
            "least_written": _worst_month(capture).reindex(sums.index).fillna("too few to say"),
        }
    ).reset_index()


def _worst_month(capture: pd.DataFrame) -> pd.Series:
    """Per clinic the month in which a source was written down least, of those with enough."""
    months = capture.loc[capture["new_patients"] >= FEWEST_LAGS]
    share = months["written"] / months["new_patients"]
    worst = months.loc[share.groupby(months["clinic"]).idxmin()]
    when = worst["month"].map(month_text).astype("str")
    said = _percent(worst["written"], worst["new_patients"]) + " in " + when
    return said.set_axis(worst["clinic"])


def understood_table(study: CountedStudy) -> pd.DataFrame:
    """One row per way of reading: which files, what they were taken for, and as which columns."""
    table = study.cleaned.understood
    named = table.assign(file=short_files(table["file"]), header=table["header"].astype("str"))
    groups = named.groupby(["taken_for", "columns"], sort=False, as_index=False)
    once = groups.agg({"file": list, "header": lambda lines: list(dict.fromkeys(lines))})
    return pd.DataFrame(
        {
            "files": once["file"].map(list_text),
            "taken_for": once["taken_for"],
            "header in line": once["header"].map(list_text),
            "columns read": once["columns"],
        }
    )


def tally_sentences(study: CountedStudy) -> list[str]:
    """One sentence per partner that the practice's system counted itself, beside our count."""
    tallies = study.cleaned.tallies
    named = tallies.loc[tallies["partnership_id"].notna()]
    if named.empty:
        return []
    episodes = study.cleaned.episodes
    ours = episodes.loc[episodes["new_patient"].astype("bool"), "partnership_id"].value_counts()
    files = short_files(named["file"])
    return [
        f"{row.label}: {_tally_text(row)} in {file}; "
        f"{count_text(int(ours.get(row.partnership_id, 0)), 'new patient')} named it in the whole "
        "time of our data."
        for row, file in zip(named.itertuples(), files, strict=True)
    ]


def _tally_text(row: Any) -> str:
    """What a system counted for a source."""
    counted = [(row.patients, "patient"), (row.cases, "case")]
    return list_text([count_text(int(n), noun) for n, noun in counted if pd.notna(n)])


def fault_sentences(study: CountedStudy) -> list[str]:
    """One sentence per entry of the register that cannot be used."""
    return [f"{row.name}: {row.message}" for row in study.cleaned.register_faults.itertuples()]


def definition_sentence(study: CountedStudy) -> str:
    """Which definition of a new patient is used, and what the others would count."""
    if not study.practice.has_episodes:
        return "New patients are counted by the practice itself."
    table = study.definitions
    used = table.loc[table["is_used"]].iloc[0]
    others = [
        f"{row.definition} {row.new_patients:,} ({signed_percent(row.difference)})"
        for row in table.loc[~table["is_used"]].itertuples()
    ]
    return (
        f"Used: {used['definition']}, {used['new_patients']:,} new patients. Others would count: "
        f"{'; '.join(others)}."
    )


def lags_sentence(study: CountedStudy) -> str:
    """How long patients wait from referral to evaluation, and for how many that is known."""
    episodes = study.cleaned.episodes
    if episodes.empty:
        return ""
    lags, new = referral_lags(episodes), int(episodes["new_patient"].sum())
    unknown = new - len(lags)
    if len(lags) < FEWEST_LAGS:
        return (
            "The day of the referral is known for too few new patients to say how long they wait."
        )
    low, middle, high = (int(lags.quantile(q)) for q in (0.25, 0.5, 0.75))
    return (
        f"From referral to evaluation: {count_text(middle, 'day')} in the middle, half between "
        f"{low} and {high}. For {unknown:,} of {count_text(new, 'new patient')}, those of the "
        "latest weeks among them, the day of the referral is not known, or is the one that the "
        "system fills in; they are left out here."
    )


def rules_table(study: CountedStudy) -> pd.DataFrame:
    """One row per persona: episodes it has, and how many of its rule's another rule took first."""
    rules = study.cleaned.rules
    return rules.rename(columns={"fits": "fit_its_rule", "taken_before": "taken_by_a_rule_above"})


def _percent(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Shares as texts such as "84%"; "none" where there is nothing to share."""
    share = (100 * part / whole).round()
    return pd.Series(
        [f"{value:.0f}%" if pd.notna(value) else "none" for value in share], index=part.index
    )


def short_files(files: pd.Series) -> pd.Series:
    """Names of files without their folders, unless two files then had one name."""
    names = files.map(lambda file: PurePosixPath(str(file)).name).astype("str")
    return names if names.nunique() == files.nunique() else files


def _reason_in_words(reason: str, as_of: pd.Timestamp) -> str:
    """A reason as a reader says it."""
    if reason == LATE:
        return f"later than {day_text(as_of)}"
    found = NOT_A_DATE.fullmatch(reason)
    if not found:
        return reason
    shape = found[2]
    for code, word in DATE_PARTS.items():
        shape = shape.replace(code, word)
    return f"{DATES.get(found[1], found[1])} is not {shape}"
