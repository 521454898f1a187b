from collections.abc import Callable
from pathlib import Path

import pytest

from partner_analysis.cleaning.register import compare_register, read_register
from partner_analysis.practice import Practice
from partner_analysis.tables import DataError

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


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("partnerships", "", "partnerships.csv: the file is empty"),
        ("partnerships", "a,b\n1,2\n", "header not found: line 1 lacks partnership_id"),
        ("partnerships", HEAD.replace("kind", "name"), 'two columns are named "name"'),
        ("partnerships", HEAD.replace("personas", "persona"), 'Did you mean "personas"'),
        ("partnerships", HEAD + ",X,gym,2024-01-01,,,,,\n", "have no partnership_id"),
        ("partnerships", HEAD + "../x,X,gym,2024-01-01,,,,,\n", r"cannot name a page \(line 2"),
        ("partnerships", HEAD + "index,X,gym,2024-01-01,,,,,\n", "have a reserved partnership_id"),
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
        ("aliases", ALIASES + "harbor-run-shop,,,\n", "have no alias"),
        ("aliases", ALIASES + "harbor-run-shop,H,soon,\n", "have a from that is not a date"),
        ("aliases", ALIASES + "harbor-run-shop,H,2024-02-01,2024-01-01\n", "end before they start"),
        ("clinics", "clinic\nA\na\n", "repeat a clinic"),
        ("clinics", "clinic,alias\nA,\nB,C;a\n", r"share a spelling .*\(lines 2 and 3\)"),
        ("goals", GOALS + "g,harbor-run-shop,,sum,5,,,,,\n", "have an unknown measure"),
        ("goals", GOALS + "g,harbor-run-shop,,rate,five,,,,,\n", "have a target that is no amount"),
        ("activities", "partnership_id,date,kind\nx,2024-01-01,event\n", "not in the partnerships"),
        ("activities", "partnership_id,date,kind\nharbor-run-shop,,event\n", "have no date"),
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
