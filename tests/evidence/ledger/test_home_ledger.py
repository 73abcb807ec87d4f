"""A charge needs the ledger that the roots, the releases and `audit/ledger.json` of the home name."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kerege
from kerege.base.errors import BadInput, Refused
from kerege.evidence.ledger import home_ledger
from kerege.evidence.ledger.entry import EntryContents
from kerege.evidence.ledger.home_ledger import LAST_STATE, HomeLedger, open_ledger
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.ledger.losses import LOST, charge_rest
from tests.evidence.made_ledgers import add

AT = "2026-03-01T00:00:00Z"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("KEREGE_HOME", str(home))
    return home


def filled(home: Path, count: int) -> HomeLedger:
    ledger = HomeLedger(home)
    for number in range(count):
        add(ledger, number)
    return ledger


def by_state(ledger: HomeLedger) -> None:
    """Leave `audit/ledger.json` as the only statement."""


def by_root(ledger: HomeLedger) -> None:
    """Leave a daily root as the only statement."""
    root = {"at": AT, "ledger": ledger.state().tree}
    (ledger.home / "audit" / "roots.jsonl").write_text(json.dumps({"at": AT}) + "\n" + json.dumps(root) + "\n")
    (ledger.home / LAST_STATE).unlink()


def by_release(ledger: HomeLedger) -> None:
    """Leave the manifest of a release, which is not the next entry, as the only statement."""
    folder = ledger.home / "releases" / "2025"
    folder.mkdir(parents=True)
    manifest = {"format": "kerege-release/1", "created": AT, "ledger": ledger.state().tree}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (ledger.home / LAST_STATE).unlink()


def lose(ledger: HomeLedger) -> None:
    shutil.move(ledger.folder, ledger.home / "away")


def roll_back(ledger: HomeLedger) -> None:
    """Put an older copy of the whole folder in the place of the ledger."""
    lines = ledger.path.read_text().splitlines(keepends=True)
    ledger.path.write_text(lines[0])
    ledger.head.write_text(json.dumps({"seq": 1, "hash": json.loads(lines[0])["hash"]}))


def cut_whole(ledger: HomeLedger) -> None:
    """Remove every entry and the head, and keep the key."""
    ledger.path.unlink()
    ledger.head.unlink()


def replace(ledger: HomeLedger) -> None:
    """Put another ledger, with more entries, in the place of the ledger."""
    shutil.rmtree(ledger.folder)
    other = Ledger(ledger.folder)
    for number in range(9):
        add(other, number)
    with other.locked():
        other.state()


@pytest.mark.parametrize("state", [by_state, by_root, by_release])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lose, "is lost: it has no entry"),
        (cut_whole, "is lost: it has no entry"),
        (roll_back, "is an older copy: it ends at entry 1"),
        (replace, "is in a second ledger"),
    ],
)
def test_a_charge_is_refused_with_one_sentence(
    home: Path, state: Callable[[HomeLedger], None], damage: Callable[[HomeLedger], None], words: str
) -> None:
    ledger = filled(home, 2)
    state(ledger)
    damage(ledger)
    existed = ledger.folder.exists()
    with pytest.raises(Refused, match=words) as refused:
        add(HomeLedger(home), 7)
    assert "\n" not in str(refused.value)
    assert ledger.folder.exists() == existed  # no empty folder is made where the ledger is to be restored
    assert any(words in sentence for sentence in HomeLedger(home).faults())


def test_a_restored_ledger_takes_charges_again(home: Path) -> None:
    ledger = filled(home, 2)
    lose(ledger)
    with pytest.raises(Refused):
        add(HomeLedger(home), 2)
    shutil.move(home / "away", ledger.folder)
    assert add(HomeLedger(home), 2).seq == 3


@pytest.mark.parametrize("state", [by_state, by_root, by_release])
@pytest.mark.parametrize("damage", [lose, cut_whole, roll_back])
def test_two_people_give_up_lost_entries_and_the_rest_of_the_budget(
    home: Path, state: Callable[[HomeLedger], None], damage: Callable[[HomeLedger], None]
) -> None:
    ledger = filled(home, 2)
    state(ledger)
    damage(ledger)
    ledger = HomeLedger(home)
    with ledger.locked_for_reading():
        request = ledger.request_loss("aliya", "the disk broke")
        with pytest.raises(Refused, match="another person"):
            ledger.approve_loss(request.seq, "aliya")
    with pytest.raises(Refused):
        add(ledger, 7)
    with ledger.locked_for_reading():
        lost = ledger.approve_loss(request.seq, "bolat")
    assert ledger.faults() == []
    assert (ledger.left("2025"), lost.requested_by, lost.approves) == (0.0, "aliya", request.seq)
    with pytest.raises(Refused, match="does not allow it"), ledger.locked():
        ledger.check("2026", 0.01)
    assert add(ledger, 7, rho=0).seq == lost.seq + 1  # figures without noise cost no budget
    entered = [entry for entry in ledger.entries() if entry.kind == "release" and entry.by]
    assert len(entered) == (state is by_release)
    for entry in entered:  # later releases are assessed together with it
        assert (ledger.output(entry.request) / "manifest.json").is_file()


@pytest.mark.parametrize(
    "forged",
    [
        {"approves": None},  # nobody requested it
        {"by": "aliya"},  # one person requested and approved it
        {"requested_by": "chingiz"},  # another person requested it
        {"given_up": ["1" * 64]},  # another statement was requested
        {"rho": 0},  # the rest of the budget is not charged
        {"delta": 0},
        {},  # as `approve_loss` enters it
    ],
)
def test_an_entry_that_is_no_approval_gives_up_nothing(home: Path, forged: dict[str, Any]) -> None:
    ledger = filled(home, 2)
    roll_back(ledger)
    plain = Ledger(ledger.folder)
    with ledger.locked_for_reading():
        request = ledger.request_loss("aliya", "the disk broke")
        people = {"by": "bolat", "requested_by": request.by, "approves": request.seq, "given_up": request.given_up}
        about = {"kind": LOST, "period": LOST, **people, **charge_rest(ledger.entries()).tree, **forged}
        if isinstance(forged.get("given_up"), list):
            about["given_up"] += request.given_up
        plain._add(EntryContents.model_validate({name: value for name, value in about.items() if value is not None}))
    assert (ledger.faults() == []) == (not forged)


def test_a_crash_during_the_approval_leaves_a_ledger_that_takes_no_charge(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = filled(home, 2)
    folder = home / "releases" / "2025"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"format": "kerege-release/1", "created": AT}))
    shutil.rmtree(ledger.folder)
    with ledger.locked_for_reading():
        request = ledger.request_loss("aliya", "the disk broke")

    def crash(_entries: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), ledger.locked_for_reading():
        patch.setattr(home_ledger, "charge_rest", crash)
        ledger.approve_loss(request.seq, "bolat")
    assert [entry.kind for entry in ledger.entries()][-1] == "release"  # the crash was after this entry
    with pytest.raises(Refused):
        add(ledger, 7)
    with ledger.locked_for_reading():
        ledger.approve_loss(request.seq, "bolat")
    assert (ledger.faults(), ledger.left("2025")) == ([], 0.0)


def test_a_whole_ledger_gives_nothing_up_and_a_reason_is_needed(home: Path) -> None:
    ledger = filled(home, 1)
    with pytest.raises(BadInput, match="has every entry"), ledger.locked_for_reading():
        ledger.request_loss("aliya", "no reason at all")
    lose(ledger)
    with pytest.raises(BadInput, match="reason is empty"), HomeLedger(home).locked_for_reading():
        HomeLedger(home).request_loss("aliya", " ")


def test_what_is_lost_after_two_people_gave_up_is_refused_again(home: Path) -> None:
    ledger = filled(home, 2)
    roll_back(ledger)
    with ledger.locked_for_reading():
        ledger.approve_loss(ledger.request_loss("aliya", "the disk broke").seq, "bolat")
    add(ledger, 7, rho=0)
    lose(ledger)
    assert HomeLedger(home).faults() != []


def test_a_new_home_needs_nothing(home: Path) -> None:
    assert open_ledger().faults() == []  # type: ignore[attr-defined]
    assert not home.exists()
    filled(home, 1)
    assert HomeLedger(home).faults() == []
    assert LAST_STATE.name in {path.name for path in (home / "audit").iterdir()}


def test_a_root_before_the_first_entry_and_a_crash_after_an_entry_are_no_faults(home: Path) -> None:
    """The root names an empty ledger under another key; the statement of the last entry was not written."""
    ledger = filled(home, 1)
    kept = (home / LAST_STATE).read_bytes()
    (home / "audit" / "roots.jsonl").write_text(
        json.dumps({"at": AT, "ledger": {"name": "1" * 64, "entries": 0, "hash": "1" * 64}}) + "\n"
    )
    add(ledger, 1)
    (home / LAST_STATE).write_bytes(kept)
    assert ledger.faults() == []


def test_a_reader_may_lock_a_ledger_that_takes_no_charge(home: Path) -> None:
    ledger = filled(home, 2)
    roll_back(ledger)
    with ledger.locked_for_reading():
        assert len(ledger.entries()) == 1


def test_a_damaged_statement_is_named(home: Path) -> None:
    ledger = filled(home, 1)
    (home / LAST_STATE).write_text("{}")
    with pytest.raises(BadInput, match="is not a statement about a ledger"), ledger.locked():
        pass


def test_a_file_that_cannot_be_read_stops_no_charge_while_the_last_state_is_known(home: Path) -> None:
    ledger = filled(home, 2)
    (home / "releases" / "2025").mkdir(parents=True)
    (home / "releases" / "2025" / "manifest.json").write_text("{}")
    (home / "audit" / "roots.jsonl").write_text(json.dumps({"at": AT, "ledger": ledger.state().tree}) + "\n{}\n")
    assert add(HomeLedger(home), 2).seq == 3
    first, second = HomeLedger(home).warnings()
    assert "roots.jsonl" in first
    assert "manifest.json" in second
    assert "charges go on" in second
    (home / LAST_STATE).unlink()  # then nothing shows that the ledger is whole
    with pytest.raises(BadInput):
        add(HomeLedger(home), 3)


def test_given_up_entries_are_named_afterwards(home: Path) -> None:
    ledger = filled(home, 2)
    roll_back(ledger)
    with ledger.locked_for_reading():
        ledger.approve_loss(ledger.request_loss("aliya", "the disk broke").seq, "bolat")
    [sentence] = ledger.warnings()
    assert sentence.endswith("gave them up, by bolat, requested by aliya: the disk broke")


@pytest.fixture
def outside(home: Path, tmp_path: Path) -> Ledger:
    """Return a ledger outside of the home, with two entries."""
    home.mkdir()
    ledger = open_ledger(tmp_path / "outside")
    for number in range(2):
        add(ledger, number)
    return ledger


def test_a_ledger_outside_of_the_home_is_compared_with_its_last_state(outside: Ledger, tmp_path: Path) -> None:
    lines = outside.path.read_text().splitlines(keepends=True)
    outside.path.write_text(lines[0])
    outside.head.write_text(json.dumps({"seq": 1, "hash": json.loads(lines[0])["hash"]}))
    with pytest.raises(Refused, match="is an older copy"):
        add(open_ledger(outside.folder), 7)
    shutil.copytree(outside.folder, tmp_path / "copy")  # the same key, so the same ledger
    with pytest.raises(Refused, match="is an older copy"):
        add(open_ledger(tmp_path / "copy"), 7)
    shutil.rmtree(outside.folder)
    with pytest.raises(Refused, match="is lost"):
        add(open_ledger(outside.folder), 7)
    assert not outside.folder.exists()
    assert add(open_ledger(tmp_path / "another"), 7).seq == 1


def test_a_damaged_statement_of_one_ledger_stops_that_ledger_alone(outside: Ledger, home: Path, tmp_path: Path) -> None:
    [statement] = (home / "audit" / "ledgers").iterdir()
    statement.write_text("{}")
    with pytest.raises(BadInput, match="until then this ledger takes no charge"):
        add(open_ledger(outside.folder), 7)
    assert add(open_ledger(tmp_path / "another"), 7).seq == 1
    assert add(HomeLedger(home), 7).seq == 1


def test_a_ledger_outside_leaves_nothing_where_there_is_no_home(home: Path, tmp_path: Path) -> None:
    add(open_ledger(tmp_path / "outside"), 1)
    assert not home.exists()


def test_the_option_may_name_the_ledger_of_the_home_or_another(home: Path, tmp_path: Path) -> None:
    ledger = filled(home, 1)
    shutil.move(ledger.folder, tmp_path / "disk")
    ledger.folder.symlink_to(tmp_path / "disk")
    assert isinstance(open_ledger(tmp_path / "disk"), HomeLedger)
    assert not isinstance(open_ledger(tmp_path / "other"), HomeLedger)


def test_commands_and_pages_open_the_ledger_by_its_home() -> None:
    """A ledger that is opened by its folder is compared with nothing."""
    source = Path(kerege.__file__).parent
    opened = re.compile(r"(?<!\w)Ledger\(")
    for part in ("cli", "publishing", "demo", "core", "casework"):
        for path in (source / part).rglob("*.py"):
            assert not opened.search(path.read_text()), path
