"""Sentences, tables and figures of the ledger say the numbers they are given, and no others."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.ledger.balance import (
    ITEM_COLUMNS,
    Balance,
    balance_of,
    referrals_out_by_clinic,
)
from partner_analysis.attribution.ledger.costs import add_costs, list_activities
from partner_analysis.attribution.ledger.responses import RESPONSE_COLUMNS
from partner_analysis.attribution.ledger.returns import weigh_returns
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.ledger import plot_balance, plot_costs
from partner_analysis.reporting.ledger.balance import (
    activity_table,
    balance_sentences,
    balance_table,
    balance_title,
    done_sentences,
    done_table,
    outbound_table,
)
from partner_analysis.reporting.ledger.costs import cost_sentences, cost_table, cost_title
from partner_analysis.reporting.ledger.ledger import Ledger
from partner_analysis.reporting.ledger.responses import response_sentence, response_table
from partner_analysis.reporting.ledger.returns import return_sentences
from partner_analysis.reporting.numbers import NOT_APPLICABLE
from partner_analysis.small_tables import EMPTY_TABLES

KEY = "harbor-run-shop"
ACTIVITIES = pd.DataFrame(
    [
        (KEY, "2024-10-05", "workshop", 90.0, 5.0, 0.4),
        (KEY, "2024-11-05", "Sponsor", 400.0, 3.0, 0.5),
        (KEY, "2024-12-05", "parade float", np.nan, 2.0, 0.0),
        (KEY, "2030-01-05", "workshop", 90.0, 5.0, 0.4),
    ],
    columns=["partnership_id", "date", "kind", "own_cost", "staff_hours", "partner_share"],
).assign(date=lambda rows: pd.to_datetime(rows["date"]))
FLOWS = pd.DataFrame(
    [
        (KEY, "2024-10-01", "Dockside", "", 3, 2, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan),
        (KEY, "2024-10-01", "Warwick", "", 0, 1, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan),
        (KEY, "2024-11-01", "", "", np.nan, np.nan, 1, 6, 1, 0, 8.8, 5),
    ],
    columns=[c for c in EMPTY_TABLES["flows"] if c != "note"],
).assign(month=lambda rows: pd.to_datetime(rows["month"]))


@pytest.fixture
def make_ledger(make_effect):
    """Return a builder: a ledger of one effect, its activities and flows."""

    def build(
        *,
        provider=False,
        rate=45.0,
        value=None,
        activities=ACTIVITIES,
        flows=FLOWS,
        effect=None,
        **changes,
    ):
        effect = effect or make_effect(**changes)
        register = pd.DataFrame(
            {"partnership_id": [KEY], "start_date": effect.first_day, "provider": provider}
        ).fillna({"start_date": pd.Timestamp("2024-07-15")})
        costs = returns = None
        if not provider:
            costs = add_costs(effect, activities, register, hourly_rate=rate)
            returns = weigh_returns(effect, costs, value_per_patient=value)
        return Ledger(
            effect=effect,
            is_provider=provider,
            costs=costs,
            returns=returns,
            balance=balance_of(flows, register, KEY),
            outbound=referrals_out_by_clinic(flows, register, KEY),
            activities=list_activities(activities, KEY),
        )

    return build


# ------------------------------------------------------------------ cost
def test_cost_and_saving_are_said_with_what_is_not_known(make_ledger):
    said = cost_sentences(make_ledger())
    assert said[0].endswith(
        "3 activities cost us 490 dollars and 10 staff hours: 940 dollars in all, with an hour at "
        "45 dollars."
    )
    assert said[1].endswith("they would have cost 1,400 dollars: sharing saved 460 dollars.")
    assert any(s.startswith("Own money is not written down for 1 of 3") for s in said)
    assert 'Listed as "other", since the kind is not known: parade float.' in said
    assert any(s.startswith("Not yet counted: 1 activity after") for s in said)


def test_hours_without_a_rate_are_not_priced(make_ledger):
    ledger = make_ledger(rate=None)
    assert "490 dollars and 10 staff hours; hours are not priced." in cost_sentences(ledger)[0]
    assert "Hours are not priced." in cost_table(ledger).html


def test_the_table_adds_up_to_its_last_row(make_ledger):
    title, *rows = cost_table(make_ledger()).plain.splitlines()
    assert title == cost_title(make_ledger().costs)
    assert title == "57% of what it cost us went to sponsorships"
    assert rows[-1].split() == ["all", "3", "490", "10.0", "460"]
    assert any("not written down" in row for row in rows)


def test_nothing_on_record_costs_nothing_that_is_known(make_ledger):
    ledger = make_ledger(activities=ACTIVITIES.iloc[:0])
    assert "nothing is known of what it cost" in cost_sentences(ledger)[0]
    assert return_sentences(ledger) == []
    assert plot_costs(ledger).is_blank


# ------------------------------------------------------------------ what it bought
def test_an_additional_patient_has_its_interval(make_ledger):
    said = return_sentences(make_ledger())
    assert said[0] == (
        "So far, one additional patient cost an estimated 25 dollars (95% interval 15 to 99)."
    )
    assert "has to be worth" in said[1]


def test_what_could_not_be_judged_is_said_beside_the_cost(make_ledger):
    draws = np.stack([np.full(1000, 340.0), np.full(1000, 303.0) + np.linspace(-30, 30, 1000)])
    said = return_sentences(make_ledger(value=30.0, judged_share=0.6, draws=draws))
    assert said[1] == (
        "That sets the whole cost against the clinics, kinds of patient and times that could be "
        "judged, about 60% of its expected patients. If the others brought as much for each "
        "patient expected, one additional patient cost an estimated 15 dollars (95% interval 9 to "
        "59), and the chance that it paid for itself is about 80%."
    )
    assert "the chance that it paid for itself is about 59%" in said[2]
    unclear = {"verdict": "no clear change", "observed": 320.0, "total": (-24.0, 60.0)}
    said = return_sentences(make_ledger(judged_share=0.6, **unclear))
    assert said[-1].endswith("one additional patient cost at least 9 dollars.")
    assert len(return_sentences(make_ledger(judged_share=0.999, **unclear))) == len(said) - 1


def test_no_upper_limit_is_said_in_words(make_ledger):
    unclear = {"verdict": "no clear change", "observed": 320.0, "total": (-24.0, 60.0)}
    said = return_sentences(make_ledger(value=100.0, **unclear))
    assert said[0].startswith(
        "So far, one additional patient cost at least 16 dollars, with no upper limit"
    )
    assert "anything from 3,340 dollars less to 5,060 dollars more than it cost" in said[1]
    assert said[2].startswith("10 additional patients pay for all of it")


def test_fewer_patients_bought_nothing(make_ledger):
    fewer = {"verdict": "fewer", "observed": 270.0, "total": (-62.0, -5.0)}
    said = return_sentences(make_ledger(value=100.0, **fewer))
    assert said[0].startswith("Fewer patients came than expected")
    assert "brought 4,240 dollars less than it cost (95% interval 1,440 to 7,140)" in said[1]


def test_the_chance_is_said_where_the_draws_are_there(make_ledger):
    draws = np.stack([np.full(1000, 340.0), np.full(1000, 303.0) + np.linspace(-30, 30, 1000)])
    said = return_sentences(make_ledger(value=30.0, draws=draws))
    assert "the chance that it paid for itself is about 59%" in said[1]
    assert "chance" not in return_sentences(make_ledger(value=30.0))[1]


@pytest.mark.parametrize("situation", ["too-early", "too-small", "data-not-fit"])
def test_no_answer_has_no_price(make_ledger, effects, situation):
    said = return_sentences(make_ledger(effect=effects[situation]))
    assert all("cannot be told" in sentence for sentence in said)
    assert not any(mark.isdigit() for sentence in said for mark in sentence)


# ------------------------------------------------------------------ what each side gives
def test_both_sides_are_told_and_named_stands_beside_as_a_count(make_ledger):
    ledger = make_ledger()
    assert balance_sentences(ledger)[0] == (
        "In 2 months on record: from us 3 clients sent to it, 3 same-day slots and 1 education "
        "session; from the partner 6 hours of space; together 1 shared event and no planning "
        "meetings."
    )
    assert "8.8 on average (5 answers)" in balance_sentences(ledger)[1]
    table = balance_table(ledger).plain
    assert table.splitlines()[0] == "Both sides gave"
    assert table.splitlines()[-1].split()[-4:] == [
        NOT_APPLICABLE,
        "12",
        NOT_APPLICABLE,
        NOT_APPLICABLE,
    ]
    assert outbound_table(ledger).plain.startswith(
        "Dockside sends clients to the partner; Warwick did not"
    )


@pytest.mark.parametrize(
    ("givers", "title"),
    [
        ((), "Nothing was given by either side"),
        (("us",), "We gave; nothing that the partner gave is written down"),
        (("partner",), "The partner gave; nothing that we gave is written down"),
        (("both",), "They did things together"),
        (("us", "partner"), "Both sides gave"),
    ],
)
def test_the_title_says_who_gave(givers, title):
    rows = [("education_sessions", giver, 2.0, 1, 1) for giver in givers]
    items = pd.DataFrame(rows, columns=list(ITEM_COLUMNS))
    assert balance_title(Balance(KEY, False, items, 1, np.nan, 0, 0)) == title


def test_what_was_done_is_listed_by_month_and_kind(make_ledger):
    table = activity_table(make_ledger()).plain
    assert "October 2024" in table
    assert "parade float" in table
    assert "90" not in table


# ------------------------------------------------------------------ a provider
def test_nothing_of_a_provider_is_priced_balanced_or_drawn(make_ledger):
    ledger = make_ledger(provider=True)
    assert cost_sentences(ledger) == return_sentences(ledger) == balance_sentences(ledger) == []
    for table in (cost_table, balance_table, outbound_table):
        assert table(ledger).html == ""
    assert plot_costs(ledger).is_blank
    assert plot_balance(ledger).is_blank
    said = " ".join([*done_sentences(ledger), done_table(ledger).plain])
    assert "1 education session" in said
    assert not any(word in said for word in ("dollar", "sent", "space", "staff hour"))


# ------------------------------------------------------------------ figures and hints
def test_figures_are_small_pictures_with_their_words(make_ledger):
    ledger = make_ledger()
    for draw, words in ((plot_costs, cost_sentences), (plot_balance, balance_sentences)):
        figure = draw(ledger)
        assert not figure.is_blank
        assert alt_text(figure) == " ".join(words(ledger))
        assert len(picture(figure)) < 60_000


def responses(*rows):
    return pd.DataFrame(rows, columns=list(RESPONSE_COLUMNS)).astype(RESPONSE_COLUMNS)


def test_responses_are_always_hints():
    found = responses(
        ("event", 2, 1, *[np.nan] * 5),
        ("workshop", 7, 0, 61.0, 24.0, 3.0, 51.0, 0.03),
    )
    said = response_sentence(found, level=0.95)
    assert said.startswith("Hints, not findings: more patients came after activities of the kind ")
    assert "about 1 in 20" in said
    table = response_table(found, level=0.95).plain
    assert "24% (3% to 51%)" in table
    assert "too few to say" in table
    assert "1 activity is left out" in response_table(found, level=0.95).html
    assert response_sentence(found.iloc[:1], level=0.95).startswith("Hints, not findings: no kind")
    assert response_sentence(found.iloc[:0], level=0.95) == ""
