"""Did the way new patients are recorded change near the start? Seen in the unknown sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import stdtrit

Floats = np.ndarray
Check = tuple[str, str, str, str]

FALSE_ALARM: Final = 0.05
LEAST_STEP: Final = 0.05
LEAST_PERIODS: Final = 3
LEAST_PATIENTS: Final = 20


def recording_check(
    new_patients: Floats,
    unknown: Floats,
    start: int,
    *,
    near: int,
    declared: Sequence[int] = (),
) -> Check:
    """The check of recording: name, question, result and sentence.

    Looks for a step in the share of new patients without a known source, beyond a straight
    drift, at every period near the start. Warns where there is one of at least 5 percentage
    points that chance would show in 5 percent of practices, or where a change was declared near
    the start; fails where both hold. Not possible with too few patients or no shares.

    Parameters
    ----------
    new_patients, unknown
        Per period in order of time: all, and those without a known source; NaN where unknown.
    start
        Position of the first active period.
    near
        Periods before and after the start that count as near it (three months of them); the
        share is looked at over four times as far.
    declared
        Positions at which a change of recording is known to have begun.

    Notes
    -----
    A step is weighted by patients and tested with spread and memory of what is left over, at a
    level shared among the periods tried. In simulations false warnings came in 0 to 3 percent,
    with shares that keep wandering in up to 12 percent; a step of 20 points was found in nearly
    all practices with 30 patients a week, in a third with 5.
    """
    name, question = "recording", "Did the way new patients are recorded change near the start?"
    dates = [place for place in declared if abs(place - start) <= near]
    found = _largest_step(np.asarray(new_patients, float), np.asarray(unknown, float), start, near)
    if found is None:
        if dates:
            return name, question, "warn", f"{_DECLARED} What it did to the counts cannot be seen."
        detail = "Too few new patients with and without a known source to see it."
        return name, question, "not possible", detail
    before, after, is_step = found
    words = f"from {100 * before:.0f} to {100 * after:.0f} percent"
    if is_step:
        detail = f"The share of new patients without a known source went {words} near the start."
        tail = "A change in recording can look like an effect."
        result, lead = ("fail", f"{_DECLARED} ") if dates else ("warn", "")
        return name, question, result, f"{lead}{detail} {tail}"
    steady = f"The share without a known source shows no step near the start ({words})."
    if dates:
        return name, question, "warn", f"{_DECLARED} {steady}"
    return name, question, "pass", steady


_DECLARED: Final = "A change of recording was declared within three months of the start."


def _largest_step(
    new_patients: Floats, unknown: Floats, start: int, near: int
) -> tuple[float, float, bool] | None:
    """Share before and after the likeliest change near the start, and whether it is a step."""
    place = np.arange(len(new_patients))
    known = np.isfinite(unknown) & (np.nan_to_num(new_patients) > 0)
    known &= np.abs(place - start) <= 4 * near
    total, share = new_patients[known], unknown[known] / new_patients[known]
    when = place[known]
    tried = [
        cut
        for cut in range(max(start - near, 0), min(start + near, len(place) - 1) + 1)
        if all(
            side.sum() >= LEAST_PERIODS and total[side].sum() >= LEAST_PATIENTS
            for side in (when < cut, when >= cut)
        )
    ]
    if not tried or len(when) < 2 * LEAST_PERIODS:
        return None
    sizes, scores = _steps(total, share, when, np.array(tried))
    best = int(np.abs(scores).argmax())
    size, score = float(sizes[best]), float(scores[best])
    after = when >= tried[best]
    limit = -stdtrit(max(len(when) - 3, 1), FALSE_ALARM / 2 / len(tried))
    is_step = abs(score) > limit and abs(size) >= LEAST_STEP
    before = float(np.average(share[~after], weights=total[~after]))
    return before, float(np.average(share[after], weights=total[after])), bool(is_step)


def _steps(total: Floats, share: Floats, when: Floats, cuts: Floats) -> tuple[Floats, Floats]:
    """Size of a step at each of some periods beyond a straight drift, and its standard score."""
    mean = np.clip(np.average(share, weights=total), 0.5 / total.sum(), 1 - 0.5 / total.sum())
    weight = np.sqrt(total / (mean * (1 - mean)))
    drift = np.broadcast_to(when - when.mean(), (len(cuts), len(when)))
    design = np.stack([np.ones(drift.shape), drift, when >= cuts[:, None]], axis=2)
    design = design * weight[:, None]
    turned = design.transpose(0, 2, 1)
    inverse = np.linalg.pinv(turned @ design)
    fitted = inverse @ (turned @ (share * weight))[:, :, None]
    residual = share * weight - (design @ fitted)[:, :, 0]
    squares = (residual**2).sum(axis=1)
    memory = (residual[:, 1:] * residual[:, :-1]).sum(axis=1) / np.maximum(squares, 1e-300)
    memory = np.clip(memory, 0.0, 0.9)
    spread = np.maximum(squares / max(len(when) - 3, 1), 1.0) * (1 + memory) / (1 - memory)
    step = fitted[:, 2, 0]
    return step, step / np.sqrt(spread * np.maximum(inverse[:, 2, 2], 1e-300))
