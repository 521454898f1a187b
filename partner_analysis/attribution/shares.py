"""Whether a clinic sees fewer of a kind of patient than its size and the others' mix suggest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partner_analysis.attribution.areas import FEWEST
from partner_analysis.attribution.standardise import wilson


def beside_the_others(table: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """How many of a kind came to a clinic, as a ratio to what the other clinics' mix would give.

    A clinic's size drops out: large and small kinds of patient are judged alike. Given that a
    patient of the kind came at all, the clinic where is binomial (Wilson interval).

    Parameters
    ----------
    table
        One row per clinic and persona: clinic, persona, last_year.

    Returns
    -------
    DataFrame
        One row per row of the table: of_usual (1 = as many as usual), of_usual_low,
        of_usual_high; NaN where there is one clinic or one kind, or fewer than 20 patients of the
        kind in all.

    Examples
    --------
    >>> rows = [("A", "runner", 10), ("A", "other", 90), ("B", "runner", 40), ("B", "other", 60)]
    >>> came = pd.DataFrame(rows, columns=["clinic", "persona", "last_year"])
    >>> beside_the_others(came, level=0.95)["of_usual"].round(2).tolist()
    [0.25, 1.5, 4.0, 0.67]
    """
    clinic = table.groupby("clinic")["last_year"].transform("sum")
    kind = table.groupby("persona")["last_year"].transform("sum")
    whole = float(table["last_year"].sum())
    found = [
        _ratio(float(own), float(of_kind), float(here), whole, level)
        for own, of_kind, here in zip(table["last_year"], kind, clinic, strict=True)
    ]
    columns = ["of_usual", "of_usual_low", "of_usual_high"]
    return pd.DataFrame(found, columns=columns, index=table.index)


def _ratio(
    own: float, of_kind: float, here: float, whole: float, level: float
) -> tuple[float, float, float]:
    """One clinic and kind beside the same kind at the other clinics."""
    elsewhere = whole - here
    if of_kind < FEWEST or not 0 < here < whole or of_kind >= whole:
        return (np.nan, np.nan, np.nan)
    share = wilson(own / of_kind, of_kind, level=level)
    ends = (share.estimate, share.low, share.high)
    ratios = (np.inf if s >= 1 else s / (1 - s) * elsewhere / here for s in ends)
    estimate, low, high = ratios
    return estimate, low, high
