"""Where counting began: zeros before anybody could have been counted are unknown, not zero.

A persona that was introduced, or a clinic that opened, during the data stands in many tables with
zeros before. Taken as counts they say that it grew without end, and nothing would keep up with
what that leads one to expect.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from partner_analysis.attribution.cells import Bools, Cells, Floats, Ints

IMPOSSIBLE: Final = 12.0


def first_counted(cells: Cells, touching: Ints) -> tuple[Ints, dict[str, int]]:
    """First period in which each cell can have counted anybody, and the groups that begin late.

    A persona, a clinic or a cell begins with its first patient where nobody came before though
    at least 12 were to be expected at the rate of as long a time from then on (a chance of less
    than 1 in 100,000). Only what no partnership has touched yet is asked: a partnership that
    brings the first patients is not a beginning. A cell that counted somebody earlier than its
    group keeps what it has.

    Parameters
    ----------
    cells
        The counts as a matrix.
    touching
        How many partnerships touch each cell in each period: (N, T).

    Returns
    -------
    tuple
        (N) period numbers, 0 where counting began with the data; and the first period of each
        persona and clinic that begins late, by its name.
    """
    ahead = cells.usable & (np.cumsum(touching > 0, axis=1) == 0)
    came, open_days = (np.where(ahead, v, 0.0) for v in (cells.observed, cells.exposure))
    anybody = cells.observed > 0
    own = np.where(anybody.any(axis=1), anybody.argmax(axis=1), len(cells.day))
    begins = _begins(came, open_days)
    late: dict[str, int] = {}
    for names, code in ((cells.personas, cells.persona), (cells.clinics, cells.clinic)):
        of_group = _begins(*(_sums(values, code, len(names)) for values in (came, open_days)))
        begins = np.maximum(begins, of_group[code])
        late |= {names[k]: int(of_group[k]) for k in np.flatnonzero(of_group)}
    return np.minimum(begins, own), late


def _sums(values: Floats, code: Ints, groups: int) -> Floats:
    """Sums over the rows of each group: (groups, T)."""
    sums = np.zeros((groups, values.shape[1]))
    np.add.at(sums, code, values)
    return sums


def _begins(came: Floats, open_days: Floats) -> Ints:
    """Period of each row's first patient where the silence before it is impossible, else 0."""
    periods = came.shape[1]
    first = (came > 0).argmax(axis=1)
    until = np.minimum(2 * first, periods)
    row = np.arange(len(came))
    sums, days = (np.pad(np.cumsum(v, axis=1), ((0, 0), (1, 0))) for v in (came, open_days))
    since, since_days = (v[row, until] - v[row, first] for v in (sums, days))
    rate = np.divide(since, since_days, out=np.zeros_like(since), where=since_days > 0)
    silent: Bools = rate * days[row, first] >= IMPOSSIBLE
    return np.where(silent, first, 0)
