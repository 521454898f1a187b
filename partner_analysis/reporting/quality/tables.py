"""How good the exports are, in words and small tables for the page that asks it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

import pandas as pd

from partner_analysis.reporting.numbers import count_text, day_text
from partner_analysis.reporting.overview import LATE, late_rows
from partner_analysis.reporting.study import Study

TOO_MANY: Final = 0.02
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
    "fuzzy": "nearly the same spelling",
    "general": "a general source such as a doctor or a search; no partner meant",
    "review": "could mean several partners; counted for none",
}
STATES: Final = {"missing": "nothing written", "unmatched": "no partner known by this text"}


def quality_sentence(study: Study) -> str:
    """Whether the exports can be trusted: rows that could not be read, the largest unknown text."""
    cleaned = study.cleaned
    raw = int(cleaned.row_account["raw_rows"].sum())
    unread = len(cleaned.rejected) - late_rows(cleaned.rejected)
    answer = "Yes, for the most part" if unread <= TOO_MANY * raw else "With care"
    said = [f"{answer}: {unread:,} of {count_text(raw, 'row')} could not be read."]
    if unread == 0:
        said = [f"Yes: every one of {count_text(raw, 'row')} could be read."]
    if len(cleaned.unmatched):
        most = cleaned.unmatched.iloc[0]
        said.append(
            f'The largest text that names no known partner is "{most["text"]}" '
            f"({count_text(int(most['patients']), 'patient')})."
        )
    faults = cleaned.register_faults["partnership_id"].nunique()
    if faults:
        said.append(
            f"{count_text(faults, 'partnership')} in the register cannot be judged as entered."
        )
    return " ".join(said)


def rows_by_file(study: Study) -> pd.DataFrame:
    """One row per file: how many rows it has, and what became of them."""
    account = study.cleaned.row_account
    return account.assign(file=short_files(account["file"])).rename(
        columns={
            "raw_rows": "rows",
            "rejected": "set aside",
            "totals_and_headers": "headings or totals",
            "superseded": "replaced by a newer copy",
        }
    )


def rejected_by_reason(study: Study) -> pd.DataFrame:
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


def unknown_texts(study: Study, *, most: int = 15) -> pd.DataFrame:
    """One row per text that names no partner, the most frequent first: ``text``, ``patients``."""
    return study.cleaned.unmatched.head(most)[["text", "patients"]]


def alias_sentence(study: Study) -> str:
    """Where a partner's other spelling is to be added."""
    place = study.practice.tables.aliases or "the table of aliases (see practice.toml)"
    return f"If one of these is a partner under another spelling, add it to {place}."


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
