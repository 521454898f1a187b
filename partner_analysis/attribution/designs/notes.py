"""What a reader should know about each of several designs, in words."""

from __future__ import annotations

import numpy as np

from partner_analysis.attribution.designs.blocks import Block, Outcomes
from partner_analysis.attribution.designs.spread import Design, placebo_donors


def why_no_number(outcomes: Outcomes, blocks: list[Block] | None, fewest_before: int) -> str:
    """Why a design has no number; ``blocks`` is None where it compares with nobody."""
    if not (outcomes.judged.any() or outcomes.missed):
        return (
            "The counts hold no complete period of which the partnership ran more than half "
            "the days."
        )
    enough = outcomes.before.sum(axis=1, keepdims=True) >= fewest_before
    if not (outcomes.before.any(axis=1) & enough[:, 0]).any():
        return (
            f"Too short a past: it needs {some(fewest_before, 'period')} before the start that "
            "are known and that no partnership touches."
        )
    if not (outcomes.judged & enough).any():
        return "In all periods in which it ran another partnership was felt in the same cells."
    if blocks is None:
        return (
            "Nobody, or too few, came before the start or after it to say by what ratio it changed."
        )
    left_out = max((block.left_out for block in blocks), default=0)
    if left_out:
        return (
            f"No comparison clinic is known and free of partnerships in all periods needed "
            f"({left_out} in some of them)."
        )
    return "There is no comparison clinic that no partnership touches and where anybody came."


def placebo_words(blocks: list[Block], design: Design) -> str:
    """What an interval from placebos rests on."""
    fewest = fewest_placebos(blocks, design)
    pooled = any((block.donor_keys < 0).any() for block in blocks)
    who = "groups of other personas" if pooled else "comparison clinics"
    words = (
        f"Interval from what {fewest} {who} moved without a partnership "
        f"(placebos, t with {some(fewest - 1, 'degree')} of freedom)."
    )
    left_out, gaps = (max(getattr(b, name) for b in blocks) for name in ("left_out", "gaps"))
    if left_out:
        words += f" Left out, for a period that is unknown or touched by a partnership: {left_out}."
    if gaps:
        words += f" {some(gaps, 'period')} left out in which a comparison clinic is unknown."
    return words


def missed_words(outcomes: Outcomes, cells: int) -> str:
    """How many treated cells and periods the number does not stand for; empty where none."""
    missed = int(outcomes.judged.sum()) + outcomes.missed - cells
    if missed <= 0:
        return ""
    are = "is" if missed == 1 else "are"
    return (
        f"{missed:,} of {missed + cells:,} treated cells and periods {are} "
        "not in it (nothing known before, another partnership felt, or nothing to compare with)."
    )


def misfit_words(misfits: list[float]) -> str:
    """How closely a synthetic control followed the treated clinics before the start."""
    worst = float(np.max(misfits))
    return f"Before the start its weighted clinics were off by {worst:.3g} a cell and period."


def own_past_words(*, seasonal: bool) -> str:
    """What a series compared with its own past alone rests on."""
    words = (
        "Its own past alone, so anything else that changed then is inside; such intervals "
        "(Newey-West) tend to be too narrow on short or drifting series."
    )
    if not seasonal:
        words += " Season is not allowed for: too few years, periods or patients before the start."
    return words


def fewest_placebos(blocks: list[Block], design: Design) -> int:
    """Placebos of the block that has fewest."""
    return min(len(placebo_donors(block, design)) for block in blocks)


def some(number: int, what: str) -> str:
    """A number of things in words: ``some(2, "period")`` is "2 periods"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
