from pathlib import Path

import pandas as pd
import pytest

from partner_analysis.practice import Practice, load_practice
from partner_analysis.small_tables import init_practice
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
    ("setting", "place"),
    [("US", ("US", None)), ("US-RI", ("US", "RI")), ("", ("", None)), ("DE-BY", ("DE", "BY"))],
)
def test_holidays_are_those_of_a_country_or_a_part_of_it(
    template: Path, setting: str, place: tuple[str, str | None]
) -> None:
    practice = load_with(template, 'holidays = "US"', f'holidays = "{setting}"')
    assert practice.holiday_place == place


# ------------------------------------------------------------------ declared events
EVENT = """
[[events]]
label = "Bridge closed"
kind = "shock"
start = 2024-03-04
end = "2024-04-12"
clinics = ["Warwick"]
[[events]]
label = "New intake form"
kind = "recording"
start = 2024-01-01
"""


def load_events(template: Path, text: str) -> Practice:
    template.write_text(template.read_text() + text)
    return load_practice(template)


def test_events_become_one_table(template: Path) -> None:
    events = load_events(template, EVENT).events_table
    assert events["label"].tolist() == ["New intake form", "Bridge closed"]
    assert events["kind"].tolist() == ["recording", "shock"]
    assert events["clinics"].tolist() == [(), ("Warwick",)]
    assert events["end_date"].isna().tolist() == [True, False]
    assert events.loc[1, "end_date"] == pd.Timestamp("2024-04-12")


def test_a_practice_without_events_has_a_table_without_rows(template: Path) -> None:
    practice = load_practice(template)
    assert practice.holidays == "US"
    assert practice.events == () and practice.events_table.empty


def test_the_event_of_the_template_is_one_that_works(template: Path) -> None:
    text = template.read_text()
    start = text.index("# [[events]]")
    template.write_text(text[:start] + text[start:].replace("# ", ""))
    assert load_practice(template).events[0].clinics == ("Warwick",)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('kind = "shock"', 'kind = "storm"', r"\[events\] no. 1 kind: should be 'shock' or"),
        ('kind = "shock"', "", r"\[events\] no. 1 kind is missing"),
        ('"Bridge closed"', '""', "label: write a text of one line"),
        ("2024-03-04", '"4 March"', "start: write a day as 2024-03-01"),
        ("2024-03-04", "2024-03-04T08:00:00", "start: write a day as 2024-03-01"),
        ("2024-03-04", "2024", "start: write a day as 2024-03-01"),
        ('"2024-04-12"', "2024-02-01", "it ends before it starts; correct start or end"),
        ('["Warwick"]', '"Warwick"', r"clinics: write a list in brackets"),
        ('["Warwick"]', "[]", "clinics: name at least one, or leave the key out"),
        ("clinics =", "clinic =", r'clinic is not known\. Did you mean "clinics"'),
        ("[[events]]", "[events]", r"\[events\]: write \[\[events\]\], with two brackets"),
        (
            '"New intake form"\nkind = "recording"\nstart = 2024-01-01',
            '"Bridge closed"\nkind = "shock"\nstart = 2024-03-04\nclinics = ["Warwick"]',
            "have the same label, start and clinics",
        ),
    ],
)
def test_a_wrong_event_is_named_with_its_cure(
    template: Path, before: str, after: str, message: str
) -> None:
    assert before in EVENT
    text = EVENT.replace(before, after, 1)
    if "[[" not in after and before == "[[events]]":
        text = text[: text.index("[[events]]")]
    with pytest.raises(SettingsError, match=message):
        load_events(template, text)


# ------------------------------------------------------------------ wrong settings
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
        ('"practice"        #', '"public" #', "audience: should be 'practice' or 'shareable'"),
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
            "patient_name and clinic are both taken",
        ),
        ('holidays = "US"', 'holidays = "USA-"', 'holidays: .* write "USA", or a part such as'),
        ('holidays = "US"', 'holidays = "Us"', 'holidays: write a country such as "US"'),
        ('holidays = "US"', 'holidays = "US-ZZ"', 'its part is not; write "US", or .*"US-AK"'),
        ('holidays = "US"', "holidays = false", "holidays: write it in quotes"),
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


# ------------------------------------------------------------------ money
MONEY = "\n[money]\nhourly_rate = {}\nvalue_per_patient = {}\n"


def test_money_is_not_guessed_where_it_is_not_stated(template: Path) -> None:
    money = load_practice(template).money
    assert (money.hourly_rate, money.value_per_patient) == (None, None)


def test_money_is_read_as_dollars(template: Path) -> None:
    money = load_events(template, MONEY.format(45, 220.5)).money
    assert (money.hourly_rate, money.value_per_patient) == (45, 220.5)


@pytest.mark.parametrize(
    ("rate", "value", "message"),
    [
        ("-1", "220", r"\[money\] hourly_rate: write dollars of 0 or more"),
        ("inf", "220", "hourly_rate: write dollars of 0 or more"),
        ("nan", "220", "hourly_rate: write dollars of 0 or more"),
        ('"45"', "220", "hourly_rate: write a number, without quotes"),
        ("45", "0", "value_per_patient: write dollars above 0, or leave the key out"),
    ],
)
def test_money_that_is_no_amount_is_refused(
    template: Path, rate: str, value: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        load_events(template, MONEY.format(rate, value))
