"""The dialogue: every pair once, back to correct, stop and continue, and no probability in a question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from kerege.linkage.review.answers import AnswerFile, SampleOrigin
from kerege.linkage.review.judge import PairQuestion, judge_pairs
from kerege.linkage.review.sample import BANDS, SampledPair

PAIRS = [SampledPair((row, row + 1), f"r{row}", f"s{row}", 0.97, 6) for row in range(4)]
ORIGIN = SampleOrigin({}, "persons-1", 0, [5] * len(BANDS))


def judge(folder: Path, keys: str) -> tuple[list[int], list[str | None], int]:
    """Return the numbers of the questions, the answers, and the number of pairs without one."""
    asked: list[int] = []
    pressed: Iterator[str] = iter(keys)

    def ask(question: PairQuestion) -> str:
        asked.append(question.number)
        return next(pressed)

    with AnswerFile(folder / "a.jsonl", ORIGIN) as file:
        missing = judge_pairs(PAIRS, file, ask)
        return asked, [file.answers.of(pair) for pair in PAIRS], missing


def test_every_pair_is_asked_once(tmp_path: Path) -> None:
    assert judge(tmp_path, "sdus") == ([1, 2, 3, 4], ["same", "different", "unsure", "same"], 0)
    assert judge(tmp_path, "") == ([], ["same", "different", "unsure", "same"], 0)


def test_a_person_goes_back_and_corrects_an_answer(tmp_path: Path) -> None:
    asked, answers, missing = judge(tmp_path, "ssbdq")
    assert (asked, missing) == ([1, 2, 3, 2, 3], 2)
    assert answers == ["same", "different", None, None]


def test_a_person_stops_and_continues_at_the_first_open_pair(tmp_path: Path) -> None:
    assert judge(tmp_path, "Sq")[0] == [1, 2]
    assert judge(tmp_path, "xdq")[:2] == ([2, 2, 3], ["same", "different", None, None])


def test_a_question_names_no_probability_beside_the_pair() -> None:
    assert {field.name for field in fields(PairQuestion)} == {"pair", "number", "size", "earlier"}
