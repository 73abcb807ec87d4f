"""UNODC questionnaire for the Global Report on Trafficking in Persons, tables T1 to T9, from releases.

A figure that the releases of the year lack is named, with the table specification that would supply it. Sources of
crimes and programmes of assistance are shown side by side and never added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from kerege.publishing.exports.figure_finder import OK, Conditions, Figure, Finder, Slice, add, best
from kerege.publishing.storage.published_tables import NOT_REPORTED, TOTAL, WITHHELD

PROSECUTED = ("in_court", "convicted", "acquitted")
SOURCES = {"source": ("mia", "pgo")}
COHORTS = {"programme": ("state", "iom")}
YEARS = 4  # the questionnaire asks for the last years too
EVER = "_T"  # year code of a figure for all years up to the release
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """Dimensions and conditions of a questionnaire table; `ever` means all years as one figure."""

    by: Keys
    where: Conditions = field(default_factory=dict)
    ever: bool = False


@dataclass(frozen=True)
class Asked:
    """Table of the questionnaire.

    `apart` are dimensions that are never summed. `lacks` states what no snapshot holds.
    """

    id: str
    title: str
    of: str
    apart: Mapping[str, Keys]
    by: Keys
    parts: tuple[Part, ...]
    lacks: str = ""

    @property
    def columns(self) -> Keys:
        """Return the columns that hold codes."""
        return (*self.apart, "year", *self.by)


@dataclass(frozen=True)
class Told:
    """Answer to a questionnaire table: figures by the codes of the columns, and the unanswered parts."""

    asked: Asked
    rows: dict[Keys, Figure]
    missing: tuple[Part, ...]

    @property
    def tables(self) -> list[str]:
        """Return the names of the release tables that the answer was read from."""
        return list(dict.fromkeys(name for figure in self.rows.values() for name in figure.tables))

    @property
    def suppressed(self) -> int:
        """Return the number of suppressed figures."""
        return sum(figure.status == WITHHELD for figure in self.rows.values())


def questionnaire(country: str) -> tuple[Asked, ...]:
    """Return tables T1 to T9 for a country."""
    by_sex = ("sex",)
    convicted, returned = {"crime_stage": "convicted"}, {"service_kinds": "repatriation"}
    own_nationals = tuple(
        Part(("destination",), {**returned, own: country}, ever)
        for own in ("citizenship", "origin")
        for ever in (False, True)
    )
    return (
        Asked("T1", "Offences recorded, by article and year", "crimes", SOURCES, ("offence",),
              (Part(("offence",)), Part(()))),
        Asked("T2", "Persons suspected, by sex", "suspects", SOURCES, by_sex, (Part(by_sex),)),
        Asked("T3", "Persons prosecuted (in court, convicted or acquitted), by sex", "suspects", SOURCES, by_sex,
              (Part(by_sex, {"crime_stage": PROSECUTED}),)),
        Asked("T4", "Persons convicted, by sex", "suspects", SOURCES, by_sex,
              (Part(by_sex, convicted), Part(by_sex, convicted, ever=True)),
              "Citizenship and sentence of convicted persons are in no snapshot."),
        Asked("T5", "Victims: men, women, boys and girls", "victims", COHORTS, ("age_group", "sex"),
              (Part(("age_group", "sex")), Part(("sex",)), Part(("age_group",)), Part(()))),
        Asked("T6", "Victims by form of exploitation, sex and age group", "victims", COHORTS,
              ("exploitation", "exploitation_form", "sex", "age_group"),
              (Part(("exploitation", "sex", "age_group")), Part(("exploitation", "sex")),
               Part(("exploitation", "age_group")), Part(("exploitation",)), Part(("exploitation_form",)))),
        Asked("T7", "Victims by citizenship", "victims", COHORTS, ("citizenship",),
              (Part(("citizenship",)), Part(("citizenship",), ever=True))),
        Asked("T8", "Domestic and cross-border trafficking, and corridors", "victims", COHORTS,
              ("flow", "origin", "destination"),
              (Part(("origin", "destination")), Part(("origin", "destination"), ever=True))),
        Asked("T9", "Own nationals returned, by country of exploitation", "victims", COHORTS, ("destination",), own_nationals),
    )  # fmt: skip


def answer(finder: Finder, asked: Asked) -> Told:
    """Return what the releases of the year answer to one table of the questionnaire."""
    rows: dict[Keys, Figure] = {}
    answered: set[tuple[Keys, bool]] = set()
    for part in asked.parts:
        # An answered part with the same dimensions makes a later one unnecessary.
        figures = {} if (part.by, part.ever) in answered else dict(_part(finder, asked, part))
        for keys, figure in figures.items():
            rows[keys] = best([rows.get(keys), figure]) or figure
        if any(keys[len(asked.apart)] in {EVER, str(finder.edition.year)} for keys in figures):
            answered.add((part.by, part.ever))
    missing = {part.by: part for part in reversed(asked.parts) if not part.ever and (part.by, False) not in answered}
    rows = dict(sorted(rows.items(), key=lambda item: _order(asked, item[0])))
    return Told(asked, rows, tuple(reversed(missing.values())))


def _order(asked: Asked, keys: Keys) -> tuple[object, ...]:
    """Return the sort key: programme or source first, then newest year; other rows keep their order."""
    return (*keys[: len(asked.apart)], keys[len(asked.apart)] != EVER and -int(keys[len(asked.apart)]))


def _part(finder: Finder, asked: Asked, part: Part) -> Iterator[tuple[Keys, Figure]]:
    last = finder.edition.year
    years = [EVER] if part.ever else [str(year) for year in range(last, last - YEARS, -1)]
    for *codes, year in product(*asked.apart.values(), years):
        conditions = dict(zip(asked.apart, codes, strict=True)) | dict(part.where)
        when = {} if year == EVER else {"year": year}
        for table in finder.slices(asked.of, part.by, conditions | when):
            for keys, figure in _rows(asked, table):
                yield (*codes, year, *keys), figure


def _rows(asked: Asked, table: Slice) -> Iterator[tuple[Keys, Figure]]:
    """Yield the rows of a table in the questionnaire's columns, with the total for a missing dimension."""
    if "flow" in asked.by:
        yield from (((flow, TOTAL, TOTAL), figure) for flow, figure in flows(table))
    for codes, figure in table.rows():
        by_dimension = dict(zip(table.by, codes, strict=True))
        yield tuple(by_dimension.get(name, TOTAL) for name in asked.by), figure


def flows(table: Slice) -> Iterator[tuple[str, Figure]]:
    """Yield how many victims were exploited in their own country, in another one, and unknown.

    Nothing is yielded when a table does not list every country. Cross-border and unknown need exact figures.
    """
    total, unknown = table.figure(TOTAL, TOTAL), _not_reported(table)
    if total is None or not (table.lists_all("origin") and table.lists_all("destination")):
        return
    same = [table.figure(code, code) for code in table.codes("origin") if code != NOT_REPORTED]
    domestic = add([figure for figure in same if figure is not None])
    yield "domestic", replace(domestic, tables=total.tables)
    if unknown is not None and domestic.exact and total.exact:
        rest = (total.count or 0) - (domestic.count or 0) - (unknown.count or 0)
        yield "cross_border", Figure(rest, OK, total.tables)
        yield "not_reported", unknown


def _not_reported(table: Slice) -> Figure | None:
    """Return the victims with an unreported country, or None when the number is not exact."""
    parts = [table.figure(*codes) for codes in ((NOT_REPORTED, TOTAL), (TOTAL, NOT_REPORTED), (NOT_REPORTED,) * 2)]
    if any(figure is not None and not figure.exact for figure in parts):
        return None
    origin, destination, both = (figure.count or 0 if figure else 0 for figure in parts)
    return Figure(origin + destination - both, OK, (table.table.name,))


def specification(asked: Asked, part: Part, year: int) -> str:
    """Return the table specification, as TOML, that would supply a missing part."""
    first = {name: codes[0] for name, codes in asked.apart.items()}
    conditions = first | ({} if part.ever else {"year": str(year)}) | dict(part.where)
    where = ", ".join(f"{name} = {_toml(value)}" for name, value in conditions.items())
    return f'of = "{asked.of}", by = {_toml(part.by)}, where = {{ {where} }}'


def _toml(value: str | Sequence[str]) -> str:
    return f'"{value}"' if isinstance(value, str) else "[" + ", ".join(f'"{item}"' for item in value) + "]"
