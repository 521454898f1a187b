"""What the made-up practice agreed with each partner: purpose, objectives, values, next talk."""

from __future__ import annotations

from typing import Final

# purpose, agreed objectives, day on which both meant to talk again
AGREED: Final[dict[str, tuple[str, str, str]]] = {
    "harbor-run-shop": (
        "Reach runners before they stop running",
        "5 more runners a month; two gait evenings a year",
        "2026-02-19",
    ),
    "tidewater-pilates": (
        "Care for pregnant women from first class to discharge",
        "3 more a month; a shared prenatal leaflet",
        "2025-11-13",
    ),
    "anvil-gym": (
        "Share the cost of displays and technique clinics",
        "Half of the display cost; 3 more patients a month",
        "2025-10-01",
    ),
    "causeway-runners": (
        "Be known to the running club",
        "A table at both races; 2 more runners a month",
        "2026-04-07",
    ),
    "elm-street-center": (
        "Fewer falls among older neighbours",
        "Two balance classes a year, 20 people each",
        "2025-09-09",
    ),
    "orchard-physicians": ("One care pathway for back pain", "Two pathway meetings a year", ""),
    "handwell-ot": (
        "Hand therapy and physical therapy under one plan",
        "A shared protocol by spring",
        "2026-01-13",
    ),
    "kestrel-boatworks": (
        "Get injured boat builders seen within two days",
        "Two safety sessions a year on site",
        "2025-12-12",
    ),
}

OURS: Final = ("seen within two days", "moving well at every age", "one plan for each patient")
# which of the practice's values each partner shares, as both wrote it down; () = never asked
VALUES: Final[dict[str, tuple[str, ...]]] = {
    "harbor-run-shop": ("moving well at every age",),
    "tidewater-pilates": ("moving well at every age", "one plan for each patient"),
    "anvil-gym": (),
    "causeway-runners": ("moving well at every age",),
    "elm-street-center": ("moving well at every age", "open to all neighbours"),
    "orchard-physicians": ("one plan for each patient",),
    "handwell-ot": ("one plan for each patient", "seen within two days"),
    "kestrel-boatworks": ("seen within two days",),
}
