"""The witness: its log of the daily roots that it has seen, and the frauds that the log discloses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kerege.base import ed25519, hashes
from kerege.base.countersignatures import compare, countersign, read_log
from kerege.base.daily_roots import START, hash_of, read_lines
from kerege.base.errors import BadInput, Refused
from kerege.cli import main

KEY, REGISTER, OTHER = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
PEM = ed25519.public_pem(KEY)


def root_lines(count: int, key: bytes = REGISTER, **changes: Any) -> list[str]:
    """Return a chain of signed roots; `changes` go into the last one."""
    lines: list[str] = []
    for number in range(1, count + 1):
        content = {"at": f"2026-11-{number:02}", "seq": 10 * number, "hash": "ab", "key": "k", "number": number}
        content |= {"previous": hash_of(lines[-1]) if lines else START}
        content |= changes if number == count else {}
        signature = ed25519.sign(json.dumps(content, sort_keys=True).encode(), key)
        lines.append(json.dumps(content | {"signature": signature}, sort_keys=True))
    return lines


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    path = tmp_path / "roots.jsonl"
    path.write_text("\n".join(root_lines(3)) + "\n")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "witness" / "countersigned.jsonl"


def sign(roots: Path, log: Path, **options: Any) -> int:
    return countersign(roots, log, KEY, NOW, **options)


def write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines))


def test_each_root_is_signed_once(roots: Path, log: Path) -> None:
    assert sign(roots, log) == 3
    assert sign(roots, log) == 0
    write(roots, root_lines(5))
    assert sign(roots, log) == 2
    entries = read_log(log, PEM)
    assert [(entry.number, entry.seq) for entry in entries] == [(n, 10 * n) for n in range(1, 6)]
    assert [entry.root for entry in entries] == [hash_of(line) for line in read_lines(roots)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (root_lines(2), "root 3 is missing; the witness saw it"),
        (root_lines(3, hash="cd"), "root 3 is not the one that the witness saw"),
        (root_lines(4, OTHER), "root 1 is not the one"),
        (root_lines(3)[1:], "root 3 is missing|root 1 is not"),
    ],
)
def test_a_root_that_was_seen_can_be_neither_cut_nor_changed(
    roots: Path, log: Path, lines: list[str], words: str
) -> None:
    sign(roots, log)
    before = log.read_bytes()
    write(roots, lines)
    with pytest.raises(Refused, match=words):
        sign(roots, log)
    assert log.read_bytes() == before


@pytest.mark.parametrize(
    ("last", "words"),
    [
        ("{", "root 4 is damaged"),
        (root_lines(4, previous="0" * 64)[-1], "root 4 does not follow"),
        (root_lines(4, number=7)[-1], "root 4 does not follow"),
    ],
)
def test_new_roots_must_continue_the_chain(roots: Path, log: Path, last: str, words: str) -> None:
    write(roots, [*root_lines(3), last])
    with pytest.raises(Refused, match=words):
        sign(roots, log)
    assert not log.exists()


def test_roots_of_version_0_1_stand_first(roots: Path, log: Path) -> None:
    old = json.dumps({"at": "2026", "seq": 1, "hash": "ab", "key": "k", "signature": ""})
    write(roots, [old])
    assert sign(roots, log) == 1


def test_only_keys_of_the_register_sign_its_roots(roots: Path, log: Path) -> None:
    with pytest.raises(Refused, match="root 1 was signed with none of these keys"):
        sign(roots, log, register_keys=[ed25519.public_pem(OTHER)])
    assert sign(roots, log, register_keys=[ed25519.public_pem(OTHER), ed25519.public_pem(REGISTER)]) == 3


def test_a_file_without_roots_is_bad_input(tmp_path: Path, log: Path) -> None:
    with pytest.raises(BadInput, match="no daily roots"):
        sign(tmp_path / "missing", log)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_log_itself_is_a_signed_chain(roots: Path, log: Path, number: int) -> None:
    sign(roots, log)
    lines = list(read_lines(log))
    edited = json.loads(lines[number]) | {"at": "2020-01-01"}
    write(log, [*lines[:number], json.dumps(edited, sort_keys=True), *lines[number + 1 :]])
    with pytest.raises(Refused, match=f"line {number + 1} of .* was not signed"):
        read_log(log, PEM)
    write(log, lines[:number] + lines[number + 1 :])
    if number < 2:
        with pytest.raises(Refused, match=f"line {number + 1} of .* does not follow"):
            read_log(log, PEM)
    write(log, [*lines[:number], "{", *lines[number + 1 :]])
    with pytest.raises(Refused, match=f"line {number + 1} of .* is damaged"):
        read_log(log, PEM)


def test_another_key_reads_no_log(roots: Path, log: Path) -> None:
    sign(roots, log)
    with pytest.raises(Refused, match="not signed with this key"):
        read_log(log, ed25519.public_pem(OTHER))


def test_an_empty_log_fits_every_file(roots: Path) -> None:
    compare([], list(read_lines(roots)))


def test_the_command_keeps_its_key_and_states_the_counts(
    roots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "register.pem"
    key.write_bytes(ed25519.public_pem(REGISTER))
    command = ["witness", str(roots), "--folder", str(tmp_path / "w"), "--register-key", str(key)]
    main(command)
    assert "3 roots are unchanged; 3 of them are new" in capsys.readouterr().out
    main(command)
    assert "3 roots are unchanged; 0 of them are new" in capsys.readouterr().out
    assert len(read_log(tmp_path / "w" / "countersigned.jsonl", (tmp_path / "w" / "witness.pem").read_bytes())) == 3
    assert (tmp_path / "w" / "witness.key").stat().st_mode & 0o077 == 0
    write(roots, root_lines(2))
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 1
    assert "root 3 is missing" in capsys.readouterr().err


def test_a_key_that_cannot_be_read_is_named(roots: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["witness", str(roots), "--folder", str(roots.parent / "w"), "--register-key", "missing.pem"])
    assert ended.value.code == 2
    assert "missing.pem" in capsys.readouterr().err


def test_a_log_goes_on_under_another_hash(roots: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sign(roots, log) == 3
    write(roots, root_lines(4))
    monkeypatch.setenv(hashes.VARIABLE, "SHA3-256")
    assert sign(roots, log) == 1
    monkeypatch.delenv(hashes.VARIABLE)
    write(roots, root_lines(5))
    assert sign(roots, log) == 1
    assert [entry.hashed_by for entry in read_log(log, PEM)] == ["", "", "", "SHA3-256", ""]
