"""Files with a planted leak, and what `kerege attack` answers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook

from kerege.base.errors import BadInput
from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import ReadingOptions

Rows = Sequence[Sequence[object]]
Sheet = tuple[Rows, tuple[str, ...]]  # rows, and the merged cells
Files = Mapping[str, str | Mapping[str, Sheet]]  # by name: the text of a CSV file, or the sheets of a workbook


@dataclass(frozen=True)
class Plant:
    """Files as a function of the people of a group: few in the leak, more in its counterpart."""

    make: Callable[[int], Files]
    leak: int
    counterpart: int
    multi: frozenset[str]


@dataclass
class Plants:
    """A set of plants by name, with the usual people of their groups."""

    leak: int
    counterpart: int
    by_name: dict[str, Plant] = field(default_factory=dict)

    def add(
        self, leak: int = 0, counterpart: int = 0, multi: frozenset[str] = frozenset()
    ) -> Callable[[Callable[[int], Files]], Callable[[int], Files]]:
        """Return a decorator that adds a function to the set."""

        def added(make: Callable[[int], Files]) -> Callable[[int], Files]:
            self.by_name[make.__name__] = Plant(make, leak or self.leak, counterpart or self.counterpart, multi)
            return make

        return added


FIRST, SECOND, THIRD = (Plants(leak, counterpart) for leak, counterpart in ((4, 10), (5, 11), (6, 12)))


def csv_text(*rows: Sequence[object]) -> str:
    """Return rows as the text of a CSV file."""
    quoted = ([f'"{cell}"' if "," in str(cell) else str(cell) for cell in row] for row in rows)
    return "\n".join(",".join(row) for row in quoted) + "\n"


def sheet(rows: Rows, *merged: str) -> Sheet:
    """Return a sheet of a workbook with its merged cells."""
    return rows, merged


def answer(plant: Plant, people: int) -> str:
    """Return `safe`, `disclosed`, `undecided` or `refused`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in plant.make(people).items():
            _write(Path(folder, name), content)
        try:
            report = assess_files(Path(folder), [], 10, ReadingOptions(multi=plant.multi))
        except BadInput:
            return "refused"
    return "safe" if report.safe else "disclosed" if report.disclosures else "undecided"


def _write(path: Path, content: str | Mapping[str, Sheet]) -> None:
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
        return
    book = Workbook()
    book.remove(book.active)
    for title, (rows, merged) in content.items():
        worksheet = book.create_sheet(title)
        for row in rows:
            worksheet.append(list(row))
        for cells in merged:
            worksheet.merge_cells(cells)
    book.save(path)
