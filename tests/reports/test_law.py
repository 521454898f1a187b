"""No page pays, owes or scales a benefit per referral, and nothing of a provider is priced.

Each rule has a name, says where it holds and which words break it. The rules are held over every
page of a run, and each is shown to catch a text that breaks it. (Not legal advice.)
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

import partner_analysis as pa
from partner_analysis.reporting.accounts import NOT_FOR_PAYMENT
from partner_analysis.reporting.pitch import make_pitch, pitch_page

ROOT = Path(__file__).parents[2]

PROVIDERS = {"orchard-physicians": "Orchard Physicians"}
PATIENT = r"(new |additional |extra |named )?(patient|referral|client)"
OF_A_PROVIDER, ANYWHERE, OUTSIDE = "of a provider", "anywhere", "where others read it"


@dataclass(frozen=True)
class Rule:
    """A rule of the law: where it holds, and the words that break it."""

    name: str
    where: str
    words: str

    def broken_by(self, text: str) -> bool:
        return re.search(self.words, text, flags=re.IGNORECASE) is not None


RULES = (
    Rule("no currency", OF_A_PROVIDER, r"[$€£]|\b(dollars?|USD|cents?)\b"),
    Rule("no cost", OF_A_PROVIDER, r"\b(costs?|costly|spen[dt]|spending|price[ds]?|budget)\b"),
    Rule("no return", OF_A_PROVIDER,
         r"\breturn(s|ed)?\b|\bprofit|break[- ]?even|\bpa(y|ys|id) (for|off)\b|\bsaved?\b"),
    Rule("no worth", OF_A_PROVIDER, r"\b(worth|lifetime value|revenue|valuable)\b"),
    Rule("no staff hours", OF_A_PROVIDER, r"\b(staff|own) hours?\b|\bhours? of space\b"),
    Rule("nothing for each patient", OF_A_PROVIDER,
         rf"\b(per|for each|for every|for one) {PATIENT}\b"),
    Rule("no referrals out beside referrals in", OF_A_PROVIDER,
         r"\b(clients?|patients?|referrals?) (we )?(sent|out|back)\b"),
    Rule("no rank", OF_A_PROVIDER,
         r"\brank(ed|s|ing)?\b|\bleague\b|\btop \d|\bNo\. ?\d|#\d|"
         r"\b(best|strongest|largest|weakest) (partner|provider|source)"),
    Rule("no recommendation by volume", OF_A_PROVIDER,
         r"\b(renew|grow|expand|end|drop|stop|keep|reward|thank) (this|the|it|them|with)\b"
         r"( partnership)?(?! comparison)|\bshould (be )?(renew|kept|keep|grow|grown|ended|end)"),
    Rule("nothing is paid or owed per referral", ANYWHERE,
         rf"\b(pay|pays|paid|owe[sd]?|fees?|bonus|reward|discount|gift|credit)\b[^.;]{{0,60}}"
         rf"\b(per|for each|for every|by the number of) {PATIENT}"),
    Rule("no referral is owed", ANYWHERE,
         rf"\b(owe[sd]?|owing|due)\b[^.;]{{0,25}}\b{PATIENT}s?\b|referrals? (owed|due)\b"),
    Rule("no scale of benefits", ANYWHERE,
         r"\b(bonus|kickback|commission|finder.s fee|tiers?|quota|referral fee)\b"),
    Rule("no ratio of benefits to referrals", ANYWHERE,
         r"\b(slots?|sessions?|hours?|dollars?|clients? sent)\b[^.;|]{0,20} "
         rf"(per|for each|for every) {PATIENT}"),
    Rule("no money at all", OUTSIDE, r"[$€£]|\bdollars?\b|\bpaid for itself\b"),
)  # fmt: skip

BREACHES = {
    "no currency": "Orchard Physicians: 640 dollars.",
    "no cost": "What did it cost with Orchard Physicians?",
    "no return": "Orchard Physicians has paid for itself.",
    "no worth": "A patient of Orchard Physicians is worth more.",
    "no staff hours": "Orchard Physicians took 12 staff hours.",
    "nothing for each patient": "Two meetings per referral with Orchard Physicians.",
    "no referrals out beside referrals in": "14 clients we sent to Orchard Physicians, 85 came.",
    "no rank": "Orchard Physicians is ranked before all others.",
    "no recommendation by volume": "Orchard Physicians sends many: grow this partnership.",
    "nothing is paid or owed per referral": "The partner is paid 20 dollars for each new patient.",
    "no referral is owed": "The partner owes us 12 referrals.",
    "no scale of benefits": "From 50 patients on the next tier begins.",
    "no ratio of benefits to referrals": "We gave 2 same-day slots for every referral.",
    "no money at all": "So far, one additional patient cost an estimated 18 dollars.",
}
HARMLESS = (
    "3 additional patients pay for all of it, which is 0.2 a month.",
    "That is also what a new patient has to be worth for the partnership to pay for itself.",
    "In 12 months on record: from us 8 same-day slots; from the partner 21 hours of space.",
    "Counts of what was done, as written down; they are no measure of worth.",
)


class Blocks(HTMLParser):
    """The texts of a page by paragraph, list item, row and heading, words of pictures too."""

    ENDS = frozenset(
        ("p", "li", "tr", "caption", "figcaption", "h1", "h2", "h3", "dt", "dd", "title", "nav")
    )

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open, self.silent = "", 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag == "style"
        if tag in self.ENDS and tag != "p":
            self.close_block()
        self.found += [alt for name, alt in attributes if name == "alt" and alt]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag == "style"
        self.open += " | " * (tag in ("td", "th"))
        if tag in self.ENDS:
            self.close_block()

    def handle_data(self, text: str) -> None:
        if not self.silent:
            self.open += text

    def close_block(self) -> None:
        self.found.append(" ".join(self.open.split()))
        self.open = ""


def blocks(page: str) -> list[str]:
    """Texts of a page that say something."""
    parser = Blocks()
    parser.feed(page)
    parser.close_block()
    return [text for text in parser.found if text and text != NOT_FOR_PAYMENT]


def breaches(rule: Rule, name: str, page: str, *, audience: str = "practice") -> list[str]:
    """Texts of one page that break a rule where it holds."""
    if rule.where == OUTSIDE and audience == "practice":
        return []
    texts = blocks(page)
    if rule.where == OF_A_PROVIDER and name.removesuffix(".html") not in PROVIDERS:
        texts = [text for text in texts if any(who in text for who in PROVIDERS.values())]
    return [text for text in texts if rule.broken_by(text)]


def by_name(rule: Rule) -> str:
    return rule.name


# ------------------------------------------------------------------ every page of a run
@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_no_page_breaks_the_rule(first_pages: dict[str, str], rule: Rule) -> None:
    found = {name: breaches(rule, name, page) for name, page in first_pages.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_the_rules_were_held_over_pages_that_do_price_others(first_pages: dict[str, str]) -> None:
    """Otherwise they would hold because nothing is said at all."""
    assert set(first_pages) >= {"index.html", "portfolio.html", "orchard-physicians.html"}
    priced = "\n".join(blocks(first_pages["kestrel-boatworks.html"]))
    assert re.search(
        r"So far, one additional patient cost an estimated \d+ dollars \(95% interval", priced
    )
    assert "sharing saved" in priced
    provider = blocks(first_pages["orchard-physicians.html"])
    assert any("planning meetings" in text for text in provider)
    assert NOT_FOR_PAYMENT in first_pages["orchard-physicians.html"]


def test_what_an_additional_patient_cost_stands_on_internal_pages_only(
    first_pages: dict[str, str], reports: Path
) -> None:
    for name, page in first_pages.items():
        if "dollars" in page:
            assert "Internal: for the practice." in page, name
    for path in reports.rglob("*.*"):
        if path.suffix in (".json", ".csv") and path.name != "manifest.json":
            assert "dollar" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_no_page_that_is_passed_on_breaks_the_rule(
    shared_pages: dict[str, str], rule: Rule
) -> None:
    found = {
        name: breaches(rule, name, page, audience="shareable")
        for name, page in shared_pages.items()
    }
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_pages_for_possible_partners_hold_every_rule() -> None:
    """They are the pages that others read today: no money at all, and of providers nothing more."""
    study = pa.open_study(ROOT / "practice.toml")
    candidates = study.register.candidates.to_dict("records")
    assert any(each["provider"] for each in candidates)
    for each in candidates:
        pitch = make_pitch(each, practice_name=study.practice.name)
        texts = blocks(pitch_page(pitch, study.practice))
        held = [r for r in RULES if r.where != OF_A_PROVIDER or each["provider"]]
        broken = {r.name: [t for t in texts if r.broken_by(t)] for r in held}
        assert {name: texts for name, texts in broken.items() if texts} == {}


# ------------------------------------------------------------------ the rules themselves
@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_a_text_that_breaks_the_rule_is_caught_on_any_page(
    first_pages: dict[str, str], rule: Rule
) -> None:
    audience = "shareable" if rule.where == OUTSIDE else "practice"
    for name in ("index.html", "portfolio.html", "orchard-physicians.html"):
        changed = first_pages[name].replace("</h1>", f"</h1><p>{BREACHES[rule.name]}</p>", 1)
        assert BREACHES[rule.name] in breaches(rule, name, changed, audience=audience)


@pytest.mark.parametrize("cell", ["<td>640 dollars</td>", "<td>3.10 per patient</td>"])
def test_a_cell_in_a_provider_s_row_is_caught(first_pages: dict[str, str], cell: str) -> None:
    page = first_pages["portfolio.html"]
    row = page.index("Orchard Physicians (provider)")
    changed = page[:row] + page[row:].replace("</tr>", f"{cell}</tr>", 1)
    assert any(breaches(rule, "portfolio.html", changed) for rule in RULES)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_may_be_said_of_others_is_not_caught(text: str) -> None:
    assert not [r.name for r in RULES if r.where == ANYWHERE and r.broken_by(text)]
