"""The practice with its secrets is the practice of the calibration, count by count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from latent import practice, worlds


@pytest.mark.parametrize("name", worlds.WORLDS)
@pytest.mark.parametrize("effect", [0.0, 0.25])
def test_same_counts_register_and_truth(name: str, effect: float) -> None:
    for seed in (0, 7, 1234):
        world = replace(worlds.WORLDS[name], effect=effect)
        counts, partnerships, truth = worlds.draw(world, seed)
        seen = practice(world, seed)
        pd.testing.assert_frame_equal(seen.counts, counts)
        pd.testing.assert_frame_equal(seen.partnerships, partnerships)
        assert seen.truth == truth


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_active_is_where_the_effect_is(name: str) -> None:
    seen = practice(replace(worlds.WORLDS[name], effect=0.25), 3)
    np.testing.assert_array_equal(seen.active, seen.log_effect[0] != 0)
    np.testing.assert_array_equal(seen.other_active, seen.log_effect[1] != 0)
