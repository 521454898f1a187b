"""What to do about rows that were set aside, by the reason why."""

from __future__ import annotations

from typing import Final

CURES: Final = {
    "no patient": "If they are visits, fill in the patient's number in the system and export "
    "again; notes below a table may stay.",
    "deleted in the system": "Nothing is to be done, unless the column of deleted was named "
    "wrongly under [exports.columns].",
    "status is not known": "Say what it means under [exports.statuses] in practice.toml, for "
    'example "Seen today" = "finalized".',
    "finalized, but no evaluation date": "Fill in the date in the system and export again, or name "
    "its column as evaluated under [exports.columns] in practice.toml.",
    "no date": "Fill in a date in the system and export again.",
    "in the future or not over yet": "Nothing is to be done: they count once their period is over.",
    "in the future": "Correct the year in the system, or date_format in practice.toml, if it has "
    "them in another order.",
    "before 1980": "Correct the year in the system, or date_format in practice.toml.",
    "date far from all others": "Correct the date in the system and export again.",
    "after as_of": "Nothing is to be done: they are later than the day asked for with --as-of.",
    "no clinic": 'Fill in the clinic and export again, or write one_clinic = "..." in the '
    "[[exports]] block if there is only one.",
    "no unit": "Fill in the clinic in the table, or delete the line.",
    "no source": "Fill in the source in the table, or delete the line.",
    "clinic does not look like the name of one": "Correct the clinic in the export, or list the "
    "clinics in a table ([tables] clinics in practice.toml).",
    "persona does not look like the name of one": "Correct the persona in the table.",
    "clinic is not in": "Add the clinic to that table, or its other spelling in the column alias.",
    "before its clinic opened": "Correct the day in the column opened of the table of clinics.",
    "after its clinic closed": "Correct the day in the column closed of the table of clinics.",
    "more cells than the header has": "A comma or quotation mark stands in a cell: export again as "
    ".xlsx.",
}
DATES: Final = "Correct these dates, or add their format to date_format in practice.toml."
OTHERS: Final = "Look at that line, correct it in the system and export again."


def cure_of(reason: str) -> str:
    """Say what to do about rows with a reason.

    Examples
    --------
    >>> cure_of("no source")
    'Fill in the source in the table, or delete the line.'
    """
    if " is not a date as " in reason:
        return DATES
    found = (cure for begin, cure in CURES.items() if reason.startswith(begin))
    return next(found, OTHERS)
