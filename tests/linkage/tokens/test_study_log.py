"""Log of the broker: every run is logged, no list is counted in two versions, tokens are deleted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.linkage.tokens import encode_file, encoding_log, published_counts, run_study, study_key, token_file
from kerege.linkage.tokens.study_log import StudyLog, check_different
from tests.linkage.invented_lists import new_key, person, table

KEY = new_key("x", ("police", "shelter"))
THREE = new_key("y")


def given(
    folder: Path, name: str, numbers: list[int] | range, suffix: str = "parquet", key: study_key.Key = KEY
) -> Path:
    rows = table(folder, f"{name}-rows", [person(number) for number in numbers])
    encoded_list = encode_file.encode_file(rows, key, name, {}, "id")
    path = folder / f"{name}.{suffix}"
    token_file.write_token_file(path, encoded_list.header, encoded_list.frame)
    return path


def run(folder: Path, paths: list[Path], keep: bool = False) -> pl.DataFrame:
    log = StudyLog(folder / "log")
    with log.locked():
        run_study.run_study(paths, folder / "LISTS.csv", log, "test", keep)
    return pl.read_csv(folder / "LISTS.csv")


def kinds(folder: Path) -> list[str]:
    return [entry["kind"] for entry in StudyLog(folder / "log").entries()]


def test_a_run_is_logged_and_its_tokens_are_deleted(tmp_path: Path) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150), "csv")]
    assert run(tmp_path, paths)["count"].to_list() == [50, 50, 50]
    assert not [path for path in paths if path.exists()]
    entry = StudyLog(tmp_path / "log").entries()[0]
    assert kinds(tmp_path) == ["run", "deleted"]
    assert [listed["name"] for listed in entry["lists"]] == ["police", "shelter"]
    assert entry["by"] == "test"
    assert KEY.secret.hex() not in (tmp_path / "log" / "runs.jsonl").read_text()


def test_kept_tokens_stay_and_are_logged(tmp_path: Path) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))]
    run(tmp_path, paths, keep=True)
    assert all(path.exists() for path in paths)
    assert StudyLog(tmp_path / "log").entries()[0]["kept"] is True
    assert StudyLog(tmp_path / "log").left_behind() == sorted(path.resolve() for path in paths)


def test_a_repeated_run_returns_the_stored_result(tmp_path: Path) -> None:
    key = new_key("noisy", ("police", "shelter"), epsilon=0.1)
    results = []
    for _ in range(2):
        paths = [given(tmp_path, "police", range(203), key=key), given(tmp_path, "shelter", range(1, 1_002), key=key)]
        results.append(run(tmp_path, paths))
    assert results[0].equals(results[1])
    entries = StudyLog(tmp_path / "log").entries()
    assert entries[0]["result"] == entries[2]["result"]
    assert entries[2]["first"] == 1


def test_stored_data_cannot_remove_the_noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, the secret of the noise was stored beside the log: a backup of both gave exact counts."""
    used, draw = [], published_counts.draw_noise
    monkeypatch.setattr(
        published_counts, "draw_noise", lambda secret, *rest: (used.append(secret), draw(secret, *rest))[1]
    )
    key = new_key("noisy", ("police", "shelter"), epsilon=1.0)
    run(
        tmp_path, [given(tmp_path, "police", range(203), key=key), given(tmp_path, "shelter", range(1, 1_002), key=key)]
    )
    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(used) > 4
    assert not [content for content in left for secret in used if secret in content or secret.hex().encode() in content]


def write_probe_list(folder: Path, key: study_key.Key, target: int, invented: int) -> Path:
    """Write a list that probes whether one person is on the police list.

    It has 20 persons known to be on it, `wanted` targets and 45 invented persons.
    """
    return given(folder, "shelter", [*range(20), target, *range(invented, invented + 45)], key=key)


@pytest.mark.parametrize("target", [30, 5_000], ids=["with the police", "unknown to the police"])
def test_a_second_run_reveals_no_more_of_a_person(tmp_path: Path, target: int) -> None:
    """Before, an agency could average the noise with other invented persons, other names or one list less."""
    key = new_key("noisy", ("police", "shelter"), epsilon=5.0)
    police = given(tmp_path, "police", range(350), key=key)
    results = [run(tmp_path, [police, write_probe_list(tmp_path, key, target, 1_000)], keep=True)["count"].to_list()]
    for again in range(3):
        with pytest.raises(Refused, match="another file than in run 1"):
            run(tmp_path, [police, write_probe_list(tmp_path, key, target, 2_000 + again)], keep=True)
    results.append(
        run(tmp_path, [police, write_probe_list(tmp_path, key, target, 1_000)], keep=True)["count"].to_list()
    )
    assert results[0] == results[1]
    with pytest.raises(BadInput, match="has no list of the name"):
        given(tmp_path, "lie2", [*range(20), target, *range(1_000, 1_045)], key=key)


def test_a_refusal_is_final(tmp_path: Path) -> None:
    key = new_key("noisy", ("police", "shelter"), epsilon=5.0)
    police = given(tmp_path, "police", range(100), key=key)
    with pytest.raises(Refused, match="too few persons"):
        run(tmp_path, [police, given(tmp_path, "shelter", range(97, 160), key=key)])
    with pytest.raises(Refused, match="another file than in run 1"):
        run(tmp_path, [police, given(tmp_path, "shelter", range(50, 160), key=key)])
    with pytest.raises(Refused, match="too few persons"):
        run(tmp_path, [police, given(tmp_path, "shelter", range(97, 160), key=key)])
    assert kinds(tmp_path) == ["refused"] * 3


def three(folder: Path, consulate: range) -> list[Path]:
    numbers = {"police": range(120), "shelter": range(60, 200), "consulate": consulate}
    return [given(folder, name, persons, key=THREE) for name, persons in numbers.items()]


def test_a_list_left_out_gives_sums_of_published_counts(tmp_path: Path) -> None:
    result = run(tmp_path, three(tmp_path, range(100, 260)))
    sums = result.group_by("police", "shelter").agg(pl.col("count").sum())
    part = run(tmp_path, three(tmp_path, range(100, 260))[:2])
    remaining = sums.filter(pl.col("police") + pl.col("shelter") > 0)
    assert sorted(part.rows()) == sorted(remaining.select(part.columns).rows())


def test_the_counts_state_their_noise(tmp_path: Path) -> None:
    """The noise column holds the standard deviation; a sum of two counts has sqrt(2) times as much."""
    draws = [published_counts.draw_noise(str(number).encode(), "history", 0.5) for number in range(20_000)]
    key = new_key("noisy", ("police", "shelter", "consulate"), epsilon=0.5)
    paths = [
        given(tmp_path, name, range(start, start + 300), key=key)
        for name, start in (("police", 0), ("shelter", 100), ("consulate", 150))
    ]
    one = run(tmp_path, paths, keep=True)["noise"].unique().to_list()
    assert one == pytest.approx([np.std(draws)], rel=0.03)
    assert run(tmp_path, paths[:2])["noise"].unique().to_list() == pytest.approx([one[0] * 2**0.5], abs=1e-4)
    assert published_counts.noise_bound(0.5, 1) == pytest.approx(1.96 * one[0] * 2**0.5, abs=1)
    assert pl.read_csv(tmp_path / "LISTS.csv")["noise"][0] == pytest.approx(one[0] * 2**0.5, abs=1e-4)
    with pytest.raises(BadInput):
        new_key("x", ("police", "noise"))


def test_a_list_that_shares_too_few_persons_can_be_left_out(tmp_path: Path) -> None:
    paths = three(tmp_path, range(900, 1_000))
    with pytest.raises(Refused, match="the list consulate shares too few"):
        run(tmp_path, paths)
    assert run(tmp_path, paths[:2])["count"].to_list() == [60, 80, 60]


def test_all_lists_of_a_study_are_counted_together(tmp_path: Path) -> None:
    paths = three(tmp_path, range(100, 260))
    with pytest.raises(BadInput, match="also counts consulate"):
        run(tmp_path, paths[:2])
    assert kinds(tmp_path) == []


def test_error_rates_are_noisy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates of twenty links with three digits revealed single links."""
    monkeypatch.setattr(published_counts, "draw_noise", lambda *_: 10)
    pairs = []
    for epsilon in (None, 1.0):
        key = new_key("noisy", ("police", "shelter"), epsilon=epsilon)
        paths = [
            given(tmp_path, name, persons, key=key)
            for name, persons in (("police", range(90)), ("shelter", range(160)))
        ]
        log = StudyLog(tmp_path / str(epsilon))
        with log.locked():
            pairs.append(run_study.run_study(paths, tmp_path / "LISTS.csv", log, "test")["pairs"][0])
    assert pairs[0]["missed_links"] + pairs[0]["false_links"] < 0.01
    # all counts are 10 too high: 10, 80 and 100 persons. The rates are 0.63 and 1.25 times the model's with its noise.
    # The ten pairs of namesakes add 0.16 false links each, times the share of pairs without a linked person
    false, missing = 0.63 * 10 + 0.16 * 10 * (10 / 110) * (80 / 180), 1.25 * 10
    assert pairs[1]["missed_links"] == pytest.approx(missing / (100 - false + missing), abs=0.005)
    assert pairs[1]["false_links"] == pytest.approx(pairs[0]["false_links"] + false / 100, abs=0.002)


def test_the_rates_of_a_list_share_one_epsilon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person of one list moves its rates with another list by three at most, and the namesakes by one."""
    asked: dict[str, float] = {}
    monkeypatch.setattr(
        published_counts, "draw_noise", lambda _secret, what, epsilon: asked.update({what: epsilon}) or 0
    )
    names = ("police", "shelter", "consulate")
    key = new_key("noisy", names, epsilon=1.0)
    run(
        tmp_path,
        [
            given(tmp_path, name, range(start, start + 300), key=key)
            for name, start in zip(names, (0, 100, 150), strict=True)
        ],
    )
    rates = {what: epsilon for what, epsilon in asked.items() if what.startswith(("wrong", "missing", "namesakes"))}
    assert len(rates) == 3 * 3
    # the scale of one draw is 2 / epsilon persons (published_counts.draw_noise); a list has rates with two others
    assert all((3 + 1) / (2 / epsilon) == pytest.approx(1 / 2) for epsilon in rates.values())


def test_tokens_of_a_refused_run_are_listed(tmp_path: Path) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(97, 160))]
    with pytest.raises(Refused, match="the token files are still here"):
        run(tmp_path, paths)
    assert all(path.exists() for path in paths)
    assert StudyLog(tmp_path / "log").left_behind() == sorted(path.resolve() for path in paths)
    paths[0].unlink()
    assert StudyLog(tmp_path / "log").left_behind() == [paths[1].resolve()]


def test_an_agency_is_warned_of_a_repeated_study(tmp_path: Path) -> None:
    log, folk = StudyLog(tmp_path / "encoded"), [f"person {number}" for number in range(1_000)]
    one, two = new_key("spring", epsilon=1.0), new_key("autumn", epsilon=2.0)
    with log.locked():
        for key, name, people in (
            (one, "police", folk),
            (one, "police", folk),
            (two, "border", [f"another {number}" for number in range(1_000)]),
        ):
            assert encoding_log.earlier_studies(log, key, name, people) == []
            encoding_log.log_encoding(log, key, name, people)
        earlier = encoding_log.earlier_studies(log, two, "suspects", folk[10:])
    assert [study["study"] for study in earlier] == ["spring"]
    words = encoding_log.repetition_warning(two, "suspects", earlier)
    assert "spring" in words
    assert "epsilon 3" in words
    assert "person 5" not in log.path.read_text()


def test_a_list_without_one_person_is_refused_and_logged(tmp_path: Path) -> None:
    shelter = range(50, 150)
    run(tmp_path, [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", shelter)])
    before = (tmp_path / "LISTS.csv").read_text()
    probe = [number for number in range(100) if number != 70]
    paths = [given(tmp_path, "police", probe), given(tmp_path, "shelter", shelter)]
    with pytest.raises(Refused, match="another file than in run 1"):
        run(tmp_path, paths)
    assert kinds(tmp_path) == ["run", "deleted", "refused"]
    assert (tmp_path / "LISTS.csv").read_text() == before
    assert all(path.exists() for path in paths)


def test_a_copied_list_is_refused_and_ends_the_study(tmp_path: Path) -> None:
    probe = [number for number in range(100) if number != 70]
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", probe)]
    for words in ("nearly the same", "a study is counted once"):
        with pytest.raises(Refused, match=words):
            run(tmp_path, paths)


def test_a_nearly_identical_copy_proves_no_person(tmp_path: Path) -> None:
    """An agency that knows all police records but one sends a copy and reads the answer off the refusal."""
    key = new_key("noisy", ("police", "shelter"), epsilon=1.0)
    shelter = token_file.read(given(tmp_path, "shelter", range(100), key=key))
    for last in (129, 130):
        lists, refused = [token_file.read(given(tmp_path, "police", range(last), key=key)), shelter], 0
        for _ in range(60):
            try:
                check_different(lists)
            except Refused:
                refused += 1
        assert 0 < refused < 60


def test_the_sketch_estimates_how_many_records_differ() -> None:
    rows = [f"record {number}" for number in range(3_000)]
    for apart in (0, 10, 400):
        one, two = (encoding_log.build_sketch(part, b"s" * 32) for part in (rows[: 3_000 - apart], rows[apart:]))
        assert encoding_log.estimate_difference(one, two) == pytest.approx(2 * apart, rel=0.6)


def test_a_changed_or_cut_log_is_refused(tmp_path: Path) -> None:
    run(tmp_path, [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))])
    path = tmp_path / "log" / "runs.jsonl"
    text_ = path.read_text()
    lines = text_.splitlines(keepends=True)
    changed = json.loads(lines[0])
    changed["by"] = "somebody else"
    for text, line in ((json.dumps(changed) + "\n" + lines[1], 1), (lines[0], 2), (lines[1], 1), ("", 1)):
        path.write_text(text)
        with pytest.raises(Refused, match=f"broken at line {line}"):
            StudyLog(tmp_path / "log").entries()
    path.write_text(text_)
    assert len(StudyLog(tmp_path / "log").entries()) == 2


def test_a_run_killed_before_deletion_has_its_tokens_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(run_study, "_delete", killed)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, paths)
    assert pl.read_csv(tmp_path / "LISTS.csv")["count"].to_list() == [50, 50, 50]
    assert StudyLog(tmp_path / "log").left_behind() == sorted(path.resolve() for path in paths)
    run(tmp_path, paths)
    assert StudyLog(tmp_path / "log").left_behind() == []


def test_a_run_killed_before_its_result_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))]
    replace = os.replace

    def killed(part: Path, path: Path) -> None:
        if Path(path).name == "LISTS.csv":
            raise KeyboardInterrupt
        replace(part, path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, paths)
    assert not (tmp_path / "LISTS.csv").exists()
    assert kinds(tmp_path) == ["run"]
    assert all(path.exists() for path in paths)
    assert run(tmp_path, paths)["count"].to_list() == [50, 50, 50]


def test_a_log_without_its_head_is_refused(tmp_path: Path) -> None:
    run(tmp_path, [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))])
    (tmp_path / "log" / "runs.head").unlink()
    with pytest.raises(Refused, match="broken at line 3"):
        kinds(tmp_path)
