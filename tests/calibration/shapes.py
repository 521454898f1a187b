"""Partnerships of other shapes than those of ``worlds.py``: found by doubters, kept for good.

Reviewers who looked for intervals that do not hold tried these. Magnitudes are those of
``worlds.py``; what each does is written in its function. A truth that the data cannot show, an
effect that outlives its partnership, is among them and reported as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from rates import accuracy, answer, as_markdown, in_words, percent, planted
from stress import means
from worlds import PERSONAS, SIZE_OF_EFFECT, World, _counts

from partner_analysis.attribution.estimate import estimate_effect

WEEKS = 156
MONDAYS = pd.date_range("2023-01-02", periods=WEEKS, freq="W-MON")
BEFORE_THE_DATA = pd.Timestamp("2020-06-01")
FIRST_SEED = 300_000
BESIDE = np.log(1.6)  # what another partnership brings at its best


@dataclass(frozen=True)
class Plan:
    """One practice: what "it" and others do to the log mean, their rows, what else holds.

    ``course`` (clinics, personas, weeks) is the log effect of "it", ``beside`` that of others;
    ``offered`` is what share of its usual patients each cell can have; ``size`` stretches clinics.
    """

    course: np.ndarray
    rows: list[dict[str, object]]
    world: World = field(default_factory=lambda: World(8))
    beside: np.ndarray | float = 0.0
    offered: np.ndarray | float = 1.0
    size: np.ndarray | float = 1.0


def row(clinics: range, start: int, end: int = 0, **given: object) -> dict[str, object]:
    """One row of the register, of "it" unless another id is given."""
    first = MONDAYS[start]
    last = MONDAYS[end] - pd.Timedelta(days=1) if end else pd.NaT
    plain = {"partnership_id": "it", "personas": (), "start_date": first, "end_date": last}
    return plain | {"clinics": tuple(f"clinic {c:02d}" for c in clinics)} | given


def course(clinics: int = 8) -> np.ndarray:
    """Nothing, in every cell and week."""
    return np.zeros((clinics, len(PERSONAS), WEEKS))


def beside_one_that(shape: np.ndarray, effect: float) -> Plan:
    """It joins another, which began half a year before and also runs at a second clinic."""
    mine, theirs = course(), course()
    mine[0, :, 96:] = effect
    theirs[:2, :, 70:] = BESIDE * shape
    other = row(range(2), 70, partnership_id="other")
    return Plan(mine, [row(range(1), 96), other], beside=theirs)


def another_fades(effect: float) -> Plan:
    return beside_one_that(np.exp(-np.arange(86) / 20), effect)


def another_grows(effect: float) -> Plan:
    return beside_one_that(np.clip(np.arange(86) / 52, 0, 1), effect)


def another_stays(effect: float) -> Plan:
    return beside_one_that(np.ones(86), effect)


def persona_introduced(effect: float) -> Plan:
    mine, offered = course(), np.ones((8, len(PERSONAS), WEEKS))
    mine[:4, 0, 105:] = effect
    offered[:, 0, :60] = 0.0
    return Plan(mine, [row(range(4), 105, personas=PERSONAS[:1])], offered=offered)


def ran_before_the_data(effect: float) -> Plan:
    mine = course()
    mine[0, :, :80] = effect
    return Plan(mine, [row(range(1), 0, 80, start_date=BEFORE_THE_DATA)])


def pauses(effect: float) -> Plan:
    mine = course()
    mine[0, :, 70:95] = mine[0, :, 118:] = effect
    return Plan(mine, [row(range(1), 70, 95), row(range(1), 118)])


def grows_over_a_year(effect: float) -> Plan:
    mine = course()
    mine[0, :, 90:] = 2 * effect * np.clip(np.arange(WEEKS - 90) / 52, 0, 1)
    return Plan(mine, [row(range(1), 90)])


def differs_by_clinic(effect: float) -> Plan:
    mine = course()
    mine[0, :, 100:], mine[2, :, 100:] = 3 * effect, -effect / 2
    return Plan(mine, [row(range(3), 100)])


def everywhere_at_once(effect: float) -> Plan:
    mine = course(6)
    mine[:, :, 100:] = effect
    return Plan(mine, [row(range(6), 100)], World(6))


def a_quarter_apart(clinics: int, effect: float, personas: tuple[str, ...] = ()) -> Plan:
    """All clinics begin, in up to four groups; then nothing is left to compare with."""
    mine, rows, groups = course(clinics), [], np.array_split(np.arange(clinics), min(clinics, 4))
    for number, group in enumerate(groups):
        start = 85 + 13 * number
        mine[np.ix_(group, range(len(personas) or len(PERSONAS)), range(start, WEEKS))] = effect
        rows.append(row(range(group[0], group[-1] + 1), start, personas=personas))
    return Plan(mine, rows, World(clinics))


def all_a_quarter_apart(effect: float) -> Plan:
    return a_quarter_apart(8, effect)


def three_a_quarter_apart(effect: float) -> Plan:
    return a_quarter_apart(3, effect)


def one_persona_a_quarter_apart(effect: float) -> Plan:
    return a_quarter_apart(8, effect, PERSONAS[:1])


def one_of_two_clinics(effect: float) -> Plan:
    mine = course(2)
    mine[0, :, 100:] = effect
    return Plan(mine, [row(range(1), 100)], World(2))


def large_among_small(effect: float) -> Plan:
    mine, size = course(), np.full(8, 0.5)
    mine[0, :, 100:], size[0] = effect, 4.0
    return Plan(mine, [row(range(1), 100)], size=size)


def outlives_its_end(effect: float) -> Plan:
    mine = course()
    mine[0, :, 80:] = effect
    return Plan(mine, [row(range(1), 80, 110)])


SHAPES: dict[str, Callable[[float], Plan]] = {
    "beside another that stays": another_stays,
    "beside another that fades": another_fades,
    "beside another that grows": another_grows,
    "a persona introduced within the data": persona_introduced,
    "ran before the data, ended within": ran_before_the_data,
    "pauses and starts again": pauses,
    "grows over a year": grows_over_a_year,
    "differs by clinic": differs_by_clinic,
    "everywhere at once": everywhere_at_once,
    "all eight clinics, a quarter apart": all_a_quarter_apart,
    "all three clinics, a quarter apart": three_a_quarter_apart,
    "one persona at all clinics, a quarter apart": one_persona_a_quarter_apart,
    "one of two clinics": one_of_two_clinics,
    "a large clinic among small ones": large_among_small,
    "goes on after its end": outlives_its_end,
}


def draw(name: str, effect: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Counts, register, and what "it" truly brought while it ran."""
    plan = SHAPES[name](float(np.log1p(effect)))
    rng = np.random.default_rng([20261126, seed])
    size = np.broadcast_to(plan.size, plan.world.clinics)[:, None, None]
    without = means(plan.world, rng) * size * plan.offered * np.exp(plan.beside)
    counts = _counts(plan.world, rng.poisson(without * np.exp(plan.course)), rng)
    ran = np.zeros(plan.course.shape, dtype=bool)
    for one in plan.rows:
        if one["partnership_id"] != "it":
            continue
        first, last = one["start_date"], one["end_date"]
        when = ~((first > MONDAYS) | (last < MONDAYS))
        whom = [persona in (one["personas"] or PERSONAS) for persona in PERSONAS]
        for clinic in one["clinics"]:
            ran[int(clinic.split()[-1])] |= np.outer(whom, when)
    return counts, pd.DataFrame(plan.rows), float((without * np.expm1(plan.course))[ran].sum())


def tasks(replications: int) -> list[dict[str, object]]:
    """All runs, each seed in every shape before the next seed."""
    return [
        {"shape": name, "effect": effect, "seed": FIRST_SEED + seed}
        for seed in range(replications)
        for name in SHAPES
        for effect in (0.0, SIZE_OF_EFFECT)
    ]


def one(*, shape: str, effect: float, seed: int) -> dict[str, object]:
    """One made-up practice: what was true and what was said."""
    counts, partnerships, truth = draw(shape, effect, seed)
    return answer(estimate_effect(counts, partnerships, "it", checks=False), truth)


def summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row per shape and size of effect: rates with their Monte Carlo intervals."""
    grouped = runs.groupby(["shape", "effect"], sort=False)
    return pd.DataFrame(
        [{"shape": shape, "effect": size} | accuracy(of) for (shape, size), of in grouped]
    )


def shown(table: pd.DataFrame) -> str:
    """What stands in docs/method.md."""
    columns = {
        "partnership": table["shape"],
        "effect": planted(table),
        "runs": table["runs"],
        "no number": percent(table["no_number"]),
        "interval holds the truth": in_words(table, "coverage"),
        "called more or fewer": in_words(table, "found"),
        "bias a month": table["bias"].map("{:+.1f}".format),
        "width, median": table["width"].map("{:.1f}".format),
        "expected a month": table["expected"].map("{:.1f}".format),
    }
    low = table.loc[table["coverage"] < 0.93, "shape"].drop_duplicates()
    lead = f"Coverage below 93 percent: {'; '.join(low) or 'none'}."
    return f"{lead}\n\n{as_markdown(pd.DataFrame(columns))}"
