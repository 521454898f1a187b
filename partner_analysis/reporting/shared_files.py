"""Files of other practices, read with distrust: every cell is one that ``share`` could write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.together.kinds import KINDS, PERSONAS
from partner_analysis.attribution.together.pool import PooledKind, pool_effects
from partner_analysis.attribution.together.shared import (
    EFFECT_STEP,
    ERROR_STEP,
    MONTHS,
    MOST_EFFECT,
    MOST_ERROR,
    SHARED_COLUMNS,
    SIZES,
)
from partner_analysis.cleaning.register.lists import refuse_lines
from partner_analysis.practice import Practice
from partner_analysis.reporting.kept import processed_folder
from partner_analysis.tables import DataError

TOKEN_FILE: Final = "share.json"
TOKEN: Final = r"[0-9a-f]{16}"
NUMBER: Final = r"-?\d(?:\.\d{1,2})?"
MOST_BYTES: Final = 1_000_000
MOST_ROWS: Final = 1_000
WORDS: Final = {
    "kind": KINDS,
    "persona": PERSONAS,
    "size_class": tuple(SIZES),
    "months": tuple(MONTHS),
}
AGAIN: Final = "Ask for the file that `partner-analysis share` wrote, unchanged."


def pooled_by(practice: Practice) -> dict[str, PooledKind]:
    """What the shared files named in a practice.toml say by kind of partner, without its own.

    A practice's own file in its own prior would count its effects twice.
    """
    if not practice.tables.shared:
        return {}
    rows, _ = read_shared(storage.find_files(practice.folder, practice.tables.shared))
    others = rows.loc[rows["practice"] != own_token(practice)]
    return pool_effects(others, level=practice.level) if len(others) else {}


def own_token(practice: Practice) -> str:
    """Random name under which a practice shares; empty where it has never shared."""
    path = processed_folder(practice) / TOKEN_FILE
    noted = storage.read_json(path) if path.exists() else {}
    token = str(noted.get("token", "")) if isinstance(noted, dict) else ""
    return token if re.fullmatch(TOKEN, token) else ""


def read_shared(paths: Sequence[Path]) -> tuple[pd.DataFrame, list[str]]:
    """Rows of many shared files, each practice once, and what a reader should know of them.

    Returns
    -------
    tuple of DataFrame and list of str
        One row per partnership, with the columns of ``shared_rows``; of two files of one practice
        the one given last counts. Sentences on files that were replaced or look alike.

    Raises
    ------
    DataError
        For a file that is too large, or does not hold exactly what ``share`` writes.
    """
    files: dict[str, tuple[Path, pd.DataFrame]] = {}
    said = []
    for path in paths:
        rows = read_one(path)
        if rows.empty:
            said.append(f"{path.name} has no partnership in it.")
            continue
        token = str(rows["practice"].iloc[0])
        if token in files:
            said.append(
                f"{files[token][0].name} and {path.name} are of one practice, which counts once: "
                f"by {path.name}, given last."
            )
        files[token] = (path, rows)
    said += _alike(list(files.values()))
    tables = [rows for _, rows in files.values()]
    if not tables:
        return pd.DataFrame(columns=list(SHARED_COLUMNS)).astype(SHARED_COLUMNS), said
    return pd.concat(tables, ignore_index=True), said


def read_one(path: Path) -> pd.DataFrame:
    """Rows of one shared file, every cell of which is one that ``share`` could have written.

    Raises
    ------
    DataError
        Otherwise; no cell is repeated in the message.
    """
    path = Path(path)
    if path.is_file() and path.stat().st_size > MOST_BYTES:
        raise DataError(f"{path}: is larger than 1 MB, so it is no shared file. {AGAIN}")
    grid = storage.read_grid(path)
    if grid.iloc[0].tolist() != list(SHARED_COLUMNS):
        raise DataError(
            f"{path}: line {grid.index[0]} is not {','.join(SHARED_COLUMNS)}, so it is no shared "
            f"file. {AGAIN}"
        )
    rows = grid.iloc[1:].set_axis(list(SHARED_COLUMNS), axis=1)
    if len(rows) > MOST_ROWS:
        raise DataError(f"{path}: has more than {MOST_ROWS:,} rows, so it is no shared file.")
    return check_shared(rows.assign(line=rows.index), str(path)).drop(columns="line")


def check_shared(rows: pd.DataFrame, where: str) -> pd.DataFrame:
    """Typed rows, or a refusal of all that is not as ``share`` writes it."""
    odd = ~rows["practice"].str.fullmatch(TOKEN)
    refuse_lines(where, rows, odd, "have no random name of a practice", AGAIN)
    if len(set(rows["practice"])) > 1:
        raise DataError(f"{where}: holds rows of several practices. {AGAIN}")
    for column, words in WORDS.items():
        odd = ~rows[column].isin(words)
        refuse_lines(where, rows, odd, f"have a {column} that is not on the list", AGAIN)
    numbers = {"effect": (EFFECT_STEP, MOST_EFFECT), "standard_error": (ERROR_STEP, MOST_ERROR)}
    typed = rows.reset_index(drop=True)
    for column, (step, most) in numbers.items():
        given = typed[column] != ""
        sound = typed[column].str.fullmatch(NUMBER)
        values = pd.to_numeric(typed[column].where(sound, ""), errors="coerce").astype("float64")
        on_grid = (values / step - (values / step).round()).abs() < 1e-6
        fits = on_grid & (values.abs() <= most) & ((values > 0) | (column == "effect"))
        what = f"have a {column} that is no number of the kind that is shared"
        refuse_lines(where, typed, given & ~fits, what, AGAIN)
        typed[column] = values
    half = typed["effect"].isna() != typed["standard_error"].isna()
    refuse_lines(where, typed, half, "have only one of effect and standard_error", AGAIN)
    return typed


def _alike(files: list[tuple[Path, pd.DataFrame]]) -> list[str]:
    """Files of different names of practices that hold the same rows."""
    seen: dict[str, Path] = {}
    said = []
    for path, rows in files:
        told = rows.drop(columns="practice").sort_values([*WORDS, "effect"]).to_csv(index=False)
        if told in seen and rows["effect"].notna().any():
            said.append(
                f"{seen[told].name} and {path.name} hold the same rows under two names. If they "
                "are of one practice, leave one out, since it would count twice."
            )
        seen.setdefault(told, path)
    return said
