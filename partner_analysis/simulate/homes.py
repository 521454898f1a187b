"""Where the patients of a made-up practice live: ZIP codes, and how many people share them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from partner_analysis.simulate.cases import Case

UNKNOWN: Final = 0.05


class Area(NamedTuple):
    """Three digits of made-up ZIP codes, their people, and the name that the practice gives."""

    zip3: str
    people: int
    name: str


AREAS: Final = (
    Area("027", 310_000, "south shore"),
    Area("028", 640_000, "the bay"),
    Area("029", 420_000, "capital"),
)
AREA_ROWS: Final[list[Sequence[str]]] = [
    ("zip3", "people", "name"),
    *((area.zip3, str(area.people), area.name) for area in AREAS),
]
# How likely a person of each area is to come to a clinic; else all areas alike. Few come to
# Eastgate from the south shore, which no partner reaches.
PULL: Final = {
    "Eastgate": (0.35, 1.0, 1.0),
    "Warwick": (1.0, 1.1, 0.9),
    "Hillcrest": (1.1, 0.9, 1.0),
}


def draw_homes(rng: np.random.Generator, cases: Sequence[Case]) -> dict[int, str]:
    """The ZIP code of every person in the exports, empty where the front desk did not ask.

    Parameters
    ----------
    rng
        A stream of its own, so that nothing else in the files changes.
    cases
        From ``draw_cases``: a person lives in one place, near the clinic of the first case.
    """
    people = np.array([area.people for area in AREAS], dtype=float)
    homes: dict[int, str] = {}
    for case in sorted(cases, key=lambda one: one.key):
        if case.person in homes:
            continue
        weight = people * np.array(PULL.get(case.clinic, (1.0, 1.0, 1.0)))
        reached = np.cumsum(weight) / weight.sum()
        area = AREAS[int(np.searchsorted(reached, rng.random()))]
        asked = rng.random() >= UNKNOWN
        ending = int(rng.integers(1, 99))
        homes[case.person] = f"{area.zip3}{ending:02d}" if asked else ""
    return homes
