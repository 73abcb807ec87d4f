"""Rows of a sheet under its header: split choices joined, other columns left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from kerege.casework.exchange.formats.headers import FORM, SheetHeader
from kerege.casework.exchange.formats.headings import CHOICE, COLUMN, LEFT_OUT, UNKNOWN, row_words
from kerege.casework.exchange.formats.options import DROP, FAIL
from kerege.casework.exchange.formats.sheets import FileSheet, Record, fill_merged
from kerege.casework.exchange.htcds.columns import FALSE, TRUE, BadValue, canonical, file_columns
from kerege.casework.exchange.htcds.read_file import FileTable, Heading, Row, suggest_name
from kerege.vocabulary.labels import fold_label

# columns by which a form knows a submission, the best first
FORM_IDS = ("_uuid", "meta/instanceid", "meta-instanceid", "instanceid", "key", "_id")
FORM_STATES = ("_validation_status", "reviewstate")
# answers of a review that leave a submission out, folded
NOT_APPROVED = frozenset(
    {"not approved", "on hold", "rejected", "hasissues", "validation_status_not_approved", "validation_status_on_hold"}
)


def rows_of_sheet(table: FileTable, sheet: FileSheet, header: SheetHeader, unknown: str = FAIL) -> Iterator[Row]:
    """Yield the rows of a sheet by column; add the faults of its headings and cells to the table."""
    last = header.rows[-1]
    records = _records_below(table, sheet, last)
    headings = _settle(table, header, records, unknown)
    table.faults.titles |= {heading.column: heading.title for heading in headings if heading.role == COLUMN}
    _check_tall(table, sheet, headings, last)
    table.faults.stop()
    width = len(headings)
    state = place_of(headings, FORM_STATES)
    own_id = form_id_place(header)
    left_out = 0
    rows = 0
    for number, cells in records:
        if sheet.exact and any(cells) and len(cells) > width and any(cell.strip() for cell in cells[width:]):
            table.faults.add(f"has {len(cells)} cells, the header has {width}", "check quotes and delimiters", number)
        elif state is not None and state < len(cells) and cells[state].strip().lower() in NOT_APPROVED:
            left_out += 1
        elif values := _read_row(table, sheet, headings, number, cells):
            if own_id is not None and "cas_Id" not in values and own_id < len(cells) and cells[own_id].strip():
                values["cas_Id"] = cells[own_id].strip()
            rows += 1
            yield number, values
    if left_out:
        table.notes.append(f"{left_out} submissions that a review did not approve are left out")
    if not rows and not left_out and not table.faults.found:
        table.faults.add("has no records", "choose another file")


def _records_below(table: FileTable, sheet: FileSheet, last: int) -> list[Record]:
    """Return the records below the header, with merged cells filled; note rows that describe nobody."""
    wide = {top for top, left, _, right in sheet.merged if right - left >= 2}
    tall = any(bottom > top > last for top, _, bottom, _ in sheet.merged)
    below = (record for record in sheet.records if record[0] > last)
    records: list[Record] = []
    left_out: list[str] = []
    for number, cells in fill_merged(sheet, below) if tall else below:
        filled = {cell.strip() for cell in cells if cell.strip()}
        if (number in wide and len(filled) == 1) or _is_total(cells):
            left_out.append(str(number))
        else:
            records.append((number, cells))
    if left_out:
        table.notes.append(f"rows that hold a total or a title are left out: {', '.join(left_out[:20])}")
    return records


def _check_tall(table: FileTable, sheet: FileSheet, headings: Sequence[Heading], last: int) -> None:
    """Add a fault where merged cells join rows that no id of a case or person joins."""
    ids = {place for place, heading in enumerate(headings) if heading.column in {"cas_Id", "prs_Id"}}
    read = {place for place, heading in enumerate(headings) if heading.role == COLUMN}
    tall = sorted((top, bottom) for top, left, bottom, _ in sheet.merged if bottom > top > last and left in read)
    if tall and not ids:
        what = f"rows {tall[0][0]} to {tall[0][1]} are merged: they can be one case or several"
        table.faults.add(
            what, "add a column with the number of the case, and merge it or fill it in each row", tall[0][0]
        )


def _is_total(cells: Sequence[str]) -> bool:
    """Return whether a row begins with a word such as Total, and has only numbers behind it."""
    first, *others = [cell.strip() for cell in cells if cell.strip()] or [""]
    word = fold_label(re.split(r"[\s:]", first, maxsplit=1)[0])
    numbers = all(re.fullmatch(r"[\d\s.,=+%()A-Z:-]*", other) for other in others)
    return word in row_words("total") and numbers


def place_of(headings: Sequence[Heading], names: Sequence[str]) -> int | None:
    """Return the position of the metadata column with the first of these names that a sheet has."""
    known = {heading.title.lower(): place for place, heading in enumerate(headings)}
    return next((known[name] for name in names if name in known), None)


def case_id_place(header: SheetHeader) -> int | None:
    """Return the position of the id of the case: its own column, else that by which a form knows it."""
    places = [place for place, heading in enumerate(header.headings) if heading.column == "cas_Id"]
    return places[0] if places else form_id_place(header)


def form_id_place(header: SheetHeader) -> int | None:
    """Return the position of the column by which a form knows a submission."""
    return place_of(header.headings, FORM_IDS) if header.format == FORM else None


def _settle(table: FileTable, header: SheetHeader, records: Sequence[Record], unknown: str) -> list[Heading]:
    """Return the headings with a decision for each unknown one; add faults for those that stay unknown."""
    headings = list(header.headings)
    width = max([len(headings), *(len(cells) for _, cells in records)], default=0)
    headings += [Heading("", UNKNOWN)] * (width - len(headings))
    place = case_id_place(header)
    if place is not None and not headings[place].column:
        headings[place] = replace(headings[place], role=COLUMN, column="cas_Id")
    row = header.rows[0]
    for position, heading in enumerate(headings):
        if heading.role == UNKNOWN:
            headings[position] = _settle_unknown(table, position, heading, records=records, unknown=unknown, row=row)
    _check_repeated(table, headings, row)
    return headings


def _settle_unknown(
    table: FileTable, place: int, heading: Heading, records: Sequence[Record], unknown: str, row: int
) -> Heading:
    filled = [cells[place].strip() for _, cells in records if place < len(cells) and cells[place].strip()]
    if not filled:
        return replace(heading, role=LEFT_OUT)
    is_order = not heading.title or fold_label(heading.title) in row_words("order")
    if is_order and _counts_rows(filled):
        table.notes.append(f"the column at position {place + 1} holds row numbers and is left out")
        return replace(heading, role=LEFT_OUT)
    share = f"filled in {100 * len(filled) // max(len(records), 1)}% of the rows"
    if unknown == DROP:
        table.notes.append(f"the column {heading.title or place + 1} is not known and left out ({share})")
        return replace(heading, role=LEFT_OUT)
    if not heading.title:
        table.faults.add(f"the column at position {place + 1} has no name", "name it or delete it", row)
    else:
        todo = suggest_name(heading.title, table.known)
        table.faults.add("this column is not known", todo, row, heading.title)
    return heading


def _counts_rows(cells: Sequence[str]) -> bool:
    """Return whether cells count rows: whole numbers, each one more than the one before, or formulas."""
    numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit() and len(cell) < 10]
    steps = [after - before for before, after in pairwise(numbers)]
    counted = len(numbers) > 1 or numbers == [1]
    return counted and all(cell.isdigit() or cell.startswith("=") for cell in cells) and set(steps) <= {1}


def _check_repeated(table: FileTable, headings: Sequence[Heading], row: int) -> None:
    """Add a fault for a heading that is written twice; groups of a form may repeat a field."""
    seen: set[tuple[str, str]] = set()
    for heading in headings:
        if heading.role == COLUMN and (heading.title, heading.column) in seen:
            table.faults.add("this column comes twice", "keep one of them", row, heading.title)
        seen.add((heading.title, heading.column))


def _read_row(
    table: FileTable, sheet: FileSheet, headings: Sequence[Heading], number: int, cells: Sequence[str]
) -> dict[str, str]:
    values: dict[str, str] = {}
    choices: dict[str, list[str]] = {}
    for place, (heading, cell) in enumerate(zip(headings, cells, strict=False)):
        if heading.role not in {COLUMN, CHOICE} or not cell.strip():
            continue
        if (number, place) in sheet.formulas:
            todo = "replace it by its value (copy, then paste values only)"
            table.faults.add("holds a formula, which is not computed", todo, number, heading.column)
        elif heading.role == CHOICE:
            _add_choice(table, number, heading, cell.strip(), choices)
        else:
            _add_value(table, number, heading, cell, values)
    for column, names in choices.items():
        _join_choices(table, number, column, names, values)
    return values


def _add_choice(table: FileTable, number: int, heading: Heading, cell: str, choices: dict[str, list[str]]) -> None:
    """Note the answer of a column that holds one choice."""
    names = choices.setdefault(heading.column, [])
    if cell.lower() in TRUE:
        names.append(heading.choice)
    elif cell.lower() not in FALSE:
        table.faults.add("is neither chosen nor not chosen", "write 1 or 0", number, heading.title)


def _add_value(table: FileTable, number: int, heading: Heading, cell: str, values: dict[str, str]) -> None:
    earlier = values.setdefault(heading.column, cell)
    if earlier.strip() != cell.strip():
        what = "says something else than another column with the same meaning"
        table.faults.add(what, "keep one of the two", number, heading.column)


def _join_choices(table: FileTable, number: int, column: str, names: list[str], values: dict[str, str]) -> None:
    """Set the choices of a row as one cell; a summary beside them must agree."""
    summary, joined = values.pop(column, ""), ";".join(names)
    if summary:
        try:
            stated = canonical(file_columns()[column], table.mapping.value(column, summary))
        except BadValue as error:
            table.faults.add(error.what, error.todo, number, column)
            return
        if set(stated.split(";")) != set(names):
            todo = "correct one of the two"
            table.faults.add("says something else than the columns of its choices", todo, number, column)
            return
    if joined:
        values[column] = joined
