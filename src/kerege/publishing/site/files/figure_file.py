"""One indicator in one language, ready to be written: what every file format of the site is made from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from kerege.charts.model import Status

Kind = Literal["counted", "estimated", "quoted"]
WITHHELD, ABSENT = "withheld", "absent"
STATUSES: tuple[Status, ...] = get_args(Status)
LICENCE, LICENCE_NAME = "https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"
# characters that XML 1.0 forbids, and that no title needs
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class FigureDimension:
    """A dimension of the data besides the period: the name of its columns, and its label."""

    code: str
    label: str


@dataclass(frozen=True)
class Line:
    """One value. `codes` and `labels` have one entry for each dimension.

    `value` is None when it is withheld or absent, and in an estimate without a point.
    """

    period: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    value: float | None
    status: Status
    lower: float | None
    upper: float | None
    release: str
    first_release: str = ""
    revised_from: float | None = None


@dataclass(frozen=True)
class SourceRelease:
    """A release from which values come."""

    name: str
    title: str
    period: str
    day: date
    digest: str
    address: str


@dataclass(frozen=True)
class FigureFile:
    """An indicator with its values, words and sources, in one language.

    `releases` is newest first. `pinned` names the release whose state the file keeps; "" follows corrections. `level`
    says how sure an estimate is; "" for counts.
    """

    id: str
    lang: str
    kind: Kind
    title: str
    finding: str
    scope: str
    unit: str
    dimensions: tuple[FigureDimension, ...]
    lines: tuple[Line, ...]
    releases: tuple[SourceRelease, ...]
    address: str
    publisher: str
    place: str
    area: str
    notes: tuple[str, ...] = ()
    level: str = ""
    contact: str = ""
    pinned: str = ""
    invented: bool = False

    @property
    def name(self) -> str:
        """Return the name of the files, without a suffix."""
        return f"{self.id}-{self.pinned}" if self.pinned else self.id

    @property
    def day(self) -> date | None:
        """Return the day of the newest release."""
        return self.releases[0].day if self.releases else None

    @property
    def periods(self) -> tuple[str, ...]:
        """Return the periods in the order of the lines."""
        return tuple(dict.fromkeys(line.period for line in self.lines))

    def twin(self, suffix: str) -> str:
        """Return the address of the file of this suffix, such as ".csv"."""
        return self.address.removesuffix("/") + suffix


def clean(text: str) -> str:
    """Return a text on one line, without control characters."""
    return " ".join(_CONTROL.sub("", text).split())


def number_text(value: float | None) -> str:
    """Return a number as files write it: whole numbers without a decimal point, "" for None."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(float(value))


def plain_number(value: float | None) -> float | int | None:
    """Return a number for JSON: whole numbers as integers."""
    return int(value) if value is not None and value == int(value) else value
