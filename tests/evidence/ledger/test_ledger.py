"""The ledger is append-only, detects edits, serialises writers, survives a crash and enforces budgets."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.dp.zcdp import epsilon_to_rho, rho_to_epsilon
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents, LedgerEntry, digest
from kerege.evidence.ledger.ledger import Ledger
from tests.evidence.budgets import raise_budget


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger")
    for number in range(3):
        output = tmp_path / f"out{number}"
        output.mkdir()
        (output / "a.csv").write_text(f"count\n{number}\n")
        with ledger.locked():
            ledger.append(digest(number), output, EntryContents(kind="release", rho=0))
    return ledger


def lines(ledger: Ledger) -> list[str]:
    return ledger.path.read_text().splitlines()


def test_the_chain_holds(ledger: Ledger) -> None:
    entries = ledger.entries()
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[2].prev == entries[1].hash


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_edited_entry_is_found(ledger: Ledger, number: int) -> None:
    changed = lines(ledger)
    changed[number - 1] = changed[number - 1].replace('"rho": 0', '"rho": 9')
    ledger.path.write_text("\n".join(changed) + "\n")
    with pytest.raises(Refused, match=f"line {number}"):
        ledger.entries()


def test_an_entry_edited_with_its_hash_breaks_the_next(ledger: Ledger) -> None:
    changed = lines(ledger)
    entry = json.loads(changed[0]) | {"rho": 9}
    entry["hash"] = digest({name: value for name, value in entry.items() if name != "hash"})
    changed[0] = json.dumps(entry)
    ledger.path.write_text("\n".join(changed) + "\n")
    with pytest.raises(Refused, match="line 2"):
        ledger.entries()


@pytest.mark.parametrize("order", [[1, 2], [0, 2], [1, 0, 2], [0, 0, 1, 2]])
def test_entries_taken_out_moved_or_repeated_are_found(ledger: Ledger, order: list[int]) -> None:
    before = lines(ledger)
    ledger.path.write_text("".join(before[i] + "\n" for i in order))
    with pytest.raises(Refused, match="broken"):
        ledger.entries()


def test_a_torn_last_line_is_found(ledger: Ledger) -> None:
    ledger.path.write_text(ledger.path.read_text()[:-20])
    with pytest.raises(Refused, match="line 3"):
        ledger.entries()


def test_the_same_request_has_the_stored_bytes(ledger: Ledger) -> None:
    stored = ledger.stored(digest(1))
    assert stored is not None
    assert (stored / "a.csv").read_bytes() == b"count\n1\n"
    assert ledger.stored(digest(7)) is None


def test_a_later_edit_of_the_output_does_not_change_the_stored_copy(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "out1" / "a.csv").write_text("count\n99\n")
    stored = ledger.stored(digest(1))
    assert stored is not None
    assert (stored / "a.csv").read_bytes() == b"count\n1\n"


def rewritten(ledger: Ledger, number: int, changes: dict[str, object]) -> None:
    """Change an entry and compute all later hashes again, as a newer version or a forger would write them."""
    prev, written = "0" * 64, []
    for position, line in enumerate(lines(ledger), start=1):
        content = json.loads(line) | (changes if position == number else {}) | {"prev": prev}
        del content["hash"]
        prev = digest(content)
        written.append(json.dumps(content | {"hash": prev}))
    ledger.path.write_text("\n".join(written) + "\n")
    ledger.head.write_text(json.dumps({"seq": len(written), "hash": prev}))


def test_keys_of_a_newer_version_are_kept_and_stay_in_the_hash(ledger: Ledger) -> None:
    rewritten(ledger, 2, {"witness": "somewhere", "cohort": {"column": "year", "values": ["2024"], "since": 2020}})
    entry = ledger.entries()[1]
    assert json.loads(entry.line) == json.loads(lines(ledger)[1])
    assert entry.tree["witness"] == "somewhere"
    ledger.path.write_text(ledger.path.read_text().replace("somewhere", "elsewhere"))
    with pytest.raises(Refused, match="line 2"):
        ledger.entries()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"rho": "0.1"}, "rho"),
        ({"rho": -0.5}, "rho"),
        ({"rho": True}, "rho"),
        ({"snapshots": [{"unit": 7}]}, r"snapshots\[0\]\.unit"),
        ({"cohort": {"column": "year", "values": []}}, r"cohort\.values"),
        ({"ceiling": None, "period": None}, "period"),
    ],
)
def test_an_entry_with_a_value_that_cannot_be_charged_is_refused_by_its_number(
    ledger: Ledger, changes: dict[str, object], place: str
) -> None:
    rewritten(ledger, 2, changes)
    with pytest.raises(Refused, match=f"entry 2 of the ledger has no valid {place}: read it with the version"):
        ledger.entries()


def test_numbers_are_written_as_they_were_given(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    add(ledger, 0, rho=0, delta=0.0, seed=7)
    add(ledger, 1, rho=1e-300, params={"D": 8, "V": 3.0, "by": ["sex"]})
    texts = lines(ledger)
    assert '"delta": 0.0' in texts[0]
    assert '"rho": 0,' in texts[0]
    assert '"params": {"D": 8, "V": 3.0, "by": ["sex"]}' in texts[1]
    assert [entry.line for entry in ledger.entries()] == texts


def test_two_writers_at_once_make_one_chain(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()

    def write(number: int) -> None:
        own = Ledger(tmp_path / "ledger")
        with own.locked():
            own.append(digest(number), output, EntryContents(kind="release"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.seq for entry in Ledger(tmp_path / "ledger").entries()] == list(range(1, 13))


# -- crashes ---------------------------------------------------------------------------------------------------------


def filled(folder: Path, count: int) -> Ledger:
    ledger = Ledger(folder)
    for number in range(count):
        add(ledger, number)
    return ledger


def add(ledger: Ledger, number: int, **about: object) -> LedgerEntry:
    output = ledger.folder.parent / f"output{number}"
    output.mkdir(exist_ok=True, parents=True)
    (output / "a.csv").write_text(f"count\n{number}\n")
    with ledger.locked():
        content = {"kind": "release", "period": "2025", "rho": 0.01} | about
        return ledger.append(digest(number), output, EntryContents.model_validate(content))


def test_a_line_cut_off_by_a_crash_is_dropped_wherever_it_was_cut(tmp_path: Path) -> None:
    """The crash happened during the third line: the head is still at the second."""
    ledger = filled(tmp_path / "ledger", 2)
    content, head = ledger.path.read_bytes(), ledger.head.read_bytes()
    add(ledger, 2)
    line = ledger.path.read_bytes()[len(content) :]
    for cut in range(1, len(line) - 1, 7):
        ledger.path.write_bytes(content + line[:cut])
        ledger.head.write_bytes(head)
        assert len(ledger.entries()) == 2
        assert ledger.stored(digest(2)) is None  # its output exists, but was never released
        assert "cut off" in ledger.torn()
        assert ledger.spent("2025") == pytest.approx(0.02)
    entry = add(ledger, 2)
    assert entry.seq == 3
    assert entry.dropped
    assert len(Ledger(tmp_path / "ledger").entries()) == 3
    assert not ledger.torn()


def test_a_line_without_its_line_break_counts(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    content, head = ledger.path.read_bytes(), ledger.head.read_bytes()
    add(ledger, 2)
    ledger.path.write_bytes(ledger.path.read_bytes()[:-1])
    ledger.head.write_bytes(head)
    assert ledger.spent("2025") == pytest.approx(0.03)
    add(ledger, 3)
    assert [entry.seq for entry in ledger.entries()] == [1, 2, 3, 4]
    assert ledger.path.read_bytes().startswith(content)


def test_a_crash_between_line_and_head_is_repaired(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    head = ledger.head.read_bytes()
    add(ledger, 1)
    ledger.head.write_bytes(head)
    assert ledger.stored(digest(1)) is not None  # it was charged
    add(ledger, 2)
    assert json.loads(ledger.head.read_text())["seq"] == 3


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_a_truncated_ledger_is_refused(tmp_path: Path, lines: int) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    remaining = ledger.path.read_bytes().splitlines(keepends=True)[:lines]
    for tail in (b"", b'{"half": '):
        ledger.path.write_bytes(b"".join(remaining) + tail)
        with pytest.raises(Refused, match=f"broken at line {lines + 1}"):
            ledger.entries()
        with pytest.raises(Refused):
            add(ledger, 9)


def test_an_old_ledger_without_a_head_is_read_and_given_one(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    ledger.head.unlink()
    assert len(ledger.entries()) == 2
    ledger.path.write_bytes(ledger.path.read_bytes()[:-9])
    with pytest.raises(Refused, match="line 2"):
        ledger.entries()
    ledger.path.write_bytes(b"")
    add(ledger, 5)
    assert ledger.head.exists()


def test_a_head_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    for content in ("", "[]", "{}", "{"):
        ledger.head.write_text(content)
        with pytest.raises(Refused, match="head of the ledger"):
            ledger.entries()


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    before = ledger.path.read_bytes()
    real = os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink() == ledger.path:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        add(ledger, 2)
    monkeypatch.undo()
    assert ledger.path.read_bytes() == before
    add(ledger, 2)
    assert len(ledger.entries()) == 3


def test_an_entry_flushes_only_its_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, flushed = os.fsync, []

    def counted(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", counted)
    ledger, counts = Ledger(tmp_path / "ledger"), []
    for number in range(1, 20):
        flushed.clear()
        add(ledger, number)
        counts.append(len(flushed))
        assert {"a.csv", "outputs", "ledger", "ledger.jsonl"} <= set(flushed)
    assert len(set(counts[1:])) == 1


WRITER = """
import sys
from pathlib import Path
from tests.evidence.ledger.test_ledger import add
from kerege.evidence.ledger.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[2]), 100000):
    add(ledger, number)
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_usable_ledger(tmp_path: Path) -> None:
    """Every entry that the writer reported is there, and at most one more."""
    ledger, done = Ledger(tmp_path / "ledger"), -1
    for round_ in range(3):
        command = [sys.executable, "-c", WRITER, str(ledger.folder), str(len(ledger.entries()))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.07 * round_)
            writer.send_signal(signal.SIGKILL)
            reported = [int(line) for line in writer.stdout.read().splitlines()]
        done = max([done, *reported])
        assert len(ledger.entries()) - (done + 1) in (0, 1)
        assert all(ledger.stored(digest(number)) is not None for number in reported)
    add(ledger, 100_001)


def test_an_output_that_was_changed_or_lost_is_refused(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    (ledger.folder / "outputs" / digest(0) / "a.csv").write_text("count\n7\n")
    (ledger.folder / "outputs" / digest(1) / "a.csv").unlink()
    for number in (0, 1):
        with pytest.raises(Refused, match=f"output of entry {number + 1}"):
            ledger.stored(digest(number))


# -- the budget ------------------------------------------------------------------------------------------------------


def test_a_period_has_a_ceiling_of_its_own(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    assert rho_to_epsilon(ledger.budget("2025")) == pytest.approx(4, abs=1e-6)
    assert ledger.left("2025") == pytest.approx(ledger.budget("2025") - 0.03)
    with ledger.locked():
        ledger.set_budget("2025", 0.05, "cli:aliya")
        ledger.set_budget("2025", 0.04, "cli:aliya")
    assert ledger.budget("2025") == 0.04
    assert ledger.left("2025") == pytest.approx(0.01)
    assert ledger.budget("2026") > 0.2
    assert ledger.periods() == ["2025"]
    entry = ledger.entries()[-1]
    assert (entry.kind, entry.by, entry.rho) == ("budget", "cli:aliya", 0)


def test_a_refusal_states_what_remains_in_epsilon(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    with ledger.locked():
        ledger.set_budget("2025", epsilon_to_rho(2.0), "test")
    free = rho_to_epsilon(epsilon_to_rho(2.0) - 0.03)
    ledger.check("2025", 0)
    with pytest.raises(Refused) as refused:
        ledger.check("2025", epsilon_to_rho(1.5))
    match = re.fullmatch(
        r"the privacy budget of 2025 does not allow it: epsilon 1\.5 is asked for, (\S+) is left, (\S+) of 2 is spent "
        r"or set aside \(at delta 1e-09; what adds up is rho\); ask for at most what is left, or raise it with kerege "
        r"ledger budget 2025 --epsilon E --reason TEXT, which a second person approves",
        str(refused.value),
    )
    assert match is not None
    left, spent = map(float, match.groups())
    assert spent == pytest.approx(rho_to_epsilon(0.03), rel=0.01)
    assert 0.99 * free < left <= free
    ledger.check("2025", epsilon_to_rho(left))  # a request for the printed remainder is granted
    with ledger.locked():
        ledger.set_budget("2025", 0.02, "test")  # lower than what is spent already
    assert ledger.left("2025") == 0
    ledger.check("2025", 0)
    with pytest.raises(Refused, match="0 is left"):
        ledger.check("2025", 1e-6)


def test_a_refusal_states_epsilon_at_the_delta_in_use(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with pytest.raises(Refused, match=r"epsilon 6 is asked for, .* \(at delta 1e-06;"):
        ledger.check("2025", epsilon_to_rho(6.0, 1e-6), at=1e-6)


# -- raising a ceiling -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "epsilon", "limit"),
    [
        ("2025", 4.01, "the present 4"),
        ("all", 12.01, "the usual 12"),
        ("files", 6.0, "the present 4"),
        ("2025", 20.0, "the usual 12"),
    ],
)
def test_a_higher_ceiling_is_refused_without_a_second_person(
    tmp_path: Path, period: str, epsilon: float, limit: str
) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with ledger.locked(), pytest.raises(Refused) as refused:
        ledger.set_budget(period, epsilon_to_rho(epsilon), "cli:aliya", "a decision")
    owner = {"all": "all periods together", "files": "all files without a period of their own"}.get(period, period)
    assert str(refused.value) == (
        f"a privacy budget of epsilon {epsilon:.3g} for {owner} is above {limit}: it needs a reason and a second "
        f"person; run kerege ledger budget {period} --epsilon E --reason TEXT, and have another person approve the "
        "request"
    )
    assert len(ledger.entries()) == 1


def test_a_second_person_raises_a_ceiling_with_the_reason(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    rho, before = epsilon_to_rho(6.0), ledger.budget("2025")
    with ledger.locked():
        request = ledger.request_budget("2025", rho, "cli:aliya", "decision 14 of the board")
        assert ledger.budget("2025") == before  # a request changes nothing
        assert ledger.left("2025") == pytest.approx(before - 0.01)
        entry = ledger.approve_budget(request.seq, "cli:bolat")
    assert ledger.budget("2025") == rho
    assert (entry.kind, entry.by, entry.requested_by) == ("budget", "cli:bolat", "cli:aliya")
    assert (entry.reason, entry.approves) == ("decision 14 of the board", request.seq)
    with ledger.locked():
        ledger.set_budget("2025", before, "cli:aliya")  # lower: one person is enough
        with pytest.raises(Refused, match="above the present 4"):
            ledger.set_budget("2025", rho, "cli:aliya")
        with pytest.raises(Refused, match="was set by entry 4 since entry 2 requested it: request it again"):
            ledger.approve_budget(request.seq, "cli:bolat")
    assert ledger.budget("2025") == before


def test_nobody_approves_their_own_request(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked():
        request = ledger.request_budget("2025", 1.0, "cli:aliya", "more tables")
        with pytest.raises(Refused, match="entry 1 was requested by cli:aliya: another person approves it"):
            ledger.approve_budget(request.seq, "cli:aliya")
    assert rho_to_epsilon(ledger.budget("2025")) == pytest.approx(4)


def test_a_request_is_approved_once(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    raise_budget(ledger, "2025", 1.0)
    with ledger.locked(), pytest.raises(Refused, match="was set by entry 2 since entry 1 requested it"):
        ledger.approve_budget(1, "cli:carol")
    assert len(ledger.entries()) == 2


def test_a_ceiling_above_12_is_not_lowered_to_another_one_above_12_by_one_person(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    raise_budget(ledger, ALL, epsilon_to_rho(20.0))
    with ledger.locked():
        with pytest.raises(Refused, match="epsilon 15 for all periods together is above the usual 12"):
            ledger.set_budget(ALL, epsilon_to_rho(15.0), "cli:aliya")
        ledger.set_budget(ALL, epsilon_to_rho(12.0), "cli:aliya")
    assert rho_to_epsilon(ledger.budget(ALL)) == pytest.approx(12)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_request_without_a_reason_is_refused(tmp_path: Path, reason: str) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    with ledger.locked(), pytest.raises(BadInput, match="the budget has no reason, give one"):
        ledger.request_budget("2025", 1.0, "cli:aliya", reason)
    assert not ledger.path.exists()


@pytest.mark.parametrize("number", [0, 1, 2])
def test_only_a_request_is_approved(tmp_path: Path, number: int) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with ledger.locked(), pytest.raises(BadInput, match=f"entry {number} requests no budget"):
        ledger.approve_budget(number, "cli:bolat")


def test_a_raised_ceiling_of_an_earlier_version_stays_in_force(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    ledger._add(EntryContents(kind="budget", period="2025", ceiling=1.0, by="cli:aliya", rho=0))
    assert ledger.budget("2025") == 1.0


# -- all periods together --------------------------------------------------------------------------------------------


def test_a_new_period_label_gives_no_new_budget(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    ceiling, year = ledger.budget(ALL), ledger.budget("any")
    assert rho_to_epsilon(ceiling) == pytest.approx(12, abs=1e-6)
    for number in range(7):
        ledger.check(f"label {number}", year)
        add(ledger, number, period=f"label {number}", rho=year)
    assert ledger.left("label 8") == pytest.approx(ceiling - 7 * year)  # less than the ceiling of one period
    with pytest.raises(Refused, match=r"the privacy budget of all periods together .* kerege ledger budget all"):
        ledger.check("label 8", year)
    ledger.check("label 8", ceiling - 7 * year)
    raise_budget(ledger, ALL, 10.0)
    ledger.check("label 8", year)
    assert ledger.periods() == sorted(f"label {number}" for number in range(7))


def test_common_losses_reduce_the_ceiling_of_every_cohort(tmp_path: Path) -> None:
    """Losses of one cohort under two labels add up; another cohort keeps its ceiling."""
    ledger = filled(tmp_path / "ledger", 0)

    def of(year: str) -> EntryContents:
        return EntryContents(
            cohort=EnteredCohort(column="year", values=[year]), snapshots=[EnteredSnapshot(unit="victims")]
        )

    with ledger.locked():
        ledger.set_budget(ALL, 0.3, "test")
    add(ledger, 0, period="first", rho=0.1, **of("2024").tree)
    add(ledger, 1, period="second", rho=0.1, **of("2024").tree)
    add(ledger, 2, period="third", rho=0.05)
    assert ledger.composed() == ledger.spent(ALL) == pytest.approx(0.25)
    ledger.check("fourth", 0.2, of("2025"))
    ledger.check("fourth", 0.05, of("2024"))
    for rho, about in ((0.06, of("2024")), (0.06, None)):
        with pytest.raises(Refused, match="all periods together"):
            ledger.check("fourth", rho, about)


def test_files_without_a_period_share_one_ceiling(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    add(ledger, 0, period="files", rho=ledger.budget("files"))
    assert ledger.composed() == pytest.approx(epsilon_to_rho(4.0))
    with pytest.raises(Refused, match=r"of all files without a period of their own does not .* with --period if no "):
        ledger.check("files", 0.01)
    ledger.check("other people", 0.01)


def test_the_first_file_may_exceed_the_default_ceiling_of_files(tmp_path: Path) -> None:
    """The exception stays below the ceiling of all periods, and ends with an explicit ceiling."""
    ledger = filled(tmp_path / "ledger", 0)
    ceiling = ledger.budget(ALL)
    with pytest.raises(Refused, match="all periods together"):
        ledger.check("files", ceiling * 1.01)
    ledger.check("files", ceiling / 2)
    with pytest.raises(Refused, match="budget of 2025"):
        ledger.check("2025", ceiling / 2)
    add(ledger, 0, period="files", rho=ceiling / 2)
    assert ledger.left("files") == 0
    with pytest.raises(Refused, match="files without a period of their own"):
        ledger.check("files", 0.001)
    capped = filled(tmp_path / "other", 0)
    with capped.locked():
        capped.set_budget("files", 0.1, "test")
    with pytest.raises(Refused, match="files without a period of their own"):
        capped.check("files", 0.2)


def test_a_reserve_counts_as_spent_and_is_charged_only_once(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)

    def of(*years: str) -> EntryContents:
        cohort, snapshots = EnteredCohort(column="year", values=list(years)), [EnteredSnapshot(unit="victims")]
        return EntryContents(series="s", cohort=cohort, snapshots=snapshots)

    with ledger.locked():
        ledger.set_budget("2025", 0.2, "test")
        ledger.reserve("2025", 0.15, of("2023", "2024"))
    assert (ledger.spent("2025"), ledger.held("2025"), ledger.left("2025")) == (0, 0.15, pytest.approx(0.05))
    with pytest.raises(Refused, match=r"0\.06|budget of 2025"):
        ledger.check("2025", 0.06)
    ledger.check("2025", 0.2, of("2025"))
    for number, (year, rho) in enumerate([("2023", 0.12), ("2024", 0.12), ("2024", 0.03)]):
        add(ledger, number, rho=rho, reserved=-rho, **of(year).tree)
    assert ledger.spent("2025") == ledger.composed() == pytest.approx(0.15)
    assert ledger.held("2025") == pytest.approx(0.15)
    assert [ledger.set_aside(of(year)) for year in ("2023", "2024", "2025")] == [pytest.approx(0.03), 0, 0]
    for year in ("2024", "2025"):
        with pytest.raises(ValueError, match="no more than was set aside"):
            add(ledger, 9, rho=0.01, reserved=-0.01, **of(year).tree)


def test_an_output_without_a_charge_is_stored_once(tmp_path: Path) -> None:
    """The second call returns the output of the first."""
    ledger, outputs = Ledger(tmp_path / "ledger"), []
    for number in range(2):
        output = tmp_path / str(number)
        output.mkdir()
        (output / "a.csv").write_text(str(number))
        outputs.append(ledger.keep("same", output, EntryContents(kind="microdata", rho=0)))
    assert [(output / "a.csv").read_text() for output in outputs] == ["0", "0"]
    assert len(ledger.entries()) == 1
    assert ledger.found("same") == outputs[0]


def test_the_delta_of_unlisted_values_has_a_ceiling_too(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    for number in range(2):
        ledger.check("2025", 0.01, EntryContents(delta=5e-5))
        add(ledger, number, period=str(number), delta=5e-5)
    assert ledger.unlisted() == pytest.approx(1e-4)
    with pytest.raises(Refused, match=r"takes delta 1e-09, and 0\.0001 of 0\.0001 is spent .* --schema"):
        ledger.check("2025", 0.01, EntryContents(delta=1e-9))
    ledger.check("2025", 0.01, EntryContents(delta=0.0))


def test_no_period_can_be_called_all(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be called all"):
        Ledger(tmp_path / "ledger").check(ALL, 0)


# -- file permissions ------------------------------------------------------------------------------------------------


def test_only_the_owner_can_read_the_folder(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        ledger = filled(tmp_path / "ledger", 1)
        ledger.path.chmod(0o644)  # the mode that an earlier version set
        output = tmp_path / "deep"
        (output / "tables").mkdir(parents=True)
        (output / "tables" / "a.csv").write_text("count\n")
        (output / "tables" / "a.csv").chmod(0o644)
        with ledger.locked():
            ledger.append(digest("deep"), output, EntryContents(kind="release"))
    finally:
        os.umask(before)
    paths = [ledger.folder, *ledger.folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}


@pytest.mark.parametrize(("period", "rho"), [("2025", -1), ("2025", float("nan")), ("2025", float("inf")), (" ", 0.1)])
def test_an_invalid_budget_is_refused(tmp_path: Path, period: str, rho: float) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with ledger.locked(), pytest.raises(BadInput):
        ledger.set_budget(period, rho, "test")
    assert not ledger.path.exists()


@pytest.mark.parametrize("rho", [-0.1, float("nan"), float("inf"), "0.1"])
def test_an_invalid_loss_is_refused(tmp_path: Path, rho: object) -> None:
    with pytest.raises(ValueError, match="rho"):
        add(Ledger(tmp_path / "ledger"), 0, rho=rho)


def test_losses_add_up_except_over_disjoint_cohorts(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    add(ledger, 10, period="2026", rho=0.05)
    assert ledger.composed() == pytest.approx(0.07)
    cohorts = [(["2024"], 0.1), (["2025"], 0.08), (["2025"], 0.06), (["2023", "2024"], 0.01)]
    for number, (values, rho) in enumerate(cohorts):
        add(ledger, 20 + number, rho=rho, cohort={"column": "year", "values": values})
    assert ledger.composed() == pytest.approx(0.07 + 0.14)  # 0.14 is the loss of cohort 2025; cohort 2024 has 0.11
    add(ledger, 30, rho=0.02, cohort={"column": "region", "values": ["ala"]})
    assert ledger.composed() == pytest.approx(0.07 + 0.14 + 0.02)
    assert ledger.spent("2025") == pytest.approx(0.02 + 0.14 + 0.02)  # without the charge of 2026


def test_the_cohorts_of_two_registers_are_not_disjoint(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    for number, (unit, sha256, year, series) in enumerate(
        [
            ("victims", "a", "2024", ""),
            ("victims", "b", "2025", ""),  # one register at two dates
            ("crimes", "c", "2025", ""),
            ("records", "d", "2024", ""),
            ("records", "e", "2025", ""),  # two files
            ("records", "f", "2024", "s"),
            ("records", "g", "2025", "s"),  # one file at two dates
        ]
    ):
        about = {"snapshots": [{"unit": unit, "sha256": sha256}], "cohort": {"column": "year", "values": [year]}}
        add(ledger, number, rho=0.01, **about, **({"series": series} if series else {}))
    assert ledger.composed() == ledger.spent("2025") == pytest.approx(0.05)


def test_a_cohort_has_the_budget_less_the_common_losses(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")

    def of(*years: str) -> EntryContents:
        cohort, snapshots = EnteredCohort(column="year", values=list(years)), [EnteredSnapshot(unit="victims")]
        return EntryContents(cohort=cohort, snapshots=snapshots)

    with ledger.locked():
        ledger.set_budget("2025", 0.1, "test")
    add(ledger, 1, rho=0.02)
    add(ledger, 2, rho=0.05, **of("2023").tree)
    add(ledger, 3, rho=0.03, **of("2024").tree)
    assert ledger.left("2025") == pytest.approx(0.03)
    ledger.check("2025", 0.08, of("2025"))
    ledger.check("2025", 0.05, of("2024"))
    ledger.check("2025", 0.03, of("2023", "2024"))
    for years, rho in ((["2025"], 0.081), (["2024"], 0.051), (["2023", "2024"], 0.031)):
        with pytest.raises(Refused, match="budget of 2025"):
            ledger.check("2025", rho, of(*years))
    with pytest.raises(Refused, match="budget of 2025"):
        ledger.check("2025", 0.031)
