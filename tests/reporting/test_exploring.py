"""Exploring: other choices are shown beside the declared ones, and can be kept for a run."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import partner_analysis as pa
from partner_analysis.cli import main
from partner_analysis.reporting.exploring import view as views
from partner_analysis.reporting.exploring import widgets as door
from partner_analysis.reporting.exploring.saved import keep_view, read_view
from partner_analysis.reporting.exploring.view import (
    Choices,
    code_line,
    forget_views,
    offered,
)
from partner_analysis.reporting.exploring.widgets import Explorer
from partner_analysis.reporting.study import Study
from partner_analysis.tables import SettingsError

RUN_SHOP = "harbor-run-shop"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The demo practice."""
    return pa.open_study(pa.write_practice(tmp_path_factory.mktemp("practice")))


@pytest.fixture
def explorer(study: Study) -> Explorer:
    return pa.explore(study, RUN_SHOP)


# ------------------------------------------------------------------ what a view shows
def test_view_without_any_choice_is_what_the_report_says(study: Study) -> None:
    view = pa.view_of(study, RUN_SHOP)
    assert view.effect.total == study.effect(RUN_SHOP).total
    assert pa.view_sentences(view, study.effect(RUN_SHOP)) == [pa.effect_sentence(view.effect)]


def test_each_choice_changes_what_it_is_about(study: Study) -> None:
    declared = pa.view_of(study, RUN_SHOP).effect
    runners = pa.view_of(study, RUN_SHOP, personas="runner").effect
    assert set(runners.comparison["persona"]) == {"runner"} < set(declared.comparison["persona"])
    short = pa.view_of(study, RUN_SHOP, months="2023-05 to 2025-06").effect
    assert short.last_day < declared.last_day
    assert pa.view_of(study, RUN_SHOP, method="series").effect.comparison.empty
    every = pa.view_of(study, RUN_SHOP, definition="new episode").effect
    assert every.observed > declared.observed


def test_a_chosen_view_says_so_and_names_the_declared_answer(study: Study) -> None:
    view = pa.view_of(study, RUN_SHOP, personas="runner", method="series")
    declared = study.effect(RUN_SHOP)
    assert pa.view_sentences(view, declared)[1:] == [
        "That is one view of the same data, with 1 kind of patient alone (runner) and its own "
        "past as the only comparison.",
        f"As the practice declares it: {pa.effect_sentence(declared)}",
        "A view chosen because of its answer proves nothing; the declared one stands.",
    ]


@pytest.mark.parametrize("method", ["auto", "series"])
def test_controls_show_the_same_without_what_stands_beside(study: Study, method: str) -> None:
    full = pa.view_of(study, RUN_SHOP, method=method).effect
    light = pa.view_of(study, RUN_SHOP, method=method, beside=False).effect
    assert light.course.empty and not full.course.empty
    assert (light.grade, light.total) == (full.grade, full.total)
    assert pa.effect_sentence(light) == pa.effect_sentence(full)
    for table in (pa.effect_table, pa.checks_table):
        assert table(light).html == table(full).html
    assert light.periods.equals(full.periods)  # the picture


def test_counts_are_arranged_once_for_every_partnership_and_method(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_views(study)
    pa.view_of(study, RUN_SHOP)
    monkeypatch.setattr(views, "prepare", lambda *_, **__: pytest.fail("arranged anew"))
    series = pa.view_of(study, "tidewater-pilates", method="series").effect
    runners = pa.view_of(study, RUN_SHOP, personas="runner").effect
    forget_views(study)
    monkeypatch.undo()
    assert series.total == pa.view_of(study, "tidewater-pilates", method="series").effect.total
    assert runners.total == pa.view_of(study, RUN_SHOP, personas="runner").effect.total


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"partnership_id": "nobody"}, 'partnership_id: "nobody" cannot be chosen'),
        ({"definition": "lead"}, 'definition: "lead" cannot be chosen'),
        ({"personas": "runner; swimmer"}, 'personas: "swimmer" cannot be chosen'),
        ({"months": "1999-01 to 2025-06"}, 'months: "1999-01" cannot be chosen'),
        ({"months": "2024-01 to 2024-02 to 2024-03"}, "months: give the first and the last"),
        ({"months": "2025-06 to 2024-01"}, "months: no complete period"),
        ({"method": "magic"}, "Use auto, panel, series"),
    ],
)
def test_what_is_not_on_offer_is_refused_with_what_is(
    study: Study, choice: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        pa.view_of(study, **{"partnership_id": RUN_SHOP, **choice})


def test_line_of_code_gives_the_same_view(study: Study, explorer: Explorer) -> None:
    shown = explorer.choose(personas="runner; general", months="2023-05 to 2025-06")
    again = eval(shown.code.plain, {"pa": pa, "study": study})
    assert again.effect.total == shown.view.effect.total


# ------------------------------------------------------------------ keeping a view
@given(kind=st.text(max_size=20))
def test_kept_choices_come_back_as_they_were(kind: str, tmp_path_factory, study) -> None:  # type: ignore[no-untyped-def]
    choices = Choices(RUN_SHOP, personas=kind.encode("utf-8", "replace").decode("utf-8"))
    practice = study.practice.model_copy(
        update={"path": tmp_path_factory.mktemp("kept") / "practice.toml"}
    )
    assert read_view(keep_view(choices, practice, name="one")) == choices
    names = {"pa": type("Names", (), {"view_of": staticmethod(lambda study, _, **given: given)})}
    assert eval(code_line(choices), names | {"study": None}) == choices.changed


def test_views_of_bad_names_and_files_are_refused(study: Study, tmp_path: Path) -> None:
    for name in ("../elsewhere", "Runners", "-x"):
        with pytest.raises(SettingsError, match="small letters"):
            keep_view(Choices(RUN_SHOP), study.practice, name=name)
    for text, said in (("method = 3", '"method" does not belong'), ("", "names no partnership_id")):
        (tmp_path / "view.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError, match=said):
            read_view(tmp_path / "view.toml")


def test_run_makes_a_page_of_a_kept_view(
    explorer: Explorer, capsys: pytest.CaptureFixture[str]
) -> None:
    practice = explorer.study.practice
    assert explorer.keep("") == "Nothing is kept: the view has no name yet."
    said = explorer.choose(personas="runner").keep("runners-alone")
    assert said.endswith("--view views/demo/runners-alone.toml`")
    kept = practice.folder / "views" / "demo" / "runners-alone.toml"
    assert main(["run", str(practice.path), "--view", str(kept)]) == 0
    page = practice.folder / "reports" / "demo" / "views" / "runners-alone.html"
    assert str(page) in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert "1 kind of patient alone (runner)" in text
    assert "the declared one stands" in text
    with pytest.raises(SettingsError, match="there already"):
        explorer.keep("runners-alone")


# ------------------------------------------------------------------ controls
def test_controls_change_the_view_and_name_its_line_of_code(explorer: Explorer) -> None:
    pytest.importorskip("ipywidgets")
    boxes = door._controls(explorer).children[0].children
    by_name = {box.description: box for box in boxes}
    by_name["Compared with"].value = "series"
    by_name["Kinds of patient"].value = ("runner",)
    assert explorer.choices == Choices(RUN_SHOP, personas="runner", method="series")
    months = by_name["Months used"]
    months.value = (months.options[3], months.options[-1])
    assert explorer.choices.months == f"{months.options[3]} to {months.options[-1]}"


def test_a_choice_that_cannot_be_shown_leaves_the_last_view(explorer: Explorer) -> None:
    with pytest.raises(SettingsError):
        explorer.choose(method="magic")
    assert explorer.choices == Choices(RUN_SHOP)


def test_without_widgets_the_view_is_shown_and_code_changes_it(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    explorer._ipython_display_()
    said = capsys.readouterr().out
    assert "There are no controls here" in said
    assert pa.effect_sentence(explorer.view.effect) in said


def test_practice_with_counts_only_offers_its_own_definition(study: Study) -> None:
    assert len(offered(study)["definition"]) == 4
    assert offered(study)["months"][0] == "2023-01"
