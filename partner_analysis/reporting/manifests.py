"""The record of a run, published beside its pages: inputs, versions, durations, outcomes."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.notebooks import Outcome
from partner_analysis.reporting.running.work import Work

PACKAGES: Final = ("partner-analysis", "numpy", "pandas", "scipy", "matplotlib", "papermill")
MANIFEST_VERSION: Final = 1
SHOWN: Final = ("notebook", "outcome", "seconds", "parameters", "key", "made_on")


def run_manifest(
    practice: Practice,
    work: Work,
    outcomes: Mapping[str, Outcome],
    *,
    began: datetime,
    seconds: float,
) -> dict[str, Any]:
    """The record of a run as plain JSON values; it holds no value of the data."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "practice": practice.slug,
        "made_up": practice.made_up,
        "as_of": work.manifest["as_of"],
        "began": began.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "outcome": "all done" if all(o.succeeded for o in outcomes.values()) else "some failed",
        "key": kept.input_key(practice),
        "work_key": work.manifest["key"],
        "inputs": kept.input_fingerprints(practice),
        "exports": kept.export_names(practice),
        "definitions": practice.definitions.model_dump(),
        "level": practice.level,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "notebooks": {label: _entry(work, label) for label in outcomes},
    }


def shown_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters without the private folder, and without the path to the practice."""
    shown = {name: value for name, value in parameters.items() if name != "tables"}
    return shown | {"practice": Path(shown["practice"]).name}


def _entry(work: Work, label: str) -> dict[str, Any]:
    """What the manifest says of one notebook, with the fingerprint of what it gave."""
    entry = work.entry(label)
    executed = entry.get("outputs", {}).get(f"executed/{label}.ipynb", "")
    return {name: entry[name] for name in SHOWN} | {"executed": executed}
