"""Each rule of the recommendations speaks where docs/method.md says, and never by a p-value."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from partner_analysis.attribution.effect import without_number
from partner_analysis.attribution.portfolio.alliances import list_alliances
from partner_analysis.attribution.portfolio.compare import PLACE_COLUMNS, Portfolio
from partner_analysis.attribution.portfolio.recommend import (
    ACTIONS,
    Recommendation,
    recommend_all,
)
from partner_analysis.attribution.portfolio.rules import RULES
from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.portfolio.decisions import REASONS, decisions_table, reason_of
from partner_analysis.tables import DAYS_PER_MONTH, NO_NUMBER, Interval

TODAY = pd.Timestamp("2026-01-01")
NO_ACTIVITIES = pd.DataFrame({"partnership_id": [], "date": pd.Series([], dtype="datetime64[us]")})
EMPTY = Portfolio(
    places=pd.DataFrame(columns=list(PLACE_COLUMNS)),
    left_out=pd.DataFrame(columns=["partnership_id", "reason"]),
    alike=(),
    winner=NO_NUMBER,
    winner_id="",
    together=NO_NUMBER,
    false_share=float("nan"),
    correlation=np.zeros((0, 0)),
    level=0.95,
)


def decide(
    *,
    declared: str = "more",
    a_month: float = 3.0,
    sd: float = 1.0,
    grade: str = "strong",
    months: int = 18,
    pays: float = float("nan"),
    aims: tuple[str, ...] = ("patients",),
    provider: bool = False,
    full: bool = False,
    active: bool = True,
    ended: bool = False,
    bundle: tuple[str, ...] = (),
    alike: float = float("nan"),
    ahead: tuple[float, ...] = (),
) -> Recommendation:
    """What is recommended of one gym of whom this is known."""
    start = TODAY - pd.DateOffset(months=months)
    end = TODAY - pd.Timedelta(days=1) if ended else pd.NaT
    row = {"partnership_id": "gym", "name": "Gym", "kind": "gym", "start_date": start}
    row |= {"end_date": end, "aims": aims, "provider": provider}
    last = TODAY - pd.Timedelta(days=30 if active else 300)
    activities = pd.DataFrame({"partnership_id": ["gym"], "date": [last]})
    alliances = list_alliances(pd.DataFrame([row]), activities, as_of=TODAY)
    points = np.random.default_rng(1).normal(size=4000)
    extra = a_month + sd * (points - points.mean()) / points.std()
    number = Interval(a_month, a_month - 2 * sd, a_month + 2 * sd)
    effect = replace(
        without_number(partnership_id="gym", name="Gym", kind="gym", level=0.95, note=""),
        total=number, per_month=number, grade=grade, at_least=full, verdict=declared,
        active_days=DAYS_PER_MONTH, bundle=bundle,
        ahead=pd.DataFrame({"more_months": [0, 3, 6, 12][: len(ahead)], "width": list(ahead)}),
        draws=np.stack([10 + extra, np.full(4000, 10.0)]),
    )  # fmt: skip
    standing = Standing("gym", declared, TODAY, TODAY, pd.DataFrame())
    enough = {} if pays != pays else {"gym": a_month + sd * norm.isf(pays)}
    kinder = {} if alike != alike else {"gym": a_month + sd * norm.isf(alike)}
    known = {"gym": effect}, {"gym": standing}, alliances, EMPTY
    return recommend_all(*known, break_even=enough, break_even_if_alike=kinder)["gym"]


@pytest.mark.parametrize(
    ("known", "action", "rule"),
    [
        ({"pays": 0.9}, "grow", "more and worth more"),
        ({"pays": 0.5}, "keep", "more"),
        ({}, "keep", "more, cost not stated"),
        ({"pays": 0.9, "full": True}, "keep", "more, clinic full"),
        ({"pays": 0.1}, "change", "more, dear"),
        ({"pays": 0.1, "months": 5}, "keep", "more"),
        ({"pays": 0.1, "alike": 0.15}, "change", "more, dear"),
        ({"pays": 0.1, "alike": 0.5}, "keep", "more"),
        ({"pays": 0.5, "alike": 0.9}, "keep", "more"),
        ({"declared": "no clear change", "pays": 0.1, "alike": 0.3}, "wait", "not yet known"),
        (
            {"declared": "no clear change", "pays": 0.1, "alike": 0.3, "months": 30},
            "change",
            "nothing for long",
        ),
        ({"pays": 0.9, "grade": "weak"}, "keep", "more, weakly founded"),
        ({"declared": "fewer", "a_month": -3.0}, "end", "fewer for long"),
        ({"declared": "fewer", "a_month": -3.0, "months": 7}, "change", "fewer"),
        ({"declared": "fewer", "a_month": -3.0, "grade": "weak"}, "change", "fewer"),
        ({"declared": "no clear change", "a_month": 0.2}, "wait", "not yet known"),
        ({"declared": "no clear change", "ahead": (10.3, 10, 9.9, 9.7)}, "wait", "not yet known"),
        (
            {"declared": "no clear change", "ahead": (10.3, 10.6, 10.9, 11.1)},
            "change",
            "waiting tells no more",
        ),
        ({"declared": "no clear change", "a_month": 0.2, "pays": 0.9}, "keep", "likely worth it"),
        ({"declared": "no clear change", "pays": 0.1}, "change", "unlikely worth it"),
        (
            {"declared": "no clear change", "pays": 0.1, "months": 30},
            "end",
            "unlikely worth it for long",
        ),
        (
            {"declared": "no clear change", "pays": 0.1, "months": 30, "full": True},
            "change",
            "unlikely worth it",
        ),
        ({"declared": "fewer", "a_month": -3.0, "full": True}, "change", "fewer"),
        ({"declared": "no clear change", "months": 30}, "change", "nothing for long"),
        ({"declared": "too small to tell", "months": 30}, "change", "small for long"),
        ({"declared": "watching"}, "wait", "watching"),
        ({"declared": "data not fit"}, "wait", "data not fit"),
        ({"provider": True, "declared": "more", "pays": 0.9}, "keep", "provider active"),
        ({"provider": True, "active": False}, "change", "provider quiet"),
        ({"aims": ("community",), "declared": "fewer"}, "keep", "other aims active"),
        ({"aims": ("planning",), "active": False}, "change", "other aims quiet"),
        ({"ended": True}, "none", "ended"),
    ],
)
def test_each_rule_speaks_where_the_method_says(
    known: dict[str, object], action: str, rule: str
) -> None:
    found = decide(**known)  # type: ignore[arg-type]
    assert (found.action, found.rule) == (action, rule)


@pytest.mark.parametrize("a_month", [-6.0, 0.0, 6.0])
def test_a_provider_is_recommended_the_same_whatever_its_volume(a_month: float) -> None:
    found = decide(provider=True, a_month=a_month)
    assert (found.action, found.rule) == ("keep", "provider active")
    assert np.isnan([found.chance_positive, found.chance_pays, found.loss_if_wrong]).all()


def test_a_number_that_is_a_providers_as_well_ends_and_grows_nothing() -> None:
    """A bundle has no place only where one of it must not be judged by volume."""
    for a_month, declared, rule in ((6, "more", "more, weakly founded"), (-6, "fewer", "fewer")):
        found = decide(a_month=a_month, declared=declared, bundle=("doctor", "gym"))
        assert found.rule == rule
        assert np.isnan([found.chance_positive, found.loss_if_wrong]).all()


def test_an_estimate_of_exactly_nil_has_its_chances() -> None:
    found = decide(declared="no clear change", a_month=0.0, months=30)
    assert found.chance_positive == pytest.approx(0.5)
    assert found.rule == "nothing for long"


def test_losses_of_acting_wrongly_differ_by_the_effect_itself() -> None:
    """E[max(-x, 0)] - E[max(x, 0)] = -E[x]: what keeping risks less what ending risks."""
    kept = decide(declared="no clear change", a_month=0.4, months=5)
    over = decide(declared="fewer", a_month=-2.5, months=18)
    again = decide(declared="fewer", a_month=-2.5, months=7)
    assert kept.loss_if_wrong > 0
    assert over.loss_if_wrong - again.loss_if_wrong == pytest.approx(-2.5, abs=1e-6)


def test_a_decision_by_an_effect_says_how_good_the_evidence_is_unless_strong() -> None:
    alliance = {"last_activity": TODAY, "ended": pd.NaT, "began": TODAY, "aims": ()}
    moderate, strong = decide(pays=0.9, grade="moderate"), decide(pays=0.9)
    said = "More came than chance explains, and it most likely pays."
    assert reason_of(moderate, alliance, None) == f"{said} Evidence: moderate."
    assert reason_of(strong, alliance, None) == said


def test_costs_paid_alone_are_said_where_sharing_them_is_the_aim() -> None:
    alliance = {"last_activity": TODAY, "ended": pd.NaT, "began": TODAY, "aims": ()}
    said = reason_of(decide(), alliance | {"paid_alone": ("display",)}, None)
    assert said.endswith("Meant for shared cost, yet the partner paid nothing toward display.")


def test_the_loss_of_a_choice_is_headed_as_the_expectation_that_it_is() -> None:
    listed = pd.DataFrame([{"partnership_id": "gym", "name": "Gym", "last_activity": TODAY,
                            "ended": pd.NaT, "began": TODAY, "aims": ()}])  # fmt: skip
    table = decisions_table({"gym": decide(declared="fewer", a_month=-3.0)}, listed, {}).plain
    assert "expected loss of this choice (patients a month)" in table
    assert "if this is wrong" not in table


def test_every_rule_has_an_action_a_reason_and_its_line_in_the_method() -> None:
    method = (Path(__file__).parents[3] / "docs" / "method.md").read_text()
    assert set(RULES) == set(REASONS)
    assert set(RULES.values()) <= set(ACTIONS)
    for rule, action in RULES.items():
        assert f"| {rule} | {action} |" in method
