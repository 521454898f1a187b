"""How many people live where, checked at the file door: whether few patients are few."""

from __future__ import annotations

import pandas as pd

from partner_analysis.cleaning.register.lists import read_list, refuse_lines, type_amounts
from partner_analysis.practice import Practice


def read_areas(practice: Practice) -> pd.DataFrame:
    """Communities by the first three digits of their ZIP code, with the people who live there.

    Parameters
    ----------
    practice
        Its settings; ``tables.areas`` says where the table is.

    Returns
    -------
    DataFrame
        One row per area: zip3, people, name (text; "" = none). No rows where there is no such
        table.

    Raises
    ------
    DataError
        For a zip3 that is not three digits or is repeated, and people that are no whole number
        above 0.
    """
    rows, where = read_list(practice, "areas"), practice.tables.areas
    odd = ~rows["zip3"].str.fullmatch(r"[0-9]{3}")
    cure = "Write the first three digits of the ZIP code, with its zeros, such as 028."
    refuse_lines(where, rows, odd, "have a zip3 that is not three digits", cure)
    twice = rows["zip3"].duplicated(keep=False)
    refuse_lines(where, rows, twice, "repeat a zip3", "Add their people up into one.")
    type_amounts(where, rows, "people")
    wrong = ~(rows["people"] > 0) | (rows["people"] % 1 > 0)
    refuse_lines(where, rows, wrong, "have people that are no whole number above 0", "Count them.")
    return rows.drop(columns="line").reset_index(drop=True)
