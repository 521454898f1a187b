from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.exports.supersede import supersede
from partner_analysis.practice import Practice, load_practice
from partner_analysis.tables import DataError, SettingsError, check_counts

Row = Callable[..., list[str]]
Write = Callable[..., Practice]
HEADER = (
    '"Patient ID","Case ID","Patient Name","Date of Birth","Received","Created","Evaluated",'
    '"IE Status","Discharged","Clinic","Treatment Clinic","Type","Contact","Diagnosis","Payer"\n'
)


def as_csv(*rows: list[str]) -> str:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)


def test_titles_repeated_headers_groups_and_totals_are_no_data(
    write_practice: Write, row: Row
) -> None:
    text = (
        "\ufeffReferrals\nDate Run: 01/22/2024\n\n" + HEADER + "Clinic: Warwick\n"
        + as_csv(row("1")) + "Subtotal: Warwick,1\n" + HEADER + as_csv(row("2"))
        + "Total 01/2024,Count: 1\nGrand Total,2\n"
    )  # fmt: skip
    exports = read_exports(write_practice(files={"visits.csv": text}))
    assert exports.row_account.iloc[0].tolist() == ["visits.csv", 10, 2, 0, 8, 0, 0]
    assert exports.rows["patient"].nunique() == len(exports.rows) == 2
    assert exports.rows["line"].tolist() == [6, 9]


def test_a_repeated_header_may_have_another_order(write_practice: Write, row: Row) -> None:
    names = HEADER.strip().split(",")
    turned = ",".join(reversed(names)) + "\n" + as_csv(list(reversed(row("2"))))
    text = HEADER + as_csv(row("1")) + turned
    exports = read_exports(write_practice(files={"visits.csv": text}))
    assert exports.rows["patient"].nunique() == len(exports.rows) == 2


def test_names_and_birth_dates_stop_at_the_door(write_practice: Write, row: Row) -> None:
    exports = read_exports(write_practice([row("1")]))
    assert not {"patient_name", "birth_date", "raw"} & set(exports.rows.columns)
    assert "Faux" not in exports.rows.to_csv()
    assert exports.rows["age"].tolist() == [62]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"patient": ""}, "no patient"),
        ({"evaluated": "02/30/2024"}, "evaluated is not a date as %m/%d/%Y"),
        ({"received": "08.01.2024"}, "received is not a date as %m/%d/%Y"),
        ({"status": "Perhaps"}, "status is not known"),
        ({"evaluated": ""}, "finalized, but no evaluation date"),
        ({"evaluated": "", "received": "", "created": "", "status": ""}, "no date"),
        ({"clinic": "(Unassigned)", "treatment_clinic": ""}, "no clinic"),
        ({"evaluated": "01/15/2205"}, "in the future"),
        ({"evaluated": "01/15/1904"}, "before 1980"),
    ],
)
def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(
    write_practice: Write, row: Row, change: dict[str, str], reason: str
) -> None:
    good = [row(str(number)) for number in range(2, 5)]
    exports = read_exports(write_practice([*good, row(**{"patient": "1", **change})]))
    assert exports.rejected.to_dict("records") == [
        {"file": "visits.csv", "line": 5, "reason": reason}
    ]
    assert exports.as_of == pd.Timestamp("2024-01-15")


def test_rows_after_as_of_are_set_aside_and_later_evaluations_are_not_known_yet(
    write_practice: Write, row: Row
) -> None:
    rows = [
        row("1"),
        row("2", received="01/20/2024", created="01/20/2024", evaluated="01/25/2024"),
        row("3", evaluated="02/02/2024"),
    ]
    exports = read_exports(write_practice(rows), as_of="2024-01-16")
    assert exports.rejected["reason"].tolist() == ["after as_of"]
    assert exports.rows["evaluated_on"].notna().tolist() == [True, False]
    assert read_exports(write_practice(rows)).as_of == pd.Timestamp("2024-02-02")


@pytest.mark.parametrize(
    ("as_of", "message"),
    [("1999-01-01", "before all"), *((day, "not a date") for day in
     ("soon", "now", "31/12/2025", "2025", "20250601", "2025-6-1"))],
)  # fmt: skip
def test_an_as_of_that_makes_no_sense_is_refused(
    write_practice: Write, row: Row, as_of: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        read_exports(write_practice([row()]), as_of=as_of)


def test_equal_rows_and_equal_files_are_superseded(write_practice: Write, row: Row) -> None:
    text = HEADER + as_csv(row("1"), row("1"), row("2"))
    exports = read_exports(write_practice(files={"visits.csv": text, "visits copy.csv": text}))
    account = exports.row_account.set_index("file")
    assert account["superseded"].sum() == account["repeated"].sum() == 4
    assert account["used"].sum() == 2


def test_equal_copies_of_a_record_are_told_from_newer_ones() -> None:
    """Of four copies of one record two are equal; what comes last stands."""
    told = pd.DataFrame(
        {
            "file": "v.csv", "sheet": 0, "line": range(2, 6), "block": "", "fate": "",
            "reason": "", "kind": "visits", "export": 0, "key": "k", "patient": "1",
            "status": ["booked", "arrived", "arrived", "arrived"],
        }
    )  # fmt: skip
    fates = supersede(told)["fate"].tolist()
    assert fates == ["superseded", "repeated", "repeated", ""]


def test_a_workbook_may_hold_real_dates(write_practice: Write, row: Row, tmp_path: Path) -> None:
    practice = write_practice([row("1")])
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.strip().replace('"', "").split(","))
    sheet.append([pd.Timestamp("2024-01-15") if c == "01/15/2024" else c for c in row("2")])
    book.save(tmp_path / "visits.xlsx")
    assert len(read_exports(practice).rows) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "visits.csv: the file is empty"),
        ("a,b,c\n1,2,3\n", "header not found. No line holds the columns Patient ID"),
        (
            'Patient ID,Nr\n1,2\n"Export of May",2024\n',
            r"The nearest is line 1, which lacks (?!.*Patient ID).*partner-analysis map FILE",
        ),
        (HEADER.replace("Payer", "Payor"), r'line 1\) lacks Payer. It has "Payor"'),
        (HEADER.replace("Payer", "Clinic"), r'two columns are named "Clinic" \(line 1'),
        (HEADER.replace('"Payer"', '"Payer","Clinic"'), r'two columns are named "Clinic" \(line 1'),
        (HEADER, "no usable row"),
        (HEADER + '"open', "a quotation mark opens in line 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    write_practice: Write, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_exports(write_practice(files={"visits.csv": text}))


def test_a_missing_file_is_refused(write_practice: Write, tmp_path: Path) -> None:
    practice = write_practice()
    (tmp_path / "visits.csv").unlink()
    with pytest.raises(DataError, match=r"visits\*\.\*: no such file"):
        read_exports(practice)


def test_dates_in_another_format_refuse_the_file_without_showing_one(
    write_practice: Write, row: Row
) -> None:
    rows = [row(str(n), received="08.01.2024") for n in range(6)]
    with pytest.raises(DataError, match=r'6 of 6 dates in "Received" are not.*at line 2') as error:
        read_exports(write_practice(rows))
    assert "08.01" not in str(error.value)


def daily(row: Row, *days: str) -> list[list[str]]:
    """Rows of every day of two months, and of some further days."""
    usual = [f"{month:02}/{day:02}/2024" for month in (1, 2) for day in range(1, 29)]
    return [
        row(str(number), received=day, created=day, evaluated=day)
        for number, day in enumerate([*usual, *days])
    ]


@pytest.mark.parametrize("day", ["08/03/1984", "03/01/2022", "04/15/2024", "08/03/2026"])
def test_a_date_far_from_all_others_is_rejected_and_stretches_nothing(
    write_practice: Write, row: Row, day: str
) -> None:
    exports = read_exports(write_practice(daily(row, day)))
    assert exports.rejected["reason"].tolist() == ["date far from all others"]
    assert str(exports.as_of.date()) == "2024-02-28"
    assert exports.rows["begins"].min() == pd.Timestamp("2024-01-01")


@pytest.mark.parametrize(
    ("after", "kept"),
    [
        (["03/24/2024", "03/25/2024"], True),
        (["03/24/2024"], True),
        (["04/05/2024", "04/05/2024"], True),
        (["04/05/2024"], False),
        (["04/20/2024", "04/21/2024"], False),
    ],
)
def test_patients_who_come_back_after_a_closure_are_not_far(
    write_practice: Write, row: Row, after: list[str], kept: bool
) -> None:
    exports = read_exports(write_practice(daily(row, *after)))
    assert len(exports.rejected) == (0 if kept else len(after))
    last = pd.Timestamp(after[-1]) if kept else pd.Timestamp("2024-02-28")
    assert exports.as_of == last


def test_days_that_several_rows_support_are_not_far(write_practice: Write, row: Row) -> None:
    exports = read_exports(write_practice(daily(row, "04/15/2024", "04/15/2024", "04/16/2024")))
    assert exports.rejected.empty
    assert str(exports.as_of.date()) == "2024-04-16"


def test_rows_outside_the_days_of_their_clinic_or_of_no_listed_one_are_rejected(
    write_practice: Write, row: Row
) -> None:
    table = "clinic,alias,opened,closed\nWarwick,,2024-01-10,2024-01-20\n"
    days = ["01/09/2024", "01/10/2024", "01/20/2024", "01/22/2024"]
    rows = [row(str(n), evaluated=day) for n, day in enumerate(days)]
    rows += [row("8", clinic="Storey, Lou"), row("9", clinic="", treatment_clinic="Dockside")]
    rejected = read_exports(write_practice(rows, files={"clinics.csv": table})).rejected
    assert rejected["reason"].tolist() == [
        "before its clinic opened", "after its clinic closed",
        "clinic is not in clinics.csv", "clinic is not in clinics.csv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "clinic", ["Faux, Ada", "ada", "Dockside,Dockside,008812,0023411", "Dockside,\nx", "long " * 20]
)
def test_without_a_clinics_table_what_looks_like_no_clinic_is_rejected(
    write_practice: Write, row: Row, clinic: str
) -> None:
    practice = write_practice(
        [row("1"), row("2", clinic=clinic)], files={"clinics.csv": "clinic\n"}
    )
    rejected = read_exports(practice).rejected
    assert rejected["reason"].tolist() == ["clinic does not look like the name of one"]


def test_counts_of_a_clinic_that_is_none_are_rejected(write_counts: Write) -> None:
    practice = write_counts(WEEKS + "Warwick 0023411,2024-01-28,3\n")
    rejected = read_exports(practice).rejected
    assert rejected["reason"].tolist() == ["clinic does not look like the name of one"]
    tables = practice.tables.model_copy(update={"clinics": "clinics.csv"})
    practice = practice.model_copy(update={"tables": tables})
    assert read_exports(practice).rejected["reason"].tolist() == ["clinic is not in clinics.csv"]


def test_a_row_with_more_cells_than_the_header_is_rejected(write_practice: Write, row: Row) -> None:
    text = HEADER + as_csv(row("1"), row("2"), [*row("3"), "PPO"])
    exports = read_exports(write_practice(files={"visits.csv": text}))
    assert exports.rejected["reason"].tolist() == ["more cells than the header has"]


def test_a_few_days_written_before_their_month_refuse_the_file(
    write_practice: Write, row: Row
) -> None:
    rows = [row(str(n), created=f"01/{n % 28 + 1:02}/2024") for n in range(300)]
    rows += [row("900", created="25/01/2024"), row("901", created="26/01/2024")]
    found = r'2 of 302 dates in "Created".*line 302\). 2 of them fit with day and month exchanged'
    with pytest.raises(DataError, match=found) as error:
        read_exports(write_practice(rows))
    assert "25/01" not in str(error.value)
    turned = [row(str(n), created=f"{n:02}/01/2024") for n in range(1, 29)]
    with pytest.raises(DataError, match="All of them fit %d/%m/%Y: set date_format"):
        read_exports(write_practice(turned))


@pytest.mark.parametrize(("bad", "refused"), [(2, False), (3, True)])
def test_one_date_in_a_hundred_that_cannot_be_read_refuses_the_file(
    write_practice: Write, row: Row, bad: int, refused: bool
) -> None:
    rows = [row(str(n)) for n in range(250)]
    rows += [row(str(n), received="02/30/2024") for n in range(250, 250 + bad)]
    practice = write_practice(rows)
    if not refused:
        assert len(read_exports(practice).rejected) == bad
        return
    with pytest.raises(DataError, match='3 of 253 dates in "Received" are not written as'):
        read_exports(practice)


@pytest.mark.parametrize(("bad", "refused"), [(2, False), (3, True)])
def test_an_export_in_many_files_may_have_as_many_bad_dates_as_in_one(
    write_practice: Write, row: Row, bad: int, refused: bool
) -> None:
    large = HEADER + as_csv(*(row(str(n)) for n in range(1_000)))
    small = [row(str(n), received="02/30/2024") for n in range(1_000, 1_003)]
    small += [row(str(n)) for n in range(1_003, 1_006)]
    files = {"visits.csv": large, "visits 2.csv": HEADER + as_csv(*small)}
    assert len(read_exports(write_practice(files=files)).rejected) == 3
    files["visits.csv"] = HEADER + as_csv(*(row(str(n)) for n in range(100)))
    files["visits 2.csv"] = HEADER + as_csv(*small[3 - bad :])
    if not refused:
        assert len(read_exports(write_practice(files=files)).rejected) == bad
        return
    found = r'visits 2.csv: 3 of 106 dates in "Received" in 2 files or sheets are not'
    with pytest.raises(DataError, match=found):
        read_exports(write_practice(files=files))


WEEKS = "unit,date,count\nWarwick,2024-01-07,3\nWarwick,2024-01-14,\nWarwick,2024-01-28,0\n"


def test_counts_keep_gaps_unknown_and_dates_that_end_a_week_give_its_first_day(
    write_counts: Write,
) -> None:
    exports = read_exports(write_counts(WEEKS + "Total,2024-01-28,3\n", date_is="ends"))
    counts = exports.counts
    assert counts["period"].dt.strftime("%m-%d").tolist() == ["01-01", "01-08", "01-22"]
    assert counts["new_patients"].fillna(-1).tolist() == [3, -1, 0]
    assert (exports.period, str(exports.as_of.date())) == ("week", "2024-01-28")
    assert exports.row_account.iloc[0].tolist() == ["counts.csv", 5, 3, 0, 2, 0, 0]


@pytest.mark.parametrize(("name", "weeks"), [("All clinics", 2), ("Harborview PT", 9)])
@pytest.mark.parametrize("off", [0, 1])
def test_all_clinics_together_are_a_total_and_no_clinic(
    write_counts: Write, name: str, weeks: int, off: int
) -> None:
    days = pd.date_range("2023-01-02", periods=weeks, freq="7D").strftime("%Y-%m-%d")
    text = "unit,date,count\n" + "".join(
        f"Warwick,{day},{n}\nCranston,{day},3\n{name},{day},{n + 3 + (off if n == 1 else 0)}\n"
        for n, day in enumerate(days, start=1)
    )
    exports = read_exports(write_counts(text, files={"clinics.csv": "clinic\n"}))
    is_total = name == "All clinics" or not off
    assert exports.counts["clinic"].nunique() == (2 if is_total else 3)
    assert exports.row_account["totals_and_headers"].tolist() == [1 + weeks * is_total]
    if is_total:
        assert exports.totals["stated"].tolist() == [
            n + 3 + (off and n == 1) for n in range(1, weeks + 1)
        ]
        assert exports.totals["agrees"].tolist() == [not off, *[True] * (weeks - 1)]


def test_a_practice_that_is_counted_as_one_keeps_its_counts(write_counts: Write) -> None:
    exports = read_exports(write_counts("unit,date,count\nAll clinics,2024-01-01,3\n"))
    assert exports.counts["new_patients"].tolist() == [3]


def test_rows_with_one_cell_are_told(write_practice: Write, row: Row) -> None:
    text = HEADER + "Clinic: Warwick\n" + as_csv(row("1"), row("2")) + "77\n"
    exports = read_exports(write_practice(files={"visits.csv": text}))
    assert exports.hints["hint"].tolist() == [
        "2 rows with one filled cell are taken for headings of groups (first at line 2). If they "
        "are patients, fill in the rest."
    ]
    assert exports.row_account.iloc[0].tolist() == ["visits.csv", 5, 2, 0, 3, 0, 0]
    once = read_exports(write_practice(files={"visits.csv": text.removesuffix("77\n")}))
    assert once.hints["hint"].tolist() == [
        "1 row with one filled cell is taken for the heading of a group (first at line 2). If it "
        "is a patient, fill in the rest."
    ]


def with_slots(practice: Practice) -> Practice:
    text = practice.path.read_text()
    practice.path.write_text(
        text.replace('count = "count"', 'count = "count"\nopen_slots = "room"')
    )
    return load_practice(practice.path)


def test_slots_come_along_with_the_counts_where_they_are_named(write_counts: Write) -> None:
    text = "unit,date,count,room\nWarwick,2024-01-01,3,4\nWarwick,2024-01-08,5,\n"
    assert "open_slots" not in read_exports(write_counts(text)).counts
    counts = read_exports(with_slots(write_counts(text))).counts
    assert counts["open_slots"].fillna(-1).tolist() == [4, -1]
    assert check_counts(counts)["open_slots"].notna().tolist() == [True, False]


def test_slots_that_are_no_amounts_are_refused(write_counts: Write) -> None:
    text = "unit,date,count,room\nWarwick,2024-01-01,3,4\nWarwick,2024-01-08,5,full\n"
    with pytest.raises(DataError, match=r"1 of 2 rows has an open_slots that is not a number"):
        read_exports(with_slots(write_counts(text)))


@pytest.mark.parametrize(
    ("dates", "date_is", "date_format"),
    [
        (("2024-01-01", "2024-02-01"), "begins", "%Y-%m-%d"),
        (("2024-01-31", "2024-02-29"), "ends", "%Y-%m-%d"),
        (("Jan 2024", "Feb 2024"), "begins", "%b %Y"),
    ],
)
def test_months_are_known_by_their_dates(
    write_counts: Write, dates: tuple[str, str], date_is: str, date_format: str
) -> None:
    text = "unit,date,count\n" + "".join(f"Warwick,{date},4\n" for date in dates)
    exports = read_exports(write_counts(text, date_is=date_is, date_format=date_format))
    assert exports.counts["period"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-02-01"]
    assert (exports.period, str(exports.as_of.date())) == ("month", "2024-02-29")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Warwick,2024-02-04,-1", r"1 of 4 rows has a count that is negative \(first at line 5"),
        ("Warwick,2024-02-04,2.5", "is not a whole number"),
        ("Warwick,2024-02-04,many", "is not a number"),
        ("Warwick,2024-02-04,inf", "is not a number"),
        ("Warwick,2024-02-04,1e300", "is above 1,000,000"),
        ("Warwick,2024-01-28,7", r"2 of 4 rows repeat a clinic, persona and period \(rows 4 and 5"),
        ("Warwick,2024-02-06,7", "1 of 4 rows falls on another weekday"),
    ],
)
def test_counts_that_cannot_be_right_are_refused(
    write_counts: Write, line: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_exports(write_counts(f"{WEEKS}{line}\n"))


def test_counts_of_a_period_that_is_not_over_are_rejected(write_counts: Write) -> None:
    exports = read_exports(write_counts(WEEKS + "Warwick,2204-12-30,3\n"))
    assert exports.rejected["reason"].tolist() == ["in the future or not over yet"]


def test_no_later_day_is_taken_as_known_than_the_data_have(write_practice: Write, row: Row) -> None:
    exports = read_exports(write_practice([row("1")]), as_of="2030-01-01")
    assert exports.as_of == pd.Timestamp("2024-01-15")
