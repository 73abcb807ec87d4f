"""Values of an indicator over all standing releases. Pure: no database, no clock, no language."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kerege.charts.model import Value
from kerege.publishing.site.indicators import SeriesBreak, SeriesSource, SiteIndicator
from kerege.publishing.site.standing import FaultyRelease
from kerege.publishing.site.table_values import Key, definition, is_over, place_of, read_cells
from kerege.publishing.storage.published_tables import TOTAL, PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles

ABSENT = Value.absent()


class DefinitionsDiffer(Exception):
    """Error: a series would join two tables that count different things, and no break says why."""

    def __init__(self, table: str, newer: str, older: str) -> None:
        self.table, self.newer, self.older = table, newer, older
        super().__init__(
            f"{newer} and {older} define the table {table} differently, and indicators.toml states no break"
        )


@dataclass(frozen=True)
class CellValue:
    """Value of one mark, the release that states it, and the release that first stated it.

    `revised_from` is the exact number that an earlier release gave for the same whole period.
    """

    value: Value
    release: str
    first_release: str
    revised_from: float | None = None


@dataclass(frozen=True)
class Vintage:
    """State of a cumulative table in an earlier release. No line joins it to the newest one."""

    release: str
    as_of: date
    same_definition: bool
    values: Mapping[Key, Value]


@dataclass(frozen=True)
class MissingNote:
    """Reason why numbers are missing from a view or not joined.

    `lost`: the newest table lacks periods that an older one had. `faulty`: a release that may be newer does not pass
    verification. `missing`: no release holds the table. `redefined`: an older release counts something else.
    `no_estimate`: a rule forbids the estimate.
    """

    kind: str
    table: str
    release: str = ""
    periods: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """Values of an indicator by series and mark. A mark is a period, or a category for cumulative tables.

    `identity` names the releases behind it, so that what is derived from it can be kept; None keeps nothing.
    """

    indicator: SiteIndicator
    periods: tuple[str, ...]
    series: tuple[str, ...]
    values: Mapping[Key, CellValue]
    breaks: tuple[SeriesBreak, ...] = ()
    vintages: tuple[Vintage, ...] = ()
    notices: tuple[MissingNote, ...] = ()
    tables: Mapping[str, PublishedTable] = field(default_factory=dict)  # newest table of each name
    sources: Mapping[str, ReleaseFiles] = field(default_factory=dict)  # release of each table or estimate
    identity: Hashable = None

    @property
    def marks(self) -> tuple[str, ...]:
        """Return the marks without the total."""
        return tuple(period for period in self.periods if period != TOTAL or len(self.periods) == 1)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the series without their total."""
        return tuple(code for code in self.series if code != TOTAL)

    @property
    def releases(self) -> tuple[ReleaseFiles, ...]:
        """Return the releases whose numbers are shown, newest first."""
        by_name = {release.path.name: release for release in self.sources.values()}
        return tuple(sorted(by_name.values(), key=lambda release: release.as_of or release.created, reverse=True))

    def value(self, series: str, period: str) -> Value:
        """Return the value of a mark; an absent one where no release has it."""
        cell = self.values.get((series, period))
        return cell.value if cell else ABSENT

    def numbers(self) -> list[Value]:
        """Return the values of the marks that the chart draws."""
        keys = [(code, period) for code in self.parts for period in self.marks]
        return [self.values[key].value for key in keys if key in self.values]


def build_view(
    indicator: SiteIndicator,
    releases: Sequence[ReleaseFiles],
    corrected: Sequence[ReleaseFiles] = (),
    faulty: Sequence[FaultyRelease] = (),
) -> View:
    """Return the values of an indicator from the standing releases, the one about the newest data first.

    Of each cell the newest release counts, also when it withholds the number. `corrected` are releases that a
    correction replaced: they give only the numbers before a revision. A table that a release of `faulty` may hold in a
    newer state has no values. Raises DefinitionsDiffer when a series would join two definitions without a break.
    """
    built = [_build_source(indicator, source, releases, corrected, faulty) for source in indicator.series]
    values = {key: cell for part in built for key, cell in part.values.items()}
    return View(
        indicator=indicator,
        periods=_order_periods(indicator, values, _lost_periods(built)),
        series=tuple(dict.fromkeys(code for part in built for code in part.series)),
        values=values,
        breaks=tuple(indicator.breaks),
        vintages=tuple(vintage for part in built for vintage in part.vintages),
        notices=tuple(notice for part in built for notice in part.notices),
        tables={name: table for part in built for name, table in part.tables.items()},
        sources={name: release for part in built for name, release in part.sources.items()},
    )


@dataclass(frozen=True)
class _Part:
    """Values of one source of an indicator."""

    series: tuple[str, ...]
    values: Mapping[Key, CellValue] = field(default_factory=dict)
    vintages: tuple[Vintage, ...] = ()
    notices: tuple[MissingNote, ...] = ()
    tables: Mapping[str, PublishedTable] = field(default_factory=dict)
    sources: Mapping[str, ReleaseFiles] = field(default_factory=dict)


def _build_source(
    indicator: SiteIndicator,
    source: SeriesSource,
    releases: Sequence[ReleaseFiles],
    corrected: Sequence[ReleaseFiles],
    faulty: Sequence[FaultyRelease],
) -> _Part:
    if source.estimate:
        return _build_estimate(source, releases, faulty)
    name = str(source.table)
    holders = [release for release in releases if name in release.tables]
    newest = holders[0].manifest.period if holders else ""
    if hiding := [release.name for release in faulty if release.hides(name, newest)]:
        return _Part(_codes(source), notices=(MissingNote("faulty", name, hiding[0]),))
    if not holders:
        return _Part(_codes(source), notices=(MissingNote("missing", name),))
    before = [release for release in corrected if name in release.tables]
    if indicator.is_timed:
        return _build_timed(indicator, source, holders, before)
    return _build_cumulative(indicator, source, holders, before)


def _codes(source: SeriesSource) -> tuple[str, ...]:
    return (source.code,)


def _build_timed(
    indicator: SiteIndicator, source: SeriesSource, holders: Sequence[ReleaseFiles], before: Sequence[ReleaseFiles]
) -> _Part:
    """Return the values of a table by period: those of the newest release, and those from before a break."""
    name, newest = str(source.table), holders[0]
    table = newest.tables[name]
    meant = definition(table, indicator.axis)
    states = {release.path.name: read_cells(indicator, source, release) for release in (*holders, *before)}
    alike = [
        release
        for release in sorted((*holders, *before), key=lambda release: release.manifest.created)
        if definition(release.tables[name], indicator.axis) == meant
    ]
    values = {key: _with_history(key, value, newest, alike, states) for key, value in states[newest.path.name].items()}
    older, lost = _older_cells(indicator, name, holders, states, values)
    notices = tuple(MissingNote("lost", name, release, tuple(sorted(periods))) for release, periods in lost.items())
    differing = [release for release in holders if definition(release.tables[name], indicator.axis) != meant]
    notices += tuple(MissingNote("redefined", name, release.path.name) for release in differing)
    series = _series_of(indicator, source, table)
    return _Part(
        series,
        values=values | older,
        notices=notices,
        tables={name: table},
        sources={name: newest},
    )


def _older_cells(
    indicator: SiteIndicator,
    name: str,
    holders: Sequence[ReleaseFiles],
    states: Mapping[str, Mapping[Key, Value]],
    values: Mapping[Key, CellValue],
) -> tuple[dict[Key, CellValue], dict[str, set[str]]]:
    """Return the cells before a break, which have another definition, and the periods that were lost.

    A period that the newest table of the same definition no longer holds is lost: the older number is not shown.
    """
    newest, older, lost = holders[0], dict[Key, CellValue](), dict[str, set[str]]()
    meant = definition(newest.tables[name], indicator.axis)
    known = {period for _, period in values}
    for release in holders[1:]:
        extra = {key: value for key, value in states[release.path.name].items() if key[1] not in known}
        if not extra:
            continue
        if definition(release.tables[name], indicator.axis) == meant:
            lost.setdefault(newest.path.name, set()).update(period for _, period in extra)
            continue
        last = max(period for _, period in extra)
        if last not in {item.after for item in indicator.breaks}:
            raise DefinitionsDiffer(name, newest.path.name, release.path.name)
        older |= {key: CellValue(value, release.path.name, release.path.name) for key, value in extra.items()}
        known |= {period for _, period in extra}
    return older, lost


def _with_history(
    key: Key,
    value: Value,
    newest: ReleaseFiles,
    alike: Sequence[ReleaseFiles],
    states: Mapping[str, Mapping[Key, Value]],
) -> CellValue:
    """Return a value with the release that first stated it, and the number before the last revision."""
    stating = [release for release in alike if key in states[release.path.name]]
    first = stating[0].path.name if stating else newest.path.name
    if value.status != "exact":
        return CellValue(value, newest.path.name, first)
    earlier = [
        states[release.path.name][key]
        for release in stating
        if release is not newest and is_over(key[1], release.as_of or release.created)
    ]
    numbers = [old.count for old in earlier if old.status == "exact" and old.count != value.count]
    return CellValue(value, newest.path.name, first, numbers[-1] if numbers else None)


def _build_cumulative(
    indicator: SiteIndicator, source: SeriesSource, holders: Sequence[ReleaseFiles], before: Sequence[ReleaseFiles]
) -> _Part:
    """Return the values of a table without periods: the newest state, and the earlier ones as vintages."""
    name, newest = str(source.table), holders[0]
    table = newest.tables[name]
    meant = definition(table, indicator.axis)
    replaced = [release for release in before if release.as_of == newest.as_of]
    old = read_cells(indicator, source, replaced[0]) if replaced else {}
    values = {
        key: CellValue(value, newest.path.name, newest.path.name, _revised(value, old.get(key)))
        for key, value in read_cells(indicator, source, newest).items()
    }
    vintages = tuple(
        Vintage(
            release.path.name,
            release.as_of or release.created,
            definition(release.tables[name], indicator.axis) == meant,
            read_cells(indicator, source, release),
        )
        for release in holders[1:]
    )
    return _Part(
        _series_of(indicator, source, table),
        values=values,
        vintages=vintages,
        tables={name: table},
        sources={name: newest},
    )


def _revised(value: Value, old: Value | None) -> float | None:
    is_revised = old is not None and old.status == value.status == "exact" and old.count != value.count
    return old.count if old and is_revised else None


def _series_of(indicator: SiteIndicator, source: SeriesSource, table: PublishedTable) -> tuple[str, ...]:
    if indicator.split is None or indicator.split not in table.by:
        return (source.code,)
    codes = sorted(table.codes(table.by.index(indicator.split)), key=place_of)
    return (*codes, TOTAL) if indicator.whole else tuple(codes)


def _lost_periods(built: Sequence[_Part]) -> list[str]:
    """Return the periods whose number was lost; they keep their place without a number."""
    notices = (notice for part in built if part.values for notice in part.notices)
    return [period for notice in notices for period in notice.periods if period != TOTAL]


def _order_periods(indicator: SiteIndicator, values: Mapping[Key, CellValue], lost: Sequence[str]) -> tuple[str, ...]:
    """Return the marks: periods by time, categories largest first, rest and total last."""
    periods = list(dict.fromkeys([*(period for _, period in values), *lost]))
    if indicator.is_timed:
        return tuple(sorted(periods))
    if indicator.ordered:
        return tuple(sorted(periods, key=place_of))
    return tuple(sorted(periods, key=lambda period: (place_of(period), *_size(period, values))))


def _size(period: str, values: Mapping[Key, CellValue]) -> tuple[bool, float]:
    """Return the sort key for largest first and withheld last."""
    counts = [cell.value.count for (_, mark), cell in values.items() if mark == period]
    known = [count for count in counts if count is not None]
    return not known, -max(known, default=0)


# -- estimates ---------------------------------------------------------------------------------------------------------
def _build_estimate(source: SeriesSource, releases: Sequence[ReleaseFiles], faulty: Sequence[FaultyRelease]) -> _Part:
    """Return the range of an estimate as one value; no value where a publication rule forbids it."""
    name = str(source.estimate)
    holders = [release for release in releases if name in release.estimates]
    newest = holders[0].manifest.period if holders else ""
    if hiding := [release.name for release in faulty if not release.period or release.period >= newest]:
        return _Part(_codes(source), notices=(MissingNote("faulty", name, hiding[0]),))
    if not holders:
        return _Part(_codes(source), notices=(MissingNote("missing", name),))
    release = holders[0].path.name
    value = _estimated(holders[0].estimates[name])
    if value is None:
        return _Part(_codes(source), notices=(MissingNote("no_estimate", name, release),), sources={name: holders[0]})
    return _Part(_codes(source), {(source.code, TOTAL): CellValue(value, release, release)}, sources={name: holders[0]})


def _estimated(contents: Mapping[str, object]) -> Value | None:
    lower, upper = contents.get("lower"), contents.get("upper")
    if contents.get("no_estimate") or not isinstance(lower, int):
        return None
    return Value(None, "estimated", lower, upper if isinstance(upper, int) else math.inf)
