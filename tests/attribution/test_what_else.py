"""Beginnings, ends and company: what a partnership's cells went through besides it."""

import numpy as np
import pandas as pd
import pytest

import partner_analysis as pa

WEEKS = pd.date_range("2022-01-03", periods=156, freq="W-MON")
CLINICS = "ABCDEFGH"


def practice(mean, *, seed=1, personas=("general", "pelvic")):
    """Poisson counts around a mean that broadcasts over clinics, personas and weeks."""
    keys = pd.MultiIndex.from_product([list(CLINICS), personas, WEEKS])
    counts = keys.to_frame(index=False, name=["clinic", "persona", "period"])
    shape = (len(CLINICS), len(personas), len(WEEKS))
    drawn = np.random.default_rng(seed).poisson(np.broadcast_to(mean, shape))
    return counts.assign(new_patients=drawn.reshape(-1))


def gym(**changes):
    row = {"partnership_id": "gym", "start_date": WEEKS[104], "end_date": pd.NaT, "clinics": ("A",)}
    return row | changes


def judge(counts, *rows, **asked):
    return pa.estimate_effect(counts, pd.DataFrame(rows), "gym", **asked)


def result(effect, check):
    return dict(effect.checks[["check", "result"]].to_numpy())[check]


# ---------------------------------------------------------------- beginnings
def introduced(week):
    """Persona "pelvic" is offered from one week on; zeros stand before."""
    mean = np.full((1, 2, len(WEEKS)), 6.0)
    mean[:, 1, :week] = 0.0
    return practice(mean)


def test_zeros_before_a_persona_was_introduced_are_as_if_they_were_not_there():
    counts = introduced(70)
    row = gym(clinics=tuple("ABCD"), personas=("pelvic",))
    absent = counts[(counts["persona"] != "pelvic") | (counts["period"] >= WEEKS[70])]
    with_zeros, without = judge(counts, row), judge(absent, row)
    assert with_zeros.total == without.total
    assert with_zeros.n_pre == 34
    assert any("pelvic (8 May 2023)" in note for note in with_zeros.notes)
    assert with_zeros.verdict == "no clear change"


def test_a_partner_who_brings_the_first_patients_is_no_beginning():
    mean = np.full((len(CLINICS), 2, len(WEEKS)), 6.0)
    mean[0, 1, :104] = 0.0
    effect = judge(practice(mean), gym(personas=("pelvic",)))
    assert effect.verdict == "more"
    assert effect.expected < 10
    assert effect.n_pre == 104


def test_a_few_quiet_weeks_are_zeros():
    counts = practice(0.2)
    quiet = counts["persona"].eq("pelvic") & counts["clinic"].eq("B")
    counts.loc[quiet & (counts["period"] < WEEKS[30]), "new_patients"] = 0
    assert not any("Nobody was counted" in note for note in judge(counts, gym()).notes)


# ---------------------------------------------------------------- ends
def ended(*, lasting, ratio=1.6):
    """It ran for 26 weeks; what it did stayed, or went with it."""
    mean = np.full((len(CLINICS), 2, len(WEEKS)), 10.0)
    mean[0, :, 80 : None if lasting else 106] *= ratio
    return practice(mean), gym(start_date=WEEKS[80], end_date=WEEKS[106] - pd.Timedelta(days=1))


def test_what_outlives_a_partnership_is_warned_of_and_limits_the_grade():
    effect = judge(*ended(lasting=True))
    assert result(effect, "after the end") == "warn"
    assert effect.grade in ("weak", "moderate")


def test_what_ends_with_it_is_not():
    effect = judge(*ended(lasting=False))
    assert effect.verdict == "more"
    assert result(effect, "after the end") == "pass"


def test_whether_it_fell_back_is_open_where_both_answers_fit():
    """Few patients, a short time after: no change fits, and so does all that came before."""
    counts, register = ended(lasting=False, ratio=1.1)
    checks = judge(counts.loc[counts["period"] < WEEKS[124]], register).checks
    row = checks.loc[checks["check"] == "after the end"].iloc[0]
    assert row["result"] == "not possible"
    assert row["detail"].startswith("Cannot tell whether it fell back: ")


def test_one_that_runs_on_is_not_asked_what_came_after():
    assert "after the end" not in set(judge(practice(6.0), gym()).checks["check"])


# ---------------------------------------------------------------- company
def test_partnerships_that_share_cells_get_a_total_together():
    mean = np.full((len(CLINICS), 2, len(WEEKS)), 10.0)
    mean[:2, :, 104:] *= 1.4
    mean[1:3, :, 80:] *= 1.4
    club = gym(partnership_id="club", start_date=WEEKS[80], clinics=("B", "C"))
    register = pd.DataFrame([gym(clinics=("A", "B")), club])
    effects = pa.estimate_effects(practice(mean), register)
    brought = 20 * 52 * (0.4 + 0.96) + 20 * 24 * 0.4 + 20 * 76 * 0.4
    for one, other in (("gym", "club"), ("club", "gym")):
        together = effects[one].together
        assert effects[one].together_with == (other,)
        assert together.low < brought < together.high
        assert together.estimate == pytest.approx(brought, rel=0.25)
    assert effects["gym"].together == effects["club"].together


def test_one_alone_has_no_company():
    effect = judge(practice(6.0), gym())
    assert effect.together is None
    assert effect.together_with == ()


# ---------------------------------------------------------------- choices
def test_other_definitions_of_a_new_patient_are_tried():
    counts = practice(10.0)
    more = counts.assign(new_patients=counts["new_patients"] * 3)
    late = more["clinic"].eq("A") & (more["period"] >= WEEKS[104])
    more.loc[late, "new_patients"] *= 2
    plain = judge(counts, gym())
    tried = judge(counts, gym(), recounts={"every new episode counted": more})
    assert tried.total == plain.total
    detail = tried.checks.set_index("check").loc["other choices", "detail"]
    assert 'would read "more" with every new episode counted' in detail


def test_a_finding_without_a_percentage_is_graded():
    mean = np.full((len(CLINICS), 1, len(WEEKS)), 6.0)
    mean[0, :, :104] = 0.0
    effect = judge(practice(mean, personas=("all",)), gym())
    assert effect.verdict == "more"
    assert np.isnan(effect.percent.estimate)
    assert effect.grade in ("weak", "moderate")


def test_the_smallest_change_that_could_be_seen_is_a_check():
    assert result(judge(practice(30.0), gym()), "smallest change") == "pass"
    assert result(judge(practice(0.1), gym()), "smallest change") == "warn"
