"""UNODC questionnaire for the Global Report on Trafficking in Persons, tables T1 to T9, from releases.

A figure that the releases of the year lack is named, with the table specification that would supply it. Sources of
crimes and programmes of assistance are shown side by side and never added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from kerege.publishing.exports.figure_finder import (
    OK,
    Conditions,
    Finder,
    PublishedFigure,
    Slice,
    add_figures,
    most_informative,
)
from kerege.publishing.storage.published_tables import NOT_REPORTED, TOTAL, WITHHELD
from kerege.vocabulary.profile import active

PROSECUTED = ("in_court", "convicted", "acquitted")
YEARS = 4  # the questionnaire asks for the last years too
EVER = "_T"  # year code of a figure for all years up to the release
Keys = tuple[str, ...]


@dataclass(frozen=True)
class QuestionnairePart:
    """Dimensions and conditions of a questionnaire table; `ever` means all years as one figure."""

    by: Keys
    where: Conditions = field(default_factory=dict)
    ever: bool = False


@dataclass(frozen=True)
class QuestionnaireTable:
    """Table of the questionnaire.

    `apart` are dimensions that are never summed. `lacks` states what no snapshot holds.
    """

    id: str
    title: str
    of: str
    apart: Mapping[str, Keys]
    by: Keys
    parts: tuple[QuestionnairePart, ...]
    lacks: str = ""

    @property
    def columns(self) -> Keys:
        """Return the columns that hold codes."""
        return (*self.apart, "year", *self.by)


@dataclass(frozen=True)
class QuestionnaireAnswer:
    """Answer to a questionnaire table: figures by the codes of the columns, and the unanswered parts."""

    asked: QuestionnaireTable
    rows: dict[Keys, PublishedFigure]
    missing: tuple[QuestionnairePart, ...]

    @property
    def tables(self) -> list[str]:
        """Return the names of the release tables that the answer was read from."""
        return list(dict.fromkeys(name for figure in self.rows.values() for name in figure.tables))

    @property
    def suppressed(self) -> int:
        """Return the number of suppressed figures."""
        return sum(figure.status == WITHHELD for figure in self.rows.values())


def questionnaire(country: str) -> tuple[QuestionnaireTable, ...]:
    """Return tables T1 to T9 for a country."""
    by_sex, profile = ("sex",), active()
    sources = {"source": profile.source_order}
    cohorts = {"programme": tuple(cohort.payer for cohort in profile.cohort_order)}
    convicted, returned = {"crime_stage": "convicted"}, {"service_kinds": "repatriation"}
    own_nationals = tuple(
        QuestionnairePart(("destination",), {**returned, own: country}, ever)
        for own in ("citizenship", "origin")
        for ever in (False, True)
    )
    return (
        QuestionnaireTable(
            id="T1",
            title="Offences recorded, by article and year",
            of="crimes",
            apart=sources,
            by=("offence",),
            parts=(QuestionnairePart(("offence",)), QuestionnairePart(())),
        ),
        QuestionnaireTable(
            id="T2",
            title="Persons suspected, by sex",
            of="suspects",
            apart=sources,
            by=by_sex,
            parts=(QuestionnairePart(by_sex),),
        ),
        QuestionnaireTable(
            id="T3",
            title="Persons prosecuted (in court, convicted or acquitted), by sex",
            of="suspects",
            apart=sources,
            by=by_sex,
            parts=(QuestionnairePart(by_sex, {"crime_stage": PROSECUTED}),),
        ),
        QuestionnaireTable(
            id="T4",
            title="Persons convicted, by sex",
            of="suspects",
            apart=sources,
            by=by_sex,
            parts=(QuestionnairePart(by_sex, convicted), QuestionnairePart(by_sex, convicted, ever=True)),
            lacks="Citizenship and sentence of convicted persons are in no snapshot.",
        ),
        QuestionnaireTable(
            id="T5",
            title="Victims: men, women, boys and girls",
            of="victims",
            apart=cohorts,
            by=("age_group", "sex"),
            parts=(
                QuestionnairePart(("age_group", "sex")),
                QuestionnairePart(("sex",)),
                QuestionnairePart(("age_group",)),
                QuestionnairePart(()),
            ),
        ),
        QuestionnaireTable(
            id="T6",
            title="Victims by form of exploitation, sex and age group",
            of="victims",
            apart=cohorts,
            by=("exploitation", "exploitation_form", "sex", "age_group"),
            parts=(
                QuestionnairePart(("exploitation", "sex", "age_group")),
                QuestionnairePart(("exploitation", "sex")),
                QuestionnairePart(("exploitation", "age_group")),
                QuestionnairePart(("exploitation",)),
                QuestionnairePart(("exploitation_form",)),
            ),
        ),
        QuestionnaireTable(
            id="T7",
            title="Victims by citizenship",
            of="victims",
            apart=cohorts,
            by=("citizenship",),
            parts=(QuestionnairePart(("citizenship",)), QuestionnairePart(("citizenship",), ever=True)),
        ),
        QuestionnaireTable(
            id="T8",
            title="Domestic and cross-border trafficking, and corridors",
            of="victims",
            apart=cohorts,
            by=("flow", "origin", "destination"),
            parts=(
                QuestionnairePart(("origin", "destination")),
                QuestionnairePart(("origin", "destination"), ever=True),
            ),
        ),
        QuestionnaireTable(
            id="T9",
            title="Own nationals returned, by country of exploitation",
            of="victims",
            apart=cohorts,
            by=("destination",),
            parts=own_nationals,
        ),
    )


def answer_table(finder: Finder, question: QuestionnaireTable) -> QuestionnaireAnswer:
    """Return the answer to one table of the questionnaire from the releases of the year."""
    rows: dict[Keys, PublishedFigure] = {}
    answered: set[tuple[Keys, bool]] = set()
    for part in question.parts:
        # An answered part with the same dimensions makes a later one unnecessary.
        figures = {} if (part.by, part.ever) in answered else dict(_part(finder, question, part))
        for keys, figure in figures.items():
            rows[keys] = most_informative([rows.get(keys), figure]) or figure
        if any(keys[len(question.apart)] in {EVER, str(finder.year_releases.year)} for keys in figures):
            answered.add((part.by, part.ever))
    missing = {part.by: part for part in reversed(question.parts) if not part.ever and (part.by, False) not in answered}
    rows = dict(sorted(rows.items(), key=lambda item: _order(question, item[0])))
    return QuestionnaireAnswer(question, rows, tuple(reversed(missing.values())))


def _order(question: QuestionnaireTable, keys: Keys) -> tuple[object, ...]:
    """Return the sort key: programme or source first, then newest year; other rows keep their order."""
    return (*keys[: len(question.apart)], keys[len(question.apart)] != EVER and -int(keys[len(question.apart)]))


def _part(
    finder: Finder, question: QuestionnaireTable, part: QuestionnairePart
) -> Iterator[tuple[Keys, PublishedFigure]]:
    last = finder.year_releases.year
    years = [EVER] if part.ever else [str(year) for year in range(last, last - YEARS, -1)]
    for *codes, year in product(*question.apart.values(), years):
        conditions = dict(zip(question.apart, codes, strict=True)) | dict(part.where)
        when = {} if year == EVER else {"year": year}
        for table in finder.slices(question.of, part.by, conditions | when):
            for keys, figure in _rows(question, table):
                yield (*codes, year, *keys), figure


def _rows(question: QuestionnaireTable, table: Slice) -> Iterator[tuple[Keys, PublishedFigure]]:
    """Yield the rows of a table in the questionnaire's columns, with the total for a missing dimension."""
    if "flow" in question.by:
        yield from (((flow, TOTAL, TOTAL), figure) for flow, figure in count_flows(table))
    for codes, figure in table.rows():
        by_dimension = dict(zip(table.by, codes, strict=True))
        yield tuple(by_dimension.get(name, TOTAL) for name in question.by), figure


def count_flows(table: Slice) -> Iterator[tuple[str, PublishedFigure]]:
    """Yield how many victims were exploited in their own country, in another one, and unknown.

    Nothing is yielded when a table does not list every country. Cross-border and unknown need exact figures.
    """
    total, unknown = table.figure(TOTAL, TOTAL), _not_reported(table)
    if total is None or not (table.lists_all("origin") and table.lists_all("destination")):
        return
    same = [table.figure(code, code) for code in table.codes("origin") if code != NOT_REPORTED]
    domestic = add_figures([figure for figure in same if figure is not None])
    yield "domestic", replace(domestic, tables=total.tables)
    if unknown is not None and domestic.exact and total.exact:
        rest = (total.count or 0) - (domestic.count or 0) - (unknown.count or 0)
        yield "cross_border", PublishedFigure(rest, OK, total.tables)
        yield "not_reported", unknown


def _not_reported(table: Slice) -> PublishedFigure | None:
    """Return the victims with an unreported country, or None when the number is not exact."""
    parts = [table.figure(*codes) for codes in ((NOT_REPORTED, TOTAL), (TOTAL, NOT_REPORTED), (NOT_REPORTED,) * 2)]
    if any(figure is not None and not figure.exact for figure in parts):
        return None
    origin, destination, both = (figure.count or 0 if figure else 0 for figure in parts)
    return PublishedFigure(origin + destination - both, OK, (table.table.name,))


def missing_specification(question: QuestionnaireTable, part: QuestionnairePart, year: int) -> str:
    """Return the table specification, as TOML, that would supply a missing part."""
    first = {name: codes[0] for name, codes in question.apart.items()}
    conditions = first | ({} if part.ever else {"year": str(year)}) | dict(part.where)
    where = ", ".join(f"{name} = {_toml(value)}" for name, value in conditions.items())
    return f'of = "{question.of}", by = {_toml(part.by)}, where = {{ {where} }}'


def _toml(value: str | Sequence[str]) -> str:
    return f'"{value}"' if isinstance(value, str) else "[" + ", ".join(f'"{item}"' for item in value) + "]"
