"""Which partnership brought most, and which places cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from partner_analysis.attribution.portfolio.compare import Portfolio
from partner_analysis.reporting.html import NOTHING, Shown, html_table
from partner_analysis.reporting.long_lists import MOST_ROWS, ends_of, left_out_text, names_text
from partner_analysis.reporting.numbers import (
    chance_text,
    count_text,
    interval_text,
    level_text,
    list_text,
    number_text,
    short_name,
    span_words,
)
from partner_analysis.tables import Interval

ENDS: Final = "the first and the last of them"


def ranking_title(portfolio: Portfolio, names: Mapping[str, str]) -> str:
    """Say which brought most, or that the data cannot tell, as a title."""
    places = portfolio.places
    if places.empty:
        return "No partnership can be compared with others yet"
    if len(places) == 1:
        return f"Only {name_of(places.iloc[0], names)} can be compared; there is no order of one"
    first = may_lead(portfolio)
    told = [name_of(row, names) for row in first]
    if len(told) == 1:
        if not first[0].shrunk_low > 0:
            return f"If any brought more, the most came with {told[0]}"
        return f"{told[0]} brought the most extra new patients"
    if len(told) == len(places):
        return f"The data cannot tell which of {len(places)} partnerships brought the most"
    if len(places) > MOST_ROWS:
        return f"Any of {len(told)} of {len(places)} partnerships may have brought the most"
    return f"The most came through {' or '.join([', '.join(told[:-1]), told[-1]])}"


def ranking_sentence(portfolio: Portfolio, names: Mapping[str, str]) -> str:
    """Answer which alliance had the most impact, with its size and what cannot be told."""
    places = portfolio.places
    if places.empty:
        return (
            "No partnership has a number that can be compared yet: after its first review, three "
            "months after it began, it can be. Providers are never ranked."
        )
    title = f"{ranking_title(portfolio, names)}."
    parts = [title, _size_sentence(portfolio, names), _surely_sentence(portfolio, names)]
    parts.append(_places_sentence(portfolio))
    return " ".join([*filter(None, parts), _together_sentence(portfolio)]).strip()


def may_lead(portfolio: Portfolio) -> list[Any]:
    """Rows that may have place 1."""
    return [row for row in portfolio.places.itertuples() if row.first_place == 1]


def name_of(row: Any, names: Mapping[str, str]) -> str:
    """Name of one row of the places; of a bundle all names."""
    return list_text([short_name(names.get(key, key), most=45) for key in row.members])


def shrunk_of(row: Any) -> Interval:
    """The shrunk value of one row with its interval."""
    return Interval(row.shrunk, row.shrunk_low, row.shrunk_high)


def ranking_table(portfolio: Portfolio, names: Mapping[str, str]) -> Shown:
    """Give shrunk values and places, the owner's table; nothing without two to compare."""
    places = portfolio.places
    if len(places) < 2:
        return NOTHING
    rows = [
        (
            name_of(row, names),
            interval_text(shrunk_of(row)),
            places_text(row.first_place, row.last_place),
        )
        for row in ends_of(list(places.itertuples()))
    ]
    part = left_out_text(len(places), "ranking.csv", which=ENDS)
    note = (
        f"Extra new patients a month, in brackets {level_text(portfolio.level)} intervals. "
        f"Estimates are drawn towards {portfolio.prior}, the more the less each rests on; the true "
        "place is among those given as surely. Physicians and other providers are never placed."
    )
    heads = ["partnership", "extra a month (estimated)", "place"]
    title = ranking_title(portfolio, names)
    kinds = ("text", "number", "number")
    return html_table(heads, rows, kinds, title=title, note=f"{note} {part}".strip())


def chances_table(portfolio: Portfolio, names: Mapping[str, str]) -> Shown:
    """Give all that the places rest on, the analyst's table; nothing without two to compare."""
    if len(portfolio.places) < 2:
        return NOTHING
    rows = [
        (
            name_of(row, names),
            interval_text(Interval(row.estimate, row.low, row.high)),
            interval_text(shrunk_of(row)),
            chance_text(row.chance_positive),
            chance_text(row.chance_best),
            chance_text(row.chance_top_three),
            number_text(row.expected_place, digits=1),
            number_text(row.expected_loss, digits=1),
        )
        for row in ends_of(list(portfolio.places.itertuples()))
    ]
    heads = ["partnership", "alone, a month", "shrunk, a month", "above nil", "the best"]
    heads += ["among three", "expected place", "behind the best"]
    note = (
        "Posterior chances; behind the best: extra patients a month that it is expected to bring "
        "fewer than the truly best. The largest estimate alone is that of "
        f"{short_name(names.get(portfolio.winner_id, portfolio.winner_id), most=45)}; allowing for "
        f"its having been chosen as the largest, {interval_text(portfolio.winner)}, which is too "
        "high as often as too low."
    )
    if portfolio.false_share == portfolio.false_share:
        note += (
            f" Of the verdicts more and fewer, {chance_text(portfolio.false_share)} are expected "
            "to have the wrong sign."
        )
    kinds = ("text", *["number"] * 7)
    part = left_out_text(len(portfolio.places), "ranking.csv", which=ENDS)
    title = "What the places rest on"
    return html_table(heads, rows, kinds, title=title, note=f"{note} {part}".strip())


def places_text(first: int, last: int) -> str:
    """Give a set of places: "1", "1 to 5"."""
    return f"{first}" if first == last else f"{first} to {last}"


def _size_sentence(portfolio: Portfolio, names: Mapping[str, str]) -> str:
    """Say how much the one with the largest shrunk value brought."""
    row = next(portfolio.places.itertuples())
    size = span_words(shrunk_of(row))
    if len(portfolio.places) == 1:
        verb = "It brought an estimated" if row.shrunk_low > 0 else "The cautious estimate is"
        return f"{verb} {number_text(row.shrunk, digits=1)} a month ({size})."
    return (
        f"The largest cautious estimate is that of {name_of(row, names)}: "
        f"{number_text(row.shrunk, digits=1)} extra new patients a month "
        f"({level_text(portfolio.level)} interval {size}). Estimates here are pulled "
        f"towards {portfolio.prior}, so nearer together than where each stands alone."
    )


def _surely_sentence(portfolio: Portfolio, names: Mapping[str, str]) -> str:
    """Say which brought more for all that the data fit, where that is not the largest."""
    rows = list(portfolio.places.itertuples())
    sure = [row for row in rows if row.shrunk_low > 0]
    if len(rows) < 2 or not sure or sure[0] is rows[0]:
        return ""
    told = [f"{name_of(row, names)}, {interval_text(shrunk_of(row))}" for row in sure]
    verb = "is" if len(told) == 1 else "are"
    listed = names_text(told, of=len(rows)) if len(rows) > MOST_ROWS else "; ".join(told)
    return f"Smaller, but clearly above none, {verb} {listed}."


def _places_sentence(portfolio: Portfolio) -> str:
    runs = [f"{first} to {last}" for first, last in portfolio.alike]
    if not runs:
        return ""
    listed = names_text(runs, of=len(portfolio.places))
    return f"Places {listed} cannot be told apart."


def _together_sentence(portfolio: Portfolio) -> str:
    if not portfolio.together.is_number or len(portfolio.places) < 2:
        return ""
    many = count_text(len(portfolio.places), "partnership")
    fit = "" if portfolio.together.low > 0 or portfolio.together.high < 0 else "anything from "
    return (
        f"Together {many} come to {fit}{span_words(portfolio.together)} new patients a month than "
        f"without all of them ({level_text(portfolio.level)} interval). That is no sum of the "
        "lines, since it is estimated from all their clinics at once and not pulled together as "
        "the lines are."
    )
