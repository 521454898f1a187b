"""Peers that follow one series: the reached cells of a clinic added up, against others or its past.

Donors are the same personas' sums at clinics that no partnership touches; with fewer than two such
clinics, the untouched personas of the same clinic. Several treated clinics are taken one by one:
totals add up, half-widths as if independent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from latent import Practice
from methods import NONE, Answer
from peers_panel import panel_of


@dataclass(frozen=True)
class Series:
    """One clinic's reached cells, added up, with donors in columns; both by period."""

    target: pd.Series
    donors: pd.DataFrame
    start: int

    @property
    def indexed(self) -> tuple[pd.Series, pd.DataFrame, float]:
        """Target and donors as multiples of their own mean before the start; the target's mean."""
        mean = float(self.target.iloc[: self.start].mean())
        donors = self.donors / self.donors.iloc[: self.start].mean()
        return (self.target / mean).rename("y"), donors, mean


def series_of(practice: Practice) -> list[Series]:
    """One for each treated clinic."""
    rows = panel_of(practice)
    touched = rows[(rows["it"] > 0) | (rows["other"] > 0)]
    free = rows[~rows["clinic"].isin(touched["clinic"])]
    found = []
    for _, here in rows.groupby("clinic"):
        reached = here.loc[here["it"] > 0, "persona"].unique()
        if not len(reached):
            continue
        mine = here[here["persona"].isin(reached)]
        start = int(mine.loc[mine["it"] > 0, "t"].min()) - 1
        same = free[free["persona"].isin(reached)]
        donors = same.pivot_table(index="period", columns="clinic", values="y", aggfunc="sum")
        if donors.shape[1] < 2:
            rest = here[~here["persona"].isin(reached)]
            donors = rest.pivot_table(index="period", columns="persona", values="y")
        target = mine.groupby("period")["y"].sum().astype(float)
        found.append(Series(target, donors.reindex(target.index).astype(float), start))
    return found


def _add_up(practice: Practice, answer: Callable[[Series], Answer]) -> Answer:
    answers = np.array([answer(series) for series in series_of(practice)])
    if not np.isfinite(answers[:, 0]).all():
        return NONE
    total = answers[:, 0].sum()
    below, above = (np.sqrt(((answers[:, 0] - answers[:, end]) ** 2).sum()) for end in (1, 2))
    return total, total - below, total + above


def interrupted_series(practice: Practice) -> Answer:
    """statsmodels: Poisson with trend, two harmonics, change of level and slope, HAC errors."""
    return _add_up(practice, _interrupted)


def _interrupted(series: Series) -> Answer:
    import statsmodels.api as sm

    count = len(series.target)
    t = np.arange(count)
    after = (t >= series.start).astype(float)
    design = np.column_stack(
        [np.ones(count), t / count, *_harmonics(series), after, after * (t - series.start) / count]
    )
    lags = int(4 * (count / 100) ** (2 / 9))
    model = sm.GLM(series.target.to_numpy(), design, family=sm.families.Poisson())
    fit = model.fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    without = design.copy()
    without[:, -2:] = 0
    window = after > 0
    with_it, without_it = (np.exp(rows[window] @ fit.params) for rows in (design, without))
    total = float((with_it - without_it).sum())
    slope = with_it @ design[window] - without_it @ without[window]
    spread = 1.96 * float(np.sqrt(slope @ fit.cov_params() @ slope))
    return total, total - spread, total + spread


def _harmonics(series: Series) -> list[np.ndarray]:
    year = 2 * np.pi * pd.DatetimeIndex(series.target.index).dayofyear.to_numpy() / 365.25
    return [wave(k * year) for k in (1, 2) for wave in (np.cos, np.sin)]


def synthetic_control(practice: Practice) -> Answer:
    """pysyncon: simplex weights on all outcomes before; the ATT with its own standard error."""
    return _add_up(practice, _synthetic_control)


def _synthetic_control(series: Series) -> Answer:
    from pysyncon import Synth

    if series.donors.shape[1] < 2:
        raise ValueError("fewer than two donors")
    target, donors, scale = series.indexed
    before, after = target.index[: series.start], target.index[series.start :]
    past, own = donors.loc[before], target.loc[before]
    fit = Synth()
    fit.fit(X0=past, X1=own, Z0=past, Z1=own, custom_V=np.ones(len(before)))
    mean = fit.att(time_period=after, Z0=donors, Z1=target)
    total, spread = (mean[name] * scale * len(after) for name in ("att", "se"))
    return total, total - 1.96 * spread, total + 1.96 * spread


def causal_impact(practice: Practice) -> Answer:
    """bsts-causalimpact with its defaults: local level and spike-and-slab over the donors."""
    return _add_up(practice, _causal_impact)


def _causal_impact(series: Series) -> Answer:
    from causal_impact import CausalImpact

    table = pd.concat([series.target.rename("y"), series.donors], axis=1)
    table.columns = ["y", *[f"x{i}" for i in range(series.donors.shape[1])]]
    index = table.index
    before = [str(index[0].date()), str(index[series.start - 1].date())]
    after = [str(index[series.start].date()), str(index[-1].date())]
    last = CausalImpact(table, before, after).inferences.iloc[-1]
    return tuple(float(last[f"cumulative_effect{end}"]) for end in ("", "_lower", "_upper"))


def causalpy(practice: Practice) -> Answer:
    """CausalPy: Bayesian synthetic control, or interrupted series where there are no donors."""
    return _add_up(practice, _causalpy)


def _causalpy(series: Series) -> Answer:
    import causalpy as cp

    quiet = {"progressbar": False, "random_seed": 1, "cores": 1}
    target, donors, scale = series.indexed
    table = pd.concat([target, donors], axis=1)
    table.columns = ["y", *[f"x{i}" for i in range(donors.shape[1])]]
    start = table.index[series.start]
    if series.donors.shape[1] >= 2:
        found = cp.SyntheticControl(
            table,
            start,
            control_units=list(table.columns[1:]),
            treated_units=["y"],
            model=cp.pymc_models.WeightedSumFitter(sample_kwargs=quiet | {"target_accept": 0.95}),
        )
    else:
        table["t"] = np.arange(len(table)) / len(table)
        waves = _harmonics(series)
        table = table.assign(**{f"wave{i}": wave for i, wave in enumerate(waves)})
        formula = "y ~ 1 + t + " + " + ".join(f"wave{i}" for i in range(len(waves)))
        model = cp.pymc_models.LinearRegression(sample_kwargs=quiet)
        found = cp.InterruptedTimeSeries(table, start, formula=formula, model=model)
    said = found.effect_summary(direction="two-sided", alpha=0.05).table.loc["cumulative"]
    return tuple(float(said[name]) * scale for name in ("mean", "hdi_lower", "hdi_upper"))
