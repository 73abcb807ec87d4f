"""Log of encoded lists: which earlier studies an agency is warned of, and what the sketch reveals."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import Refused
from kerege.linkage.tokens import encoding_log, study_log
from kerege.linkage.tokens.published_counts import study_loss
from kerege.linkage.tokens.study_key import MOST_LISTS, Key
from kerege.linkage.tokens.study_log import StudyLog
from tests.linkage.invented_lists import new_key

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
FOLK = [f"person {number}" for number in range(500)]


class Clock:
    """The part of `datetime` that the logs read, at a time that a test sets."""

    at = NOW

    @classmethod
    def now(cls, zone: Any) -> datetime:
        return cls.at.astimezone(zone)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    """Return a clock that both logs read."""
    for module in (encoding_log, study_log):
        monkeypatch.setattr(module, "datetime", Clock)
    monkeypatch.setattr(Clock, "at", NOW)
    return Clock


@pytest.fixture
def log(tmp_path: Path) -> StudyLog:
    return StudyLog(tmp_path / "encoded")


def encode(log: StudyLog, key: Key, name: str, people: list[str]) -> list[str]:
    """Log an encoded list, and return the studies of the warning."""
    with log.locked():
        earlier = encoding_log.earlier_studies(log, key, name, people)
        encoding_log.log_encoding(log, key, name, people)
        return [entry["study"] for entry in earlier]


@pytest.mark.parametrize(("days", "seconds", "warned"), [(365, 0, True), (365, 1, False), (1, 0, True)])
def test_an_earlier_study_counts_for_a_year(
    log: StudyLog, clock: type[Clock], days: int, seconds: int, warned: bool
) -> None:
    encode(log, new_key("spring"), "police", FOLK)
    clock.at = NOW + timedelta(days=days, seconds=seconds)
    assert encode(log, new_key("autumn"), "police", FOLK) == (["spring"] if warned else [])


def test_a_list_of_the_same_name_counts_even_with_other_persons(log: StudyLog) -> None:
    encode(log, new_key("spring"), "police", FOLK)
    assert encode(log, new_key("autumn"), "police", [f"other {number}" for number in range(500)]) == ["spring"]


def test_a_list_of_another_name_counts_if_most_of_its_persons_are_the_same(log: StudyLog) -> None:
    """The differing records are estimated, and compared with 80% of the larger list."""
    key = new_key("spring")
    with log.locked():
        ours = encoding_log.build_sketch(FOLK, log.secret())
        for distance, name in ((0.79, "near"), (0.81, "far")):
            # one sum moved by d changes the estimate by d² / 64
            moved = round((distance * 500 * 64) ** 0.5)
            sketch = [ours[0] + moved, *ours[1:]]
            about = {"study": name, "key": name, "list": name, "records": 300, "epsilon": 1.0}
            log.append({"kind": "encoded", "sketch": sketch, **about})
    assert encode(log, key, "police", FOLK) == ["near"]


def test_a_study_with_the_same_key_is_no_repetition_and_counts_once(log: StudyLog) -> None:
    spring, autumn = new_key("spring"), new_key("autumn")
    for _ in range(2):
        assert encode(log, spring, "police", FOLK) == []
    assert encode(log, autumn, "police", FOLK) == ["spring"]
    assert encode(log, autumn, "police", FOLK) == ["spring"]
    assert sorted(encode(log, new_key("winter"), "police", FOLK)) == ["autumn", "spring"]


def test_an_entry_holds_the_size_the_epsilon_and_a_sketch(log: StudyLog) -> None:
    key = new_key("spring", epsilon=1.5)
    encode(log, key, "police", FOLK)
    (entry,) = log.entries()
    assert (entry["kind"], entry["study"], entry["key"], entry["list"]) == (
        "encoded",
        "spring",
        key.fingerprint,
        "police",
    )
    assert (entry["records"], entry["epsilon"]) == (500, 1.5)
    assert entry["sketch"] == encoding_log.build_sketch(FOLK, log.secret())


def test_a_sketch_sums_the_signs_that_a_keyed_hash_draws_for_each_record() -> None:
    secret, rows = b"s" * 32, ["a", "b", "b"]
    expected = [0] * 64
    for row in rows:
        digest = int.from_bytes(hmac.digest(secret, row.encode(), "sha256")[:8], "big")
        for position in range(64):
            expected[position] += 1 if digest >> (63 - position) & 1 else -1
    assert encoding_log.build_sketch(rows, secret) == expected
    assert encoding_log.estimate_difference(expected, expected) == 0.0
    assert encoding_log.estimate_difference([3, 1], [1, 2]) == (4 + 1) / 2


def test_a_record_is_described_by_names_birth_date_and_documents_alone() -> None:
    frame = pl.DataFrame(
        {
            "sex": ["f", "m"],
            "documents": [["N1", "N2"], None],
            "family": ["serik", None],
            "birth_date": ["1990-01-02", "1991"],
        }
    )
    assert encoding_log.people(frame) == ["serik|1990-01-02|N1;N2", "|1991|"]
    assert encoding_log.people(frame.select("sex", "family")) == ["serik", ""]


@pytest.mark.parametrize(
    ("own", "earlier", "words"),
    [
        (1.0, [0.5], "together with epsilon 1.5;"),
        (1.0, [0.25, 0.25], "together with epsilon 1.5;"),
        (None, [0.5], "with exact counts;"),
        (1.0, [0.5, None], "with exact counts;"),
    ],
)
def test_a_warning_adds_up_what_the_studies_disclose(
    own: float | None, earlier: list[float | None], words: str
) -> None:
    entries = [{"study": f"study {number}", "epsilon": epsilon} for number, epsilon in enumerate(earlier)]
    text = encoding_log.repetition_warning(new_key("autumn", epsilon=own), "police", entries)
    assert words in text
    assert text.startswith(f"most of police was encoded for {', '.join(entry['study'] for entry in entries)} ")  # type: ignore[misc]


# -- the budget of a year ----------------------------------------------------------------------------------------------
def test_studies_of_a_year_are_refused_beyond_the_budget_unless_the_log_has_a_reason(log: StudyLog) -> None:
    two_lists = ("police", "shelter")
    for number in range(2):
        key = new_key(f"study-{number}", two_lists, epsilon=1.0)
        with log.locked():
            encoding_log.check_budget(key, "police", encoding_log.earlier_studies(log, key, "police", FOLK))
        encode(log, key, "police", FOLK)
    key = new_key("third", two_lists, epsilon=0.05)
    with log.locked():
        earlier = encoding_log.earlier_studies(log, key, "police", FOLK)
        with pytest.raises(Refused, match=r"privacy loss of each person is 4\.1"):
            encoding_log.check_budget(key, "police", earlier)
        encoding_log.check_budget(key, "police", earlier, "asked by the parliament")
        encoding_log.log_encoding(log, key, "police", FOLK, "asked by the parliament")
    assert log.entries()[-1]["reason"] == "asked by the parliament"


def test_a_first_study_of_any_terms_is_within_the_budget(log: StudyLog) -> None:
    for epsilon in (None, 5.0):
        encoding_log.check_budget(new_key("first", epsilon=epsilon), "police", [])


def test_an_entry_without_its_number_of_lists_counts_as_a_study_of_the_most_lists() -> None:
    key = new_key("next", ("police", "shelter"), epsilon=0.1)
    expected = study_loss(0.1, 2) + study_loss(0.1, MOST_LISTS)
    assert encoding_log.total_loss(key, [{"study": "old", "epsilon": 0.1}]) == pytest.approx(expected)


def guess_rate(studies: int, epsilon: float) -> float:
    """Return how often an intruder guesses right who knows the three counts that a person moves."""
    chance, rate = np.random.default_rng(1), np.exp(-epsilon / 2)
    draws = chance.geometric(1 - rate, (2, 4_000, 3 * studies)) - 1
    noise = draws[0] - draws[1]
    ratio = np.stack([np.abs(noise + is_there) - np.abs(noise + is_there - 1) for is_there in (0, 1)]).sum(-1)
    return float(((ratio[0] < 0).mean() + (ratio[1] > 0).mean() + (ratio == 0).mean()) / 2)


def test_the_budget_keeps_a_guess_of_membership_far_below_that_of_sixteen_studies() -> None:
    within = [(int(encoding_log.BUDGET // study_loss(epsilon, 2)), epsilon) for epsilon in (1.0, 0.5, 0.25)]
    assert [studies for studies, _ in within] == [2, 4, 8]
    assert guess_rate(16, 1.0) > 0.94
    assert all(guess_rate(*case) < 0.75 for case in within)
