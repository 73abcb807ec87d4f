"""Checks before a count: the same files, different lists, every list, one key and one folding version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.linkage.tokens import published_counts, study_log
from kerege.linkage.tokens.study_key import Terms
from kerege.linkage.tokens.study_log import (
    StudyLog,
    check_compatible,
    check_complete,
    check_different,
    check_same_files,
)
from kerege.linkage.tokens.token_file import Header, Tokens

TERMS = Terms(("police", "shelter", "consulate"))


def tokens(name: str, numbers: range = range(100), **parts: Any) -> Tokens:
    """Return a token file with a document token for each number."""
    terms, columns = parts.pop("terms", TERMS), parts.pop("columns", ("documents",))
    values = {"study": "2026", "key": "k" * 16, "fold": "3"} | parts
    header = Header(values["study"], values["key"], terms, values["fold"], name, len(numbers), 0, {}, "2026-11-28")
    frame = pl.DataFrame({column: [[f"{number:016x}"] for number in numbers] for column in columns})
    return Tokens(Path(f"{name}.parquet"), header, frame)


def faults(*lists: Tokens) -> list[tuple[str, str]]:
    """Return (file, problem) of each fault."""
    try:
        check_compatible(lists)
    except BadInput as bad:
        return [(fault.file, fault.what) for fault in bad.faults]
    return []


# -- compatible files --------------------------------------------------------------------------------------------------
def test_different_lists_of_one_study_are_compatible() -> None:
    assert faults(tokens("police"), tokens("shelter"), tokens("consulate")) == []


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"study": "2025"}, "belongs to the study 2025, not to 2026"),
        ({"key": "o" * 16}, "was made with another key"),
        ({"terms": Terms(("police", "shelter"))}, "has other terms than the other files"),
        ({"fold": "2"}, "was folded by version 2, the others by 3"),
        ({"columns": ("sex",)}, "has no field in common with the other lists that distinguishes persons"),
    ],
)
def test_each_difference_between_two_files_is_one_fault_of_the_second(parts: dict[str, Any], problem: str) -> None:
    others = [("police.parquet", problem)] if "columns" in parts else []
    assert faults(tokens("police"), tokens("shelter", **parts)) == [*others, ("shelter.parquet", problem)]


def test_one_list_alone_or_twice_or_of_another_study_is_refused() -> None:
    assert faults(tokens("police")) == [("", "1 list cannot overlap")]
    repeated = replace(tokens("police"), path=Path("again.parquet"))
    assert faults(tokens("police"), repeated) == [("again.parquet", "is the list police again, like police.parquet")]
    assert faults(tokens("police"), tokens("hospital")) == [
        ("hospital.parquet", "is the list hospital, which the study does not have")
    ]


@pytest.mark.parametrize("column", ["sex", "birth_date", "birth_year", "birth_day", "birth_turned", "birth_near"])
def test_a_field_in_which_many_persons_agree_does_not_make_lists_comparable(column: str) -> None:
    shared = tokens("police", columns=(column, "given")), tokens("shelter", columns=(column, "family"))
    assert [file for file, _problem in faults(*shared)] == ["police.parquet", "shelter.parquet"]
    assert faults(tokens("police", columns=(column, "given")), tokens("shelter", columns=("given",))) == []


def test_a_third_list_makes_the_first_two_comparable() -> None:
    lists = tokens("police", columns=("given",)), tokens("shelter", columns=("family",))
    assert len(faults(*lists)) == 2
    assert faults(*lists, tokens("consulate", columns=("given", "family"))) == []


# -- different lists ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("last", "is_refused"), [(128, True), (129, True), (130, False), (131, False)])
def test_exact_lists_differ_in_thirty_records(last: int, is_refused: bool) -> None:
    """The lists hold the numbers 0 to 99 and 0 to `last` - 1: `last` - 100 records are on one alone."""
    exact = replace(TERMS, epsilon=None)
    numbers = {"consulate": range(500, 600), "police": range(100), "shelter": range(last)}
    lists = [tokens(name, persons, terms=exact) for name, persons in numbers.items()]
    if is_refused:
        with pytest.raises(Refused, match="police and shelter are nearly the same"):
            check_different(lists)
    else:
        check_different(lists)


@pytest.mark.parametrize(("noise", "is_refused"), [(0, True), (1, False), (-1, True)])
def test_a_noisy_study_compares_lists_with_noise_of_its_epsilon(
    noise: int, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(published_counts, "draw_noise", lambda _secret, _what, epsilon: asked.append(epsilon) or noise)
    terms = Terms(("police", "shelter"), epsilon=0.5)
    lists = [tokens("police", range(100), terms=terms), tokens("shelter", range(129), terms=terms)]
    if is_refused:
        with pytest.raises(Refused):
            check_different(lists)
    else:
        check_different(lists)
    assert asked == [0.5]


# -- the files of the first run ----------------------------------------------------------------------------------------
def test_a_later_run_takes_the_files_of_the_first_and_no_others() -> None:
    police, shelter = tokens("police"), tokens("shelter")
    known = [{"name": one.header.list, "fingerprint": one.fingerprint} for one in (police, shelter)]
    first: dict[str, Any] = {"seq": 3, "counts": [1], "lists": known}
    check_same_files([police, shelter], first)
    check_same_files([shelter], first)
    with pytest.raises(Refused, match="the list police is another file than in run 3"):
        check_same_files([shelter, tokens("police", range(99))], first)
    with pytest.raises(Refused, match="the list consulate is another file"):
        check_same_files([police, tokens("consulate")], first)
    del first["counts"]
    with pytest.raises(Refused, match="run 3 was refused"):
        check_same_files([police], first)


def test_a_study_is_counted_with_all_its_lists() -> None:
    lists = [tokens("police"), tokens("shelter"), tokens("consulate")]
    check_complete(lists)
    for missing in range(3):
        present = [one for number, one in enumerate(lists) if number != missing]
        with pytest.raises(BadInput, match=f"the study 2026 also counts {lists[missing].header.list}"):
            check_complete(present)
    with pytest.raises(BadInput, match="also counts shelter, consulate"):
        check_complete(lists[:1])


# -- the log -----------------------------------------------------------------------------------------------------------
def test_tokens_are_left_behind_by_runs_that_did_not_delete_them(tmp_path: Path) -> None:
    log, files = StudyLog(tmp_path / "log"), [tmp_path / f"{number}.parquet" for number in range(4)]
    for file in files:
        file.touch()
    with log.locked():
        log.append({"kind": "run", "files": [str(files[3]), str(files[0])]})
        log.append({"kind": "run", "files": [str(files[1])]})
        log.append({"kind": "refused", "files": [str(files[2])]})
        log.append({"kind": "encoded", "files": [str(tmp_path / "log")]})
        log.append({"kind": "deleted", "run": 2})
    assert log.left_behind() == [files[0], files[2], files[3]]
    files[0].unlink()
    assert log.left_behind() == [files[2], files[3]]


def test_the_first_run_of_a_key_is_found_among_all_entries(tmp_path: Path) -> None:
    log = StudyLog(tmp_path)
    with log.locked():
        for key in ("a", "b", "a", "b"):
            log.append({"kind": "run", "key": key})
    assert [entry["seq"] for key in "ab" if (entry := log.first(key))] == [1, 2]
    assert log.first("c") is None


def test_the_secret_of_a_log_is_made_once_and_differs_from_that_of_another(tmp_path: Path) -> None:
    one, other = StudyLog(tmp_path / "one"), StudyLog(tmp_path / "other")
    for log in (one, other):
        log.folder.mkdir()
    assert len(one.secret()) == 32
    assert one.secret() == StudyLog(one.folder).secret()
    assert one.secret() != other.secret()


def test_a_crash_between_line_and_head_loses_no_entry_and_half_a_line_is_ignored(tmp_path: Path) -> None:
    log = StudyLog(tmp_path)
    with log.locked():
        for number in range(3):
            log.append({"kind": "run", "number": number})
    lines, head = log.path.read_text().splitlines(keepends=True), log.head.read_text()
    log.path.write_text("".join(lines) + '{"kind": "ru')
    assert len(log.entries()) == 3
    # a last line without its line end counts if it is whole
    log.path.write_text("".join(lines).rstrip("\n"))
    assert len(log.entries()) == 3
    # a head of the entry before: the crash came after the line
    log.path.write_text("".join(lines))
    entries = log.entries()
    log.head.write_text(f"2 {entries[1]['hash']}\n")
    assert len(log.entries()) == 3
    for broken, line in (
        (f"2 {entries[0]['hash']}\n", 3),
        (f"4 {entries[2]['hash']}\n", 4),
        ("x\n", 0),
        (f"-1 {study_log.START}\n", 0),
    ):
        log.head.write_text(broken)
        with pytest.raises(Refused, match=f"broken at line {line}"):
            log.entries()
    log.head.write_text(head)
    assert len(log.entries()) == 3


def test_without_a_head_only_the_first_entry_is_believed(tmp_path: Path) -> None:
    log = StudyLog(tmp_path)
    with log.locked():
        log.append({"kind": "run"})
    log.head.unlink()
    assert len(log.entries()) == 1
    with log.locked():
        log.append({"kind": "run"})
    log.head.unlink()
    with pytest.raises(Refused, match="broken at line 3"):
        log.entries()
