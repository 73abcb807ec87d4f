"""Differences of two versions of a pack: codes by list, facts, and confirmations that end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kerege.core.pack_checks.compare_packs import compare_codes, compare_facts
from kerege.vocabulary import confirmations
from kerege.vocabulary.pack import find_pack
from kerege.vocabulary.pack.pack import read_pack
from kerege.vocabulary.profile import read_profile
from tests.vocabulary.pack.pack_folder import copy_pack, replace_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    return copy_pack(tmp_path / "pack")


def test_equal_packs_have_no_difference(folder: Path) -> None:
    assert [*compare_codes(find_pack("kz"), read_pack(folder, "folder"))] == []
    assert [*compare_facts(find_pack("kz"), read_pack(folder, "folder"))] == []


def test_retired_relabelled_new_and_lost_codes_are_told(folder: Path) -> None:
    rows = "code,parent,htcds,from,until,succeeds,old_records,label:kk,label:ru,label:en\n"
    rows += "10,KZ,,,2026-12-31,,,Абай облысы,Абайская область,Abai Region\n"
    rows += "11,KZ,,,,,,Ақмола облысы,Акмолинская область,Akmola\n"
    rows += "90,KZ,,2027-01-01,,10,ask,Жаңа,Новая,New\n"
    (folder / "lists" / "region.csv").write_text(rows, encoding="utf-8")
    changes = [*compare_codes(find_pack("kz"), read_pack(folder, "folder"))]
    words_by_code = {(change.code, change.words) for change in changes if change.words != "is gone"}
    assert words_by_code == {
        ("10", "is retired after 2026-12-31"),
        ("11", 'has another label in en: "Akmola Region", now "Akmola"'),
        ("90", "is new from 2027-01-01, succeeds 10, old records: ask"),
    }
    assert {change.code for change in changes if change.words == "is gone"} >= {"15", "75"}


def test_a_changed_fact_is_told_and_its_confirmation_ends(folder: Path) -> None:
    facts = {fact.path: fact.fact for fact in read_profile(find_pack("kz")).facts()}
    for path in ("clocks.host_notice", "hotline"):
        row = confirmations.Confirmation(path, confirmations.digest_of(facts[path]), "L", "D", date(2026, 1, 1))
        confirmations.write([*confirmations.read_home().values(), row])
    replace_text(folder / "profile.toml", 'number = "11616"', 'number = "1899"')
    replace_text(folder / "profile.toml", "months = 6", "months = 7")
    changes = {change.path: change for change in compare_facts(find_pack("kz"), read_pack(folder, "folder"))}
    assert set(changes) == {"hotline", "service_term"}
    assert "number=11616" in changes["hotline"].before
    assert "number=1899" in changes["hotline"].after
    assert (changes["hotline"].ends_confirmation, changes["service_term"].ends_confirmation) == (True, False)
