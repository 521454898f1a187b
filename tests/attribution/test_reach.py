"""Whom partners reach: shares beside the ordinary, by name, and no claim where few named one."""

import numpy as np
import pandas as pd

from partner_analysis.attribution.reach import (
    FOR_ALL,
    NOBODY,
    NOT_CLEAR,
    REACHES,
    compare_reach,
)

BEGAN = pd.Timestamp("2024-01-01")
REGISTER = pd.DataFrame(
    {
        "partnership_id": ["shop", "gym", "club", "all", "new"],
        "name": ["Shop", "Gym", "Club", "Everyone", "a New one"],
        "start_date": BEGAN, "clinics": [("A",)] * 5,
        "personas": [("runner",), ("runner",), ("runner",), (), ("runner",)],
        "provider": [False, False, True, False, False],
    }
)  # fmt: skip


def people(**runners: tuple[int, int]) -> pd.DataFrame:
    """Of those who name each partner ("" = nobody), so many runners and so many others."""
    rows = [
        ("A", persona, key or None)
        for key, (own, others) in runners.items()
        for persona, count in (("runner", own), ("general", others))
        for _ in range(count)
    ]
    seen = pd.DataFrame(rows, columns=["clinic", "persona", "partnership_id"])
    return seen.assign(
        patient_key=np.arange(len(seen)), new_patient=True, counted_on=BEGAN, also_named=""
    )


SEEN = people(shop=(28, 2), gym=(8, 22), club=(3, 1), nobody=(60, 140))


def test_every_partner_has_a_row_by_name_with_the_numbers_behind_it() -> None:
    found = compare_reach(SEEN.replace("nobody", None), REGISTER)
    assert found["name"].tolist() == ["a New one", "Club", "Everyone", "Gym", "Shop"]
    shop = found.set_index("partnership_id").loc["shop"]
    assert (shop["named"], shop["of_named"], shop["intended"]) == (28, 30, ("runner",))
    assert shop["others"] + shop["named"] == (SEEN["persona"] == "runner").sum()
    assert shop["share_low"] < 28 / 30 < shop["share_high"]


def test_findings_are_clear_or_say_what_it_takes() -> None:
    found = compare_reach(SEEN.replace("nobody", None), REGISTER).set_index("partnership_id")
    assert found["finding"].to_dict() == {
        "new": NOBODY, "club": "cannot tell: only 4 named it, it takes 10", "all": FOR_ALL,
        "gym": NOT_CLEAR, "shop": REACHES,
    }  # fmt: skip
    assert found.loc[["new", "club", "all"], "share"].isna().all()


def test_where_naming_has_nothing_to_do_with_kind_hardly_anything_is_called() -> None:
    rng, called = np.random.default_rng(3), 0
    for _ in range(60):
        seen = people(nobody=(120, 280)).sample(frac=1, random_state=int(rng.integers(1e6)))
        names = rng.choice(["shop", "gym", ""], len(seen), p=[0.1, 0.1, 0.8])
        seen = seen.assign(partnership_id=pd.Series(names, index=seen.index).replace("", None))
        called += bool(compare_reach(seen, REGISTER)["low"].gt(0).any())
    assert called <= 5


def test_more_partners_make_each_interval_wider() -> None:
    alone = compare_reach(SEEN, REGISTER.iloc[:1]).iloc[0]
    beside = compare_reach(SEEN, REGISTER).set_index("partnership_id").loc["shop"]
    assert beside["high"] - beside["low"] > alone["high"] - alone["low"]
