"""Whether the cells of a column can be what one of ours is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from partner_analysis.cleaning.mapping.contents import Contents

FITS: Final = 1.0
OPEN: Final = 0.0
FEW_BORN: Final = 1995  # days with a median before are of births, not of visits
Fit = Callable[[Contents], float | None]


def fit_of(ours: str, contents: Contents) -> float | None:
    """1 where the cells are as those of ours are, 0 where they may be, None where they cannot."""
    if not contents.filled:
        return OPEN
    return _FITS.get(ours, _as_words)(contents)


def says_itself(ours: str, contents: Contents) -> bool:
    """Whether the cells alone tell, whatever the column is called."""
    if contents.filled < 5:
        return False
    if ours == "sex":
        return contents.share("sex") >= 0.98 and 2 <= contents.distinct <= 6
    if ours == "diagnosis":
        return contents.share("diagnosis") >= 0.9 and contents.share("number") < 0.1
    if ours == "procedure":
        return contents.share("procedure") >= 0.95 and contents.few
    if ours == "visit_type":
        return contents.share("visit type") >= 0.9 and contents.few and contents.distinct >= 2
    if ours == "birth_date":
        days = contents.days
        return contents.dates >= 0.95 and len(days) > 4 and days.median().year < FEW_BORN
    return ours == "status" and contents.share("status") >= 0.95 and contents.distinct >= 2


def _as_days(contents: Contents) -> float | None:
    share = max(contents.dates, contents.share("serial"))
    if contents.dates and contents.share("serial"):
        share = contents.dates + contents.share("serial")
    if share >= 0.8:
        return FITS
    return OPEN if share >= 0.5 else None


def _as_recent_days(contents: Contents) -> float | None:
    if len(contents.days) and contents.days.median().year < FEW_BORN:
        return None
    return _as_days(contents)


def _as_id(contents: Contents) -> float | None:
    if contents.dates >= 0.5 or contents.share("code") < 0.6:
        return None
    return FITS if contents.share("code") >= 0.9 and contents.distinct > 1 else OPEN


def _as_key(contents: Contents) -> float | None:
    if contents.distinct < 0.9 * contents.filled:
        return None
    return _as_id(contents)


def _as_name(contents: Contents) -> float | None:
    return FITS if contents.share("words") >= 0.8 else None


def _as_words(contents: Contents) -> float | None:
    if contents.dates >= 0.5 or contents.share("number") >= 0.8:
        return None
    return FITS if contents.share("letters") >= 0.6 else OPEN


def _as_kinds(contents: Contents) -> float | None:
    if contents.dates >= 0.5 or (not contents.few and contents.filled >= 20):
        return None
    return FITS if contents.few and contents.share("letters") >= 0.6 else OPEN


def _as_status(contents: Contents) -> float | None:
    if contents.share("status") >= 0.6:
        return FITS
    return None if contents.share("two letters") >= 0.9 else _at_most_open(_as_kinds(contents))


def _at_most_open(fit: float | None) -> float | None:
    return None if fit is None else OPEN


def _share(shape: str, least: float) -> Fit:
    return lambda contents: FITS if contents.share(shape) >= least else None


def _as_flag(contents: Contents) -> float | None:
    if contents.share("yes or no") >= 0.9:
        return FITS
    return _as_days(contents)


def _as_diagnosis(contents: Contents) -> float | None:
    return FITS if contents.share("diagnosis") >= 0.6 else _at_most_open(_as_words(contents))


def _as_procedure(contents: Contents) -> float | None:
    return FITS if contents.share("procedure") >= 0.6 else None


_FITS: Final[dict[str, Fit]] = {
    "patient": _as_id, "case": _as_id, "merged_into": _as_id, "key": _as_key,
    "patient_name": _as_name, "birth_date": _as_days, "age": _share("age", 0.9),
    "sex": _share("sex", 0.8), "zip": _share("zip", 0.7),
    "received": _as_recent_days, "created": _as_recent_days, "evaluated": _as_recent_days,
    "discharged": _as_recent_days, "visited": _as_recent_days, "finalized": _as_recent_days,
    "modified": _as_recent_days, "date": _as_recent_days,
    "status": _as_status, "visit_type": _as_kinds, "note_type": _as_kinds,
    "source_type": _as_kinds, "clinic": _as_kinds, "treatment_clinic": _as_kinds,
    "unit": _as_kinds, "persona": _as_kinds, "payer": _as_kinds, "change": _as_kinds,
    "procedure": _as_procedure, "diagnosis": _as_diagnosis, "charge": _share("amount", 0.8),
    "arrived": _as_flag, "cancelled": _as_flag, "no_show": _as_flag, "deleted": _as_flag,
    "count": _share("whole number", 0.8), "patients": _share("whole number", 0.8),
    "cases": _share("whole number", 0.8), "open_days": _share("amount", 0.8),
    "open_slots": _share("whole number", 0.8), "visits": _share("whole number", 0.8),
    "planned_visits": _share("whole number", 0.8), "outcome_change": _share("amount", 0.8),
    "recommend": _share("whole number", 0.8), "first_time": _share("yes or no", 0.8),
}  # fmt: skip
DAYS: Final = tuple(ours for ours, fit in _FITS.items() if fit in (_as_days, _as_recent_days))
