"""Every reason for which a row is set aside has a cure of its own."""

import re
from pathlib import Path

import pytest

import partner_analysis as pa
from partner_analysis.reporting.cures import DATES, OTHERS, cure_of

CLEANING = Path(pa.__file__).parent / "cleaning"
REASONS = {
    reason
    for name in ("exports/referrals", "exports/counted", "exports/cut", "register/clinics")
    for reason in re.findall(
        r'^ +f?"([a-z][a-z_ ,0-9]+?)(?: \{table\})?": [(a-z]|give_reasons\(rows, \{"([^"]+)"',
        (CLEANING / f"{name}.py").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    for reason in reason
    if " " in reason
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_reason_has_its_cure(reason: str) -> None:
    assert cure_of(reason) not in (OTHERS, DATES)


def test_reasons_are_found() -> None:
    assert {"status is not known", "no patient", "before its clinic opened"} <= REASONS
    assert "[exports.statuses]" in cure_of("status is not known")
    assert cure_of("evaluated is not a date as %m/%d/%Y") == DATES
