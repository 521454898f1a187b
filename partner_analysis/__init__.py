"""Estimates whether a partnership brought patients who would not have come.

    import partner_analysis as pa

    effect = pa.estimate_effect(counts, partnerships, "harbor-run-shop")
    effect.per_month, effect.verdict

Names are loaded when first used, so that importing the package is quick.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partner_analysis.attribution.access import compare_kinds
    from partner_analysis.attribution.areas import compare_areas, count_areas
    from partner_analysis.attribution.care import compare_care
    from partner_analysis.attribution.choosing import score_candidates, score_parts
    from partner_analysis.attribution.counts import count_named, count_new_patients
    from partner_analysis.attribution.designs.compare import compare_methods
    from partner_analysis.attribution.effect import Effect
    from partner_analysis.attribution.estimate import estimate_effect, estimate_effects
    from partner_analysis.attribution.gaps import find_gaps
    from partner_analysis.attribution.goals.backtest import back_test_goals
    from partner_analysis.attribution.goals.follow import follow_goals
    from partner_analysis.attribution.goals.goal import state_goals
    from partner_analysis.attribution.ledger.balance import balance_of
    from partner_analysis.attribution.ledger.costs import add_costs
    from partner_analysis.attribution.ledger.responses import estimate_responses
    from partner_analysis.attribution.ledger.returns import weigh_returns
    from partner_analysis.attribution.named.reconcile import Reconciliation
    from partner_analysis.attribution.planning.plan import plan_partnership
    from partner_analysis.attribution.portfolio.alliances import list_alliances
    from partner_analysis.attribution.portfolio.compare import Portfolio, compare_partnerships
    from partner_analysis.attribution.portfolio.concentration import concentration_of
    from partner_analysis.attribution.portfolio.recommend import recommend_all
    from partner_analysis.attribution.published.compare import published_results
    from partner_analysis.attribution.reviews.held import Standing
    from partner_analysis.attribution.reviews.standing import (
        review_partnership,
        review_partnerships,
    )
    from partner_analysis.attribution.together.pool import pool_effects
    from partner_analysis.cleaning.sources.matches import match_sources
    from partner_analysis.practice import Practice, init_practice, load_practice
    from partner_analysis.reporting.accounts import (
        named_by_partner,
        new_patients_by_clinic,
        provider_sentence,
        run_record,
    )
    from partner_analysis.reporting.care import (
        care_sentence,
        care_table,
        kinds_sentence,
        kinds_table,
    )
    from partner_analysis.reporting.caveats import caveats
    from partner_analysis.reporting.changes import changes_sentence
    from partner_analysis.reporting.choosing import choosing_sentence, scorecard_table
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
    from partner_analysis.reporting.evidence import (
        control_sentence,
        grade_sentence,
        moved_sentences,
        together_sentence,
        trends_sentence,
    )
    from partner_analysis.reporting.figures import (
        plot_completeness,
        plot_counts,
        plot_effect,
        plot_methods,
        plot_named,
        plot_placebos,
        plot_portfolio,
        plot_row_account,
        plot_trends,
    )
    from partner_analysis.reporting.figures.care import plot_care
    from partner_analysis.reporting.figures.choosing import plot_candidates
    from partner_analysis.reporting.figures.gaps import plot_gaps
    from partner_analysis.reporting.figures.goals import plot_goal
    from partner_analysis.reporting.figures.ledger import plot_balance, plot_costs
    from partner_analysis.reporting.figures.planning import plot_plan
    from partner_analysis.reporting.figures.pool import plot_pool
    from partner_analysis.reporting.figures.quality import (
        plot_capture,
        plot_definitions,
        plot_history,
    )
    from partner_analysis.reporting.figures.ranking import plot_ranking, plot_sources
    from partner_analysis.reporting.figures.validation import plot_planted, plot_published
    from partner_analysis.reporting.gaps import (
        areas_sentence,
        areas_table,
        gaps_sentence,
        gaps_table,
    )
    from partner_analysis.reporting.goals.shown import show_goals
    from partner_analysis.reporting.goals.stated import goal_sentence
    from partner_analysis.reporting.goals.tables import back_test_table, goals_table
    from partner_analysis.reporting.goals.told import measurable_sentence, progress_sentence
    from partner_analysis.reporting.ledger.balance import (
        activity_table,
        balance_sentences,
        balance_table,
        done_sentences,
        done_table,
        outbound_table,
    )
    from partner_analysis.reporting.ledger.costs import cost_sentences, cost_table
    from partner_analysis.reporting.ledger.ledger import ledger_of
    from partner_analysis.reporting.ledger.responses import (
        response_sentence,
        response_table,
        responses_of,
    )
    from partner_analysis.reporting.ledger.returns import return_sentences
    from partner_analysis.reporting.methods import methods_sentence
    from partner_analysis.reporting.named import blend_sentence, named_sentence
    from partner_analysis.reporting.numbers import interval_text
    from partner_analysis.reporting.overview import (
        cleaning_sentence,
        completeness_sentence,
        counts_sentence,
        portfolio_sentence,
    )
    from partner_analysis.reporting.placebos import placebo_sentence
    from partner_analysis.reporting.planning import (
        comparison_note,
        looks_sentence,
        looks_table,
        past_sentence,
        plan_sentence,
        plan_study,
        smallest_sentence,
        smallest_table,
    )
    from partner_analysis.reporting.pool import pool_sentences, pool_table
    from partner_analysis.reporting.portfolio.alliances import (
        alliances_sentence,
        alliances_table,
        concentration_sentence,
        concentration_table,
    )
    from partner_analysis.reporting.portfolio.decisions import decisions_sentence, decisions_table
    from partner_analysis.reporting.portfolio.ranking import (
        chances_table,
        ranking_sentence,
        ranking_table,
    )
    from partner_analysis.reporting.quality.tables import (
        capture_table,
        definition_sentence,
        episodes_by_rule,
        fault_sentences,
        lags_sentence,
        rejected_by_reason,
        review_table,
        rows_by_file,
        rules_table,
        tally_sentences,
        understood_table,
    )
    from partner_analysis.reporting.quality.verdict import (
        finding_sentence,
        fitness_table,
        quality_sentence,
    )
    from partner_analysis.reporting.shared_files import read_shared
    from partner_analysis.reporting.side_by_side import (
        methods_table,
        portfolio_table,
        priors_table,
        reviews_table,
        together_table,
    )
    from partner_analysis.reporting.standings import picture_sentence, standing_sentence
    from partner_analysis.reporting.study import Study, open_study
    from partner_analysis.reporting.validation import (
        planted_effects,
        planted_sentence,
        published_sentence,
        published_table,
    )
    from partner_analysis.reporting.wording import (
        effect_sentence,
        look_again_sentence,
        visible_sentence,
    )
    from partner_analysis.simulate import write_practice
    from partner_analysis.tables import DataError, InputError, Interval, SettingsError

__all__ = [
    "DataError",
    "Effect",
    "InputError",
    "Interval",
    "Portfolio",
    "Practice",
    "Reconciliation",
    "SettingsError",
    "Standing",
    "Study",
    "__version__",
    "activity_table",
    "add_costs",
    "alliances_sentence",
    "alliances_table",
    "areas_sentence",
    "areas_table",
    "back_test_goals",
    "back_test_table",
    "balance_of",
    "balance_sentences",
    "balance_table",
    "blend_sentence",
    "capture_table",
    "care_sentence",
    "care_table",
    "caveats",
    "chances_table",
    "changes_sentence",
    "checks_table",
    "choosing_sentence",
    "cleaning_sentence",
    "compare_areas",
    "compare_care",
    "compare_kinds",
    "compare_methods",
    "compare_partnerships",
    "comparison_note",
    "comparison_table",
    "completeness_sentence",
    "concentration_of",
    "concentration_sentence",
    "concentration_table",
    "control_sentence",
    "cost_sentences",
    "cost_table",
    "count_areas",
    "count_named",
    "count_new_patients",
    "counts_sentence",
    "decisions_sentence",
    "decisions_table",
    "definition_sentence",
    "done_sentences",
    "done_table",
    "effect_sentence",
    "effect_table",
    "episodes_by_rule",
    "estimate_effect",
    "estimate_effects",
    "estimate_responses",
    "fault_sentences",
    "find_gaps",
    "finding_sentence",
    "fitness_table",
    "follow_goals",
    "gaps_sentence",
    "gaps_table",
    "goal_sentence",
    "goals_table",
    "grade_sentence",
    "init_practice",
    "interval_text",
    "kinds_sentence",
    "kinds_table",
    "lags_sentence",
    "ledger_of",
    "list_alliances",
    "load_practice",
    "look_again_sentence",
    "looks_sentence",
    "looks_table",
    "made_up_banner",
    "match_sources",
    "measurable_sentence",
    "methods_sentence",
    "methods_table",
    "moved_sentences",
    "named_by_partner",
    "named_sentence",
    "new_patients_by_clinic",
    "open_study",
    "outbound_table",
    "past_sentence",
    "picture_sentence",
    "placebo_sentence",
    "plan_partnership",
    "plan_sentence",
    "plan_study",
    "planted_effects",
    "planted_sentence",
    "plot_balance",
    "plot_candidates",
    "plot_capture",
    "plot_care",
    "plot_completeness",
    "plot_costs",
    "plot_counts",
    "plot_definitions",
    "plot_effect",
    "plot_gaps",
    "plot_goal",
    "plot_history",
    "plot_methods",
    "plot_named",
    "plot_placebos",
    "plot_plan",
    "plot_planted",
    "plot_pool",
    "plot_portfolio",
    "plot_published",
    "plot_ranking",
    "plot_row_account",
    "plot_sources",
    "plot_trends",
    "pool_effects",
    "pool_sentences",
    "pool_table",
    "portfolio_sentence",
    "portfolio_table",
    "priors_table",
    "progress_sentence",
    "provider_sentence",
    "published_results",
    "published_sentence",
    "published_table",
    "quality_sentence",
    "ranking_sentence",
    "ranking_table",
    "read_shared",
    "recommend_all",
    "record_table",
    "rejected_by_reason",
    "response_sentence",
    "response_table",
    "responses_of",
    "return_sentences",
    "review_partnership",
    "review_partnerships",
    "review_table",
    "reviews_table",
    "rows_by_file",
    "rules_table",
    "run_record",
    "say",
    "score_candidates",
    "score_parts",
    "scorecard_table",
    "show",
    "show_goals",
    "show_table",
    "smallest_sentence",
    "smallest_table",
    "standing_sentence",
    "state_goals",
    "tally_sentences",
    "together_sentence",
    "together_table",
    "trends_sentence",
    "understood_table",
    "visible_sentence",
    "weigh_returns",
    "write_practice",
]

try:
    __version__ = version("partner-analysis")
except PackageNotFoundError:  # the sources are used without being installed
    __version__ = "0"

_HOMES = {
    "attribution.access": "compare_kinds",
    "attribution.areas": "compare_areas count_areas",
    "attribution.care": "compare_care",
    "attribution.choosing": "score_candidates score_parts",
    "attribution.counts": "count_named count_new_patients",
    "attribution.designs.compare": "compare_methods",
    "attribution.effect": "Effect",
    "attribution.estimate": "estimate_effect estimate_effects",
    "attribution.gaps": "find_gaps",
    "attribution.goals.backtest": "back_test_goals",
    "attribution.goals.follow": "follow_goals",
    "attribution.goals.goal": "state_goals",
    "attribution.ledger.balance": "balance_of",
    "attribution.ledger.costs": "add_costs",
    "attribution.ledger.responses": "estimate_responses",
    "attribution.ledger.returns": "weigh_returns",
    "attribution.named.reconcile": "Reconciliation",
    "attribution.planning.plan": "plan_partnership",
    "attribution.portfolio.alliances": "list_alliances",
    "attribution.portfolio.compare": "compare_partnerships Portfolio",
    "attribution.portfolio.concentration": "concentration_of",
    "attribution.portfolio.recommend": "recommend_all",
    "attribution.published.compare": "published_results",
    "attribution.reviews.held": "Standing",
    "attribution.reviews.standing": "review_partnership review_partnerships",
    "attribution.together.pool": "pool_effects",
    "cleaning.sources.matches": "match_sources",
    "practice": "init_practice load_practice Practice",
    "reporting.accounts": "named_by_partner new_patients_by_clinic provider_sentence run_record",
    "reporting.care": "care_sentence care_table kinds_sentence kinds_table",
    "reporting.caveats": "caveats",
    "reporting.changes": "changes_sentence",
    "reporting.choosing": "choosing_sentence scorecard_table",
    "reporting.display": (
        "checks_table comparison_table effect_table made_up_banner record_table say show show_table"
    ),
    "reporting.evidence": (
        "control_sentence grade_sentence moved_sentences together_sentence trends_sentence"
    ),
    "reporting.figures": (
        "plot_completeness plot_counts plot_effect plot_methods plot_named plot_placebos "
        "plot_portfolio plot_row_account plot_trends"
    ),
    "reporting.figures.care": "plot_care",
    "reporting.figures.choosing": "plot_candidates",
    "reporting.figures.gaps": "plot_gaps",
    "reporting.figures.goals": "plot_goal",
    "reporting.figures.ledger": "plot_balance plot_costs",
    "reporting.figures.planning": "plot_plan",
    "reporting.figures.pool": "plot_pool",
    "reporting.figures.quality": "plot_capture plot_definitions plot_history",
    "reporting.figures.ranking": "plot_ranking plot_sources",
    "reporting.figures.validation": "plot_planted plot_published",
    "reporting.gaps": "areas_sentence areas_table gaps_sentence gaps_table",
    "reporting.goals.shown": "show_goals",
    "reporting.goals.stated": "goal_sentence",
    "reporting.goals.tables": "back_test_table goals_table",
    "reporting.goals.told": "measurable_sentence progress_sentence",
    "reporting.ledger.balance": (
        "activity_table balance_sentences balance_table done_sentences done_table outbound_table"
    ),
    "reporting.ledger.costs": "cost_sentences cost_table",
    "reporting.ledger.ledger": "ledger_of",
    "reporting.ledger.responses": "response_sentence response_table responses_of",
    "reporting.ledger.returns": "return_sentences",
    "reporting.methods": "methods_sentence",
    "reporting.named": "blend_sentence named_sentence",
    "reporting.numbers": "interval_text",
    "reporting.overview": (
        "cleaning_sentence completeness_sentence counts_sentence portfolio_sentence"
    ),
    "reporting.placebos": "placebo_sentence",
    "reporting.planning": (
        "comparison_note looks_sentence looks_table past_sentence plan_sentence plan_study "
        "smallest_sentence smallest_table"
    ),
    "reporting.pool": "pool_sentences pool_table",
    "reporting.portfolio.alliances": (
        "alliances_sentence alliances_table concentration_sentence concentration_table"
    ),
    "reporting.portfolio.decisions": "decisions_sentence decisions_table",
    "reporting.portfolio.ranking": "chances_table ranking_sentence ranking_table",
    "reporting.quality.tables": (
        "capture_table definition_sentence episodes_by_rule fault_sentences lags_sentence "
        "rejected_by_reason review_table rows_by_file rules_table tally_sentences "
        "understood_table"
    ),
    "reporting.quality.verdict": "finding_sentence fitness_table quality_sentence",
    "reporting.shared_files": "read_shared",
    "reporting.side_by_side": (
        "methods_table portfolio_table priors_table reviews_table together_table"
    ),
    "reporting.standings": "picture_sentence standing_sentence",
    "reporting.study": "open_study Study",
    "reporting.validation": "planted_effects planted_sentence published_sentence published_table",
    "reporting.wording": "effect_sentence look_again_sentence visible_sentence",
    "simulate": "write_practice",
    "tables": "DataError InputError Interval SettingsError",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
