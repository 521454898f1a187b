"""How well sources were written down and understood, and where that jumped."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from partner_analysis.tables import InputError, require_columns

CAPTURE_COLUMNS: Final = (
    "clinic", "month", "new_patients", "nothing_written", "not_understood", "general", "partner",
    "fuzzy",
)  # fmt: skip
SHIFT_COLUMNS: Final = ("clinic", "month", "what", "before", "after", "p_value")
PLAINLY: Final = frozenset({"exact", "normalised", "decided"})
SHARES: Final = ("written down", "understood")
FEWEST_MONTHS: Final = 3
FEWEST_DRAWS: Final = 1_999
DRAWS_PER_SEARCH: Final = 40  # so that a p-value can pass once multiplied by the searches
FIRST_DRAWS: Final = 199  # which tell most searches from a jump
WORTH_MORE: Final = 0.05
AT_ONCE: Final = 2_000
LEVEL: Final = 0.05


def capture_by_month(episodes: pd.DataFrame) -> pd.DataFrame:
    """New patients of each clinic and month by what became of their source text.

    Parameters
    ----------
    episodes
        One row per episode: ``clinic``, ``new_patient``, ``counted_on``, ``state``, ``label``
        and ``rule``.

    Returns
    -------
    DataFrame
        One row per clinic and month with new patients: ``new_patients``, of them
        ``nothing_written``, ``not_understood``, ``general`` (a kind of source only) and
        ``partner``, which add up; and ``fuzzy``, those of ``partner`` that were matched by a
        rule looser than the name or alias as written, or a decision.

    Raises
    ------
    InputError
        If a column is missing.

    Examples
    --------
    >>> one = {"clinic": "Dock", "new_patient": True, "counted_on": pd.Timestamp("2024-03-05")}
    >>> told = {"state": "matched", "label": "Harbor Run Shop", "rule": "fuzzy"}
    >>> capture_by_month(pd.DataFrame([one | told]))[["new_patients", "partner", "fuzzy"]].values
    array([[1, 1, 1]])
    """
    needed = ("clinic", "new_patient", "counted_on", "state", "label", "rule")
    require_columns(episodes, needed, "episodes")
    new = episodes.loc[episodes["new_patient"].astype("bool")]
    missing, partner = new["state"] == "missing", new["state"] == "matched"
    unclear = new["state"].isin(["unmatched", "ambiguous"]) & (new["label"] == "unknown")
    days = pd.to_datetime(new["counted_on"])
    marks = pd.DataFrame(
        {
            "clinic": new["clinic"],
            "month": days.dt.to_period("M").dt.to_timestamp(),
            "new_patients": 1,
            "nothing_written": missing,
            "not_understood": unclear,
            "general": ~(missing | partner | unclear),
            "partner": partner,
            "fuzzy": partner & ~new["rule"].isin(PLAINLY),
        }
    )
    counted = marks.groupby(["clinic", "month"], observed=True).sum().astype("int64")
    return counted.reset_index()[list(CAPTURE_COLUMNS)]


def capture_shifts(capture: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Months from which a clinic's sources were written down or understood more, or less.

    In each clinic the month is sought at which one share before and another after fit best
    (largest likelihood ratio of two binomials over one). Luck is what the same search finds when
    the clinic's months are put in random order, which keeps how much they vary by themselves. The
    p-values are multiplied by the number of searches (Holm 1979, "A simple sequentially rejective
    multiple test procedure"), so that a practice without a shift is told of one in at most 5 in
    100 cases. Months that drift slowly, or depend on one another, are taken for a jump too.

    Parameters
    ----------
    capture
        From ``capture_by_month``.
    seed
        Of the random orders.

    Returns
    -------
    DataFrame
        One row per shift: ``clinic``, ``month`` (the first of the new share), ``what``
        ("written down": of all new patients; "understood": of those written down), ``before``
        and ``after`` (shares from 0 to 1) and ``p_value`` (for all searches at once).

    Raises
    ------
    InputError
        If a column is missing, or counts are impossible.
    """
    require_columns(capture, CAPTURE_COLUMNS[:5], "capture")
    rng = np.random.default_rng(seed)
    draws = max(FEWEST_DRAWS, DRAWS_PER_SEARCH * len(SHARES) * capture["clinic"].nunique())
    found = []
    for clinic, rows in capture.sort_values(["clinic", "month"]).groupby("clinic", observed=True):
        written = (rows["new_patients"] - rows["nothing_written"]).to_numpy()
        clear = written - rows["not_understood"].to_numpy()
        if (clear < 0).any():
            raise InputError("capture: parts exceed new_patients. Make it by capture_by_month.")
        pairs = ((written, rows["new_patients"].to_numpy()), (clear, written))
        for what, (part, whole) in zip(SHARES, pairs, strict=True):
            used = whole > 0
            shift = _find_shift(part[used], whole[used], rng, draws=draws)
            if shift:
                place, before, after, p_value = shift
                month = rows["month"].to_numpy()[used][place]
                found.append((clinic, month, what, before, after, p_value))
    shifts = pd.DataFrame(found, columns=list(SHIFT_COLUMNS))
    shifts["p_value"] = _holm(shifts["p_value"].to_numpy(dtype=float))
    shifts = shifts.loc[shifts["p_value"] <= LEVEL]
    return shifts.sort_values(["p_value", "clinic", "what"], ignore_index=True)


def _find_shift(
    part: np.ndarray, whole: np.ndarray, rng: np.random.Generator, *, draws: int
) -> tuple[int, float, float, float] | None:
    """First month of the new share, shares before and after, p-value; none if months are few."""
    size = len(whole)
    if size < 2 * FEWEST_MONTHS:
        return None
    gains = _gains(part[None], whole[None])
    place = int(gains[0].argmax()) + FEWEST_MONTHS
    p_value = _luck(part, whole, rng, found=float(gains.max()), draws=FIRST_DRAWS)
    if p_value < WORTH_MORE:
        p_value = _luck(part, whole, rng, found=float(gains.max()), draws=draws)
    before, after = (float(part[s].sum() / whole[s].sum()) for s in np.s_[:place, place:])
    return place, before, after, p_value


def _luck(
    part: np.ndarray, whole: np.ndarray, rng: np.random.Generator, *, found: float, draws: int
) -> float:
    """Share of random orders of the months in which as much is found."""
    as_much = 1
    for offset in range(0, draws, AT_ONCE):
        some = min(AT_ONCE, draws - offset)
        orders = rng.permuted(np.tile(np.arange(len(whole)), (some, 1)), axis=1)
        best = _gains(part[orders], whole[orders]).max(axis=1)
        as_much += int((best >= found - 1e-9).sum())
    return as_much / (draws + 1)


def _gains(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Log likelihood ratio of two shares over one, for each order and each month to begin."""
    inner = slice(FEWEST_MONTHS - 1, -FEWEST_MONTHS)
    early_part, early = part.cumsum(axis=1)[:, inner], whole.cumsum(axis=1)[:, inner]
    all_part, total = part.sum(axis=1, keepdims=True), whole.sum(axis=1, keepdims=True)
    split = _log_likelihood(early_part, early) + _log_likelihood(
        all_part - early_part, total - early
    )
    return split - _log_likelihood(all_part, total)


def _log_likelihood(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Largest binomial log likelihood of parts of wholes."""
    share = part / whole
    return _times_log(part, share) + _times_log(whole - part, 1 - share)


def _times_log(number: np.ndarray, share: np.ndarray) -> np.ndarray:
    """A number times the logarithm of a share; 0 where both are 0."""
    return number * np.log(np.where((number == 0) & (share == 0), 1.0, share))


def _holm(p_values: np.ndarray) -> np.ndarray:
    """P-values adjusted for their number, never lower than a smaller one's."""
    order = np.argsort(p_values)
    steps = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
