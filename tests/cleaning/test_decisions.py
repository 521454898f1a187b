"""The practice's word on single texts: asked once, applied before any likeness."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from partner_analysis.cleaning.episodes.clean import clean_episodes
from partner_analysis.cleaning.exports.reading import read_exports
from partner_analysis.cleaning.register.register import read_register
from partner_analysis.cleaning.sources.decisions import check_decisions, spell_out
from partner_analysis.cleaning.sources.matches import match_sources
from partner_analysis.cleaning.sources.questions import add_questions
from partner_analysis.cleaning.sources.review import list_review
from partner_analysis.cli import main
from partner_analysis.practice import Practice
from partner_analysis.small_tables import EMPTY_TABLES
from partner_analysis.tables import DataError

REGISTER = pd.DataFrame(
    {
        "partnership_id": ["run", "pilates"],
        "name": ["Harbor Run Shop", "Bayside Pilates Studio"],
        "aliases": [["HRS"], []],
        "kind": ["store", "studio"],
    }
)
IDS = set(REGISTER["partnership_id"])


def decided(*rows: tuple[str, ...]) -> pd.DataFrame:
    columns = list(EMPTY_TABLES["decisions"])
    table = pd.DataFrame([[*row, *[""] * 6][:6] for row in rows], columns=columns, dtype="str")
    return check_decisions(table.assign(line=range(2, len(rows) + 2)), IDS, "decisions.csv")


def episodes_of(*texts: str) -> pd.DataFrame:
    matches = match_sources(texts, REGISTER).drop_duplicates("text")
    return matches.assign(source=list(texts), patient=range(len(texts)))


def test_a_decision_comes_before_any_likeness() -> None:
    texts = ["Harber Run Shop", "the runners' place", "Zumba", "google"]
    table = decided(
        ("harber run shop", "pilates"), ("the runners place", "run"), ("ZUMBA", "Nobody"),
        ("google", ""),
    )  # fmt: skip
    matches = match_sources(texts, REGISTER, decisions=table)
    named = matches["partnership_id"].fillna(matches["label"]).tolist()
    assert named == ["pilates", "run", "nobody", "internet"]
    assert matches["rule"].tolist() == ["decided"] * 3 + ["general"]
    assert matches["score"].tolist() == [100, 100, 100, 0]
    assert matches["state"].tolist() == ["matched", "matched", "unmatched", "unmatched"]


@pytest.mark.parametrize("text", ["HRS", "Harbor Run Shop", "harbor-run-shop"])
def test_what_is_the_name_of_a_partner_stays_that_partner(text: str) -> None:
    matches = match_sources([text], REGISTER, decisions=decided((text, "nobody")))
    assert matches["partnership_id"].tolist() == ["run"]


def test_a_decision_holds_between_its_days() -> None:
    table = decided(
        ("zumba", "run", "2024-01-01", "2024-06-30"), ("zumba", "pilates", "2024-07-01")
    )
    dates = ["2023-12-31", "2024-06-30", "2024-07-01"]
    matches = match_sources(["zumba"] * 3, REGISTER, dates, decisions=table)
    assert matches["partnership_id"].fillna("").tolist() == ["", "run", "pilates"]


def test_a_masked_text_is_decided_as_it_was_shown_and_only_where_rules_are_silent() -> None:
    text, other = "sent by Ada Quux of Ocean Gym", "HRS per Ada Quux of Ocean Gym"
    shown = list_review(episodes_of(text, text), REGISTER)["text"].tolist()
    assert shown == ["… quux ocean gym"]
    names = frozenset({"ada", "quux"})
    table = decided(("… ocean gym", "pilates"))
    spelled = spell_out(table, {text: 2, other: 2}, name_words=names)
    matches = match_sources([text, other], REGISTER, decisions=spelled)
    assert matches["partnership_id"].tolist() == ["pilates", "run"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [("zumba", "rum")],
            r"something that is not known \(line 2\).*\(pilates, run\), or one of: internet",
        ),
        ([("", "run")], r"has no text \(line 2\)"),
        ([("… gym", "run")], "a masked text that may stand for many"),
        ([("(personal-looking text)", "nobody")], "file and line are in the note"),
        ([("Zumba!", "run"), ("zumba", "nobody")], r"in two ways \(lines 2 and 3\)"),
        ([("zumba", "run", "2024-02-30")], "has a from that is not a date"),
        ([("zumba", "run", "2024-02-03", "2024-02-01")], "ends before it starts"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(
    rows: list[tuple[str, ...]], words: str
) -> None:
    with pytest.raises(DataError, match=words) as refused:
        decided(*rows)
    assert "zumba" not in str(refused.value).casefold()


def test_questions_are_added_once_and_answers_stay() -> None:
    review = list_review(episodes_of("Harbor Rug Shop", "Ada Quux", "tuesday group"), REGISTER)
    first = add_questions(decided(), review)
    assert first["means"].tolist() == [""] * len(first)
    assert not first["text"].str.contains("personal|quux").any()
    answered = first.assign(means="nobody").assign(line=range(len(first)))
    again = add_questions(answered, review)
    pd.testing.assert_frame_equal(again, answered.drop(columns="line"))


def test_the_review_list_ranks_and_tells_the_nearest_partners() -> None:
    texts = ["Harbor Rug Shop"] * 3 + ["noon walk", "friend", "HRS", "Bayside Palats Studo"]
    review = list_review(episodes_of(*texts), REGISTER)
    assert review["text"].tolist()[0] == "harbor rug shop"
    assert review["patients"].tolist()[0] == 3
    assert review["first_candidate"].str.fullmatch(r"(run|pilates) \d+|").all()
    assert review["first_candidate"].iloc[0].startswith("run ")
    assert set(review["where"]) == {""}


def test_a_text_masked_throughout_can_be_looked_up() -> None:
    episodes = episodes_of("Ada Quux", "Bo Zed").assign(file="visits.csv", line=[4, 9])
    review = list_review(episodes, REGISTER)
    assert review["text"].tolist() == ["(personal-looking text)"] * 2
    assert review["where"].tolist() == ["visits.csv line 4", "visits.csv line 9"]


def test_the_command_asks_and_the_answer_is_used(
    write_practice: Callable[..., Practice],
    row: Callable[..., list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    practice = write_practice([row(str(n), contact="Tuesday Group", type="") for n in range(4)])
    settings = practice.path.read_text()
    practice.path.write_text(
        settings.replace("[tables]", '[tables]\ndecisions = "source-decisions.csv"')
    )
    assert main(["review", str(practice.path)]) == 0
    assert "1 new texts to decide; 1 in" in capsys.readouterr().out
    path = Path(practice.folder / "source-decisions.csv")
    path.write_text(path.read_text().replace("tuesday group,", "tuesday group,harbor-run-shop"))
    assert main(["review", str(practice.path)]) == 0
    assert "0 new texts to decide; 0 in" in capsys.readouterr().out
    from partner_analysis.practice import load_practice

    practice = load_practice(practice.path)
    cleaned = clean_episodes(read_exports(practice), practice, read_register(practice))
    assert set(cleaned.episodes["rule"]) == {"decided"}
    assert cleaned.unmatched.empty


def test_a_practice_without_the_table_is_told_how_to_begin(
    write_practice: Callable[..., Practice],
    row: Callable[..., list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["review", str(write_practice([row()]).path)]) == 2
    assert "Add a line such as decisions =" in capsys.readouterr().err
