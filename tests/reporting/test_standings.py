"""What is declared of a partnership, in golden sentences, and the picture shown under it."""

import re
from pathlib import Path

import pandas as pd
import pytest

from partner_analysis.attribution.reviews.held import Standing
from partner_analysis.reporting.caveats import caveats
from partner_analysis.reporting.changes import reviews_held
from partner_analysis.reporting.figures import alt_text, plot_effect, plot_portfolio
from partner_analysis.reporting.overview import portfolio_rows, portfolio_sentence, portfolio_title
from partner_analysis.reporting.side_by_side import portfolio_table, reviews_table
from partner_analysis.reporting.standings import (
    first_review_sentence,
    numbers_title,
    picture_sentence,
    rate_sentence,
    review_words,
    reviewed_text,
    standing_alt,
    standing_sentence,
    standing_title,
)
from partner_analysis.reporting.wording import effect_sentence, effect_title

GOLDEN = Path(__file__).parent / "golden" / "standings"
SITUATIONS = sorted(path.stem for path in GOLDEN.glob("*.txt"))
FORBIDDEN = re.compile(r"significan|confirm|proven|impact|nan\b|inf\b|NaT", re.I)
NAMES = {"bayside-pilates": "Bayside Pilates"}


def all_words(effect, standing) -> str:
    """Everything that a report says about one standing, one line each."""
    lines = [
        standing_title(effect, standing),
        standing_sentence(effect, standing, names=NAMES),
        picture_sentence(effect, standing),
        review_words(effect, standing),
        reviewed_text(standing),
        numbers_title(effect, standing),
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_each_standing_reads_as_agreed(standings, situation):
    assert all_words(*standings[situation]) == (GOLDEN / f"{situation}.txt").read_text("utf-8")


def test_every_situation_has_a_golden_text(standings):
    assert set(SITUATIONS) == set(standings)


def test_no_text_claims_too_much(standings):
    for situation, (effect, standing) in standings.items():
        assert not FORBIDDEN.search(all_words(effect, standing)), situation


def test_nothing_is_declared_before_the_first_review(standings):
    """Not even where the counts so far would by themselves say "more"."""
    effect, standing = standings["watching-with-a-number"]
    for words in (standing_title(effect, standing), standing_sentence(effect, standing)):
        assert words.startswith("Watching")
        assert "than expected" not in words
    assert "a picture, not a finding" in picture_sentence(effect, standing)


def test_a_standing_does_not_change_between_reviews(make_effect, standings):
    """Whatever later counts say, what is declared stays word for word."""
    _, standing = standings["picture-says-more"]
    said = {
        standing_sentence(make_effect(verdict=verdict, total=total), standing)
        for verdict, total in (("more", (9.5, 64.5)), ("no clear change", (-24.0, 60.0)))
    }
    assert len(said) == 1


def test_without_a_standing_the_verdict_speaks(effects):
    effect = effects["register-fault"]
    assert standing_title(effect) == effect_title(effect)
    assert standing_sentence(effect) == effect_sentence(effect)
    assert picture_sentence(effect, None) == review_words(effect, None) == ""
    assert first_review_sentence(None) == ""
    assert reviewed_text(None) == "not reviewed"


def test_the_picture_is_titled_with_what_is_declared(standings):
    for effect, standing in standings.values():
        figure = plot_effect(effect, standing)
        assert figure.title == standing_title(effect, standing)
        assert alt_text(figure) == standing_alt(effect, standing)
        assert figure.subtitle.endswith(review_words(effect, standing))


def test_the_last_review_is_marked_where_later_counts_are_shown(standings):
    def words(situation: str) -> set[str]:
        axes = plot_effect(*standings[situation]).axes[0]
        return {text.get_text() for text in axes.texts}

    assert "last review" in words("picture-says-more")
    assert "last review" not in words("a-single-look-says-more")
    assert "last review" not in words("watching")


def test_the_portfolio_goes_by_standing_and_not_by_todays_verdict(make_effect, standings):
    effects = {
        "a": make_effect(name="Anchor Gym"),
        "b": make_effect(name="Bay Club", verdict="no clear change", total=(-24.0, 60.0)),
        "c": make_effect(name="Cove Pilates", verdict="too early", post=9),
    }
    declared: dict[str, Standing] = {
        "a": standings["picture-says-more"][1],
        "b": standings["picture-says-less"][1],
        "c": standings["watching"][1],
    }
    assert portfolio_title(effects, standings=declared).startswith("1 of 3 partnerships shows")
    assert portfolio_sentence(effects, standings=declared) == (
        "More new patients than expected: Bay Club. No clear change: Anchor Gym. Watching until "
        "the first review: Cove Pilates. Of partnerships that changed nothing, about 1 in 20 "
        "would still be called more or fewer at one of their reviews, by luck."
    )
    rows = [row.name for row in portfolio_rows(effects, standings=declared)]
    assert rows == ["Bay Club", "Anchor Gym", "Cove Pilates"]
    table = portfolio_table(effects, standings=declared).plain
    assert "first on 21 October 2024" in table
    assert alt_text(plot_portfolio(effects, standings=declared)) == portfolio_sentence(
        effects, standings=declared
    )


def test_the_number_of_a_card_has_its_interval(effects):
    assert rate_sentence(effects["more"]) == (
        "So far, to 13 July 2025: 3.1 more new patients a month than expected (95% interval 0.8 to "
        "5.4)."
    )
    assert "fewer to" in rate_sentence(effects["no-clear-change"])
    assert rate_sentence(effects["too-early"]) == ""


def test_each_review_held_is_listed_with_its_level(standings):
    table = reviews_table(standings["first-finding"][1])
    assert "2 reviews have been held" in table.html
    assert "20 January 2025" in table.html
    assert "98.2%" in table.html
    assert "37 (5 to 70)" in table.html
    assert "The next is of 13 July 2026." in table.html
    assert reviews_table(standings["watching"][1]).html == ""
    assert reviews_table(None).html == ""


def test_a_review_that_changes_nothing_is_told_all_the_same(standings):
    _, standing = standings["too-small"]
    told = reviews_held(
        {"a": standing},
        {"a": "too small to tell"},
        {"a": "Harbor Run Shop"},
        after=pd.Timestamp("2025-06-30"),
    )
    assert told == [
        "Reviewed since the last report, with the same standing: Harbor Run Shop (too small to "
        "tell)."
    ]
    assert not reviews_held({"a": standing}, {}, {}, after=pd.Timestamp("2025-07-14"))


def test_the_price_of_reviews_is_said_once(effects, standings):
    _, standing = standings["first-finding"]
    said = caveats(effects["more"], standing=standing)
    assert sum("reviewed 3, 6 and 12 months" in one for one in said) == 1
    assert "in about 5 cases of 100" in said[-1]
    assert not any("reviewed 3, 6" in one for one in caveats(effects["more"]))
