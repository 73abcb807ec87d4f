"""Reviewed tables: every row is needed by a reviewed pair of names."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kerege.linkage.names import fold, folding, rule_tables, skeleton, stem

PAIRS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "name_pairs.csv").read_text("utf-8").splitlines()))
LEVELS: dict[str, Callable[[str], str]] = {"fold": fold, "stem": stem, "skeleton": skeleton}
STAGES = {"writing": "WRITING", "spelling": "SPELLING", "sound": "SOUND"}


def _strictest(a: str, b: str) -> str:
    return next((level for level, write in LEVELS.items() if write(a) == write(b)), "different")


def _forget() -> None:
    folding.fold_word.cache_clear()
    folding.stem_and_kind.cache_clear()
    folding._reduce_to_skeleton.cache_clear()


@pytest.fixture
def tried() -> Iterator[None]:
    yield
    _forget()


def _some_pair_breaks(pairs: list[dict[str, str]]) -> bool:
    _forget()
    return any(_strictest(pair["a"], pair["b"]) != pair["agree"] for pair in pairs)


def test_the_digest_follows_each_table_except_those_that_only_write_names() -> None:
    """A changed table changes `FOLD_VERSION`, so that the index is built anew."""
    tables = {path.name for path in (Path(rule_tables.__file__).parent / "data").glob("*.csv")}
    assert tables - set(rule_tables._DIGEST_FILES) == {"languages.csv", "scheme_letters.csv", "schemes.csv"}


def _rules() -> list[tuple[str, int]]:
    return [(stage, i) for stage, name in STAGES.items() for i in range(len(getattr(rule_tables, name)))]


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize(("stage", "at"), _rules(), ids=str)
def test_each_rule_is_needed(monkeypatch: pytest.MonkeyPatch, stage: str, at: int) -> None:
    rules = getattr(rule_tables, STAGES[stage])
    with monkeypatch.context() as patch:
        patch.setattr(rule_tables, STAGES[stage], [*rules[:at], *rules[at + 1 :]])
        assert _some_pair_breaks(PAIRS), rules[at]


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("at", range(len(rule_tables.ENDINGS)))
def test_each_ending_is_needed(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rule_tables, "ENDINGS", [*rule_tables.ENDINGS[:at], *rule_tables.ENDINGS[at + 1 :]])
        assert _some_pair_breaks(PAIRS), rule_tables.ENDINGS[at]


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("table", ["LETTERS", "TOTE"])
def test_each_letter_is_needed(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    letters = getattr(rule_tables, table)
    idle = []
    # anyascii would read some letters as the table does: the table is to know them by itself
    monkeypatch.setattr(folding, "anyascii", lambda text: "")
    for letter in letters:
        with monkeypatch.context() as patch:
            patch.setattr(rule_tables, table, {k: v for k, v in letters.items() if k != letter})
            pairs = [p for p in PAIRS if chr(letter) in folding.normalise_text(p["a"] + " " + p["b"])]
            if not _some_pair_breaks(pairs):
                idle.append(chr(letter))
    assert not idle
