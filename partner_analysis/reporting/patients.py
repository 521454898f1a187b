"""One practice at one date, with those who named each partner: who they are, waits and care."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import pandas as pd

from partner_analysis.attribution.access import compare_kinds
from partner_analysis.attribution.care import WAITS, compare_care
from partner_analysis.attribution.tiers import count_tiers
from partner_analysis.attribution.waits import compare_waits
from partner_analysis.reporting.estimated import EstimatedStudy

Found = TypeVar("Found")


def once_each(work: Callable[[PatientStudy, str], Found]) -> Callable[[PatientStudy, str], Found]:
    """Let a study work something out once for each partnership."""

    @wraps(work)
    def found(study: PatientStudy, partnership_id: str) -> Found:
        before = study.found_before.setdefault(work.__name__, {})
        if partnership_id not in before:
            before[partnership_id] = work(study, partnership_id)
        return cast("Found", before[partnership_id])

    return found


class PatientStudy(EstimatedStudy):
    """One practice at one date, with what is known of those who named each partner.

    Tables are made when first asked for, and then kept.
    """

    @cached_property
    def found_before(self) -> dict[str, dict[str, Any]]:
        """What was worked out once for a partnership, by what it is and by the partnership."""
        return {}

    def care(self, partnership_id: str) -> pd.DataFrame | None:
        """Care of those who named a partner beside similar others; None where nobody can tell.

        Without the waits, which ``waits`` tells in full.
        """
        if not self._has_episodes_of(partnership_id):
            return None
        given = {"as_of": self.as_of, "level": self.practice.level}
        people = self.patients_of(partnership_id)
        care = compare_care(people, self.partnerships, partnership_id, **given)
        return care.loc[~care["measure"].isin(WAITS)].reset_index(drop=True)

    @once_each
    def kinds(self, partnership_id: str) -> pd.DataFrame | None:
        """Kinds of patients who named a partner beside the others; None where nobody can tell."""
        if not self._has_episodes_of(partnership_id):
            return None
        people, level = self.patients_of(partnership_id), self.practice.level
        return compare_kinds(people, self.partnerships, partnership_id, level=level)

    @once_each
    def waits(self, partnership_id: str) -> pd.DataFrame | None:
        """Waits for a first visit, beside others and before; None where nobody can tell."""
        if not self._has_episodes_of(partnership_id):
            return None
        given = {"as_of": self.as_of, "level": self.practice.level}
        people = self.patients_of(partnership_id)
        return compare_waits(people, self.partnerships, partnership_id, **given)

    def tiers(self, partnership_id: str) -> pd.DataFrame | None:
        """Both tiers of its clinics' sources; None of a provider, and where nobody can tell."""
        if partnership_id in self.providers or not self._has_episodes_of(partnership_id):
            return None
        return count_tiers(self.patients_of(partnership_id), self.partnerships, partnership_id)

    @once_each
    def patients_of(self, partnership_id: str) -> pd.DataFrame:
        """All episodes of those who were ever at one of its clinics; no others are asked of it."""
        episodes = self.cleaned.episodes
        rows = self.partnerships[self.partnerships["partnership_id"] == partnership_id]
        if not all(rows["clinics"]):
            return episodes
        here = episodes["clinic"].isin({name for names in rows["clinics"] for name in names})
        return episodes[episodes["patient_key"].isin(episodes.loc[here, "patient_key"])]

    def _has_episodes_of(self, partnership_id: str) -> bool:
        return self.practice.has_episodes and partnership_id not in self.faults
