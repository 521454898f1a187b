"""Where a clinic was full, and what that leaves to be said of demand.

Patients seen are patients seen: the effect on them needs no correction. Demand is what would have
come had there been room, and a full clinic shows only that it was at least as many as were seen.
The fuller a cell, the larger the part of its demand that its counts hide. So a clinic that was
fuller while the partnership ran than before, beyond what became of the others, hides more of what
came than of what was to be expected, and the effect on demand is at least the one stated. Where
the expectation hides as much, the difference of two lower bounds is no bound at all; and where it
hides more, because room was made since, the effect on demand is at most the one stated.

Source: Tobin (1958), Estimation of relationships for limited dependent variables (a full cell is
a count censored from the right). For Poisson demand the share that a limit lets through falls as
demand rises, since the expected minimum of the two is concave in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from partner_analysis.attribution.cells import Bools, Floats, Ints

FULL_FROM: Final = 0.95
WORTH_SAYING: Final = 0.3
HIDES_LESS: Final = 0.5

Bound = Literal["", "at least", "at most", "unclear"]
SENTENCES: Final[dict[Bound, str]] = {
    "": "",
    "at least": (
        "It was full in {full} of the periods, so that more may have asked than could be seen: "
        "the effect on patients seen is as stated; on demand it is at least that{if_room}."
    ),
    "at most": (
        "There was less room before it began, or at the comparison clinics, than while it ran, "
        "so that room made since may explain part of the difference: on demand the effect is at "
        "most the one stated."
    ),
    "unclear": (
        "It was full in {full} of the periods, and there was little more room before it began, or "
        "at the comparison clinics: the effect on patients seen is as stated; how demand changed "
        "cannot be told."
    ),
}


@dataclass(frozen=True)
class Capacity:
    """How often there was no room, and which way that bends an effect on demand.

    ``share_full`` is the share of the treated cells' active periods that were full, of those
    whose slots are known. ``basis_full`` is the share that the expectation takes for granted: of
    the same cells beforehand, plus what it rose by at the other clinics meanwhile. NaN where no
    slots are known.
    """

    share_full: float
    basis_full: float

    @property
    def bound(self) -> Bound:
        """How the estimate bounds the effect on demand; "" where room is no issue or unknown.

        "at least" from three full periods in ten on, if the expectation was full half as often at
        most; "at most" where it was full more often by three periods in ten.
        """
        if self.basis_full - np.nan_to_num(self.share_full) > WORTH_SAYING:
            return "at most"
        if not self.share_full > WORTH_SAYING:
            return ""
        return "unclear" if self.basis_full > HIDES_LESS * self.share_full else "at least"

    @property
    def at_least(self) -> bool:
        """Whether demand grew by at least the estimate."""
        return self.bound == "at least"

    @property
    def sentence(self) -> str:
        """What it means for demand, in words; "" where there is nothing to say."""
        if_room = "" if np.isfinite(self.basis_full) else ", if there was room before"
        return SENTENCES[self.bound].format(full=f"{100 * self.share_full:.0f}%", if_room=if_room)


def capacity_of(
    observed: Floats,
    open_slots: Floats | None,
    active: Bools,
    *,
    learnt: Bools | None = None,
    clinic: Ints | None = None,
) -> Capacity:
    """How often treated cells, and those that the expectation rests on, had no room.

    Parameters
    ----------
    observed
        New patients of each cell and period, NaN where unknown: (rows, T).
    open_slots
        How many could be seen, NaN where unknown: (rows, T); None where nobody said.
    active
        Cells and periods that the estimate is for: (rows, T).
    learnt
        Cells and periods that the expectation was learnt from: (rows, T). Default: none, which
        says nothing about the expectation.
    clinic
        Code of each row's clinic. Where all rows of a clinic state the same number of slots in
        every period, it is one pool and the clinic is full, or not, as a whole; and other cells
        of a treated clinic do not count as others. Default: each row is a clinic of its own.

    Returns
    -------
    Capacity
        A cell is full from 95 percent of its slots on, and wherever it had none.
    """
    if open_slots is None:
        return Capacity(np.nan, np.nan)
    came = observed if clinic is None else _in_its_pool(observed, open_slots, clinic)
    known: Bools = np.isfinite(came) & np.isfinite(open_slots)
    full: Bools = known & (came >= FULL_FROM * np.where(known, open_slots, 0.0))
    if learnt is None:
        return Capacity(_share(full, known & active), np.nan)
    treated: Bools = active.sum(axis=1) > 0
    others = ~treated if clinic is None else ~np.isin(clinic, clinic[treated])
    began = np.where(treated, active.argmax(axis=1), active.any(axis=0).argmax())[:, None]
    before: Bools = known & learnt & (np.arange(active.shape[1]) < began)
    meanwhile: Bools = known & learnt & active.any(axis=0)
    own = _share(full, before & treated[:, None])
    rise = _share(full, meanwhile & others[:, None]) - _share(full, before & others[:, None])
    basis = own if np.isnan(rise) else float(np.clip(np.nan_to_num(own) + rise, 0, 1))
    return Capacity(_share(full, known & active), basis)


def _in_its_pool(observed: Floats, open_slots: Floats, clinic: Ints) -> Floats:
    """Patients of each row, or of its whole clinic where the clinic's rows state one pool."""
    came = observed.copy()
    for code in np.unique(clinic):
        rows = np.flatnonzero(clinic == code)
        known = np.isfinite(observed[rows]) & np.isfinite(open_slots[rows])
        most = np.where(known, open_slots[rows], -np.inf).max(axis=0)
        if (known.sum(axis=0) > 1).any() and (~known | (open_slots[rows] == most)).all():
            together = np.where(known, observed[rows], 0.0).sum(axis=0)
            came[rows] = np.where(known, together, np.nan)
    return came


def _share(full: Bools, among: Bools) -> float:
    """Share of some cells and periods that were full; NaN for none."""
    return float(full[among].mean()) if among.any() else np.nan
