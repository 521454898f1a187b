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
    from partner_analysis.attribution.counts import count_named, count_new_patients
    from partner_analysis.attribution.designs.compare import compare_methods
    from partner_analysis.attribution.effect import Effect
    from partner_analysis.attribution.estimate import estimate_effect, estimate_effects
    from partner_analysis.attribution.gaps import find_gaps
    from partner_analysis.attribution.ledger.balance import balance_of
    from partner_analysis.attribution.ledger.costs import add_costs
    from partner_analysis.attribution.ledger.responses import estimate_responses
    from partner_analysis.attribution.ledger.returns import weigh_returns
    from partner_analysis.attribution.named.reconcile import Reconciliation
    from partner_analysis.attribution.published.compare import published_results
    from partner_analysis.attribution.reviews.held import Standing
    from partner_analysis.attribution.reviews.standing import (
        review_partnership,
        review_partnerships,
    )
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
    from partner_analysis.reporting.figures.gaps import plot_gaps
    from partner_analysis.reporting.figures.ledger import plot_balance, plot_costs
    from partner_analysis.reporting.figures.quality import (
        plot_capture,
        plot_definitions,
        plot_history,
    )
    from partner_analysis.reporting.figures.validation import plot_planted, plot_published
    from partner_analysis.reporting.gaps import (
        areas_sentence,
        areas_table,
        gaps_sentence,
        gaps_table,
    )
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
    "Practice",
    "Reconciliation",
    "SettingsError",
    "Standing",
    "Study",
    "__version__",
    "activity_table",
    "add_costs",
    "areas_sentence",
    "areas_table",
    "balance_of",
    "balance_sentences",
    "balance_table",
    "blend_sentence",
    "capture_table",
    "care_sentence",
    "care_table",
    "caveats",
    "changes_sentence",
    "checks_table",
    "cleaning_sentence",
    "compare_areas",
    "compare_care",
    "compare_kinds",
    "compare_methods",
    "comparison_table",
    "completeness_sentence",
    "control_sentence",
    "cost_sentences",
    "cost_table",
    "count_areas",
    "count_named",
    "count_new_patients",
    "counts_sentence",
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
    "gaps_sentence",
    "gaps_table",
    "grade_sentence",
    "init_practice",
    "interval_text",
    "kinds_sentence",
    "kinds_table",
    "lags_sentence",
    "ledger_of",
    "load_practice",
    "look_again_sentence",
    "made_up_banner",
    "match_sources",
    "methods_sentence",
    "methods_table",
    "moved_sentences",
    "named_by_partner",
    "named_sentence",
    "new_patients_by_clinic",
    "open_study",
    "outbound_table",
    "picture_sentence",
    "placebo_sentence",
    "planted_effects",
    "planted_sentence",
    "plot_balance",
    "plot_capture",
    "plot_care",
    "plot_completeness",
    "plot_costs",
    "plot_counts",
    "plot_definitions",
    "plot_effect",
    "plot_gaps",
    "plot_history",
    "plot_methods",
    "plot_named",
    "plot_placebos",
    "plot_planted",
    "plot_portfolio",
    "plot_published",
    "plot_row_account",
    "plot_trends",
    "portfolio_sentence",
    "portfolio_table",
    "priors_table",
    "provider_sentence",
    "published_results",
    "published_sentence",
    "published_table",
    "quality_sentence",
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
    "show",
    "show_table",
    "standing_sentence",
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
    "attribution.counts": "count_named count_new_patients",
    "attribution.designs.compare": "compare_methods",
    "attribution.effect": "Effect",
    "attribution.estimate": "estimate_effect estimate_effects",
    "attribution.gaps": "find_gaps",
    "attribution.ledger.balance": "balance_of",
    "attribution.ledger.costs": "add_costs",
    "attribution.ledger.responses": "estimate_responses",
    "attribution.ledger.returns": "weigh_returns",
    "attribution.named.reconcile": "Reconciliation",
    "attribution.published.compare": "published_results",
    "attribution.reviews.held": "Standing",
    "attribution.reviews.standing": "review_partnership review_partnerships",
    "cleaning.sources.matches": "match_sources",
    "practice": "init_practice load_practice Practice",
    "reporting.accounts": "named_by_partner new_patients_by_clinic provider_sentence run_record",
    "reporting.care": "care_sentence care_table kinds_sentence kinds_table",
    "reporting.caveats": "caveats",
    "reporting.changes": "changes_sentence",
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
    "reporting.figures.gaps": "plot_gaps",
    "reporting.figures.ledger": "plot_balance plot_costs",
    "reporting.figures.quality": "plot_capture plot_definitions plot_history",
    "reporting.figures.validation": "plot_planted plot_published",
    "reporting.gaps": "areas_sentence areas_table gaps_sentence gaps_table",
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
    "reporting.quality.tables": (
        "capture_table definition_sentence episodes_by_rule fault_sentences lags_sentence "
        "rejected_by_reason review_table rows_by_file rules_table tally_sentences "
        "understood_table"
    ),
    "reporting.quality.verdict": "finding_sentence fitness_table quality_sentence",
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
