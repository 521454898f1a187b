"""Names made to be mistaken for one another: what is not sure is for a human to judge."""

import pandas as pd
import pytest

from partner_analysis.cleaning.sources.matches import match_sources

NAMES = (
    "Northside Yoga", "Eastside Fitness Center", "Palm", "Palm Court", "Ironworks Gym Warwick",
    "Ironworks Gym Cranston", "Harbor Run Shop", "Harbor Run Shop Outlet", "Silver Lake Gym",
    "Peterson Fitness", "Twin Oaks Fitness", "Long Acre Fitness", "Pier 39 Athletics",
    "Warwick Yoga", "Bell Street Pilates", "Marlin Swim Club", "Kinetic Strength", "CrossFit 401",
    "Core Collective Yoga", "Lakeview Senior Center", "Dr. Anita Patel, Coastal Orthopedics",
)  # fmt: skip
REGISTER = pd.DataFrame(
    {
        "partnership_id": [name.casefold().replace(" ", "-") for name in NAMES],
        "name": NAMES,
        "aliases": [["AIM"] if name == "Kinetic Strength" else [] for name in NAMES],
        "kind": "partner",
    }
)


def states(*texts: str, **more: object) -> list[str]:
    matches = match_sources(texts, REGISTER, **more)
    assert matches["text"].tolist() == list(range(len(texts)))
    return matches["state"].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "Southside Yoga", "Westside Fitness Center", "Lakeside Senior Center", "Ironworks Gym",
        "Pier 38 Athletics", "CrossFit 410", "Crossfit", "Harbor Bun Shop", "LA Fitness",
        "CP Yoga", "Core Power Yoga", "oaks", "PATEL, RAJ MD", "Patel Raj MD", "Dr. Jo Patel",
        "Patel", "no AIM", "not referred by the Harbor Run Shop", "took 2 aim tests",
    ],
)  # fmt: skip
def test_another_name_is_nobody(text: str) -> None:
    assert states(text) == ["unmatched"]


@pytest.mark.parametrize(
    "text",
    [
        "Palm Cort", "Palm Beach", "Palm Court Apartments", "Harbor Run Shop Outlets",
        "Harbor Run Outlet", "Harbor Rug Shop", "Silver Lake", "Silver Lake Elementary",
        "Peterson", "Twin Oaks Apartments", "yoga warwick", "Warwick", "Ball Street Pilates",
        "Martin Swim Club", "AIM HIGH CHARTER", "Core Collective Dance", "Old Northside Yoga",
        "West Harbor Run Shop", "Northside Yoga Barn", "Dr. Patel (Raj)", "Kinetic",
        "Harbor Run Shop Dental Plan",
    ],
)  # fmt: skip
def test_what_may_be_another_name_is_for_review(text: str) -> None:
    assert states(text) == ["ambiguous"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Eastside Fitnes Center", "Eastside Fitness Center"), ("Palm Court", "Palm Court"),
        ("Ironworks Gym Warick", "Ironworks Gym Warwick"), ("nortshide yoga", "Northside Yoga"),
        ("northsideyoga", "Northside Yoga"), ("Lakeveiw Senior Ctr", "Lakeview Senior Center"),
        ("Core Collective", "Core Collective Yoga"), ("CC Yoga", "Core Collective Yoga"),
        ("saw ad at AIM", "Kinetic Strength"), ("not sure, maybe Palm Court", "Palm Court"),
        ("Silver Lake Gym", "Silver Lake Gym"), ("Harbor Run Sho p", "Harbor Run Shop"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_understood(text: str, name: str) -> None:
    assert match_sources([text], REGISTER)["label"].tolist() == [name]


def test_one_address_settles_a_doubt_and_another_raises_one() -> None:
    register = REGISTER.assign(address="12 Elm St, Warwick")
    texts = ["Twin Oak Fitness", "Sliver Lake Gym", "Silver Lake Gym"]
    here, there = ["12 Elm Street"] * 3, ["99 Main Rd, Dover"] * 3
    same, other = (match_sources(texts, register, places=p)["state"] for p in (here, there))
    assert same.tolist() == ["matched"] * 3
    assert other.tolist() == ["ambiguous"] * 3


def test_two_names_that_are_alike_need_a_margin() -> None:
    alike = pd.DataFrame(
        {
            "partnership_id": ["a", "b"],
            "name": ["Meadowbrook Yoga", "Meadowbrooke Yoga"],
            "aliases": [[], []],
        }
    )
    texts = ["Meadowbrok Yoga", "Meadowbrook Yoga", "Meadowbrooke Yoga"]
    matches = match_sources(texts, alike)
    assert matches["state"].tolist() == ["ambiguous", "matched", "matched"]
    assert matches["partnership_id"].tolist()[1:] == ["a", "b"]


def test_the_order_and_company_of_texts_change_nothing() -> None:
    texts = [*NAMES, "Palm Cort", "nortshide yoga", "google"]
    alone = [match_sources([text], REGISTER)["label"].tolist() for text in texts]
    together = match_sources(texts[::-1], REGISTER).groupby("text")["label"].agg(list).tolist()
    assert together[::-1] == alone
