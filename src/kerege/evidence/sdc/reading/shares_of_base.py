"""Shares of a number that the table, its title, its headings or a note states, in place of counts.

`Men 3.2 %` beside `Total, number of persons 125` gives four men. Such a table gets a column of unpublished counts
beside each column of shares, with the number as its total, so that the shares bound the counts as elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kerege.evidence.sdc.reading.column_names import names_a_count
from kerege.evidence.sdc.reading.figures import integer, is_mark
from kerege.evidence.sdc.reading.grid import Cells, TextGrid, is_heading_of_numbers, is_number
from kerege.evidence.sdc.reading.shares import OF_NUMBER, PERCENT, PERCENTAGE, is_share, parse_number
from kerege.evidence.sdc.reading.texts_beside import PEOPLE
from kerege.evidence.sdc.reading.total_labels import is_total_label
from kerege.evidence.sdc.reading.units_of_people import names_people

ALL, COUNT = "Total", "Number"
BASE_LABEL = re.compile(r"(?:base|n|база|негізі)", re.I)
IN_PERCENT = re.compile(r"\s*[,(]?\s*(?:in |в |as )?(?:%|percent|per cent|процент\w*|пайыз\w*)\s*\)?\s*$", re.I)
_NUMBER = r"(\d{1,3}(?:[ ,\u00a0]\d{3})+|\d+)"
_UNIT = rf"\s+(?:[^\W\d]+\s+)?{PEOPLE}\b"
STATED = re.compile(
    rf"[(\[,;:–—-]*\s*(?:\b(?:n|base|база|негізі)\s*[=:]\s*{_NUMBER}(?:{_UNIT})?"
    rf"|\b(?:of|out of|among|из|среди|based on)\s+(?:the |all |total )?{_NUMBER}{_UNIT}"
    rf"|{_NUMBER}{_UNIT})\s*[)\].]*",
    re.I,
)
RULE = re.compile(  # words of a rule before a number, as `fewer than 5 persons`
    r"(?:than|least|most|multiple of|nearest|below|under|above|over|every|per|мене[ея]|боле[ея]|чем|кем|аз|<|>|≤|≥)"
    r"\s*$",
    re.I,
)


def with_counts_of_shares(grid: TextGrid) -> TextGrid:
    """Return a grid in which each column of shares of a stated number has a column of counts beside it."""
    segments = list(_segments(grid))
    with_shares = [place for place, segment in enumerate(segments) if _shares(grid, segment)]
    rows, numbers, used = [list(row) for row in grid.rows], list(grid.numbers), False
    for place in reversed(with_shares):
        texts = range(len(rows)) if len(with_shares) == 1 else _own_texts(segments, place, with_shares)
        changed = _Shares(grid, segments[place], list(texts)).counted()
        if changed is not None:
            used = True
            for row in changed.cleared:
                rows[row] = [_without_number(cell) for cell in rows[row]]
            first, last = segments[place][0], segments[place][-1] + 1
            rows[first:last] = changed.rows
            numbers[first:last] = changed.numbers
    if not used:
        return grid
    width = max(map(len, rows))
    return TextGrid([[*row, *[""] * (width - len(row))] for row in rows], numbers)


def _segments(grid: TextGrid) -> Iterator[range]:
    """Yield the rows between empty rows."""
    start = 0
    for end in range(len(grid.rows) + 1):
        if end == len(grid.rows) or not any(cell.strip() for cell in grid.rows[end]):
            if end > start:
                yield range(start, end)
            start = end + 1


def _own_texts(segments: Sequence[range], place: int, others: Sequence[int]) -> Iterator[int]:
    """Yield the rows of a segment and of those of texts before it and behind it, up to the next table."""
    first = place - 1 if place and place - 1 not in others else place
    yield from (row for segment in segments[first : place + 1] for row in segment)


def _shares(grid: TextGrid, rows: range) -> list[int]:
    """Return the columns of shares of a segment, [] if it also has columns of counts."""
    body = [row for row in rows if _is_body(grid.rows[row])]
    headings = [grid.rows[row] for row in rows if row < min(body, default=rows.stop)]
    columns = [c for c in range(1, len(grid.rows[0])) if any(is_number(grid.rows[row][c]) for row in body)]
    return [c for c in columns if _is_share_column(grid, body, headings, c)]


def _is_body(row: Cells) -> bool:
    return bool(row[0].strip()) and any(map(is_number, row[1:])) and not is_heading_of_numbers(row)


def _is_share_column(grid: TextGrid, body: Sequence[int], headings: Sequence[Cells], column: int) -> bool:
    cells = [grid.rows[row][column].strip() for row in body if is_number(grid.rows[row][column])]
    if any(cell.endswith("%") for cell in cells):
        return True
    is_labelled = any(is_share(row[column]) for row in headings)
    is_labelled = is_labelled or any(IN_PERCENT.search(grid.rows[row][0]) for row in body)
    titled = any(is_share(row[0]) and len({cell.strip() for cell in row} - {""}) == 1 for row in headings)
    has_decimals = any((number := parse_number(cell)) is not None and number[1] for cell in cells)
    return is_labelled or (titled and has_decimals)


@dataclass(frozen=True)
class _Changed:
    """The rows of a segment with counts, and the rows of the grid whose stated number was used."""

    rows: list[Cells]
    numbers: list[int]
    cleared: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Shares:
    """A segment of a grid with columns of shares, and the rows of texts that can state their number."""

    grid: TextGrid
    rows: range
    texts: list[int]

    @property
    def _body(self) -> list[int]:
        return [row for row in self.rows if _is_body(self.grid.rows[row])]

    def counted(self) -> _Changed | None:
        """Return the segment with counts, None if nothing states the number once for each share, or none fits."""
        body = self._body
        figures = [c for c in range(1, len(self.grid.rows[0])) if any(is_number(self._cell(row, c)) for row in body)]
        shares = _shares(self.grid, self.rows)
        others = [column for column in figures if column not in shares]
        if not others and (base := self._base_row(body, shares)) is not None:
            return self._with_base_row(body, shares, base)
        if len(others) == 1 and self._is_base_column(body, others[0], shares):
            return self._with_base_column(body, shares, others[0])
        if others:
            return None
        return self._with_stated(body, shares)

    def _cell(self, row: int, column: int) -> str:
        return self.grid.rows[row][column].strip()

    def _is_number_row(self, row: int, shares: Sequence[int]) -> bool:
        label = self._cell(row, 0)
        cells = [self._cell(row, column) for column in shares if self._cell(row, column)]
        if not cells or not all(integer(cell) is not None for cell in cells):
            return False
        is_named = names_a_count(label) or bool(BASE_LABEL.fullmatch(label)) or names_people(label)
        return (is_named and not PERCENT.search(label)) or (
            is_total_label(label) and any((integer(cell) or 0) != 100 for cell in cells)
        )

    def _base_row(self, body: Sequence[int], shares: Sequence[int]) -> int | None:
        rows = [row for row in body if self._is_number_row(row, shares)]
        return rows[0] if len(rows) == 1 and all(self._cell(rows[0], column) for column in shares) else None

    def _is_base_column(self, body: Sequence[int], column: int, shares: Sequence[int]) -> bool:
        """Return whether a column has the number of people of whom the shares of each row sum to 100 %."""
        above = [self._cell(row, column) for row in self.rows if row < body[0]]
        named = [text for text in above if text]
        title = named[-1] if named else ""
        is_named = is_total_label(title) or names_a_count(title) or bool(BASE_LABEL.fullmatch(title))
        return is_named and len(shares) > 1 and all(self._is_whole([self._cell(r, c) for c in shares]) for r in body)

    @staticmethod
    def _is_whole(cells: Sequence[str]) -> bool:
        """Return whether shares sum to 100 % within their rounding."""
        numbers = [number for cell in cells if (number := parse_number(cell)) is not None]
        slack = sum(0.5 / 10**digits for _, digits in numbers)
        return len(numbers) == len(cells) and abs(sum(value for value, _ in numbers) - 100) <= slack + 1e-9

    def _with_base_row(self, body: Sequence[int], shares: Sequence[int], base: int) -> _Changed | None:
        bases = {column: integer(self._cell(base, column)) or 0 for column in shares}
        kept = [row for row in body if row != base and not self._is_all(row, shares)]
        return self._changed(kept, shares, {(row, column): bases[column] for row in kept for column in shares}, bases)

    def _is_all(self, row: int, shares: Sequence[int]) -> bool:
        """Return whether a row has 100 % in each column, and is called the total."""
        return is_total_label(IN_PERCENT.sub("", self._cell(row, 0))) and all(
            (number := parse_number(self._cell(row, column))) is not None and number[0] in (100, 1)
            for column in shares
            if self._cell(row, column)
        )

    def _with_stated(self, body: Sequence[int], shares: Sequence[int]) -> _Changed | None:
        above = [row for row in self.texts if row < body[0]]
        by_column = {
            column: number
            for column in shares
            if (number := _stated([self._cell(row, column) for row in above if not self._is_title(row)])) is not None
        }
        cleared = above if len(by_column) == len(shares) else []
        if not cleared and len(shares) == 1:
            cleared = [row for row in self.texts if row not in body]
            number = _stated([cell for row in cleared for cell in dict.fromkeys(self.grid.rows[row])])
            by_column = {shares[0]: number} if number is not None else {}
        if len(by_column) < len(shares):
            return None
        kept = [row for row in body if not self._is_all(row, shares)]
        numbers = {(row, column): by_column[column] for row in kept for column in shares}
        return self._changed(kept, shares, numbers, by_column, tuple(cleared))

    def _is_title(self, row: int) -> bool:
        return len({cell.strip() for cell in self.grid.rows[row]} - {""}) == 1

    def _with_base_column(self, body: Sequence[int], shares: Sequence[int], base: int) -> _Changed | None:
        numbers = {row: integer(self._cell(row, base)) for row in body}
        known = {row: number for row, number in numbers.items() if number is not None}
        if len(known) < len(body):
            return None
        bases = {(row, column): known[row] for row in body for column in shares}
        return self._changed(list(body), shares, bases, {}, column_of_bases=base)

    def _changed(
        self,
        kept: Sequence[int],
        shares: Sequence[int],
        numbers: dict[tuple[int, int], int],
        totals: dict[int, int],
        cleared: tuple[int, ...] = (),
        column_of_bases: int | None = None,
    ) -> _Changed | None:
        """Return the segment with a column of counts before each column of shares, None without a fit."""
        by_share = [place for place in numbers if self._is_share(*place)]
        ends = {
            place: _ends(self._cell(*place), numbers[place], self._digits(by_share), self._factor(by_share))
            for place in by_share
        }
        if self._factor(by_share) == 1 and self._digits(by_share) < 2:
            return None
        if not by_share or any(low > high for low, high in ends.values()):
            ends = {p: _ends(self._cell(*p), numbers[p], 0, self._factor(by_share)) for p in by_share}
        if not by_share or any(low > high for low, high in ends.values()):
            return None
        body = self._body
        rows, line_numbers = [], []
        for row in self.rows:
            if row in body and row not in kept:
                continue
            cells = self.grid.rows[row]
            if row in kept:
                cells = self._body_row(row, shares, ends, column_of_bases)
            elif row < body[0]:
                cells = self._heading_row(row, shares, column_of_bases, is_cleared=row in cleared)
            elif row in cleared:
                cells = [_without_number(cell) for cell in cells]
            rows.append(cells)
            line_numbers.append(self.grid.numbers[row])
        if totals:
            place = 1 + max(place for place, number in enumerate(line_numbers) if number <= self.grid.numbers[kept[-1]])
            total = [ALL, *[""] * (len(self.grid.rows[0]) - 1)]
            cells = []
            for column, cell in enumerate(total):
                cells += [str(totals[column]), "100 %"] if column in totals else [cell]
            rows.insert(place, cells)
            line_numbers.insert(place, self.grid.numbers[kept[-1]])
        return _Changed(rows, line_numbers, tuple(row for row in cleared if row not in self.rows))

    def _is_share(self, row: int, column: int) -> bool:
        """Return whether a cell is a share: whole numbers without a sign in a column of signs are counts."""
        cell = self._cell(row, column)
        signs = any(self._cell(other, column).endswith("%") for other in self._body)
        labels = any(IN_PERCENT.search(self._cell(other, 0)) for other in self._body)
        if not is_number(cell) or parse_number(cell) is None:
            return False
        if signs:
            return cell.endswith("%")
        return not labels or IN_PERCENT.search(self._cell(row, 0)) is not None

    def _digits(self, places: Sequence[tuple[int, int]]) -> int:
        parsed = (parse_number(self._cell(*place)) for place in places)
        return max((number[1] for number in parsed if number), default=0)

    def _factor(self, places: Sequence[tuple[int, int]]) -> int:
        cells = [self._cell(*place) for place in places]
        values = [number[0] for cell in cells if (number := parse_number(cell)) is not None]
        return 1 if max(values, default=2) <= 1 and not any("%" in cell for cell in cells) else 100

    def _body_row(
        self, row: int, shares: Sequence[int], ends: dict[tuple[int, int], tuple[int, int]], column_of_bases: int | None
    ) -> Cells:
        result: Cells = []
        is_fraction = self._factor(list(ends)) == 1
        for column, cell in enumerate(self.grid.rows[row]):
            place = (row, column)
            if column in shares and place in ends:
                low, high = ends[place]
                result += ["0" if not high else "x" if low else "n/a", _in_percent(cell) if is_fraction else cell]
            elif column in shares:
                count = cell if integer(cell.strip()) is not None or is_mark(cell.strip()) else ""
                result += [count or "n/a", ""]
            elif column == column_of_bases:
                result += [cell, "100 %"]
            else:
                result.append(IN_PERCENT.sub("", cell) if column == 0 else cell)
        return result

    def _heading_row(self, row: int, shares: Sequence[int], column_of_bases: int | None, *, is_cleared: bool) -> Cells:
        cells = [_without_number(cell) if is_cleared else cell for cell in self.grid.rows[row]]
        if self._is_title(row):
            texts = [cell for cell in cells if cell.strip()]
            return [*cells, *[texts[0] if len(texts) > 1 else ""] * (len(shares) + (column_of_bases is not None))]
        is_last = row == max(other for other in self.rows if other < self._body[0])
        result: Cells = []
        for column, cell in enumerate(cells):
            name = re.sub(r"^[\s,(:–—-]+|[\s,(:–—-]+$", "", PERCENT.sub("", cell)) if column in shares else cell
            if column in shares:
                name = name if not is_last or re.search(r"\w{2}", name) else COUNT
                result += [name, f"{name} {OF_NUMBER}".strip() if is_last else name]
            elif column == column_of_bases:
                result += [ALL, f"{ALL} {OF_NUMBER}"] if is_last else [cell, cell]
            else:
                result.append(cell)
        return result


def _ends(text: str, number: int, digits: int, factor: int) -> tuple[int, int]:
    """Return the least and the largest count that is printed as a share, with at least some digits."""
    parsed = parse_number(text)
    if parsed is None:
        return 0, number
    places = max(parsed[1], digits)
    value = Fraction(str(parsed[0]))
    half = Fraction(1, 2 * 10**places)
    low, high = (value - half) * number / factor, (value + half) * number / factor
    return max(-int(-low // 1), 0), min(int(high // 1), number)


def _in_percent(text: str) -> str:
    """Return a fraction with its digits as a percentage: 0.032 is 3.2."""
    value, digits = parse_number(text) or (0.0, 2)
    return f"{value * PERCENTAGE:.{max(digits - 2, 0)}f}"


def _stated(texts: Sequence[str]) -> int | None:
    """Return the only number of people that some texts state, None without one or with several."""
    numbers = {
        int(re.sub(r"\D", "", next(filter(None, match.groups()))))
        for text in texts
        for match in STATED.finditer(text)
        if not RULE.search(text[: match.start()])
    }
    return numbers.pop() if len(numbers) == 1 else None


def _without_number(text: str) -> str:
    """Return a text without the number of people that it states."""
    return STATED.sub("", text).strip() if STATED.search(text) else text
