"""`kerege link --against`: one new file beside all records of earlier runs."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from kerege.cli import link_against
from kerege.linkage.matching import link_store
from tests.cli.link_driver import PEOPLE, rows, run

NEW = "id;Фамилия;Имя;Дата рождения;Пол\n8;Akhmetova;Aigul;12.05.1990;ж\n9;Пак;Ольга;03.03.1999;ж\n"


@pytest.fixture
def store(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = folder / "people.store"
    assert link(folder, "a.csv", path) == 0
    assert "a new store, with a model trained by a.csv" in capsys.readouterr().err
    return path


def link(folder: Path, name: str, store: Path, *options: object) -> int:
    return run("link", folder / name, "--against", store, "--out", folder / "pairs.csv", *options)


def test_a_new_file_joins_known_persons_and_keeps_their_clusters(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "new.csv").write_text(NEW, "utf-8")
    clusters, changes = folder / "clusters.csv", folder / "changes.csv"
    assert link(folder, "new.csv", store, "--clusters", clusters, "--changes", changes, "--json") == 0
    counts = json.loads(capsys.readouterr().out)
    del counts["compared"]
    changed = {"new": 1, "joined": 1, "merged": 0, "changed": 0}
    assert counts == {"records": 5, "pairs": 1, "clusters": 4, **changed}
    assert [(row["left"], row["right"]) for row in rows(folder / "pairs.csv")] == [("1", "8")]
    assert {row["id"]: row["cluster"] for row in rows(clusters)} == {"1": "1", "2": "2", "3": "3", "8": "1", "9": "4"}
    assert [(row["id"], row["change"]) for row in rows(changes)] == [("8", "joined"), ("9", "new")]


def test_the_same_file_again_leaves_the_store_byte_for_byte(folder: Path, store: Path) -> None:
    before, written = store.read_bytes(), store.stat().st_mtime_ns
    assert link(folder, "a.csv", store) == 0
    assert (store.read_bytes(), store.stat().st_mtime_ns) == (before, written)
    assert rows(folder / "pairs.csv") == []


def test_an_earlier_record_with_other_values_is_printed(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.csv").write_text(PEOPLE.replace("Болат", "Болатбек"), "utf-8")
    assert link(folder, "a.csv", store) == 0
    assert "2: has other values, stays in cluster 2" in capsys.readouterr().err


def test_another_person_under_a_known_id_is_refused_and_the_store_stays(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = store.read_bytes()
    (folder / "new.csv").write_text(NEW.replace("\n9;", "\n2;"), "utf-8")
    assert link(folder, "new.csv", store) == 2
    assert "new.csv: has other people than the store under the ids 2, give each file ids" in capsys.readouterr().err
    assert store.read_bytes() == before


def test_two_runs_at_once_lose_no_record(folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "new.csv").write_text(NEW, "utf-8")
    (folder / "other.csv").write_text(NEW.replace("\n8;", "\n18;").replace("\n9;", "\n19;"), "utf-8")
    add_records, is_second_at_work = link_store.add_records, threading.Event()

    def link_file(name: str) -> None:
        results = link_against.Outputs(store, folder / f"pairs-{name}", None, None)
        options: dict[str, Any] = {"model": None, "threshold": 0.5, "train": False, "seed": 0, "encoding": ""}
        link_against.link_against(folder / name, results, {}, note=lambda _: None, progress=lambda *_: None, **options)

    second = threading.Thread(target=link_file, args=["other.csv"])

    def add_while_another_run_begins(*args: Any, **options: Any) -> link_store.Addition:
        if threading.current_thread() is second:
            is_second_at_work.set()
        else:
            second.start()
            is_second_at_work.wait(0.5)  # a run that does not wait reads the store now, before it is written
        return add_records(*args, **options)

    monkeypatch.setattr(link_store, "add_records", add_while_another_run_begins)
    link_file("new.csv")
    second.join()
    assert link_store.read_store(store).ids == ["1", "2", "3", "8", "9", "18", "19"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lists", "lists.csv"), "--lists does not apply to --against"),
        (("--save-model", "m.json"), "--save-model does not apply to --against"),
        (("--model", "m.json"), "the store has its model"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    before = store.read_bytes()
    assert link(folder, "b.csv", store, options[0], folder / options[1]) == 2
    assert message in capsys.readouterr().err
    assert store.read_bytes() == before


def test_two_new_files_or_changes_without_a_store_are_refused(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert link(folder, "a.csv", store, folder / "b.csv") == 2
    assert "--against takes one new file" in capsys.readouterr().err
    assert run("link", folder / "a.csv", "--out", folder / "p.csv", "--changes", folder / "c.csv") == 2
    assert "--changes applies to --against only" in capsys.readouterr().err


def test_a_file_without_record_ids_or_a_store_that_is_none_is_refused(
    folder: Path, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert link(folder, "b.csv", store) == 2
    assert "name the column with --id COLUMN" in capsys.readouterr().err
    store.write_text("id,given\n")
    assert link(folder, "a.csv", store) == 2
    assert "is no store of linked records" in capsys.readouterr().err
    assert store.read_text() == "id,given\n"
