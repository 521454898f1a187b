"""Where else to look for a partner: who comes where, who is growing, and where nobody runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import arrange_cells
from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.growth import growth_of
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.attribution.shares import beside_the_others
from partner_analysis.tables import Interval, check_counts, check_partnerships

GAP_COLUMNS: Final = (
    "clinic", "persona", "partners", "kinds", "a_month", "last_year", "year_before", "growth",
    "low", "high", "is_growing", "worked", "worked_at", "worked_by", "elsewhere", "elsewhere_at",
    "of_usual", "of_usual_low", "of_usual_high",
    "growing_part", "missing_part", "worked_part", "need", "rank", "first_place", "last_place",
    "note", "level",
)  # fmt: skip


def find_gaps(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    effects_by_kind: pd.DataFrame | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every clinic and persona: who runs there, how many come, growth, and need in open parts.

    Growth is that of the last 12 months over the 12 before, by ``growth_of``, which gives the
    method and its sources. A cell is growing where the interval excludes none and its p-value
    holds among all cells (Benjamini and Hochberg 1995, "Controlling the false discovery rate").

    Parameters
    ----------
    counts
        One row per clinic, persona and period.
    partnerships
        The register. Physicians and other providers count as cover, but are never proposed:
        only partners whose ``provider`` is no are.
    effects_by_kind
        One row per kind of partner: ``kind``, ``ratio``, ``low``, ``high`` (of new patients with
        the partner to those without); a kind has worked where ``low`` is above 1. With
        ``partnership_ids`` (a tuple) only through these of its partnerships.
    level
        Level of the intervals; 1 - level is the false discovery rate.

    Returns
    -------
    DataFrame
        One row per clinic and persona: clinic, persona, partners and kinds (tuples, of those
        running on the last day), a_month (new patients a month in the last 12), last_year,
        year_before (counts), growth, low, high (shares a year; NaN where it cannot be told, see
        note), is_growing, worked, worked_at and worked_by (kinds that worked for this persona at
        other clinics, where, and through how many partnerships), elsewhere and elsewhere_at
        (kinds that run or ran for it there, of which that is not known), of_usual, of_usual_low,
        of_usual_high (patients of last year over what the other clinics' mix would bring to a
        clinic of this size; see ``beside_the_others``), the parts of need from 0 to 1
        (growing_part, missing_part: the share that is surely missing from the usual,
        worked_part), need (their sum; 0 where a partner runs), rank (1 = listed first; equal
        need: the one of whom more may be missing; NaN where a partner runs, nobody came, or
        clearly more than usual come and they are not growing), first_place and last_place (shared
        by all whose need is equal to two decimals), note, level. Size by itself is no need.

    Raises
    ------
    InputError
        For counts or a register that are not as described.
    """
    checked, register = check_counts(counts), check_partnerships(partnerships)
    if checked.empty:
        return pd.DataFrame(columns=list(GAP_COLUMNS))
    cells = arrange_cells(checked)
    table = growth_of(cells, level)
    last = cells.periods[-1] + pd.Timedelta(days=int(cells.length[-1]) - 1)
    running = register.loc[(register["start_date"] <= last) & ~(register["end_date"] < last)]
    covers = [_covering(running, row.clinic, row.persona) for row in table.itertuples()]
    proposed = _proposed(register, last=last)
    works = _known_to_work(proposed, effects_by_kind)
    worked, tried = (
        [_at_others(rows, row.clinic, row.persona) for row in table.itertuples()]
        for rows in (proposed.loc[works], proposed.loc[~works])
    )
    table["partners"] = _tuples([cover["name"] for cover in covers])
    table["kinds"] = _tuples([cover["kind"] for cover in covers])
    table["worked"] = _tuples([found["kind"] for found in worked])
    table["worked_at"] = _tuples([found["at"] for found in worked])
    table["worked_by"] = _tuples([found["partners"] for found in worked])
    table["elsewhere"] = _tuples([found["kind"] for found in tried])
    table["elsewhere_at"] = _tuples([found["at"] for found in tried])
    table = table.join(beside_the_others(table, level=level))
    return _ranked(table).assign(level=level)[list(GAP_COLUMNS)]


def kinds_that_worked(
    effects: Mapping[str, Effect], standings: Mapping[str, Standing]
) -> pd.DataFrame:
    """The kinds of partner that worked: of some a review declared more, of none fewer.

    Returns
    -------
    DataFrame
        One row per kind: ``kind``, ``ratio``, ``low``, ``high``, of the partnership that is known
        best, and ``partnership_ids``, of all that a review declared more; no row where nothing is
        declared.
    """
    rows = [
        (effect.kind, key, *(1 + end / 100 for end in _ends(effect.percent)))
        for key, effect in effects.items()
        if key in standings and standings[key].standing == "more" and effect.percent.is_number
    ]
    failed = {
        effects[key].kind
        for key, each in standings.items()
        if each.standing == "fewer"
        if key in effects
    }
    found = pd.DataFrame(
        [row for row in rows if row[0] not in failed],
        columns=["kind", "key", "ratio", "low", "high"],
    )
    keys = found.groupby("kind")["key"].agg(tuple)
    found["partnership_ids"] = found["kind"].map(keys)
    by_width = found.assign(width=found["high"] - found["low"]).sort_values("width", kind="stable")
    return by_width.drop_duplicates("kind").drop(columns=["width", "key"]).reset_index(drop=True)


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _covering(rows: pd.DataFrame, clinic: str, persona: str) -> pd.DataFrame:
    """Rows of the register that are for one clinic and persona."""
    reached = [
        (not clinics or clinic in clinics) and (not personas or persona in personas)
        for clinics, personas in zip(rows["clinics"], rows["personas"], strict=True)
    ]
    return rows.loc[reached].drop_duplicates("partnership_id")


def _known_to_work(proposed: pd.DataFrame, effects_by_kind: pd.DataFrame | None) -> pd.Series:
    """Which rows of the register are of a kind that is surely above none, by what is known of it.

    A kind may have worked through one of its partnerships, and be open for the others.
    """
    if effects_by_kind is None or effects_by_kind.empty:
        return pd.Series(False, index=proposed.index)
    known = effects_by_kind.loc[effects_by_kind["low"] > 1]
    works = proposed["kind"].isin(list(known["kind"]))
    if "partnership_ids" not in known:
        return works
    declared = {key for keys in known["partnership_ids"] for key in keys}
    return works & proposed["partnership_id"].isin(list(declared))


def _proposed(register: pd.DataFrame, *, last: pd.Timestamp) -> pd.DataFrame:
    """Partnerships that run or ran, without providers, who are never proposed."""
    given = register["provider"] if "provider" in register else pd.Series("", register.index)
    is_other = given.map(lambda said: said is False or said == "no").astype("bool")
    return register.loc[is_other & (register["kind"] != "") & (register["start_date"] <= last)]


def _at_others(rows: pd.DataFrame, clinic: str, persona: str) -> pd.DataFrame:
    """Kinds of partner for a persona at other clinics: kind, at which, how many partners."""
    found: dict[str, list[str]] = {}
    whom: dict[str, set[str]] = {}
    columns = (rows[name] for name in ("kind", "partnership_id", "clinics", "personas"))
    for kind, key, clinics, personas in zip(*columns, strict=True):
        others = [name for name in clinics if name != clinic]
        if others and (not personas or persona in personas):
            found.setdefault(kind, []).extend(others)
            whom.setdefault(kind, set()).add(key)
    places = [", ".join(dict.fromkeys(at)) for at in found.values()]
    many = [str(len(keys)) for keys in whom.values()]
    return pd.DataFrame({"kind": list(found), "at": places, "partners": many}, dtype="str")


def _tuples(columns: list[pd.Series]) -> pd.Series:
    """One tuple of texts per row."""
    return pd.Series([tuple(str(v) for v in column) for column in columns], dtype=object)


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the parts of need, their sum and the place of each cell without a partner."""
    table["growing_part"] = table["is_growing"].astype("float64")
    table["missing_part"] = (1 - table["of_usual_high"]).clip(0, 1).fillna(0.0)
    table["worked_part"] = (table["worked"].map(len) > 0).astype("float64")
    free = table["partners"].map(len) == 0
    parts = table[["growing_part", "missing_part", "worked_part"]].sum(axis="columns")
    table["need"] = parts.where(free, 0.0)
    plenty = (table["of_usual_low"] > 1) & ~table["is_growing"]
    order = table.loc[free & ~plenty & (table["a_month"] > 0)].sort_values(
        ["need", "of_usual_high", "clinic", "persona"],
        ascending=[False, True, True, True],
        kind="stable",
    )
    places = pd.Series(np.arange(1.0, len(order) + 1), index=order.index)
    alike = places.groupby(order["need"].round(2))
    table["rank"] = places
    table["first_place"], table["last_place"] = alike.transform("min"), alike.transform("max")
    return table.sort_values(["rank", "clinic", "persona"], kind="stable", ignore_index=True)
