"""How far an answer can be trusted, in words and pictures: said only where there is something."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.named.reconcile import reconcile
from partner_analysis.reporting.caveats import caveats
from partner_analysis.reporting.display import checks_table, effect_table
from partner_analysis.reporting.evidence import (
    control_sentence,
    grade_sentence,
    priors_title,
    together_sentence,
    together_short,
    trends_sentence,
    trends_title,
)
from partner_analysis.reporting.figures import (
    alt_text,
    picture,
    plot_methods,
    plot_named,
    plot_trends,
)
from partner_analysis.reporting.methods import (
    method_rows,
    methods_alt,
    methods_sentence,
    methods_title,
)
from partner_analysis.reporting.named import blend_sentence, named_sentence
from partner_analysis.reporting.placebos import placebo_sentence
from partner_analysis.reporting.side_by_side import (
    methods_table,
    portfolio_table,
    priors_table,
    together_table,
)
from partner_analysis.tables import Interval

CELLS = 104  # treated cells and periods behind the answers of these tables
UNANSWERED = ["too-early", "too-small", "data-not-fit", "register-fault"]


def a_methods_table(**means: tuple[float, float, float]) -> pd.DataFrame:
    """Other methods' answers per treated cell and period; the panel's own is 37 in all."""
    rows = [("panel", 37 / CELLS, 9.5 / CELLS, 64.5 / CELLS, 37.0, "")]
    rows += [(method, *mean, mean[0] * CELLS, "A note.") for method, mean in means.items()]
    columns = ["method", "mean_effect", "low", "high", "total", "note"]
    return pd.DataFrame(rows, columns=columns)


MORE, UNCLEAR, FEWER = (0.3, 0.1, 0.5), (0.1, -0.2, 0.4), (-0.3, -0.5, -0.1)
NO_NUMBER = (math.nan, math.nan, math.nan)


@pytest.fixture
def methods() -> pd.DataFrame:
    """Five other methods: two say more, one cannot tell, one says fewer, one has no number."""
    return a_methods_table(
        series=MORE, did=MORE, synthetic_control=UNCLEAR, its=FEWER, synthetic_did=NO_NUMBER
    )


@pytest.fixture
def examined(make_effect):
    """An effect with everything that can stand beside it."""
    months = np.arange(-12, 12)
    checks = pd.DataFrame(
        {
            "check": ["pre-trend", "parallel trends"],
            "question": ["Did it move with the comparison?", "How far could trends have parted?"],
            "result": ["pass", "warn"],
            "detail": ["No drift beyond chance.", "It would not stand."],
        }
    )
    return make_effect(
        n_cells=CELLS,
        grade="moderate",
        grade_limits=("Warned: parallel trends.", "Fewer than four comparison cells."),
        control=Interval(12.0, 3.0, 22.0),
        at_least=True,
        capacity="It was full in 40% of the periods.",
        blended=Interval(31.0, 15.0, 48.0),
        reconciliation=reconcile(12.0, Interval(37.0, 9.5, 64.5)),
        priors=pd.DataFrame(
            {
                "prior": ["a pace of its own", "no pace of its own", "any pace"],
                "estimate": [37.0, 35.0, 40.0],
                "low": [9.5, 8.0, 2.0],
                "high": [64.5, 60.0, 81.0],
            }
        ),
        moved=pd.DataFrame(
            {
                "where": ["neighbouring clinics"],
                "estimate": [-12.0],
                "low": [-20.0],
                "high": [-3.0],
                "note": ["Fewer came there than expected."],
            }
        ),
        event_study=pd.DataFrame(
            {
                "month": months,
                "log_ratio": np.where(months < 0, 0.01, 0.12),
                "variance": np.full(24, 0.04),
            }
        ),
        checks=checks,
    )


# ---------------------------------------------------------------- nothing to say, nothing said
def test_nothing_is_said_where_there_is_nothing(effects):
    effect = effects["more"]
    assert grade_sentence(effect) == control_sentence(effect) == blend_sentence(effect) == ""
    assert trends_sentence(effect) == priors_title(effect) == ""
    assert priors_table(effect).html == ""
    assert plot_trends(effect).is_blank
    assert not any("demand" in row for row in effect_table(effect).plain.splitlines())


@pytest.mark.parametrize("situation", UNANSWERED)
def test_without_an_answer_there_is_nothing_to_doubt(effects, examined, methods, situation):
    """Even if every field were filled, no number beside a verdict that has none."""
    filled = {
        name: getattr(examined, name)
        for name in ("grade", "grade_limits", "control", "blended", "moved", "priors")
    }
    effect = effects[situation].__class__(**{**vars(effects[situation]), **filled})
    assert grade_sentence(effect) == control_sentence(effect) == blend_sentence(effect) == ""
    assert methods_sentence(effect, methods) == methods_table(effect, methods).html == ""
    assert plot_methods(effect, methods).is_blank


# ---------------------------------------------------------------- words
def test_the_grade_stands_with_its_reasons_in_one_line(examined, make_effect):
    assert grade_sentence(examined) == (
        "Evidence: moderate. Checks that ask for care: how far trends could have parted. Fewer "
        "than four comparison groups."
    )
    assert grade_sentence(make_effect(grade="strong")) == "Evidence: strong. No rule limits it."


def test_control_moved_patients_and_room_in_words(examined):
    assert control_sentence(examined) == (
        "Compared with patients at the same clinics whom it cannot reach (the negative control "
        "named in the register), the change is 12% (3% to 22%); in brackets the 95% interval."
    )
    assert "It was full in 40% of the periods." in caveats(examined)
    table = effect_table(examined).plain
    assert "at least 37 (10 to 64)" in table
    assert "The same for demand, had there been room" in table


def test_trends_in_words_and_the_title_says_what_came_before(examined, make_effect):
    assert trends_sentence(examined) == "No drift beyond chance. It would not stand."
    assert trends_title(examined) == "No drift before the start beyond chance"
    drifted = examined.checks.assign(result=["warn", "warn"])
    parted = make_effect(checks=drifted)
    assert trends_title(parted) == "Before the start it had already parted from the comparison"
    assert trends_title(make_effect()).startswith("Too little is known")


@pytest.mark.parametrize(
    ("others", "title"),
    [
        ([35.0, 40.0], "With other assumptions on growth the total would be 35 to 40; here it "),
        ([35.0, 35.2], "With other assumptions on growth the total would be 35; here it is 37"),
        ([37.1, 36.9], "With other assumptions on growth the total would be 37 as well"),
    ],
)
def test_other_assumptions_in_a_title(examined, others, title):
    priors = examined.priors.assign(estimate=[37.0, *others])
    changed = examined.__class__(**{**vars(examined), "priors": priors})
    assert priors_title(changed).startswith(title)
    assert "a pace of its own (used here)" in priors_table(changed).plain


# ---------------------------------------------------------------- named beside estimated
@pytest.mark.parametrize(
    ("named", "words"),
    [
        (
            12.0,
            "For every 10 extra patients about 3 named it (95% interval 2 to 13). The two do not "
            "contradict each other, but cannot tell how many who named it would have come anyway.",
        ),
        (
            80.0,
            "For every 10 extra patients about 22 named it (95% interval 12 to 84). More named it "
            "than came because of it, so some who named it would have come anyway.",
        ),
        (
            2.0,
            "For every 10 extra patients about 0.5 named it (95% interval 0.3 to 2.1). Fewer named "
            "it than came because of it, so some who came because of it did not say so.",
        ),
    ],
)
def test_the_reading_of_named_beside_estimated(make_effect, named, words):
    effect = make_effect(named=named, reconciliation=reconcile(named, Interval(37.0, 9.5, 64.5)))
    assert named_sentence(effect).endswith(words)


def test_where_nobody_may_have_come_extra_the_ratio_is_open(effects):
    effect = effects["no-clear-change"]
    found = effect.__class__(
        **{**vars(effect), "reconciliation": reconcile(30.0, Interval(17.0, -24.0, 60.0))}
    )
    assert (
        "For every 10 extra patients, if there were any, 5 or more named it (95% interval)."
        in named_sentence(found)
    )


def test_the_blend_is_always_labelled_and_never_in_the_headline(examined):
    assert blend_sentence(examined).startswith(
        "Counts and named referrals together: 15 to 48 more new patients in all than expected "
        "(estimated, 95% interval)."
    )
    figure = plot_named(examined)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[words.index("31 (15 to 48)") - 1] == "counts and named referrals together"
    assert "31" not in figure.title
    assert "31" not in effect_table(examined).plain
    assert picture(figure)


def test_the_portfolio_sets_both_beside_each_other(examined, effects):
    shown = together_table({"a": examined, "b": effects["too-early"]})
    assert "31 (15 to 48)" in shown.html
    assert "cannot tell" in shown.html
    assert "do not contradict each other anywhere" in shown.html
    silent = together_table({"b": effects["too-early"]})
    assert "together (estimated)" not in silent.html
    assert together_table({"a": effects["data-not-fit"]}).html == ""


def test_partnerships_that_share_clinics_are_given_together(make_effect):
    pair = {
        "a": make_effect(together=Interval(60.0, 20.0, 95.0), together_with=("b",)),
        "b": make_effect(together=Interval(60.0, 20.0, 95.0), together_with=("a",), name="Club"),
    }
    assert together_sentence(pair["a"], {"b": "Club"}) == (
        "Together with Club, which ran in some of the same clinics for the same patients: 20 to 95 "
        "more new patients in all than expected without any of them (95% interval). The single "
        "numbers need not add up to it."
    )
    assert together_short(pair["a"], {"b": "Club"}) == (
        "Together with Club: 20 to 95 more new patients in all than expected (95% interval)."
    )
    assert together_short(make_effect(), {}) == ""
    note = portfolio_table(pair).html
    assert note.count("together 60 (20 to 95)") == 1
    assert together_sentence(make_effect(), {}) == ""


def test_what_few_comparison_clinics_cannot_show_is_said(make_effect):
    few, many = make_effect(groups=5), make_effect(groups=24)
    stray = {"percent": 60.0, "score": 12.0}
    for effect in (few, many):
        own = effect.placebos["unit"] == effect.partnership_id
        effect.placebos.loc[own, list(stray)] = list(stray.values())
    assert placebo_sentence(few).endswith("that happens by chance alone 1 time in 6.")
    assert "by chance alone" not in placebo_sentence(many)


# ---------------------------------------------------------------- other methods
def test_other_methods_are_brought_to_the_same_unit(examined, methods):
    rows = method_rows(examined, methods).set_index("method")
    months = examined.active_days / 30.4375
    assert rows["estimate"].iloc[0] == examined.per_month.estimate
    assert rows.loc["difference in differences", "estimate"] == pytest.approx(0.3 * CELLS / months)
    assert rows["says"].tolist() == ["more", "more", "more", "no clear change", "fewer", ""]


def test_how_far_the_answer_depends_on_the_method(examined, methods):
    title = "3 of 4 other methods point to more; 2 of them clearly"
    assert methods_title(examined, methods) == title
    assert methods_sentence(examined, methods) == (
        f"{title}. Their estimates run from 2.6 fewer to 2.6 more "
        "new patients a month; this answer is 3.1 (0.8 to 5.4). 1 method finds the opposite."
    )
    assert "By method: its own past alone 2.6 (0.9 to 4.3)" in methods_alt(examined, methods)


@pytest.mark.parametrize(
    ("others", "title"),
    [
        ({}, "No other method gives an answer to compare with"),
        ({"did": NO_NUMBER}, "No other method gives an answer to compare with"),
        ({"did": MORE}, "The one other method says the same: more"),
        ({"did": FEWER}, "The one other method does not say the same: more"),
        ({"did": MORE, "its": MORE}, "Both other methods say the same: more"),
        ({"did": MORE, "its": MORE, "series": MORE}, "All 3 other methods say the same: more"),
        ({"did": UNCLEAR, "its": MORE}, "Both other methods point to more; 1 of them clearly"),
        (
            {"did": UNCLEAR, "its": FEWER},
            "1 of 2 other methods points to more; none of them clearly",
        ),
    ],
)
def test_the_title_counts_the_methods_that_agree(examined, others, title):
    assert methods_title(examined, a_methods_table(**others)) == title


@pytest.mark.parametrize(
    ("others", "title"),
    [
        (("did",), "The one other method finds no clear change either"),
        (("did", "its"), "Neither of the 2 other methods finds a clear change either"),
        (("did", "its", "series"), "None of the 3 other methods finds a clear change either"),
    ],
)
def test_unclear_everywhere_is_no_agreement_on_nil(make_effect, others, title):
    unclear = make_effect(verdict="no clear change", total=(-20, 30))
    found = methods_title(unclear, a_methods_table(**dict.fromkeys(others, UNCLEAR)))
    assert found == title


def test_the_picture_of_the_methods_shows_all_and_marks_ours(examined, methods):
    figure = plot_methods(examined, methods)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert "this answer: other clinics compared" in words
    assert "no number" in words
    assert figure.title == methods_title(examined, methods)
    assert alt_text(figure) == methods_alt(examined, methods)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, *[True] * 4]
    assert len(picture(figure)) < 60_000


def test_one_wild_method_does_not_squeeze_the_others(examined):
    wild = a_methods_table(did=MORE, its=(0.4, -80.0, 90.0))
    figure = plot_methods(examined, wild)
    low, high = figure.axes[0].get_xlim()
    assert high - low < 40
    assert picture(figure)


def test_the_table_gives_every_method_with_what_it_rests_on(examined, methods):
    html = methods_table(examined, methods).html
    assert html.count("A note.") == 5
    assert "no number" in html


# ---------------------------------------------------------------- months before and after
def test_months_before_and_after_are_drawn_apart(examined):
    figure = plot_trends(examined)
    assert not figure.is_blank
    assert figure.title == trends_title(examined)
    before, after = (line for line in figure.axes[0].lines if len(line.get_xdata()) == 12)
    assert max(before.get_xdata()) < 0 < min(after.get_xdata())
    assert len(picture(figure)) < 60_000


def test_months_without_anything_known_are_left_out(examined):
    months = examined.event_study.assign(log_ratio=np.nan)
    blank = examined.__class__(**{**vars(examined), "event_study": months})
    assert plot_trends(blank).is_blank


# ---------------------------------------------------------------- luck
def test_a_range_above_what_came_is_explained_where_it_stands(make_effect):
    """The range is of an average over such times; the count of one time may lie below it."""
    small = make_effect(observed=37.0, expected=3.2, total=(22.5, 47.0))
    said = (
        "The range is of what would come on average in such a time; luck makes the count of one "
        "time more or less, so its upper end can be above the 37 that came."
    )
    assert said in caveats(small)
    assert said in effect_table(small).html
    assert not any("luck" in one for one in caveats(make_effect()))
    assert "luck" not in effect_table(make_effect()).html


# ---------------------------------------------------------------- before the first review
def choices(make_effect, **settings):
    """An effect whose only check tells the answer under other choices."""
    row = ("other choices", "Does it hang on cuts?", "warn", "Under 2 other choices 2.0 to 3.4.")
    checks = pd.DataFrame([row], columns=["check", "question", "result", "detail"])
    return replace(make_effect(**settings), checks=checks)


@pytest.mark.parametrize("situation", ["watching", "watching-with-a-number"])
def test_checks_of_the_answer_wait_for_the_first_review(make_effect, standings, situation):
    effect, standing = standings[situation]
    checks = choices(make_effect).checks
    watched = replace(effect, checks=checks)
    assert "3.4" not in checks_table(watched, standing).html
    assert "too early" in checks_table(watched, standing).html
    assert not any("3.4" in one for one in caveats(watched, standing=standing))


def test_checks_of_the_answer_are_told_with_it(make_effect):
    assert "3.4" in checks_table(choices(make_effect)).html
    small = choices(make_effect, verdict="too small to tell")
    assert "3.4" not in checks_table(small).html
    assert "too small to tell" in checks_table(small).html
