"""Front-desk texts against a made-up register: a wrong match is worse than none."""

import pandas as pd
import pytest

from partner_analysis.cleaning.sources.matches import MATCH_COLUMNS, match_sources
from partner_analysis.tables import InputError

REGISTER = pd.DataFrame(
    [
        ("HRS", "Harbor Run Shop", ["HRS"], "running store"),
        ("BPS", "Bayside Pilates Studio", ["Bayside"], "Pilates studio"),
        ("IWG", "Ironworks Gym", [("Iron & Oak Gym", None, "2024-05-31")], "gym"),
        ("MRC", "Millbrook Road Runners", [], "running club"),
        ("CCY", "Core Collective Yoga", ["CCY"], "studio"),
        ("NCC", "Northside Community Center", [], "community centre"),
        ("DOC", "Dr. Anita Patel, Coastal Orthopedics", ["Patel, Anita MD"], "physician"),
    ],
    columns=["partnership_id", "name", "aliases", "kind"],
)
# Text, what it names in order, and what else each must say: location, note, rule.
EXAMPLES = [
    ("Harber Run Shop", "HRS", {"rule": "fuzzy"}),
    ("Bayside Palates", "BPS", {"rule": "fuzzy"}),
    ("Iron Works Gymn", "IWG", {"rule": "fuzzy"}),
    ("Milbrook Rd Runers", "MRC", {"rule": "fuzzy"}),
    ("Core Colective Yogo", "CCY", {"rule": "fuzzy"}),
    ("HRS", "HRS", {"rule": "exact"}),
    ("MRRC", "?", {}),
    ("run shop", "?", {}),
    ("the pilates place on bay st", "?", {}),
    ("CC Yoga", "CCY", {"rule": "initials"}),
    ("  HARBOR RUN SHOP ", "HRS", {"rule": "exact"}),
    ("Harbor-Run-Shop.", "HRS", {"rule": "normalised"}),
    ("Bayside Pilates Studioâ€™s event", "BPS", {"note": "event"}),
    ("Ironworks\u00a0Gym", "IWG", {"rule": "exact"}),
    ("Harbor Run Shop - Warwick", "HRS", {"location": "Warwick"}),
    ("Harbor Run Shop, LLC", "HRS", {"location": ""}),
    ("Ironworks Gym #2 (downtown)", "IWG", {"location": "#2 downtown"}),
    ("Northside Comm Ctr/Senior", "NCC", {}),
    ("Tina at Bayside", "BPS", {"location": ""}),
    ("Coach Mike", "?", {}),
    ("Mike from Ironworks", "IWG", {"location": "", "note": ""}),
    ("Dr Patel", "DOC", {"rule": "physician"}),
    ("PATEL, ANITA MD", "DOC", {}),
    ("Coastal Ortho - Dr. A. Patel, DO", "DOC", {"note": "the credential differs"}),
    ("Dr. Pilates", "?", {}),
    ("Google / Harbor Run Shop", "internet HRS", {}),
    ("Dr Patel & friend at Ironworks", "DOC word-of-mouth IWG", {}),
    ("HRS, then website", "HRS internet", {}),
    ("Bayside Pilates and Core Collective Yoga", "BPS CCY", {}),
    ("Millbrook Road Runners and Walkers", "MRC", {}),
    ("HRS per JD 3/4", "HRS", {"location": "", "note": ""}),
    ("Ironworks (told to Kim at FD)", "IWG", {"location": "", "note": ""}),
    ("returning pt - orig. Harbor Run", "returning", {"note": "a partner is named, but for an "
     "earlier episode"}),
    ("pt of Sarah's, Core Collective", "CCY", {"rule": "short name"}),
    ("Mary Jones DOB 4/2/61 sent by Harbor Run Shop", "HRS", {"location": "", "note": ""}),
    ("her sister, treated here for pelvic pain, yoga at CCY", "word-of-mouth CCY",
     {"location": "", "note": ""}),
    ("Harbor Freight coupon", "advertising", {}),
    ("Bayside Hospital", "?", {}),
    ("ran into her at the gym", "?", {}),
    ("Not Harbor Run Shop - saw FB ad", "social", {"note": "a partner is named, but with a not"}),
    ("(Unassigned)", "missing", {}),
    *((text, "missing", {}) for text in ("n/a", "none", "?", "-", "TBD", "", " ")),
    ("other", "other", {}),
    ("Patient", "word-of-mouth", {}),
    ("Self", "self", {}),
    ("friend", "word-of-mouth", {}),
    ("WOM", "word-of-mouth", {}),
    ("Iron & Oak Gym", "IWG", {"rule": "exact"}),
    ("Facebook - Ironworks post", "social IWG", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "said"), EXAMPLES)
def test_the_front_desk_examples(text: str, expected: str, said: dict[str, str]) -> None:
    matches = match_sources([text], REGISTER)
    named = matches["partnership_id"].fillna(matches["label"].replace("unknown", "?"))
    assert " ".join(named.str.replace(" ", "-")) == expected
    assert matches["order"].tolist() == list(range(1, len(matches) + 1))
    states = matches.loc[matches["partnership_id"].notna(), "state"]
    assert (states == "matched").all()
    last = matches.iloc[-1]
    assert {column: last[column] for column in said} == said


def test_a_partner_is_named_whenever_its_partnership_began() -> None:
    register = REGISTER.assign(start_date=pd.Timestamp("2024-02-01"))
    matches = match_sources(["Harbor Run Shop"], register, dates=["2022-02-01"])
    assert matches["partnership_id"].tolist() == ["HRS"]


@pytest.mark.parametrize(
    "text",
    [
        "Harbor Gun Shop", "Harbor Run Dental", "Bayside Family Medicine", "Ironworks Brewery",
        "Dr. Bayside", "Dr. R. Patel", "Raj Patel", "Mary Bayside", "2 hrs away", "never CCY",
        "didn't come from HRS", "the gym", "yoga", "runners", "script", "",
    ],
)  # fmt: skip
def test_false_friends_match_nobody(text: str) -> None:
    assert match_sources([text], REGISTER)["partnership_id"].isna().all()


def test_every_match_says_by_which_rule_and_how_surely() -> None:
    texts = ["Harbor Run Shop", "harbor-run-shop", "Harbor Run", "CC yoga", "Harbr Run Shop"]
    matches = match_sources(texts, REGISTER)
    assert matches["rule"].tolist() == ["exact", "normalised", "short name", "initials", "fuzzy"]
    assert matches["score"].between(75, 100).all()
    assert (matches["state"] == "matched").all()


def test_an_alias_counts_only_while_it_was_in_use() -> None:
    dates = ["2024-05-31", "2024-06-01", None]
    matches = match_sources(["Iron & Oak Gym"] * 3, REGISTER, dates=dates)
    assert matches["state"].tolist() == ["matched", "unmatched", "matched"]


def test_two_physicians_of_one_name_are_ambiguous() -> None:
    other = pd.DataFrame([("RAJ", "Dr. Raj Patel", [], "physician")], columns=REGISTER.columns)
    register = pd.concat([REGISTER, other])
    matches = match_sources(["Dr Patel", "Dr. R. Patel", "Patel, Anita"], register)
    assert matches["state"].tolist() == ["ambiguous", "matched", "matched"]
    assert matches["partnership_id"].tolist()[1:] == ["RAJ", "DOC"]


def test_the_place_decides_between_partners_of_one_name() -> None:
    register = pd.DataFrame(
        {
            "partnership_id": ["north", "south"],
            "name": ["The Palm Studio"] * 2,
            "aliases": [[], []],
            "address": ["9001 Oak Ave, Warwick", "837 Second Ave, Cranston"],
        }
    )
    matches = match_sources(["palm studio"] * 3, register, places=["Cranston", "Dover", None])
    assert matches["state"].tolist() == ["matched", "ambiguous", "ambiguous"]
    assert matches.loc[0, "partnership_id"] == "south"


def test_no_text_comes_back() -> None:
    matches = match_sources(["Mary Jones DOB 4/2/61", "Zebulon Quux"], REGISTER)
    written = matches.drop(columns=["text"]).to_csv()
    assert not any(word in written for word in ("Mary", "Quux", "61"))


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "../../etc/passwd", "=cmd()", "!!"])
def test_an_odd_name_is_a_name_like_any_other(name: str) -> None:
    register = pd.DataFrame({"partnership_id": ["odd"], "name": [name], "aliases": [[]]})
    matches = match_sources([name, "google"], register)
    assert matches["label"].tolist()[-1] == "internet"


def test_texts_come_back_in_order_with_their_positions_even_if_repeated_or_missing() -> None:
    matches = match_sources(["HRS", None, "Google / HRS", "HRS", float("nan")], REGISTER)
    assert list(matches.columns) == list(MATCH_COLUMNS)
    assert matches["text"].tolist() == [0, 1, 2, 2, 3, 4]
    assert matches["state"].tolist()[1] == "missing"


def test_no_texts_give_an_empty_table() -> None:
    matches = match_sources([], REGISTER)
    assert matches.empty
    assert list(matches.columns) == list(MATCH_COLUMNS)


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(InputError, match="column name"):
        match_sources(["x"], REGISTER.drop(columns="name"))
    with pytest.raises(InputError, match="dates: has 1 values for 2 texts"):
        match_sources(["x", "y"], REGISTER, dates=["2024-01-01"])
    with pytest.raises(InputError, match="an alias is a text, or"):
        match_sources(["x"], REGISTER.assign(aliases=[[("a", "b")]] * len(REGISTER)))
