"""Overlapping lists from a snapshot: which kinds of agencies detected each person, each of them independently.

`snapshot_lists(snapshot, period).lists` is the argument of `panel`; releases use it. `detected_by` holds first
detections only. A person whom another agency referred is no second detection: a referral makes lists depend on each
other and says nothing about people whom no agency met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.data.periods import YEAR, years_of
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.mse.lists import Lists, check_names, unchecked

COLUMN, HELPER = "detected_by", "agency_kind"
OTHER = "other"
SMALL = 30  # people below which a kind of agency makes no list of its own
MOST = 6  # lists; beyond it the exact methods no longer look at every model
STATES = ("unknown", "not_asked", "refused", "no")  # answers that name no agency
Groups = tuple[str, ...]


@dataclass(frozen=True)
class Detected:
    """The lists of a period, and what became of kinds of agencies and of people on the way to them.

    groups: the kinds of agencies in each list, in the order of the lists. people: all persons of the period. unlisted:
    those whom no agency detected independently; they are on no list and among those whom the estimate counts as
    undetected. nobody: lists that were asked for and have nobody; they are left out.
    """

    lists: Lists
    groups: dict[str, Groups]
    people: int
    unlisted: int
    nobody: Groups = ()

    @property
    def notes(self) -> list[str]:
        """What was joined and left out, one sentence each."""
        told = [f"{name} is one list of {', '.join(kinds)}" for name, kinds in self.groups.items() if len(kinds) > 1]
        return told + [f"{name}: nobody is on this list, it is left out" for name in self.nobody]


def snapshot_lists(
    snapshot: Snapshot,
    period: str = "",
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    lists: Sequence[str] | Mapping[str, Sequence[str]] = (),
    referrals: bool = False,
) -> Detected:
    """The lists of the persons of a closed period.

    Parameters
    ----------
    snapshot : Snapshot
        Of victims, with the kinds of agencies that detected each.
    period : str
        "2025" or "2021/2025"; everybody if empty.
    where : mapping of str to sequence of str, optional
        Further conditions, column to values.
    lists : sequence of str, or mapping of str to sequence of str
        Kinds of agencies that make a list each, or names of lists with their kinds; all others are one list, `other`.
        Without it every kind with SMALL people or more makes one, the others together `other`, and of more than MOST
        lists the smallest are joined.
    referrals : bool
        Count as well the agency that helps a person whom others detected: what the lists would be if a referral were a
        detection, for a sensitivity run only.

    Returns
    -------
    Detected

    Raises
    ------
    BadInput
        For columns that are not there, a period that is none, or where nobody is left.

    Examples
    --------
    >>> import polars as pl  # invented people: no snapshot of a register is published
    >>> from kerege.evidence.data.snapshot import Snapshot
    >>> kinds = [["police"], ["shelter"], ["police", "shelter"], ["hotline"], ["hotline", "police"]] * 30
    >>> frame = pl.DataFrame({"year": ["2025"] * len(kinds), "detected_by": kinds})
    >>> found = snapshot_lists(Snapshot(frame, "victims", "", True, "", frozenset(["detected_by"])), "2025")
    >>> found.lists.names, found.lists.people
    (('police', 'hotline', 'shelter'), 150)
    """
    frame = _chosen(snapshot, period, where or {})
    rows = _kinds(frame, referrals)
    groups, nobody = _groups(rows, lists)
    check_names(tuple(groups))
    bit = {kind: 1 << place for place, kinds in enumerate(groups.values()) for kind in kinds}
    people: Counter[int] = Counter()
    for kinds, count in rows.items():
        people[_mask(kinds, bit)] += count
    unlisted = people.pop(0, 0)
    histories = np.array(sorted(people), np.int64)
    counts = np.array([people[int(history)] for history in histories], np.int64)
    return Detected(unchecked(tuple(groups), histories, counts), groups, frame.height, unlisted, nobody)


def _chosen(snapshot: Snapshot, period: str, where: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """The rows that count."""
    years = years_of(period)
    wanted = dict(where) | ({YEAR: years} if years else {})
    for name in (COLUMN, *wanted):
        if name not in snapshot.columns:
            todo = "take a snapshot of victims, or a file with this column"
            raise BadInput(Fault("there is no such column", todo, snapshot.path, column=shown(name)))
    if COLUMN not in snapshot.multi:
        todo = f"read the file with --multi {COLUMN}"
        raise BadInput(Fault("holds no several values", todo, snapshot.path, column=COLUMN))
    frame = snapshot.frame
    for name, values in wanted.items():
        frame = frame.filter(_is_one_of(name, list(values), several=name in snapshot.multi))
    if frame.is_empty():
        raise BadInput(Fault("nobody is left to be on a list", "check the period and the conditions", snapshot.path))
    return frame


def _is_one_of(name: str, values: list[str], *, several: bool) -> pl.Expr:
    column = pl.col(name)
    if several:
        return column.list.eval(pl.element().is_in(values)).list.any().fill_null(value=False)
    return column.is_in(values).fill_null(value=False)


def _kinds(frame: pl.DataFrame, referrals: bool) -> dict[Groups, int]:
    """People by the kinds of agencies that detected them."""
    columns = [COLUMN, *([HELPER] if referrals and HELPER in frame.columns else [])]
    found: Counter[Groups] = Counter()
    for kinds, *helper, count in frame.group_by(columns).len().iter_rows():
        met = {kind for kind in [*(kinds or []), *helper] if kind and kind not in STATES}
        found[tuple(sorted(met))] += count
    return dict(found)


def _groups(
    rows: Mapping[Groups, int], lists: Sequence[str] | Mapping[str, Sequence[str]]
) -> tuple[dict[str, Groups], Groups]:
    """The kinds of agencies in each list, the largest list first; and the lists that have nobody."""
    there: Counter[str] = Counter()
    for kinds, count in rows.items():
        for kind in kinds:
            there[kind] += count
    asked = dict(lists) if isinstance(lists, Mapping) else {name: [name] for name in lists}
    nobody = tuple(name for name, kinds in asked.items() if not any(there[kind] for kind in kinds))
    if not asked:
        # Polars groups rows in any order: lists of one size stand by name, or the same snapshot gave another order
        large = sorted((kind for kind in there if there[kind] >= SMALL), key=lambda kind: (-there[kind], kind))
        asked = {kind: [kind] for kind in large}
        rest = [kind for kind in there if kind not in large]
        if len(asked) + bool(rest) > MOST:
            asked = {kind: [kind] for kind in large[: MOST - 1]}
    named = {kind for kinds in asked.values() for kind in kinds}
    rest = sorted(set(there) - named)
    groups = {name: tuple(sorted(kinds)) for name, kinds in asked.items() if name not in nobody}
    if rest:
        name = rest[0] if len(rest) == 1 and OTHER not in groups else OTHER
        groups[name] = tuple(sorted({*groups.get(name, ()), *rest}))
    return groups, nobody


def _mask(kinds: Groups, bit: Mapping[str, int]) -> int:
    mask = 0
    for kind in kinds:
        mask |= bit[kind]
    return mask
