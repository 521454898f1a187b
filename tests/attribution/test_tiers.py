"""Both tiers of a source add up, and a patient may stand in both."""

import pandas as pd
import pytest

from partner_analysis.attribution.tiers import TIERS, count_tiers
from partner_analysis.tables import InputError

REGISTER = pd.DataFrame(
    [
        {"partnership_id": "gym", "start_date": pd.Timestamp("2024-01-01"), "clinics": ("A",)},
        {"partnership_id": "shop", "start_date": pd.Timestamp("2024-01-01"), "clinics": ()},
    ]
)


def people() -> pd.DataFrame:
    rows = [
        ("A", "gym", "", "physician"), ("A", "shop", "gym", "physician"),
        ("A", None, "", "physician"), ("A", "gym", "", "unknown"),
        ("A", None, "", "internet"), ("B", "gym", "", "physician"),
    ]  # fmt: skip
    columns = ["clinic", "partnership_id", "also_named", "first_tier"]
    seen = pd.DataFrame(rows, columns=columns)
    return seen.assign(new_patient=True, counted_on=pd.Timestamp("2024-05-05"))


def test_the_tiers_of_its_clinics_add_up() -> None:
    found = count_tiers(people(), REGISTER, "gym").set_index("tier")
    assert found.loc[TIERS[0]].tolist() == [2, 1]
    assert found.loc[TIERS[1]].tolist() == [0, 1]
    assert found.loc[TIERS[2]].tolist() == [1, 0]
    everywhere = count_tiers(people(), REGISTER, "shop")
    assert everywhere[["named", "others"]].to_numpy().sum() == len(people())


def test_patients_of_before_do_not_count() -> None:
    early = people().assign(counted_on=pd.Timestamp("2023-05-05"))
    assert count_tiers(early, REGISTER, "gym")[["named", "others"]].to_numpy().sum() == 0


def test_an_unknown_partnership_is_refused() -> None:
    with pytest.raises(InputError, match="no partnership_id"):
        count_tiers(people(), REGISTER, "nobody")
