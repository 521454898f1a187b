from pathlib import Path

import pytest

from partner_analysis.practice import Practice, init_practice, load_practice
from partner_analysis.tables import SettingsError


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return init_practice(tmp_path)


def load_with(template: Path, before: str, after: str) -> Practice:
    text = template.read_text()
    assert before in text
    template.write_text(text.replace(before, after, 1))
    return load_practice(template)


def test_the_template_is_a_valid_practice_with_its_tables_beside_it(template: Path) -> None:
    practice = load_practice(template)
    assert practice.folder == template.parent
    assert practice.has_episodes
    assert (practice.folder / practice.tables.partnerships).is_file()
    assert practice.definitions.new_patient == "first evaluation"


def test_a_folder_stands_for_the_practice_in_it(template: Path) -> None:
    assert load_practice(template.parent) == load_practice(template)


def test_init_writes_over_nothing(template: Path) -> None:
    with pytest.raises(SettingsError, match="is there already"):
        init_practice(template.parent)


def test_a_practice_is_frozen(template: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_practice(template).slug = "other"  # type: ignore[misc]


def test_a_missing_file_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such file.*partner-analysis init"):
        load_practice(tmp_path / "practice.toml")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("slug =", "slig =", r'slig is not known\. Did you mean "slug"\?'),
        ("\npatient =", "\npatiant =", r'columns\.patiant is not known\. Did you mean "patient"'),
        ("[tables]", "[tabels]", r'tabels\] is not known\. Did you mean "tables"'),
        ("reopen_gap_days = 90", 'reopen_gap_days = "x"', "reopen_gap_days: write a whole number"),
        ('period = "week"', 'period = "day"', "period: should be 'week' or 'month'"),
        ('week_starts = "monday"', 'week_starts = "Mon"', "week_starts: should be 'monday'"),
        ("level = 0.95", "level = 95", "level: write a share .* 0.95 for 95%"),
        ('slug = "my-practice"', 'slug = "../../etc"', "slug: use small letters"),
        ('slug = "my-practice"', 'slug = "latest"', "slug: use small letters"),
        ('"practice"        #', '"shareable" #', "shareable reports are not made yet"),
        ('"%m/%d/%Y"', '"MM/DD/YYYY"', "date_format: write the format with %Y"),
        (
            'kind = "referrals"',
            'kind = "referral"',
            r'kind is not known\. Did you mean "referrals"',
        ),
        ('kind = "referrals"', "", r"kind is missing"),
        ("min_age = 65", "", "a rule without a condition takes everyone"),
        ('name = "runner"', 'name = "general"', "is kept for patients whom no rule takes"),
        ('name = "runner"', 'name = "older adult"', "two personas have the same name"),
        ('name = "runner"', 'name = "General"', "is kept for patients whom no rule takes"),
        ('name = "runner"', 'name = "Older Adult"', "two personas have the same name"),
        ("min_age = 65", "min_age = 65\nmax_age = 10", "min_age is above max_age"),
        ("min_age = 65", "diagnosis_prefix = []", "diagnosis_prefix: name at least one"),
        ("min_age = 65", 'diagnosis_prefix = [""]', "write a text of one line"),
        ("complete_days = 21", "complete_days = 999999999999", "whole number up to 3660"),
        ("complete_days = 21", "complete_days = -1", "whole number from 0"),
        ('patient = "Patient ID"', 'patient = ""', "columns.patient: write a text of one line"),
        (
            'clinic = "Initial',
            'clinic = "Patient Name" #',
            "clinic and patient_name are both taken",
        ),
        ("[[exports]]", "[exports]", r"\[exports\]: write \[\[exports\]\], with two brackets"),
        ('aliases.csv"', 'aliases.csv\\u0000"', "aliases: write a text of one line"),
        ('slug = "my-practice"', "slug = " + "[" * 3000, "too many brackets"),
        ('slug = "my-practice"', "slug = my-practice", r"cannot be read as TOML \(.*line"),
    ],
)
def test_a_wrong_setting_is_named_with_its_cure(
    template: Path, before: str, after: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        load_with(template, before, after)
