"""The scorecard and the page for a possible partner, from the demo and from hostile cells."""

import re
from pathlib import Path

import numpy as np
import pytest

from partner_analysis.attribution.choosing import score_candidates, score_parts
from partner_analysis.cleaning.register.candidates import read_candidates
from partner_analysis.cleaning.register.clinics import read_clinics
from partner_analysis.practice import load_practice
from partner_analysis.reporting.choosing import (
    choosing_sentence,
    choosing_title,
    scorecard_table,
)
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.choosing import plot_candidates
from partner_analysis.reporting.pitch import NOT_SHAREABLE, make_pitch, pitch_page, write_pitches
from partner_analysis.small_tables import init_practice
from partner_analysis.tables import DataError, SettingsError

ROOT = Path(__file__).parents[2]
HEAD = (
    "candidate_id,name,kind,personas,clinics,values,trust,complementary,reach,willingness,"
    "benefit,we_give,they_give,shared_goals,provider\n"
)


@pytest.fixture(scope="module")
def demo():
    practice = load_practice(ROOT / "practice.toml")
    return practice, read_candidates(practice, read_clinics(practice))


@pytest.fixture
def write(tmp_path):
    """A practice whose candidates table has these lines."""
    settings = init_practice(tmp_path)

    def written(*lines, more=""):
        table = tmp_path / "data" / "raw" / "my-practice" / "candidates.csv"
        table.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
        settings.write_text(settings.read_text() + more)
        practice = load_practice(settings)
        return practice, read_candidates(practice, read_clinics(practice))

    return written


# ------------------------------------------------------------------ the table
def test_the_demo_has_five_candidates_with_gaps_and_one_provider(demo):
    _, table = demo
    assert len(table) == 5
    assert table["provider"].sum() == 1
    assert np.isnan(table.set_index("candidate_id").loc["stillwater-yoga", "trust"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("A Gym,A,gym,,,,,,,,,,,,no", "cannot name a page"),
        ("a,,gym,,,,,,,,,,,,no", "has no name"),
        ("a,A,gym,,,6,,,,,,,,,no", "has a values that is no score"),
        ("a,A,gym,,,,,,-1,,,,,,no", "has a reach that is no score"),
        ("a,A,gym,,,,=1+1,,,,,,,,no", "has a trust that is no score"),
        ("a,A,gym,,,nan,,,,,,,,,no", "has a values that is no score"),
        ("a,A,gym,,,,,,,,,,,,maybe", "neither yes nor no"),
    ],
)
def test_a_fault_is_told_by_its_line_and_not_repeated(write, line, message):
    with pytest.raises(DataError, match=message) as caught:
        write("good,Good,gym,,,,,,,,,,,,no", line)
    assert "line 3" in str(caught.value)
    assert "=1+1" not in str(caught.value)


def test_two_of_one_id_are_refused_and_who_is_not_said_counts_as_a_provider(write):
    with pytest.raises(DataError, match="repeat a candidate_id"):
        write("a,A,gym,,,,,,,,,,,,no", "a,B,gym,,,,,,,,,,,,no")
    _, table = write("a,A,gym,,,,,,,,,,,,")
    assert table["provider"].tolist() == [True]


def test_weights_come_from_the_settings(write):
    practice, _ = write(more="\n[scorecard]\ntrust = 3\nreach = 0.5\n")
    assert practice.scorecard.trust == 3
    assert practice.scorecard.values == 1
    with pytest.raises(SettingsError, match="trsut"):
        write(more="trsut = 3\n")


@pytest.mark.parametrize(
    "weights", ["trust = -1", "trust = inf", "values = 0\ntrust = 0\ncomplementary = 0"]
)
def test_weights_that_make_no_sense_are_refused(write, weights):
    with pytest.raises(SettingsError, match="scorecard"):
        write(more=f"\n[scorecard]\n{weights}\n")


# ------------------------------------------------------------------ words, table, figure
def scored_of(practice, table):
    return score_candidates(table, weights=practice.scorecard.model_dump())


def test_title_sentence_and_figure_say_the_same(demo):
    practice, table = demo
    scored = scored_of(practice, table)
    figure = plot_candidates(scored, score_parts(table, weights=practice.scorecard.model_dump()))
    assert figure.title == choosing_title(scored)
    assert alt_text(figure) == choosing_sentence(scored)
    assert "trust of Stillwater Yoga" in choosing_sentence(scored)
    assert len(picture(figure)) < 60_000
    html = scorecard_table(scored).html
    assert "not ranked" in html
    assert "2.4 to 4.4" in html


def test_one_that_is_ahead_of_all_is_named_and_so_is_a_tie(write):
    practice, table = write("a,A,gym,,,5,5,5,5,5,,,,,no", "b,B,gym,,,1,1,1,1,,,,,,no")
    assert choosing_title(scored_of(practice, table)).startswith("A scores highest, whatever")
    practice, table = write("a,A,gym,,,5,5,5,5,5,,,,,no", "b,B,gym,,,5,5,5,5,5,,,,,no")
    scored = scored_of(practice, table)
    assert "cannot be told" in choosing_title(scored)
    assert "equal" in choosing_sentence(scored)
    practice, table = write("a,A,gym,,,,,,,,,,,,yes")
    assert choosing_title(scored_of(practice, table)) == "There is no candidate to rank"


def test_a_name_of_markup_is_escaped_everywhere(write):
    odd = "<script>alert(1)</script>"
    practice, table = write(f'odd,"{odd}","{odd}",,,1,1,1,1,1,"{odd}","{odd}","{odd}","{odd}",no')
    scored = scored_of(practice, table)
    page = pitch_page(make_pitch(table.iloc[0], practice_name="P"), practice)
    for html in (scorecard_table(scored).html, page):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


# ------------------------------------------------------------------ the page that may be passed on
def words_of(page):
    body = page[page.index("<main") :]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_every_page_says_what_each_side_gives_and_gets_and_holds_nothing_forbidden(demo):
    practice, table = demo
    for row in table.to_dict("records"):
        page = pitch_page(
            make_pitch(row, practice_name=practice.name, smallest_change=25), practice
        )
        words = words_of(page)
        for text in ("shared_goals", "we_give", "they_give", "benefit"):
            assert row[text][1:] in words.replace("&#39;", "'")
        assert "not a basis for payment" in words
        assert "3, 6 and 12 months" in words
        assert "Internal" not in words
        assert "May be passed on" in words
        for pattern in NOT_SHAREABLE.values():
            assert not re.search(pattern, words, re.IGNORECASE)
        assert not re.search(r"20\d\d-\d\d|score|rank", words.partition("Made with")[0])
        for clinic in row["clinics"]:
            assert clinic not in words.replace(row["name"], "")


def test_how_many_come_is_no_measure_for_a_provider(demo):
    practice, table = demo
    for row in table.to_dict("records"):
        pitch = make_pitch(row, practice_name=practice.name, smallest_change=25)
        words = " ".join(line for _, lines in pitch.sections for line in lines)
        assert ("Who or what brought you" in words) != row["provider"]
        assert ("25 percent" in words) != row["provider"]
        assert ("decides nothing" in words) == row["provider"]


@pytest.mark.parametrize(
    "text",
    ["$50 for each new member", "a bonus for the front desk", "20 dollars per referral",
     "they sent us 7 patients", "five new patients a month", "call 555-0134", "a@b.org",
     "something for every patient sent", "a percentage of revenue"],
)  # fmt: skip
@pytest.mark.parametrize("column", ["benefit", "we_give", "they_give", "shared_goals", "name"])
def test_money_counts_and_addresses_keep_a_page_from_being_made(demo, text, column):
    row = demo[1].iloc[0].to_dict() | {column: text}
    with pytest.raises(DataError, match=f"{column} of bay-cyclery holds") as caught:
        make_pitch(row, practice_name="P")
    assert text not in str(caught.value)


def test_pages_are_written_all_or_none_and_what_is_not_said_is_open(write):
    practice, table = write("a,A,gym,,,,,,,,,,,,no", "b,B,gym,,,,,,,,$5,,,,no")
    with pytest.raises(DataError, match="benefit of b"):
        write_pitches(practice, table)
    assert not (practice.folder / "reports").exists()
    [path] = write_pitches(practice, table.iloc[:1])
    assert path.name == "a.html"
    assert "to be talked about" in path.read_text(encoding="utf-8")
