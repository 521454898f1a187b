"""The made-up practice as data: its clinics, personas, partners and calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

# The first day of the data: an arbitrary number, chosen before anything was estimated from it.
SEED: Final = 20230102
SLUG: Final = "demo"
FIRST_WEEK: Final = date(2023, 1, 2)
LAST_DAY: Final = date(2025, 12, 31)
COMPLETE_DAYS: Final = 21


@dataclass(frozen=True)
class Clinic:
    """One clinic: new patients a month, and how they divide over the personas."""

    name: str
    monthly: float
    shares: dict[str, float]
    opened: date
    former_name: str = ""


@dataclass(frozen=True)
class Persona:
    """One kind of patient: when in the year they come, and what their records look like."""

    name: str
    swing: float
    peak_month: float
    ages: tuple[int, int]
    diagnoses: tuple[str, ...]
    payers: tuple[str, ...]


@dataclass(frozen=True)
class Partner:
    """One partnership with its planted effect and the ways in which patients name it.

    ``log_rate_ratio`` multiplies the arrivals of the cells it touches, ``extra_per_month`` adds
    to them. ``capture`` is the share of patients who came through the partner and name it,
    ``false_naming`` the share of the others who name it anyway while it runs, ``stray_naming``
    the same before and after.
    """

    partnership_id: str
    name: str
    kind: str
    start: date
    end: date | None
    clinics: tuple[str, ...]
    personas: tuple[str, ...]
    aims: tuple[str, ...]
    provider: str
    log_rate_ratio: float
    extra_per_month: float
    ramp_weeks: int
    capture: float
    false_naming: float
    stray_naming: float
    aliases: tuple[str, ...]
    misspelt: tuple[str, ...]
    vague: tuple[str, ...]
    former_name: str = ""


def _shares(
    general: float, older: float, work: float, runner: float, pregnancy: float
) -> dict[str, float]:
    """How a clinic's new patients divide over the five personas."""
    return {
        "general": general,
        "older adult": older,
        "work injury": work,
        "runner": runner,
        "pregnancy": pregnancy,
    }


CLINICS: Final = (
    Clinic("Dockside", 44, _shares(0.42, 0.18, 0.14, 0.17, 0.09), date(2011, 4, 4)),
    Clinic("Warwick", 39, _shares(0.40, 0.20, 0.12, 0.18, 0.10), date(2014, 9, 8)),
    Clinic("Millbrook", 32, _shares(0.42, 0.23, 0.17, 0.10, 0.08), date(2009, 1, 12), "Mill Brook"),
    Clinic("Eastgate", 28, _shares(0.32, 0.36, 0.12, 0.10, 0.10), date(2017, 3, 6)),
    Clinic("Lakeview", 22, _shares(0.40, 0.20, 0.15, 0.15, 0.10), date(2023, 5, 15)),
    Clinic("Hillcrest", 15, _shares(0.46, 0.29, 0.01, 0.14, 0.10), date(2019, 6, 3)),
)

PERSONAS: Final = (
    Persona(
        "general",
        swing=0.08,
        peak_month=10,
        ages=(18, 60),
        diagnoses=("M54.50", "M54.2", "M25.511", "M75.41", "S83.511A", "M17.11", "S93.401A", ""),
        payers=("Commercial", "BCBS", "PPO", "HMO", "Self Pay", "Auto/PIP", "Medicaid"),
    ),
    Persona(
        "older adult",
        swing=0.12,
        peak_month=9,
        ages=(68, 88),
        diagnoses=("M17.11", "Z96.651", "R26.81", "M54.50", "M48.061", "M16.11", "Z96.641"),
        payers=("Medicare", "Medicare", "Medicare Repl", "BCBS"),
    ),
    Persona(
        "work injury",
        swing=0.14,
        peak_month=8,
        ages=(20, 60),
        diagnoses=("S39.012A", "M54.50", "S46.011A", "G56.01", "S63.501A", "M77.11"),
        payers=("Workers Comp", "Workers Comp", "WCOMP"),
    ),
    Persona(
        "runner",
        swing=0.24,
        peak_month=5.5,
        ages=(19, 58),
        diagnoses=("M76.61", "M76.51", "S86.011A", "M72.2", "M76.31", "S86.812A", "M22.2X1"),
        payers=("Commercial", "BCBS", "PPO", "HMO", "Self Pay"),
    ),
    Persona(
        "pregnancy",
        swing=0.05,
        peak_month=3,
        ages=(22, 41),
        diagnoses=("O26.891", "O26.892", "O26.893", "O99.891", "O26.72"),
        payers=("Commercial", "BCBS", "PPO", "Medicaid"),
    ),
)

PARTNERS: Final = (
    Partner(
        "harbor-run-shop",
        "Harbor Run Shop",
        "running store",
        start=date(2024, 2, 19),
        end=None,
        clinics=("Dockside", "Warwick"),
        personas=("runner",),
        aims=("patients", "community"),
        provider="no",
        log_rate_ratio=0.26,
        extra_per_month=0.0,
        ramp_weeks=4,
        capture=0.62,
        false_naming=0.08,
        stray_naming=0.01,
        aliases=("HRS", "Harbor Run"),
        misspelt=("Harber Run Shop", "Harbor Runn Shop", "Habor Run Shop", "Harbor RunShop"),
        vague=("run shop", "the running store", "shoe place by the pier"),
    ),
    Partner(
        "tidewater-pilates",
        "Tidewater Pilates Studio",
        "Pilates studio",
        start=date(2024, 5, 13),
        end=None,
        clinics=("Eastgate", "Warwick"),
        personas=("pregnancy",),
        aims=("patients", "care"),
        provider="no",
        log_rate_ratio=0.48,
        extra_per_month=0.0,
        ramp_weeks=6,
        capture=0.74,
        false_naming=0.05,
        stray_naming=0.01,
        aliases=("Tidewater Pilates",),
        misspelt=("Tidewater Palates Studio", "Tide Water Pilates Studio", "Tidewater Pilatis"),
        vague=("the pilates place on bay st", "Dr. Pilates", "prenatal class"),
    ),
    Partner(
        "anvil-gym",
        "Anvil Strength Gym",
        "gym",
        start=date(2024, 4, 1),
        end=None,
        clinics=("Dockside",),
        personas=("general",),
        aims=("patients", "shared cost"),
        provider="no",
        log_rate_ratio=0.0,
        extra_per_month=0.0,
        ramp_weeks=0,
        capture=0.60,
        false_naming=0.24,
        stray_naming=0.03,
        aliases=("Anvil Strength", "Anvil Gym"),
        misspelt=("Anvil Strenght Gym", "Anvill Strength Gym", "Anvil Strength Gymn"),
        vague=("gym", "ran into her at the gym", "Coach Mike"),
        former_name="Forge Fitness",
    ),
    Partner(
        "causeway-runners",
        "Causeway Road Runners",
        "running club",
        start=date(2024, 10, 7),
        end=None,
        clinics=("Dockside", "Warwick"),
        personas=("runner",),
        aims=("patients", "community"),
        provider="no",
        log_rate_ratio=0.24,
        extra_per_month=0.0,
        ramp_weeks=0,
        capture=0.50,
        false_naming=0.06,
        stray_naming=0.01,
        aliases=("Causeway Runners", "CRR"),
        misspelt=(
            "Causway Road Runners",
            "Causeway Rd Runners",
            "Causeway Road Runers",
            "Causeway Road Runners and Walkers",
        ),
        vague=("running club", "tuesday run group", "the race expo"),
    ),
    Partner(
        "elm-street-center",
        "Elm Street Community Center",
        "community centre",
        start=date(2024, 9, 9),
        end=None,
        clinics=("Eastgate",),
        personas=("older adult",),
        aims=("community", "care"),
        provider="no",
        log_rate_ratio=0.0,
        extra_per_month=0.0,
        ramp_weeks=0,
        capture=0.50,
        false_naming=0.09,
        stray_naming=0.01,
        aliases=("Elm Street Center",),
        misspelt=(
            "Elm St Community Ctr",
            "Elm Street Comunity Center",
            "Elm Steet Community Center",
        ),
        vague=("community center", "balance class", "senior lunch"),
    ),
    Partner(
        "orchard-physicians",
        "Orchard Physician Group",
        "physician group",
        start=date(2024, 1, 15),
        end=date(2025, 6, 27),
        clinics=("Millbrook",),
        personas=("general", "work injury"),
        aims=("patients", "planning"),
        provider="yes",
        log_rate_ratio=0.34,
        extra_per_month=0.0,
        ramp_weeks=0,
        capture=0.80,
        false_naming=0.06,
        stray_naming=0.04,
        aliases=("Orchard Physicians", "Dr. Lena Okafor", "Okafor, Lena MD"),
        misspelt=("Orchard Physcian Group", "Orchard Physician Grp", "Dr Lena Okafor"),
        vague=("PCP", "my doctor", "dr. o"),
    ),
    Partner(
        "handwell-ot",
        "Handwell Occupational Therapy",
        "occupational-therapy clinic",
        start=date(2025, 10, 13),
        end=None,
        clinics=("Hillcrest",),
        personas=("older adult",),
        aims=("care", "planning"),
        provider="yes",
        log_rate_ratio=0.18,
        extra_per_month=0.0,
        ramp_weeks=0,
        capture=0.70,
        false_naming=0.02,
        stray_naming=0.0,
        aliases=("Handwell OT", "Handwell"),
        misspelt=("Handwel Occupational Therapy", "Handwell Occ Therapy"),
        vague=("OT", "hand clinic"),
    ),
    Partner(
        "kestrel-boatworks",
        "Kestrel Boatworks",
        "employer",
        start=date(2024, 11, 18),
        end=None,
        clinics=("Hillcrest",),
        personas=("work injury",),
        aims=("patients", "care"),
        provider="no",
        log_rate_ratio=0.0,
        extra_per_month=2.4,
        ramp_weeks=8,
        capture=0.78,
        false_naming=0.05,
        stray_naming=0.0,
        aliases=("Kestrel",),
        misspelt=("Kestral Boatworks", "Kestrel Boat Works", "Kestrel Botworks"),
        vague=("my employer", "boss sent me", "HR"),
    ),
)
RENAMED_ON: Final = date(2025, 2, 1)

# Days on which no evaluation happens, all on Monday to Friday.
CLOSED_DAYS: Final = frozenset(
    date(year, month, day)
    for year, days in {
        2023: ((1, 2), (5, 29), (7, 4), (9, 4), (11, 23), (11, 24), (12, 25), (12, 26)),
        2024: ((1, 1), (5, 27), (7, 4), (9, 2), (11, 28), (11, 29), (12, 24), (12, 25)),
        2025: ((1, 1), (5, 26), (7, 4), (9, 1), (11, 27), (11, 28), (12, 25), (12, 26)),
    }.items()
    for month, day in days
)  # fmt: skip
# Weeks in which fewer came everywhere: storms, and a day without telephones.
BAD_WEEKS: Final = {
    date(2023, 2, 6): 0.62,
    date(2023, 10, 16): 0.85,
    date(2024, 7, 15): 0.78,
    date(2025, 2, 10): 0.65,
}
