"""Model of a chart: its series, its periods or categories, and values with what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["exact", "rounded", "noise", "withheld", "absent", "estimated"]
Kind = Literal["columns", "bars", "stacked", "estimate", "tiles", "flow", "step", "lines", "intervals"]
Flag = Literal["invented", "simulated"]


@dataclass(frozen=True)
class Value:
    """Count with the interval that holds it.

    An exact count has equal limits. A withheld count is None and lies between its limits. An estimate may have limits
    without a count.
    """

    count: float | None
    status: Status
    lower: float
    upper: float

    @classmethod
    def exact(cls, count: float) -> Value:
        """Return an exact count."""
        return cls(count, "exact", count, count)

    @classmethod
    def rounded(cls, count: float, half_width: float) -> Value:
        """Return a rounded count; the true count differs by at most the half width."""
        return cls(count, "rounded", max(count - half_width, 0), count + half_width)

    @classmethod
    def withheld(cls, upper: float) -> Value:
        """Return a withheld count between 0 and `upper`."""
        return cls(None, "withheld", 0, upper)

    @classmethod
    def absent(cls) -> Value:
        """Return the value of a series that was not counted in a period."""
        return cls(None, "absent", 0, 0)

    @classmethod
    def estimated(cls, lower: float, upper: float) -> Value:
        """Return an estimated range without a point."""
        return cls(None, "estimated", lower, upper)


@dataclass(frozen=True)
class Series:
    """Series of a chart: values of one definition."""

    code: str
    label: str


@dataclass(frozen=True)
class Period:
    """Period or category of a chart."""

    code: str
    label: str


@dataclass(frozen=True)
class Break:
    """Break after a period: from there on people are counted in another way. The words say in which."""

    after: str
    words: str


@dataclass(frozen=True)
class Tile:
    """Place of a region in a map of tiles, from 0, and its short name for small tiles."""

    row: int
    column: int
    short: str = ""


@dataclass(frozen=True)
class Chart:
    """Chart in one language: the finding, the values, and the words that a reader needs.

    `name` begins the ids of the picture, so it must be unique on a page. `axis` names the periods, `unit` the counted
    things. `words` replaces words of `words.toml`. `notes` are lines under the picture. `tiles` are the places of
    regions, `home` is the country in whose colour arrows to it are drawn.

    The periods of a step curve or of lines with numeric codes are numbers on the axis, such as days. Those of a flow
    map are corridors such as UZ>KZ, and countries with the series `origin` and `target`. `goals` are numbers to
    be reached, by series and category: bars show them as lines.
    """

    kind: Kind
    title: str
    series: tuple[Series, ...]
    periods: tuple[Period, ...]
    values: Mapping[tuple[str, str], Value]
    description: str = ""
    breaks: tuple[Break, ...] = ()
    unit: str = ""
    axis: str = ""
    lang: str = "en"
    name: str = "chart"
    words: Mapping[str, str] = field(default_factory=dict)
    flags: frozenset[Flag] = frozenset()
    notes: tuple[str, ...] = ()
    tiles: Mapping[str, Tile] = field(default_factory=dict)
    home: str = ""
    goals: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def value(self, series: str, period: str) -> Value:
        """Return a value; absent if there is none."""
        return self.values.get((series, period), ABSENT)

    def values_of(self, series: str) -> list[tuple[Period, Value]]:
        """Return the values of a series that were counted or estimated, in the order of the periods."""
        pairs = ((period, self.value(series, period.code)) for period in self.periods)
        return [(period, value) for period, value in pairs if value.status != "absent"]


ABSENT = Value.absent()
