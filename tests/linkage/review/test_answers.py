"""File of answers: on the disk at once, whole after a kill, without names, and of one sample."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.linkage.review.answers import ANSWERS, AnswerFile, SampleOrigin, read_answers
from kerege.linkage.review.sample import BANDS, SampledPair

ORIGIN = SampleOrigin({"a.csv": "0" * 64}, "persons-1", 0, [5] * len(BANDS))
PAIRS = [SampledPair((row, row + 1), f"r{row}", f"s{row}", 0.97, 6) for row in range(4)]


def test_an_answer_is_on_the_disk_before_the_next_question_and_the_last_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, ORIGIN) as file:
        for pair, answer in zip(PAIRS, ("same", "different", "unsure", "same"), strict=True):
            file.add(pair, answer)  # type: ignore[arg-type]  # the words of `Answer`
            assert read_answers(path).of(pair) == answer
        file.add(PAIRS[0], "different")
    answers = read_answers(path)
    assert answers.origin == ORIGIN
    assert answers.labels().rows() == [("r0", "s0", False), ("r1", "s1", False), ("r3", "s3", True)]


def test_a_killed_process_loses_at_most_the_answer_that_it_was_writing(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, ORIGIN) as file:
        for pair in PAIRS[:2]:
            file.add(pair, "same")
    whole = path.read_bytes()
    second_line = whole.index(b"\n") + 1
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        with AnswerFile(path, ORIGIN) as file:
            kept = len(file.answers.pairs)
            file.add(PAIRS[2], "different")
        assert kept == max(whole[:end].count(b"\n") - 1, 0), end
        assert len(read_answers(path).pairs) == kept + 1
        assert end < second_line or path.read_bytes().startswith(whole[: whole.rfind(b"\n", 0, end) + 1])


def test_the_file_holds_ids_and_answers_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, ORIGIN) as file:
        file.add(PAIRS[0], "same")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text("utf-8").splitlines()[1])) == {
        "left",
        "right",
        "answer",
        "probability",
        "band",
    }


def test_answers_about_another_sample_are_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, ORIGIN) as file:
        file.add(PAIRS[0], "same")
    before = path.read_bytes()
    with pytest.raises(BadInput, match="about another sample"):
        AnswerFile(path, SampleOrigin({"b.csv": "1" * 64}, "persons-1", 0, ORIGIN.pairs))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    ["", "left,right\n", "{}\n", '{"format": "kerege-link-answers/2", "bands": []}\n', "\ufffd\n"],
)
def test_another_file_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.jsonl").write_text(text, "utf-8")
    with pytest.raises(BadInput, match="is no file of answers"):
        read_answers(tmp_path / "x.jsonl")


def test_a_wrong_line_before_the_last_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    with AnswerFile(path, ORIGIN) as file:
        for answer in ANSWERS:
            file.add(PAIRS[0], answer)
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace("same", "perhaps"), lines[2]]) + "\n", "utf-8")
    with pytest.raises(BadInput, match="is no file of answers"):
        read_answers(path)
