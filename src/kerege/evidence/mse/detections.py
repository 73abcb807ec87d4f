"""Overlapping lists from a snapshot: the kinds of agencies that detected each person independently.

`snapshot_lists(snapshot, period).lists` is the argument of `panel`; releases use it. The column `detected_by` holds
first detections only. A person whom another agency referred is not a second detection: a referral makes lists depend
on each other, and it has no information on people whom no agency met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.data.periods import YEAR, list_years
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.mse.lists import Lists, build_unchecked_lists, check_names

COLUMN, HELPER = "detected_by", "agency_kind"
COUNT = "count"
OTHER = "other"
SMALL = 30  # a kind of agency with fewer people does not become a list of its own
MOST = 6  # lists; with more, the exact methods cannot fit all models
STATES = ("unknown", "not_asked", "refused", "no")  # codes of an answer that names no agency
Groups = tuple[str, ...]


@dataclass(frozen=True)
class Detected:
    """The lists of a period, the kinds of agencies in them, and the people who are on no list.

    groups: the kinds of agencies in each list, in the order of the lists. people: all persons of the period. unlisted:
    persons without an independent detection; they are on no list, and the estimate counts them as not detected. nobody:
    requested lists without people; they are left out.
    """

    lists: Lists
    groups: dict[str, Groups]
    people: int
    unlisted: int
    nobody: Groups = ()

    @property
    def notes(self) -> list[str]:
        """Return one sentence for each list that joins several kinds, and for each list left out."""
        joined = [f"{name} is one list of {', '.join(kinds)}" for name, kinds in self.groups.items() if len(kinds) > 1]
        return joined + [f"{name}: nobody is on this list, it is left out" for name in self.nobody]


def snapshot_lists(
    snapshot: Snapshot,
    period: str = "",
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    lists: Sequence[str] | Mapping[str, Sequence[str]] = (),
    referrals: bool = False,
) -> Detected:
    """Return the overlapping lists of the persons of a closed period.

    Parameters
    ----------
    snapshot : Snapshot
        Snapshot of victims with the kinds of agencies that detected each person (column `detected_by`).
    period : str
        A year or a range of years, such as "2025" or "2021/2025"; all persons if empty.
    where : mapping of str to sequence of str, optional
        Further conditions: column to allowed values.
    lists : sequence of str, or mapping of str to sequence of str
        Kinds of agencies that become a list each, or names of lists with their kinds. All other kinds become one list,
        `other`. Default: each kind with 30 people or more becomes a list, and the others become `other`. If this makes
        more than 6 lists, the smallest are joined.
    referrals : bool, default False
        Count the agency that assists a person as a detection too. Use it only for a sensitivity analysis.

    Returns
    -------
    Detected
        The lists, the kinds of agencies in each, and the numbers of persons.

    Raises
    ------
    BadInput
        If a column is missing, the period is invalid, a list is named twice, or no person is left.

    Examples
    --------
    >>> import polars as pl  # invented people: no snapshot of a register is published
    >>> from kerege.evidence.data.snapshot import Snapshot
    >>> kinds = [["police"], ["shelter"], ["police", "shelter"], ["hotline"], ["hotline", "police"]] * 30
    >>> frame = pl.DataFrame({"year": ["2025"] * len(kinds), "detected_by": kinds})
    >>> detected = snapshot_lists(Snapshot(frame, "victims", "", True, "", frozenset(["detected_by"])), "2025")
    >>> detected.lists.names, detected.lists.people
    (('police', 'hotline', 'shelter'), 150)
    """
    for name in lists:
        if not isinstance(lists, Mapping) and lists.count(name) > 1:
            raise BadInput(Fault(f"the list {shown(name)} is named twice", "name each list once", snapshot.path))
    frame = _select_rows(snapshot, period, where or {})
    rows = _count_kinds(frame, referrals)
    groups, nobody = _group_kinds(rows, lists)
    check_names(tuple(groups))
    bit = {kind: 1 << place for place, kinds in enumerate(groups.values()) for kind in kinds}
    people: Counter[int] = Counter()
    for kinds, count in rows.items():
        people[_encode_history(kinds, bit)] += count
    unlisted = people.pop(0, 0)
    histories = np.array(sorted(people), np.int64)
    counts = np.array([people[int(history)] for history in histories], np.int64)
    return Detected(build_unchecked_lists(tuple(groups), histories, counts), groups, frame.height, unlisted, nobody)


def people_by(
    snapshot: Snapshot,
    by: Sequence[str],
    period: str = "",
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    lists: Sequence[str] | Mapping[str, Sequence[str]] = (),
) -> tuple[Detected, pl.DataFrame]:
    """Return the lists of a period, and the people on them by list and covariate.

    Parameters
    ----------
    snapshot, period, where, lists
        As for `snapshot_lists`.
    by : sequence of str
        Columns that become covariates. Several values of a person become one, such as `labour+sexual`.

    Returns
    -------
    Detected
        The lists, as `snapshot_lists` returns them.
    polars.DataFrame
        The argument of `answer_by` and `with_covariates`: a 0/1 column for each list, one column for each covariate
        (null if it is not known), and `count`. People on no list are left out.

    Raises
    ------
    BadInput
        As for `snapshot_lists`, or if a covariate is no column or has the name of a list.

    Examples
    --------
    >>> from kerege.evidence.data.snapshot import Snapshot  # invented people: no snapshot of a register is published
    >>> kinds = [["police"], ["shelter"], ["police", "shelter"]] * 40
    >>> frame = pl.DataFrame({"sex": ["female", "male", None] * 40, "detected_by": kinds})
    >>> snapshot = Snapshot(frame, "victims", "", True, "", frozenset(["detected_by"]))
    >>> _, people = people_by(snapshot, ["sex"])
    >>> people.filter(pl.col("sex") == "male").rows()
    [(0, 1, 'male', 40)]
    """
    detected = snapshot_lists(snapshot, period, where=where, lists=lists)
    for name in by:
        if name in detected.groups or name in (COLUMN, COUNT):
            todo = f"name other columns: {', '.join(sorted(set(snapshot.columns) - {COLUMN}))}"
            raise BadInput(Fault("is no covariate", todo, snapshot.path, column=shown(name)))
    frame = _select_rows(snapshot, period, dict(where or {}), by)
    on_lists = [
        _is_one_of(COLUMN, list(kinds), several=True).cast(pl.Int64).alias(name)
        for name, kinds in detected.groups.items()
    ]
    covariates = [_one_value(name, several=name in snapshot.multi) for name in by]
    table = frame.select(*on_lists, *covariates).filter(pl.max_horizontal(*detected.groups) == 1)
    names = [*detected.groups, *by]
    return detected, table.group_by(names).len(COUNT).with_columns(pl.col(COUNT).cast(pl.Int64)).sort(names)


def _one_value(name: str, *, several: bool) -> pl.Expr:
    """Return the expression of the value of a column, or of its values joined; null for none."""
    column = pl.col(name)
    if several:
        column = column.list.eval(pl.element().filter(~pl.element().is_in(STATES))).list.sort().list.join("+")
    return pl.when(~column.is_in(["", *STATES])).then(column).alias(name)


def _select_rows(
    snapshot: Snapshot, period: str, where: Mapping[str, Sequence[str]], by: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the rows of the period that meet all conditions. Raises BadInput."""
    years = list_years(period)
    conditions = dict(where) | ({YEAR: years} if years else {})
    for name in (COLUMN, *conditions, *by):
        if name not in snapshot.columns:
            todo = "take a snapshot of victims, or a file with this column"
            raise BadInput(Fault("there is no such column", todo, snapshot.path, column=shown(name)))
    if COLUMN not in snapshot.multi:
        todo = f"read the file with --multi {COLUMN}"
        raise BadInput(Fault("does not hold several values per row", todo, snapshot.path, column=COLUMN))
    frame = snapshot.frame
    for name, values in conditions.items():
        frame = frame.filter(_is_one_of(name, list(values), several=name in snapshot.multi))
    if frame.is_empty():
        raise BadInput(Fault("nobody is left to be on a list", "check the period and the conditions", snapshot.path))
    return frame


def _is_one_of(name: str, values: list[str], *, several: bool) -> pl.Expr:
    """Return the expression that a column, or one value of a multi-valued column, is among the values."""
    column = pl.col(name)
    if several:
        return column.list.eval(pl.element().is_in(values)).list.any().fill_null(value=False)
    return column.is_in(values).fill_null(value=False)


def _count_kinds(frame: pl.DataFrame, referrals: bool) -> dict[Groups, int]:
    """Return how many people each set of kinds of agencies detected."""
    columns = [COLUMN, *([HELPER] if referrals and HELPER in frame.columns else [])]
    people: Counter[Groups] = Counter()
    for kinds, *assisting, count in frame.group_by(columns).len().iter_rows():
        detecting = {kind for kind in [*(kinds or []), *assisting] if kind and kind not in STATES}
        people[tuple(sorted(detecting))] += count
    return dict(people)


def _group_kinds(
    rows: Mapping[Groups, int], lists: Sequence[str] | Mapping[str, Sequence[str]]
) -> tuple[dict[str, Groups], Groups]:
    """Return the kinds of agencies in each list (largest list first), and requested lists without people."""
    sizes: Counter[str] = Counter()
    for kinds, count in rows.items():
        for kind in kinds:
            sizes[kind] += count
    requested = dict(lists) if isinstance(lists, Mapping) else {name: [name] for name in lists}
    nobody = tuple(name for name, kinds in requested.items() if not any(sizes[kind] for kind in kinds))
    if not requested:
        # Polars groups rows in any order. Lists of equal size are sorted by name, so that the order is reproducible
        large = sorted((kind for kind in sizes if sizes[kind] >= SMALL), key=lambda kind: (-sizes[kind], kind))
        requested = {kind: [kind] for kind in large}
        rest = [kind for kind in sizes if kind not in large]
        if len(requested) + bool(rest) > MOST:
            requested = {kind: [kind] for kind in large[: MOST - 1]}
    used = {kind for kinds in requested.values() for kind in kinds}
    rest = sorted(set(sizes) - used)
    groups = {name: tuple(sorted(kinds)) for name, kinds in requested.items() if name not in nobody}
    if rest:
        name = rest[0] if len(rest) == 1 and OTHER not in groups else OTHER
        groups[name] = tuple(sorted({*groups.get(name, ()), *rest}))
    return groups, nobody


def _encode_history(kinds: Groups, bit: Mapping[str, int]) -> int:
    """Return the capture history (bitmask) of a set of kinds."""
    mask = 0
    for kind in kinds:
        mask |= bit[kind]
    return mask
