"""Figures say what the sentences say, whatever the name and however odd the numbers."""

import ast
import io
import math
import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from partner_analysis.reporting.figures import (
    alt_text,
    canvas,
    picture,
    plot_completeness,
    plot_counts,
    plot_effect,
    plot_named,
    plot_placebos,
    plot_portfolio,
    plot_row_account,
)
from partner_analysis.reporting.figures.canvas import VERMILION, open_figure, spread, write_row
from partner_analysis.reporting.figures.letters import POINTS, drawable, fitted, text_width
from partner_analysis.reporting.figures.lines import gather
from partner_analysis.reporting.figures.moved import plot_moved
from partner_analysis.reporting.figures.pixels import OWN, STEP, in_few_colours
from partner_analysis.reporting.figures.sheets import drawn
from partner_analysis.reporting.overview import portfolio_rows
from partner_analysis.reporting.phrases import CHANGES, has_ended, stops_early
from partner_analysis.reporting.placebos import placebo_counts, placebo_groups, placebo_title
from partner_analysis.reporting.timing import timing_sentences
from partner_analysis.reporting.wording import (
    effect_alt,
    effect_title,
    named_sentence,
    portfolio_sentence,
)

ODD_NAMES = [
    "<script>alert(1)</script>",
    "$100 club",
    r"$\frac{1}",
    "日本 🏃",
    "W" * 300,
    "",
    "a\nb",
]


def texts(figure: Figure) -> list[str]:
    """All words on a figure."""
    return [text.get_text() for text in figure.findobj(mpl.text.Text) if text.get_text()]


@pytest.fixture
def counts() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    weeks = pd.date_range("2023-01-02", periods=120, freq="7D")
    cells = pd.MultiIndex.from_product([weeks, ["a", "b"]], names=["period", "clinic"])
    return cells.to_frame(index=False).assign(new_patients=rng.poisson(4.0, 240).astype(float))


@pytest.fixture
def partnerships() -> pd.DataFrame:
    starts = pd.date_range("2023-03-06", periods=9, freq="11W")
    names = [*ODD_NAMES[:5], "Gym", "Club", "Shop", "Center"]
    return pd.DataFrame({"name": names, "start_date": starts})


@pytest.mark.parametrize("draw", [plot_effect, plot_named, plot_placebos])
def test_every_situation_can_be_drawn_as_a_small_picture(effects, draw):
    for situation, effect in effects.items():
        figure = draw(effect)
        file = picture(figure)
        assert Image.open(io.BytesIO(file)).format == "PNG"
        assert len(file) < 60_000, situation
        assert len(figure.axes) == 1
        assert figure.axes[0].get_legend() is None


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_is_drawn_as_it_is_and_without_a_warning(make_effect, name):
    effect = make_effect(name=name)
    for figure in (plot_effect(effect), plot_placebos(effect), plot_portfolio({"a": effect})):
        assert picture(figure)
        assert not any(text.get_parse_math() for text in figure.findobj(mpl.text.Text))


def test_title_and_alternative_text_are_the_sentences(effects):
    effect = effects["no-clear-change"]
    assert plot_effect(effect).title == effect_title(effect)
    assert alt_text(plot_effect(effect)) == effect_alt(effect)
    assert alt_text(plot_named(effect)) == named_sentence(effect)
    assert alt_text(plot_portfolio(effects)) == portfolio_sentence(effects)


def test_the_effect_is_drawn_from_zero_with_band_labels_and_start(effects):
    axes = plot_effect(effects["more"]).axes[0]
    assert axes.get_ylim()[0] == 0
    assert all(float(tick).is_integer() for tick in axes.get_yticks())
    assert {band.get_alpha() for band in axes.collections} == {0.18}
    assert {"observed", "expected", "partnership starts"} <= set(texts(axes.figure))


def test_an_ended_partnership_shows_its_end(effects):
    assert "ends" in texts(plot_effect(effects["ended-more"]))
    assert "ends" not in texts(plot_effect(effects["more"]))


def test_one_that_others_hide_has_not_ended(effects, make_effect):
    hidden = make_effect(after=26, end_day=pd.NaT)
    assert not has_ended(hidden) and stops_early(hidden)
    assert "not judged" in texts(plot_effect(hidden)) and "ends" not in texts(plot_effect(hidden))
    assert "later counts cannot be used for it" in " ".join(timing_sentences(hidden, None, {}))
    assert has_ended(effects["ended-more"]) and not stops_early(effects["ended-more"])


def test_without_a_number_nothing_expected_is_drawn(effects):
    assert "expected" not in texts(plot_effect(effects["data-not-fit"]))


def test_four_week_means_never_mix_before_and_after(effects):
    periods = effects["ended-more"].periods
    means, size = gather(periods, columns=["observed"])
    active = periods.loc[periods["active"]]
    inside = means[means["run"] == 1]
    assert size == 4
    assert inside["observed"].mean() == pytest.approx(active["observed"].mean())
    assert inside["middle"].between(active["period"].min(), active["period"].max()).all()


def test_the_picture_of_the_placebos_shows_what_its_title_counts(effects):
    effect = effects["fewer"]
    groups = placebo_groups(effect)
    as_much, clinics = placebo_counts(effect)
    dots = {
        tuple(dots.get_facecolor()[0][:3]): len(dots.get_offsets())
        for dots in plot_placebos(effect).axes[0].collections
    }
    assert sorted(dots.values()) == sorted([as_much, clinics - as_much])
    drawn = np.concatenate(
        [c.get_offsets()[:, 0] for c in plot_placebos(effect).axes[0].collections]
    )
    assert sorted(drawn) == pytest.approx(sorted(groups.loc[~groups["is_ours"], "score"]))
    assert placebo_title(effect).startswith(f"{as_much} of {clinics}")


@pytest.mark.parametrize("situation", ["too-early", "too-small"])
def test_no_placebo_is_drawn_where_there_is_no_answer(effects, situation):
    assert plot_placebos(effects[situation]).is_blank


def test_dots_side_by_side_hide_one_another_nowhere(make_effect):
    effect = make_effect(groups=60)
    figure = plot_placebos(effect)
    picture(figure)
    axes = figure.axes[0]
    places = np.concatenate([axes.transData.transform(c.get_offsets()) for c in axes.collections])
    steps = np.linalg.norm(places[:, None] - places[None], axis=2) * 72 / figure.dpi
    np.fill_diagonal(steps, np.inf)
    assert steps.min() > 10


def test_providers_are_listed_apart_by_name_and_never_ranked(make_effect):
    few = {"observed": 320.0, "verdict": "no clear change", "total": (-24.0, 60.0)}
    effects = {
        "a": make_effect(name="Adams, MD", **few),
        "b": make_effect(name="Zed Orthopedics"),
        "c": make_effect(name="Gym", **few),
        "d": make_effect(name="Run Shop"),
        "e": make_effect(name="Club", verdict="too early", post=9, observed=60.0, expected=52.0),
    }
    rows = portfolio_rows(effects, providers={"a", "b"})
    assert [row if isinstance(row, str) else row.name for row in rows] == [
        "Run Shop",
        "Gym",
        "Club",
        "Providers, by name:",
        "Adams, MD",
        "Zed Orthopedics",
    ]


def test_a_verdict_without_a_number_has_words_in_its_place(effects):
    shown = {"more": effects["more"], "too-early": effects["too-early"]}
    words = texts(plot_portfolio(shown))
    assert "too early" in words
    assert "3.1 (0.8 to 5.4)" in words
    assert not any(word.startswith("4.") for word in words)


def test_an_interval_is_never_cut(make_effect):
    wide = make_effect(observed=123_456.0, expected=120_000.0, total=(-1234.0, 8765.0))
    words = " ".join(texts(plot_portfolio({"a": wide})))
    assert "289 (\u2212103 to 733)" in words


def test_practice_figures_draw_and_say_their_finding(counts, partnerships):
    until = counts["period"].max() - pd.Timedelta(days=5)
    account = pd.DataFrame(
        {
            "file": ["a"],
            "raw_rows": [100],
            "used": [90],
            "rejected": [6],
            "totals_and_headers": [3],
            "superseded": [1],
        }
    )
    for figure, words in (
        (plot_counts(counts, partnerships), "new patients in a usual week"),
        (plot_row_account(account), "90 of 100 rows were used"),
        (plot_completeness(counts, complete_until=until), "2 later weeks are left out"),
    ):
        assert words in figure.title
        assert len(picture(figure)) < 60_000
        assert alt_text(figure).endswith(".")


def test_empty_tables_are_drawn_as_words(counts, partnerships):
    none = counts.head(0)
    assert "There is nothing to draw." in texts(plot_counts(none, partnerships))
    day = pd.Timestamp("2025-01-01")
    assert "There is nothing to draw." in texts(plot_completeness(none, complete_until=day))
    assert "There is no partnership to draw." in texts(plot_portfolio({}))


def test_one_period_and_monthly_periods_are_drawn(counts, partnerships):
    assert picture(plot_counts(counts.head(2), partnerships))
    months = pd.date_range("2022-01-01", periods=40, freq="MS")
    monthly = pd.DataFrame({"period": months, "clinic": "a", "new_patients": 30.0})
    assert "All new patients a month, all clinics." in plot_counts(monthly, partnerships).subtitle


def test_starts_are_numbered_and_named_in_the_subtitle(counts, partnerships):
    figure = plot_counts(counts, partnerships.tail(2))
    assert figure.subtitle.endswith("Numbered lines: starts of 1 Shop and 2 Center.")
    assert {"1", "2"} <= set(texts(figure))


def test_words_keep_the_size_that_a_phone_needs(effects, counts, partnerships):
    for figure in (plot_effect(effects["more"]), plot_counts(counts, partnerships)):
        drawn = [text for text in figure.findobj(mpl.text.Text) if text.get_text()]
        shrunk = 350 / (figure.get_figwidth() * 72)
        assert min(text.get_size() for text in drawn) * shrunk > 9


def test_far_away_placebos_stay_on_the_paper(make_effect):
    effect = make_effect()
    placebos = effect.placebos.copy()
    placebos.loc[0, ["percent", "score"]] = [5000.0, 90.0]
    placebos.loc[1, ["percent", "score"]] = [math.inf, math.nan]
    figure = plot_placebos(make_effect(placebos=placebos))
    assert figure.axes[0].get_xlim()[1] < 10
    assert picture(figure)


def test_the_same_figure_gives_the_same_bytes(effects):
    assert picture(plot_effect(effects["more"])) == picture(plot_effect(effects["more"]))


def test_few_colours_move_no_pixel_by_more_than_a_step_and_no_line_or_area_at_all(effects):
    for figure in (plot_effect(effects["more"]), plot_portfolio(effects)):
        pixels = drawn(figure)
        before = np.asarray(pixels)[..., :3].astype(int)
        after = np.asarray(in_few_colours(pixels).convert("RGB")).astype(int)
        assert np.abs(after - before).max() <= STEP
        for number, colour in pixels.getcolors(before.size):
            if number >= OWN * before[..., 0].size:
                assert (after[(before == colour[:3]).all(axis=2)] == colour[:3]).all()


def test_a_picture_of_all_colours_still_fits_a_palette():
    every = np.random.default_rng().integers(0, 256, (120, 120, 3)).astype(np.uint8)
    few = in_few_colours(Image.fromarray(every).convert("RGBA"))
    assert few.mode == "P"
    assert few.size == (120, 120)


def test_nobody_elses_settings_are_changed(effects):
    before = dict(mpl.rcParams)
    picture(plot_portfolio(effects))
    assert dict(mpl.rcParams) == before


def test_labels_are_moved_apart_inside_the_axes():
    assert spread([3.0, 3.0], gap=2.0, low=0.0, high=10.0) == [2.0, 4.0]
    assert spread([9.9, 9.8], gap=1.0, low=0.0, high=10.0) == [10.0, 9.0]
    assert spread([0.0, 0.0, 0.0], gap=1.0, low=0.0, high=10.0)[0] == 0.0
    assert spread([], gap=1.0, low=0.0, high=1.0) == []


def test_text_fits_the_room_it_is_given():
    assert text_width(fitted("W" * 90, width=100), size=12) <= 100
    assert drawable("日本 run") == "\N{WHITE SQUARE}\N{WHITE SQUARE} run"


def ink(pixels: Image.Image, colour: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom end of what is drawn in a colour, in pixels."""
    wanted = np.array(Image.new("RGBA", (1, 1), colour))
    return Image.fromarray((np.asarray(pixels) == wanted).all(axis=2)).getbbox()


def test_words_are_written_where_they_were_asked_for_and_as_wide_as_they_measure():
    figure = Figure(figsize=(4, 1))
    at = figure.text(0.25, 0.5, "Hill Street", color="red", ha="left", va="baseline")
    left, top, right, bottom = ink(drawn(figure), "red")
    wide = text_width("Hill Street", size=at.get_size()) * canvas.PNG_DPI / POINTS
    assert left == pytest.approx(192, abs=5)
    assert right - left == pytest.approx(wide, abs=6)
    assert bottom == pytest.approx(96, abs=2)
    assert top < 96


def test_a_rim_parts_words_from_the_line_behind_them():
    figure, axes = open_figure("", "", alt="")
    axes.set_axis_off()
    axes.set_ylim(0, 2)
    axes.axhline(0.58, color="red", lw=1)
    bare = np.asarray(drawn(figure))
    write_row(axes, 1, "under", "1", colour="black")
    worded = np.asarray(drawn(figure))
    red = np.array([255, 0, 0, 255])
    assert (worded == red).all(axis=2).sum() < (bare == red).all(axis=2).sum()


def said_under(path: Path) -> list[str]:
    """What a module of figures says in sentences; docstrings are not shown."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    notes = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if is_documented(node)}
    return [part for part in parts if isinstance(part, str) and " " in part and part not in notes]


def is_documented(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module)


FIGURES = sorted(Path(canvas.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_no_caption_names_a_shade_that_turns_over_on_a_dark_page(path):
    shades = re.compile(r"\b(black|white|gr[ae]y|dark(er)?|light(er)?)\b", re.IGNORECASE)
    assert [words for words in said_under(path) if shades.search(words)] == []


def test_line_at_zero_is_whole(make_effect):
    axes = plot_portfolio({"a": make_effect(), "b": make_effect()}).axes[0]
    assert [patch for patch in axes.patches if patch.get_facecolor()[:3] == (1.0, 1.0, 1.0)] == []


def test_only_what_is_clear_is_orange(effects):
    net = {"where": "whole clinic", "estimate": 1.0, "low": -9.0, "high": 9.0, "note": ""}
    moved = pd.DataFrame([net])
    for situation, effect in effects.items():
        is_clear = effect.total.low > 0 or effect.total.high < 0
        assert VERMILION not in colours(plot_named(effect)) or effect.verdict in CHANGES, situation
        if not is_clear:
            assert VERMILION not in colours(plot_moved(replace(effect, moved=moved))), situation


def colours(figure: Figure) -> set[str]:
    """Colours of all lines and dots."""
    return {line.get_color() for axes in figure.axes for line in axes.lines}
