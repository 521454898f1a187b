"""What the number who named a partner says beside the number who came because of it."""

import numpy as np
import pytest

from partner_analysis.attribution.named.reconcile import READINGS, reconcile
from partner_analysis.tables import NO_NUMBER, Interval

ANYWAY, SILENT, UNKNOWN = READINGS
INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("named", "estimated", "ratio", "reading"),
    [
        (30, Interval(15, 6, 24), Interval(2, 30 / 24, 5), ANYWAY),
        (10, Interval(40, 20, 60), Interval(0.25, 1 / 6, 0.5), SILENT),
        (20, Interval(20, 10, 40), Interval(1, 0.5, 2), UNKNOWN),
        (0, Interval(20, 10, 40), Interval(0, 0, 0), SILENT),
        # There may be no extra patients: the ratio has no upper end.
        (12, Interval(8, -4, 24), Interval(NAN, 0.5, INF), UNKNOWN),
        (30, Interval(8, -4, 24), Interval(NAN, 1.25, INF), ANYWAY),
        # There are none: no ratio, yet whoever named it would have come anyway.
        (5, Interval(-20, -35, -5), NO_NUMBER, ANYWAY),
        (0, Interval(-20, -35, -5), NO_NUMBER, UNKNOWN),
        (5, Interval(-10, -20, 0), NO_NUMBER, ANYWAY),
        # Nothing is estimated, or nothing was counted.
        (5, NO_NUMBER, NO_NUMBER, UNKNOWN),
        (NAN, Interval(15, 6, 24), NO_NUMBER, UNKNOWN),
        # Only a bound is known.
        (5, Interval(NAN, 10, INF), Interval(NAN, 0, 0.5), SILENT),
    ],
)
def test_ratio_and_reading_follow_from_the_interval(named, estimated, ratio, reading):
    found = reconcile(named, estimated)
    for end in ("estimate", "low", "high"):
        assert getattr(found.ratio, end) == pytest.approx(getattr(ratio, end), nan_ok=True)
    assert found.reading == reading


@pytest.mark.parametrize("named", [0, 1, 7, 19, 20, 21, 60])
def test_a_reading_is_given_only_where_the_ratio_excludes_one(named):
    found = reconcile(named, Interval(30, 20, 50))
    assert (found.reading == UNKNOWN) == (found.ratio.low <= 1 <= found.ratio.high)
