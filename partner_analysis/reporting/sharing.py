"""Files that practices pass on to one another: written by rules, read with distrust."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.estimate import estimate_effects
from partner_analysis.attribution.together.kinds import KINDS, PERSONAS, is_provider
from partner_analysis.attribution.together.shared import (
    EFFECT_STEP,
    ERROR_STEP,
    MONTHS,
    MOST_EFFECT,
    MOST_ERROR,
    SHARED_COLUMNS,
    SIZES,
    shared_rows,
)
from partner_analysis.cleaning.register.lists import refuse_lines
from partner_analysis.practice import Practice
from partner_analysis.reporting.kept import processed_folder
from partner_analysis.reporting.numbers import count_text, list_text, short_name
from partner_analysis.reporting.study import Study, open_study
from partner_analysis.tables import DAYS_PER_MONTH, DataError, SettingsError

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


# ------------------------------------------------------------------ writing
def write_shared(practice: str | Path, target: Path) -> list[str]:
    """Write the file that a practice may pass on; sentences on what is in it and what is not.

    Raises
    ------
    SettingsError
        If the file is there already.
    InputError
        For a fault of the practice's files or settings.
    """
    if target.exists():
        raise SettingsError(f"{target}: is there already. Choose another name; nothing is changed.")
    study = open_study(practice)
    rows = shared_by(study)
    checked = _checked(_as_written(rows), str(target))
    storage.write_csv(checked[list(SHARED_COLUMNS)], target)
    return [f"{target} is written.", *shared_sentences(rows), *_left_out(study)]


def shared_by(study: Study) -> pd.DataFrame:
    """Rows that a practice would share; see ``shared_rows``."""
    effects = estimate_effects(
        study.counts,
        study.partnerships,
        events=study.practice.events_table,
        holidays=study.practice.holidays,
        checks=False,
    )
    begun = {key: effect for key, effect in effects.items() if key not in study.not_begun}
    return shared_rows(
        begun,
        study.partnerships,
        providers=study.providers,
        monthly=monthly_new_patients(study.counts),
        token=practice_token(study.practice),
    )


def practice_token(practice: Practice) -> str:
    """Random name of the practice, drawn once; without it one file given twice would count twice.

    It is kept in the practice's folder of processed data and derived from nothing.
    """
    path = processed_folder(practice) / TOKEN_FILE
    kept = storage.read_json(path) if path.exists() else {}
    token = kept.get("token", "") if isinstance(kept, dict) else ""
    if re.fullmatch(TOKEN, str(token)):
        return str(token)
    token = secrets.token_hex(8)
    storage.make_folder(path.parent, private=True)
    storage.write_json({"token": token}, path, private=True)
    return token


def monthly_new_patients(counts: pd.DataFrame) -> float:
    """New patients a month in the whole practice, over the last year of complete periods."""
    totals = counts.groupby("period")["new_patients"].sum().sort_index()
    steps = totals.index.to_series().diff().dt.days
    lengths = steps.shift(-1).fillna(steps.median())
    last = totals.index > totals.index.max() - pd.DateOffset(years=1)
    return float(totals[last].sum() / lengths[last].sum() * DAYS_PER_MONTH)


def shared_sentences(rows: pd.DataFrame) -> list[str]:
    """What a shared file holds, in sentences."""
    told = int(rows["effect"].notna().sum())
    silent = len(rows) - told
    said = [
        f"It has {count_text(len(rows), 'partnership')}, {told} with effect and standard error. "
        "Of each it says the kind of partner, the kind of patient in broad words, the size class "
        "of the practice and the months in bands; no name, clinic, place or date.",
        f"The practice goes by a random name, kept in data/processed ({TOKEN_FILE}), so that two "
        "files of it count once. Keep it: without it the next file counts as another practice's.",
    ]
    if silent:
        verb = "is" if silent == 1 else "are"
        said.append(
            f"{count_text(silent, 'partnership')} {verb} in it without a number: fewer than 30 new "
            "patients were expected, so that a small count could be read off, or nothing could "
            "be estimated for it alone."
        )
    return said


def _left_out(study: Study) -> list[str]:
    """Who is not in the file, and why."""
    listed = study.register.names
    by_kind = listed.loc[listed["kind"].map(is_provider), "partnership_id"]
    away = sorted({*study.providers, *by_kind} - set(study.without_number))
    said = []
    if away:
        names = list_text([short_name(study.names[key]) for key in away])
        said.append(
            f"Left out as physicians or other providers: {names}. What providers bring is not "
            "compared by volume, by anybody."
        )
    others = sorted(study.without_number)
    if others:
        names = list_text([short_name(study.names[key]) for key in others])
        said.append(f"Left out, since not begun or with a fault in the register: {names}.")
    return said


def _as_written(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as the texts that would stand in the file, with line numbers."""
    texts = pd.DataFrame({c: rows[c].map(lambda v: "" if pd.isna(v) else f"{v}") for c in rows})
    return texts.astype("str").assign(line=range(2, len(rows) + 2))


# ------------------------------------------------------------------ reading
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
    return _checked(rows.assign(line=rows.index), str(path)).drop(columns="line")


def _checked(rows: pd.DataFrame, where: str) -> pd.DataFrame:
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
