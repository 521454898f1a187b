"""What notebooks show: escaped, complete, and without any call to another place."""

import base64
import math
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pandas as pd
import pytest

from partner_analysis.reporting.display import (
    checks_table,
    comparison_table,
    effect_table,
    made_up_banner,
    record_table,
    say,
    show,
    show_table,
)
from partner_analysis.reporting.figures import plot_effect, plot_placebos
from partner_analysis.reporting.side_by_side import portfolio_table
from partner_analysis.reporting.wording import effect_alt, effect_title
from partner_analysis.tables import Interval

EVIL = "<script>alert(1)</script>"


class Cells(HTMLParser):
    """The tags of a page and the texts of its table cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells and self.tags[-1] in ("td", "th"):
            self.cells[-1] += data


@pytest.fixture
def all_shown(effects, make_effect):
    effect = make_effect(name=EVIL, notes=(EVIL,))
    tables = [effect_table(one) for one in effects.values()]
    tables += [effect_table(one, in_record=True) for one in effects.values()]
    tables += [checks_table(one) for one in effects.values()]
    tables += [comparison_table(one) for one in effects.values()]
    return [
        *tables,
        portfolio_table({**effects, EVIL: effect}, providers={EVIL}),
        record_table({EVIL: EVIL, "none": None, "rows": 3208}),
        show_table(pd.DataFrame({EVIL: [EVIL, None, " "], "n": [1.0, math.nan, 2.5]}), EVIL, EVIL),
        show_table(pd.DataFrame({"a": []})),
        show(plot_effect(effect)),
    ]


def test_everything_is_escaped_and_nothing_is_fetched(all_shown):
    for shown in all_shown:
        html = shown._repr_html_()
        assert EVIL not in html
        assert not {"script", "link", "iframe", "object"} & set(Cells(html).tags)
        assert "http" not in html
        assert " style=" not in html


def test_no_cell_is_empty(all_shown):
    for shown in all_shown:
        assert all(cell.strip() for cell in Cells(shown.html).cells), shown.plain


def test_a_figure_carries_its_sentence(effects):
    shown = show(plot_effect(effects["more"]))
    alt, data = re.search(
        r'<img alt="([^"]*)" src="data:image/png;base64,([^"]*)">', shown.html
    ).groups()
    assert alt == effect_alt(effects["more"])
    assert alt.endswith("Observed 340, expected 303, from 15 July 2024 to 13 July 2025.")
    assert f"<figcaption><strong>{effect_title(effects['more'])}</strong>" in shown.html
    assert base64.b64decode(data).startswith(b"\x89PNG")


def test_the_alternative_text_cannot_break_out(make_effect):
    shown = show(plot_effect(make_effect(name='"><img src=x onerror=alert(1)>')))
    assert Cells(shown.html).tags == [*("style", "figure", "figcaption", "strong", "span", "img")]


def test_counted_stands_beside_estimated(effects):
    cells = Cells(effect_table(effects["more"]).html).cells
    assert {
        "37 (10 to 64)",
        "3.1 (0.8 to 5.4)",
        "12% (3% to 23%)",
        "340",
        "303 (276 to 330)",
        "12",
    } <= set(cells)
    assert cells.count("counted") == 2


def test_numbers_that_are_no_answer_stand_only_in_the_record(effects):
    effect = effects["too-early"]
    assert "(" not in "".join(Cells(effect_table(effect).html).cells[3:])
    assert "9 (\u22126 to 22)" in Cells(effect_table(effect, in_record=True).html).cells


def test_a_figure_without_anything_to_see_is_left_out(effects):
    assert show(plot_placebos(effects["too-early"])).html == ""


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (0.0, "not given: only 0 were expected"),
        (1.0, "not given: only 1 was expected"),
        (2.9985, "not given: only 3 were expected"),
    ],
)
def test_a_percentage_of_very_few_is_not_given(make_effect, expected, words):
    effect = make_effect(observed=18.0, expected=expected, total=(5.0, 20.0))
    assert words in Cells(effect_table(effect).html).cells


def test_a_column_of_words_promises_no_interval(effects):
    assert Cells(effect_table(effects["too-early"]).html).cells[1] == "number"
    assert Cells(effect_table(effects["more"]).html).cells[1] == "number (95% interval)"


def test_providers_come_last_and_by_name(effects):
    chosen = {"p": effects["more"], "q": effects["no-clear-change"]}
    cells = Cells(portfolio_table(chosen, providers={"p"}).html).cells
    assert cells.index("Harbor Run Shop") < cells.index("Harbor Run Shop (provider)")


def test_a_failed_check_is_in_the_title(effects):
    assert (
        "1 check of 1 asks for care with this number" in checks_table(effects["check-failed"]).html
    )
    assert "No check raised a concern" in checks_table(effects["more"]).html


def test_cells_read_well():
    rows = pd.DataFrame(
        {
            "share": [0.5, 12.0],
            "effect": [Interval(3.14, 0.8, 5.4), Interval(math.nan, 0.8, math.inf)],
            "week": pd.to_datetime(["2025-03-03", None]),
            "places": [("a", "b"), ()],
            "whole": [1200, 3],
            "open": [True, False],
        }
    )
    html = show_table(rows, "A title", "A source", digits={"share": 2}).html
    assert Cells(html).cells[6:] == [
        *("0.50", "3.1 (0.8 to 5.4)", "2025-03-03", "a, b", "1,200", "yes"),
        *("12.00", "0.8 or more", "unknown", "\N{EN DASH}", "3", "no"),
    ]
    assert '<th class="number" scope="row" data-label="share">0.50</th>' in html
    assert "<caption>A title</caption>" in html


def test_a_sentence_is_shown_at_once(capsys):
    say("5 < 6")
    say(["one", "two"])
    say("")
    assert capsys.readouterr().out == "5 < 6\n- one\n- two\n"


def test_the_banner_is_there_only_for_made_up_data():
    assert "made up" in made_up_banner(SimpleNamespace(made_up=True)).html
    assert made_up_banner(SimpleNamespace(made_up=False)).html == ""


def test_many_comparison_groups_are_told_by_clinic(make_effect):
    few, many = (comparison_table(make_effect(groups=groups)) for groups in (12, 24))
    assert "Clinic 1" in few.plain
    assert few.plain.count("persona 1") == 6
    assert "rests on 24 comparison groups (clinic and kind of patient)" in many.html
    assert "persona 1, persona 2, persona 3, persona 4" in many.plain
    assert len(Cells(many.html).cells) == 3 * 7
