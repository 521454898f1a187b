from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from partner_analysis.cleaning.register.areas import read_areas
from partner_analysis.cleaning.register.clinics import clinic_names
from partner_analysis.cleaning.register.register import (
    Register,
    check_events_in,
    compare_register,
    read_register,
)
from partner_analysis.practice import Practice, load_practice
from partner_analysis.tables import DataError, SettingsError

Write = Callable[..., Practice]
HEAD = "partnership_id,name,kind,start_date,end_date,clinics,personas,aims,provider\n"
ALIASES = "partnership_id,alias,from,to\n"
GOALS = (
    "goal_id,partnership_id,persona,measure,target,unit,baseline,window_months,start_date,counted\n"
)


def test_a_good_register_has_types_and_no_faults(write_practice: Write) -> None:
    register = read_register(write_practice())
    partnership = register.partnerships.iloc[0]
    assert partnership["clinics"] == ("Warwick",)
    assert partnership["aims"] == ("patients",)
    assert not partnership["provider"]
    assert register.names.loc[0, "aliases"][0][0] == "HRS"
    assert register.faults.empty


def test_only_the_partnerships_table_is_needed_and_it_may_be_short(write_counts: Write) -> None:
    register = read_register(write_counts("unit,date,count\n"))
    assert len(register.partnerships) == 1
    assert register.clinics.empty


def test_values_that_both_share_are_a_list_and_may_be_left_out(write_practice: Write) -> None:
    head = HEAD.strip() + ",values\n"
    line = "gym,Gym,gym,2024-03-01,,Warwick,runner,,,Care; fair  play\n"
    files = {"partnerships.csv": head + line}
    register = read_register(write_practice(files={**files, "aliases.csv": ALIASES}))
    assert register.partnerships["values"].tolist() == [("Care", "fair play")]
    assert read_register(write_practice()).partnerships["values"].tolist() == [()]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gym,Gym,gym,,,,,,", "it has no start_date"),
        ("gym,Gym,gym,3/4/2024,,,,,", "its start_date is not a date; write it as YYYY-MM-DD"),
        ("gym,Gym,gym,2024-01-01,2023-01-01,,,,", "it ends before it starts"),
        ("gym,,gym,2024-01-01,,,,,", "it has no name"),
        ("gym,Gym,gym,2024-01-01,,,,money,", "its aims are not among patients, care"),
        ("gym,Gym,gym,2024-01-01,,,,,maybe", "its provider is neither yes nor no"),
    ],
)
def test_a_fault_in_one_row_is_listed_and_the_other_partnerships_stay(
    write_practice: Write, line: str, message: str
) -> None:
    good = "club,Club,club,2024-01-01,,,,,\n"
    register = read_register(
        write_practice(files={"partnerships.csv": f"{HEAD}{good}{line}\n", "aliases.csv": ALIASES})
    )
    assert register.faults["partnership_id"].tolist() == ["gym"]
    assert message in register.faults.loc[0, "message"]
    assert "line 3" in register.faults.loc[0, "message"]
    assert register.partnerships["partnership_id"].tolist() == ["club"]
    assert register.names["partnership_id"].tolist() == ["club", "gym"]


def test_a_clinic_or_persona_that_the_data_never_mention_is_a_fault(write_practice: Write) -> None:
    register = read_register(write_practice())
    given = {"clinics": ["Warwik"], "personas": ["runner"]}
    compared = compare_register(register, **given, sayable=["Warwik"])
    assert compared.partnerships.empty
    message = compared.faults.loc[0, "message"]
    assert 'clinic Warwick is never mentioned in the data. Did you mean "Warwik"?' in message
    hidden = compare_register(register, **given).faults.loc[0, "message"]
    assert "The data have 1 clinics; compare their spelling" in hidden
    assert compare_register(register, clinics=["Warwick"], personas=["runner"]).faults.empty


# ------------------------------------------------------------------ signing, control, neighbours
LONG = HEAD.strip() + ",signed_date,negative_control,neighbours\n"
GYM = "gym,Gym,gym,2024-03-01,,Warwick,runner,,,"


def register_of(write_practice: Write, *lines: str) -> Register:
    files = {"partnerships.csv": LONG + "".join(f"{line}\n" for line in lines)}
    return read_register(write_practice(files={**files, "aliases.csv": ALIASES}))


def test_what_may_be_said_of_a_partnership_is_read(write_practice: Write) -> None:
    line = GYM + "2024-02-10,older adult,dockside;  Cranston "
    row = register_of(write_practice, line).partnerships.iloc[0]
    assert row["signed_date"] == pd.Timestamp("2024-02-10")
    assert row["negative_control"] == "older adult"
    assert row["neighbours"] == ("Cranston", "Dockside")


def test_a_short_table_says_nothing_of_it(write_practice: Write) -> None:
    row = read_register(write_practice()).partnerships.iloc[0]
    assert pd.isna(row["signed_date"])
    assert row["negative_control"] == "" and row["neighbours"] == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GYM + "spring,,", "its signed_date is not a date; write it as YYYY-MM-DD"),
        (GYM + "2024-03-02,,", "it was signed after it starts; correct either date"),
        (GYM + ",general;older adult,", "it has more than one negative_control; choose one"),
        (GYM + ",runner,", "it is for the persona of its negative_control; name others"),
        (GYM.replace("runner", "") + ",general,", "or list its own personas"),
        (GYM + ",,Dockside;Warick", "it runs at its neighbours; name others"),
        (GYM.replace("Warwick", "") + ",,Dockside", "or list its own clinics"),
    ],
)
def test_a_contradiction_leaves_out_that_partnership_only(
    write_practice: Write, line: str, message: str
) -> None:
    register = register_of(write_practice, line, GYM.replace("gym,Gym", "club,Club") + ",,")
    assert register.faults["partnership_id"].tolist() == ["gym"]
    assert message in register.faults.loc[0, "message"]
    assert register.partnerships["partnership_id"].tolist() == ["club"]


def test_a_control_or_neighbour_that_the_data_never_mention_is_a_fault(
    write_practice: Write,
) -> None:
    register = register_of(write_practice, GYM + ",older adult,Dockside")
    known = {"clinics": ["Warwick", "Dockyard"], "personas": ["runner", "older adults"]}
    faults = compare_register(register, **known, sayable=["Dockyard", "older adults"]).faults
    assert "its neighbour Dockside is never mentioned in the data" in faults.loc[0, "message"]
    assert "its negative control older adult is never mentioned" in faults.loc[1, "message"]
    assert 'Did you mean "older adults"?' in faults.loc[1, "message"]


def test_stretches_that_disagree_stop_the_run(write_practice: Write) -> None:
    later = GYM.replace("2024-03-01,", "2025-03-01,2025-12-31")
    first = GYM.replace("2024-03-01,", "2024-03-01,2024-12-31")
    with pytest.raises(DataError, match=r"rows of gym \(lines 2 and 3\) differ in signed_date"):
        register_of(write_practice, first + "2024-02-01,,", later + "2025-02-01,,")


def test_an_event_at_a_clinic_that_the_data_never_mention_is_refused(
    write_practice: Write,
) -> None:
    practice = write_practice()
    text = practice.path.read_text()
    event = '[[events]]\nlabel = "Flood"\nkind = "shock"\nstart = 2024-03-04\n'
    practice.path.write_text(text + event + 'clinics = ["Warwik"]\n')
    flooded = load_practice(practice.path)
    with pytest.raises(SettingsError, match=r'no. 1 \(Flood\): clinic Warwik .*mean "Warwick"'):
        check_events_in(flooded, clinics=["Warwick"], sayable=["Warwick"])
    with pytest.raises(SettingsError, match="The data have 1 clinics; compare their spelling"):
        check_events_in(flooded, clinics=["Warwick"])
    check_events_in(flooded, clinics=["Warwik"])


# ------------------------------------------------------------------ whole tables
@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("partnerships", "", "partnerships.csv: the file is empty"),
        ("partnerships", "a,b\n1,2\n", "header not found: line 1 lacks partnership_id"),
        ("partnerships", HEAD.replace("kind", "name"), 'two columns are named "name"'),
        ("partnerships", HEAD.replace("personas", "persona"), 'Did you mean "personas"'),
        ("partnerships", HEAD + ",X,gym,2024-01-01,,,,,\n", "has no partnership_id"),
        ("partnerships", HEAD + "../x,X,gym,2024-01-01,,,,,\n", r"cannot name a page \(line 2"),
        ("partnerships", HEAD + "index,X,gym,2024-01-01,,,,,\n", "has a reserved partnership_id"),
        ("partnerships", HEAD + "x,X,gym,2024-01-01,,,,,\n" * 2, "x overlap in clinic"),
        (
            "partnerships",
            HEAD + "bad,,gym,,,,,,\n" + "x,X,gym,2024-01-01,,,,,\n" * 2,
            r"x overlap in clinic, persona and dates \(lines 3 and 4\)",
        ),
        (
            "partnerships",
            HEAD + "x,X,gym,2024-01-01,2024-02-01,,,,\nx,Y,gym,2024-03-01,,,,,\n",
            "x .* differ in name",
        ),
        ("aliases", ALIASES + "other,O,,\n", "not in the partnerships table"),
        ("aliases", ALIASES + "harbor-run-shop,,,\n", "has no alias"),
        ("aliases", ALIASES + "harbor-run-shop,H,soon,\n", "has a from that is not a date"),
        ("aliases", ALIASES + "harbor-run-shop,H,2024-02-01,2024-01-01\n", "ends before it starts"),
        ("clinics", "clinic\nA\na\n", "repeat a clinic"),
        ("clinics", "clinic,alias\nA,\nB,C;a\n", r"share a spelling .*\(lines 2 and 3\)"),
        ("goals", GOALS + "g,harbor-run-shop,,sum,5,,,,,\n", "has an unknown measure"),
        ("goals", GOALS + "g,harbor-run-shop,,rate,five,,,,,\n", "has a target that is no amount"),
        ("goals", GOALS + "g,harbor-run-shop,,rate,5,,,,,\n", "has no window_months"),
        ("goals", GOALS + "g,harbor-run-shop,,rate,,,,3,,\n", "has no target"),
        ("goals", GOALS + "g,harbor-run-shop,,rate,0,,,3,,\n", "has a target of 0"),
        ("goals", GOALS + "g,,,rate,5,,,3,,\n", "neither a start_date nor a partnership"),
        ("goals", GOALS + "g,,,rate,5,,,3,2024-02-01,named\n", "patients of nobody"),
        ("goals", GOALS + "g,gym,,rate,5,,,3,2024-02-01,\n", "not in the partnerships table"),
        ("goals", GOALS + "g,harbor-run-shop,,mean,5,percent,,3,,extra\n", "in percent"),
        ("activities", "partnership_id,date,kind\nx,2024-01-01,event\n", "not in the partnerships"),
        ("activities", "partnership_id,date,kind\nharbor-run-shop,,event\n", "has no date"),
    ],
)
def test_a_fault_of_a_whole_table_is_refused(
    write_practice: Write, table: str, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_register(write_practice(files={f"{table}.csv": text}))


def test_an_alias_of_two_partners_is_refused_unless_their_days_differ(
    write_practice: Write,
) -> None:
    partners = HEAD + "a,Anvil,gym,2024-01-01,,,,,\nb,Bell,gym,2024-01-01,,,,,\n"
    clash = ALIASES + "a,The Gym,,2024-05-31\nb,the  gym,2024-05-31,\n"
    with pytest.raises(DataError, match=r"claimed by a and b \(lines 2 and 3\)"):
        read_register(write_practice(files={"partnerships.csv": partners, "aliases.csv": clash}))
    apart = clash.replace("gym,2024-05-31", "gym,2024-06-01")
    files = {"partnerships.csv": partners, "aliases.csv": apart}
    assert len(read_register(write_practice(files=files)).names) == 2


def test_a_missing_table_is_refused(write_practice: Write, tmp_path: Path) -> None:
    practice = write_practice()
    (tmp_path / "aliases.csv").unlink()
    with pytest.raises(DataError, match=r"aliases.csv: no such file"):
        read_register(practice)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "../../etc/passwd", "=cmd()"])
def test_an_odd_name_is_legal(write_practice: Write, name: str) -> None:
    text = f"{HEAD}odd,{name},gym,2024-01-01,,,,,\n"
    register = read_register(
        write_practice(files={"partnerships.csv": text, "aliases.csv": ALIASES})
    )
    assert register.partnerships["name"].tolist() == [name]


CLINICS = "clinic,alias,opened,closed,open_days,merged_into,time_zone\n"


def test_a_merged_clinic_counts_as_the_one_that_stays(write_practice: Write) -> None:
    rows = "Warwick,,2011-05-02,,mon;tue;wed;thu;fri,,\nDockside,,2009-01-05,2023-12-29,,Warwick,\n"
    practice = write_practice(files={"clinics.csv": CLINICS + rows})
    clinics = read_register(practice).clinics
    assert clinic_names(clinics) == {"warwick": "Warwick", "dockside": "Warwick"}
    assert clinics["open_days"].tolist() == [(0, 1, 2, 3, 4), ()]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Warwick,,,,mondays;xyz,,", "has open_days that are no weekdays"),
        ("Warwick,,,,,Elsewhere,", "is merged into a clinic that does not stay"),
        ("Warwick,,,,,,Mars/Olympus", "has a time_zone that is not known"),
    ],
)
def test_a_clinic_of_odd_days_mergers_or_zones_is_refused(
    write_practice: Write, row: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_register(write_practice(files={"clinics.csv": f"{CLINICS}{row}\n"}))


@pytest.mark.parametrize("counted", ["named", "extra"])
def test_a_goal_that_counts_what_a_provider_sends_is_refused_with_its_cure(
    write_practice: Write, counted: str
) -> None:
    provider = HEAD + "harbor-run-shop,Harbor Physicians,physicians,2024-02-01,,,,,yes\n"
    text = GOALS + f"g,harbor-run-shop,runner,mean,5,,,3,,{counted}\n"
    with pytest.raises(DataError, match=r"of a provider \(line 2\).*counted = all"):
        read_register(write_practice(files={"partnerships.csv": provider, "goals.csv": text}))


def test_a_goal_may_be_the_practices_own_and_name_clinics_as_they_are_spelt(
    write_practice: Write,
) -> None:
    text = GOALS.replace("counted\n", "counted,clinics\n")
    text += "own,,runner,Mean,10,percent,prior months,6,2024-03-01,all,Warick; Dockside\n"
    goals = read_register(write_practice(files={"goals.csv": text})).goals
    assert goals["clinics"].iloc[0] == ("Warwick", "Dockside")
    assert goals["partnership_id"].iloc[0] == ""
    assert goals["measure"].iloc[0] == "mean"


# ------------------------------------------------------------------ people by area
def areas_of(write_practice: Write, *lines: str) -> pd.DataFrame:
    text = "zip3,people,name\n" + "".join(f"{line}\n" for line in lines)
    practice = write_practice(files={"areas.csv": text})
    tables = practice.tables.model_copy(update={"areas": "areas.csv"})
    return read_areas(practice.model_copy(update={"tables": tables}))


def test_people_by_area_are_read_with_their_zeros(write_practice: Write) -> None:
    areas = areas_of(write_practice, '028,"640,000",the bay', "029,410000,")
    assert areas["zip3"].tolist() == ["028", "029"]
    assert areas["people"].tolist() == [640_000, 410_000]
    assert areas["name"].tolist() == ["the bay", ""]


def test_without_the_table_nothing_is_known_of_people(write_practice: Write) -> None:
    assert read_areas(write_practice()).empty


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("28,5000,", r"zip3 that is not three digits \(line 3\). Write the first three digits"),
        ("02886,5000,", "zip3 that is not three digits"),
        ("029,5000,", r"repeat a zip3 \(line"),
        ("028,many,", "a people that is no amount"),
        ("028,0,", "people that are no whole number above 0"),
        ("028,,", "people that are no whole number above 0"),
        ("028,10.5,", "people that are no whole number above 0"),
    ],
)
def test_an_area_that_makes_no_sense_is_refused(
    write_practice: Write, line: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        areas_of(write_practice, "029,410000,capital", line)
