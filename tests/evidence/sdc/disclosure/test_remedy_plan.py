"""One plan that stops all disclosures: the files, written as it says, are safe."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.options import PLAIN

SEXES, AREAS, AGES = ("Men", "Women"), ("North", "South", "East", "West"), ("0-17", "18-29", "30+")


def write(folder: Path, seed: int) -> None:
    """Write three linked tables of invented people, with small figures and totals."""
    rng = np.random.default_rng(seed)
    people = np.stack([rng.choice(len(axis), 300, p=rng.dirichlet([0.8] * len(axis))) for axis in (AREAS, SEXES, AGES)])
    for name, columns in {"t": (0, 1), "age": (2,), "both": (1, 2)}.items():
        axes = [(AREAS, SEXES, AGES)[column] for column in columns]
        labels = [[("Area", "sex", "age")[column] for column in columns] + ["count"]]
        for place in np.ndindex(*[len(axis) + 1 for axis in axes]):
            inside = np.ones(people.shape[1], dtype=bool)
            for column, code, axis in zip(columns, place, axes, strict=True):
                inside &= (people[column] == code - 1) if code else np.full(people.shape[1], len(axis) > 0)
            codes = [axis[code - 1] if code else "Total" for axis, code in zip(axes, place, strict=True)]
            labels.append([*codes, str(int(inside.sum()))])
        with (folder / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(labels)


def carry_out(folder: Path, report: AttackReport) -> None:
    """Write x in place of the figures that the plan names, and remove the tables that it leaves out."""
    assert report.plan is not None
    for step in report.plan.steps:
        path = folder / f"{step.table}.csv"
        if step.action == "drop":
            path.unlink()
            continue
        head, *rows = csv.reader(path.read_text().splitlines())
        hidden = [dict(cell) for cell in step.cells]
        for row in rows:
            codes = {name: code for name, code in zip(head[:-1], row, strict=False) if code != "Total"}
            row[-1] = "x" if codes in hidden else row[-1]
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([head, *rows])


@pytest.mark.parametrize("seed", range(4))
def test_the_files_written_as_the_plan_says_disclose_nothing(tmp_path: Path, seed: int) -> None:
    write(tmp_path, seed)
    report = assess_files(tmp_path, [], 10, PLAIN, is_planned=True)
    assert len(report.disclosures) > 1
    assert report.plan is not None
    assert (report.plan.left, report.plan.undecided) == (0, 0)
    carry_out(tmp_path, report)
    assert assess_files(tmp_path, [], 10, PLAIN).disclosures == []


def test_no_step_of_the_plan_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sex,count\nmale,981\nfemale,907\ntransgender,3\ntotal,1891\n")
    report = assess_files(tmp_path, [], 10, PLAIN, is_planned=True)
    assert report.plan is not None
    assert [sorted(cell.values()) for step in report.plan.steps for cell in step.cells] == [["female"], ["transgender"]]


def test_a_safe_publication_has_no_plan(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sex,count\nmale,981\nfemale,907\n")
    assert assess_files(tmp_path, [], 10, PLAIN, is_planned=True).plan is None


def test_a_plan_says_what_it_cannot_close(tmp_path: Path) -> None:
    """A column of means stays undecided, whatever is suppressed."""
    (tmp_path / "t.csv").write_text("sex,count,Mean age\nmale,981,30.5\nfemale,7,29.1\n")
    report = assess_files(tmp_path, [], 10, PLAIN, is_planned=True)
    assert report.plan is not None
    assert report.plan.left == 0
    assert report.plan.undecided
