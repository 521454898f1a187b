"""The tables say of known errors what is known of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import as_markdown, compare_runs, summarise, write_section


def runs_of(method: str, errors: np.ndarray) -> pd.DataFrame:
    truth = np.arange(len(errors), dtype=float)
    return pd.DataFrame(
        {
            "method": method,
            "regime": "some practice",
            "effect": np.where(np.arange(len(errors)) % 2, 0.25, 0.0),
            "seed": np.arange(len(errors)) // 2,
            "truth": truth,
            "months": 10.0,
            "estimate": truth + errors,
            "low": truth + errors - 20,
            "high": truth + errors + 20,
            "seconds": 0.5,
        }
    )


def test_twice_the_error_is_twice_the_limit_and_half_of_it_the_other_way_round() -> None:
    errors = np.tile([10.0, -10.0, 10.0, 10.0], 10)
    runs = pd.concat(
        [runs_of("limit_siblings", errors), runs_of("ours", 3 * errors), runs_of("its", errors)]
    )
    ours = compare_runs(runs).set_index("method").loc["partner_analysis"]
    assert ours["rmse +0%"] == pytest.approx(3.0)
    assert ours["x limit"] == "3.00 (3.00 to 3.00)"
    assert ours["coverage +0%"] == 0.0
    assert ours["width"] == pytest.approx(4.0)
    assert summarise(runs)["ours / best peer"].item() == "3.00 (3.00 to 3.00)"


def test_other_practices_are_not_compared() -> None:
    errors = np.ones(8)
    others = runs_of("its", errors).assign(truth=7.0)
    with pytest.raises(ValueError, match="same practices"):
        compare_runs(pd.concat([runs_of("limit_siblings", errors), others]))


def test_a_section_is_replaced_and_its_neighbours_stay(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n## Accuracy\n\nold\n\n## Speed\n\nkept\n")
    runs = runs_of("limit_siblings", np.ones(8))
    write_section(page, "Accuracy", as_markdown(compare_runs(runs), summarise(runs)))
    assert "old" not in page.read_text()
    assert page.read_text().endswith("\n\n## Speed\n\nkept\n")
