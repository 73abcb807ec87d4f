"""Columns that mix several variables, as `Total, Men, Women, Under 18, 18+`.

`of which women, of which children` are two variables too. Such a column becomes a table for each variable, because the
same people can be women and children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.bands import is_band
from kerege.evidence.sdc.reading.column_names import SEXES, sex_code
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.nested_codes import AGE_GROUPS
from kerege.evidence.sdc.reading.published_rows import PublishedRows, lines_along, rows_at
from kerege.evidence.sdc.reading.total_labels import is_total_label

KINDS = ("sex", "age", "")
UNNAMED = ("row", "column")  # names of columns that a crosstab leaves without a name


def split_mixed_columns(rows: PublishedRows) -> Iterator[PublishedRows]:
    """Yield the table, or one by sex, one by age and one by the other values of a mixed column."""
    for d, column in enumerate(rows.by):
        parts = {code for name, code in rows.parts if name == column} & {*rows.codes[d]}
        if variables := _variables_of_parts(rows, d, parts):
            for name, codes in variables.items():
                yield from split_mixed_columns(_with_parts_apart(rows, d, parts, codes, name))
            return
        kinds = {value: _kind(value, column) for value in dict.fromkeys(rows.codes[d])}
        by_kind = {kind: {value for value, other in kinds.items() if other == kind} for kind in KINDS}
        totals = {value for value, kind in kinds.items() if kind == "total"}
        sizes = len(by_kind["sex"]), len(by_kind["age"])
        if min(sizes) > 1 or (min(sizes) > 0 and max(sizes) > 1 and _overlap(rows, d, {*kinds} - totals)):
            shared = totals | (by_kind.pop("") if not totals and len(by_kind[""]) == 1 else set())
            for kind, values in by_kind.items():
                if values:
                    yield from split_mixed_columns(_part(rows, d, values | shared, kind))
            return
    yield rows


def _kind(value: str, column: str) -> str:
    """Return whether a value is a total, a sex or a band of ages, '' for any other."""
    if is_total_label(value, column):
        return "total"
    if sex_code(value) in SEXES:
        return "sex"
    return "age" if is_band(value) or value.casefold() in AGE_GROUPS else ""


def _part(rows: PublishedRows, d: int, values: set[str], kind: str) -> PublishedRows:
    """Return the rows with some values of a column, which gets the name of their kind."""
    kept = [place for place, code in enumerate(rows.codes[d]) if code in values]
    name = kind if kind and kind not in rows.by else rows.by[d]
    part = rows_at(rows, kept)
    alone = {(name, code) for code in values} if len(values - _totals(values, rows.by[d])) == 1 else set()
    return replace(part, by=(*rows.by[:d], name, *rows.by[d + 1 :]), single_parts=rows.single_parts | alone)


def _totals(values: set[str], column: str) -> set[str]:
    return {value for value in values if is_total_label(value, column)}


def _variables_of_parts(rows: PublishedRows, d: int, parts: set[str]) -> Mapping[str, set[str]]:
    """Return the parts that `of which` names by variable.

    These are sex, age, and each other part if such parts overlap. Return nothing if all of them can be disjoint values
    of one unknown variable.
    """
    by_kind: dict[str, set[str]] = {}
    for code in sorted(parts):
        by_kind.setdefault(_kind(_last(code), rows.by[d]), set()).add(code)
    unknown = by_kind.pop("", set())
    if not by_kind and not _overlap(rows, d, unknown):
        return {}
    by_name = {kind: codes for kind, codes in by_kind.items() if kind not in rows.by}
    if len(by_name) < len(by_kind):
        return {}
    alone = _overlap(rows, d, unknown)
    for code in sorted(unknown):
        by_name.setdefault(_last(code) if alone else rows.by[d], set()).add(code)
    return by_name


def _last(code: str) -> str:
    return code.rpartition(STEP)[2]


def _overlap(rows: PublishedRows, d: int, codes: set[str]) -> bool:
    """Return whether parts of one whole certainly sum to more than it in some line."""
    by_whole: dict[str, list[str]] = {}
    for code in codes:
        by_whole.setdefault(code.rpartition(STEP)[0], []).append(code)
    for line in lines_along(rows, d):
        totals = [code for code in line if is_total_label(code, rows.by[d])]
        total = max(totals, key=lambda code: line[code].upper, default="")
        for whole, inside in by_whole.items():
            least = sum(line[code].lower for code in inside if code in line)
            if (top := line.get(whole or total)) is not None and least > top.upper:
                return True
    return False


def _with_parts_apart(rows: PublishedRows, d: int, parts: set[str], chosen: set[str], name: str) -> PublishedRows:
    """Return the rows without all parts but the chosen ones, which become codes of a column of their own."""
    shown = chosen | {code.rpartition(STEP)[0] for code in chosen}  # a part of a part stays beside it
    kept = [place for place, code in enumerate(rows.codes[d]) if code in shown or code not in parts]
    table = rows_at(rows, kept)
    wholes = [code.rpartition(STEP)[0] or TOTAL if code in chosen else code for code in table.codes[d]]
    total = [code for code in dict.fromkeys(wholes) if code != TOTAL and is_total_label(code, rows.by[d])]
    wholes = [next(iter(total), TOTAL) if code == TOTAL else code for code in wholes]
    labels = [_last(code) if code in chosen else TOTAL for code in table.codes[d]]
    has_wholes = len(set(wholes)) > 1
    kinds = {_kind(whole, rows.by[d]) for whole in wholes} - {"total"}
    own = next(iter(kinds)) if len(kinds) == 1 and rows.by[d] in UNNAMED else ""
    if has_wholes and name == rows.by[d]:
        name = f"{name} (part)"
    marked = {item for item in (*rows.parts, *rows.single_parts) if item[0] != rows.by[d]}
    single = {(name, label) for label in set(labels) - {TOTAL}} if len(set(labels)) == 2 else set()
    return replace(
        table,
        by=(*rows.by[:d], *[own or rows.by[d]] * has_wholes, name, *rows.by[d + 1 :]),
        codes=[*table.codes[:d], *[wholes] * has_wholes, labels, *table.codes[d + 1 :]],
        parts=rows.parts & marked,
        single_parts=(rows.single_parts & marked) | single,
    )
