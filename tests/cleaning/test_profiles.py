"""Every profile reads a made-up sample of its export, and every row of it has its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copy

import pandas as pd
import pytest

from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.exports.cut import Exports
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import Practice, load_practice
from partner_analysis.profile import find_profile, list_profiles
from partner_analysis.tables import SettingsError

SAMPLES = Path(__file__).with_name("samples")
HEAD = """
[practice]
slug = "small"
name = "Small PT"
time_zone = "America/New_York"
[tables]
partnerships = "partnerships.csv"
aliases = "aliases.csv"
"""
OWN = """
title = "Ours"
about = "Made up."
[export]
kind = "referrals"
[export.columns]
patient = "Nr"
evaluated = "Day"
clinic = "Site"
"""
TABLES = {
    "partnerships.csv": "partnership_id,name,kind,start_date\n"
    "hrs,Harbor Run Shop,running store,2024-02-01\niwg,Ironworks Gym,gym,2024-02-01\n"
    "doc,Dr. Anita Patel,physician,2024-02-01\n",
    "aliases.csv": "partnership_id,alias\nhrs,HRS\n",
}


@dataclass(frozen=True)
class Sample:
    """One file, what the practice says of it, and what becomes of its rows."""

    file: str
    used: int
    rejected: int = 0
    totals: int = 1
    superseded: int = 0
    says: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""

    @property
    def profile(self) -> str:
        return self.file.rsplit(".", 1)[0]

    def block(self) -> str:
        lines = [f'[[exports]]\nprofile = "{self.profile}"\nfiles = "{self.file}"\n{self.says}\n']
        if self.columns:
            lines.append("[exports.columns]\n")
            lines += [f'{ours} = "{theirs}"\n' for ours, theirs in self.columns.items()]
        return "".join(lines)


JANE = {"patient": "Patient Number", "visited": "Start At", "clinic": "Location",
        "visit_type": "Treatment", "source": "How did you hear about us"}  # fmt: skip
GRID = {"case": "Case", "created": "Created", "evaluated": "Evaluated"}
APPOINTMENTS = Sample("cliniko-appointments.json", used=3, rejected=1)
SAMPLES_OF = [
    Sample("webpt-referrals.csv", used=3, rejected=1, superseded=1, totals=9, columns=GRID),
    Sample("webpt-referrals-by-clinic.csv", used=3, rejected=1, totals=5,
           columns={"cases": "Referrals"}, beside="webpt-referrals.csv"),
    Sample("webpt-extract-appointments.csv", used=4, superseded=3),
    Sample("webpt-extract-charges.csv", used=5, superseded=1),
    Sample("jane-referrals.csv", used=2, totals=11, columns={"source": "Referral Source"},
           beside="jane-appointments.csv"),
    Sample("jane-appointments.csv", used=6, columns=JANE),
    Sample("jane-patients.csv", used=2, rejected=1, beside="jane-appointments.csv",
           columns={"patient": "Patient Number", "birth_date": "Birth Date", "zip": "Postal Code"}),
    APPOINTMENTS,
    Sample("cliniko-referral-sources.json", used=2, rejected=1, beside=APPOINTMENTS.file),
    Sample("cliniko-patients.json", used=2, beside=APPOINTMENTS.file),
    Sample("cliniko-cases.json", used=1, says='one_clinic = "1"', beside=APPOINTMENTS.file),
    Sample("nookal-referrers.csv", used=3, totals=3, beside="episode-list.csv"),
    Sample("nookal-values.csv", used=3, totals=9, beside="episode-list.csv"),
    Sample("episode-list.csv", used=3),
    Sample("visit-list.txt", used=5, says='date_format = "%m/%d/%Y"'),
    Sample("merged-patients.csv", used=2, beside="webpt-referrals.csv"),
    Sample("counts-only.csv", used=3, totals=2),
]  # fmt: skip
BY_FILE = {sample.file: sample for sample in SAMPLES_OF}


def practice_of(folder: Path, *samples: Sample) -> Practice:
    for sample in samples:
        copy(SAMPLES / sample.file, folder / sample.file)
    for name, text in TABLES.items():
        (folder / name).write_text(text)
    settings = HEAD + "".join(sample.block() for sample in samples)
    (folder / "practice.toml").write_text(settings)
    return load_practice(folder)


def read(folder: Path, *files: str) -> Exports:
    return read_exports(practice_of(folder, *(BY_FILE[file] for file in files)))


def cleaned(folder: Path, *files: str) -> Cleaned:
    practice = practice_of(folder, *(BY_FILE[file] for file in files))
    return clean_episodes(read_exports(practice), practice, read_register(practice))


def test_every_profile_has_a_sample() -> None:
    assert {p.name for p in list_profiles()} == {sample.profile for sample in SAMPLES_OF}


@pytest.mark.parametrize("sample", SAMPLES_OF, ids=lambda sample: sample.profile)
def test_every_row_of_a_sample_has_its_place(sample: Sample, tmp_path: Path) -> None:
    beside = [sample.beside] if sample.beside else []
    account = read(tmp_path, sample.file, *beside).row_account.set_index("file").loc[sample.file]
    found = {name: int(account[name]) for name in account.index if name != "repeated"}
    fates = {"used": sample.used, "rejected": sample.rejected,
             "totals_and_headers": sample.totals, "superseded": sample.superseded}  # fmt: skip
    assert found == {"raw_rows": sum(fates.values()), **fates}


def new_patients(result: Cleaned) -> list[str]:
    episodes = result.episodes
    return sorted(episodes.loc[episodes["new_patient"], "counted_on"].dt.strftime("%m-%d"))


def test_a_grid_grouped_and_summed_states_totals_that_are_compared(tmp_path: Path) -> None:
    totals = read(tmp_path, "webpt-referrals.csv").totals
    assert totals["stated"].tolist() == [3, 2, 5]
    assert totals["agrees"].all()


def test_a_system_s_own_counts_are_named_and_kept_apart(tmp_path: Path) -> None:
    result = cleaned(tmp_path, "webpt-referrals.csv", "webpt-referrals-by-clinic.csv")
    tallies = result.tallies.set_index("partnership_id")["cases"]
    assert tallies.to_dict() == {"hrs": 16, "doc": 30}
    assert new_patients(result) == ["01-15", "02-06"]


def test_tables_that_restate_others_are_not_added(tmp_path: Path) -> None:
    result = cleaned(tmp_path, "jane-appointments.csv", "jane-referrals.csv")
    assert result.tallies.set_index("label")["patients"].to_dict()["Harbor Run Shop"] == 5
    assert result.totals["agrees"].all()


def test_clients_under_a_referrer_are_counted_and_gone(tmp_path: Path) -> None:
    result = cleaned(tmp_path, "episode-list.csv", "nookal-values.csv")
    assert result.tallies.set_index("partnership_id")["patients"].to_dict() == {"hrs": 1, "iwg": 1}
    assert "Faux" not in result.tallies.to_csv()


def test_deltas_leave_what_stands_in_the_end(tmp_path: Path) -> None:
    assert new_patients(cleaned(tmp_path, "webpt-extract-appointments.csv")) == ["01-15", "01-18"]


def test_a_finalised_note_counts_and_a_free_evaluation_is_set_apart(tmp_path: Path) -> None:
    result = cleaned(tmp_path, "webpt-extract-charges.csv")
    assert new_patients(result) == ["01-15", "01-18"]
    assert result.episodes["free_evaluated"].notna().sum() == 1


def test_states_and_first_visits_of_appointments(tmp_path: Path) -> None:
    result = cleaned(tmp_path, "jane-appointments.csv", "jane-patients.csv")
    assert new_patients(result) == ["01-15", "01-23"]
    assert sorted(result.episodes["zip3"]) == ["", "", "000", "028"]


def test_an_evening_visit_counts_on_the_clinic_s_own_day(tmp_path: Path) -> None:
    files = ("cliniko-appointments.json", "cliniko-referral-sources.json", "cliniko-patients.json")
    result = cleaned(tmp_path, *files)
    assert new_patients(result) == ["01-31", "02-12"]
    named = result.episodes.set_index("counted_on")["partnership_id"]
    assert named[pd.Timestamp("2024-01-31")] == "hrs"


def test_merged_patients_are_one(tmp_path: Path) -> None:
    assert new_patients(cleaned(tmp_path, "webpt-referrals.csv")) == ["01-15", "02-06"]
    both = cleaned(tmp_path, "webpt-referrals.csv", "merged-patients.csv")
    assert new_patients(both) == ["01-15"]


def test_serial_numbers_of_days_and_lost_zeros_are_understood(tmp_path: Path) -> None:
    result = cleaned(tmp_path, "episode-list.csv")
    assert new_patients(result) == ["01-15", "01-16"]
    assert sorted(result.episodes["zip3"]) == ["", "000", "028"]


def test_a_screen_without_a_charge_is_no_evaluation(tmp_path: Path) -> None:
    assert new_patients(cleaned(tmp_path, "visit-list.txt")) == ["01-15", "01-30"]


def test_a_profile_says_which_columns_it_cannot_know(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"columns\.patient is missing.*map FILE"):
        practice_of(tmp_path, Sample("jane-appointments.csv", used=0))


def test_an_unknown_profile_names_the_nearest(tmp_path: Path) -> None:
    settings = HEAD + '[[exports]]\nprofile = "webpt-referal"\nfiles = "x.csv"\n'
    (tmp_path / "practice.toml").write_text(settings)
    with pytest.raises(SettingsError, match='Did you mean "webpt-referrals"'):
        load_practice(tmp_path)


def test_a_practice_may_bring_its_own_profile(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(OWN)
    settings = HEAD + '[[exports]]\nprofile = "ours.toml"\nfiles = "x.csv"\n'
    (tmp_path / "practice.toml").write_text(settings)
    export = load_practice(tmp_path).exports[0]
    assert export.columns.theirs["patient"] == ("Nr",)
    assert export.title == "Ours"


def test_a_profile_that_is_not_there_names_those_of_the_package(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no such profile.*jane-appointments") as caught:
        find_profile("own.toml", tmp_path)
    assert "init" not in str(caught.value)
