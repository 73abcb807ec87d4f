"""`indicators/ID.json`: one indicator in all languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kerege.publishing.site.files.api_models import (
    ApiCode,
    ApiDimension,
    ApiIndicator,
    ApiSource,
    ApiValue,
    Text,
    tree_of,
)
from kerege.publishing.site.files.figure_file import LICENCE, FigureFile, Line, plain_number
from kerege.publishing.site.files.json_text import write_json

SUFFIXES = (".csv", ".ods", ".zip", ".svg", ".png", ".sdmx.csv", ".sdmx.xml")
Figures = Mapping[str, FigureFile]  # by language


def write(figures: Figures) -> bytes:
    """Return the file; the languages must describe the same values."""
    return write_json(tree_of(describe(figures)))


def describe(figures: Figures) -> ApiIndicator:
    """Return the model of the file."""
    one = figures["en"]
    return ApiIndicator(
        version="1",
        id=one.id,
        kind=one.kind,
        title=_texts(figures, lambda figure: figure.title),
        finding=_texts(figures, lambda figure: figure.finding),
        scope=_texts(figures, lambda figure: figure.scope),
        unit=_texts(figures, lambda figure: figure.unit),
        notes={lang: list(figure.notes) for lang, figure in figures.items()},
        level=_texts(figures, lambda figure: figure.level),
        invented=one.invented,
        pinned=one.pinned,
        publisher=_texts(figures, lambda figure: figure.publisher),
        license=LICENCE,
        page=_texts(figures, lambda figure: figure.address),
        files={suffix: {lang: figure.twin(suffix) for lang, figure in figures.items()} for suffix in SUFFIXES},
        dimensions=[_dimension(figures, at) for at in range(len(one.dimensions))],
        values=[_value(one, line) for line in one.lines],
        releases=[_source(figures, at) for at in range(len(one.releases))],
    )


def _texts(figures: Figures, text: Callable[[FigureFile], str]) -> Text:
    return {lang: text(figure) for lang, figure in figures.items()}


def _dimension(figures: Figures, at: int) -> ApiDimension:
    one = figures["en"]
    labels = {lang: {line.codes[at]: line.labels[at] for line in figure.lines} for lang, figure in figures.items()}
    codes = [ApiCode(code=code, label={lang: labels[lang][code] for lang in figures}) for code in labels["en"]]
    return ApiDimension(
        code=one.dimensions[at].code, label=_texts(figures, lambda figure: figure.dimensions[at].label), codes=codes
    )


def _value(figure: FigureFile, line: Line) -> ApiValue:
    names = [dimension.code for dimension in figure.dimensions]
    return ApiValue(
        period=line.period,
        codes=dict(zip(names, line.codes, strict=True)),
        value=plain_number(line.value),
        lower=plain_number(line.lower),
        upper=plain_number(line.upper),
        status=line.status,
        release=line.release,
        first_release=line.first_release,
        revised_from=plain_number(line.revised_from),
    )


def _source(figures: Figures, at: int) -> ApiSource:
    release = figures["en"].releases[at]
    return ApiSource(
        name=release.name,
        title=_texts(figures, lambda figure: figure.releases[at].title),
        period=release.period,
        published=release.day.isoformat(),
        manifest_sha256=release.digest,
        page=_texts(figures, lambda figure: figure.releases[at].address),
    )
