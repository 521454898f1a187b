"""What real exports do to a loader: one small file for each quirk, and what it has to become."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import load_practice
from partner_analysis.tables import DataError, SettingsError

HEAD = """
[practice]
slug = "small"
name = "Small PT"
[tables]
partnerships = "partnerships.csv"
"""
LIST = '[[exports]]\nprofile = "episode-list"\nfiles = "list*.*"\ndate_format = "%m/%d/%Y"\n'
VISITS = '[[exports]]\nprofile = "visit-list"\nfiles = "visits*.*"\ndate_format = "%m/%d/%Y"\n'
REGISTER = "partnership_id,name,kind,start_date\nhrs,Harbor Run Shop,running store,2024-02-01\n"
Read = Callable[..., Cleaned]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Clean a practice of some files (by name) and settings."""

    def clean(files: dict[str, str], settings: str = LIST) -> Cleaned:
        for name, text in {"partnerships.csv": REGISTER, **files}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / "practice.toml").write_text(HEAD + settings)
        practice = load_practice(tmp_path)
        return clean_episodes(read_exports(practice), practice, read_register(practice))

    return clean


def days(result: Cleaned) -> list[str]:
    """Days on which new patients count, in order."""
    episodes = result.episodes
    return sorted(episodes.loc[episodes["new_patient"], "counted_on"].dt.strftime("%m-%d"))


def rows(*lines: str, head: str = "patient_id,clinic,Evaluation Date,status") -> str:
    return "\n".join([head, *lines]) + "\n"


def test_numbers_that_a_spreadsheet_rounded_refuse_the_file(read: Read) -> None:
    with pytest.raises(
        DataError, match=r'2 of 2 numbers in "patient_id" were rounded.*line 2'
    ) as error:
        read({"list.csv": rows("3.72E+17,Warwick,01/15/2024,", "3.72E+17,Warwick,01/16/2024,")})
    assert "3.72" not in str(error.value)


def test_leading_zeros_that_a_spreadsheet_took_are_put_back(read: Read) -> None:
    files = {
        "list a.csv": rows("00017,Warwick,01/15/2024,", "00018,Warwick,01/16/2024,"),
        "list b.csv": rows("17,Warwick,05/20/2024,", "99,Warwick,05/21/2024,"),
    }
    assert days(read(files)) == ["01-15", "01-16", "05-21"]


def test_a_whole_number_with_a_point_is_the_same_patient(read: Read) -> None:
    files = {"list.csv": rows("17.0,Warwick,01/15/2024,", "17,Warwick,05/20/2024,")}
    assert days(read(files)) == ["01-15"]


def test_a_patient_in_two_files_of_states_is_one(read: Read) -> None:
    head = "patient_id,clinic,Evaluation Date,status,Discharge Date"
    files = {
        "list active.csv": rows("1,Warwick,01/15/2024,Finalized,", head=head),
        "list discharged.csv": rows(
            "1,Warwick,01/15/2024,Finalized,01/30/2024",
            "2,Warwick,02/05/2024,Finalized,02/05/2024",
            head=head,
        ),
    }
    result = read(files)
    assert days(result) == ["01-15", "02-05"]
    assert result.episodes["discharged"].notna().all()


def test_a_finalised_note_is_trusted_over_a_cancelled_appointment(read: Read) -> None:
    head = "patient_id,clinic,visit_date,status,Visit Type,Note Finalized Date"
    line = "1,Warwick,01/15/2024,Cancelled,Initial Evaluation,{}"
    done, not_done = line.format("01/17/2024"), line.replace("1,", "2,", 1).format("")
    assert days(read({"visits.csv": rows(done, not_done, head=head)}, VISITS)) == ["01-15"]


def test_a_patient_who_was_here_before_the_data_is_not_new(read: Read) -> None:
    """Visits without an evaluation belong to a course of care that began earlier."""
    head = "patient_id,clinic,visit_date,status,Visit Type"
    seen = [f"1,Warwick,01/{day:02}/2024,Arrived,Follow up" for day in (8, 15, 22)]
    new = "2,Warwick,01/16/2024,Arrived,Initial Evaluation"
    result = read({"visits.csv": rows(*seen, new, head=head)}, VISITS)
    assert days(result) == ["01-16"]
    assert len(result.episodes) == 2


def test_years_of_two_digits_are_read_where_that_is_said(read: Read) -> None:
    said = LIST.replace("%Y", "%y")
    assert days(read({"list.csv": rows("1,Warwick,01/15/24,")}, said)) == ["01-15"]
    with pytest.raises(DataError, match=r"1 of 1 date in .* is not written as"):
        read({"list.csv": rows("1,Warwick,01/15/24,")})


def test_a_comma_in_a_header_is_part_of_the_name(read: Read) -> None:
    head = '"patient_id",clinic,"Start Time, Sortable",status'
    said = LIST + '[exports.columns]\nevaluated = "Start Time, Sortable"\n'
    files = {"list.csv": rows("1,Warwick,01/15/2024 09:30 AM,", head=head)}
    assert days(read(files, said)) == ["01-15"]


def test_a_table_on_a_later_sheet_below_titles_and_merged_cells(read: Read, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "How to read this report"
    sheet = book.create_sheet("Data")
    sheet.append(["Referrals, all clinics"])
    sheet.append([])
    sheet.append(["patient_id", "Visit", None, "status"])
    sheet.append([None, "clinic", "Evaluation Date", None])
    sheet.append([1, "Warwick", pd.Timestamp("2024-01-15"), "Finalized"])
    sheet.append([2, "Warwick", 45307, "Finalized"])
    sheet.merge_cells("B3:C3")
    book.save(tmp_path / "list.xlsx")
    result = read({})
    assert days(result) == ["01-15", "01-16"]
    account = result.row_account.iloc[0]
    assert (account["raw_rows"], account["used"], account["totals_and_headers"]) == (6, 2, 4)


def workbook(path: Path, cells: list[object], *, epoch: datetime | None = None) -> None:
    """A list of evaluations on the days of some cells."""
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    book.active.append(["patient_id", "clinic", "Evaluation Date"])
    for number, cell in enumerate(cells):
        book.active.append([number, "Warwick", cell])
    book.save(path)


def test_serial_numbers_of_a_workbook_count_from_its_own_first_day(
    read: Read, tmp_path: Path
) -> None:
    workbook(tmp_path / "list.xlsx", [datetime(2024, 1, 15), 43845], epoch=CALENDAR_MAC_1904)
    assert days(read({})) == ["01-15", "01-16"]


@pytest.mark.parametrize("texts", [["13", "20", "25", "29"], ["11", "20", "25", "29"]])
def test_real_dates_that_a_spreadsheet_turned_refuse_the_workbook(
    read: Read, tmp_path: Path, texts: list[str]
) -> None:
    """A list of days before months, opened where months come first."""
    turned = [datetime(2024, day, 1) for day in (2, 5, 8, 11)]
    workbook(tmp_path / "list.xlsx", [*turned, *(f"{day}/01/2024" for day in texts)])
    said = LIST.replace("%m/%d", "%d/%m")
    if texts[0] == "11":
        assert len(days(read({}, said))) == 8
        return
    with pytest.raises(DataError, match="4 are real dates, all with a day of 12 or less") as error:
        read({}, said)
    assert "2024" not in str(error.value)


def dated(dates: list[str]) -> dict[str, str]:
    """A list with one patient on each of some days."""
    return {"list.csv": rows(*(f"{n},Warwick,{day}," for n, day in enumerate(dates)))}


def test_days_that_may_be_months_are_told(read: Read) -> None:
    usual = [f"{month:02}/{day:02}/2024" for month in (1, 2, 3) for day in range(1, 29)]
    low = [f"{month:02}/{day:02}/2024" for month in (1, 2, 3) for day in range(1, 13)]
    start = [f"06/{day:02}/2024" for day in range(1, 13)]
    turned = [f"{day:02}/06/2024" for day in range(1, 13)]
    told = [read(dated(dates)).hints["hint"].tolist() for dates in (usual, low, start, turned)]
    assert [len(hints) for hints in told] == [0, 1, 0, 1]
    assert "12 or less (36 different dates): the day and month may be swapped" in told[1][0]


def test_visits_without_a_state_are_told_to_have_taken_place_once(read: Read) -> None:
    head = "visit_date,record_pointer,clinic_id,patient_id,note_type"
    lines = ["01/15/2024,1,W,1,IE", "01/16/2024,2,W,2,IE"]
    said = '[[exports]]\nprofile = "webpt-extract-charges"\nfiles = "visits*.*"\n'
    result = read({"visits.csv": rows(*lines, head=head)}, said)
    assert len(days(result)) == 2
    assert result.hints["hint"].str.startswith("no column says what became").tolist() == [True]
    noted = {"visits.csv": rows(lines[0] + ",01/16/2024", head=f"{head},note_finalized_date")}
    assert read(noted, said).hints.empty


@pytest.mark.parametrize(
    ("as_of", "state", "came"),
    [
        ("2024-01-20", "Scheduled", 1),
        ("2024-01-20", "Arrived", 2),
        ("2024-01-25", "Scheduled", 2),
        ("", "Scheduled", 2),
    ],
)
def test_a_note_that_was_finalised_later_was_not_known_on_the_day(
    read: Read, tmp_path: Path, as_of: str, state: str, came: int
) -> None:
    """The newest visit has a note of a later day, which counts unless an older day is asked for."""
    head = "patient_id,clinic,visit_date,status,Visit Type,Note Finalized Date"
    lines = [
        f"1,Warwick,01/15/2024,{state},Initial Evaluation,01/23/2024",
        "2,Warwick,01/16/2024,Scheduled,Initial Evaluation,01/16/2024",
        "2,Warwick,01/22/2024,Arrived,Follow up,01/22/2024",
    ]
    read({"visits.csv": rows(*lines, head=head)}, VISITS)
    practice = load_practice(tmp_path)
    exports = read_exports(practice, as_of=as_of)
    result = clean_episodes(exports, practice, read_register(practice))
    assert len(days(result)) == came
    account = result.row_account.iloc[0]
    assert account["used"] + account["rejected"] == 3


@pytest.mark.parametrize(("state", "came"), [("Finalized", 1), ("Arrived", 2)])
def test_an_evaluation_of_a_list_is_known_when_its_note_is(
    read: Read, tmp_path: Path, state: str, came: int
) -> None:
    said = LIST + '[exports.columns]\nfinalized = "Finalized On"\n'
    head = "patient_id,clinic,Evaluation Date,status,Finalized On"
    lines = [f"1,Warwick,01/15/2024,{state},01/23/2024", "2,Warwick,01/16/2024,Arrived,"]
    assert len(days(read({"list.csv": rows(*lines, head=head)}, said))) == 2
    practice = load_practice(tmp_path)
    exports = read_exports(practice, as_of="2024-01-20")
    assert len(days(clean_episodes(exports, practice, read_register(practice)))) == came


@pytest.mark.parametrize(("time", "came"), [("00:00:00", 0), ("12:00 AM", 0), ("09:02:00", 1)])
def test_midnight_is_no_time_of_arrival(read: Read, time: str, came: int) -> None:
    head = "appointment_id,start_date,check_in_time,clinic_id,patient_id"
    said = '[[exports]]\nprofile = "webpt-extract-appointments"\nfiles = "visits*.*"\n'
    lines = [f"1,2024-01-15,{time},W,1", "2,2024-01-16,2024-01-16 09:00,W,2"]
    assert len(days(read({"visits.csv": rows(*lines, head=head)}, said))) == 1 + came


def two_systems(*systems: str) -> str:
    """Settings of two lists of which each names its system, if any."""
    return "".join(
        LIST.replace("list*.*", f"list {n}.csv") + (f'system = "{system}"\n' if system else "")
        for n, system in enumerate(systems)
    )


@pytest.mark.parametrize(
    ("systems", "patients"), [(("", ""), 2), (("", "A"), 2), (("A", "a"), 2), (("A", "B"), 4)]
)
def test_numbers_of_two_systems_do_not_meet(
    read: Read, systems: tuple[str, str], patients: int
) -> None:
    files = {
        "list 0.csv": rows("001,Warwick,01/15/2024,", "2,Warwick,01/16/2024,"),
        "list 1.csv": rows("1,Warwick,03/15/2024,", "2,Warwick,03/16/2024,"),
    }
    result = read(files, two_systems(*systems))
    assert result.episodes["patient_key"].nunique() == patients
    assert result.row_account["used"].tolist() == [2, 2]
    assert result.hints["hint"].str.startswith("the patients of A and B").sum() == (patients == 4)


def test_a_list_of_one_of_two_systems_has_to_say_of_which(read: Read) -> None:
    files = {f"list {n}.csv": rows(f"{n},Warwick,01/15/2024,") for n in range(3)}
    with pytest.raises(SettingsError, match=r"come from A and B.*does not say whose numbers"):
        read(files, two_systems("A", "B", ""))


@pytest.mark.parametrize("year", [1960, 1970])
def test_numbers_that_are_other_people_elsewhere_are_refused(read: Read, year: int) -> None:
    head = "patient_id,clinic,Evaluation Date,DOB"
    lists = {
        f"list {n}.csv": rows(
            *(f"{number},Warwick,0{n + 1}/15/2024,01/0{number}/{born}" for number in range(1, 7)),
            head=head,
        )
        for n, born in enumerate((1960, year))
    }
    if year == 1960:
        assert len(days(read(lists, two_systems("", "")))) == 6
        return
    with pytest.raises(DataError, match=r"of 6 patients' numbers.*6 have another birth") as error:
        read(lists, two_systems("", ""))
    assert "1970" not in str(error.value)
    assert len(days(read(lists, two_systems("A", "B")))) == 12


def test_times_in_greenwich_count_on_the_day_of_each_clinic(read: Read, tmp_path: Path) -> None:
    said = (
        '[[exports]]\nprofile = "visit-list"\nfiles = "visits*.*"\ntime_zone = "UTC"\n'
        'date_format = "%Y-%m-%dT%H:%M:%SZ"\n'
    )
    head = HEAD.replace('name = "Small PT"', 'name = "Small PT"\ntime_zone = "America/New_York"')
    files = {
        "partnerships.csv": REGISTER,
        "clinics.csv": "clinic,time_zone\nWarwick,\nHonolulu,Pacific/Honolulu\n",
        "visits.csv": rows(
            "1,Warwick,2024-02-01T04:30:00Z,Arrived",
            "2,Warwick,2024-02-01T05:30:00Z,Arrived",
            "3,Honolulu,2024-02-01T09:30:00Z,Arrived",
            "4,Warwick,2024-11-03T05:30:00Z,Arrived",
            head="patient_id,clinic,visit_date,status",
        ),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "practice.toml").write_text(head + 'clinics = "clinics.csv"\n' + said)
    practice = load_practice(tmp_path)
    result = clean_episodes(read_exports(practice), practice, read_register(practice))
    assert days(result) == ["01-31", "01-31", "02-01", "11-03"]


APPOINTMENTS = '[[exports]]\nprofile = "webpt-extract-appointments"\nfiles = "a*.csv"\n'
CHARGES = '[[exports]]\nprofile = "webpt-extract-charges"\nfiles = "c*.csv"\n'
KEYED = "export_flag,appointmnet_id,start_date,check_in_time,clinic_id,patient_id,time_stamp"


def test_keys_of_two_exports_do_not_meet(read: Read) -> None:
    files = {
        "a.csv": rows("1,1001,2024-01-15,2024-01-15 09:00,1,17,2024-01-15", head=KEYED),
        "c.csv": rows(
            "1001,1,2024-01-16,97161,1,27,IE,2024-01-16,2024-01-16",
            head="record_pointer,export_flag,visit_date,cpt,clinic_id,patient_id,note_type,"
            "note_finalized_date,modified_date",
        ),
    }
    assert days(read(files, APPOINTMENTS + CHARGES)) == ["01-15", "01-16"]


@pytest.mark.parametrize("removed", ["3", "3.0", "03", "Removed"])
def test_deltas_are_put_in_order_by_day_and_not_by_letter(read: Read, removed: str) -> None:
    here = "{},{},1/8/2024,1/8/2024 09:00,1,{},{}"
    files = {
        "a.csv": rows(
            here.format("1", "1", "17", "1/9/2024"),
            here.format(removed, "1", "17", "1/10/2024"),
            here.format("1", "2", "18", "1/9/2024"),
            head=KEYED,
        )
    }
    assert days(read(files, APPOINTMENTS)) == ["01-08"]


def test_deltas_without_a_moment_come_in_the_order_of_their_files(read: Read) -> None:
    head = KEYED.removesuffix(",time_stamp")
    files = {
        "a-day-2.csv": rows(
            "1,1,2024-01-15,2024-01-15,1,17", "1,2,2024-01-16,2024-01-16,1,18", head=head
        ),
        "a-day-10.csv": rows("3,1,2024-01-15,2024-01-15,1,17", head=head),
    }
    assert days(read(files, APPOINTMENTS)) == ["01-16"]


def test_merged_numbers_get_their_zeros_and_a_long_chain_ends(read: Read) -> None:
    chain = [f"{n},{n + 1}" for n in range(10_000, 13_000)]
    files = {
        "list.csv": rows("00017,Warwick,01/15/2024,", "00018,Warwick,01/16/2024,",
                         "10000,Warwick,02/05/2024,", "13000,Warwick,02/06/2024,"),
        "merged.csv": rows("17,18", *chain, head="old_id,new_id"),
    }  # fmt: skip
    said = LIST + '[[exports]]\nprofile = "merged-patients"\nfiles = "merged.csv"\n'
    assert days(read(files, said)) == ["01-15", "02-05"]


def test_a_patient_merged_twice_is_one_person(read: Read) -> None:
    files = {
        "list.csv": rows(*(f"{n},Warwick,01/{14 + n}/2024," for n in (1, 2, 3))),
        "merged.csv": rows("1,2", "1,3", head="old_id,new_id"),
    }
    said = LIST + '[[exports]]\nprofile = "merged-patients"\nfiles = "merged.csv"\n'
    assert days(read(files, said)) == ["01-15"]


def test_one_discharge_opens_one_episode(read: Read) -> None:
    head = "patient_id,clinic,Evaluation Date,Discharge Date"
    seen = ("1,Warwick,01/17/2024,04/03/2024", "1,Warwick,04/13/2024,", "1,Warwick,06/02/2024,")
    assert len(read({"list.csv": rows(*seen, head=head)}).episodes) == 2


@pytest.mark.parametrize("free", ["0", "0,00", "USD 0.00", "0,00 €", "$0.00"])
def test_an_evaluation_that_costs_nothing_is_free_in_any_currency(read: Read, free: str) -> None:
    head = "patient_id;clinic;visit_date;status;Visit Type;Charge"
    line = "{};Warwick;01/15/2024;Arrived;Initial Evaluation;{}"
    files = {"visits.csv": rows(line.format(1, free), line.format(2, "1.150,00"), head=head)}
    assert len(days(read(files, VISITS))) == 1


def test_born_in_a_year_of_two_digits_is_long_ago(read: Read) -> None:
    head = "patient_id,clinic,Evaluation Date,DOB"
    said = LIST.replace("%Y", "%y")
    episodes = read({"list.csv": rows("1,Warwick,01/15/24,04/02/41", head=head)}, said).episodes
    assert episodes["age_band"].tolist() == ["80 to 89"]


def test_two_columns_that_may_be_the_patient_are_asked_about(read: Read) -> None:
    text = rows("Ada Faux,1,Warwick,01/15/2024", head="patient,Patient ID,clinic,Evaluation Date")
    with pytest.raises(DataError, match='both "patient" and "patient id" may be patient'):
        read({"list.csv": text})
