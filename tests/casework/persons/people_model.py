"""A model of people, records, links and erasures, which shares no code with the services.

A person is a set of records that joins in force connect. The model predicts, for each operation, which records it may
touch; `erasure_walk.py` compares the register with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field


@dataclass
class ModelRecord:
    """A record: its number, its agency, and the marks of values that its newest version holds."""

    number: int
    agency: str
    marks: set[str] = field(default_factory=set)
    erased: bool = False

    @property
    def mark(self) -> str:
        """Return the value that only this record brought into the register."""
        return f"+7 700 000 {self.number:04d}"


@dataclass
class ModelJoin:
    """A link or a merge of two records; in force until it is undone or a record is erased."""

    kept: int
    other: int
    is_merge: bool = False
    in_force: bool = True


@dataclass
class ModelRequest:
    """A request for the erasure of the person to whom a record belongs at the time of the decision."""

    record: int
    agency: str
    state: str = ""


class People:
    """All records, joins and requests of a walk."""

    def __init__(self) -> None:
        self.records: list[ModelRecord] = []
        self.joins: list[ModelJoin] = []
        self.requests: list[ModelRequest] = []

    def add_record(self, agency: str) -> ModelRecord:
        """Add a record of a person whom nobody has linked yet."""
        record = ModelRecord(len(self.records), agency)
        record.marks.add(record.mark)
        self.records.append(record)
        return record

    def alive(self) -> list[int]:
        """Return the numbers of the records that can be read."""
        return [record.number for record in self.records if not record.erased]

    def person(self, number: int) -> frozenset[int]:
        """Return the records of the person to whom a record belongs."""
        return self._reach(number, [join for join in self.joins if join.in_force])

    def persons(self) -> set[frozenset[int]]:
        """Return every person with records that can be read."""
        return {self.person(number) for number in self.alive()}

    def merged(self, number: int) -> frozenset[int]:
        """Return the records that merges made one with this record."""
        return self._reach(number, [join for join in self.joins if join.in_force and join.is_merge])

    def survivor(self, number: int) -> int:
        """Return the record into which a record was merged, over all merges; itself without one."""
        into = {join.other: join.kept for join in self.joins if join.in_force and join.is_merge}
        while number in into:
            number = into[number]
        return number

    def join(self, kept: int, other: int, *, is_merge: bool) -> None:
        """Join the persons of two records; a merge copies the values of `other` into `kept`."""
        self.joins.append(ModelJoin(kept, other, is_merge))
        if is_merge:
            self.records[kept].marks |= self.records[other].marks

    def undo(self, join: ModelJoin, *, keep_apart: bool) -> None:
        """Undo a join; to keep the two apart, undo every other join of the same two records as well."""
        if join.is_merge:
            self.records[join.kept].marks -= self.records[join.other].marks
        join.in_force = False
        for other in self.joins_between(join.kept, join.other) if keep_apart else ():
            other.in_force = False

    def joins_between(self, one: int, two: int) -> list[ModelJoin]:
        """Return the joins of two records that are in force."""
        return [join for join in self.joins if join.in_force and {join.kept, join.other} == {one, two}]

    def hand_over(self, records: Iterable[int], receiver: str) -> None:
        """Give records to another agency."""
        for number in records:
            self.records[number].agency = receiver

    def erase(self, number: int) -> frozenset[int]:
        """Erase the person of a record; return the records that this destroys."""
        destroyed = self.person(number)
        for lost in destroyed:
            self.records[lost].erased, self.records[lost].marks = True, set()
        for join in self.joins:
            join.in_force = join.in_force and not {join.kept, join.other} & destroyed
        for request in self.requests:
            if not request.state and request.record in destroyed:
                request.state = "withdrawn"
        return destroyed

    @staticmethod
    def _reach(start: int, joins: Collection[ModelJoin]) -> frozenset[int]:
        """Return the records that joins connect with one."""
        reached = {start}
        while True:
            more = {number for join in joins if {join.kept, join.other} & reached for number in (join.kept, join.other)}
            if more <= reached:
                return frozenset(reached)
            reached |= more
