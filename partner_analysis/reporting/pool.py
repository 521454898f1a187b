"""What partners of one kind brought in many practices, in words and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.together.combine import FEWEST
from partner_analysis.attribution.together.pool import (
    ALL_KINDS,
    KindPrior,
    PooledKind,
    pool_effects,
)
from partner_analysis.reporting.html import Shown, html_table
from partner_analysis.reporting.numbers import count_text, level_text, list_text
from partner_analysis.reporting.shared_files import read_shared
from partner_analysis.tables import DataError, Interval, SettingsError

MOST_PERCENT: Final = 1_000.0
PRIOR_COLUMNS: Final = ("kind", "practices", "mean", "sd")
MEANING: Final = (
    "Percent of the new patients to be expected without a partner. On average: the mean of all "
    "such partners. One more: where a single further partner of the kind is to be expected. "
    "Only partnerships somebody chose to begin are in it, and only practices that shared."
)

NO_FILES: Final = (
    "This cannot be told yet: no file of another practice is read. Each practice can write one "
    "with `partner-analysis share`; name those of others in practice.toml, under [tables], shared."
)


def pool_files(paths: list[Path], *, write: Path | None = None) -> list[str]:
    """Lines to print on what many shared files say together; priors are written where asked.

    Raises
    ------
    SettingsError
        If the file to write is there already.
    DataError
        For a file that is not one that ``share`` writes.
    """
    if write is not None and write.exists():
        raise SettingsError(f"{write}: is there already. Choose another name; nothing is changed.")
    shared, said = read_shared(paths)
    if shared.empty:
        return [*said, "There is no partnership in these files, so there is nothing to pool."]
    pooled = pool_effects(shared)
    lines = [*said, pool_title(pooled) + ".", *pool_sentences(pooled), MEANING]
    if write is not None:
        lines.append(write_priors(pooled, write))
    return lines


def pool_title(pooled: Mapping[str, PooledKind]) -> str:
    """The finding: of which kinds of partner it is clear, on average, which way they moved."""
    kinds = [each for kind, each in pooled.items() if kind != ALL_KINDS]
    more = [each.kind for each in kinds if each.mean_percent.low > 0]
    fewer = [each.kind for each in kinds if each.mean_percent.high < 0]
    found = [
        f"partners of the kind{'s' if len(names) > 1 else ''} {list_text(names)} brought {word} "
        "new patients on average"
        for names, word in ((more, "more"), (fewer, "fewer"))
        if names
    ]
    if not found:
        return "Of no kind of partner can it be told what they bring on average"
    joined = "; ".join(found)
    return joined[0].upper() + joined[1:]


def pool_sentence(pooled: PooledKind) -> str:
    """What partners of one kind brought on average, and where one more is to be expected.

    >>> pool_sentence(PooledKind("gym", 2, 2, 1, None, 0.95))[:44]
    'Gym: cannot be told from 2 practices with a '
    """
    name = pooled.kind[0].upper() + pooled.kind[1:]
    unclear = ""
    if pooled.unclear:
        unclear = f" {count_text(pooled.unclear, 'partnership')} shared without a number."
    practices = count_text(pooled.practices, "practice")
    if pooled.combined is None:
        return (
            f"{name}: cannot be told from {practices} with a number. It takes at least "
            f"{FEWEST}, and about ten for an interval narrow enough to plan by.{unclear}"
        )
    level, mean, ahead = level_text(pooled.level), pooled.mean_percent, pooled.prediction_percent
    return (
        f"{name}: {change_text(mean.estimate)} on average ({level} interval {range_text(mean)}), "
        f"from {practices} and {count_text(pooled.partnerships, 'partnership')}. One more of the "
        f"kind: {range_text(ahead)} ({level} prediction interval). {_differing(pooled)}{unclear}"
    )


def pool_sentences(pooled: Mapping[str, PooledKind]) -> list[str]:
    """One sentence for each kind, all kinds together last, or how other practices can be heard."""
    return [pool_sentence(each) for each in pooled.values()] or [NO_FILES]


def pool_table(pooled: Mapping[str, PooledKind]) -> Shown:
    """Give one row per kind: practices, mean, one more of the kind; nothing without a file."""
    if not pooled:
        return Shown("", "")
    rows = [
        (
            each.kind,
            str(each.practices),
            f"{change_text(each.mean_percent.estimate)} ({range_text(each.mean_percent)})"
            if each.combined
            else "cannot be told",
            range_text(each.prediction_percent) if each.combined else "cannot be told",
        )
        for each in pooled.values()
    ]
    heads = ["kind of partner", "practices", "on average", "one more of the kind"]
    kinds = ("text", "number", "number", "number")
    return html_table(heads, rows, kinds, title=pool_title(pooled), note=MEANING)


def range_text(percent: Interval) -> str:
    """Ends of an interval in percent: ``"10% fewer to 40% more"``.

    >>> range_text(Interval(10, -10.2, 40.4))
    '10% fewer to 40% more'
    """
    if not percent.is_number:
        return "no number"
    low, high = change_text(percent.low), change_text(percent.high)
    return low if low == high else f"{low} to {high}"


def change_text(percent: float) -> str:
    """One change in percent: ``"12% more"``, ``"no change"``."""
    if math.isnan(percent):
        return "unknown"
    if percent > MOST_PERCENT:
        return f"over {MOST_PERCENT:,.0f}% more"
    size = abs(round(percent))
    return f"{size}% {'more' if percent > 0 else 'fewer'}" if size else "no change"


def _differing(pooled: PooledKind) -> str:
    """How far true effects differ, in words."""
    assert pooled.combined is not None
    tau, share = pooled.combined.tau, 100 * pooled.combined.i_squared
    if tau.high == 0:
        return "It cannot be seen that true effects differ."
    ends = [100 * math.expm1(end) for end in (tau.estimate, tau.low, tau.high)]
    shown = [f"over {MOST_PERCENT:,.0f}%" if e > MOST_PERCENT else f"{e:.0f}%" for e in ends]
    return (
        f"True effects differ by about {shown[0]} ({level_text(pooled.level)} interval {shown[1]} "
        f"to {shown[2]}); {share:.0f}% of what differs is more than chance."
    )


# ------------------------------------------------------------------ priors as a file
def write_priors(pooled: Mapping[str, PooledKind], path: Path) -> str:
    """Write a prior for each kind of which it can be told; a sentence about it."""
    priors = [each.prior for each in pooled.values() if each.prior is not None]
    rows = [(p.kind, p.practices, round(p.mean, 4), round(p.sd, 4)) for p in priors]
    storage.write_csv(pd.DataFrame(rows, columns=list(PRIOR_COLUMNS)), path)
    return (
        f"{path} is written: priors of the log ratio for {count_text(len(rows), 'kind')}. For a "
        "practice whose own file is not among these."
    )


def read_priors(path: Path) -> dict[str, KindPrior]:
    """Priors by kind of partner, from a file that ``pool --write`` wrote.

    Raises
    ------
    DataError
        If it does not hold a mean and a standard deviation above 0 for each kind.
    """
    grid = storage.read_grid(path)
    lines = grid.iloc[1:].to_numpy().tolist()
    again = f"{path}: is no file of priors. Write it with `partner-analysis pool --write`."
    if grid.iloc[0].tolist() != list(PRIOR_COLUMNS):
        raise DataError(again)
    try:
        priors = {
            str(kind): KindPrior(str(kind), float(mean), float(sd), int(practices))
            for kind, practices, mean, sd in lines
        }
    except ValueError:
        raise DataError(again) from None
    if not all(math.isfinite(p.mean) and 0 < p.sd < math.inf for p in priors.values()):
        raise DataError(again)
    return priors
