"""The record of a run, published beside its pages: inputs, versions, durations, outcomes."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from partner_analysis.practice import Practice
from partner_analysis.reporting import kept
from partner_analysis.reporting.notebooks import Outcome

PACKAGES: Final = ("partner-analysis", "numpy", "pandas", "scipy", "matplotlib", "papermill")
MANIFEST_VERSION: Final = 1


def run_manifest(
    practice: Practice,
    outcomes: Mapping[str, Outcome],
    *,
    as_of: pd.Timestamp,
    began: datetime,
    seconds: float,
) -> dict[str, Any]:
    """The record of a run as plain JSON values; it holds no value of the data."""
    return {
        "manifest_version": MANIFEST_VERSION,
        "practice": practice.slug,
        "made_up": practice.made_up,
        "as_of": f"{as_of:%Y-%m-%d}",
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "outcome": "all done" if all(o.succeeded for o in outcomes.values()) else "some failed",
        "key": kept.input_key(practice),
        "inputs": kept.input_fingerprints(practice),
        "exports": kept.export_names(practice),
        "definitions": practice.definitions.model_dump(),
        "level": practice.level,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "notebooks": {
            label: {
                "notebook": done.job.notebook.name,
                "outcome": "done" if done.succeeded else "failed",
                "seconds": round(done.seconds, 1),
                "parameters": _shown(done.job.parameters),
            }
            for label, done in outcomes.items()
        },
    }


def _shown(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters without the private folder, and without the path to the practice."""
    shown = {name: value for name, value in parameters.items() if name != "tables"}
    return shown | {"practice": Path(shown["practice"]).name}
