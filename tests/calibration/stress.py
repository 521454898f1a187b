"""What counts alone cannot tell from a partnership: how often is it taken for one, or warned of?

Rates here are reported as they are; there is no limit to keep. Each practice is one of
``worlds.py``, the same draw in every row, to which one thing happens within six weeks of the
start. "Nothing unusual" is the row to compare with. The truth is always what the partnership
itself brought, recorded or not. Sizes were set before the first run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rates import CHANGES, accuracy, answer, as_markdown, in_words, percent, planted, share, told
from worlds import PERSONAS, SIZE_OF_EFFECT, World, _counts, _row, fading

from partner_analysis.attribution.effect import Effect
from partner_analysis.attribution.estimate import estimate_effect

NEAR = 6  # weeks before or after the start at which something else happens
CHECKED = 200  # practices of each row for which the checks are run as well
UNKNOWN_SOURCE = 0.25  # of patients have no known referral source
FIRST_CLINIC, NEIGHBOUR = "clinic 00", "clinic 01"
WELL_FOUNDED = ("strong", "moderate")


@dataclass(frozen=True)
class Trouble:
    """What happens beside the partnership of one practice, and which check is meant to see it.

    ``shift`` is the change at the partnership's clinic, a share of what came, up or down by
    chance where ``either_way``; it lasts for ``shift_weeks`` (0: for good) and builds up over
    ``ramp_weeks``. ``spill`` is the share that the neighbour loses from the start on. Of
    ``unrecorded`` patients no record is made before or, by chance, after a date; with
    ``of_unknown_source`` they are those without a known source.
    """

    world: World
    chosen: str = ""
    shift: float = 0.0
    either_way: bool = False
    shift_weeks: int = 0
    ramp_weeks: int = 1
    control: str = ""
    spill: float = 0.0
    neighbour_named: bool = False
    unrecorded: float = 0.0
    of_unknown_source: bool = False
    declared: str = ""
    meant: str = ""


CLINIC = World(8, all_personas=True)
PERSONA = World(8)
FEW = World(3, all_personas=True)
LASTING = {"shift": 0.2, "either_way": True}
PLAIN = {"unrecorded": 0.2, "meant": "recording"}
BY_SOURCE = PLAIN | {"of_unknown_source": True}
TROUBLES = {
    "nothing unusual": Trouble(CLINIC),
    "nothing unusual, one persona judged": Trouble(PERSONA),
    "nothing unusual, three clinics": Trouble(FEW),
    "starts after a dip": Trouble(CLINIC, chosen="dip", meant="placebo date"),
    "starts after a dip, one clinic's total": Trouble(
        World(1, personas=1), chosen="dip", meant="placebo date"
    ),
    "advertising for 12 weeks, +30%": Trouble(CLINIC, shift=0.3, shift_weeks=12),
    "a hire, +20% over 8 weeks": Trouble(CLINIC, shift=0.2, ramp_weeks=8),
    "level shift of 20%": Trouble(CLINIC, **LASTING),
    "level shift, declared": Trouble(CLINIC, declared="shock", **LASTING),
    "level shift, one persona judged": Trouble(PERSONA, **LASTING),
    "level shift, negative control named": Trouble(
        PERSONA, control=PERSONAS[-1], meant="negative control", **LASTING
    ),
    "spill-over, neighbour not named": Trouble(FEW, spill=0.2, meant="leave one clinic out"),
    "spill-over, neighbour named": Trouble(FEW, spill=0.2, neighbour_named=True, meant="moved"),
    "20% not recorded": Trouble(CLINIC, **PLAIN),
    "20% not recorded, declared": Trouble(CLINIC, declared="recording", **PLAIN),
    "20% not recorded, of unknown source": Trouble(CLINIC, **BY_SOURCE),
    "20% not recorded, of unknown source, declared": Trouble(
        CLINIC, declared="recording", **BY_SOURCE
    ),
    "chosen as fastest growing of twelve": Trouble(
        World(12, all_personas=True), chosen="growth", meant="pre-trend"
    ),
}


@dataclass(frozen=True)
class Practice:
    """One made-up practice and the true total of its partnership."""

    counts: pd.DataFrame
    partnerships: pd.DataFrame
    events: pd.DataFrame | None
    truth: float


def draw(trouble: Trouble, effect: float, seed: int) -> Practice:
    """One practice: as ``worlds.draw`` gives it, and what happens to it beside the partnership."""
    world = trouble.world
    rng, more = np.random.default_rng([20261122, seed]), np.random.default_rng([20261128, seed])
    mean = means(world, rng)
    start = int(rng.integers(int(world.weeks * 0.5), int(world.weeks * 0.72), 4)[0])
    when = start + int(more.integers(-NEAR, NEAR + 1))
    mean[0] *= _shift(trouble, when, world.weeks, more)
    if trouble.spill:
        mean[1, :, start:] *= 1 - trouble.spill
    came = rng.poisson(mean)
    clinic, start = _choice(trouble.chosen, came.sum(axis=1), start)
    brought = np.zeros_like(mean)
    reached = slice(None) if world.all_personas else slice(0, 1)
    brought[clinic, reached] = mean[clinic, reached] * np.expm1(
        np.log1p(effect) * _ramp(world.weeks, start, 6)
    )
    came = came + more.poisson(brought)
    counts = _recorded(trouble, came, when, more)
    row = _row(world, "it", clinic, start) | {"negative_control": trouble.control}
    row |= {"neighbours": (NEIGHBOUR,) if trouble.neighbour_named else ()}
    events = _declaration(trouble, when) if trouble.declared else None
    return Practice(counts, pd.DataFrame([row]), events, float(brought.sum()))


def means(world: World, rng: np.random.Generator) -> np.ndarray:
    """What is to come without any partnership: (clinics, personas, weeks), as ``worlds.draw``."""
    clinics, personas, weeks = world.clinics, world.personas, world.weeks
    years = np.arange(weeks) / 52.18
    size = np.exp(rng.uniform(*np.log(world.patients_per_clinic_month), clinics)) * 12 / 52.18
    mix = rng.dirichlet(np.full(personas, 8.0), clinics)
    phase, depth = rng.uniform(0, 1, personas), rng.uniform(0.05, 0.2, personas)
    season = depth[:, None] * np.cos(2 * np.pi * (years - phase[:, None]))
    drift = rng.normal(0, world.drift_sd, (clinics, 1)) * (years - years.mean())
    log_mean = (
        np.log(size[:, None, None] * mix[:, :, None])
        + season
        + fading(rng, 1, weeks, 0.08, 0.95)
        + (drift + fading(rng, clinics, weeks, 0.10, 0.9))[:, None, :]
        + fading(rng, clinics * personas, weeks, 0.06, 0.85).reshape(clinics, personas, weeks)
    )
    return np.exp(log_mean) * rng.gamma(8.0, 1 / 8.0, log_mean.shape)


def _ramp(weeks: int, start: int, over: int) -> np.ndarray:
    """0 before the start, then up to 1 over some weeks."""
    return np.clip((np.arange(weeks) - start + 1) / over, 0, 1)


def _shift(trouble: Trouble, when: int, weeks: int, rng: np.random.Generator) -> np.ndarray:
    """By what the clinic's counts are multiplied in each week."""
    up = not trouble.either_way or rng.random() < 0.5
    shape = _ramp(weeks, when, trouble.ramp_weeks)
    if trouble.shift_weeks:
        shape[when + trouble.shift_weeks :] = 0
    return 1 + (1 if up else -1) * trouble.shift * shape


def _choice(chosen: str, came: np.ndarray, start: int) -> tuple[int, int]:
    """Clinic and start, as someone chooses them who has seen the counts before."""
    weeks = came.shape[1]
    if chosen == "dip":
        ratio = {
            day: came[0, day - 8 : day].mean() / came[0, day - 34 : day - 8].mean()
            for day in range(int(weeks * 0.5), int(weeks * 0.72))
        }
        return 0, min(ratio, key=ratio.__getitem__)
    if chosen == "growth":
        last, before = came[:, start - 26 : start], came[:, start - 52 : start - 26]
        return int((last.sum(axis=1) / before.sum(axis=1)).argmax()), start
    return 0, start


def _recorded(
    trouble: Trouble, came: np.ndarray, when: int, rng: np.random.Generator
) -> pd.DataFrame:
    """The counts as they are written down, with those of unknown source."""
    unknown = rng.binomial(came, UNKNOWN_SOURCE)
    known = came - unknown
    if trouble.unrecorded:
        side = slice(when, None) if rng.random() < 0.5 else slice(0, when)
        if trouble.of_unknown_source:
            gone = trouble.unrecorded / UNKNOWN_SOURCE
            unknown[0, :, side] = rng.binomial(unknown[0, :, side], 1 - gone)
        else:
            for part in (unknown, known):
                part[0, :, side] = rng.binomial(part[0, :, side], 1 - trouble.unrecorded)
    counts = _counts(trouble.world, known + unknown, rng)
    return counts.assign(unknown_source=unknown.reshape(-1))


def _declaration(trouble: Trouble, when: int) -> pd.DataFrame:
    day = pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=when)
    event = {"label": "known to the practice", "kind": trouble.declared, "start_date": day}
    return pd.DataFrame([event | {"clinics": (FIRST_CLINIC,)}])


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every row before the next seed; the checks for the first of them."""
    return [
        {"trouble": name, "effect": effect, "seed": seed, "checks": seed < CHECKED}
        for seed in range(replications)
        for name in TROUBLES
        for effect in (0.0, SIZE_OF_EFFECT)
    ]


def one(*, trouble: str, effect: float, seed: int, checks: bool) -> dict[str, object]:
    """One made-up practice: what was true, what was said and what was warned of."""
    seen = draw(TROUBLES[trouble], effect, seed)
    found = estimate_effect(seen.counts, seen.partnerships, "it", events=seen.events, checks=checks)
    warned = _warned(found) if checks else None
    return answer(found, seen.truth) | {"grade": found.grade if checks else None, "warned": warned}


def _warned(effect: Effect) -> list[str]:
    """The checks that warned or failed, and whether the neighbours are said to have lost."""
    alarms = effect.checks.loc[effect.checks["result"].isin(["warn", "fail"]), "check"].tolist()
    lost = effect.moved["where"].eq("neighbouring clinics") & (effect.moved["high"] < 0)
    return [*alarms, "moved"] if lost.any() else alarms


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per trouble and size of effect: rates with their Monte Carlo intervals."""
    grouped = runs.groupby(["trouble", "effect"], sort=False)
    names = sorted({alarm for warned in runs["warned"].dropna() for alarm in warned})
    return pd.DataFrame(
        [
            {"trouble": trouble, "effect": size}
            | accuracy(of)
            | _warnings(told(of), TROUBLES[trouble].meant, names)
            for (trouble, size), of in grouped
        ]
    )


def _warnings(runs: pd.DataFrame, meant: str, names: Sequence[str]) -> dict[str, Any]:
    """Of the runs with checks: what warned, and which findings were graded as well founded."""
    checked = runs[runs["grade"].notna()]
    warned = checked["warned"]
    meant_for = warned.map(lambda alarms: meant in alarms) if meant else pd.Series(dtype=bool)
    founded = checked["grade"].isin(WELL_FOUNDED)
    return {
        "checked": len(checked),
        "meant": meant,
        **share("meant_warned", meant_for),
        **share("well_founded", founded),
        **share("found_well_founded", founded & checked["verdict"].isin(CHANGES)),
        **{f"warned: {name}": warned.map(lambda a, n=name: n in a).mean() for name in names},
    }


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    meant = percent(table["meant_warned"]) + " " + table["meant"]
    columns = {
        "what else happens": table["trouble"],
        "effect": planted(table),
        "runs": table["runs"],
        "no number": percent(table["no_number"]),
        "interval holds the truth": in_words(table, "coverage"),
        "called more or fewer": in_words(table, "found"),
        "the check meant for it warns": meant.where(table["meant"] != "", "-"),
        "graded strong or moderate": percent(table["well_founded"]),
        "called so, and so graded": in_words(table, "found_well_founded"),
    }
    lead = f"The last three columns are from {table['checked'].max()} practices of each row."
    return f"{lead}\n\n{as_markdown(pd.DataFrame(columns))}"
