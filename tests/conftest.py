"""What all tests share: where published data may lie, and no drawing to a screen."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "agg")
PLACES = (os.environ.get("PARTNER_ANALYSIS_DATA", ""), "../shared/data")


@pytest.fixture(scope="session")
def outside_data():
    """Path of a data file that is not ours to ship; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        root = Path(__file__).parents[1]
        for place in filter(None, PLACES):
            if (root / place / name).exists():
                return root / place / name
        pytest.skip(
            f"{name} is third-party data and not part of this repository; "
            "set PARTNER_ANALYSIS_DATA to a folder that has it"
        )

    return find
