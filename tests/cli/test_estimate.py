"""`kerege estimate`: a panel, an estimate or the reason for none, a chart; one sentence for an error."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.cli import estimate
from kerege.evidence.mse.headline import headline
from kerege.evidence.mse.linkage_errors import rates_file
from kerege.evidence.mse.loglinear import kernels
from kerege.evidence.mse.panels.panel import panel
from kerege.linkage.tokens import run_study
from tests.cli.test_table import run
from tests.evidence.mse.tables import DATA

Out = pytest.CaptureFixture[str]
KOSOVO = DATA / "Kosovo.csv"
QUICK = ("--bootstrap", 500)
ONE = ("--method", "loglinear", *QUICK)
ANSWERED = ("--referrals-out", "--linkage-reviewed")


@pytest.fixture(autouse=True)
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    assert panel.__kwdefaults__ is not None
    monkeypatch.setitem(panel.__kwdefaults__, "sweeps", 1000)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.csv"
    path.write_text("police,shelter,count\n1,0,50\n0,1,60\n1,1,20\n")
    return path


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    path = tmp_path / "sparse.csv"
    path.write_text("a,b,c,count\n1,0,0,40\n0,1,0,50\n0,0,1,60\n1,1,0,9\n0,1,1,8\n")
    return path


def test_the_answer_is_first_and_the_methods_follow_if_they_are_asked_for(tmp_path: Path, capfd: Out) -> None:
    chart = tmp_path / "panel.svg"
    assert run("estimate", KOSOVO, *QUICK, *ANSWERED, "--methods", "--chart", chart) == 0
    out, err = capfd.readouterr()
    assert out.startswith(
        "Estimated: at least 7,000 people; 4,400 of them are on the lists.\nAt most an estimated 28,000, if "
    )
    parts = [
        "Check: from the other lists",
        "stepwise, p < 0.02",
        "BCa, as published",
        "Monte Carlo standard error",
        "Sensitivity analysis",
        "EXH + HRW",
        "recurs in",
        "This holds only if",
        "500 resamples, seed 1.",
    ]
    positions = [out.index(part) for part in parts]
    assert positions == sorted(positions)
    assert max(len(line) for line in out.splitlines() if "–" in line) <= 80
    assert f"{chart} is written" in err
    assert chart.read_text(encoding="utf-8").startswith("<svg ")
    assert chart.read_text(encoding="utf-8").count("<circle") > 5  # the panel's chart has the estimates
    # an argument that is a literal makes Numba compile a kernel again
    signatures = [str(types) for kernel in vars(kernels).values() for types in getattr(kernel, "signatures", ())]
    assert signatures
    assert not [types for types in signatures if "Literal" in types]


def test_without_the_answers_of_the_operator_there_is_no_upper_figure(tmp_path: Path, capfd: Out) -> None:
    chart = tmp_path / "headline.svg"
    outside = ("--outside", "RDS 2027, 8000, 5000-14000")
    assert run("estimate", KOSOVO, *QUICK, "--chart", chart, *outside) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0].startswith("Estimated: at least 6,300 people; 4,400 of them")  # a link in ten may be missed
    assert out[1].startswith("No upper figure: say whether a person whom one list sent to another counts once")
    assert "RDS 2027: 8,000, 5,000 to 14,000" in out
    assert out[-2] == "Lists: EXH, ABA, OSCE, HRW."
    assert len(out) <= 10
    assert not any("Sensitivity" in line or "This holds only if" in line for line in out)
    assert "url(#panel-hatch)" in chart.read_text(encoding="utf-8")
    assert "RDS 2027" in chart.read_text(encoding="utf-8")


def test_the_settings_of_the_headline_and_outside_estimates_are_in_the_json(capfd: Out) -> None:
    given = (*ANSWERED, "--least-chance", 0.05, "--widest", 20, "--outside", "RDS, 8000, 5000-14000", "--json")
    assert run("estimate", KOSOVO, *QUICK, *given) == 0
    document = json.loads(capfd.readouterr().out)
    headline = document["headline"]
    assert (headline["kind"], headline["floor"], headline["top"]) == ("range", 7000, 51_000)
    assert (headline["least_chance"], headline["missed_links_allowed"]) == (0.05, False)
    assert [known["list"] for known in headline["known_lists"]] == ["EXH", "ABA", "OSCE", "HRW"]
    assert document["outside"] == [{"source": "RDS", "estimate": 8000, "lower": 5000, "upper": 14_000}]
    assert document["no_estimate"] is None
    answers = {"referrals_out": True, "linkage_reviewed": True}
    assert document["settings"] == answers | {"least_chance": 0.05, "widest": 20.0, "lists_compete": None}


def test_one_json_object_is_reproducible_by_its_seed(capfd: Out) -> None:
    outputs = []
    for _ in range(2):
        assert run("estimate", KOSOVO, *ONE, "--seed", 7, "--json") == 0
        out, err = capfd.readouterr()
        assert not err
        outputs.append(out)
    assert outputs[0] == outputs[1]
    estimate = json.loads(outputs[0])
    assert estimate["detected"] == 4400
    assert estimate["methods"]["stepwise"]["estimate"] == pytest.approx(14341.6638, rel=1e-6)
    assert (estimate["seed"], estimate["bootstrap"]) == (7, 500)
    assert estimate["headline"]["kind"] == "none"
    assert estimate["no_estimate"].startswith("No headline: only some of the methods")
    assert "outside" not in estimate


def test_too_few_overlaps_are_a_result_and_no_failure(sparse: Path, capfd: Out) -> None:
    assert run("estimate", sparse, *QUICK) == 0
    out = capfd.readouterr().out
    assert out.startswith(
        "167 people are on the lists.\nThese lists do not show how many others there are: too few people"
    )
    assert "(17 of the 20 needed)" in out
    assert run("estimate", sparse, *QUICK, "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert (result["headline"]["kind"], result["headline"]["reason"]) == ("none", "few_overlaps")
    assert result["stop_rules"][0] == "few_overlaps"
    assert "(17 of the 20 needed)" in result["no_estimate"]


def test_two_lists_give_chapman_and_no_headline(two: Path, capfd: Out) -> None:
    assert run("estimate", two, "--methods") == 0
    out = capfd.readouterr().out
    assert out.startswith(
        "130 people are on the lists.\nThese lists do not show how many others there are: there are fewer"
    )
    assert "Chapman" in out
    assert "two lists cannot show whether one sends people to the other" in out
    assert run("estimate", two) == 0
    assert "Chapman" not in capfd.readouterr().out


def test_two_lists_give_a_floor_to_an_operator_who_answers_for_them(two: Path, capfd: Out) -> None:
    assert run("estimate", two, *QUICK, *ANSWERED, "--lists-do-not-compete") == 0
    out = capfd.readouterr().out
    # Petersen's number is 70 * 80 / 20 = 280; its 10% limit is about 280 exp(-1.28 * 0.16)
    assert out.startswith("Estimated: at least 230 people; 130 of them are on the lists.\nNo upper figure: two lists")
    assert run("estimate", two, *QUICK, *ANSWERED, "--lists-compete", "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert (result["headline"]["kind"], result["settings"]["lists_compete"]) == ("none", True)


def test_too_few_overlaps_say_how_many_more_people_it_takes(sparse: Path, capfd: Out) -> None:
    assert run("estimate", sparse, *QUICK) == 0
    # 3 more people on two lists at 17 of 167
    assert "it takes about 29 more people on the lists until 20 are on two of them" in capfd.readouterr().out
    assert run("estimate", sparse, *QUICK, "--json") == 0
    assert json.loads(capfd.readouterr().out)["outlook"]["share"] == pytest.approx(3 / 17)


def test_one_list_has_no_table_and_one_reason(tmp_path: Path, capfd: Out) -> None:
    path = tmp_path / "one.csv"
    path.write_text("police,count\n1,50\n")
    assert run("estimate", path) == 0
    assert capfd.readouterr().out.startswith(
        "50 people are on the lists.\n"
        "These lists do not show how many others there are: there are fewer than three lists (1).\n"
        "A range needs a third list that finds people independently.\n\n"
        "Lists: police.\nKerege "
    )


def test_lists_in_another_encoding_are_read_if_it_is_named(tmp_path: Path, capfd: Out) -> None:
    path = tmp_path / "lists.csv"
    path.write_bytes("полиция;приют;count\n1;0;50\n0;1;60\n1;1;20\n".encode("cp1251"))
    assert run("estimate", path, *QUICK) == 2
    assert "--encoding cp1251" in capfd.readouterr().err
    assert run("estimate", path, *QUICK, "--encoding", "cp1251") == 0
    assert "полиция" in capfd.readouterr().out


def test_an_invalid_parquet_file_is_refused(tmp_path: Path, capfd: Out) -> None:
    path = tmp_path / "fake.parquet"
    path.write_text("police,count\n1,50\n")
    assert run("estimate", path) == 2
    assert capfd.readouterr().err == f"error: {path}: is not a Parquet file, make it again, or name a CSV .csv\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--missed-link-rate", "nan", "--json"], "the share of missed links is nan"),
        (["--missed-link-rate", "1.5"], "the share of missed links is 1.5"),
        (["--missed-link-rate", "foo=0.1"], "no list is called foo"),
        (["--false-link-rate", "nan"], "the rate of false links is nan"),
        (["--false-link-rate", "7"], "the rate of false links is 7.0"),
        (
            ["--missed-link-rate", "0.1"],
            "errors of linkage are corrected only with three lists or more, leave their rates out",
        ),
    ],
)
def test_two_lists_are_not_corrected_and_invalid_rates_are_reported(
    two: Path, args: list[str], words: str, capfd: Out
) -> None:
    assert run("estimate", two, *args) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err


@pytest.mark.parametrize(("lang", "word"), [("kk", "Тізімдерде 167 адам бар."), ("ru", "В списках 167 человек.")])
def test_the_output_is_in_the_chosen_language(sparse: Path, lang: str, word: str, capfd: Out) -> None:
    assert run("estimate", sparse, *ONE, "--lang", lang) == 0
    assert word in capfd.readouterr().out


def test_missed_link_rates_can_be_set_by_list(capfd: Out) -> None:
    rates = ("--missed-link-rate", "ABA=0.1", "--missed-link-rate", "0.05", "--false-link-rate", 0.001)
    assert run("estimate", KOSOVO, *ONE, *rates) == 0
    assert "Corrected for errors of linkage (missed ABA 10.0%, 5.0%, false 0.1%)" in capfd.readouterr().out


def test_a_hundred_million_people_are_counted(tmp_path: Path, capfd: Out) -> None:
    path = tmp_path / "many.csv"
    path.write_text("a,b,c,count\n1,0,0,30000000\n0,1,0,30000000\n0,0,1,30000000\n1,1,0,1000000\n0,1,1,1000000\n")
    assert run("estimate", path, *ONE, "--json") == 0
    assert json.loads(capfd.readouterr().out)["detected"] == 92_000_000


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--method", "magic"], "there is no method 'magic', choose from stepwise"),
        (["--bootstrap", "5"], "the number of resamples is 5, give a whole number from 100"),
        (["--seed", "-1"], "the seed is -1"),
        (["--lang", "de"], "no translation for 'de', give --lang kk, ru, en"),
        (["--missed-link-rate", "much"], "--missed-link-rate much is not a share, write --missed-link-rate 0.1"),
        (["--missed-link-rate", "HRW=2"], "the share of missed links is 2.0"),
        (["--missed-link-rate", "nobody=0.1"], "no list is called nobody, choose one of"),
        (["--missed-link-rate", "nobody=0"], "no list is called nobody, choose one of"),
        (
            ["--missed-link-rate", "=0.1"],
            "--missed-link-rate =0.1 names no list, write --missed-link-rate 0.1 or --missed-link-rate LIST=0.1",
        ),
        (["--missed-link-rate", "0.9999999999999999"], "the share of missed links is 0.9999999999999999"),
        (["--missed-link-rate", "HRW=0.91"], "the share of missed links is 0.91, give a number from 0 to 0.9"),
        (["--false-link-rate", "0.91"], "the rate of false links is 0.91, give a number from 0 to 0.9"),
        (["--missed-link-rate", "0.1", "--missed-link-rate", "0.2"], "is given twice"),
        (["--least-chance", "0.01"], "the least chance is 0.01, give a number from 0.02 to 0.5"),
        (["--least-chance", "0.6"], "the least chance is 0.6, give a number from 0.02 to 0.5"),
        (["--widest", "0.9"], "the widest range is 0.9, give a number from 1 to 1,000"),
        (["--outside", "8000"], "--outside '8000' is not an estimate with a source and limits, write --outside"),
        (["--outside", "RDS, 4000, 5000-9000"], "has an estimate outside its limits, write --outside"),
        (["--lists", "EXH,KLA"], "row 1, column KLA: is not a column, name columns of the file: EXH, ABA, OSCE, HRW"),
        (["--lists", "EXH,ABA,EXH"], "row 1, column EXH: is named twice, name each list once"),
        (["--chart", str(KOSOVO)], "would overwrite an input"),
        (["--chart", "/"], "cannot be written there"),
        (["--chart", "panel.png"], "is not the name of an image file, name it FILE.svg"),
        (["--chart", "/proc/panel.svg"], "cannot be written there, name another file or folder"),
        (["--chart", f"/tmp/{'n' * 300}.svg"], "cannot be written there"),
    ],
)
def test_a_fault_is_one_sentence(args: list[str], words: str, capfd: Out) -> None:
    assert run("estimate", KOSOVO, *args) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert words in err


def test_the_named_columns_are_the_lists(capfd: Out) -> None:
    assert run("estimate", KOSOVO, *ONE, "--lists", "EXH, ABA,OSCE", "--json") == 0
    document = json.loads(capfd.readouterr().out)
    assert document["lists"] == ["EXH", "ABA", "OSCE"]
    assert document["detected"] == 4400 - 306  # people on HRW alone are on none of these lists


def test_an_invalid_file_is_reported_by_row_and_column(tmp_path: Path, capfd: Out) -> None:
    path, chart = tmp_path / "lists.csv", tmp_path / "panel.svg"
    path.write_text("a,b,c,count\n1,0,0,4\n0,1,0,-5\n0,0,1,1000000000\n1,0,0,2\n")
    assert run("estimate", path, "--chart", chart) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert [line.removeprefix(f"error: {path}: ") for line in err.splitlines()] == [
        "row 3, column count: is negative, give a whole number of people",
        "row 4, column count: is more than 100,000,000, give a whole number of people",
        "row 5: is on the same lists as row 2, give one row and its right count",
    ]
    assert not chart.exists()


def test_a_chart_follows_a_link_and_has_default_permissions(tmp_path: Path, capfd: Out) -> None:
    chart, link = tmp_path / "panel.svg", tmp_path / "link.svg"
    link.symlink_to(chart)
    before = os.umask(0o027)
    try:
        assert run("estimate", KOSOVO, *ONE, "--chart", link) == 0
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert chart.read_text(encoding="utf-8").startswith("<svg ")
    assert chart.stat().st_mode & 0o777 == 0o640


def test_a_csv_and_one_method_import_no_unused_library() -> None:
    code = (
        "import sys; from kerege.cli import run\n"
        f"run(['estimate', {str(KOSOVO)!r}, '--method', 'stepwise', '--bootstrap', '200', '--json'])\n"
        "assert not {'django', 'polars', 'pyarrow', 'scipy.fft'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("encoding", "out", "sentence"),
    [
        ("ascii", os.devnull, "failed: the output cannot be written in ascii, set PYTHONIOENCODING=utf-8\n"),
        ("utf-8", "/dev/full", "failed: no space is left for the output, make room or name another place\n"),
    ],
)
def test_an_output_that_cannot_be_written_is_one_sentence(encoding: str, out: str, sentence: str) -> None:
    code = "import sys; from kerege.cli import main; main(sys.argv[1:])"
    args = ["estimate", str(KOSOVO), "--method", "independence", "--bootstrap", "200"]
    with Path(out).open("w") as place:
        done = subprocess.run(
            [sys.executable, "-c", code, *args],
            env=os.environ | {"PYTHONIOENCODING": encoding},
            stdout=place,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, sentence)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kinds = [["ngo"], ["police"], ["hotline"], ["ngo", "police"], ["ngo", "hotline"], ["police", "hotline"]]
    frame = pl.DataFrame({"year": ["2024"] * 300, "detected_by": [kinds[row % 6] for row in range(300)]})
    path = tmp_path_factory.mktemp("snapshot") / "victims.parquet"
    frame.write_parquet(path)
    return path


def test_the_lists_of_a_snapshot_are_its_detections(snapshot: Path, capsys: Out) -> None:
    run("estimate", snapshot, "--period", "2024", "--method", "independence", "--bootstrap", 200, "--json")
    document = json.loads(capsys.readouterr().out)
    assert (document["detected"], sorted(document["lists"])) == (300, ["hotline", "ngo", "police"])
    assert run("estimate", snapshot.with_name("lists.csv"), "--period", "2024") == 2


def test_detections_of_a_snapshot_are_no_referrals(snapshot: Path, capsys: Out) -> None:
    """So only the answer about linkage is needed for an upper figure."""
    assert run("estimate", snapshot, *QUICK, "--linkage-reviewed", "--json") == 0
    assert json.loads(capsys.readouterr().out)["headline"]["reason"] != "unanswered"
    assert run("estimate", snapshot, *QUICK, "--json") == 0
    assert json.loads(capsys.readouterr().out)["headline"]["reason"] == "unanswered"


def test_the_named_kinds_of_a_snapshot_are_lists_and_the_others_join(snapshot: Path, capsys: Out) -> None:
    assert (
        run("estimate", snapshot, "--lists", "ngo,police", "--method", "independence", "--bootstrap", 200, "--json")
        == 0
    )
    assert json.loads(capsys.readouterr().out)["lists"] == ["ngo", "police", "hotline"]


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ("ngo,police,ngo", "the list ngo is named twice, name each list once"),
        ("ngo,navy,army", "nobody was detected by navy, army, name some of hotline, ngo, police"),
    ],
)
def test_a_kind_of_a_snapshot_that_is_unknown_or_named_twice_is_refused(
    snapshot: Path, lists: str, words: str, capsys: Out
) -> None:
    assert run("estimate", snapshot, "--lists", lists) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"error: {snapshot}: {words}\n")


def test_the_command_has_the_defaults_of_the_headline() -> None:
    """The command states them again: its help must not load the library."""
    assert (estimate.LEAST_CHANCE, estimate.WIDEST) == (headline.LEAST_CHANCE, headline.WIDEST)


POPULATION = "sex,population,source\nfemale,1000000,census 2021\nmale,900000,census 2021\n"


@pytest.fixture(scope="module")
def strata_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(4)
    kinds = np.array(["police", "ngo", "hotline"])
    rows = []
    for sex, people, chance in (("female", 900, 0.3), ("male", 900, 0.15)):
        on = rng.random((people, 3)) < chance
        rows += [(sex, "2025", kinds[listed].tolist()) for listed in on if listed.any()]
    schema = {"sex": pl.String, "year": pl.String, "detected_by": pl.List(pl.String)}
    path = tmp_path_factory.mktemp("strata") / "victims.parquet"
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
    return path


def test_strata_have_floor_top_and_rates_and_no_share_of_the_detected(
    strata_snapshot: Path, tmp_path: Path, capfd: Out
) -> None:
    population = tmp_path / "population.csv"
    population.write_text(POPULATION)
    options = ("--by", "sex", "--population", population, "--linkage-reviewed", *QUICK)
    assert run("estimate", strata_snapshot, *options, "--json") == 0
    strata = json.loads(capfd.readouterr().out)["strata"]
    assert [stratum["levels"] for stratum in strata["strata"]] == [{"sex": ["female"]}, {"sex": ["male"]}]
    for stratum, population_of_sex in zip(strata["strata"], (1_000_000, 900_000), strict=True):
        assert stratum["floor"] <= 900 <= stratum["top"]
        assert stratum["per_100000"][0] == pytest.approx(stratum["floor"] * 100_000 / population_of_sex, rel=0.1)
    assert strata["all"]["floor"] <= 1800 <= strata["all"]["top"]
    assert strata["covariates"]["after"] == pytest.approx(1800, rel=0.25)
    assert run("estimate", strata_snapshot, *options, "--lang", "ru") == 0
    out = capfd.readouterr().out
    assert "С учётом признаков (sex)" in out
    assert "census 2021" in out
    detected = [stratum["detected"] for stratum in strata["strata"]]
    shares = [f"{100 * part / sum(detected):.0f}" for part in detected]
    assert not any(f"{share}%" in out or f"{share} %" in out for share in shares)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--by", "age"), "there is no such column"),
        (("--by", "police"), "is no covariate"),
        (("--population", "x.csv"), "--population has no strata"),
    ],
)
def test_strata_that_cannot_be_made_are_refused(
    strata_snapshot: Path, capfd: Out, options: tuple[str, ...], fault: str
) -> None:
    assert run("estimate", strata_snapshot, *options) == 2
    assert fault in capfd.readouterr().err


def test_strata_of_a_csv_are_refused(capfd: Out) -> None:
    assert run("estimate", KOSOVO, "--by", "sex") == 2
    assert "--by applies to a snapshot only" in capfd.readouterr().err


def test_the_rates_of_a_study_of_tokens_are_used_with_its_table(tmp_path: Path, capfd: Out) -> None:
    assert (run_study.RATES_FORMAT, run_study.RATES_SUFFIX) == (rates_file.FORMAT, rates_file.SUFFIX)
    path = tmp_path / "LISTS.csv"
    path.write_bytes(KOSOVO.read_bytes())
    measured = {"missed_links": 0.1, "missed_between": [0.05, 0.15], "false_links": 0.0, "false_between": [0.0, 0.01]}
    names = ["EXH", "ABA", "OSCE", "HRW"]
    pairs = [{"lists": [a, b], **measured} for place, a in enumerate(names) for b in names[place + 1 :]]
    run_study._write_rates(path, hashlib.sha256(path.read_bytes()).hexdigest(), pairs)
    assert run("estimate", path, *ONE, *ANSWERED, "--json") == 0
    corrected = json.loads(capfd.readouterr().out)
    assert corrected["linkage"]["source"] == "tokens"
    assert corrected["linkage"]["miss"]["EXH"] == pytest.approx(1 - 0.9**0.5, abs=1e-3)
    for options in (("--no-linkage-rates",), ("--missed-link-rate", "0.02")):
        assert run("estimate", path, *ONE, *options, "--json") == 0
        assert "source" not in json.loads(capfd.readouterr().out).get("linkage", {})
    assert run("estimate", path, *ONE) == 0
    assert (
        "The rates are from a study of tokens (kerege tokens overlap); the figures include their uncertainty."
        in capfd.readouterr().out
    )


def test_the_rechecked_links_of_the_register_are_used_with_its_snapshot(strata_snapshot: Path, capfd: Out) -> None:
    beside = rates_file.rates_path(strata_snapshot)
    table = hashlib.sha256(strata_snapshot.read_bytes()).hexdigest()
    document = {"format": rates_file.FORMAT, "table": table, "rechecks": {"checked": 150, "false": 3}}
    beside.write_text(json.dumps(document))
    try:
        assert run("estimate", strata_snapshot, *ONE, "--lang", "ru") == 0
        assert "Доли ошибок взяты из источника: перепроверенные связи реестра" in capfd.readouterr().out
    finally:
        beside.unlink()
