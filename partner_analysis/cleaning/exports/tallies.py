"""Reports in which the practice's system counted patients by source: kept apart, never added."""

from __future__ import annotations

from typing import Final

import pandas as pd

from partner_analysis.cleaning.exports.totals import TITLE
from partner_analysis.cleaning.plain import plain
from partner_analysis.columns import TallyExport

TALLY_COLUMNS: Final = ("file", "source_type", "source", "clinic", "patients", "cases")
RESTATED: Final = "totals_and_headers"
NO_TALLIES: Final = pd.DataFrame(columns=[*TALLY_COLUMNS, "fate", "reason", "sheet", "line"])


def settle_blocks(rows: pd.DataFrame, export: TallyExport) -> pd.DataFrame:
    """Rows of a tally whose tables restate others marked as totals, sources named by title.

    Parameters
    ----------
    rows
        One row per line, as ``read_rows`` gives them.
    export
        ``blocks`` names the tables that count each patient once; empty = all.
    """
    if export.columns.source == (TITLE,):
        titled = rows["block"] != ""
        data = (rows["fate"] == "") & titled
        rows = rows.assign(source=rows["block"].where(data, ""))
        return rows.assign(fate=rows["fate"].mask((rows["fate"] == "") & ~titled, RESTATED))
    if not export.blocks:
        return rows
    wanted = {plain(block) for block in export.blocks}
    restates = (rows["fate"] == "") & ~rows["block"].map(plain).isin(wanted)
    return rows.assign(fate=rows["fate"].mask(restates, RESTATED))


def take_tallies(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows without those of tallies, and these.

    Returns
    -------
    tuple of DataFrame
        The others, and one row per source that a system counted: ``TALLY_COLUMNS`` with fate,
        reason and line.
    """
    counted = rows["kind"] == "tallies"
    if not counted.any():
        return rows, NO_TALLIES
    tallies = rows.loc[counted].reindex(columns=list(NO_TALLIES.columns))
    for column in ("source_type", "source", "clinic"):
        tallies[column] = tallies[column].astype("str").fillna("")
    lacking = (tallies["fate"] == "") & (tallies["source"] == "") & (tallies["source_type"] == "")
    tallies["reason"] = tallies["reason"].mask(lacking, "no source")
    tallies["fate"] = tallies["fate"].mask(lacking, "rejected")
    return rows.loc[~counted].reset_index(drop=True), tallies.reset_index(drop=True)
