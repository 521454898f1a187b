"""Care and gaps in words and pictures: findings first, intervals with numbers, no cause claimed."""

import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from partner_analysis.reporting.areas import areas_sentence, areas_table
from partner_analysis.reporting.care import (
    NOT_WHY,
    care_sentence,
    care_table,
    care_title,
    kinds_sentence,
    kinds_table,
)
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.care import plot_care
from partner_analysis.reporting.figures.gaps import plot_gaps
from partner_analysis.reporting.gaps import (
    NOT_PROOF,
    gap_reason,
    gaps_sentence,
    gaps_table,
    gaps_title,
)
from partner_analysis.reporting.tiers import tiers_title

CAUSE = re.compile(r"\b(because|caus\w*|effects?|impact\w*|thanks|led to|due to|improved care)\b")
UNKNOWN = np.nan


def row_of_care(measure: str, unit: str, difference: float, low: float, high: float, clear: bool):
    return {
        "measure": measure, "unit": unit, "partner": 4.0, "others": 4.0 - difference,
        "difference": difference, "low": low, "high": high, "is_clear": clear, "n_partner": 41,
        "n_others": 230, "of_partner": 52, "standardised_over": "clinic, persona", "level": 0.95,
        "note": "too few to compare" if np.isnan(difference) else "",
    }  # fmt: skip


@pytest.fixture
def care() -> pd.DataFrame:
    rows = [
        row_of_care("days to first visit", "days", -2.14, -3.8, -0.4, True),
        row_of_care("came to a first visit", "%", 0.05, -0.02, 0.12, False),
        row_of_care("outcome change", "points", UNKNOWN, UNKNOWN, UNKNOWN, False),
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def gaps() -> pd.DataFrame:
    row = {
        "clinic": "Lakeview", "persona": "runner", "partners": (), "kinds": (), "a_month": 6.0,
        "last_year": 72, "year_before": 55, "growth": 0.3, "low": 0.08, "high": 0.55,
        "is_growing": True, "worked": ("employer",), "worked_at": ("Dockside, Warwick",),
        "worked_by": ("1",), "first_place": 1.0, "last_place": 2.0,
        "elsewhere": (), "elsewhere_at": (), "growing_part": 1.0, "missing_part": 0.3,
        "of_usual": 0.5, "of_usual_low": 0.3, "of_usual_high": 0.7,
        "worked_part": 1.0, "need": 2.3, "rank": 1.0, "note": "", "level": 0.95,
    }  # fmt: skip
    covered = {**row, "clinic": "Dockside", "partners": ("Shop",), "rank": UNKNOWN, "need": 0.0,
               "is_growing": False}  # fmt: skip
    untold = {**row, "clinic": "Hillcrest", "growth": UNKNOWN, "low": UNKNOWN, "high": UNKNOWN,
              "is_growing": False, "of_usual": 1.1, "of_usual_high": 1.4, "rank": 2.0,
              "worked": (), "worked_at": (), "worked_by": (),
              "note": "cannot tell: fewer than 20 patients in two years"}  # fmt: skip
    return pd.DataFrame([row, untold, covered])


def test_the_finding_comes_with_its_interval_and_numbers_and_no_cause(care: pd.DataFrame) -> None:
    said = care_sentence(care, "Gym")
    assert said[0] == (
        "Patients who named Gym typically waited 2.1 days less than similar others "
        "(95% interval 0.4 to 3.8; 41 beside 230 patients)."
    )
    assert care_title(care, "Gym") in said[0]
    assert NOT_WHY in " ".join(said)
    table = care_table(care, "Gym")
    for words in (*said, table.plain, alt_text(plot_care(care, "Gym"))):
        assert not CAUSE.search(words)
    assert "41 of 52 beside 230" in table.plain
    assert "5% (\N{MINUS SIGN}2% to 12%)" in table.plain
    assert "too few to compare" in table.plain


@pytest.mark.parametrize(
    ("measure", "unit", "difference", "words"),
    [
        ("days to first visit", "days", 2.0, "typically waited 2.0 days more"),
        ("seen on the day of the referral", "%", 0.1,
         "were seen on the day of the referral 10 in 100 more of them"),
        ("completed the plan of care", "%", -0.1,
         "completed their plan of care 10 in 100 fewer of them"),
        ("visits per episode", "visits", -1.5, "had 1.5 fewer visits"),
        ("outcome change", "points", 3.0, "improved by 3.0 points more"),
        ("would recommend us (0 to 10)", "points", -0.6, "recommend us by 0.6 points less"),
    ],
)  # fmt: skip
def test_each_measure_is_said_in_its_own_words(measure, unit, difference, words) -> None:
    ends = (difference - 0.01, difference + 0.01)
    table = pd.DataFrame([row_of_care(measure, unit, difference, *ends, True)])
    assert words in care_title(table, "Gym")


def test_a_difference_that_would_be_clear_alone_is_said_to_be_chance(care: pd.DataFrame) -> None:
    alone = care.assign(low=[-3.8, 0.01, UNKNOWN])
    assert care_sentence(alone, "Gym")[2] == (
        "Looked at alone, this would differ: came to a first visit, 5% (1% to 12%), in brackets "
        "the 95% interval. Among 2 measures that can be chance."
    )


def test_one_measure_is_not_called_all_of_them(care: pd.DataFrame) -> None:
    one = care.iloc[:1].assign(is_clear=False)
    assert care_sentence(one, "Gym")[0].startswith("In the one measure that could be compared")


def test_where_nothing_is_known_it_is_said_and_nothing_is_drawn(care: pd.DataFrame) -> None:
    none = care.assign(difference=UNKNOWN, low=UNKNOWN, high=UNKNOWN, is_clear=False)
    assert "look again when more have come" in care_sentence(none, "Gym")
    assert plot_care(none, "Gym").is_blank
    assert care_sentence(None, "Gym")
    assert care_table(None, "Gym").html == kinds_table(None, "Gym").html == ""
    assert kinds_sentence(None, "Gym") == ""
    assert plot_care(None, "Gym").is_blank
    quiet = care.assign(is_clear=False)
    assert care_title(quiet, "Gym") == "No clear difference in care for patients who named Gym"


def test_kinds_are_counted_beside_the_others() -> None:
    row = {
        "kind": "intended personas", "group": "runner", "named": 30, "of_named": 40, "others": 100,
        "of_others": 400, "share_named": 0.75, "share_others": 0.25, "difference": 0.5,
        "low": 0.35, "high": 0.62, "note": "", "level": 0.95,
    }  # fmt: skip
    area = {**row, "kind": "ZIP3", "group": "028"}
    kinds = pd.DataFrame([row, area])
    said = " ".join(kinds_sentence(kinds, "Gym"))
    assert "Of 40 patients who named Gym, 30 are of the kind it is meant to reach (runner)" in said
    assert "75% beside 25% of the others (difference 50%, 95% interval 35% to 62%)" in said
    assert "live in 028" in said
    assert not CAUSE.search(said)
    assert "30 of 40 beside 100 of 400" in kinds_table(kinds, "Gym").plain


def test_a_gap_says_its_reasons(gaps: pd.DataFrame) -> None:
    first = next(gaps.itertuples())
    assert gap_reason(first) == (
        "runner at Lakeview: no partner, 6.0 new patients a month, 50% of the usual for its size "
        "(30% to 70%), growing 30% a year (95% interval 8% to 55%); one employer, at 2 clinics, "
        "worked (Dockside and Warwick)"
    )
    said = gaps_sentence(gaps)
    assert said[0] == "Growing without a partner: runner at Lakeview."
    assert said[-1] == NOT_PROOF
    assert "cannot be told" in " ".join(said)
    table = gaps_table(gaps).plain
    assert "Dockside" not in table.replace("Dockside and Warwick", "")
    assert "cannot tell: fewer than 20" in table
    assert table.count("1 to 2") == 2, "equal need shares a place"


def test_where_nobody_grows_a_place_to_begin_is_said(gaps: pd.DataFrame) -> None:
    said = gaps_sentence(gaps.assign(is_growing=False))
    assert said[0] == (
        "None of 2 groups of patients without a partner is clearly growing. A place to begin is "
        "runner at Lakeview, since one employer, at 2 clinics, worked (Dockside and Warwick); "
        "whether such a partner would work there is open."
    )


def test_who_was_sent_by_a_physician_is_the_title_of_both_tiers() -> None:
    tiers = pd.DataFrame({"tier": ["sent", "not", "unknown"], "named": [17, 31, 43], "others": 9})
    assert tiers_title(tiers, "Gym") == "17 of 91 who named Gym were sent by a physician"
    one = tiers_title(tiers.assign(named=[1, 31, 43]), "Gym")
    assert one == "1 of 75 who named Gym was sent by a physician"


def test_where_nobody_came_before_only_a_low_end_is_said(gaps: pd.DataFrame) -> None:
    new = gaps.assign(growth=np.inf, low=3.0, high=np.inf)
    first = next(new.itertuples())
    assert "nobody came the year before (growth: 95% interval 300% or more)" in gap_reason(first)
    assert "300% or more" in gaps_table(new).plain


def test_what_cannot_be_told_is_no_finding(gaps: pd.DataFrame) -> None:
    untold = gaps.assign(growth=UNKNOWN, low=UNKNOWN, high=UNKNOWN, is_growing=False)
    assert (
        gaps_title(untold)
        == "Who is growing cannot be told yet (2 kinds of patient have no partner)"
    )
    one = untold.loc[untold["rank"].notna()].head(1)
    assert gaps_title(one).endswith("(1 kind of patient has no partner)")


def test_the_map_is_small_says_the_finding_and_marks_partners(gaps: pd.DataFrame) -> None:
    figure = plot_gaps(gaps)
    assert figure.title == gaps_title(gaps)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("6.0") == 2
    assert "6.0 \u25b2" in words
    assert len(figure.axes[0].lines) == 1
    file = picture(figure)
    assert Image.open(io.BytesIO(file)).format == "PNG"
    assert len(file) < 60_000
    assert plot_gaps(gaps.iloc[:0]).is_blank


def test_names_of_any_length_are_drawn(gaps: pd.DataFrame, care: pd.DataFrame) -> None:
    long = gaps.assign(clinic=[f"{'W' * 90}{n}" for n in range(3)], persona="日本 $x$")
    assert picture(plot_gaps(long))
    assert picture(plot_care(care, "W" * 300))


def test_areas_are_thin_only_where_people_are_known() -> None:
    row = {
        "clinic": "A", "zip3": "029", "name": "", "new_patients": 12, "neighbours": ("028", "030"),
        "of_neighbours": 115, "ratio": 0.21, "low": 0.12, "high": 0.38, "level": 0.95,
        "finding": "fewer than its neighbours; how many live there is not known",
    }  # fmt: skip
    hidden = {**row, "zip3": "000", "new_patients": 7, "finding": "not an area", "low": UNKNOWN}
    areas = pd.DataFrame([row, hidden])
    said = areas_sentence(areas)
    assert "029 to A (12 in a year, 0.21 times its neighbours' average, 95% interval" in said
    assert "0.12 to 0.38)" in said
    assert "does not make them thin" in said
    assert "7 new patients live in an area" in said
    assert "0.21 (0.12 to 0.38)" in areas_table(areas).plain
    assert "ZIP column" in areas_sentence(areas.iloc[1:])
    assert areas_table(areas.iloc[1:]).html == areas_table(None).html == ""
