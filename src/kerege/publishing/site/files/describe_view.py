"""Description of an indicator's view for the files.

Values, words, sources and addresses in one language.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

from kerege.charts import Chart
from kerege.publishing.exports.sdg import get_area
from kerege.publishing.site import indicator_chart as drawing
from kerege.publishing.site.files.figure_file import FigureDimension, FigureFile, Line, SourceRelease
from kerege.publishing.site.files.file_words import get_words
from kerege.publishing.site.indicator_facts import write_finding, write_level
from kerege.publishing.site.indicator_page import known_points
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.series import CellValue, View
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import mark_label, read_words, series_label
from kerege.publishing.storage.published_tables import TOTAL
from kerege.publishing.storage.release_labels import labels_of
from kerege.vocabulary import profile, snapshot_columns

MEASURE = "measure"  # name of the marks of an indicator without an axis: detected, estimated
SERIES = "series"


def describe(view: View, state: SiteState, lang: str, base: str, *, pinned: str = "") -> FigureFile:
    """Return the description of a view; `pinned` names the release whose state it is."""
    with labels_of(view.releases):
        return _describe(view, state, lang, base, pinned)


def _describe(view: View, state: SiteState, lang: str, base: str, pinned: str) -> FigureFile:
    indicator, words = view.indicator, read_words(lang)
    text, country = words["indicator"][indicator.id], profile.active()
    publisher = get_publisher(lang)
    return FigureFile(
        id=indicator.id,
        lang=lang,
        kind=indicator.kind,
        title=text["name"],
        finding=str(write_finding(view, lang)),
        scope=text["scope"],
        unit=words["unit"][indicator.noun],
        dimensions=tuple(_dimensions(view, lang)),
        lines=tuple(_lines(view, lang)),
        releases=tuple(_source(view, state, lang, base)),
        address=f"{base}/{lang}/f/{indicator.id}/" + (f"{pinned}/" if pinned else ""),
        publisher=publisher.name,
        place=country.name.in_language(lang),
        area=_area(country.country),
        notes=tuple(words["know"][name] for name in indicator.know if name in known_points(view)),
        level=str(write_level(view, lang)),
        contact=publisher.contact,
        pinned=pinned,
        invented=drawing.is_invented(view),
    )


def chart_for_files(view: View, lang: str) -> Chart:
    """Return the chart of a picture; the finding is above it."""
    with labels_of(view.releases):
        return drawing.chart_of(view, lang, str(write_finding(view, lang)), name="p")


@cache
def _area(country: str) -> str:
    return get_area(country)[0]


def has_series(view: View) -> bool:
    """Return whether the series are a dimension of the data."""
    return view.indicator.is_timed or len(view.series) > 1 or not has_marks(view)


def has_marks(view: View) -> bool:
    """Return whether the marks are a dimension of the data.

    Categories, neither periods nor a single total.
    """
    return not view.indicator.is_timed and view.periods != (TOTAL,)


def _dimensions(view: View, lang: str) -> Iterator[FigureDimension]:
    """Yield the category of the marks unless they are periods, then the series."""
    indicator = view.indicator
    if has_marks(view):
        code = "_".join(indicator.axis) or MEASURE
        yield FigureDimension(code, read_words(lang)["indicator"][indicator.id]["head"])
    if has_series(view):
        yield FigureDimension(indicator.split or SERIES, _series_title(view, lang))


def _series_title(view: View, lang: str) -> str:
    table = drawing.newest_table(view)
    if view.indicator.split and table:
        return snapshot_columns.column(table.entry.of, view.indicator.split).title(lang)
    return get_words(lang)["columns"][SERIES]


def _lines(view: View, lang: str) -> Iterator[Line]:
    """Yield every value of the page's table, also those that were not counted."""
    table, indicator = drawing.newest_table(view), view.indicator
    for mark in view.periods:
        label = mark_label(lang, table, indicator.axis, mark)
        for code in view.series:
            series = [(code, series_label(lang, table, indicator.split, code))] if has_series(view) else []
            marks = [(mark, label)] if has_marks(view) else []
            yield _line(view, mark, code, [*marks, *series])


def _line(view: View, mark: str, code: str, keys: list[tuple[str, str]]) -> Line:
    cell = view.values.get((code, mark))
    value = view.value(code, mark)
    has_limits = value.status not in {"withheld", "absent"}
    return Line(
        period=period_of(view, mark, code),
        codes=tuple(key for key, _ in keys),
        labels=tuple(label for _, label in keys),
        value=value.count,
        status=value.status,
        lower=_finite(value.lower) if has_limits else None,
        upper=_finite(value.upper) if has_limits else None,
        release=cell.release if cell else "",
        first_release=cell.first_release if cell else "",
        revised_from=_revised(cell),
    )


def _revised(cell: CellValue | None) -> float | None:
    return cell.revised_from if cell else None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def period_of(view: View, mark: str, code: str) -> str:
    """Return the period of a mark: itself, the years of a total, else that of its estimate or release."""
    if view.indicator.is_timed:
        years = sorted(period[:4] for period in view.marks if period != TOTAL)
        return mark if mark != TOTAL or not years else f"{years[0]}/{years[-1]}"
    estimates = [part.estimate for part in view.indicator.series if part.estimate in view.sources]
    if estimates:
        name = str(estimates[0])
        return str(view.sources[name].estimates[name]["period"])
    tables = [part.table for part in view.indicator.series if part.code == code and part.table in view.sources]
    release = view.sources[str(tables[0])] if tables else next(iter(view.releases), None)
    return release.manifest.period if release else ""


def _source(view: View, state: SiteState, lang: str, base: str) -> Iterator[SourceRelease]:
    for release in view.releases:
        name = release.path.name
        yield SourceRelease(
            name=name,
            title=release.title.get(lang, name),
            period=release.manifest.period,
            day=state.published_on(release),
            digest=release.digest,
            address=f"{base}/{lang}/r/{name}/",
        )
