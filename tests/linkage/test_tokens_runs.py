"""The broker's log: every run is in it, no list is measured in two versions, and tokens do not stay."""

from __future__ import annotations

import json
import os
from pathlib import Path

import polars as pl
import pytest

from kerege.linkage.tokens import agency, broker, keys, runs, store
from kerege.linkage.tokens.runs import Runs
from kerege.standard.faults import Refused
from tests.linkage.test_tokens import person, table

KEY = keys.make("x")


def given(folder: Path, name: str, numbers: list[int] | range, suffix: str = "parquet") -> Path:
    rows = table(folder, f"{name}-rows", [person(each) for each in numbers])
    made = agency.encode(rows, KEY, name, {}, "id")
    path = folder / f"{name}.{suffix}"
    store.write(path, made.header, made.frame)
    return path


def run(folder: Path, paths: list[Path], asked: broker.Asked | None = None) -> pl.DataFrame:
    log = Runs(folder / "log")
    with log.locked():
        broker.run(paths, folder / "LISTS.csv", log, "test", asked or broker.Asked(base=1))
    return pl.read_csv(folder / "LISTS.csv")


def kinds(folder: Path) -> list[str]:
    return [entry["kind"] for entry in Runs(folder / "log").entries()]


def test_tokens_are_deleted_and_the_run_is_written_down(tmp_path: Path) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150), "csv")]
    assert run(tmp_path, paths)["count"].to_list() == [50, 50, 50]
    assert not [path for path in paths if path.exists()]
    entry = Runs(tmp_path / "log").entries()[0]
    assert kinds(tmp_path) == ["run", "deleted"]
    assert [each["name"] for each in entry["lists"]] == ["police", "shelter"]
    assert entry["by"] == "test"
    assert KEY.secret.hex() not in (tmp_path / "log" / "runs.jsonl").read_text()


def test_kept_tokens_are_not_deleted_and_the_log_says_so(tmp_path: Path) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))]
    run(tmp_path, paths, broker.Asked(base=1, keep=True))
    assert all(path.exists() for path in paths)
    assert Runs(tmp_path / "log").entries()[0]["kept"] is True
    assert Runs(tmp_path / "log").left_behind() == []


def test_the_same_lists_again_give_the_same_result(tmp_path: Path) -> None:
    asked = broker.Asked(base=5)
    results = []
    for _ in range(2):
        paths = [given(tmp_path, "police", range(103)), given(tmp_path, "shelter", range(51, 152))]
        results.append(run(tmp_path, paths, asked))
    assert results[0].equals(results[1])
    entries = Runs(tmp_path / "log").entries()
    assert entries[0]["result"] == entries[2]["result"]


def test_a_list_without_one_of_its_persons_is_refused_and_the_refusal_written_down(tmp_path: Path) -> None:
    shelter = range(50, 150)
    run(tmp_path, [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", shelter)])
    before = (tmp_path / "LISTS.csv").read_text()
    probe = [number for number in range(100) if number != 70]
    paths = [given(tmp_path, "police", probe), given(tmp_path, "shelter", shelter)]
    with pytest.raises(Refused, match="another version"):
        run(tmp_path, paths)
    assert kinds(tmp_path) == ["run", "deleted", "refused"]
    assert (tmp_path / "LISTS.csv").read_text() == before
    assert all(path.exists() for path in paths)


def test_the_same_list_under_another_name_is_refused(tmp_path: Path) -> None:
    run(tmp_path, [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))])
    probe = [number for number in range(100) if number != 70]
    with pytest.raises(Refused, match="nearly the same"):
        run(tmp_path, [given(tmp_path, "other", probe), given(tmp_path, "shelter", range(50, 150))])
    with pytest.raises(Refused, match="nearly the same"):
        run(tmp_path / "log2", [given(tmp_path, "police", range(100)), given(tmp_path, "other", probe)])


def test_the_sketch_tells_how_many_records_differ() -> None:
    rows = [f"record {number}" for number in range(3_000)]
    for apart in (0, 10, 400):
        one, two = (runs.sketch(part, b"s" * 32) for part in (rows[: 3_000 - apart], rows[apart:]))
        assert runs.difference(one, two) == pytest.approx(2 * apart, rel=0.6)


def test_a_changed_or_cut_log_is_refused(tmp_path: Path) -> None:
    run(tmp_path, [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))])
    path = tmp_path / "log" / "runs.jsonl"
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    changed = json.loads(lines[0])
    changed["by"] = "somebody else"
    for text, line in ((json.dumps(changed) + "\n" + lines[1], 1), (lines[0], 2), (lines[1], 1), ("", 1)):
        path.write_text(text)
        with pytest.raises(Refused, match=f"broken at line {line}"):
            Runs(tmp_path / "log").entries()
    path.write_text(whole)
    assert len(Runs(tmp_path / "log").entries()) == 2


def test_a_run_that_is_killed_before_it_deletes_names_its_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [given(tmp_path, "police", range(100)), given(tmp_path, "shelter", range(50, 150))]

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(broker, "_delete", killed)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, paths)
    assert pl.read_csv(tmp_path / "LISTS.csv")["count"].to_list() == [50, 50, 50]
    assert Runs(tmp_path / "log").left_behind() == sorted(path.resolve() for path in paths)
    run(tmp_path, paths)
    assert Runs(tmp_path / "log").left_behind() == []


def test_a_run_that_is_killed_before_its_result_has_told_nothing_unlogged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
