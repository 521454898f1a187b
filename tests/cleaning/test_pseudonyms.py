import pandas as pd

from partner_analysis.cleaning.episodes.pseudonyms import redraw_keys


def test_equal_values_get_equal_keys_and_others_different_ones() -> None:
    keys = redraw_keys(pd.Series(["a", "b", "a"], index=[7, 8, 9]))
    assert keys.index.tolist() == [7, 8, 9]
    assert keys[7] == keys[9] != keys[8]


def test_keys_are_drawn_anew_each_time() -> None:
    values = pd.Series(["a", "b"])
    assert not set(redraw_keys(values)) & set(redraw_keys(values))
