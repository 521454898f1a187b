"""Files that practices exchange: what the command writes, what it refuses, what counts once."""

import contextlib
import io
import math
from pathlib import Path

import pandas as pd
import pytest

import partner_analysis as pa
from partner_analysis.attribution.together.pool import pool_effects
from partner_analysis.attribution.together.shared import SHARED_COLUMNS
from partner_analysis.cli import main
from partner_analysis.practice import load_practice
from partner_analysis.reporting.figures import alt_text, picture
from partner_analysis.reporting.figures.pool import plot_pool
from partner_analysis.reporting.pool import pool_sentence, pool_table, pool_title, read_priors
from partner_analysis.reporting.shared_files import pooled_by, read_one, read_shared
from partner_analysis.reporting.sharing import practice_token
from partner_analysis.small_tables import init_practice
from partner_analysis.tables import DataError

HEAD = ",".join(SHARED_COLUMNS)
ROW = "{token},gym,any,under 50 a month,12 to 23,{effect},{error}"


def shared_file(folder: Path, name: str, *rows: str, head: str = HEAD) -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def gym(number: int, effect: object = 0.1, error: object = 0.1) -> str:
    return ROW.format(token=f"{number:016x}", effect=effect, error=error)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pa.write_practice(tmp_path_factory.mktemp("practice"))


@pytest.fixture(scope="module")
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(scope="module")
def written(practice: Path, said: io.StringIO) -> Path:
    with contextlib.redirect_stdout(said):
        assert main(["share", str(practice), str(practice.parent / "ours.csv")]) == 0
    return practice.parent / "ours.csv"


def test_the_demo_practice_shares_every_partnership_that_is_no_provider(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    rows = pd.read_csv(written)
    assert list(rows) == list(SHARED_COLUMNS)
    assert len(rows) == 6
    assert rows["effect"].notna().sum() == 5
    register = pd.read_csv(written.parent / "data" / "raw" / "demo" / "partnerships.csv")
    for word in (*register["name"], *register["partnership_id"], "Dockside", "pregnan", "2024"):
        assert word not in text
    for kind in ("physician", "provider", "therapy"):
        assert kind not in text


def test_the_command_says_what_is_in_it_and_who_is_not(
    written: Path, said: io.StringIO, practice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "6 partnerships, 5 with effect and standard error" in said.getvalue()
    assert "Handwell Occupational Therapy and Orchard Physician Group" in said.getvalue()
    assert main(["share", str(practice), str(written)]) == 2
    assert "nothing is changed" in capsys.readouterr().err


def test_two_files_of_one_practice_count_once(written: Path, practice: Path) -> None:
    assert practice_token(load_practice(practice)) == pd.read_csv(written)["practice"].iloc[0]
    second = written.with_name("second.csv")
    second.write_bytes(written.read_bytes())
    rows, said = read_shared([written, second])
    assert len(rows) == 6
    assert "counts once: by second.csv" in said[0]
    token = practice.parent / "data" / "processed" / "demo" / "share.json"
    assert token.stat().st_mode & 0o077 == 0


def test_what_was_written_can_be_read_and_rows_under_two_names_are_told(
    written: Path, tmp_path: Path
) -> None:
    rows = read_one(written)
    assert len(set(rows["practice"])) == 1
    twin = tmp_path / "twin.csv"
    twin.write_text(written.read_text().replace(rows["practice"].iloc[0], "f" * 16))
    _, said = read_shared([written, twin])
    assert "hold the same rows under two names" in said[0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (gym(1, "=1+1"), "effect that is no number"),
        (gym(1, 0.123), "effect that is no number"),
        (gym(1, 0.12), "effect that is no number"),
        (gym(1, "9"), "effect that is no number"),
        (gym(1, "nan"), "effect that is no number"),
        (gym(1, 0.1, 0), "standard_error that is no number"),
        (gym(1, 0.1, -0.1), "standard_error that is no number"),
        (gym(1, 0.1, 0.11), "standard_error that is no number"),
        (gym(1, "", 0.1), "only one of effect and standard_error"),
        (gym(1).replace("gym", "=cmd()"), "kind that is not on the list"),
        (gym(1).replace("gym", "physician group"), "kind that is not on the list"),
        (gym(1).replace("any", "pregnancy"), "persona that is not on the list"),
        (gym(1).replace("12 to 23", "13"), "months that is not on the list"),
        (gym(1).replace("under 50 a month", "7"), "size_class that is not on the list"),
        (gym(1).replace("0" * 15, "Harborview PT"), "no random name"),
    ],
)
def test_a_file_that_share_did_not_write_is_refused_and_not_repeated(tmp_path, row, message):
    path = shared_file(tmp_path, "odd.csv", gym(1, 0.0), row)
    with pytest.raises(DataError, match=message) as caught:
        read_one(path)
    assert "line 3" in str(caught.value)
    for cell in ("=1+1", "=cmd", "pregnancy", "Harborview"):
        assert cell not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "rows", "message"),
    [
        (HEAD + ",patient", [gym(1) + ",x"], "is no shared file|not practice,kind"),
        ("a,b", ["1,2"], "it is no shared file"),
        (HEAD, [gym(1), gym(2)], "several practices"),
        (HEAD, [gym(1)] * 1001, "more than 1,000 rows"),
        (HEAD, ["x" * 1_000_001], "larger than 1 MB"),
    ],
)
def test_files_of_another_shape_are_refused(tmp_path, head, rows, message):
    with pytest.raises(DataError, match=message):
        read_one(shared_file(tmp_path, "odd.csv", *rows, head=head))


def test_pool_prints_a_line_for_each_kind_and_keeps_priors(tmp_path, capsys):
    effects = (0.0, 0.1, 0.2, 0.3, 0.1)
    files = [
        shared_file(tmp_path, f"{n}.csv", gym(n, e), gym(n, "", "").replace("gym", "club"))
        for n, e in enumerate(effects)
    ]
    prior = tmp_path / "prior.csv"
    assert main(["pool", *map(str, files), "--write", str(prior)]) == 0
    said = capsys.readouterr().out
    assert "Gym: 15% more on average (95% interval" in said
    assert "Club: cannot be told from no practices" in said
    priors = read_priors(prior)
    assert set(priors) == {"gym", "all kinds together"}
    assert 0 < priors["gym"].mean < 0.3 < 1
    assert main(["pool", str(files[0]), "--write", str(prior)]) == 2
    assert main(["pool", str(tmp_path / "none.csv")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_of_priors_that_is_none_is_refused(tmp_path):
    path = tmp_path / "prior.csv"
    for row in ("gym,3,x,0.1", "gym,3,0,0", "gym,three,0,1"):
        path.write_text(f"kind,practices,mean,sd\n{row}\n")
        with pytest.raises(DataError, match="is no file of priors"):
            read_priors(path)


def pooled(effects, errors=0.1, kind="gym"):
    rows = pd.DataFrame({"practice": [f"{n}" for n in range(len(effects))], "kind": kind})
    return pool_effects(rows.assign(effect=effects, standard_error=errors))


def test_title_sentence_table_and_figure_say_the_same():
    found = pooled([0.2, 0.25, 0.3, 0.2, 0.25, 0.3])
    assert pool_title(found) == "Partners of the kind gym brought more new patients on average"
    assert plot_pool(found).title == pool_title(found)
    assert pool_sentence(found["gym"]) in alt_text(plot_pool(found))
    assert "gym" in pool_table(found).html
    assert len(picture(plot_pool(found))) < 60_000


def test_a_null_looks_null_and_far_ends_run_off_the_axis():
    assert pool_title(pooled([-0.1, 0.0, 0.1])).startswith("Of no kind")
    wide = pooled([-2.0, 0.0, 2.0], errors=1.0)
    assert "over 1,000% more" in pool_sentence(wide["gym"])
    axes = plot_pool(wide).axes[0]
    assert math.isfinite(axes.get_xlim()[1])
    assert axes.get_xlim()[1] < 200
    assert plot_pool(pooled([0.1])).is_blank


def test_files_of_others_are_the_prior_and_the_practice_s_own_is_left_out(tmp_path: Path) -> None:
    """Its own effects would otherwise be drawn towards themselves."""
    settings = init_practice(tmp_path)
    text = settings.read_text().replace("[tables]", '[tables]\nshared = "shared-*.csv"', 1)
    settings.write_text(text)
    own = practice_token(load_practice(settings))
    for number, token in enumerate([own, "0" * 16, "1" * 16, "2" * 16]):
        row = ROW.format(token=token, effect=f"{0.1 * (number + 1):.1f}", error="0.1")
        shared_file(tmp_path, f"shared-{number}.csv", row)
    pooled_kinds = pooled_by(load_practice(settings))
    assert pooled_kinds["gym"].practices == 3
    prior = pooled_kinds["gym"].prior
    assert prior is not None
    assert prior.mean == pytest.approx(0.3, abs=0.02)
