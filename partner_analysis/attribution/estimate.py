"""Each partnership's effect on new-patient counts: from counts and register to ``Effect``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.attribution.checks import run_checks, table_of_placebos
from partner_analysis.attribution.draws import interval_of, p_value_of
from partner_analysis.attribution.effect import (
    COMPARISON_COLUMNS,
    Effect,
    empty_table,
    judge,
    without_number,
)
from partner_analysis.attribution.joint import (
    imputation_window,
    indistinct,
    joint_window,
    neighbours,
)
from partner_analysis.attribution.outlook import smallest_visible, tell_from
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.periods import period_table
from partner_analysis.attribution.posterior import Posterior, weigh
from partner_analysis.attribution.units import ENOUGH_BEFORE, Window, mask_of
from partner_analysis.tables import (
    DAYS_PER_MONTH,
    InputError,
    Interval,
    check_counts,
    check_named,
    check_partnerships,
)

METHODS: Final = ("auto", "panel", "series")


def estimate_effect(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    named: pd.DataFrame | None = None,
    method: str = "auto",
    level: float = 0.95,
) -> Effect:
    """The estimated effect of one partnership on new-patient counts, with its interval.

    Parameters
    ----------
    counts
        One row per clinic, persona and period: see ``tables.check_counts``.
    partnerships
        All partnerships of the practice, not only this one: see ``tables.check_partnerships``.
        Cells that others touch are left out of the comparison or modelled beside this one.
    partnership_id
        Which partnership.
    named
        Optional counts of new patients who named each partner: see ``tables.check_named``.
    method
        "auto", "panel" (other cells as comparison) or "series" (its own past alone).
    level
        Of the intervals.

    Returns
    -------
    Effect
        ``total`` is the expected number of extra new patients over the partnership's active
        cells and complete periods, compared with the same practice without this partnership,
        all others running as they did and given the shocks that occurred.

    Raises
    ------
    InputError
        For tables that break their contract, an unknown id, method or level.

    Notes
    -----
    Multiplicative Poisson imputation (Wooldridge 2023) with shocks whose size is learnt from the
    comparison units through the same window; see ``panel``, ``shocks`` and docs/method.md.

    Examples
    --------
    >>> weeks = pd.date_range("2024-01-01", periods=60, freq="W-MON")
    >>> clinics = [(week, clinic) for clinic in "ABCDE" for week in weeks]
    >>> counts = pd.DataFrame(clinics, columns=["period", "clinic"]).assign(new_patients=8)
    >>> gym = {"partnership_id": "gym", "start_date": "2024-09-02", "clinics": ["A"]}
    >>> estimate_effect(counts, pd.DataFrame([gym]), "gym").verdict
    'no clear change'
    """
    panel, sources = _prepare(counts, partnerships, named, method, level)
    if partnership_id not in panel.touches:
        known = ", ".join(sorted(panel.touches)[:8]) or "none"
        raise InputError(
            f"partnerships: there is no partnership_id {partnership_id!r}. The table has {known}."
        )
    return _estimate(panel, partnership_id, sources, method, level)


def estimate_effects(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    named: pd.DataFrame | None = None,
    level: float = 0.95,
    method: str = "auto",
) -> dict[str, Effect]:
    """The estimated effect of every partnership, by id; overlaps are handled.

    Arguments, result and errors are those of ``estimate_effect``, which gives the same answer
    for each; here the comparison is fitted once for all.
    """
    panel, sources = _prepare(counts, partnerships, named, method, level)
    return {key: _estimate(panel, key, sources, method, level) for key in panel.touches}


def _prepare(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    named: pd.DataFrame | None,
    method: str,
    level: float,
) -> tuple[Panel, pd.DataFrame | None]:
    """Check everything that was given, and arrange it."""
    if method not in METHODS:
        raise InputError(f"method: {method!r} is not known. Use one of {', '.join(METHODS)}.")
    if not 0.5 <= level < 1:
        raise InputError(f"level: {level!r} is not a confidence level. Use 0.95, or 0.5 to 0.999.")
    checked = check_counts(counts)
    if checked.empty:
        raise InputError("counts: the table has no rows. Count at least one clinic first.")
    panel = arrange_panel(checked, check_partnerships(partnerships))
    return panel, None if named is None else check_named(named)


def _estimate(
    panel: Panel, identifier: str, named: pd.DataFrame | None, method: str, level: float
) -> Effect:
    rows = panel.register[panel.register["partnership_id"] == identifier]
    about = {
        "identifier": identifier,
        "name": str(rows["name"].iloc[0]),
        "kind": str(rows["kind"].iloc[0]),
        "level": level,
    }
    window, posterior = _choose_window(panel, identifier, method)
    reason = _unfit(panel, identifier, window)
    if reason is not None:
        return without_number(**about, note=reason, verdict=_no_number_verdict(panel, identifier))
    if posterior is None:
        posterior = weigh(panel, window)
    return _effect(panel, posterior, rows, named, about)


def _choose_window(
    panel: Panel, identifier: str, method: str
) -> tuple[Window, Posterior | None]:
    """The window to judge: alone, beside others, or a bundle that cannot be told apart."""
    groups: tuple[tuple[str, ...], ...] = (
        (identifier,),
        *((other,) for other in neighbours(panel, identifier)),
    )
    while len(groups) > 1:
        window = joint_window(panel, groups, method)
        if not window.active.any():
            break
        posterior = weigh(panel, window)
        twin = indistinct(posterior.information)
        if twin is None:
            return window, posterior
        rest = tuple(g for k, g in enumerate(groups) if k not in (0, twin))
        groups = ((*groups[0], *groups[twin]), *rest)
    return imputation_window(panel, groups[0], method), None


def _unfit(panel: Panel, identifier: str, window: Window) -> str | None:
    """Why no number can be made, in words for the practice; None where one can."""
    touch = panel.touches[identifier]
    if not len(touch.cells):
        return "None of the partnership's clinics and personas appears in the counts."
    if not (touch.active & panel.cells.usable[touch.cells]).any():
        return (
            "The counts hold no complete period of which the partnership ran more than half "
            "the days."
        )
    if not len(window.rows):
        return (
            f"There are fewer than {ENOUGH_BEFORE} known periods before the start that no "
            "partnership touches, so there is nothing to compare with."
        )
    if not window.active.any():
        return (
            "In none of its active periods do other cells, or its own past, say what was to be "
            "expected without it."
        )
    return None


def _no_number_verdict(panel: Panel, identifier: str) -> str:
    """Too early where the partnership has yet to run a complete period, else data not fit."""
    touch = panel.touches[identifier]
    began = panel.register.loc[panel.register["partnership_id"] == identifier, "start_date"].min()
    last = panel.cells.periods[-1] + pd.Timedelta(days=int(panel.cells.length[-1]))
    enough = (panel.cells.usable[touch.cells] & (panel.cells.day < _day_number(began))).sum(axis=1)
    young = not touch.active.any() and bool((enough >= ENOUGH_BEFORE).any())
    return "too early" if young and began + pd.Timedelta(days=92) > last else "data not fit"


def _day_number(date: pd.Timestamp) -> int:
    return int((date - pd.Timestamp(0)).days)


def _effect(
    panel: Panel,
    posterior: Posterior,
    rows: pd.DataFrame,
    named: pd.DataFrame | None,
    about: dict[str, object],
) -> Effect:
    """The record of one estimate, every number of it from the same draws."""
    window, level = posterior.window, float(about["level"])  # type: ignore[arg-type]
    when = np.flatnonzero(window.active.any(axis=0))
    days = float(panel.cells.length[when].sum())
    differences = posterior.came - posterior.without
    observed, expected = posterior.observed, posterior.expected
    total = interval_of(differences, observed - expected, level)
    percent = _percent(posterior, expected, level)
    checks = run_checks(panel, posterior)
    span = panel.cells.periods[when]
    bundle = tuple(sorted(window.judged)) if len(window.judged) > 1 else ()
    return Effect(
        partnership_id=str(about["identifier"]),
        name=str(about["name"]),
        kind=str(about["kind"]),
        total=total,
        per_month=total.scaled(DAYS_PER_MONTH / days),
        percent=percent,
        verdict=judge(total, percent, days),
        p_value=p_value_of(differences),
        method="series" if window.route == "series" else "panel",
        level=level,
        n_pre=_count_before(window),
        n_post=len(when),
        named=_named(panel, window, named, str(about["identifier"])),
        notes=tuple(_notes(panel, posterior, bundle)),
        bundle=bundle,
        periods=period_table(panel, posterior, level),
        checks=checks,
        comparison=_comparison_table(panel, window),
        placebos=table_of_placebos(posterior, str(about["identifier"])),
        observed=observed,
        expected=expected,
        active_days=days,
        first_day=span[0],
        last_day=span[-1] + pd.Timedelta(days=int(panel.cells.length[when[-1]]) - 1),
        tell_from=tell_from(panel, posterior, rows, total),
        smallest_visible=smallest_visible(posterior, days, level),
    )


def _percent(posterior: Posterior, expected: float, level: float) -> Interval:
    """Percentage of the expected sum; missing where nobody came before."""
    if expected <= 0:
        return Interval(np.nan, np.nan, np.nan)
    draws = 100 * (posterior.came / posterior.without - 1)
    return interval_of(draws, 100 * (posterior.observed / expected - 1), level)


def _count_before(window: Window) -> int:
    """Periods before its first active one in which any judged cell was known and untouched."""
    first = int(window.active.any(axis=0).argmax())
    clean = window.known & (window.design.sum(axis=2) == 0)
    return int(clean.any(axis=0)[:first].sum())


def _named(
    panel: Panel, window: Window, named: pd.DataFrame | None, identifier: str
) -> float | None:
    """New patients who named the partner in the judged cells and active periods."""
    if named is None:
        return None
    cells = panel.cells
    spots = {
        (cells.clinics[cells.clinic[row]], cells.personas[cells.persona[row]], cells.periods[t])
        for row, t in zip(
            window.rows[np.nonzero(window.active)[0]], np.nonzero(window.active)[1], strict=True
        )
    }
    mine = named[named["partnership_id"] == identifier]
    keys = zip(mine["clinic"], mine["persona"], mine["period"], strict=True)
    inside = [key in spots for key in keys]
    return float(mine.loc[inside, "named"].sum())


def _comparison_table(panel: Panel, window: Window) -> pd.DataFrame:
    """The cells whose period effects the expectation rests on."""
    if window.route == "series":
        return empty_table(COMPARISON_COLUMNS)
    serving = _serving(panel, window)
    cells = panel.cells
    untouched = panel.untouched[serving]
    return pd.DataFrame(
        {
            "clinic": pd.Series([cells.clinics[c] for c in cells.clinic[serving]], dtype="str"),
            "persona": pd.Series([cells.personas[p] for p in cells.persona[serving]], dtype="str"),
            "periods": untouched.sum(axis=1).astype("int64"),
            "new_patients": np.where(untouched, cells.observed[serving], 0.0).sum(axis=1),
        }
    )


def _serving(panel: Panel, window: Window) -> Ints:
    """Rows of the comparison cells of a window."""
    left_out: Bools = mask_of(panel, window.rows)
    found: list[Iterable[int]] = []
    personas = np.unique(panel.cells.persona[window.rows])
    comparisons = panel.comparisons(window.route)
    for each in [comparisons[p] for p in personas] if window.route == "persona" else comparisons:
        found.append(each.rows[each.serving(left_out)])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def _notes(panel: Panel, posterior: Posterior, bundle: tuple[str, ...]) -> list[str]:
    """Sentences that a reader should know about this estimate."""
    window = posterior.window
    notes = [_route_note(panel, window)]
    if bundle:
        notes.append(
            "The data cannot tell these partnerships apart; the number is for all of them "
            f"together: {', '.join(bundle)}."
        )
    elif window.design.shape[2] > 1:
        notes.append(
            f"It shares clinics and periods with {', '.join(window.members[len(window.judged) :])}; their effects "
            "are estimated together, each as a constant ratio."
        )
    judged = set(window.rows[window.active.any(axis=1)].tolist())
    listed = {int(row) for m in window.members for row in panel.touches[m].cells}
    left = [row for row in sorted(listed - judged) if panel.cells.observed[row].sum() > 0]
    if left and window.design.shape[2] == 1:
        places = ", ".join(
            f"{panel.cells.clinics[panel.cells.clinic[r]]} ({panel.cells.personas[panel.cells.persona[r]]})"
            for r in left[:6]
        )
        notes.append(
            f"Not judged, for want of {ENOUGH_BEFORE} untouched periods before the start or of "
            f"complete periods since: {places}{' and more' if len(left) > 6 else ''}."
        )
    if posterior.small:
        notes.append(
            "Few patients came before the start, so the interval comes from the exact comparison "
            "of two small counts."
        )
    return notes


def _route_note(panel: Panel, window: Window) -> str:
    """What the expectation rests on."""
    if window.route == "series":
        return (
            "No comparison cell exists, so the expectation rests on its own past alone; anything "
            "else that changed at the start is inside the estimate."
        )
    cells: Floats | Ints = _serving(panel, window)
    same = "the same personas at other clinics" if window.route == "persona" else "all other cells"
    if len(panel.cells.personas) == 1:
        same = "other clinics"
    return f"The expectation rests on {len(cells)} comparison cells: {same}."

