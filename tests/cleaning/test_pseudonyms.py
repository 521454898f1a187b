import pandas as pd

from partner_analysis.cleaning.episodes.pseudonyms import redraw_keys


def test_equal_values_get_equal_keys_and_others_different_ones() -> None:
    keys = redraw_keys(pd.Series(["a", "b", "a"], index=[7, 8, 9]))
    assert keys.index.tolist() == [7, 8, 9]
    assert keys[7] == keys[9] != keys[8]


def test_keys_are_drawn_anew_each_time() -> None:
    values = pd.Series(["a", "b"])
    assert not set(redraw_keys(values)) & set(redraw_keys(values))


def test_whole_numbers_serve_as_their_own_codes_and_say_nothing():
    for values in ([4, 9, 4, 5], [-3, -3, 10**12, 0]):
        keys = redraw_keys(pd.Series(values, index=[3, 1, 2, 7]))
        assert pd.factorize(keys)[0].tolist() == pd.factorize(pd.Series(values))[0].tolist()
        assert keys.index.tolist() == [3, 1, 2, 7] and keys.dtype == "int64"
        assert not set(keys) & set(values)
    assert redraw_keys(pd.Series([], dtype="int64")).empty
