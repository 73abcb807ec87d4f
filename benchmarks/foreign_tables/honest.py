"""Honest tables in foreign layouts: `python -m benchmarks.foreign_tables.honest [NUMBER OF FOLDERS]`.

Each folder has one to three tables of an invented register, with small figures suppressed. A manifest states what they
count, and with it they are safe. The same tables are then written as other publishers write them, with no manifest.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.foreign_tables.plants import csv_text
from kerege.base.errors import BadInput, Fault, Refused
from kerege.cli.attack_files import assess_files
from kerege.evidence.counting.frequency_table import PERTURBED, TOTAL, Table, to_csv
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.options import PLAIN
from kerege.evidence.sdc.suppression.protection import protect

FOLDERS = 1_500
COLUMNS = {
    "sex": ("female", "male"),
    "age": ("0-17", "18-29", "30-44", "45+"),
    "region": ("Abai", "Akmola", "Aktobe", "Almaty", "Atyrau", "Karaganda", "Kostanay", "Pavlodar"),
    "form": ("Sexual exploitation", "Forced labour", "Domestic servitude", "Criminal exploitation"),
    "citizenship": ("Kazakhstan", "Uzbekistan", "Kyrgyzstan", "Tajikistan", "Other"),
    "year": ("2022", "2023", "2024"),
    "helper": ("Police", "Relative", "Passer-by", "Doctor", "Colleague"),  # no name of a known classification
}
NAMES = (
    {name: name.capitalize() for name in COLUMNS},
    {"sex": "Пол", "age": "Возраст", "region": "Область", "citizenship": "Гражданство", "year": "Год"}
    | {"form": "Вид эксплуатации", "helper": "Кто помог"},
)


def register(rng: np.random.Generator) -> pl.DataFrame:
    """Return people of an invented register, with uneven shares of values."""
    people = int(rng.integers(300, 5_000))
    shares = {name: rng.dirichlet(np.full(len(values), 2.0)) for name, values in COLUMNS.items()}
    return pl.DataFrame({name: rng.choice(values, people, p=shares[name]) for name, values in COLUMNS.items()})


def tables_of(rng: np.random.Generator) -> list[Table]:
    """Return one to three protected tables by one or two columns."""
    people = register(rng)
    tables = []
    for number in range(int(rng.integers(1, 4))):
        by = rng.choice([*COLUMNS], int(rng.integers(1, 3)), replace=False).tolist()
        table = Table.from_frame(people, by, name=f"table{number + 1}")
        tables.append(protect(table, threshold=10))
    if any((table.status == PERTURBED).any() for table in tables):
        raise Refused(Fault("the layouts of other publishers here do not state a rounding", "draw other tables"))
    return tables


def is_safe_with_manifest(tables: Sequence[Table]) -> bool:
    """Return whether the tables are safe when a manifest states what they count."""
    with tempfile.TemporaryDirectory() as folder:
        entries = []
        for table in tables:
            Path(folder, f"{table.name}.csv").write_text(to_csv(table), encoding="utf-8")
            entries.append({"name": table.name, "file": f"{table.name}.csv", "of": "records", "by": list(table.by)})
        Path(folder, "manifest.json").write_text(json.dumps({"tables": entries}), encoding="utf-8")
        return assess_files(Path(folder), [], 10, PLAIN).safe


def foreign_text(table: Table, rng: np.random.Generator, names: dict[str, str]) -> str:
    """Return a table as a list of cells or a crosstab, with or without totals and the name of its columns."""
    has_total = rng.random() < 0.6
    mark = str(rng.choice(["x", "c", "*", ":"]))
    axes = [
        [code for code in axis if code != TOTAL] + ([TOTAL] if has_total else []) for axis in map(tuple, table.axes)
    ]
    figures = {keys: mark if cell.count is None else cell.count for keys, cell in table.cells.items()}
    labels = {TOTAL: str(rng.choice(["Total", "Всего", "All"]))}
    by = [names[name] for name in table.by]
    if len(by) == 1 or rng.random() < 0.3:
        rows = [keys for keys in figures if all(key in axis for key, axis in zip(keys, axes, strict=True))]
        body = [[*[labels.get(key, key) for key in keys], figures[keys]] for keys in rows]
        return csv_text([*by, "Persons"], *body)
    corner = by[0] if rng.random() < 0.8 else ""
    head = [corner, *[labels.get(code, code) for code in axes[1]]]
    body = [[labels.get(row, row), *[figures.get((row, code), "") for code in axes[1]]] for row in axes[0]]
    title = [[f"Persons by {' and '.join(table.by)}"]] if rng.random() < 0.5 else []
    return csv_text(*title, head, *body)


def answer_of(tables: Sequence[Table], rng: np.random.Generator) -> AttackReport | None:
    """Return the report on the tables in a foreign layout, None if they are refused."""
    names = NAMES[int(rng.integers(len(NAMES)))]
    with tempfile.TemporaryDirectory() as folder:
        for table in tables:
            Path(folder, f"{table.name}.csv").write_text(foreign_text(table, rng, names), encoding="utf-8")
        try:
            return assess_files(Path(folder), [], 10, PLAIN)
        except BadInput:
            return None


def main(folders: int) -> None:
    """Print the answers to honest folders, and the notes of those that are not called safe."""
    answers: Counter[str] = Counter()
    seed = 0
    while answers.total() < folders:
        seed += 1
        rng = np.random.default_rng(seed)
        try:
            tables = tables_of(rng)
        except Refused:
            continue
        if not is_safe_with_manifest(tables):
            continue
        report = answer_of(tables, rng)
        answer = "refused" if report is None else _answer(report)
        answers[answer] += 1
        if report and not report.safe:
            print(f"{seed:5} {answer:10} {' | '.join(str(table.by) for table in tables)}: {_why(report)}", flush=True)
    print(", ".join(f"{number} {answer}" for answer, number in answers.most_common()))


def _answer(report: AttackReport) -> str:
    return "safe" if report.safe else "disclosed" if report.disclosures else "undecided"


def _why(report: AttackReport) -> str:
    doubts = [note for note in report.notes if "undecided" in note or "Both were" in note]
    return next(iter(doubts or [" ".join(finding.words) for finding in report.disclosures]), "")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else FOLDERS)
