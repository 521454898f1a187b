"""Which partnerships meet in the same cells at the same time, looked for only when asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from partner_analysis.attribution.cells import Bools, Ints, Touch


class Meetings:
    """For each partnership, those that touch a known cell of it while it is active there.

    Parameters
    ----------
    usable
        Known cells and periods: (N, T).
    touches
        Where and when each partnership ran, by id.
    turned
        The other way round: those that are active where and while it touches a known cell.
    """

    def __init__(self, usable: Bools, touches: Mapping[str, Touch], *, turned: bool = False):
        self._usable, self._touches, self._turned = usable, touches, turned
        self._found: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, name: str) -> tuple[str, ...]:
        """The others that meet one partnership, in the order of the register."""
        if name not in self._found:
            near = self._sharing_cells(name)
            self._found[name] = tuple(other for other in near if self._meet(name, other))
        return self._found[name]

    @cached_property
    def _place(self) -> Ints:
        """Which cells each partnership touches: (partnerships, N)."""
        place = np.zeros((len(self._touches), len(self._usable)), dtype=np.int64)
        for number, touch in enumerate(self._touches.values()):
            place[number, touch.cells] = 1
        return place

    def _sharing_cells(self, name: str) -> list[str]:
        names = list(self._touches)
        own = names.index(name)
        shared = self._place @ self._place[own]
        return [names[k] for k in np.flatnonzero(shared) if k != own]

    def _meet(self, name: str, other_name: str) -> bool:
        first, second = self._touches[name], self._touches[other_name]
        rows, mine, theirs = np.intersect1d(
            first.cells, second.cells, assume_unique=True, return_indices=True
        )
        active, touched = first.active[mine], second.touched[theirs]
        if self._turned:
            active, touched = second.active[theirs], first.touched[mine]
        return bool((active & touched & self._usable[rows]).any())
