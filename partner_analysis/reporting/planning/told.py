"""What a plan says in sentences."""

from __future__ import annotations

import math

from partner_analysis.attribution.planning.plan import Plan
from partner_analysis.reporting.numbers import chance_text, count_text, level_text, list_text
from partner_analysis.reporting.planning.words import (
    apart_words,
    designs_of,
    effect_text,
    first_upper,
    last_of,
    past_words,
    row_of,
    rows_of,
    size_words,
    stretches_text,
    tried_text,
)


def plan_title(plan: Plan) -> str:
    """Say whether the stated effect would be noticed, as a title."""
    if not plan.best:
        return f"It cannot be told yet whether {effect_text(plan)} would be noticed"
    if not plan.is_reached:
        row = last_of(plan, plan.best)
        return (
            f"No design here reaches 80% within {count_text(plan.months, 'month')}; the nearest is "
            f"{plan.best} with {chance_text(row['chance'])}"
        )
    when = count_text(plan.best_months, "month")
    return f"{first_upper(effect_text(plan))} would show soonest with {plan.best}: by {when}"


def plan_sentence(plan: Plan) -> str:
    """Answer whether the stated effect would be noticed, by which design and when."""
    if not plan.best:
        return f"{plan_title(plan)}. {plan.why_not}"
    row = row_of(plan, plan.best, plan.best_months if plan.is_reached else math.nan)
    chance = f"{chance_text(row['chance'])} by formula; {past_words(row)}"
    if plan.is_reached:
        when = count_text(row["months"], "month")
        return (
            f"{first_upper(effect_text(plan))} would most likely be noticed: soonest with "
            f"{plan.best}, declared by {when} after the start. The chance: {chance}."
        )
    return (
        f"{plan_title(plan)} ({chance}). To be noticed there with 80% chance, the effect would "
        f"have to be {size_words(row)}."
    )


def smallest_sentence(plan: Plan) -> str:
    """Say how small an effect would be noticed with the best design, review by review."""
    if not plan.best:
        return ""
    rows = rows_of(plan, plan.best)
    parts = [f"{size_words(row)} by {count_text(row['months'], 'month')}" for row in rows]
    return (
        f"With {plan.best} the smallest effect that planned reviews would declare with 80% chance "
        f"is {list_text(parts)} after the start, by formula."
    )


def past_sentence(plan: Plan) -> str:
    """Say what planting effects in the practice's own past found, and what it rests on."""
    if not plan.best:
        return ""
    rows = [row for row in rows_of(plan, plan.best) if row["tried"] > 0]
    if not rows:
        return (
            f"{first_upper(plan.best)} cannot be tried in the past: there is no stretch with half "
            "a year before it in which nothing else began or ended there. Only the formula answers."
        )
    row = rows[-1]
    return (
        f"Planted in {stretches_text(row['tried'])} of the practice's own past "
        f"({apart_words(row)}), at these clinics or as many others, the effect was noticed by "
        f"{count_text(row['months'], 'month')} in {tried_text(row)} of cases; the formula says "
        f"{chance_text(row['tried_foreseen'])} for the same stretches. They have less history "
        "before them than a start today, so they tend to show less."
    )


def comparison_note(plan: Plan) -> str:
    """Warn where the best design leaves nothing to compare with; empty where it does not."""
    if not plan.best or bool(last_of(plan, plan.best)["is_compared"]):
        return ""
    others = plan.answers[plan.answers["is_compared"]]
    note = (
        f"With {plan.best} at once no other clinic or kind of patient is left to compare with: "
        "whatever else changed would be taken for the partnership, and the evidence could "
        "hardly be more than weak."
    )
    if others.empty:
        return note
    nearest = others.sort_values(["months", "chance"], kind="stable").iloc[-1]
    return (
        f"{note} With a comparison, the nearest is {nearest['design']}: "
        f"{chance_text(nearest['chance'])} by {count_text(nearest['months'], 'month')}."
    )


def scope_note(plan: Plan) -> str:
    """Say that a large chain was planned on some of its clinics; empty where it was not."""
    if not plan.clinics_left_out:
        return ""
    others = count_text(plan.clinics_left_out, "clinic")
    return f"Planned on clinics of all sizes; {others} more would hardly add to the comparison."


def looks_sentence(plan: Plan) -> str:
    """Say when to look, and what looking every month costs."""
    if plan.looks.empty:
        return ""
    last = plan.looks.iloc[-1]
    wrong = level_text(round(1 - plan.level, 6))
    months = [int(month) for month in sorted(plan.answers["months"].unique())]
    reviews = list_text([str(month) for month in months])
    row = last_of(plan, plan.best)
    same_month = row["months"] == last["month"]
    price = (
        f" By month {last['month']:.0f} the chance is then {chance_text(last['chance'])}, "
        f"with planned reviews only {chance_text(row['chance'])}."
        if same_month
        else ""
    )
    return (
        f"Look at the planned reviews, {reviews} months after the start. Somebody who looks every "
        "month should call it a change only beyond that month's limit in the table: then a "
        f"partnership that changes nothing is called one, ever, in at most {wrong} of cases.{price}"
    )


def plan_alt(plan: Plan) -> str:
    """Say the picture's numbers, for those who cannot see it."""
    said = [
        f"{design}, {chance_text(last_of(plan, design)['chance'])}" for design in designs_of(plan)
    ]
    by = f" Chance by {count_text(plan.months, 'month')}: {'; '.join(said)}." if said else ""
    return f"{plan_title(plan)}.{by}"
