"""When to look at a partnership that has begun, if somebody looks every month."""

from __future__ import annotations

from typing import Final

import numpy as np

from partner_analysis.attribution.reviews.spending import (
    HALF_SPENT,
    HIGHEST_LEVEL,
    look_levels,
)

MONTHLY_FROM: Final = 3


def monthly_levels(months: int, level: float) -> dict[int, float]:
    """Level of the interval for each month from the third on, if somebody looks every month.

    They spend by each month what planned reviews would have spent by then (see
    ``spending.review_levels``), only in more and smaller parts, so that all looks together err no
    more than ``1 - level``. To four digits, rounded up, and at most 0.999.

    Notes
    -----
    Error spending after Lan and DeMets (1983, Biometrika 70). A confidence sequence (Howard,
    Ramdas, McAuliffe and Sekhon 2021, Annals of Statistics 49) would hold for looks at any time,
    daily ones too, but its bounds are wider, and new patients are counted by periods anyway.

    Examples
    --------
    >>> monthly_levels(6, 0.95)
    {3: 0.9971, 4: 0.9968, 5: 0.9958, 6: 0.9947}
    """
    time = np.arange(MONTHLY_FROM, months + 1, dtype=float)
    spent = (1 - level) * time**2 / (time**2 + HALF_SPENT**2)
    found = look_levels(time, spent, highest=HIGHEST_LEVEL)
    return {
        int(month): min(float(np.ceil(one * 1e4) / 1e4), HIGHEST_LEVEL)
        for month, one in zip(time, found, strict=True)
    }
