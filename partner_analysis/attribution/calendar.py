"""What is known beforehand to move counts: holidays, insurance years and declared shocks.

One clinic's series cannot tell a partnership that began in November from what every November
does. Each known cause is therefore a regressor with a coefficient of its own, whose size is not
known but has a stated prior: normal around 0 with the standard deviation ``sd``, on the log scale.
The data decide within it, and what they cannot decide widens the interval.

Sources: Brodersen and others (2015), Inferring causal impact using Bayesian structural time-series
models (known calendar effects as regressors with priors); Findley and others (1998), New
capabilities and methods of the X-12-ARIMA seasonal-adjustment program (holidays as deviations from
the usual number); the ``holidays`` package for the dates, which needs no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partner_analysis.attribution.cells import Bools, Floats, Ints
from partner_analysis.tables import InputError

HOLIDAY_SD: Final = 0.65
FORTNIGHT_SD: Final = 0.25
FORTNIGHT_SD_IN_OPEN_DAYS: Final = 0.12
JANUARY_SD: Final = 0.10
YEAR_END_SD: Final = 0.07
SHOCK_SD: Final = 0.5
CLOSES_FROM: Final = 0.4

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Causes:
    """Known causes as regressors of the log of what is expected.

    ``labels`` (k) name them in words; ``columns`` (C, T, k) say how much of each there is in
    every clinic and period, 0 where none; ``sd`` (k) is the prior standard deviation of the log
    effect of one unit. Causes that are alike in all periods are not listed: the level has them.
    """

    labels: tuple[str, ...]
    columns: Floats
    sd: Floats


def known_causes(
    periods: pd.DatetimeIndex,
    length: Ints,
    *,
    clinics: Sequence[str],
    events: pd.DataFrame | None = None,
    country: str = "US",
    subdivision: str | None = None,
    has_open_days: bool = False,
) -> Causes:
    """Everything known beforehand that moves these clinics' counts in these periods.

    Parameters
    ----------
    periods, length
        First day of each period, ascending, and its length in days: (T).
    clinics
        Names of the clinics, in the order of the columns that come back.
    events
        As ``check_events`` returns them; those of kind "shock" are used. None: there are none.
    country, subdivision
        Whose public holidays, as the ``holidays`` package names them; country "" has none. The
        insurance year is that of the United States.
    has_open_days
        Whether the exposure leaves out days on which a clinic was closed (see
        ``leaves_out_holidays``). Then the weekday holidays are in the exposure already, and a
        column of them would count them twice: there is none.

    Returns
    -------
    Causes
        One column per cause; with the reasons for each prior standard deviation:

        - *Public holidays* (0.65): weekdays lost, as a share of the period's weekdays beyond the
          usual one. All patients of a lost day lost is a log effect of -1 per unit, all of them
          seen on other days is 0, and many practices open on minor holidays: a half lost, give
          or take 0.4, is 0.65 around 0.
        - *Christmas to New Year* (0.25; 0.12 where closed days are in the exposure): share of
          the period in 22 December to 4 January. Care is put off: up to two in five fewer start
          (two standard deviations), of which about half are days closed.
        - *January* (0.10): share of the period in January, when deductibles start anew. Swings
          of a fifth between months are on record at physical-therapy practices.
        - *End of the insurance year* (0.07): share of the period in 1 November to 21 December,
          when deductibles are met. The same in the other direction, spread over more weeks.
        - *Declared shocks* (0.5): share of the period within it, at its clinics. Something worth
          declaring could take 40 percent of the patients or bring two thirds more, and twice
          that is no surprise; closed days belong into the exposure.

    Raises
    ------
    InputError
        For a country or subdivision that the ``holidays`` package does not know.
    """
    first = periods.to_numpy().astype("datetime64[D]")
    after = first + np.asarray(length).astype("timedelta64[D]")
    labels, columns, sd = _of_everybody(
        first.tobytes(), after.tobytes(), country, subdivision, has_open_days
    )
    shared = np.broadcast_to(columns, (len(clinics), *columns.shape))
    if events is None or not (events["kind"] == "shock").any():
        return Causes(labels, shared.copy(), sd.copy())
    shocks = events.loc[events["kind"] == "shock"]
    own = _shocks(shocks, first, after, clinics)
    moves = np.ptp(own.reshape(-1, own.shape[2]), axis=0) > 0
    named = tuple(label for label, used in zip(shocks["label"], moves, strict=True) if used)
    return Causes(
        labels=labels + named,
        columns=np.concatenate([shared, own[:, :, moves]], axis=2),
        sd=np.append(sd, np.full(len(named), SHOCK_SD)),
    )


def leaves_out_holidays(
    exposure: Floats,
    usable: Bools,
    periods: pd.DatetimeIndex,
    length: Ints,
    *,
    country: str = "US",
    subdivision: str | None = None,
) -> bool:
    """Whether an exposure falls with the public holidays, as days open do and calendar days do not.

    Read off the exposure itself, since ``open_days`` may as well hold the days of the calendar on
    which a clinic existed: per weekday it loses at least 40 percent of what being closed on every
    public holiday would cost (least squares over cells and periods; many practices open on
    the minor ones).

    Parameters
    ----------
    exposure, usable
        Exposure of each cell and period, and where it counts: (rows, T).
    periods, length, country, subdivision
        As for ``known_causes``.
    """
    if not usable.any() or (np.broadcast_to(length, usable.shape) == exposure)[usable].mean() > 0.9:
        return False
    first = periods.to_numpy().astype("datetime64[D]")
    after = first + np.asarray(length).astype("timedelta64[D]")
    weekdays = np.maximum(np.busday_count(first, after), 1)
    share = _weekday_holidays(first, after, country, subdivision) / weekdays
    known = np.maximum(usable.sum(axis=1, keepdims=True), 1)
    rate = np.where(usable, exposure / weekdays, 0.0)
    usual = np.maximum(rate.sum(axis=1, keepdims=True) / known, 1e-300)
    loss = np.where(usable, 1 - rate / usual, 0.0)
    more = np.where(usable, share - (usable * share).sum(axis=1, keepdims=True) / known, 0.0)
    return bool((more * loss).sum() > CLOSES_FROM * (more**2).sum() > 0)


@lru_cache(maxsize=32)
def _of_everybody(
    first_bytes: bytes, after_bytes: bytes, country: str, subdivision: str | None, shut: bool
) -> tuple[tuple[str, ...], Floats, Floats]:
    """Labels, columns (T, k) and prior sd of what moves all clinics alike."""
    first = np.frombuffer(first_bytes, "datetime64[D]")
    after = np.frombuffer(after_bytes, "datetime64[D]")
    causes: list[tuple[str, Floats, float]] = []
    if country and not shut:
        weekdays = np.maximum(np.busday_count(first, after), 1)
        lost = _weekday_holidays(first, after, country, subdivision) / weekdays
        causes.append(("public holidays", lost - lost.mean(), HOLIDAY_SD))
    if country:
        sd = FORTNIGHT_SD_IN_OPEN_DAYS if shut else FORTNIGHT_SD
        causes.append(("Christmas to New Year", _season(first, after, (12, 22), (1, 5)), sd))
    if country == "US":
        new_year = _season(first, after, (1, 1), (2, 1))
        causes.append(("January, when deductibles start anew", new_year, JANUARY_SD))
        year_end = _season(first, after, (11, 1), (12, 22))
        causes.append(("end of the insurance year", year_end, YEAR_END_SD))
    kept = [cause for cause in causes if np.ptp(cause[1]) > 0]
    columns = np.column_stack([np.zeros((len(first), 0)), *(column for _, column, _ in kept)])
    return tuple(label for label, _, _ in kept), columns, np.array([sd for _, _, sd in kept])


def _weekday_holidays(first: Days, after: Days, country: str, subdivision: str | None) -> Floats:
    """Number of public holidays, observed ones included, on weekdays of each period."""
    if not len(first) or not country:
        return np.zeros(len(first))
    dates = _public_holidays(country, subdivision, _year(first[0]), _year(after[-1]))
    lost: Floats = (np.searchsorted(dates, after) - np.searchsorted(dates, first)).astype(float)
    return lost


@lru_cache(maxsize=32)
def _public_holidays(country: str, subdivision: str | None, since: int, until: int) -> Days:
    """Public holidays on weekdays of these years, ascending."""
    try:
        known = holidays.country_holidays(
            country, subdiv=subdivision, years=range(since, until + 1)
        )
    except NotImplementedError:
        raise InputError(
            "holidays: this country or subdivision is not known. Give a country such as US with "
            'a subdivision such as RI or none, or country "" for no holidays.'
        ) from None
    dates = np.array(sorted(known), dtype="datetime64[D]")
    return dates[np.is_busday(dates)]


def _season(first: Days, after: Days, begins: tuple[int, int], ends: tuple[int, int]) -> Floats:
    """Share of each period in a season of every year, from a month and day to before another."""
    if not len(first):
        return np.zeros(0)
    years = np.arange(_year(first[0]) - 1, _year(after[-1]) + 1)
    since = _on(years, *begins)
    until = _on(years + (ends < begins), *ends)
    return _shares(first, after, since, until).sum(axis=1)


def _shares(first: Days, after: Days, since: Days, until: Days) -> Floats:
    """Share of each period (T) within each span (n) from one day to before another: (T, n)."""
    day = np.timedelta64(1, "D")
    inside = np.minimum(after[:, None], until) - np.maximum(first[:, None], since)
    shares: Floats = np.clip(inside / day, 0, None) / ((after - first) / day)[:, None]
    return shares


def _shocks(shocks: pd.DataFrame, first: Days, after: Days, clinics: Sequence[str]) -> Floats:
    """Share of each period within each declared shock, at its clinics: (C, T, shocks)."""
    since = shocks["start_date"].to_numpy().astype("datetime64[D]")
    end = shocks["end_date"].fillna(pd.Timestamp(after[-1])).to_numpy().astype("datetime64[D]")
    share = _shares(first, after, since, end + np.timedelta64(1, "D"))
    there = [[not names or clinic in names for names in shocks["clinics"]] for clinic in clinics]
    return np.array(there, dtype=float).reshape(len(clinics), 1, len(shocks)) * share


def _on(years: Ints, month: int, day: int) -> Days:
    """One day of each year."""
    months = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    return months.astype("datetime64[D]") + (day - 1)


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970
