# The public names, pa.<name>, and where each lives; loaded when first used.
from .attribution.access import compare_kinds as compare_kinds
from .attribution.areas import (
    compare_areas as compare_areas,
)
from .attribution.areas import (
    count_areas as count_areas,
)
from .attribution.care import compare_care as compare_care
from .attribution.choosing import (
    score_candidates as score_candidates,
)
from .attribution.choosing import (
    score_parts as score_parts,
)
from .attribution.counts import (
    count_named as count_named,
)
from .attribution.counts import (
    count_new_patients as count_new_patients,
)
from .attribution.designs.compare import compare_methods as compare_methods
from .attribution.effect import Effect as Effect
from .attribution.estimate import (
    estimate_effect as estimate_effect,
)
from .attribution.estimate import (
    estimate_effects as estimate_effects,
)
from .attribution.gaps import find_gaps as find_gaps
from .attribution.goals.backtest import back_test_goals as back_test_goals
from .attribution.goals.follow import follow_goals as follow_goals
from .attribution.goals.goal import state_goals as state_goals
from .attribution.ledger.balance import balance_of as balance_of
from .attribution.ledger.costs import add_costs as add_costs
from .attribution.ledger.responses import estimate_responses as estimate_responses
from .attribution.ledger.returns import weigh_returns as weigh_returns
from .attribution.named.reconcile import Reconciliation as Reconciliation
from .attribution.planning.plan import plan_partnership as plan_partnership
from .attribution.portfolio.alliances import list_alliances as list_alliances
from .attribution.portfolio.compare import (
    Portfolio as Portfolio,
)
from .attribution.portfolio.compare import (
    compare_partnerships as compare_partnerships,
)
from .attribution.portfolio.concentration import concentration_of as concentration_of
from .attribution.portfolio.recommend import recommend_all as recommend_all
from .attribution.published.compare import published_results as published_results
from .attribution.reviews.held import Standing as Standing
from .attribution.reviews.standing import (
    review_partnership as review_partnership,
)
from .attribution.reviews.standing import (
    review_partnerships as review_partnerships,
)
from .attribution.tiers import count_tiers as count_tiers
from .attribution.together.pool import pool_effects as pool_effects
from .cleaning.sources.matches import match_sources as match_sources
from .practice import (
    Practice as Practice,
)
from .practice import (
    load_practice as load_practice,
)
from .reporting.accounts import (
    named_by_partner as named_by_partner,
)
from .reporting.accounts import (
    new_patients_by_clinic as new_patients_by_clinic,
)
from .reporting.accounts import (
    provider_sentence as provider_sentence,
)
from .reporting.accounts import (
    run_record as run_record,
)
from .reporting.areas import areas_sentence as areas_sentence
from .reporting.areas import areas_table as areas_table
from .reporting.care import (
    care_sentence as care_sentence,
)
from .reporting.care import (
    care_table as care_table,
)
from .reporting.care import (
    kinds_sentence as kinds_sentence,
)
from .reporting.care import (
    kinds_table as kinds_table,
)
from .reporting.caveats import caveats as caveats
from .reporting.changes import changes_sentence as changes_sentence
from .reporting.choosing import (
    choosing_sentence as choosing_sentence,
)
from .reporting.choosing import (
    scorecard_table as scorecard_table,
)
from .reporting.display import (
    checks_table as checks_table,
)
from .reporting.display import (
    comparison_table as comparison_table,
)
from .reporting.display import (
    effect_table as effect_table,
)
from .reporting.display import (
    made_up_banner as made_up_banner,
)
from .reporting.display import (
    record_table as record_table,
)
from .reporting.display import (
    say as say,
)
from .reporting.display import (
    show as show,
)
from .reporting.display import (
    show_table as show_table,
)
from .reporting.evidence import (
    control_sentence as control_sentence,
)
from .reporting.evidence import (
    grade_sentence as grade_sentence,
)
from .reporting.evidence import (
    together_sentence as together_sentence,
)
from .reporting.evidence import (
    trends_sentence as trends_sentence,
)
from .reporting.exploring.saved import read_view as read_view
from .reporting.exploring.view import (
    Choices as Choices,
)
from .reporting.exploring.view import (
    view_of as view_of,
)
from .reporting.exploring.view import (
    view_sentences as view_sentences,
)
from .reporting.exploring.widgets import explore as explore
from .reporting.figures import (
    plot_completeness as plot_completeness,
)
from .reporting.figures import (
    plot_counts as plot_counts,
)
from .reporting.figures import (
    plot_effect as plot_effect,
)
from .reporting.figures import (
    plot_methods as plot_methods,
)
from .reporting.figures import (
    plot_named as plot_named,
)
from .reporting.figures import (
    plot_placebos as plot_placebos,
)
from .reporting.figures import (
    plot_portfolio as plot_portfolio,
)
from .reporting.figures import (
    plot_row_account as plot_row_account,
)
from .reporting.figures import (
    plot_trends as plot_trends,
)
from .reporting.figures.care import plot_care as plot_care
from .reporting.figures.choosing import plot_candidates as plot_candidates
from .reporting.figures.gaps import plot_gaps as plot_gaps
from .reporting.figures.goals import plot_goal as plot_goal
from .reporting.figures.ledger import (
    plot_balance as plot_balance,
)
from .reporting.figures.ledger import (
    plot_costs as plot_costs,
)
from .reporting.figures.planning import plot_plan as plot_plan
from .reporting.figures.pool import plot_pool as plot_pool
from .reporting.figures.quality import (
    plot_capture as plot_capture,
)
from .reporting.figures.quality import (
    plot_definitions as plot_definitions,
)
from .reporting.figures.quality import (
    plot_history as plot_history,
)
from .reporting.figures.ranking import (
    plot_ranking as plot_ranking,
)
from .reporting.figures.ranking import (
    plot_sources as plot_sources,
)
from .reporting.figures.validation import (
    plot_planted as plot_planted,
)
from .reporting.figures.validation import (
    plot_published as plot_published,
)
from .reporting.gaps import (
    gaps_sentence as gaps_sentence,
)
from .reporting.gaps import (
    gaps_table as gaps_table,
)
from .reporting.goals.shown import show_goals as show_goals
from .reporting.goals.stated import goal_sentence as goal_sentence
from .reporting.goals.tables import (
    back_test_table as back_test_table,
)
from .reporting.goals.tables import (
    goals_table as goals_table,
)
from .reporting.goals.told import (
    measurable_sentence as measurable_sentence,
)
from .reporting.goals.told import (
    progress_sentence as progress_sentence,
)
from .reporting.ledger.balance import (
    activity_table as activity_table,
)
from .reporting.ledger.balance import (
    balance_sentences as balance_sentences,
)
from .reporting.ledger.balance import (
    balance_table as balance_table,
)
from .reporting.ledger.balance import (
    done_sentences as done_sentences,
)
from .reporting.ledger.balance import (
    done_table as done_table,
)
from .reporting.ledger.balance import (
    outbound_table as outbound_table,
)
from .reporting.ledger.costs import (
    cost_sentences as cost_sentences,
)
from .reporting.ledger.costs import (
    cost_table as cost_table,
)
from .reporting.ledger.ledger import ledger_of as ledger_of
from .reporting.ledger.responses import (
    response_sentence as response_sentence,
)
from .reporting.ledger.responses import (
    response_table as response_table,
)
from .reporting.ledger.responses import (
    responses_of as responses_of,
)
from .reporting.ledger.returns import return_sentences as return_sentences
from .reporting.methods import methods_sentence as methods_sentence
from .reporting.named import (
    blend_sentence as blend_sentence,
)
from .reporting.named import (
    named_sentence as named_sentence,
)
from .reporting.numbers import interval_text as interval_text
from .reporting.overview import (
    cleaning_sentence as cleaning_sentence,
)
from .reporting.overview import (
    completeness_sentence as completeness_sentence,
)
from .reporting.overview import (
    counts_sentence as counts_sentence,
)
from .reporting.overview import (
    portfolio_sentence as portfolio_sentence,
)
from .reporting.placebos import placebo_sentence as placebo_sentence
from .reporting.planning.asked import plan_study as plan_study
from .reporting.planning.tables import designs_table as designs_table
from .reporting.planning.tables import looks_table as looks_table
from .reporting.planning.tables import smallest_table as smallest_table
from .reporting.planning.told import comparison_note as comparison_note
from .reporting.planning.told import looks_sentence as looks_sentence
from .reporting.planning.told import past_sentence as past_sentence
from .reporting.planning.told import plan_sentence as plan_sentence
from .reporting.planning.told import smallest_sentence as smallest_sentence
from .reporting.pool import (
    pool_sentences as pool_sentences,
)
from .reporting.pool import (
    pool_table as pool_table,
)
from .reporting.portfolio.alliances import (
    alliances_sentence as alliances_sentence,
)
from .reporting.portfolio.alliances import (
    alliances_table as alliances_table,
)
from .reporting.portfolio.alliances import (
    concentration_sentence as concentration_sentence,
)
from .reporting.portfolio.alliances import (
    concentration_table as concentration_table,
)
from .reporting.portfolio.decisions import (
    decisions_sentence as decisions_sentence,
)
from .reporting.portfolio.decisions import (
    decisions_table as decisions_table,
)
from .reporting.portfolio.ranking import (
    chances_table as chances_table,
)
from .reporting.portfolio.ranking import (
    ranking_sentence as ranking_sentence,
)
from .reporting.portfolio.ranking import (
    ranking_table as ranking_table,
)
from .reporting.quality.tables import (
    capture_table as capture_table,
)
from .reporting.quality.tables import (
    definition_sentence as definition_sentence,
)
from .reporting.quality.tables import (
    episodes_by_rule as episodes_by_rule,
)
from .reporting.quality.tables import (
    fault_sentences as fault_sentences,
)
from .reporting.quality.tables import (
    lags_sentence as lags_sentence,
)
from .reporting.quality.tables import (
    rejected_by_reason as rejected_by_reason,
)
from .reporting.quality.tables import (
    review_table as review_table,
)
from .reporting.quality.tables import (
    rows_by_file as rows_by_file,
)
from .reporting.quality.tables import (
    rules_table as rules_table,
)
from .reporting.quality.tables import (
    tally_sentences as tally_sentences,
)
from .reporting.quality.tables import (
    understood_table as understood_table,
)
from .reporting.quality.verdict import (
    finding_sentence as finding_sentence,
)
from .reporting.quality.verdict import (
    fitness_table as fitness_table,
)
from .reporting.quality.verdict import (
    quality_sentence as quality_sentence,
)
from .reporting.shared_files import read_shared as read_shared
from .reporting.side_by_side import (
    methods_table as methods_table,
)
from .reporting.side_by_side import (
    portfolio_table as portfolio_table,
)
from .reporting.side_by_side import (
    priors_table as priors_table,
)
from .reporting.side_by_side import (
    reviews_table as reviews_table,
)
from .reporting.side_by_side import (
    together_table as together_table,
)
from .reporting.standings import (
    picture_sentence as picture_sentence,
)
from .reporting.standings import (
    standing_sentence as standing_sentence,
)
from .reporting.study import (
    Study as Study,
)
from .reporting.study import (
    open_study as open_study,
)
from .reporting.tiers import tiers_table as tiers_table
from .reporting.validation import (
    planted_effects as planted_effects,
)
from .reporting.validation import (
    planted_sentence as planted_sentence,
)
from .reporting.validation import (
    published_sentence as published_sentence,
)
from .reporting.validation import (
    published_table as published_table,
)
from .reporting.wording import (
    effect_sentence as effect_sentence,
)
from .reporting.wording import (
    look_again_sentence as look_again_sentence,
)
from .reporting.wording import (
    visible_sentence as visible_sentence,
)
from .simulate import write_practice as write_practice
from .small_tables import init_practice as init_practice
from .tables import (
    DataError as DataError,
)
from .tables import (
    InputError as InputError,
)
from .tables import (
    Interval as Interval,
)
from .tables import (
    SettingsError as SettingsError,
)

__version__: str
from .attribution.portfolio.calls import list_calls as list_calls
from .attribution.reach import compare_reach as compare_reach
from .attribution.waits import compare_waits as compare_waits
from .reporting.figures.beside import plot_reach as plot_reach
from .reporting.figures.beside import plot_waits as plot_waits
from .reporting.figures.moved import plot_moved as plot_moved
from .reporting.figures.timing import plot_course as plot_course
from .reporting.moved import moved_sentences as moved_sentences
from .reporting.portfolio.alliances import aligned_sentences as aligned_sentences
from .reporting.portfolio.calls import calls_sentences as calls_sentences
from .reporting.portfolio.calls import calls_table as calls_table
from .reporting.reach import reach_sentences as reach_sentences
from .reporting.reach import reach_table as reach_table
from .reporting.shown import show_moved as show_moved
from .reporting.shown import show_tiers as show_tiers
from .reporting.shown import show_timing as show_timing
from .reporting.shown import show_waits as show_waits
from .reporting.timing import timing_sentences as timing_sentences
from .reporting.waits import waits_sentences as waits_sentences
from .reporting.waits import waits_table as waits_table
