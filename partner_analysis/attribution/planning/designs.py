"""Ways to set up a partnership: where, for whom, and whether all clinics begin at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.attribution.effect import months_later
from partner_analysis.attribution.waves import spread_over
from partner_analysis.tables import InputError

PLANNED: Final = "planned-partnership"
QUARTER: Final = 3
MOST_CLINICS: Final = 60
SINGLES: Final = 4


@dataclass(frozen=True)
class Design:
    """One way to set up a partnership.

    ``waves`` are the clinics that begin together, first those that begin at once, the others
    three months after the wave before them; no ``personas`` means all of them.
    """

    name: str
    waves: tuple[tuple[str, ...], ...]
    personas: tuple[str, ...] = ()

    @property
    def clinics(self) -> tuple[str, ...]:
        """All clinics, in the order in which they begin."""
        return tuple(clinic for wave in self.waves for clinic in wave)

    @property
    def is_staggered(self) -> bool:
        """Whether clinics begin at different times."""
        return len(self.waves) > 1

    def register(self, start: pd.Timestamp) -> pd.DataFrame:
        """Its rows in the register of partnerships, begun on a day."""
        return pd.DataFrame(
            {
                "partnership_id": PLANNED,
                "start_date": [
                    months_later(start, QUARTER * wave) for wave in range(len(self.waves))
                ],
                "clinics": list(self.waves),
                "personas": [self.personas] * len(self.waves),
            }
        )

    def at(self, clinics: Sequence[str]) -> Design:
        """The same design at as many other clinics.

        >>> Design("both", (("A", "B"),)).at(["C", "D"]).waves
        (('C', 'D'),)
        """
        left = iter(clinics)
        waves = tuple(tuple(next(left) for _ in wave) for wave in self.waves)
        return Design(self.name, waves, self.personas)


def sensible_designs(
    counts: pd.DataFrame, *, clinics: Sequence[str] = (), personas: Sequence[str] = ()
) -> list[Design]:
    """A handful of designs at some clinics, from one clinic to all of them.

    Parameters
    ----------
    counts
        Counts that ``check_counts`` passed.
    clinics, personas
        Those that could take part; none named means all.

    Returns
    -------
    list of Design
        Up to four clinics alone, of different sizes; every other clinic by size; all at once; all
        a quarter apart in up to four waves; where personas are named, the largest clinic and
        all at once again with all personas. At most nine, whatever the number of clinics.

    Raises
    ------
    InputError
        For a clinic or persona that the counts do not have.
    """
    _refuse_unknown(counts, "clinic", clinics)
    _refuse_unknown(counts, "persona", personas)
    ranked = ranked_clinics(counts, clinics, personas)
    whom = tuple(personas)
    alone = [(clinic,) for clinic in spread_over(np.array(ranked, dtype=object), SINGLES)]
    together = [ranked[::2], ranked] if len(ranked) > 2 else [ranked]
    sets = list(dict.fromkeys([*alone, *together]))
    designs = [Design(_name(one, ranked), (one,), whom) for one in sets]
    if len(ranked) > 1:
        waves = _waves(ranked)
        words = "one by one" if len(waves) == len(ranked) else f"in {len(waves)} groups"
        name = f"{_name(ranked, ranked)}, {words} each quarter"
        designs.append(Design(name, waves, whom))
    if whom:
        everyone = "all kinds of patient"
        wider = dict.fromkeys([ranked[:1], ranked])
        designs += [Design(f"{_name(one, ranked)}, {everyone}", (one,)) for one in wider]
    return designs


def ranked_clinics(
    counts: pd.DataFrame, clinics: Sequence[str], personas: Sequence[str]
) -> tuple[str, ...]:
    """Clinics by new patients of these personas, the largest first."""
    asked = counts
    if len(clinics):
        asked = asked[asked["clinic"].isin(list(clinics))]
    if len(personas):
        asked = asked[asked["persona"].isin(list(personas))]
    size = asked.groupby("clinic")["new_patients"].sum().sort_index()
    return tuple(size.sort_values(ascending=False, kind="stable").index)


def within_reach(counts: pd.DataFrame, clinics: Sequence[str]) -> pd.DataFrame:
    """The counts of at most 60 clinics: up to 30 of those named, and others, of all sizes.

    A chain is planned on these; its other clinics would make the comparison hardly better.
    """
    ranked = ranked_clinics(counts, (), ())
    if len(ranked) <= MOST_CLINICS:
        return counts
    asked, half = set(clinics), MOST_CLINICS // 2
    named = np.array([clinic for clinic in ranked if clinic in asked], dtype=object)
    others = np.array([clinic for clinic in ranked if clinic not in asked], dtype=object)
    chosen = spread_over(named, half) if len(others) > half else spread_over(named, MOST_CLINICS)
    kept = {*chosen, *spread_over(others, MOST_CLINICS - len(chosen))}
    return counts[counts["clinic"].isin(kept)].reset_index(drop=True)


def _waves(ranked: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Up to four waves of like size, each with larger and smaller clinics."""
    number = min(4, len(ranked))
    return tuple(ranked[wave::number] for wave in range(number))


def _name(clinics: tuple[str, ...], ranked: tuple[str, ...]) -> str:
    if len(clinics) == 1:
        return f"{clinics[0]} alone"
    if clinics != ranked:
        return f"{len(clinics)} of {len(ranked)} clinics"
    return "both clinics" if len(ranked) == 2 else f"all {len(ranked)} clinics"


def _refuse_unknown(counts: pd.DataFrame, column: str, asked: Sequence[str]) -> None:
    known = sorted(set(counts[column]))
    strange = [name for name in asked if name not in known]
    if strange:
        listed = ", ".join(known[:12])
        raise InputError(f"{column}s: {strange[0]!r} is not in the counts. They have {listed}.")
