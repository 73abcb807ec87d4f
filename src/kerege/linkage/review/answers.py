"""File of answers: a line of JSON for each one, on the disk before the next question.

The first line describes the sample. A line holds the ids of two records and an answer, and no name. A process that is
killed loses at most the answer that it was writing: a last line without its end is no answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.linkage.review.sample import BANDS, SampledPair

FORMAT = "kerege-link-answers/1"
Answer = Literal["same", "different", "unsure"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True)
class SampleOrigin:
    """Origin of a sample: file hashes, version of the model, seed, and pairs in each band."""

    files: Mapping[str, str]
    model: str
    seed: int
    pairs: list[int]

    def as_dict(self) -> dict[str, object]:
        """Return the first line of a file of answers."""
        pairs = [{"from": least, "pairs": count} for least, count in zip(BANDS, self.pairs, strict=True)]
        origin = {"files": dict(self.files), "model": self.model, "seed": self.seed, "bands": pairs}
        return {"format": FORMAT, **origin}


@dataclass(frozen=True)
class AnsweredPair:
    """Answer about a pair: ids of its records, match probability and band when it was drawn."""

    left: str
    right: str
    answer: Answer
    probability: float
    band: int


@dataclass
class Answers:
    """Answers of one file; the last answer about a pair counts."""

    origin: SampleOrigin
    pairs: dict[tuple[str, str], AnsweredPair] = field(default_factory=dict)

    def of(self, pair: SampledPair) -> Answer | None:
        """Return the answer about a pair, None without one."""
        answered = self.pairs.get((pair.left, pair.right))
        return answered.answer if answered else None

    def labels(self) -> pl.DataFrame:
        """Return left, right and is_match (a Boolean) of the pairs with an answer other than 'unsure'."""
        rows = [(pair.left, pair.right, pair.answer == "same") for pair in self.decided()]
        return pl.DataFrame(rows, schema={"left": pl.String, "right": pl.String, "is_match": pl.Boolean}, orient="row")

    def decided(self) -> list[AnsweredPair]:
        """Return the pairs with an answer other than 'unsure'."""
        return [pair for pair in self.pairs.values() if pair.answer != "unsure"]


def read_answers(path: Path | str) -> Answers:
    """Read a file of answers.

    Parameters
    ----------
    path : Path or str
        File that `kerege link review` wrote.

    Returns
    -------
    Answers
        `labels` gives them to `link`.

    Raises
    ------
    BadInput
        If the file is none, or if a line before the last is no answer.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> origin = SampleOrigin({"a.csv": "0" * 64}, "persons-1", 0, [1] * len(BANDS))
    >>> with TemporaryDirectory() as folder:
    ...     with AnswerFile(Path(folder, "answers.jsonl"), origin) as file:
    ...         file.add(SampledPair((0, 1), "1", "2", 0.97, 6), "same")
    ...     read_answers(Path(folder, "answers.jsonl")).labels().rows()
    [('1', '2', True)]
    """
    path = Path(path)
    wrong = BadInput(Fault("is no file of answers", "give a file that `kerege link review` wrote", path.name))
    try:
        *lines, _unfinished = path.read_text("utf-8", errors="replace").split("\n")
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", path.name)) from None
    try:
        answers = Answers(_read_origin(lines[0]))
        for line in lines[1:]:
            pair = _read_answer(line)
            answers.pairs[pair.left, pair.right] = pair
    except (ValueError, KeyError, TypeError, IndexError):
        raise wrong from None
    return answers


def _read_origin(line: str) -> SampleOrigin:
    stored = json.loads(line)
    if stored["format"] != FORMAT or [band["from"] for band in stored["bands"]] != list(BANDS):
        raise ValueError
    return SampleOrigin(stored["files"], stored["model"], stored["seed"], [band["pairs"] for band in stored["bands"]])


def _read_answer(line: str) -> AnsweredPair:
    pair = AnsweredPair(**json.loads(line))
    if pair.answer not in ANSWERS or not 0 <= pair.band < len(BANDS):
        raise ValueError
    return pair


class AnswerFile:
    """Open file of answers, to which a person adds. Only its owner can read it."""

    def __init__(self, path: Path, origin: SampleOrigin) -> None:
        """Open the file, or begin it. Raises BadInput if it is about another sample."""
        self.answers = Answers(origin)
        is_begun = path.exists() and b"\n" in path.read_bytes()
        if is_begun:
            self.answers = read_answers(path)
            if self.answers.origin != origin:
                todo = "give the same files, --map, --id, --model and --seed as before, or another --answers"
                raise BadInput(Fault("its answers are about another sample", todo, path.name))
            _cut_unfinished_line(path)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if is_begun else os.O_TRUNC), 0o600)
        self._file = os.fdopen(descriptor, "ab")
        if not is_begun:
            self._write(origin.as_dict())

    def __enter__(self) -> AnswerFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, pair: SampledPair, answer: Answer) -> None:
        """Write an answer; it is on the disk when this returns."""
        answered = AnsweredPair(pair.left, pair.right, answer, pair.probability, pair.band)
        self._write(vars(answered))
        self.answers.pairs[pair.left, pair.right] = answered

    def _write(self, value: Mapping[str, object]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _cut_unfinished_line(path: Path) -> None:
    """Remove a last line without its end, which a killed process left."""
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        with path.open("r+b") as file:
            file.truncate(end)
