"""Seconds and memory of matching referral-source texts to partners, by number of texts."""

from __future__ import annotations

import argparse
import random
import resource
import string
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from partner_analysis.cleaning.sources.matches import match_sources

SIZES = (12_500, 25_000, 50_000, 100_000)
PARTNERS = 500
KIB_PER_MIB = 1024


def listed(text: str, *, sign: str | None = None) -> list[str]:
    return text.split(sign)


FIRST = listed(
    "amber birch cedar copper crescent eagle falcon granite harbor heron ivory juniper keystone "
    "lantern maple meridian northern oakmont osprey pepper quarry raven saffron silver summit "
    "tamarack timber union velvet walnut willow zephyr anchor beacon canyon delta ember"
)
SECOND = listed(
    "ridge run mill point grove creek collective road harbor view stone bridge path field arrow "
    "wheel spring forge hollow landing pine motion balance cove meadow trail gate fox lake"
)
KINDS = listed(
    "gym|yoga|pilates studio|running club|fitness|run shop|community center|strength|crossfit|"
    "dance academy|physicians|orthopedics|swim club|cycle shop|martial arts|senior center",
    sign="|",
)
TOWNS = listed("warwick cranston dover bristol newport lincoln salem monroe auburn clinton")
PEOPLE = listed(
    "tina mike sarah kim joe anna pat luis omar rita jane tom beth carl dana eve finn gail hugo "
    "iris jack kate leo mona nick olga paul quinn rosa sam"
)
LAST = listed(
    "jones smith brown garcia miller davis lopez wilson moore taylor lee clark lewis hall"
)
GENERAL = listed(
    "google|website|friend|family member|yelp|instagram ad|insurance list|dr referral|pcp|mailer|"
    "drive by|returning pt|former patient|facebook|case manager|other|n/a|(unassigned)",
    sign="|",
)
NOTES = (
    "{name}", "{name}", "{name}", "{name} - {town}", "{name} per {initials} {month}/{day}",
    "{name} (told to {person} at FD)", "{person} from {name}", "google / {name}",
    "{name}, then website", "friend at {name}", "pt of {person}'s, {name}", "{name} #{digit}",
    "{person} {last} DOB {month}/{day}/61 sent by {name}", "facebook - {name} post",
    "{name} and {other}", "not {name} - saw FB ad", "{name} event {month}/{day}",
)  # fmt: skip
JUNK = (
    "{person} {last}", "Dr. {last}", "{last}, {person} MD", "{first} hospital", "{general}",
    "ran into her at the gym {month}/{day}", "{general} - {person} {initials}",
    "{first} {second} dental", "the {kind} on {second} st", "{general} / {person}",
    "her {person} was treated here for {second} pain", "{town} {kind}", "coach {person}",
)  # fmt: skip


def make_register(*, partners: int = PARTNERS, seed: int = 1) -> pd.DataFrame:
    """Partners of made-up names with one to three aliases each."""
    rng = random.Random(seed)
    names: dict[str, None] = {}
    while len(names) < partners:
        words = [rng.choice(FIRST), rng.choice(SECOND), rng.choice(KINDS)]
        names[" ".join(words).title()] = None
    listed = list(names)
    aliases = [
        [f"{n.split()[0]} {n.split()[-1]} {i}{a}" for a in range(rng.randint(1, 3))]
        for i, n in enumerate(listed)
    ]
    ids = [f"partner-{number:03d}" for number in range(partners)]
    return pd.DataFrame({"partnership_id": ids, "name": listed, "aliases": aliases, "kind": "gym"})


def make_texts(register: pd.DataFrame, *, size: int, seed: int = 2) -> list[str]:
    """Distinct front-desk texts: names with slips and notes, several sources, people, junk."""
    rng = random.Random(seed)
    names = register["name"].tolist() + [a for given in register["aliases"] for a in given]
    texts: dict[str, None] = {}
    while len(texts) < size:
        shape = rng.choice(NOTES if rng.random() < 0.6 else JUNK)
        said = {
            "name": _slipped(rng.choice(names), rng), "other": rng.choice(names),
            "town": rng.choice(TOWNS), "person": rng.choice(PEOPLE),
            "last": _slipped(rng.choice(LAST), rng), "first": rng.choice(FIRST),
            "second": rng.choice(SECOND), "kind": rng.choice(KINDS),
            "general": rng.choice(GENERAL), "initials": _letters(2, rng).upper(),
            "month": rng.randint(1, 12), "day": rng.randint(1, 28),
            "digit": rng.randint(1, 8),
        }  # fmt: skip
        text = shape.format(**said)
        texts[text if rng.random() < 0.6 else f"{text} {_letters(3, rng)}"] = None
    return list(texts)


def _letters(number: int, rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=number))


def _slipped(name: str, rng: random.Random) -> str:
    """A name with up to two letters left out, doubled, exchanged or replaced."""
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        at = rng.randint(1, max(1, len(name) - 1))
        one, two = name[at : at + 1], name[at + 1 : at + 2]
        name = name[:at] + rng.choice(("", one * 2 + two, two + one)) + name[at + 2 :]
    return rng.choice((name, name, name.lower(), name.lower(), name.upper()))


def measure(size: int) -> tuple[float, float, float]:
    """Seconds, peak memory in MiB and share matched for so many distinct texts."""
    register = make_register()
    texts = make_texts(register, size=size)
    began = time.perf_counter()
    matches = match_sources(texts, register)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    return seconds, peak, float((matches["state"] == "matched").mean())


def main() -> None:
    """Print a line for each size, each in a process of its own, and the slope."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, help="measure one number of texts")
    size = parser.parse_args().size
    if size:
        print(*measure(size))
        return
    seconds = []
    print("| Texts | Seconds | Peak MiB | Rows matched |\n|---:|---:|---:|---:|")
    for size in SIZES:
        command = [sys.executable, __file__, "--size", str(size)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        took, peak, matched = map(float, run.stdout.split())
        seconds.append(took)
        print(f"| {size:,} | {took:.1f} | {peak:,.0f} | {matched:.0%} |", flush=True)
    slope = np.polyfit(np.log(SIZES), np.log(seconds), 1)[0]
    print(f"\nSlope of log seconds on log texts: {slope:.2f}")


if __name__ == "__main__":
    main()
