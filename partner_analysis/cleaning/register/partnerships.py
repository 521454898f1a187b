"""The table of partnerships, from texts to dates and names; the faults of its rows."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.plain import plain
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.lists import refuse_lines, split_names, to_days
from partner_analysis.tables import AIMS, PARTNERSHIP_ID, RESERVED_IDS

PROVIDER: Final = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}

NAMES_OF: Final = {
    "clinics": "clinics",
    "neighbours": "clinics",
    "personas": "personas",
    "negative_control": "personas",
}


def check_ids(rows: pd.DataFrame, where: str) -> None:
    """Refuse ids that could not name a page."""
    ids = rows["partnership_id"]
    cure = "Use small letters, digits and hyphens, such as harbor-run-shop."
    refuse_lines(where, rows, ids == "", "have no partnership_id", cure)
    odd = ~ids.str.fullmatch(PARTNERSHIP_ID.pattern)
    refuse_lines(where, rows, odd, "have a partnership_id that cannot name a page", cure)
    reserved = f"Not {', '.join(sorted(RESERVED_IDS))}."
    refuse_lines(where, rows, ids.isin(RESERVED_IDS), "have a reserved partnership_id", reserved)


def type_partnerships(
    listed: pd.DataFrame, clinics: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Typed partnerships, and the faults of single rows.

    Parameters
    ----------
    listed
        One row per line of the partnerships table, all texts, with its ``line``.
    clinics
        One row per clinic, whose aliases are turned into its name.

    Returns
    -------
    tuple of DataFrame
        One row per partnership and stretch, with dates and tuples of names; and one row per
        fault: partnership_id, name, kind, message.
    """
    rows = listed.drop(columns="line")
    known = clinic_names(clinics)
    iso = "is not a date; write it as YYYY-MM-DD, and leave it empty where it is open"
    checks = {
        "it has no name": listed["name"] == "",
        "it has no start_date; say when it began": listed["start_date"] == "",
    }
    for column in ("start_date", "end_date", "signed_date", "review_date"):
        rows[column], checks[f"its {column} {iso}"] = to_days(listed[column])
    for column in ("clinics", "neighbours", "personas", "aims", "negative_control", "values"):
        names = [split_names(text) for text in listed[column]]
        if NAMES_OF.get(column) == "clinics":
            names = [tuple(known.get(plain(name), name) for name in each) for each in names]
        rows[column] = pd.Series(names, index=rows.index, dtype=object)
    provider = listed["provider"].str.casefold()
    rows["provider"] = [PROVIDER.get(word, True) for word in provider]
    rows["provider_said"] = provider != ""
    checks["its provider is neither yes nor no"] = (provider != "") & ~provider.isin(PROVIDER)
    faults = [
        (row.partnership_id, row.name or row.partnership_id, row.kind,
         f"line {row.line} of the partnerships table: {what}.")
        for what, wrong in (checks | _contradictions(rows)).items()
        for row in listed.loc[wrong].itertuples()
    ]  # fmt: skip
    columns = ["partnership_id", "name", "kind", "message"]
    return rows.reset_index(drop=True), pd.DataFrame(faults, columns=columns).astype("str")


def _contradictions(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """What is wrong with rows of the right types, and in which of them."""
    start, own = rows["start_date"], "name others, or list its own"
    strange = rows["aims"].map(lambda aims: not set(aims) <= set(AIMS)).astype("bool")
    several = rows["negative_control"].map(len) > 1
    return {
        "it ends before it starts; correct start_date or end_date": rows["end_date"] < start,
        "it was signed after it starts; correct either date": rows["signed_date"] > start,
        f"its aims are not among {', '.join(AIMS)}": strange,
        "it has more than one negative_control; choose one": several,
        f"it is for the persona of its negative_control; {own} personas": _reach(
            rows["personas"], rows["negative_control"]
        ),
        f"it runs at its neighbours; {own} clinics": _reach(rows["clinics"], rows["neighbours"]),
    }


def _reach(own: pd.Series, named: pd.Series) -> pd.Series:
    """Whether any of the names is among a row's own; no names of its own are all of them."""
    pairs = zip(own, named, strict=True)
    hits = [bool(others) and (not mine or bool(set(mine) & set(others))) for mine, others in pairs]
    return pd.Series(hits, index=own.index, dtype=bool)
