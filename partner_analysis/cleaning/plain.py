"""Cells and names as they are compared: small letters, single spaces, nothing filled in."""

from __future__ import annotations

from typing import Final

MISSING: Final = frozenset(
    {"", "(unassigned)", "unassigned", "none", "n/a", "na", "n.a.", "nan", "null", "nil",
     "unknown", "(unknown)", "(blank)", "not recorded", "-", "--", "?", "??", "tbd", "."}
)  # fmt: skip


def plain(text: str) -> str:
    """Text in small letters with single spaces, for comparing names."""
    return " ".join(text.split()).casefold()
