"""In no figure of the demo's report do words meet: drawn here as the notebooks draw them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure

import partner_analysis as pa
from partner_analysis.reporting.study import Study

Collisions = Callable[[Figure], list[str]]


@pytest.fixture(scope="module")
def study(practice: Path, reports: Path) -> Study:
    """The demo with the tables of the run that made the report."""
    assert reports.exists()
    return pa.open_study(practice)


def figures_of_all(study: Study) -> dict[str, Figure]:
    return {
        "rows": pa.plot_row_account(study.cleaned.row_account),
        "complete": pa.plot_completeness(study.counts_so_far, complete_until=study.complete_until),
        "definitions": pa.plot_definitions(study.definitions),
        "history": pa.plot_history(study.history),
        "capture": pa.plot_capture(study.capture, study.shifts),
        "counts": pa.plot_counts(study.counts, study.partnerships),
        "ranking": pa.plot_ranking(study.portfolio, study.names),
        "portfolio": pa.plot_portfolio(study.effects, standings=study.standings),
        "sources": pa.plot_sources(study.concentration),
        "gaps": pa.plot_gaps(study.gaps),
        "candidates": pa.plot_candidates(study.candidates, study.candidate_parts),
    }


def figures_of_one(study: Study, key: str) -> dict[str, Figure]:
    effect, ledger = study.effect(key), study.ledger(key)
    methods = study.other_methods(effect)
    return {
        "effect": pa.plot_effect(effect, study.standing(key)),
        "named": pa.plot_named(effect),
        "placebos": pa.plot_placebos(effect),
        "trends": pa.plot_trends(effect),
        "methods": pa.plot_methods(effect, methods),
        "care": pa.plot_care(study.care(key), effect.name),
        "costs": pa.plot_costs(ledger),
        "balance": pa.plot_balance(ledger),
    }


def test_words_of_the_pages_about_all(study: Study, collisions: Collisions) -> None:
    drawn = figures_of_all(study)
    assert {name: said for name, f in drawn.items() if (said := collisions(f))} == {}


@pytest.mark.parametrize("key", ["harbor-run-shop", "kestrel-boatworks"])
def test_words_of_the_page_about_one(study: Study, collisions: Collisions, key: str) -> None:
    drawn = figures_of_one(study, key)
    assert {name: said for name, f in drawn.items() if (said := collisions(f))} == {}
