"""Words and figures of the validation say what was found, misses and gaps included."""

import numpy as np
import pandas as pd
import pytest

from partner_analysis.attribution.published.compare import published_results
from partner_analysis.reporting.figures import alt_text
from partner_analysis.reporting.figures.validation import plot_planted, plot_published
from partner_analysis.reporting.validation import (
    PLANTED_COLUMNS,
    planted_alt,
    planted_effects,
    planted_sentence,
    planted_title,
    published_sentence,
    published_table,
    published_title,
)
from partner_analysis.simulate.planted import planted_practices
from partner_analysis.tables import InputError


def found(practices=40, *, missed=0, silent=0):
    """Practices of which the first ones are missed or have no number; every other is a null."""
    number = np.arange(practices)
    planted = np.where(number % 2, 25.0, 0.0)
    estimate = planted + np.where(number < missed, 40.0, 1.0)
    has_number = number >= practices - silent
    table = pd.DataFrame(
        {
            "practice": number + 1,
            "clinics": 3,
            "planted": planted,
            "estimate": np.where(has_number, np.nan, estimate),
            "low": np.where(has_number, np.nan, estimate - 10),
            "high": np.where(has_number, np.nan, estimate + 10),
            "holds": (number >= missed) & ~has_number,
            "verdict": np.where(estimate > 10, "more", "no clear change"),
        }
    )
    return table.astype(PLANTED_COLUMNS)


def results(**status):
    """Published numbers with statuses as given, one for each."""
    rows = [
        {
            "study": "Somebody's study",
            "quantity": f"number {place}",
            "published": 1.0,
            "found": np.nan if said == "not here" else 1.0 + place / 10,
            "difference": np.nan if said == "not here" else place / 10,
            "tolerance": 1.0,
            "status": said,
            "note": "study.csv is needed" if said == "not here" else "",
            "source": "Somebody (2001)",
        }
        for place, said in enumerate(status.values())
    ]
    return pd.DataFrame(rows)


# Planted effects


def test_the_title_counts_the_intervals_that_hold():
    assert planted_title(found()) == "40 of 40 intervals hold what was planted"
    assert planted_title(found(missed=3)) == "37 of 40 intervals hold what was planted"


def test_one_interval_holds_and_two_hold():
    planted = found()
    assert planted_title(planted[:1]) == "1 of 1 interval holds what was planted"
    assert planted_title(planted[:2]) == "2 of 2 intervals hold what was planted"


def test_practices_without_a_number_are_never_counted_as_held():
    title = planted_title(found(silent=2))
    assert title == "38 of 38 intervals hold what was planted; 2 practices got no number"


def test_findings_where_nothing_was_planted_are_told_apart():
    sentence = planted_sentence(found(missed=1))
    assert "Of 20 made-up partnerships that did nothing, 1 was called more or fewer" in sentence
    assert "of 20 that did something, 20 were." in sentence


def test_luck_is_told_from_a_fault():
    assert "hold 35 to 40 of 40 in nearly every draw" in planted_sentence(found(missed=5))
    assert "too few for luck" not in planted_sentence(found(missed=5))
    assert "That is too few for luck" in planted_sentence(found(missed=6))


def test_every_miss_is_in_the_words_for_those_who_cannot_see():
    assert "Misses, in percent: 0 planted, 40 (30 to 50) found." in planted_alt(found(missed=1))
    assert "Misses" not in planted_alt(found())


def test_the_figure_carries_title_and_words_and_draws_every_interval():
    planted = found(missed=2, silent=3)
    figure = plot_planted(planted)
    assert (figure.title, alt_text(figure)) == (planted_title(planted), planted_alt(planted))
    lines = [c for c in figure.axes[0].collections if c.get_label() != "_nolegend_"]
    drawn = sum(len(collection.get_segments()) for collection in lines)
    assert drawn == 2 * 37  # an interval and a dash each
    assert plot_planted(found(2, silent=2)).is_blank


def test_planted_effects_are_estimated_by_the_library_and_told_in_percent():
    planted = planted_effects(2)
    assert planted.dtypes.astype(str).to_dict() == PLANTED_COLUMNS
    assert planted["planted"].iloc[0] == 0
    assert planted["planted"].iloc[1] != 0
    inside = planted["planted"].between(planted["low"], planted["high"])
    assert inside.tolist() == planted["holds"].tolist()
    with pytest.raises(InputError, match="Give 1 or more"):
        planted_effects(0)


# The made-up practices


def test_the_same_seed_gives_the_same_practices_and_more_of_them_change_none():
    few, more = list(planted_practices(2, seed=7)), list(planted_practices(3, seed=7))
    for one, other in zip(few, more, strict=False):
        pd.testing.assert_frame_equal(one.counts, other.counts)
        assert one.total == other.total
    [another] = planted_practices(1, seed=8)
    assert not another.counts["new_patients"].equals(few[0].counts["new_patients"])


def test_what_came_is_what_was_to_be_expected_and_what_was_planted():
    came = expected = 0.0
    for practice in planted_practices(32):
        it = practice.partnerships.iloc[0]
        counts = practice.counts
        active = (counts["period"] >= it["start_date"]) & counts["clinic"].isin(it["clinics"])
        if it["personas"]:
            active &= counts["persona"].isin(it["personas"])
        came += counts.loc[active, "new_patients"].sum()
        expected += practice.without + practice.total
    assert came == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_every_other_practice_has_no_effect_at_all():
    totals = [practice.total for practice in planted_practices(8)]
    assert totals[::2] == [0.0] * 4
    assert all(totals[1::2])


# Published numbers


def test_the_title_says_how_many_agree():
    assert published_title(results(a="reproduced", b="close")) == (
        "All 2 published numbers that were compared agree"
    )
    assert published_title(results(a="reproduced", b="different")) == (
        "1 of 2 published numbers that were compared agrees"
    )
    one_agrees = published_title(results(a="reproduced", b="different", c="different"))
    assert one_agrees == "1 of 3 published numbers that were compared agrees"
    assert published_title(results(a="different")) == (
        "The one published number that was compared differs"
    )
    assert published_title(results(a="not here")) == "No published number could be compared"


def test_the_sentence_accounts_for_every_number():
    sentence = published_sentence(results(a="reproduced", b="different", c="not here"))
    assert sentence.endswith(
        "Of 3 in all: 1 to the digits published, 1 not and 1 with data that are not here "
        "(study.csv)."
    )


def test_a_number_that_differs_is_drawn_as_such():
    axes = plot_published(results(a="reproduced", b="different")).axes[0]
    shapes = [line.get_marker() for line in axes.lines if line.get_marker() in "oD"]
    assert sorted(shapes) == ["D", "o"]
    assert plot_published(results(a="not here")).is_blank


def test_the_table_has_every_study_and_puts_an_interval_into_one_row():
    numbers = published_results()
    table = published_table(numbers)
    for study in numbers["study"].unique():
        assert study.split(",")[0].split("'")[0] in table.html
    assert "0.8944 (0.8647 to 0.9251)" in table.html
    assert "low end" not in table.html
    assert "nan" not in table.plain.lower().replace("finan", "")
