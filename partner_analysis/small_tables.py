"""The small tables that a practice writes itself: their columns, and empty ones to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from partner_analysis import storage
from partner_analysis.tables import SettingsError


def init_practice(folder: str | Path) -> Path:
    """Path of a new practice.toml, written with comments beside empty tables to fill.

    Raises
    ------
    SettingsError
        If the folder has a practice.toml already; nothing is written over.
    """
    target = Path(folder).expanduser().absolute() / "practice.toml"
    if target.exists():
        raise SettingsError(f"{target}: is there already. Edit it, or choose another folder.")
    template = storage.read_text(Path(__file__).with_name("template.toml"))
    for name, columns in EMPTY_TABLES.items():
        table = target.parent / "data" / "raw" / "my-practice" / FILE_OF.get(name, f"{name}.csv")
        if not table.exists():
            storage.write_text(",".join(columns) + "\n", table, private=True)
    return storage.write_text(template, target)


FILE_OF: Final = {"decisions": "source-decisions.csv"}
EMPTY_TABLES: Final[dict[str, tuple[str, ...]]] = {
    "partnerships": (
        "partnership_id", "name", "kind", "start_date", "end_date",
        "clinics", "personas", "aims", "provider",
        "signed_date", "negative_control", "neighbours",
        "purpose", "objectives", "review_date", "values",
    ),
    "aliases": ("partnership_id", "alias", "from", "to"),
    "clinics": ("clinic", "alias", "opened", "closed", "open_days", "merged_into", "time_zone"),
    "goals": (
        "goal_id", "partnership_id", "persona", "measure", "target", "unit",
        "baseline", "window_months", "start_date", "counted", "clinics",
    ),
    "activities": (
        "partnership_id", "date", "kind", "own_cost", "staff_hours", "partner_share", "note",
    ),
    "flows": (
        "partnership_id", "month", "clinic", "given_by",
        "referrals_out", "same_day_slots", "education_sessions", "space_hours",
        "shared_events", "planning_meetings", "feedback_score", "feedback_answers", "note",
    ),
    "areas": ("zip3", "people", "name"),
    "decisions": ("text", "means", "from", "to", "decided_on", "note"),
    "candidates": (
        "candidate_id", "name", "kind", "personas", "clinics",
        "values", "trust", "complementary", "reach", "willingness",
        "benefit", "we_give", "they_give", "shared_goals", "provider",
    ),
}  # fmt: skip
