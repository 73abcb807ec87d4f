"""`kerege link review`: a person judges pairs of a linkage in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from kerege.base.errors import BadInput, Fault
from kerege.base.files import file_hash, results_faults
from kerege.linkage.matching import link_files, model_file
from kerege.linkage.matching.labels import check_language, translate_label
from kerege.linkage.matching.link_files import Progress
from kerege.linkage.review import sample
from kerege.linkage.review.answers import AnswerFile, SampleOrigin, read_answers
from kerege.linkage.review.judge import PairQuestion, judge_pairs
from kerege.linkage.review.sample import SampledPair
from kerege.linkage.review.shown_records import ShownRecords, compare_records, read_shown_records


def check_terminal(language: str) -> None:
    """Raise BadInput for a language without words, and where names would go to a file or a pipe."""
    check_language(language)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        what = "the questions show names, and there is no terminal"
        raise BadInput(Fault(what, "run it in a terminal, without a pipe and without > FILE"))


@dataclass(frozen=True)
class Review:
    """Sample to judge: its pairs, their records as the files have them, and its origin."""

    pairs: list[SampledPair]
    records: ShownRecords
    origin: SampleOrigin


def draw_review(
    files: Sequence[Path],
    answers: Path,
    columns: Mapping[str, str],
    *,
    model: Path | None,
    size: int,
    seed: int,
    encoding: str,
    progress: Progress,
) -> Review:
    """Link the files, and draw the pairs to judge."""
    if faults := results_faults([answers], files):
        raise BadInput(faults)
    ids, frame = link_files.gather(files, columns, "", encoding=encoding)
    used_model = model_file.read(model) if model else model_file.load_bundled_model()
    linked = link_files.link_records(
        ids, frame, used_model, least=sample.LEAST, train=model is None, seed=seed, progress=progress
    )
    hashes = {str(path): file_hash(path) for path in files}
    origin = SampleOrigin(hashes, linked.model.version, seed, sample.count_bands(linked))
    records = read_shown_records(files, columns, encoding)
    return Review(sample.draw_sample(linked, size, seed), records, origin)


def judge(review: Review, answers: Path, lang: str) -> tuple[int, int]:
    """Ask about the pairs on a screen of its own; return the numbers of answers, and of pairs without one.

    The terminal shows its earlier content afterwards, so no name stays in it.
    """
    with AnswerFile(answers, review.origin) as file, Console().screen(hide_cursor=True) as screen:

        def ask(question: PairQuestion) -> str:
            screen.update(_draw_question(question, review.records, lang))
            return typer.getchar()

        missing = judge_pairs(review.pairs, file, ask)
        return len(file.answers.pairs), missing


def _draw_question(question: PairQuestion, records: ShownRecords, lang: str) -> Group:
    """Return the two records side by side, the question and the keys."""

    def word(key: str, **values: object) -> str:
        return translate_label(key, lang).format(**values)

    table = Table(show_edge=False, pad_edge=False, padding=(0, 3, 0, 0))
    for heading in ("", Text(question.pair.left), Text(question.pair.right)):
        table.add_column(heading, overflow="fold")
    for role, *values in compare_records(*(records.of(row) for row in question.pair.rows)):
        label = translate_label(f"role {role}", lang)
        name = translate_label(role, lang) if label == f"role {role}" else label
        table.add_row(name, *map(Text, values))
    lines = [word("review progress", number=question.number, size=question.size), ""]
    earlier = [word("review earlier", answer=word(question.earlier))] if question.earlier else []
    end = ["", word("review question"), word("review keys"), *earlier]
    return Group(*map(Text, lines), table, *map(Text, end))


def read_labels(answers: Path | None) -> pl.DataFrame | None:
    """Return the labels of a file of answers; None without a file."""
    return read_answers(answers).labels() if answers else None
