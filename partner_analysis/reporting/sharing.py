"""The file that a practice may pass on to others: written by rules."""

from __future__ import annotations

import secrets
from pathlib import Path

import pandas as pd

from partner_analysis import storage
from partner_analysis.attribution.estimate import estimate_effects
from partner_analysis.attribution.together.kinds import is_provider
from partner_analysis.attribution.together.shared import (
    SHARED_COLUMNS,
    shared_rows,
)
from partner_analysis.practice import Practice
from partner_analysis.reporting.kept import processed_folder
from partner_analysis.reporting.numbers import count_text, list_text, short_name
from partner_analysis.reporting.shared_files import TOKEN_FILE, check_shared, own_token
from partner_analysis.reporting.study import Study, open_study
from partner_analysis.tables import DAYS_PER_MONTH, SettingsError


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
    checked = check_shared(_as_written(rows), str(target))
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
    token = own_token(practice)
    if token:
        return token
    token = secrets.token_hex(8)
    path = processed_folder(practice) / TOKEN_FILE
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
