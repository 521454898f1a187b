"""What a page that may be passed on must say, and what it must never say.

Each test is one line of the rules for pages that a partner, a board or an audience reads: small
counts hidden, effects with their interval, activities by month, no basis for payment; no person,
no other partner, no money, no ranking, nothing of a provider but what was done and how patients
fared. (Not legal advice.)
"""

import csv
import re
from html import unescape
from pathlib import Path

import pytest

import partner_analysis as pa
from partner_analysis.reporting.disclosure import WITHHELD_TEXT
from partner_analysis.reporting.pitch import NO_BASIS
from partner_analysis.reporting.shareable.published import LEDGER_FILE

NAMES = {
    "harbor-run-shop.html": "<script>alert(1)</script>",
    "formula.html": "=cmd()",
    "kestrel-boatworks.html": "Kestrel Boatworks",
    "orchard-physicians.html": "Orchard Physicians",
}
EMPLOYER, PROVIDER, BOARD = "kestrel-boatworks.html", "orchard-physicians.html", "board.html"
PERSONAS = ("runner", "pregnan", "work injury", "older adult", "general")
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)


def words_of(page: str) -> str:
    """Everything that is read or heard of a page, its tags left out."""
    body = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
    heard = " ".join(re.findall(r'alt="([^"]*)"', body))
    return " ".join(unescape(f"{re.sub(r'<[^>]+>', ' ', body)} {heard}").split())


def count_cells(page: str) -> list[str]:
    """Cells of the tables that count patients."""
    found = []
    for table in TABLE.findall(page):
        if "new patients" in table.lower():
            rows = [CELL.findall(row) for row in table.split("<tr>")[2:]]
            found += [cell for row in rows for cell in row[1:]]
    return found


# ------------------------------------------------------------------ what it must say
def test_there_is_a_page_for_each_partner_that_has_begun_and_one_for_the_board(
    shared_pages: dict[str, str],
) -> None:
    assert set(shared_pages) == {*NAMES, BOARD}


def test_every_count_is_0_or_11_or_more_or_hidden(shared_pages: dict[str, str]) -> None:
    cells = [cell for page in shared_pages.values() for cell in count_cells(page)]
    assert len(cells) > 40
    for cell in cells:
        text = unescape(cell)
        if text not in ("<11", WITHHELD_TEXT, "not open"):
            assert int(text.replace(",", "")) == 0 or int(text.replace(",", "")) >= 11


def test_counts_are_of_quarters_or_years_and_no_month_has_one(
    shared_pages: dict[str, str],
) -> None:
    for page in shared_pages.values():
        for table in TABLE.findall(page):
            if "What was" in table:  # activities, not patients
                continue
            assert not re.search(r"<td[^>]*>(January|May|July|October) \d{4}</td>", table)


def test_every_page_states_definition_data_cut_date_and_period(
    shared_pages: dict[str, str],
) -> None:
    for page in shared_pages.values():
        said = words_of(page)
        assert "A new patient is a patient whose first finalised initial evaluation" in said
        assert "Data as of 31 December 2025, complete until 7 December 2025" in said


def test_every_page_is_no_basis_for_payment_and_a_partner_s_has_the_next_talk(
    shared_pages: dict[str, str],
) -> None:
    for name, page in shared_pages.items():
        assert all(line in words_of(page) for line in NO_BASIS), name
        if name not in (BOARD, PROVIDER):  # that one is over; no date is in this register
            assert "agree on one" in words_of(page)


def test_a_partnership_that_is_over_says_until_when_and_asks_for_no_talk(
    shared_pages: dict[str, str],
) -> None:
    said = words_of(shared_pages[PROVIDER])
    assert "Orchard Physicians · January 2024 to June 2025" in said
    assert "talk next" not in said
    assert "agree on one" not in said


def test_what_is_listed_of_what_was_given_is_said_and_no_months_are_counted(
    shared_pages: dict[str, str],
) -> None:
    said = words_of(shared_pages["harbor-run-shop.html"])
    assert "how many people either side sends is not listed" in said
    assert "gave something in" not in said


def test_an_effect_comes_with_interval_smallest_visible_change_method_and_comparison(
    shared_pages: dict[str, str],
) -> None:
    said = words_of(shared_pages["formula.html"])
    assert re.search(
        r"no clear change in how many new patients came: the data fit anything "
        r"from \d+% fewer to \d+% more than expected \(98\.\d+% interval\)",
        said,
    )
    assert re.search(r"A change smaller than about \d+% could easily have been missed", said)
    assert "what would have come is worked out from how many came there" in said
    assert "The interval is the range of changes that fit the data" in said
    assert "Compared are new patients whom the partnership is for with new patients at" in said
    assert "This is an estimate" in said


def test_what_both_sides_gave_is_listed_by_month(shared_pages: dict[str, str]) -> None:
    for name in NAMES:
        if "What was given, by month" in shared_pages[name]:
            table = next(t for t in TABLE.findall(shared_pages[name]) if "given by" in t.lower())
            assert re.search(r">(January|February|March|April) 202\d<", table)
    assert re.search(r"> ?(January|February|July) 2024<", shared_pages[PROVIDER])


def test_no_page_speaks_of_folds_and_none_repeats_the_practice_in_its_title(
    shared_pages: dict[str, str],
) -> None:
    for name, page in shared_pages.items():
        assert "folded" not in page
        assert "Harborview" not in re.search("<h1>.*?</h1>", page)[0], name
    assert "<img" not in shared_pages[EMPLOYER]  # it began in November 2024: no full year yet
    assert "no full year with it can be told yet" in words_of(shared_pages[EMPLOYER])


# ------------------------------------------------------------------ what it must never say
def test_a_page_names_its_own_partner_only_and_the_board_s_none(
    shared_pages: dict[str, str],
) -> None:
    for page_name, page in shared_pages.items():
        said = words_of(page)
        for other, name in NAMES.items():
            assert (name in said) == (other == page_name), (page_name, name)
            identifier = other.removesuffix(".html")
            assert identifier not in re.sub(r"<[^>]+>", " ", page), (page_name, identifier)


def test_a_name_with_markup_stays_text(shared_pages: dict[str, str]) -> None:
    for page in shared_pages.values():
        assert "<script" not in page


def test_nothing_is_hidden_in_a_page_or_beside_it(shared_pages: dict[str, str]) -> None:
    """No comment, no script, no data beside what is read, no second file with the numbers."""
    for name, page in shared_pages.items():
        assert name.endswith(".html")
        assert "<!--" not in page
        assert not re.search(r"<(script|template|iframe|object|input)\b", page)
        assert set(re.findall(r"\sdata-([a-z-]+)=", page)) <= {"label"}
        assert not re.search(r"papermill|parameters|Traceback|/tmp|processed", page)
        assert not re.search(r'(href|src)="(?!data:|#)[^"]+"', page)


def test_no_person_number_note_or_source_text_of_the_exports_is_in_a_page(
    shared_pages: dict[str, str], practice: Path
) -> None:
    raw = practice.parent / "data" / "raw" / "demo"
    secrets = set()
    for path in raw.glob("referrals-*.csv"):
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        start = next(n for n, line in enumerate(lines) if line.startswith("Patient ID"))
        for row in csv.DictReader(lines[start:]):
            secrets |= {row["Patient ID"], row["Case ID"], row["Patient Name"]}
    with (raw / "activities.csv").open() as file:
        secrets |= {row["note"] for row in csv.DictReader(file)}
    secrets = {text for text in secrets if text and len(text) > 4}
    assert len(secrets) > 500
    everything = "\n".join(map(words_of, shared_pages.values()))
    tokens = set(re.findall(r"[\w-]+", everything))
    assert not secrets & tokens
    assert not [text for text in secrets if " " in text and text in everything]


def test_nobody_is_said_to_have_been_caused_owed_or_ranked(shared_pages: dict[str, str]) -> None:
    for page in shared_pages.values():
        assert not re.search(
            r"\bcaused?\b|\bbecause of\b|\bbrought \d|\bleague\b|\brank|\bbest\b|\btop\b",
            words_of(page), re.IGNORECASE,
        )  # fmt: skip


def test_a_provider_sees_what_was_done_and_how_patients_fared_and_no_number_of_patients(
    shared_pages: dict[str, str],
) -> None:
    said = words_of(shared_pages[PROVIDER])
    assert "How did patients fare?" in said
    assert count_cells(shared_pages[PROVIDER]) == []
    for word in ("expected", "interval", "more new patients", "named", "%", "hours", "gave"):
        assert word not in said
    assert "providers who can refer" in words_of(shared_pages[BOARD])


def test_an_employer_sees_no_kind_of_patient_and_not_who_named_it(
    shared_pages: dict[str, str],
) -> None:
    said = words_of(shared_pages[EMPLOYER])
    assert not [word for word in PERSONAS if word in said]
    assert "named" not in said
    assert "new patients of every kind, at Hillcrest" in said
    assert not re.search(r"202\d, January to March: ", said)


# ------------------------------------------------------------------ beside the internal report
def test_internal_pages_say_that_they_are_and_pages_for_others_that_they_may_be_shared(
    shared_pages: dict[str, str], first_pages: dict[str, str]
) -> None:
    for page in first_pages.values():
        assert "Internal: for the practice." in page
        assert "May be" not in page
    for page in shared_pages.values():
        assert "Internal" not in page
        assert "May be shared with" in page
        assert "May be passed on." in page


def test_the_overview_lists_providers_apart_as_counted_and_not_used(
    first_pages: dict[str, str],
) -> None:
    said = words_of(first_pages["index.html"])
    apart = "Providers, judged by what is done together; numbers of patients decide nothing"
    assert f"{apart}: Orchard Physicians" in said


def test_what_was_told_is_kept_where_only_the_practice_can_read_it(
    shared_pages: dict[str, str], practice: Path
) -> None:
    ledger = practice.parent / "data" / "processed" / "demo" / LEDGER_FILE
    assert ledger.stat().st_mode & 0o077 == 0
    assert not list((practice.parent / "reports").rglob(LEDGER_FILE))


def test_the_command_writes_the_same_pages_again(
    shared_pages: dict[str, str], practice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from partner_analysis.cli import main

    assert main(["share", str(practice)]) == 0
    assert "Read each before you pass it on" in capsys.readouterr().out
    folder = practice.parent / "reports" / "demo" / "shareable" / "2025-12-31"
    again = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert again == shared_pages


def test_a_practice_that_does_not_ask_has_no_such_pages(practice: Path, tmp_path: Path) -> None:
    from partner_analysis.reporting.shareable.editions import share_pages

    text = practice.read_text(encoding="utf-8").replace('"shareable"', '"practice"')
    (tmp_path / "practice.toml").write_text(text, encoding="utf-8")
    assert share_pages(pa.open_study(tmp_path / "practice.toml")) == []
    assert not (tmp_path / "reports").exists()
