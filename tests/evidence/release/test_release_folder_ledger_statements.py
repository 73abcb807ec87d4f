"""Attacks on the ledger are detected by what manifests state about it: a test for each kind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.entry_chain import START
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.release.release_folder import verify
from tests.cli.test_table import run

KEY = b"k" * 32
ROWS = pl.DataFrame({"sex": ["female"] * 40 + ["male"] * 30})
SPEC: dict[str, Any] = {"period": "2025", "table": [{"name": "sex", "of": "victims", "by": ["sex"]}]}


class House:
    """A ledger with its releases, which lie elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = Ledger(folder / "ledger")
        self.rows = replace(Snapshot.from_frame(ROWS), unit="victims", as_of="2026-03-01")

    def release(self, title: str) -> Path:
        """Publish a release and return its folder."""
        out = self.folder / "releases" / title
        gate.build([self.rows], SPEC | {"title": title}, out, key=KEY, ledger=self.ledger)
        return out

    def copy(self, name: str) -> Path:
        """Copy the folder of the ledger, as a backup does."""
        return Path(shutil.copytree(self.ledger.folder, self.folder / name))

    def restore(self, copy: Path) -> None:
        shutil.rmtree(self.ledger.folder)
        shutil.copytree(copy, self.ledger.folder)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def check(house: House, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that verifies the ledger and returns the refusal, '' when there is none."""

    def verified(*against: Path) -> str:
        capsys.readouterr()
        option = ["--against"] if against else []
        code = run("ledger", "verify", *option, *against, "--ledger", house.ledger.folder)
        err = capsys.readouterr().err
        assert code == (1 if err else 0)
        assert err == "" or all(line.startswith("refused: ") for line in err.splitlines())
        return err.removeprefix("refused: ").removesuffix("\n")

    return verified


def manifest_of(folder: Path) -> Manifest:
    return verify(folder)


# -- what a manifest states ------------------------------------------------------------------------------------------


def test_a_manifest_carries_the_head_of_the_ledger_before_its_entry(house: House) -> None:
    folders = [house.release(title) for title in ("one", "second", "third")]
    entries = house.ledger.entries()
    for number, folder in enumerate(folders):
        state = manifest_of(folder).ledger
        assert state is not None
        head = entries[number - 1].hash if number else START
        assert (state.entries, state.hash) == (number, house.ledger.fingerprint(head))
        assert state.name == house.ledger.fingerprint(START)


def test_no_manifest_contains_the_hash_of_an_entry(house: House) -> None:
    """It is over the hash of the rows: an intruder who guesses all rows could test the guess with it."""
    text = "".join((house.release(title) / "manifest.json").read_text() for title in ("one", "second"))
    for entry in house.ledger.entries():
        assert entry.hash[:12] not in text
        assert entry.output[:12] not in text


def test_a_release_without_a_ledger_states_none(house: House) -> None:
    manifest = gate.build([house.rows], SPEC | {"title": "alone"}, house.folder / "alone", key=KEY)
    assert manifest.ledger is None
    assert "ledger" not in manifest.tree


def test_releases_fit_their_ledger(house: House, check: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    folders = [house.release(title) for title in ("one", "second")]
    assert check(*folders) == check(folders[1] / "manifest.json") == ""
    again = house.folder / "again"
    gate.build([house.rows], SPEC | {"title": "one"}, again, key=KEY, ledger=house.ledger)
    assert check(again) == ""  # the stored release, with the state of its own time
    assert run("ledger", "verify", "--ledger", house.ledger.folder, "--against", folders[0], "--json") == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["ok"], result["entries"], result["compared"][0]["result"]) == (True, 2, "fits")


# -- loss ------------------------------------------------------------------------------------------------------------


def test_a_deleted_ledger_is_a_loss(house: House, check: Callable[..., str]) -> None:
    folder = house.release("one")
    shutil.rmtree(house.ledger.folder)
    assert check(folder) == (
        f"the ledger {house.ledger.path} is lost: it has no entry, and {folder}/manifest.json of "
        f"{manifest_of(folder).created} names 1; restore the folder {house.ledger.folder} from a backup made after that"
    )


def test_a_deleted_file_of_entries_is_a_loss(house: House, check: Callable[..., str]) -> None:
    folder = house.release("one")
    house.ledger.path.unlink()
    assert check(folder) == (
        f"the ledger is lost: {house.ledger.path} is not there, and ledger.head names entry 1; restore the folder from "
        "the backup"
    )
    house.ledger.head.unlink()
    assert check(folder).startswith(f"the ledger {house.ledger.path} is lost")


# -- shortening ------------------------------------------------------------------------------------------------------


def cut(ledger: Ledger) -> None:
    ledger.path.write_text("".join(ledger.path.read_text().splitlines(keepends=True)[:-1]))


def test_a_ledger_without_its_last_line_is_broken(house: House, check: Callable[..., str]) -> None:
    folders = [house.release(title) for title in ("one", "second")]
    cut(house.ledger)
    for against in ([], folders):
        assert check(*against) == (
            f"the ledger is broken at line 2: {house.ledger.path} was cut, ledger.head names entry 2; restore it from "
            "the backup"
        )


def test_a_ledger_cut_together_with_its_head_is_too_short(house: House, check: Callable[..., str]) -> None:
    folders = [house.release(title) for title in ("one", "second", "third")]
    cut(house.ledger)
    house.ledger.head.write_text(json.dumps({"seq": 2, "hash": _last(house.ledger)}))
    assert check(*folders[:2]) == ""
    assert check(*folders).startswith(f"the ledger {house.ledger.path} is an older copy: it ends at entry 2, and ")


def _last(ledger: Ledger) -> str:
    return str(json.loads(ledger.path.read_text().splitlines()[-1])["hash"])


# -- rollback --------------------------------------------------------------------------------------------------------


def test_an_older_copy_is_a_rollback(house: House, check: Callable[..., str]) -> None:
    folders = [house.release("one")]
    backup = house.copy("backup")
    folders += [house.release(title) for title in ("second", "third")]
    house.restore(backup)
    assert check(folders[0]) == ""
    first, second = check(*folders).split("\nrefused: ")
    for sentence, folder, number in ((first, folders[1], 2), (second, folders[2], 3)):
        assert sentence == (
            f"the ledger {house.ledger.path} is an older copy: it ends at entry 1, and {folder}/manifest.json of "
            f"{manifest_of(folder).created} names {number}; restore the newest backup, and make no release before that"
        )


def test_an_older_copy_that_was_continued_is_a_rollback_too(house: House, check: Callable[..., str]) -> None:
    house.release("one")
    backup = house.copy("backup")
    lost = [house.release(title) for title in ("second", "third")]
    house.restore(backup)
    fresh = [house.release(title) for title in ("fourth", "fifth", "sixth")]
    assert check(*fresh) == ""
    for folder in lost:
        sentence = check(folder)
        assert sentence.startswith(f"two copies of the ledger {house.ledger.path} were continued: its entry 2 is not ")
        assert sentence.endswith("charge nothing before the losses of both are in one ledger")


# -- a second ledger -------------------------------------------------------------------------------------------------


def test_a_second_ledger_for_the_same_snapshot(house: House, tmp_path: Path, check: Callable[..., str]) -> None:
    folder = house.release("one")
    other = House(tmp_path / "other")
    elsewhere = other.release("one")
    assert check(folder) == ""
    created = manifest_of(elsewhere).created
    assert check(folder, elsewhere) == (
        f"{elsewhere}/manifest.json of {created} is in a second ledger, not in {house.ledger.path}; entry 1 of this "
        "one has the same snapshot, victims of 2026-03-01: no budget covers the losses of both; find the other "
        "ledger, and keep one"
    )


def test_a_second_ledger_with_the_same_key(house: House, tmp_path: Path, check: Callable[..., str]) -> None:
    house.release("one")
    other = House(tmp_path / "other")
    other.ledger.folder.mkdir(parents=True)
    shutil.copy(house.ledger.key, other.ledger.key)
    elsewhere = other.release("second")
    assert check(elsewhere).startswith(f"two copies of the ledger {house.ledger.path} were continued: its entry 1 is ")


def test_a_second_ledger_of_other_people_is_named_without_a_snapshot(
    house: House, tmp_path: Path, check: Callable[..., str]
) -> None:
    house.release("one")
    other = House(tmp_path / "other")
    other.rows = replace(other.rows, as_of="2026-04-01")
    assert "has the same snapshot" not in check(other.release("second"))


# -- earlier versions ------------------------------------------------------------------------------------------------


def test_manifests_of_earlier_versions_state_no_ledger(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are compared by their own entry only, and the output says so."""
    folder = house.release("one")
    tree = json.loads((folder / "manifest.json").read_text())
    del tree["ledger"]
    old = tmp_path / "old.json"
    old.write_text(json.dumps(tree))
    assert run("ledger", "verify", "--ledger", house.ledger.folder, "--against", old) == 0
    out = capsys.readouterr().out
    assert f"{old} states no ledger: an earlier version made it, or it was made without one; no entry is of it" in out


def test_an_entry_of_a_manifest_without_a_state_is_found(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    folder = gate_without_state(house)
    assert run("ledger", "verify", "--ledger", house.ledger.folder, "--against", folder) == 0
    assert "; it is entry 1" in capsys.readouterr().out


def gate_without_state(house: House) -> Path:
    """Publish a release as the version before did."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "state", lambda self: None)
        return house.release("one")


def test_without_manifests_only_the_chain_is_checked(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.release("one")
    assert run("ledger", "verify", "--ledger", house.ledger.folder) == 0
    out, err = capsys.readouterr()
    assert "the chain of 1 entries is unbroken" in out
    assert err == "compared with nothing: give manifests with --against\n"
    assert run("ledger", "verify", "--ledger", house.folder / "none") == 0
    assert not (house.folder / "none").exists()


# -- unreadable and forged statements --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [("{", "is not a manifest"), ("[]", "is not a manifest"), ('{"format": "x"}', "is not a manifest")],
)
def test_a_file_that_is_no_manifest_is_bad_input(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, says: str
) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    assert run("ledger", "verify", "--ledger", house.ledger.folder, "--against", path) == 2
    assert says in capsys.readouterr().err
    assert run("ledger", "verify", "--ledger", house.ledger.folder, "--against", tmp_path / "none") == 2


# -- daily roots -----------------------------------------------------------------------------------------------------


def roots(house: House, name: str = "roots.jsonl") -> Path:
    """Append the state of the ledger to a file of daily roots, after a root of an earlier version."""
    path = house.folder / name
    root = {"at": "2026-03-02T00:00:00+00:00", "seq": 4, "hash": "00", "key": "k", "signature": "s"}
    if not path.exists():
        path.write_text(json.dumps(root) + "\n")
    with house.ledger.locked():
        state = house.ledger.state().tree
    with path.open("a") as file:
        file.write(json.dumps(root | {"ledger": state}) + "\n")
    return path


def test_a_daily_root_detects_a_rollback_after_the_last_release(house: House, check: Callable[..., str]) -> None:
    folder = house.release("one")
    backup = house.copy("backup")
    with house.ledger.locked():
        house.ledger.set_budget("2025", 0.1, "test")
    path = roots(house)
    assert check(folder, path) == ""
    house.restore(backup)
    assert check(folder) == ""  # the entry after the release was a budget
    assert check(folder, path).startswith(f"the ledger {house.ledger.path} is an older copy: it ends at entry 1, and ")
    assert f"line 2 of {path} of 2026-03-02T00:00:00+00:00 names 2" in check(path)


def test_a_line_that_is_no_root_is_bad_input(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.release("one")
    path = roots(house)
    path.write_text(path.read_text() + '{"at": 7}\n')
    assert run("ledger", "verify", "--ledger", house.ledger.folder, "--against", path) == 2
    assert "row 3: is not a daily root" in capsys.readouterr().err
