"""What exports say of care reaches the episodes, and what cannot be right becomes unknown."""

from pathlib import Path

import pandas as pd

from partner_analysis.cleaning.episodes.clean import Cleaned, clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.practice import load_practice

HEAD = '[practice]\nslug = "small"\nname = "Small PT"\n'
REGISTER = '[tables]\npartnerships = "partnerships.csv"\naliases = "aliases.csv"\n'
TABLES = {
    "partnerships.csv": "partnership_id,name,kind,start_date\n"
    "hrs,Harbor Run Shop,shop,2024-02-01\n",
    "aliases.csv": "partnership_id,alias\n",
}
MEASURES = ["visits", "planned_visits", "outcome_change", "recommend", "first_time"]


def cleaned(folder: Path, profile: str, text: str, *, as_of: object = None) -> Cleaned:
    block = f'[[exports]]\nprofile = "{profile}"\nfiles = "export.csv"\n'
    for name, content in {**TABLES, "export.csv": text}.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "practice.toml").write_text(HEAD + block + REGISTER)
    practice = load_practice(folder / "practice.toml")
    return clean_episodes(read_exports(practice, as_of=as_of), practice, read_register(practice))


def of_patient(episodes: pd.DataFrame, clinic: str) -> list[float | None]:
    row = episodes.loc[episodes["clinic"] == clinic, MEASURES].iloc[0]
    return [None if pd.isna(value) else float(value) for value in row]


EPISODES = """patient,clinic,evaluated,discharged,visits,planned_visits,outcome_change,\
recommend,first_time
1,A,2024-01-08,2024-03-01,9,10,-4.5,0,yes
2,B,2024-01-09,2024-03-01,-1,501,1e9,11,maybe
3,C,2024-01-10,,,8,,,No
4,D,2024-01-11,2024-03-02,500,0,12,10,1
5,E,2024-06-03,,,,,,
"""


def test_numbers_reach_the_episodes_and_odd_ones_are_counted(tmp_path: Path) -> None:
    found = cleaned(tmp_path, "episode-list", EPISODES)
    assert of_patient(found.episodes, "A") == [9, 10, -4.5, 0, 1]
    assert of_patient(found.episodes, "B") == [None] * 5
    assert of_patient(found.episodes, "C") == [None, 8, None, None, 0]
    assert of_patient(found.episodes, "D") == [500, 0, 12, 10, 1]
    told = found.understood["columns"].iloc[0]
    assert "1 in visits, 1 in planned visits, 1 in outcome change, 1 in recommend" in told
    assert "501" not in told
    assert len(found.episodes) == 5


def test_a_row_exported_before_its_end_and_after_it_is_one_episode(tmp_path: Path) -> None:
    early = "4,D,2024-01-11,,3,12,,,\n"
    found = cleaned(tmp_path, "episode-list", EPISODES.replace("4,D", early + "4,D"))
    assert len(found.episodes) == 5
    assert of_patient(found.episodes, "D")[0] == 500


def test_what_was_known_only_at_the_end_is_not_known_before_it(tmp_path: Path) -> None:
    found = cleaned(tmp_path, "episode-list", EPISODES, as_of="2024-02-01")
    assert of_patient(found.episodes, "A") == [None, 10, None, None, 1]


def test_visits_are_counted_by_day_from_those_that_took_place(tmp_path: Path) -> None:
    text = """patient,clinic,visited,status,visit_type,planned_visits
1,A,2024-01-08,Arrived,Initial Evaluation,6
1,A,2024-01-10,Arrived,Follow-up,6
1,A,2024-01-10,Arrived,Taping,6
1,A,2024-01-12,Cancelled,Follow-up,6
1,A,2024-01-15,No Show,Follow-up,6
1,A,2024-01-17,Arrived,Follow-up,6
2,B,2024-01-17,Scheduled,Initial Evaluation,
"""
    episodes = cleaned(tmp_path, "visit-list", text).episodes
    assert of_patient(episodes, "A") == [3, 6, None, None, None]
    assert of_patient(episodes, "B")[0] is None
