"""Why a report differs from the one before: new data, late data, method, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from partner_analysis.attribution.effect import Effect
from partner_analysis.reporting.late import counted_by, late_sentences, more_and_fewer
from partner_analysis.reporting.numbers import amount_text, count_text, day_text, list_text
from partner_analysis.reporting.phrases import period_word

if TYPE_CHECKING:
    from partner_analysis.reporting.study import Study

UNCHANGED: Final = "Nothing under this report changed: the same files, settings and program."
NEAR: Final = 0.05  # of what was expected: less is rounding and chance of the computation


def basis_of(study: Study) -> dict[str, Any]:
    """What the next report needs to know of this one: rows by file, new patients by period."""
    rows: dict[str, int] = {}
    if study.practice.has_episodes:
        account = study.cleaned.row_account
        names = account["file"].str.split("/").str[-1]
        rows = account["raw_rows"].groupby(names).sum().to_dict()
    return {
        "rows": {str(name): int(number) for name, number in rows.items()},
        "complete_until": f"{study.complete_until:%Y-%m-%d}",
        **counted_by(study),
    }


def reasons(
    basis: Mapping[str, Any],
    previous: Mapping[str, Any] | None,
    manifest: Mapping[str, Any],
    previous_manifest: Mapping[str, Any],
) -> list[str]:
    """Say in one sentence each what changed under a report since the last one.

    Parameters
    ----------
    basis, previous
        What ``basis_of`` gave, now and in the last report (None = not kept then).
    manifest, previous_manifest
        Records of the two runs: inputs, definitions, level and versions.
    """
    told = (
        [] if previous is None else [*_new_rows(basis, previous), *late_sentences(basis, previous)]
    )
    told += _settings(manifest, previous_manifest)
    told += _program(manifest, previous_manifest)
    if told or previous is None:
        return told
    same = manifest.get("inputs") == previous_manifest.get("inputs")
    return [UNCHANGED] if same else ["Files were written again; no row was added to them."]


def movement_reason(ours: Effect, theirs: Effect) -> str:
    """Say why an answer moved: periods that now count, late entries, another expectation."""
    word = period_word(ours.periods)
    now, then = (_active(effect) for effect in (ours, theirs))
    both = now.join(then.add_suffix("_then"), how="inner")
    added = now.loc[~now.index.isin(then.index)]
    said = []
    if len(added):
        verb = "counts" if len(added) == 1 else "count"
        said.append(
            f"{count_text(len(added), f'more {word}')} {verb}, in which "
            f"{amount_text(added['observed'].sum())} came and "
            f"{amount_text(added['expected'].sum())} were expected"
        )
    gone = int((~then.index.isin(now.index)).sum())
    if gone:
        verb = "counts" if gone == 1 else "count"
        said.append(f"{count_text(gone, word)} no longer {verb}")
    late = (both["observed"] - both["observed_then"]).round(6).to_numpy()
    if late.any():
        how = "entered late" if (late > 0).any() else "taken out"
        parts = more_and_fewer(late, "new patient")
        said.append(f"{parts} in {word}s counted before, {how} or corrected")
    expected, before = both["expected"].sum(), both["expected_then"].sum()
    if abs(expected - before) > NEAR * max(before, 1.0):
        said.append(
            f"for the {word}s counted before, {amount_text(expected)} are now expected instead of "
            f"{amount_text(before)}, as other places and later {word}s came in"
        )
    if not said:
        return f"Same {word}s, newer comparison data."
    return f"Why: {'; '.join(said)}."


def _active(effect: Effect) -> pd.DataFrame:
    """Observed and expected by period of those that the answer counts."""
    if effect.periods.empty:
        return pd.DataFrame(columns=["observed", "expected"])
    periods = effect.periods.loc[effect.periods["active"]]
    return periods.set_index("period")[["observed", "expected"]]


def _new_rows(basis: Mapping[str, Any], previous: Mapping[str, Any]) -> list[str]:
    """Rows that each export gained or lost, and how far the counts are complete."""
    parts = []
    for name in sorted({*basis["rows"], *previous["rows"]}):
        now, then = basis["rows"].get(name), previous["rows"].get(name)
        if then is None:
            parts.append(f"{name} is new ({count_text(now, 'row')})")
        elif now is None:
            parts.append(f"{name} is no longer there ({count_text(then, 'row')})")
        elif now != then:
            more = "more" if now > then else "fewer"
            parts.append(f"{name} has {count_text(abs(now - then), 'row')} {more}")
    said = [f"New data: {list_text(parts)}."] if parts else []
    until, before = (pd.Timestamp(each["complete_until"]) for each in (basis, previous))
    if until != before:
        said.append(
            f"Counts are complete up to {day_text(until)}; in the last report, up to "
            f"{day_text(before)}."
        )
    return said


def _settings(manifest: Mapping[str, Any], previous: Mapping[str, Any]) -> list[str]:
    """Definitions, level and hand-kept tables that are no longer the same."""
    ours, theirs = manifest.get("definitions", {}), previous.get("definitions", {})
    parts = [
        f"{key.replace('_', ' ')} is {_said(ours[key])}, before {_said(theirs[key])}"
        for key in ours
        if key in theirs and ours[key] != theirs[key]
    ]
    if manifest.get("level") != previous.get("level") and "level" in previous:
        parts.append(f"the level of intervals is {manifest['level']}, before {previous['level']}")
    said = [f"Settings: {list_text(parts)}."] if parts else []
    changed = [name for name in _changed(manifest, previous) if not _is_export(name, manifest)]
    if parts:
        changed = [name for name in changed if not name.endswith(".toml")]
    return said + ([f"Changed by hand: {list_text(changed)}."] if changed else [])


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _changed(manifest: Mapping[str, Any], previous: Mapping[str, Any]) -> list[str]:
    """Names of input files that differ, in both or only in one."""
    ours, theirs = manifest.get("inputs", {}), previous.get("inputs", {})
    places = sorted({*ours, *theirs}) if theirs else []
    return [place.split("/")[-1] for place in places if ours.get(place) != theirs.get(place)]


def _is_export(name: str, manifest: Mapping[str, Any]) -> bool:
    """Whether a file is an export, whose rows are told apart."""
    return name in manifest.get("exports", ())


def _program(manifest: Mapping[str, Any], previous: Mapping[str, Any]) -> list[str]:
    """Versions that are no longer the same: then answers can move without any new data."""
    ours, theirs = manifest.get("versions", {}), previous.get("versions", {})
    parts = [
        f"{name} {ours[name]} (before {theirs[name]})"
        for name in ours
        if name in theirs and ours[name] != theirs[name]
    ]
    if parts:
        return [
            f"Method: made with {list_text(parts)}, so an answer can move without any new data; "
            "CHANGELOG.md says which."
        ]
    same_files = manifest.get("inputs") == previous.get("inputs")
    if same_files and manifest.get("key") != previous.get("key") and "key" in previous:
        return ["Method: the program changed within its version, so an answer can move."]
    return []
