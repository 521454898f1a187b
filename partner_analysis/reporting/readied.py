"""A study opened once for many notebooks, in a process that copies of it then inherit.

Reading tables starts threads, and a process with threads is not copied. So one copy reads, works
out what all notebooks need, and sends it back as bytes, which are loaded without any thread.
"""

from __future__ import annotations

import pickle
from typing import Final

from partner_analysis.attribution import panel
from partner_analysis.attribution.designs.compare import compare_methods
from partner_analysis.reporting import study as studies

NEEDED: Final = ("register", "names", "cleaned", "counts", "named", "standings", "definitions",
    "input_key",
)  # fmt: skip


def make_ready(practice: str, as_of: str, tables: str, partnership_id: str) -> bytes:
    """A study with all that every partnership's notebook asks it for, to be handed on.

    Parameters
    ----------
    practice, as_of, tables
        As a run gives them to its notebooks.
    partnership_id
        Any partnership, whose estimate works out what all of them share.
    """
    study = studies.open_study(practice, as_of=as_of, tables=tables)
    for name in NEEDED:
        if name != "definitions" or study.practice.has_episodes:
            getattr(study, name)
    if study.standings:
        compare_methods(study.counts, study.partnerships, partnership_id)
    else:
        study.effect(partnership_id)  # nothing is estimated yet
    return pickle.dumps(((practice, as_of, tables), study, list(panel.latest)))


def keep_estimate(practice: str, as_of: str, tables: str, partnership_id: str) -> None:
    """Leave what is estimated and declared of one partnership by itself, for a run."""
    study = studies.open_study(practice, as_of=as_of, tables=tables)
    study.keep_estimate(partnership_id)


def keep_posed(practice: str, as_of: str, tables: str, part: str) -> None:
    """Leave one part of the goals posed at earlier dates, for a run."""
    studies.open_study(practice, as_of=as_of, tables=tables).keep_posed(part)


def forget() -> None:
    """Let notebooks read for themselves again, since tables may have changed."""
    studies.opened.clear()


def hand_on(made: bytes) -> None:
    """Let this process, and every copy of it, open that study without reading anything."""
    key, study, latest = pickle.loads(made)
    studies.opened[key] = study
    panel.latest.extend(latest)
