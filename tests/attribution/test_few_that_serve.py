"""What a review found: each once gave a number or a sentence that the data do not bear out."""

import numpy as np
import pandas as pd
import pytest

import partner_analysis as pa

WEEKS = pd.date_range("2023-01-02", periods=130, freq="W-MON")
START = WEEKS[85]


def practice(clinics="ABC", mean=15.0, change=None, seed=3):
    keys = pd.MultiIndex.from_product([list(clinics), WEEKS], names=["clinic", "period"])
    counts = keys.to_frame(index=False)
    factor = np.ones(len(counts)) if change is None else change(counts)
    draw = np.random.default_rng(seed).poisson(mean * factor)
    return counts.assign(new_patients=draw)


def row(identifier="gym", clinics="A", start=START, **more):
    names = {"partnership_id": identifier, "clinics": list(clinics), "start_date": start}
    return names | more


def test_a_clinic_touched_since_says_nothing_of_what_came_after():
    counts = practice()
    alone = pa.estimate_effect(counts, pd.DataFrame([row()]), "gym")
    both = pd.DataFrame([row(), row("club", "B", WEEKS[87])])
    with_one_left = pa.estimate_effect(counts, both, "gym")
    assert set(with_one_left.comparison["clinic"]) == {"B", "C"}
    late = pd.DataFrame([row(), row("club", "B", WEEKS[80])])
    only_c = pa.estimate_effect(counts, late, "gym")
    assert set(only_c.comparison["clinic"]) == {"C"}
    width = alone.total.high - alone.total.low
    assert only_c.total.high - only_c.total.low > 1.15 * width


def test_cells_with_different_windows_keep_their_own_levels_in_tiny_counts():
    # A came to 20 a year all along; B opened eight weeks before the start and is five times larger.
    def rates(table):
        closed = (table["clinic"] == "B") & (table["period"] < WEEKS[77])
        small = np.where(table["clinic"] == "A", 0.1, 0.5)
        return np.where(table["clinic"].isin(["A", "B"]), np.where(closed, 0.0, small), 10.0)

    found = []
    for seed in range(12):
        counts = practice("ABCDEF", 1.0, rates, seed)
        closed = (counts["clinic"] == "B") & (counts["period"] < WEEKS[77])
        counts = counts[~closed]
        found.append(pa.estimate_effect(counts, pd.DataFrame([row(clinics="AB")]), "gym"))
    assert sum(effect.verdict in ("more", "fewer") for effect in found) <= 2


def test_an_effect_is_not_read_as_patients_moved_from_a_neighbour():
    counts = practice(
        "ABC", 30.0, lambda t: np.where((t["clinic"] == "A") & (t["period"] >= START), 1.6, 1.0)
    )
    rows = pd.DataFrame([row(neighbours=["B"])])
    effect = pa.estimate_effect(counts, rows, "gym")
    assert effect.verdict == "more"
    beside = effect.moved.set_index("where").loc["neighbouring clinics"]
    assert beside["high"] > 0


def test_named_counts_of_a_bundle_are_those_of_all_its_members():
    counts = practice("ABCDE", 20.0)
    rows = pd.DataFrame([row("club"), row("gym")])
    said = counts[(counts["clinic"] == "A") & (counts["period"] >= START)]
    named = pd.concat(
        [
            said.assign(partnership_id=k, named=n)[["period", "clinic", "partnership_id", "named"]]
            for k, n in (("club", 1), ("gym", 2))
        ]
    )
    effect = pa.estimate_effect(counts, rows, "gym", named=named, checks=False)
    assert effect.bundle == ("club", "gym")
    assert effect.reconciliation.named == 3 * len(said)
    assert effect.named == 2 * len(said)


def test_an_unknown_named_count_is_not_zero():
    counts = practice("ABCDE", 20.0)
    said = counts[(counts["clinic"] == "A") & (counts["period"] >= START)]
    named = said.assign(partnership_id="gym", named=3.0)
    named = named[["period", "clinic", "partnership_id", "named"]].reset_index(drop=True)
    named.loc[4, "named"] = np.nan
    effect = pa.estimate_effect(counts, pd.DataFrame([row()]), "gym", named=named, checks=False)
    assert effect.named is None
    assert effect.reconciliation is None


@pytest.mark.parametrize("seed", range(3))
def test_a_step_long_before_the_start_is_no_trend(seed):
    def stepped(table):
        return np.where((table["clinic"] == "A") & (table["period"] < WEEKS[45]), 0.5, 1.0)

    effect = pa.estimate_effect(
        practice("ABCDEF", 20.0, stepped, seed), pd.DataFrame([row()]), "gym", checks=False
    )
    assert effect.verdict not in ("more", "fewer")
