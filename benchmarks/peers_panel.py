"""Peers that compare cells with cells: one row per cell and period, as their manuals ask for.

Each fits a mean effect per treated row; times the number of such rows it is the total, and so are
the ends of its interval. Where it can take a further regressor, the other partnership is one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from latent import Practice
from methods import NONE, Answer


def panel_of(practice: Practice) -> pd.DataFrame:
    """One row per cell and period: unit, t, persona, y, it, other, first_treat (0: never)."""
    rows = practice.counts.rename(columns={"new_patients": "y"}).sort_values(
        ["clinic", "persona", "period"]
    )
    rows["unit"] = (rows["clinic"] + "|" + rows["persona"]).astype("category").cat.codes
    rows["t"] = rows["period"].rank(method="dense").astype(int)
    for name in ("it", "other"):
        rows[name] = 0.0
        mine = practice.partnerships[practice.partnerships["partnership_id"] == name]
        for reach in mine.itertuples():
            cell = rows["clinic"].isin(reach.clinics)
            if reach.personas:
                cell &= rows["persona"].isin(reach.personas)
            rows.loc[cell & (rows["period"] >= reach.start_date), name] = 1.0
    first = rows["t"].where(rows["it"] > 0).groupby(rows["unit"]).transform("min")
    rows["first_treat"] = first.fillna(0).astype(int)
    keep = ["clinic", "persona", "period", "unit", "t", "y", "it", "other", "first_treat"]
    return rows[keep].reset_index(drop=True)


def fepois(practice: Practice) -> Answer:
    """pyfixest: fixed effects of cell and period, standard errors clustered by cell."""
    return _fepois(practice, "unit + t", ["t"])


def fepois_by_persona(practice: Practice) -> Answer:
    """The same with period effects of their own for each persona."""
    return _fepois(practice, "unit + persona^t", ["persona", "t"])


def _fepois(practice: Practice, effects: str, group: list[str]) -> Answer:
    import pyfixest

    rows = panel_of(practice)
    if rows.groupby(group).size().max() < 2:  # the library would end the process
        raise ValueError("every period effect rests on one cell")
    formula = f"y ~ it{' + other' if rows['other'].any() else ''} | {effects}"
    fit = pyfixest.fepois(formula, data=rows, vcov={"CRV1": "unit"})
    if "it" not in fit.coef().index:
        return NONE
    log_ratios = np.array([fit.coef()["it"], *fit.confint().loc["it"]], dtype=float)
    came = rows.loc[rows["it"] > 0, "y"].sum()
    return tuple(float(came * -np.expm1(-ratio)) for ratio in log_ratios)


def imputation(practice: Practice) -> Answer:
    """diff-diff: imputation in levels (Borusyak, Jaravel and Spiess 2024)."""
    from diff_diff import ImputationDiD

    rows = panel_of(practice)
    others = ["other"] if rows["other"].any() else None
    fit = ImputationDiD().fit(rows, "y", "unit", "t", "first_treat", covariates=others)
    return _total(rows, fit.overall_att, fit.overall_conf_int)


def poisson_etwfe(practice: Practice) -> Answer:
    """diff-diff: extended two-way fixed effects, Poisson (Wooldridge 2023)."""
    from diff_diff import WooldridgeDiD

    rows = panel_of(practice)
    others = ["other"] if rows["other"].any() else None
    fit = WooldridgeDiD(method="poisson").fit(rows, "y", "unit", "t", "first_treat", xtvar=others)
    return _total(rows, fit.overall_att, fit.overall_conf_int)


def callaway_santanna(practice: Practice) -> Answer:
    """diff-diff: group-time effects with never-treated cells; the other's cells are left out."""
    from diff_diff import CallawaySantAnna

    rows = without_the_others_cells(panel_of(practice))
    fit = CallawaySantAnna().fit(rows, "y", "unit", "t", "first_treat")
    return _total(rows, fit.overall_att, fit.overall_conf_int)


def synthetic_did(practice: Practice) -> Answer:
    """diff-diff: synthetic difference-in-differences with placebo intervals, one start only."""
    from diff_diff import SyntheticDiD

    rows = without_the_others_cells(panel_of(practice))
    starts = sorted(set(rows["first_treat"]) - {0})
    if len(starts) != 1:
        raise ValueError("several starts: this estimator takes one")
    rows["treated"] = (rows["first_treat"] > 0).astype(int)
    after = [t for t in sorted(rows["t"].unique()) if t >= starts[0]]
    fit = SyntheticDiD(seed=1).fit(rows, "y", "treated", "unit", "t", post_periods=after)
    return _total(rows, fit.att, fit.conf_int)


def without_the_others_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Cells that only the other partnership touches are no comparison."""
    touched = rows.groupby("unit")[["it", "other"]].transform("max")
    return rows[~((touched["other"] > 0) & (touched["it"] == 0))].reset_index(drop=True)


def _total(rows: pd.DataFrame, mean: float, interval: tuple[float, float]) -> Answer:
    treated = float((rows["it"] > 0).sum())
    return mean * treated, interval[0] * treated, interval[1] * treated
