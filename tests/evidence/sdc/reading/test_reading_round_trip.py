"""A table that is laid out in any way is read as it was, however its headings are merged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from random import Random

import pytest
from openpyxl import Workbook

from tests.evidence.sdc.reading.typed_tables import cells, read_sheets

Key = tuple[str, ...]
POOLS = {
    "Area": [["North", "South", "East"], ["Северная область", "Южная область"], ["Алматы", "Астана", "Шымкент"]],
    "sex": [["Men", "Women"], ["мужчины", "женщины"], ["Ерлер", "Әйелдер"]],
    "age": [["Under 18", "18-24", "25 and over"], ["0–17", "18+"], ["до 18 лет", "18 лет и старше"]],
    "year": [["2021", "2022", "2023"], ["2022", "2023"]],
}
TOTALS = ["Total", "All", "Всего", "Барлығы", ""]


def crossed_counts(rng: Random, axes: Sequence[Sequence[str]], summed: Sequence[bool]) -> dict[Key, int]:
    """Return random counts of all cells, with the totals of the summed axes as `_T`."""
    inner = {key: rng.randint(0, 60) for key in product(*axes)}
    wide = [[*axis, "_T"] if has_total else list(axis) for axis, has_total in zip(axes, summed, strict=True)]
    return {
        key: sum(n for other, n in inner.items() if all(a in ("_T", b) for a, b in zip(key, other, strict=True)))
        for key in product(*wide)
    }


def laid_out(
    rng: Random, names: Sequence[str], axes: Sequence[Sequence[str]], total: str, *, with_totals: bool
) -> tuple[list[list[str]], dict[Key, int]]:
    """Return the rows of a crosstab of a stub and one or two levels of headings, and its counts."""
    summed = [with_totals and name != "year" for name in names]
    counts = crossed_counts(rng, axes, summed)
    wide = [[*axis, "_T"] if has_total else list(axis) for axis, has_total in zip(axes, summed, strict=True)]
    columns = list(product(*wide[1:]))
    title = [["Table 4: people by group"], ["Source: register"]][: rng.randint(0, 2)]
    headings = []
    for level in range(len(names) - 1):
        texts = [column[level] for column in columns]
        headings.append([names[0] if level == len(names) - 2 else "", *(total if t == "_T" else t for t in texts)])
    body = [[total if row == "_T" else row, *(str(counts[row, *column]) for column in columns)] for row in wide[0]]
    notes = [["Note: figures are provisional"]][: rng.randint(0, 1)]
    return [*title, *headings, *body, *notes], counts


def merged(rows: Sequence[Sequence[str]], path: Path) -> None:
    """Write rows as a workbook in which equal headings beside each other are one merged cell."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append([int(cell) if cell.isdigit() and not cell.startswith("20") else cell for cell in row])
    for number, row in enumerate(rows[:4], 1):
        start = 1
        while start < len(row) and not row[1].isdigit():
            end = start
            while end + 1 < len(row) and row[end + 1] == row[start]:
                end += 1
            if end > start and row[start]:
                sheet.merge_cells(start_row=number, end_row=number, start_column=start + 1, end_column=end + 1)
            start = end + 1
    book.save(path)


@pytest.mark.parametrize("seed", range(60))
def test_a_crosstab_is_read_as_it_was(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    names = ["Area", *rng.sample(["sex", "age", "year"], rng.choice([1, 2]))]
    axes = [rng.choice(POOLS[name]) for name in names]
    total = rng.choice(TOTALS)
    rows, counts = laid_out(rng, names, axes, total, with_totals=bool(total))
    if rng.random() < 0.5:
        merged(rows, tmp_path / "t.xlsx")
    else:
        (tmp_path / "t.csv").write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    (sheet,) = read_sheets(tmp_path)
    assert sheet.by == tuple(names)
    assert cells(sheet) == {key: (n, n) for key, n in counts.items()}
    assert not sheet.unread
