from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from partner_analysis.cleaning.exports import read_exports
from partner_analysis.practice import Practice
from partner_analysis.tables import DataError, SettingsError

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
    assert exports.row_account.iloc[0].tolist() == ["visits.csv", 10, 2, 0, 8, 0]
    assert exports.rows["patient"].tolist() == ["1", "2"]
    assert exports.rows["line"].tolist() == [6, 9]


def test_a_repeated_header_may_have_another_order(write_practice: Write, row: Row) -> None:
    names = HEADER.strip().split(",")
    turned = ",".join(reversed(names)) + "\n" + as_csv(list(reversed(row("2"))))
    text = HEADER + as_csv(row("1")) + turned
    exports = read_exports(write_practice(files={"visits.csv": text}))
    assert exports.rows["patient"].tolist() == ["1", "2"]


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
        ({"received": "2024-01-08"}, "received is not a date as %m/%d/%Y"),
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
    ("as_of", "message"), [("1999-01-01", "before all"), ("soon", "not a date")]
)
def test_an_as_of_that_makes_no_sense_is_refused(
    write_practice: Write, row: Row, as_of: str, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        read_exports(write_practice([row()]), as_of=as_of)


def test_equal_rows_and_equal_files_are_superseded(write_practice: Write, row: Row) -> None:
    text = HEADER + as_csv(row("1"), row("1"), row("2"))
    exports = read_exports(write_practice(files={"visits.csv": text, "visits copy.csv": text}))
    account = exports.row_account.set_index("file")
    assert account["superseded"].sum() == 4
    assert account["used"].sum() == 2


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
        (HEADER.replace("Payer", "Payor"), r'line 1\) lacks Payer. It has "Payor"'),
        (HEADER.replace("Payer", "Clinic"), r"lacks Payer"),
        (HEADER.replace('"Payer"', '"Payer","Clinic"'), r'two columns are named "Clinic" \(line 1'),
        (HEADER, "no usable row"),
        (HEADER + '"open', "cannot be read as delimited text|no usable row"),
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
    rows = [row(str(n), received="2024-01-08") for n in range(6)]
    with pytest.raises(DataError, match=r'6 of 6 dates in "Received" are not.*at line 2') as error:
        read_exports(write_practice(rows))
    assert "2024-01" not in str(error.value)


WEEKS = "unit,date,count\nWarwick,2024-01-07,3\nWarwick,2024-01-14,\nWarwick,2024-01-28,0\n"


def test_counts_keep_gaps_unknown_and_dates_that_end_a_week_give_its_first_day(
    write_counts: Write,
) -> None:
    exports = read_exports(write_counts(WEEKS + "Total,2024-01-28,3\n", date_is="ends"))
    counts = exports.counts
    assert counts["period"].dt.strftime("%m-%d").tolist() == ["01-01", "01-08", "01-22"]
    assert counts["new_patients"].fillna(-1).tolist() == [3, -1, 0]
    assert (exports.period, str(exports.as_of.date())) == ("week", "2024-01-28")
    assert exports.row_account.iloc[0].tolist() == ["counts.csv", 5, 3, 0, 2, 0]


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
        ("Warwick,2024-02-04,-1", r"1 of 4 rows have a count that is negative \(first at line 5"),
        ("Warwick,2024-02-04,2.5", "is not a whole number"),
        ("Warwick,2024-02-04,many", "is not a number"),
        ("Warwick,2024-02-04,inf", "is not a number"),
        ("Warwick,2024-01-28,7", r"2 of 4 rows repeat a clinic, persona and period \(rows 4 and 5"),
        ("Warwick,2024-02-06,7", "1 of 4 fall on another weekday"),
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
