"""The rows of a published CSV file, ours or anybody's: codes, and what each row says of its count."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kerege.base.csv_cells import plain
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import NOISED, OK, PERTURBED, SUPPRESSED, TOTAL

TOTALS = {"_t", "total", "all", "overall", "всего", "итого", "барлығы", "барлыгы", "жалпы"}
COUNTS = ("count", "n", "value", "obs_value", "number", "persons", "people", "количество", "число", "человек", "чел.",
          "саны", "адам")  # fmt: skip
MOST = 10**12  # more than anybody can count, and the last number that solvers take exactly
LESS = re.compile(r"(?:[<≤]\s*=?|under|fewer than|less than|менее|до)\s*(\d+)", re.IGNORECASE)
BETWEEN = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
GROUPED = re.compile(r"\d{1,3}(?:[,.' \u00a0\u202f\u2009]\d{3})+")
STATUS = {"ok": OK, "suppressed": SUPPRESSED, "perturbed": PERTURBED, "noised": NOISED}
LONGEST = 10_000  # characters of a cell; csv's own limit is whatever another module set it to


@dataclass(frozen=True)
class Said:
    """What a row says: its figure, its status, and the bounds of the true count."""

    count: int
    status: int
    lower: float
    upper: float


@dataclass(frozen=True)
class Lines:
    """A file: its dimensions, and by row the codes (a column a dimension) and what it says."""

    by: tuple[str, ...]
    codes: list[list[str]]
    said: list[Said]
    numbers: list[int]  # where the rows stand in the file


def read(text: str, file: str, half: float, *, ours: bool) -> Lines:
    """The rows of a CSV text. `half` is how far a perturbed count may be off; `ours` when codes are those of DESIGN.md.

    Raises BadInput with one sentence.
    """
    try:
        return _read(text, file, half, ours)
    except csv.Error as error:
        raise BadInput(Fault(f"is no CSV file ({error})", "mend it", file)) from None


def _read(text: str, file: str, half: float, ours: bool) -> Lines:
    first = text.partition("\n")[0]
    split = next((mark for mark in (",", ";", "\t") if mark in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=split)
    header = [plain(name).strip() for name in next(reader, [])]
    place, status = _columns(header, file)
    dims = [i for i in range(len(header)) if i not in (place, status)]
    codes: list[list[str]] = [[] for _ in dims]
    said, numbers = [], []
    known: dict[tuple[str, str], Said] = {}
    for row in reader:
        if not row:
            continue
        number = reader.line_num
        if len(row) != len(header):
            raise BadInput(Fault(f"has {len(row)} cells, not {len(header)}", "mend the row", file, number))
        if max(map(len, row)) > LONGEST:
            raise csv.Error(f"a cell of row {number} is longer than {LONGEST:,} characters")
        pair = (row[place].strip(), row[status].strip() if status is not None else "")
        if pair not in known:
            known[pair] = _said(*pair, half, Fault("", "give a whole number of at least 0", file, number, "count"))
        said.append(known[pair])
        numbers.append(number)
        for column, i in zip(codes, dims, strict=True):
            column.append(plain(row[i]) if ours else _code(plain(row[i])))
    return Lines(tuple(header[i] for i in dims), codes, said, numbers)


def _columns(header: list[str], file: str) -> tuple[int, int | None]:
    """Where count and status stand."""
    lowered = [name.lower() for name in header]
    place = next((lowered.index(name) for name in COUNTS if name in lowered), None)
    if place is None:
        raise BadInput(Fault("has no column count", "give a column a dimension, then count and status", file, 1))
    if len(set(header)) < len(header):
        raise BadInput(Fault("names a column twice", "name each column once", file, 1))
    return place, lowered.index("status") if "status" in lowered else None


def _code(text: str) -> str:
    return TOTAL if text.strip().lower() in TOTALS else text.strip()


def _said(text: str, status: str, half: float, fault: Fault) -> Said:
    number = _number(text)
    broken = number is None and (_wrong(text) or status in ("ok", "perturbed"))
    if broken or (number or 0) > MOST:
        raise BadInput(Fault(f"{shown(text)!r} is no count", fault.todo, fault.file, fault.row, fault.column))
    if status in ("suppressed", "noised") or number is None:
        return Said(0, STATUS.get(status, SUPPRESSED), *_bounds(text))
    if status == "perturbed":
        return Said(number, PERTURBED, max(number - half, 0), number + half)
    return Said(number, OK, number, number)


def _number(text: str) -> int | None:
    """A whole number, thousands set apart or not."""
    if GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    elif re.fullmatch(r"\d+\.0+", text):
        text = text.partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 40 else None


def _wrong(text: str) -> bool:
    """Whether a text is a number that counts nothing: negative, broken or endless."""
    try:
        value = float(text.replace("−", "-"))
    except ValueError:
        return False
    return not math.isnan(value)


def _bounds(text: str) -> tuple[float, float]:
    """What words such as `<10` say of a count."""
    if below := LESS.fullmatch(text):
        inclusive = "=" in text or "≤" in text or text.lower().startswith("до")
        return 0.0, float(below[1]) - (not inclusive)
    if (ends := BETWEEN.fullmatch(text)) and int(ends[1]) <= int(ends[2]):
        return float(ends[1]), float(ends[2])
    return 0.0, math.inf


def cells(lines: Lines) -> Iterator[tuple[str, ...]]:
    """The codes of each row."""
    return zip(*lines.codes, strict=True) if lines.codes else iter([()] * len(lines.said))
