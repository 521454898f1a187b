"""Two years of shareable pages, laid side by side, give no small count away.

The attacker has every page of every month, for all partners and the board, and knows whom each
partnership is for. Every number in the text, the tables and the words of pictures is taken as a
constraint on new patients by clinic, kind of patient and month and on those who named a partner;
a number that it cannot place stops the test. Then it asks of each cell that is 1 to 10 in truth
what it could be: one whole number only, and it is recovered.
"""

import math
import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.special import gammaincinv, ndtri

from partner_analysis.attribution.effect import without_number
from partner_analysis.attribution.ledger.balance import GIVEN_BY
from partner_analysis.attribution.reviews.held import REVIEW_COLUMNS, Standing
from partner_analysis.attribution.reviews.standing import review_partnerships
from partner_analysis.practice import load_practice
from partner_analysis.reporting import pages
from partner_analysis.reporting.shareable import editions, effects
from partner_analysis.reporting.shareable import pages as shared_pages
from partner_analysis.reporting.shareable.published import Published
from partner_analysis.simulate import simulate_practice
from partner_analysis.small_tables import init_practice

ROOT = Path(__file__).parents[2]
MONTHS = pd.date_range("2022-01-01", "2024-12-01", freq="MS")
CLINICS, PERSONAS = ("North", "South", "East", "West"), ("runner", "pregnancy", "general")
PARTNERS = {  # kind, clinics, personas, start
    "shop": ("running store", ("North", "South"), ("runner",), "2023-01-01"),
    "gym": ("gym", ("North",), ("general",), "2023-03-01"),
    "club": ("club", ("North", "South", "East"), ("runner", "general"), "2023-03-01"),
    "yoga": ("yoga studio", ("South",), ("pregnancy",), "2022-07-01"),
    "works": ("employer", ("East",), ("general",), "2022-05-01"),
    "doctors": ("physician group", ("South",), (), "2022-02-01"),
}
GRID = [(step / 20, error / 50) for step in range(-60, 61) for error in range(1, 101)]
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
QUARTERS = ("January to March", "April to June", "July to September", "October to December")
MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
HARMLESS = (  # dates and rules, which say nothing of any patient
    rf"(?:\d+ )?{MONTH} \d{{4}}", r"\(\d\d(?:\.\d+)?% interval", r"partner-analysis \d\.\d\.\d",
    r"Counts of 1 to 10 are shown as", r"reviewed 3, 6 and 12 months after",
   
    r"smaller than about [\d,]+%",
    r"\d+ partnerships?",
)  # fmt: skip


# ------------------------------------------------------------------ a practice with small counts
def practice_of(seed, folder):
    """Counts, named counts and register of three years, many of its cells below 11 a quarter."""
    rng = np.random.default_rng(seed)
    cells = [(clinic, persona) for clinic in CLINICS for persona in PERSONAS]
    means = dict(zip(cells, rng.gamma(0.8, 2.5, len(cells)), strict=True))
    rows = [(m, c, p, rng.poisson(means[c, p])) for m in MONTHS for c, p in cells]
    counts = pd.DataFrame(rows, columns=["period", "clinic", "persona", "new_patients"])
    share = dict(zip(PARTNERS, rng.uniform(0.05, 0.5, len(PARTNERS)), strict=True))
    named = pd.concat(
        counts.loc[inside(counts, *PARTNERS[key][1:3])].assign(
            partnership_id=key, named=lambda t, k=key: rng.binomial(t["new_patients"], share[k])
        )
        for key in PARTNERS
    )
    register = pd.DataFrame(
        {"partnership_id": key, "name": key.title(), "kind": kind, "clinics": clinics,
         "personas": personas, "start_date": pd.Timestamp(start), "review_date": pd.NaT,
         "provider": kind == "physician group"}
        for key, (kind, clinics, personas, start) in PARTNERS.items()
    )  # fmt: skip
    return counts, named, register, load_practice(init_practice(folder))


def inside(table, clinics, personas):
    return table["clinic"].isin(clinics or CLINICS) & table["persona"].isin(personas or PERSONAS)


def study_at(practice, as_of):
    """As much of a study as pages are made from, at one date."""
    counts, named, register, settings = practice
    begun = register.loc[register["start_date"] <= as_of]
    until = as_of - pd.offsets.MonthEnd(1)
    reviews = {row.partnership_id: standing_at(row, until) for row in begun.itertuples()}
    flow = ["partnership_id", "month", "given_by", *GIVEN_BY]
    activity = ["partnership_id", "date", "kind", "staff_hours", "partner_share"]
    activities = pd.DataFrame(columns=activity).astype({"date": "<M8[ns]"})
    register_ = SimpleNamespace(activities=activities, flows=pd.DataFrame(columns=flow))
    return SimpleNamespace(
        practice=settings, names=dict(zip(register["partnership_id"], register["name"])),  # noqa: B905
        counts=counts.loc[counts["period"] <= until], named=named.loc[named["period"] <= until],
        partnerships=begun, not_begun={}, providers=frozenset({"doctors"}), standings=reviews,
        as_of=as_of, complete_until=until, care=lambda key: None,
        register=register_,
        cleaned=SimpleNamespace(period="month"),
    )  # fmt: skip


def standing_at(row, until):
    """Reviews after 3, 6, 12 and 24 months whose counts are complete."""
    days = [row.start_date + pd.DateOffset(months=m) for m in (3, 6, 12, 24, 36)]
    held = [day for day in days if day <= until + pd.Timedelta(days=1)]
    after = [day for day in days if day not in held] or [pd.NaT]
    reviews = pd.DataFrame({"review": held}).reindex(columns=list(REVIEW_COLUMNS))
    reviews["level"] = 0.98
    last = held[-1] if held else pd.NaT
    return Standing(row.partnership_id, "as judged", last, after[0], reviews)


def made_up_effect(counts, register, key, *, review, level, **more):
    """An estimate over the months from start to review, with what truly came in it."""
    kind, clinics, personas, start = PARTNERS[key]
    active = (counts["period"] >= start) & (counts["period"] < review)
    observed = float(counts.loc[inside(counts, clinics, personas) & active, "new_patients"].sum())
    rng = np.random.default_rng(len(key) + round(observed))
    expected = max(observed, 1.0) * rng.lognormal(-0.2, 0.3)
    without = expected * rng.lognormal(0, 0.12, 4000)
    ratio = observed / expected
    blank = without_number(partnership_id=key, name=key.title(), kind=kind, level=level, note="")
    return effects.replace(
        blank, observed=observed, expected=expected, method="panel",
        draws=np.stack([rng.gamma(observed + 0.5, 1, 4000), without]),
        verdict="more" if ratio > 1.3 else "no clear change", active_days=365.0,
        per_month=blank.per_month.__class__(1.0, 0.0, 2.0), smallest_visible=2.0,
        first_day=pd.Timestamp(start), last_day=review - pd.Timedelta(days=1),
        bundle=("gym", "club") if key == "gym" else (),
    )  # fmt: skip


# ------------------------------------------------------------------ reading pages
class Texts(HTMLParser):
    """Everything on a page that a reader sees or hears, cell by cell, and the tables."""

    def __init__(self):
        super().__init__()
        self.texts, self.tables, self.silent, self.cells = [], [], 0, []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.silent += tag == "style"
        self.texts += [given[name] for name in ("alt", "title", "aria-label") if given.get(name)]
        if tag == "table":
            self.tables.append([])
        if tag == "tr" and self.tables:
            self.tables[-1].append([])

    def handle_endtag(self, tag):
        self.silent -= tag == "style"

    def handle_data(self, text):
        if self.silent or not text.strip():
            return
        self.texts.append(text.strip())
        if self.get_starttag_text().startswith(("<td", "<th")):
            self.tables[-1][-1].append(text.strip())


def period_of(words):
    year, _, rest = words.partition(", ")
    return f"{year}Q{QUARTERS.index(rest) + 1}" if rest else year


@dataclass(frozen=True)
class Fact:
    """A published number: of whom, when, and the least and most that it says."""

    what: str
    who: tuple
    period: str
    least: float
    most: float
    error: float = math.inf


def count_fact(what, who, period, text):
    """Of a count: exact, 1 to 10, or nothing at all."""
    if text in ("not shown", "not open"):
        return None
    least, most = (
        (1, 10) if text in ("<11", "fewer than 11") else (float(text.replace(",", "")),) * 2
    )
    return Fact(what, who, period, least, most)


def facts_of(key, page):
    """Every fact of a page; it fails on a number that it cannot place."""
    parser = Texts()
    parser.feed(page)
    kind, clinics, personas, _ = PARTNERS.get(key, ("", (), (), ""))
    scope = (clinics, () if kind == "employer" else personas)
    found, placed = set(), set()
    for head, *rows in parser.tables:
        for name, *cells in rows:
            for heading, text in zip(head[1:], cells, strict=True):
                if head[0] == "clinic":
                    found.add(count_fact("came", ((name,), ()), heading, text))
                else:
                    what = "named" if "named" in heading else "came"
                    whom = key if what == "named" else scope
                    found.add(count_fact(what, whom, period_of(name), text))
                placed |= {text, heading, name}
    for text in parser.texts:
        if re.match(r"New patients\. 20", text):  # the words of a picture say what its table says
            said = {tuple(part.split(": ")) for part in text[14:].rstrip(".").split("; ")}
            found |= {count_fact("came", scope, period_of(when), number) for when, number in said}
            continue
        found |= effect_facts(key, text, parser.texts)
        refuse_unknown_numbers(text, placed)
    return found - {None}


def effect_facts(key, text, texts):
    """The effect as bounds of what came over what was expected, by all that rounding leaves."""
    said = re.match(r"At the review of .+?(\d\d(?:\.\d+)?)% interval", text)
    if not said:
        return set()
    compared = next(each for each in texts if each.startswith("Compared are"))
    months = re.search(r"over (.+?) to (.+?) \(", compared).groups()
    about = re.search(r"about (\S+ \S+) \(", text)
    span = re.search(r"anything from (.+?) than expected|interval (.+?)\)", text)
    low, high = ends_of(next(filter(None, span.groups())))
    z = ndtri(0.5 + float(said[1]) / 200)
    could_be = [
        (ratio, error)
        for ratio, error in GRID
        if (signed(about[1]) == round(100 * math.expm1(ratio)) if about else True)
        and low == clipped(ratio - z * error, min if not about else None)
        and high == clipped(ratio + z * error, max if not about else None)
    ]
    assert could_be, text
    least, most = (math.exp(end(r for r, _ in could_be)) for end in (min, max))
    error = max(e for _, e in could_be)
    return {Fact("effect", (key,), "/".join(months), least * math.exp(-0.025),
                 most * math.exp(0.025), error)}  # fmt: skip


def clipped(log_ratio, end):
    """A rounded percentage; an answer of no clear change is drawn so as to include none."""
    percent = round(100 * math.expm1(log_ratio))
    return end(percent, 0) if end else percent


def signed(words):
    """A change in words as a number: "12% fewer" is -12."""
    size = NUMBER.search(words)
    return (-1 if "fewer" in words else 1) * int(size[0].replace(",", "")) if size else 0


def ends_of(span):
    """Both ends of an interval in words."""
    first, last = span.split(" to ")
    whole = last.split()[-1]
    if "%" in first and not first.endswith(("more", "fewer")):
        return tuple(sorted(signed(f"{one} {whole}") for one in (first, last)))
    return signed(first), signed(last)


def refuse_unknown_numbers(text, placed):
    """Fail on a number that is no fact, date or rule."""
    rest = text
    for pattern in HARMLESS:
        rest = re.sub(pattern, "", rest)
    if re.match(r"At the review of .*interval", text) or text in placed:
        return
    if re.match(r"(?:Between [\d,]+ and )?[\d,]+ new patients", text):
        return  # the title of a table, whose least and most stand in it
    assert not NUMBER.search(rest.replace('"<11"', "")), f"what does this number say? {text}"


# ------------------------------------------------------------------ the attack
class Attack:
    """Cells as whole-number unknowns, facts as constraints."""

    def __init__(self, counts, named):
        self.truth = counts.set_index(["clinic", "persona", "period"])["new_patients"].to_dict()
        told = named.merge(counts[["clinic", "persona", "period"]])
        keys = ["partnership_id", "clinic", "persona", "period"]
        self.named = told.set_index(keys)["named"].to_dict()
        self.place = {key: i for i, key in enumerate([*self.truth, *self.named])}
        self.rows, self.low, self.high, self.expected = [], [], [], {}
        for key in self.named:
            self.add({self.place[key]: 1, self.place[key[1:]]: -1}, -math.inf, 0)

    def add(self, row, low, high):
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def sum_of(self, who, period):
        """Places of the cells that a fact is about."""
        if "/" in period:
            first, last = (pd.Timestamp(part) for part in period.split("/"))
        else:
            first, last = pd.Period(period).start_time, pd.Period(period).end_time
        if isinstance(who, str):
            return {i: 1 for k, i in self.place.items() if k[0] == who and first <= k[-1] <= last}
        clinics, personas = who
        return {
            self.place[key]: 1
            for key in self.truth
            if key[0] in (clinics or CLINICS)
            and key[1] in (personas or PERSONAS)
            and first <= key[2] <= last
        }

    def learn(self, fact):
        if fact.what != "effect":
            self.add(self.sum_of(fact.who, fact.period), fact.least, fact.most)
            return
        _, clinics, personas, _ = PARTNERS[fact.who[0]]
        came, at_most = (
            self.sum_of((clinics, personas), period) for period in around(fact.period, self.truth)
        )
        expected = self.expected.setdefault(
            (fact.who, fact.period), len(self.place) + len(self.expected)
        )
        self.add({expected: 1}, 30, math.inf)
        self.add(came | {expected: -fact.most}, -math.inf, 0)
        if fact.least * 30 > 11:
            self.add(at_most | {expected: -fact.least}, 0, math.inf)
        # no estimate is surer than the counts that it rests on
        fewest = next(n for n in range(11, 10**4) if count_error(n) <= fact.error)
        self.add(at_most, fewest if fewest > 11 else 0, math.inf)

    def solve(self):
        wide = len(self.place) + len(self.expected)
        entries = [(r, c, v) for r, row in enumerate(self.rows) for c, v in row.items()]
        r, c, v = zip(*entries, strict=True)
        matrix = csr_array((v, (r, c)), shape=(len(self.rows), wide))
        self.limits = LinearConstraint(matrix, self.low, self.high)
        self.whole = np.ones(wide)
        self.whole[len(self.place) :] = 0

    def extreme(self, wanted):
        """Whole numbers that fit all facts and make a weighted sum as small as can be."""
        found = milp(
            wanted,
            constraints=self.limits,
            integrality=self.whole,
            bounds=Bounds(0, 10**4),
        )
        assert found.success, "what was told contradicts itself"
        return np.round(found.x)

    def could_be(self, goal):
        """Least and most of a sum of cells."""
        wanted = np.zeros(len(self.whole))
        wanted[list(goal)] = 1
        return tuple(round(self.extreme(sign * wanted)[list(goal)].sum()) for sign in (1, -1))

    def recovered(self, goals):
        """Sums of cells that leave one whole number.

        The truth and a few far-off answers that fit all facts clear most of them; the others are
        bounded one by one.
        """
        rng = np.random.default_rng(0)
        fitting = [self.extreme(rng.normal(size=len(self.whole))) for _ in range(16)]
        fitting.append(np.array([*self.truth.values(), *self.named.values()]))
        left = [g for g in goals if len({round(x[list(g)].sum()) for x in fitting}) == 1]
        return [goal for goal in left if len(set(self.could_be(goal))) == 1]

    def small_sums(self):
        """Cells by month, quarter and year, and what pages count, where they are 1 to 10."""
        every = {**self.truth, **self.named}
        values = np.array(list(every.values()))
        goals = {(self.place[key],) for key in every}
        periods = [f"{m:%Y}Q{m.quarter}" for m in MONTHS[::3]]
        periods += [f"{m:%Y}" for m in MONTHS[::12]]
        scopes = {(clinics, personas) for _, clinics, personas, _ in PARTNERS.values()}
        scopes |= {((c,), (p,)) for c in CLINICS for p in PERSONAS} | {((c,), ()) for c in CLINICS}
        for period in periods:
            goals |= {tuple(self.sum_of(who, period)) for who in (*scopes, *PARTNERS)}
        return [g for g in goals if g and 1 <= values[list(g)].sum() <= 10]


def around(months, truth):
    """The months of a window; of weeks, those surely inside it and all that may touch it."""
    first, last = (pd.Period(month, "M") for month in months.split("/"))
    if {key[2].day for key in truth} == {1}:
        return (f"{first.start_time}/{last.end_time}",) * 2
    wide = first.start_time - pd.Timedelta(days=6)
    return f"{(first + 1).start_time}/{(last - 1).end_time}", f"{wide}/{last.end_time}"


def count_error(count):
    """Standard error of the log of a Poisson mean of which so many came (Jeffreys prior)."""
    low, high = np.log(gammaincinv(count + 0.5, (0.025, 0.975)))
    return (high - low) / 3.92


def two_years(practice, monkeypatch, first="2023-01-31", at=study_at):
    """All facts of 24 monthly editions, and how many pages they are from."""
    monkeypatch.setattr(shared_pages, "plot_told", lambda rows, **words: SimpleNamespace(**words))
    monkeypatch.setattr(
        shared_pages, "show", lambda figure: shared_pages.Shown(f'<img alt="{figure.alt}">', "")
    )
    templates = cache(pages.Environment)
    monkeypatch.setattr(pages, "Environment", lambda **given: templates(**given))
    published, facts, pages_read = Published(), set(), 0
    for as_of in pd.date_range(first, periods=25, freq="ME"):
        for key, page in editions.shareable_pages(at(practice, as_of), published).items():
            facts |= facts_of(key, page)
            pages_read += 1
    return facts, pages_read


def attack_on(practice, facts):
    attack = Attack(*practice[:2])
    for fact in facts:
        attack.learn(fact)
    attack.solve()
    return attack


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3, 4))])
def test_two_years_of_pages_give_no_small_count_away(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(effects, "effect_at_review", made_up_effect)
    practice = practice_of(seed, tmp_path)
    facts, pages_read = two_years(practice, monkeypatch)
    assert pages_read > 150
    assert {fact.what for fact in facts} == {"came", "named", "effect"}
    if seed == 1:
        assert any(fact.most == 10 for fact in facts)  # there were small counts to hide
    attack = attack_on(practice, facts)
    small = attack.small_sums()
    assert len(small) > 300
    assert attack.recovered(small) == []
    # The same attack recovers June from the year to date of May and of June, were both told.
    cells = [((c,), (p,)) for c in CLINICS for p in PERSONAS]
    who, june = next(
        (who, year)
        for who in cells
        for year in (2022, 2023, 2024)
        if 1 <= total(practice, who, year, 6, 6) <= 10
    )
    for last in (5, 6):
        count = total(practice, who, june, 1, last)
        facts.add(Fact("came", who, f"{june}-01/{june}-{last:02d}", count, count))
    careless = attack_on(practice, facts)
    goal = tuple(careless.sum_of(who, f"{june}-06"))
    assert careless.recovered([goal]) == [goal]


def total(practice, who, year, first, last):
    counts = practice[0]
    when = (counts["period"].dt.year == year) & counts["period"].dt.month.between(first, last)
    return int(counts.loc[when & inside(counts, *who), "new_patients"].sum())


@pytest.mark.slow
def test_nor_do_two_years_of_the_demo_practice_with_its_own_estimates(monkeypatch):
    simulated = simulate_practice()
    register = simulated.partnerships.assign(review_date=pd.NaT)
    partners = {
        row.partnership_id: (row.kind, tuple(row.clinics), tuple(row.personas), row.start_date)
        for row in register.itertuples()
    }
    counts = simulated.counts
    for name, value in {
        "PARTNERS": partners,
        "CLINICS": tuple(counts["clinic"].unique()),
        "PERSONAS": tuple(counts["persona"].unique()),
        "MONTHS": pd.date_range("2023-01-01", "2025-12-01", freq="MS"),
    }.items():
        monkeypatch.setitem(globals(), name, value)
    reviewed = review_partnerships(counts, register)

    def at(practice, as_of):
        until = counts.loc[counts["period"] <= as_of - pd.Timedelta(days=27), "period"].max()
        study = study_at(practice, as_of)
        study.counts = counts.loc[counts["period"] <= until]
        study.named = simulated.named.loc[simulated.named["period"] <= until]
        study.complete_until = until + pd.Timedelta(days=6)
        study.providers = frozenset(register.loc[register["provider"] == "yes", "partnership_id"])
        study.cleaned.period = "week"
        study.standings = {key: cut(one, study.complete_until) for key, one in reviewed.items()}
        return study

    practice = (counts, simulated.named, register, load_practice(ROOT / "practice.toml"))
    facts, _ = two_years(practice, monkeypatch, first="2023-12-31", at=at)
    assert {fact.what for fact in facts} == {"came", "named", "effect"}
    attack = attack_on(practice, facts)
    assert attack.recovered(attack.small_sums()) == []


def cut(standing, until):
    """What was declared on a day, as later reviews had not been held."""
    held = standing.reviews.loc[standing.reviews["review"] <= until + pd.Timedelta(days=1)]
    last = held["review"].max() if len(held) else pd.NaT
    return effects.replace(standing, reviews=held, reviewed_on=last)
