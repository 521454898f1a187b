from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partner_analysis.attribution.counts import count_named, count_new_patients
from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.episodes.definitions import compare_definitions
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import Practice

Row = Callable[..., list[str]]
Write = Callable[..., Practice]


def cleaned(practice: Practice, as_of: str | None = None) -> Cleaned:
    return clean_episodes(read_exports(practice, as_of=as_of), practice, read_register(practice))


def without_keys(episodes: pd.DataFrame) -> pd.DataFrame:
    return episodes.drop(columns=["patient_key", "episode_key"])


def test_an_episode_is_typed_and_carries_nothing_of_the_person(
    write_practice: Write, row: Row
) -> None:
    rows = [row("4711", contact="Ada Faux DOB 4/2/61 sent by Harbor Run Shop")]
    result = cleaned(write_practice(rows))
    episode = result.episodes.iloc[0]
    assert (episode["clinic"], episode["persona"], episode["age_band"]) == (
        "Warwick", "runner", "45 to 64",
    )  # fmt: skip
    assert episode["counted_on"] == pd.Timestamp("2024-01-15")
    assert (episode["partnership_id"], episode["rule"]) == ("harbor-run-shop", "normalised")
    written = "".join(
        table.to_csv()
        for table in (without_keys(result.episodes), result.unmatched, result.rejected)
    )
    for private in ("4711", "Faux", "Ada", "1961", "4/2/61", "DOB"):
        assert private not in written


def test_keys_are_drawn_anew_and_all_else_is_equal(write_practice: Write, row: Row) -> None:
    practice = write_practice([row("1"), row("2", evaluated="01/20/2024")])
    one, other = cleaned(practice).episodes, cleaned(practice).episodes
    pd.testing.assert_frame_equal(without_keys(one), without_keys(other))
    assert not set(one["patient_key"]) & set(other["patient_key"])


def test_a_cancelled_and_rebooked_evaluation_is_one_episode(
    write_practice: Write, row: Row
) -> None:
    result = cleaned(
        write_practice(
            [
                row("1", status="Cancelled", evaluated="01/10/2024", clinic="(Unassigned)"),
                row("1", evaluated="01/17/2024", contact=""),
            ]
        )
    )
    assert result.episodes["evaluated"].tolist() == [pd.Timestamp("2024-01-17")]
    assert result.episodes["partnership_id"].tolist() == ["harbor-run-shop"]
    assert result.row_account["used"].tolist() == [2]


@pytest.mark.parametrize("status", ["No Show", "Cancelled", "Scheduled"])
def test_who_never_came_is_no_new_patient(write_practice: Write, row: Row, status: str) -> None:
    episodes = cleaned(write_practice([row("1"), row("2", status=status)])).episodes
    assert episodes["new_patient"].sum() == 1
    assert len(episodes) == 2


@pytest.mark.parametrize(
    ("received", "evaluated", "number"),
    [("05/01/2024", "", 1), ("12/02/2024", "12/09/2024", 2), ("05/01/2024", "05/02/2024", 2)],
)
def test_a_case_opened_again_within_the_gap_is_one_episode_unless_evaluated_anew(
    write_practice: Write, row: Row, received: str, evaluated: str, number: int
) -> None:
    again = dict(received=received, created=received, evaluated=evaluated)
    rows = [
        row("1", discharged="03/01/2024"),
        row("1", case_id="12", status="Finalized" if evaluated else "Scheduled", **again),
    ]
    assert len(cleaned(write_practice(rows)).episodes) == number
    assert cleaned(write_practice(rows)).episodes["new_patient"].sum() == 1
    every = cleaned(write_practice(rows, new_patient="new episode")).episodes
    assert every["new_patient"].sum() == number


def test_under_case_created_every_case_counts_on_the_day_it_was_created(
    write_practice: Write, row: Row
) -> None:
    rows = [row("1"), row("2", status="Cancelled", clinic="(Unassigned)", created="01/09/2024")]
    episodes = cleaned(write_practice(rows, new_patient="case created")).episodes
    assert sorted(episodes["counted_on"].dt.day) == [8, 9]
    assert episodes["clinic"].tolist() == ["Warwick", "Warwick"]


def test_under_case_created_two_cases_open_at_once_are_two(write_practice: Write, row: Row) -> None:
    shoulder = dict(received="01/20/2024", created="01/20/2024", evaluated="01/25/2024")
    rows = [row("1"), row("1", case_id="12", contact="", **shoulder)]
    rows += [row("1", case_id="12", contact="", **{**shoulder, "evaluated": "01/26/2024"})]
    rows += [row("2", case_id=""), row("2", case_id="", **shoulder)]
    until = pd.Timestamp("2024-12-31")
    cases = write_practice(rows, new_patient="case created")
    result = cleaned(cases)
    counted = result.episodes.loc[result.episodes["new_patient"]]
    assert sorted(counted["counted_on"].dt.day) == [8, 8, 20]
    assert counted["partnership_id"].notna().sum() == 2
    assert result.row_account["used"].tolist() == [5]
    usual = write_practice(rows)
    episodes = cleaned(usual).episodes
    assert (len(episodes), episodes["new_patient"].sum()) == (2, 2)
    for table, used in ((result.episodes, cases), (episodes, usual)):
        compared = compare_definitions(table, used=used.definitions, until=until)
        assert compared["new_patients"].tolist() == [2, 2, 2, 3]


def test_clinics_have_one_name(write_practice: Write, row: Row) -> None:
    rows = [row("1", clinic="warwick pt"), row("2", clinic="WARICK"), row("3", clinic="Dock")]
    rows += [row("4", clinic="dock"), row("5", clinic="Dock ")]
    table = "clinic,alias\nWarwick,Warwick PT;Warick\nDock,\n"
    result = cleaned(write_practice(rows, files={"clinics.csv": table}))
    assert result.episodes["clinic"].value_counts().to_dict() == {"Dock": 3, "Warwick": 2}
    assert result.clinics["clinic"].tolist() == ["Dock", "Warwick"]


def test_an_old_report_can_be_made_again(write_practice: Write, row: Row) -> None:
    first = [row("1"), row("2", evaluated="01/20/2024")]
    old = cleaned(write_practice(first), as_of="2024-01-20")
    later = [*first, row("3", received="02/01/2024", created="02/01/2024", evaluated="02/05/2024")]
    again = cleaned(write_practice(later), as_of="2024-01-20")
    pd.testing.assert_frame_equal(without_keys(old.episodes), without_keys(again.episodes))
    assert again.rejected["reason"].tolist() == ["after as_of"]


def test_unmatched_texts_are_masked_and_ranked(write_practice: Write, row: Row) -> None:
    texts = ["Zed Quux from Ocean Gym", "Zed Quux", "tuesday group", "tuesday group"]
    texts += ["noon walk"] * 5 + ["google", ""]
    rows = [row(str(n), contact=text, type="") for n, text in enumerate(texts)]
    unmatched = cleaned(write_practice(rows)).unmatched
    assert unmatched["text"].tolist() == [
        "noon walk", "tuesday group", "(personal-looking text)", "… gym",
    ]  # fmt: skip
    assert unmatched["patients"].tolist() == [5, 2, 1, 1]
    assert unmatched["first_candidate"].tolist() == [""] * 4


def test_a_text_with_a_word_of_a_patients_name_is_masked(write_practice: Write, row: Row) -> None:
    rows = [row(str(n), contact="via Quillon", type="") for n in range(5)]
    rows += [row("9", patient_name="Quillon, Ada")]
    assert cleaned(write_practice(rows)).unmatched["text"].tolist() == ["(personal-looking text)"]
    shown = cleaned(write_practice(rows[:5])).unmatched["text"].tolist()
    assert shown == ["via quillon"]


def test_a_payer_that_few_have_or_with_a_number_is_other(write_practice: Write, row: Row) -> None:
    rare = "Cash - Ppzq Rrxv 04/05/1966"
    payers = ["PPO"] * 5 + ["Plan 65"] * 5 + [rare, "wcomp", ""]
    rows = [row(str(n), payer=payer, diagnosis="") for n, payer in enumerate(payers)]
    practice = write_practice(rows)
    rule = practice.personas[0].model_copy(update={"diagnosis_prefix": (), "payer": ("WCOMP",)})
    practice = practice.model_copy(update={"personas": (rule,)})
    kept = cleaned(practice).episodes
    assert kept["payer"].value_counts().to_dict() == {"other": 6, "PPO": 5, "wcomp": 1, "": 1}
    assert kept.loc[kept["payer"] == "wcomp", "persona"].tolist() == ["runner"]


def test_a_column_mistaken_for_the_clinics_shows_no_name(write_practice: Write, row: Row) -> None:
    rows = [row(str(n), clinic=f"Fable, Ada{chr(97 + n)}") for n in range(5)]
    faults = cleaned(write_practice(rows, files={"clinics.csv": "clinic\n"})).register_faults
    assert "The data have 5 clinics; compare their spelling" in faults.loc[0, "message"]
    assert "Fable" not in faults.to_csv()


def test_a_partnership_at_an_unknown_clinic_becomes_a_fault(
    write_practice: Write, row: Row
) -> None:
    result = cleaned(write_practice([row("1", clinic="Cranston")]))
    assert result.partnerships.empty
    assert result.register_faults["partnership_id"].tolist() == ["harbor-run-shop"]


def test_counts_only_go_through_without_episodes(write_counts: Write) -> None:
    text = "unit,date,count\nWarwick,2024-01-01,3\nwarwick,2024-01-08,4\nWarwick,2024-01-15,5\n"
    result = cleaned(write_counts(text))
    assert result.episodes.empty
    assert result.counts["clinic"].tolist() == ["Warwick"] * 3
    assert (result.personas, result.period) == (("all",), "week")
    account = result.row_account.iloc[0]
    assert account["raw_rows"] == account["used"] + account["totals_and_headers"] == 4


referrals = st.fixed_dictionaries(
    {
        "patient": st.sampled_from(["", "1", "2", "3"]),
        "case_id": st.sampled_from(["", "a", "b"]),
        "received": st.sampled_from(["", "01/08/2024", "05/08/2024", "02/30/2024", "01/08/2205"]),
        "evaluated": st.sampled_from(["", "01/15/2024", "01/22/2024", "06/03/2024"]),
        "status": st.sampled_from(["", "Finalized", "Scheduled", "Cancelled", "No Show", "?!"]),
        "clinic": st.sampled_from(["Warwick", "Dockside", "(Unassigned)"]),
        "contact": st.sampled_from(["", "HRS", "google", "Zed Quux", "harber run shop"]),
    }
)


def few_bad_dates(cases: list[dict[str, str]]) -> bool:
    """Whether so few dates cannot be read that rows are rejected and not the file."""
    return sum(case["received"] == "02/30/2024" for case in cases) <= 1


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    cases=st.lists(referrals, max_size=12).filter(few_bad_dates),
    seed=st.randoms(use_true_random=False),
)
def test_laws_of_cleaning(
    write_practice: Write, row: Row, tmp_path: Path, cases: list[dict[str, str]], seed: object
) -> None:
    """No row is lost, and neither row order nor repeated rows or files change a result."""
    rows = [*(row(str(n)) for n in range(100, 190)), *(row(**case) for case in cases)]
    plain = cleaned(write_practice(rows))
    mixed = [*rows, *rows[::2]]
    seed.shuffle(mixed)  # type: ignore[attr-defined]
    practice = write_practice(mixed)
    (tmp_path / "visits again.csv").write_text((tmp_path / "visits.csv").read_text())
    again = cleaned(practice)
    (tmp_path / "visits again.csv").unlink()
    pd.testing.assert_frame_equal(without_keys(plain.episodes), without_keys(again.episodes))
    one, other = (result.unmatched.drop(columns="where") for result in (plain, again))
    pd.testing.assert_frame_equal(one, other)
    for result in (plain, again):
        account = result.row_account
        parts = account[["used", "rejected", "totals_and_headers", "superseded"]]
        assert (account["raw_rows"] == parts.sum(axis="columns")).all()
        assert account["rejected"].sum() == len(result.rejected)
    assert plain.row_account["used"].sum() == again.row_account["used"].sum()
    _assert_counts_add_up(plain)


def _assert_counts_add_up(result: Cleaned) -> None:
    """Counts add up to the new patients; nobody names more partners than came."""
    counts = count_new_patients(
        result.episodes,
        period="week",
        clinics=result.clinics,
        personas=result.personas,
        last_day="2024-12-29",
    )
    assert counts["new_patients"].sum() == result.episodes["new_patient"].sum()
    named = count_named(result.episodes, counts=counts, period="week")
    both = named.merge(counts, on=["period", "clinic", "persona"])
    assert (both["named"] <= both["new_patients"]).all()
    assert len(both) == len(named)
