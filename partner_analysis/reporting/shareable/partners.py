"""Whom a page for others is about, and how much its reader may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from partner_analysis.attribution.together.kinds import (
    broad_kind,
    broad_persona,
    is_kept_close,
    is_provider,
)
from partner_analysis.attribution.together.shared import names_together
from partner_analysis.reporting.numbers import list_text, month_text, short_name
from partner_analysis.reporting.shareable.counts import Scope
from partner_analysis.reporting.study import Study

WHO: Final = {"runner": "runners", "athlete": "athletes", "older adult": "older adults"}


@dataclass(frozen=True)
class Partner:
    """One partnership that has begun, as others may read of it.

    Attributes
    ----------
    key, name
        Its id, and its name on one line.
    kind
        In broad words: see ``together.kinds``.
    clinics, personas
        Where and for whom it runs or ran; () means all.
    start, review
        Its first day, and when the agreement is to be reviewed; NaT where nobody wrote it down.
    ended
        Its last day where it is over; NaT while any part of it runs.
    is_provider
        Whether it can refer: then no number of patients is told of it.
    """

    key: str
    name: str
    kind: str
    clinics: tuple[str, ...]
    personas: tuple[str, ...]
    start: pd.Timestamp
    review: pd.Timestamp
    is_provider: bool
    ended: pd.Timestamp = pd.NaT

    @property
    def is_employer(self) -> bool:
        """Whether its people are its own staff: then nothing is told by kind of patient."""
        return self.kind == "employer"

    @property
    def is_sensitive(self) -> bool:
        """Whether it is for pregnancy, minors, injuries, or a kind that no broad word fits."""
        return any(is_kept_close(p) or broad_persona([p]) == "other" for p in self.personas)

    @property
    def when(self) -> str:
        """From when, and until when, it ran: "since May 2024", "May 2024 to June 2025"."""
        if pd.isna(self.ended):
            return f"since {month_text(self.start)}"
        first, last = month_text(self.start), month_text(self.ended)
        return f"in {first}" if first == last else f"{first} to {last}"

    @property
    def scope(self) -> Scope:
        """Whose new patients its page counts: of every kind for an employer."""
        if self.is_employer:
            return Scope(self.clinics, (), is_coarse=True)
        return Scope(self.clinics, self.personas, is_coarse=self.is_sensitive)

    @property
    def whom(self) -> str:
        """The same in words, which name a kind of patient only where that may be said."""
        where = f"at {list_text(self.clinics)}" if self.clinics else "at all clinics"
        if self.is_sensitive and not self.is_employer:
            return f"of the kind that the partnership is for, {where}"
        kinds = [] if self.is_employer else [broad_persona([p]) for p in self.personas]
        people = [WHO[kind] for kind in dict.fromkeys(kinds) if kind != "general"]
        said = [f"who are {list_text(people)}"] if people else []
        said += ["of no particular group"] if "general" in kinds else []
        return f"{' or '.join(said) or 'of every kind'}, {where}"


def partners_of(study: Study) -> dict[str, Partner]:
    """Partnerships that have begun and have no fault in the register, by id."""
    rows = study.partnerships
    begun = rows.loc[~rows["partnership_id"].isin(list(study.not_begun))]
    return {
        str(key): _partner(
            str(key), stretches, str(key) in study.providers, as_of=pd.Timestamp(study.as_of)
        )
        for key, stretches in begun.groupby("partnership_id")
    }


def _partner(
    key: str, stretches: pd.DataFrame, is_provider_row: bool, *, as_of: pd.Timestamp
) -> Partner:
    first = stretches.iloc[0]
    ends = stretches.get("end_date", pd.Series(pd.NaT, index=stretches.index))
    reviews = stretches["review_date"].dropna() if "review_date" in stretches else pd.Series()
    return Partner(
        key=key,
        name=short_name(str(first["name"])),
        kind=broad_kind(str(first["kind"])),
        clinics=names_together(stretches["clinics"]),
        personas=names_together(stretches["personas"]),
        start=stretches["start_date"].min(),
        review=reviews.iloc[0] if len(reviews) else pd.NaT,
        is_provider=is_provider_row or is_provider(str(first["kind"])),
        ended=pd.NaT if (ends.isna() | (ends > as_of)).any() else ends.max(),
    )
