"""Rows of a published CSV file of any publisher: codes, and the bounds of each count."""

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
MOST = 10**12  # largest accepted count; the solvers represent it exactly
LESS = re.compile(r"(?:[<≤]\s*=?|under|fewer than|less than|менее|до)\s*(\d+)", re.IGNORECASE)
BETWEEN = re.compile(r"(\d+)\s*[-–—]\s*(\d+)")
GROUPED = re.compile(r"\d{1,3}(?:[,.' \u00a0\u202f\u2009]\d{3})+")
STATUS = {"ok": OK, "suppressed": SUPPRESSED, "perturbed": PERTURBED, "noised": NOISED}
LONGEST = 10_000  # characters of a cell; other modules may change the limit of the csv module


@dataclass(frozen=True)
class PublishedCount:
    """The content of a row: its figure, its status, and the bounds of the true count."""

    count: int
    status: int
    lower: float
    upper: float


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a file: its dimensions, and for each row the codes and the count."""

    by: tuple[str, ...]
    codes: list[list[str]]  # one list for each dimension
    counts: list[PublishedCount]
    numbers: list[int]  # line numbers in the file


def read(text: str, file: str, half: float, *, ours: bool) -> PublishedRows:
    """Read the rows of a CSV text; raises BadInput with one sentence.

    `half` is the largest change of a perturbed count. `ours` states that the codes are those of DESIGN.md.
    """
    try:
        return _read(text, file, half, ours)
    except csv.Error as error:
        raise BadInput(Fault(f"is no CSV file ({error})", "mend it", file)) from None


def _read(text: str, file: str, half: float, ours: bool) -> PublishedRows:
    first = text.partition("\n")[0]
    split = next((mark for mark in (",", ";", "\t") if mark in first), ",")
    reader = csv.reader(io.StringIO(text), delimiter=split)
    header = [plain(name).strip() for name in next(reader, [])]
    position, status = _columns(header, file)
    dims = [i for i in range(len(header)) if i not in (position, status)]
    codes: list[list[str]] = [[] for _ in dims]
    counts, numbers = [], []
    parsed: dict[tuple[str, str], PublishedCount] = {}
    for row in reader:
        if not row:
            continue
        number = reader.line_num
        if len(row) != len(header):
            raise BadInput(Fault(f"has {len(row)} cells, not {len(header)}", "mend the row", file, number))
        if max(map(len, row)) > LONGEST:
            raise csv.Error(f"a cell of row {number} is longer than {LONGEST:,} characters")
        texts = (row[position].strip(), row[status].strip() if status is not None else "")
        if texts not in parsed:
            parsed[texts] = _parse_count(
                *texts, half, Fault("", "give a whole number of at least 0", file, number, "count")
            )
        counts.append(parsed[texts])
        numbers.append(number)
        for column, i in zip(codes, dims, strict=True):
            column.append(plain(row[i]) if ours else _parse_code(plain(row[i])))
    return PublishedRows(tuple(header[i] for i in dims), codes, counts, numbers)


def _columns(header: list[str], file: str) -> tuple[int, int | None]:
    """Return the positions of the count and status columns."""
    lowered = [name.lower() for name in header]
    position = next((lowered.index(name) for name in COUNTS if name in lowered), None)
    if position is None:
        raise BadInput(Fault("has no column count", "give a column a dimension, then count and status", file, 1))
    if len(set(header)) < len(header):
        raise BadInput(Fault("names a column twice", "name each column once", file, 1))
    return position, lowered.index("status") if "status" in lowered else None


def _parse_code(text: str) -> str:
    return TOTAL if text.strip().lower() in TOTALS else text.strip()


def _parse_count(text: str, status: str, half: float, fault: Fault) -> PublishedCount:
    """Return figure, status and bounds of one row; raises BadInput for text that cannot be a count."""
    number = _parse_integer(text)
    is_invalid = number is None and (_is_invalid_number(text) or status in ("ok", "perturbed"))
    if is_invalid or (number or 0) > MOST:
        raise BadInput(Fault(f"{shown(text)!r} is no count", fault.todo, fault.file, fault.row, fault.column))
    if status in ("suppressed", "noised") or number is None:
        return PublishedCount(0, STATUS.get(status, SUPPRESSED), *_parse_bounds(text))
    if status == "perturbed":
        return PublishedCount(number, PERTURBED, max(number - half, 0), number + half)
    return PublishedCount(number, OK, number, number)


def _parse_integer(text: str) -> int | None:
    """Return an integer, with or without separators between thousands, else None."""
    if GROUPED.fullmatch(text):
        text = re.sub(r"\D", "", text)
    elif re.fullmatch(r"\d+\.0+", text):
        text = text.partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 40 else None


def _is_invalid_number(text: str) -> bool:
    """Return whether a text is a number that cannot be a count: negative, fractional or infinite."""
    try:
        value = float(text.replace("−", "-"))
    except ValueError:
        return False
    return not math.isnan(value)


def _parse_bounds(text: str) -> tuple[float, float]:
    """Return the bounds that a text such as `<10` or `5-9` states, (0, inf) for any other text."""
    if limit := LESS.fullmatch(text):
        inclusive = "=" in text or "≤" in text or text.lower().startswith("до")
        return 0.0, float(limit[1]) - (not inclusive)
    if (ends := BETWEEN.fullmatch(text)) and int(ends[1]) <= int(ends[2]):
        return float(ends[1]), float(ends[2])
    return 0.0, math.inf


def keys_of_rows(lines: PublishedRows) -> Iterator[tuple[str, ...]]:
    """Return the codes of each row."""
    return zip(*lines.codes, strict=True) if lines.codes else iter([()] * len(lines.counts))
