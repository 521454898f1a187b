import pandas as pd
import pytest

from partner_analysis.cleaning.episodes.personas import age_bands, assign_personas
from partner_analysis.practice import PersonaRule

PATIENT = {"diagnosis": "", "age": float("nan"), "sex": "", "payer": "", "tag": ""}
RULES = (
    PersonaRule(name="runner", diagnosis_prefix=("M76", "S86.0")),
    PersonaRule(name="pregnancy", sex="female", diagnosis_prefix=("O",)),
    PersonaRule(name="work injury", payer=("Workers Comp", "WCOMP")),
    PersonaRule(name="junior", max_age=17),
    PersonaRule(name="older adult", min_age=65),
)


@pytest.mark.parametrize(
    ("patient", "persona"),
    [
        ({"diagnosis": "M76.61"}, "runner"),
        ({"diagnosis": "z99; s86011a"}, "runner"),
        ({"diagnosis": "M77.1"}, "general"),
        ({"diagnosis": "O26.8", "sex": "F"}, "pregnancy"),
        ({"diagnosis": "O26.8"}, "general"),
        ({"payer": "wcomp", "age": 70}, "work injury"),
        ({"age": 17}, "junior"),
        ({"age": 65}, "older adult"),
        ({}, "general"),
        ({"diagnosis": "M76.6", "payer": "WCOMP"}, "runner"),
    ],
)
def test_the_first_rule_that_fits_wins(patient: dict[str, object], persona: str) -> None:
    episodes = pd.DataFrame([{**PATIENT, **patient}])
    assert assign_personas(episodes, rules=RULES).tolist() == [persona]


def test_nobody_over_89_has_a_band_of_his_own() -> None:
    ages = pd.Series([0, 17, 89, 90, 104, float("nan")])
    assert age_bands(ages).tolist() == [
        "0 to 17", "0 to 17", "80 to 89", "90 and over", "90 and over", "",
    ]  # fmt: skip
