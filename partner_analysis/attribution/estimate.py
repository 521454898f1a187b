"""Each partnership's effect on new-patient counts: from counts and register to ``Effect``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.checks.elsewhere import percent_of
from partner_analysis.attribution.checks.examination import examine, look_beside
from partner_analysis.attribution.draws import interval_of, p_value_of
from partner_analysis.attribution.effect import (
    CHECK_COLUMNS,
    PLACEBO_COLUMNS,
    Effect,
    empty_table,
    is_too_early,
    judge,
    months_later,
    without_number,
)
from partner_analysis.attribution.evidence import (
    comparison_table,
    count_before,
    count_named_in,
    notes_on,
    reconciled,
    room_of,
)
from partner_analysis.attribution.joint import choose_window
from partner_analysis.attribution.named.blending import blend_effects
from partner_analysis.attribution.outlook import smallest_visible, tell_from
from partner_analysis.attribution.panel import Panel, arrange_panel
from partner_analysis.attribution.periods import period_table
from partner_analysis.attribution.posterior import Posterior, weigh, weigh_anew
from partner_analysis.attribution.unjudged import judged_share
from partner_analysis.attribution.windows import ENOUGH_BEFORE, Window
from partner_analysis.tables import (
    DAYS_PER_MONTH,
    InputError,
    check_counts,
    check_events,
    check_named,
    check_partnerships,
)

METHODS: Final = ("auto", "panel", "series")
NO_RECOUNTS: Final[Mapping[str, pd.DataFrame]] = MappingProxyType({})


def estimate_effect(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    partnership_id: str,
    *,
    named: pd.DataFrame | None = None,
    method: str = "auto",
    level: float = 0.95,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
    checks: bool = True,
    recounts: Mapping[str, pd.DataFrame] = NO_RECOUNTS,
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
    events
        Optional declared shocks and changes of recording: see ``tables.check_events``.
    holidays
        Whose public holidays: "US", with a state as in "US-RI", or "" for none.
    checks
        Whether to run the checks as well; without them ``checks``, ``placebos``, ``grade`` and
        what else they fill stays empty.
    recounts
        Counts of the same practice by other definitions of a new patient, each by a name that
        completes "with ...", as in "every new episode counted". The check of other choices
        says how far the answer moves.

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
    ask = Asked(method, level, checks, recounts=recounts)
    prepared = prepare(counts, partnerships, named=named, events=events, holidays=holidays)
    return estimate_prepared(prepared, partnership_id, ask)


def estimate_effects(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    named: pd.DataFrame | None = None,
    level: float = 0.95,
    method: str = "auto",
    events: pd.DataFrame | None = None,
    holidays: str = "US",
    checks: bool = True,
    recounts: Mapping[str, pd.DataFrame] = NO_RECOUNTS,
) -> dict[str, Effect]:
    """The estimated effect of every partnership, by id; overlaps are handled.

    Arguments, result and errors are those of ``estimate_effect``, which gives the same answer
    for each; here the comparison is fitted once for all. Only here, with ``named`` given for at
    least five partnerships, is ``blended`` filled.
    """
    ask = Asked(method, level, checks, recounts=recounts)
    ready = prepare(counts, partnerships, named=named, events=events, holidays=holidays)
    recounted = _recounted(ready.panel, ask)
    effects = {key: _estimate(ready, key, ask, recounted) for key in ready.panel.touches}
    return _blended(effects, ready)


def blend_with_named(
    effects: dict[str, Effect],
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    named: pd.DataFrame,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> dict[str, Effect]:
    """Effects estimated one by one, as ``estimate_effects`` gives them: with ``blended`` filled."""
    ready = prepare(counts, partnerships, named=named, events=events, holidays=holidays)
    return _blended(effects, ready)


def _blended(effects: dict[str, Effect], ready: Prepared) -> dict[str, Effect]:
    """Effects put together with named counts, where these were given."""
    if ready.named is None:
        return effects
    return blend_effects(effects, counts=ready.counts, panel=ready.panel, named=ready.named)


@dataclass(frozen=True)
class Asked:
    """What is asked of every estimate alike; refused where it is not known.

    ``beside`` asks for what stands beside the checks too: how the effect came, other paces, where
    patients may have come from, what waiting would bring. No check needs it.
    """

    method: str = "auto"
    level: float = 0.95
    checks: bool = True
    beside: bool = True
    recounts: Mapping[str, pd.DataFrame] = field(default_factory=lambda: NO_RECOUNTS)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            known = ", ".join(METHODS)
            raise InputError(f"method: {self.method!r} is not known. Use one of {known}.")
        if not 0.5 <= self.level <= 0.999:
            raise InputError(
                f"level: {self.level!r} is not a confidence level. Use 0.95, or 0.5 to 0.999."
            )


@dataclass(frozen=True)
class Prepared:
    """The tables of a practice, checked and arranged: what all its estimates start from."""

    counts: pd.DataFrame
    named: pd.DataFrame | None
    panel: Panel

    def narrowed(self, chosen: Callable[[pd.DataFrame], pd.Series]) -> Prepared:
        """The same with some of the rows of counts and named counts alone."""
        counts = self.counts.loc[chosen(self.counts)].reset_index(drop=True)
        named = None if self.named is None else self.named.loc[chosen(self.named)]
        return self._arranged(counts, named)

    def recounted(self, counts: pd.DataFrame, named: pd.DataFrame | None) -> Prepared:
        """The same with the practice counted otherwise."""
        return self._arranged(check_counts(counts), None if named is None else check_named(named))

    def _arranged(self, counts: pd.DataFrame, named: pd.DataFrame | None) -> Prepared:
        was = self.panel
        panel = arrange_panel(counts, was.register, was.events, was.holidays, like=was)
        return Prepared(counts, named, panel)


def prepare(
    counts: pd.DataFrame,
    partnerships: pd.DataFrame,
    *,
    named: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    holidays: str = "US",
) -> Prepared:
    """Everything that was given, checked and arranged; arguments as of ``estimate_effect``."""
    checked = check_counts(counts)
    if checked.empty:
        raise InputError("counts: the table has no rows. Count at least one clinic first.")
    register = check_partnerships(partnerships)
    declared = None if events is None else check_events(events)
    panel = arrange_panel(checked, register, declared, holidays)
    return Prepared(checked, None if named is None else check_named(named), panel)


def estimate_prepared(prepared: Prepared, partnership_id: str, ask: Asked) -> Effect:
    """The effect of one partnership from tables that are ready: see ``estimate_effect``."""
    panel = prepared.panel
    if partnership_id not in panel.touches:
        known = ", ".join(sorted(panel.touches)[:8]) or "none"
        raise InputError(
            f"partnerships: there is no partnership_id {partnership_id!r}. The table has {known}."
        )
    return _estimate(prepared, partnership_id, ask, _recounted(panel, ask))


def _recounted(panel: Panel, ask: Asked) -> dict[str, Panel]:
    """The same practice by other definitions of a new patient; only checks ask for it."""
    if not ask.checks:
        return {}
    return {
        name: arrange_panel(
            check_counts(counts), panel.register, panel.events, panel.holidays, like=panel
        )
        for name, counts in ask.recounts.items()
    }


def _estimate(
    ready: Prepared, identifier: str, ask: Asked, recounted: Mapping[str, Panel]
) -> Effect:
    panel = ready.panel
    rows = panel.register[panel.register["partnership_id"] == identifier]
    about: dict[str, Any] = {
        "partnership_id": identifier,
        "name": str(rows["name"].iloc[0]),
        "kind": str(rows["kind"].iloc[0]),
        "level": ask.level,
        "end_day": rows["end_date"].max() if rows["end_date"].notna().all() else pd.NaT,
    }
    wide = () if identifier in panel.wide else panel.wide
    panel = panel.narrow if wide else panel
    window = choose_window(panel, identifier, ask.method)
    reason = _unfit(panel, identifier, window)
    if reason is not None:
        return without_number(**about, note=reason, verdict=_no_number_verdict(panel, identifier))
    posterior = weigh(panel, window)
    effect = _effect(panel, posterior, ready.named, about, wide)
    if not ask.checks:
        return effect
    when = tell_from(panel, posterior, rows, effect.total, ask.level)
    effect = replace(effect, tell_from=when)
    alike = weigh_anew(panel, posterior, "like the others")
    examined = examine(
        effect, panel, posterior, alike, rows, method=ask.method, recounted=recounted
    )
    if not ask.beside:
        return examined
    return look_beside(examined, panel, posterior, alike, rows, method=ask.method)


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
    return "too early" if young and months_later(began, 3) > last else "data not fit"


def _day_number(date: pd.Timestamp) -> int:
    return int((date - pd.Timestamp(0)).days)


def _effect(
    panel: Panel,
    posterior: Posterior,
    named: pd.DataFrame | None,
    about: dict[str, Any],
    wide: tuple[str, ...],
) -> Effect:
    """The record of one estimate, every number of it from the same draws."""
    window, level = posterior.window, float(about["level"])
    when = np.flatnonzero(window.active.any(axis=0))
    days = float(panel.cells.length[when].sum())
    differences = posterior.came - posterior.without
    observed, expected = posterior.observed, posterior.expected
    total = interval_of(differences, observed - expected, level)
    percent = percent_of(posterior, level)
    span = panel.cells.periods[when]
    bundle = tuple(sorted(window.judged)) if len(window.judged) > 1 else ()
    count = count_named_in(panel, window, named, str(about["partnership_id"]))
    room = room_of(panel, window)
    return Effect(
        **about,
        total=total,
        per_month=total.scaled(DAYS_PER_MONTH / days),
        percent=percent,
        verdict=judge(total, percent, too_early=is_too_early(span[0], days)),
        p_value=p_value_of(differences, total.estimate),
        method="series" if window.route == "series" else "panel",
        n_pre=count_before(window),
        n_post=len(when),
        n_cells=int(window.active.sum()),
        judged_share=judged_share(panel, window),
        named=count,
        notes=tuple(notes_on(panel, posterior, bundle, wide)),
        bundle=bundle,
        periods=period_table(panel, posterior, level),
        checks=empty_table(CHECK_COLUMNS),
        comparison=comparison_table(panel, window),
        placebos=empty_table(PLACEBO_COLUMNS),
        observed=observed,
        expected=expected,
        active_days=days,
        first_day=span[0],
        last_day=pd.Timestamp(span[-1]) + pd.Timedelta(days=int(panel.cells.length[when[-1]]) - 1),
        tell_from=pd.NaT,
        smallest_visible=smallest_visible(posterior, days, level),
        at_least=room.at_least,
        capacity=room.sentence,
        reconciliation=reconciled(panel, window, named, total),
        draws=np.stack([posterior.came, posterior.without]),
    )
