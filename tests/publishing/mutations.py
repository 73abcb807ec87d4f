"""Mutations of the tables of a report, and the sentences that the report prints about them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.chapters import CHAPTERS, build_figures, shared_facts
from kerege.publishing.report.document import series_facts
from kerege.publishing.report.localiser import get_localiser
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.templates import Entry
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.year_releases import YearReleases
from tests.publishing import made
from tests.publishing.made import Cell, Keys
from tests.publishing.oracle import Signed, due, false_claims, read

HALF = 5
Table = dict[Keys, Cell]


def inner(cells: Mapping[Keys, Cell]) -> list[Keys]:
    """Return the inner cells with a number."""
    return [keys for keys, cell in cells.items() if "_T" not in keys and isinstance(cell, int)]


def add_up(cells: Table, before: Table) -> Table:
    """Return the cells with each total changed by as much as its parts."""
    result = dict(cells)
    for keys in (keys for keys in cells if "_T" in keys):
        parts = [other for other in inner(cells) if all(k in ("_T", o) for k, o in zip(keys, other, strict=True))]
        more = sum(cast(int, cells[other]) - cast(int, before[other]) for other in parts)
        result[keys] = cast(int, before[keys]) + more
    return result


def swap(cells: Table, draw: random.Random) -> Table:
    """Exchange two numbers."""
    first, second = draw.sample(inner(cells), 2)
    return cells | {first: cells[second], second: cells[first]}


def tie(cells: Table, draw: random.Random) -> Table:
    """Give two cells the same number."""
    first, second = draw.sample(inner(cells), 2)
    return cells | {first: cells[second]}


def zero(cells: Table, draw: random.Random) -> Table:
    """Set a number to zero."""
    return cells | {draw.choice(inner(cells)): 0}


def withhold_top(cells: Table, draw: random.Random) -> Table:
    """Suppress the largest number and one more; the totals stay."""
    numbers = inner(cells)
    top = max(numbers, key=lambda keys: cast(int, cells[keys]))
    return cells | {top: None, draw.choice([keys for keys in numbers if keys != top]): None}


def round_all(cells: Table, draw: random.Random) -> Table:
    """Round every inner number to ten."""
    return cells | {keys: (10 * round(cast(int, cells[keys]) / 10), "perturbed") for keys in inner(cells)}


def drop(cells: Table, draw: random.Random) -> Table:
    """Leave out a row; the total stays."""
    gone = draw.choice(inner(cells))[0]
    return {keys: cell for keys, cell in cells.items() if keys[0] != gone}


def reverse(cells: Table, draw: random.Random) -> Table:
    """Give the numbers to the cells in the opposite order."""
    numbers = sorted(inner(cells), key=lambda keys: cast(int, cells[keys]))
    return cells | {keys: cells[other] for keys, other in zip(numbers, reversed(numbers), strict=True)}


def outlier(cells: Table, draw: random.Random) -> Table:
    """Make one number a hundred times larger than all."""
    numbers = inner(cells)
    return cells | {draw.choice(numbers): 100 * max(cast(int, cells[keys]) for keys in numbers)}


def scatter(cells: Table, draw: random.Random) -> Table:
    """Draw every number anew, with many near the largest."""
    top = draw.choice([30, 300, 3000])
    return cells | {keys: draw.choice([top, top - draw.randrange(5), draw.randrange(top)]) for keys in inner(cells)}


MUTATIONS: dict[str, Callable[[Table, random.Random], Table]] = {
    mutation.__name__: mutation
    for mutation in (swap, tie, zero, withhold_top, round_all, drop, reverse, outlier, scatter)
}
WITHOUT_NEW_TOTALS = {"withhold_top", "round_all", "drop"}


def mutate(cells: Table, name: str, draw: random.Random) -> Table:
    """Return a changed table; the totals follow unless the mutation hides parts of them."""
    if len(inner(cells)) < 3:
        return dict(cells)
    changed = MUTATIONS[name](dict(cells), draw)
    return changed if name in WITHOUT_NEW_TOTALS else add_up(changed, cells)


@dataclass
class Releases:
    """Tables of a year as the report reads them, without a folder and a signature."""

    tables: dict[str, PublishedTable] = field(default_factory=dict)
    year: int = 2025
    invented: bool = False

    def table(self, name: str) -> PublishedTable | None:
        return self.tables.get(name)


def published(given: Mapping[str, tuple[list[str], Mapping[Keys, Cell]]]) -> Releases:
    """Return the releases that hold these tables."""
    tables = {}
    for name, (by, cells) in given.items():
        multi = ["service_kinds"] if "service_kinds" in by else []
        half = HALF if any(isinstance(cell, tuple) for cell in cells.values()) else None
        entry = made.table_entry(name=name, by=by, multi=multi, params={} if half is None else {"half_width": half})
        tables[name] = PublishedTable(name, tuple(by), entry, made.to_csv(by, dict(cells)))
    return Releases(tables)


def signed(releases: Releases) -> dict[str, Signed]:
    """Return the tables as the oracle reads them."""
    return {
        name: Signed(table.content, HALF, several=bool(table.entry.multi)) for name, table in releases.tables.items()
    }


def entries_of(lang: str, figure: str) -> Iterator[list[Entry]]:
    """Yield the wordings of each sentence of a figure: heading, text of the picture, sentences."""
    text = get_localiser(lang).text["figure"][figure]
    yield from map(listed, (text["finding"], text["alt"], *text["sentences"]))


def common_entries(lang: str, figure: str) -> Iterator[list[Entry]]:
    """Yield the wordings of the front, of the press release and of the chapter that holds a figure."""
    text = get_localiser(lang).text
    chapter = next(name for name, builders in CHAPTERS if figure in {builder.id for builder in builders})
    tiles = [entry for tile in text["tile"].values() for entry in (tile["caption"], tile["more"])]
    yield from map(listed, (text["front"]["lead"], *tiles, text["quote"]["crimes"], *text["press"]["body"]))
    yield from map(listed, (text["chapter"][chapter]["finding"], *text["chapter"][chapter]["bullets"]))


def listed(entries: Entry | list[Entry]) -> list[Entry]:
    """Return the wordings of a sentence as a list."""
    return entries if isinstance(entries, list) else [entries]


def tell(releases: Releases, lang: str, figures: list[str]) -> tuple[str, list[tuple[list[Entry], str]]]:
    """Return the page of some figures, and each list of wordings with the sentence printed of it."""
    year = cast(YearReleases, releases)
    built = build_figures(year)
    common = shared_facts(year, built) | series_facts(year, date(2025, 12, 31))
    prose = Prose(get_localiser(lang), CellIndex(releases.tables))
    sentences, page = [], []
    for figure in figures:
        own = entries_of(lang, figure) if built[figure].published else ()
        for entries, facts in [
            *((entries, common | built[figure].facts) for entries in own),
            *((entries, common) for entries in common_entries(lang, figure)),
        ]:
            sentence = prose.first(entries, facts)
            sentences.append((entries, str(sentence.proof)))
            page.append(f"<p{sentence.proof}>{sentence.html}</p>")
    return "\n".join(page), sentences


def lost(sentences: list[tuple[list[Entry], str]], tables: Mapping[str, Signed]) -> tuple[int, list[str]]:
    """Return how many sentences with a claim are due, and those that the page does not print."""
    expected, missing = 0, []
    for entries, proof in sentences:
        for entry in (entry for entry in entries if isinstance(entry, dict)):
            scope = {name: str(entry.get(name, "")).replace("{home}", "KZ") for name in ("keys", "scope")}
            years = {"{whole}": "2025", "{whole_before}": "2024", "{year}": "2025", "{year_before}": "2024"}
            years |= {f"{{{name}_year}}": "2025" for name in ("contacts", "campaigns")}
            years |= {f"{{{name}_before}}": "2024" for name in ("contacts", "campaigns")}
            for hole, year in years.items():
                scope = {name: text.replace(hole, year) for name, text in scope.items()}
            keys = due(entry | scope, tables)
            if keys is not None:
                expected += 1
                if f'data-key="{keys}"' not in proof:
                    missing.append(f"{entry['text']} {keys}")
                break
    return expected, missing


@dataclass
class Count:
    """Count of the sentences of many mutated tables."""

    tables: int = 0
    printed: int = 0
    false: list[str] = field(default_factory=list)
    due: int = 0
    lost: list[str] = field(default_factory=list)

    def add(self, given: dict[str, tuple[list[str], Table]], figure: str, langs: tuple[str, ...]) -> None:
        """Judge what the report says of a figure in some languages."""
        releases = published(given)
        tables = signed(releases)
        for lang in langs:
            page, sentences = tell(releases, lang, [figure])
            self.tables += 1
            self.printed += len(read(page))
            self.false += [f"{lang} {figure}: {words}" for words in false_claims(page, tables)]
            expected, missing = lost(sentences, tables)
            self.due += expected
            self.lost += [f"{lang} {figure}: {words}" for words in missing]


def base() -> dict[str, tuple[list[str], Table]]:
    """Return the tables before any mutation."""
    return {name: (by, dict(cells)) for name, (_, by, _, cells) in made.tables().items()}


TABLES_OF = {
    "assisted-by-year": ("assisted_by_year", "state_assisted_by_year"),
    "corridors": ("corridor",),
    "origin": ("origin",),
    "destination": ("destination",),
    "sex": ("sex",),
    "age": ("age_band",),
    "exploitation": ("exploitation",),
    "exploitation-forms": ("exploitation_form",),
    "services": ("services",),
    "payers": ("payer_by_year",),
    "services-by-payer": ("services_by_kind",),
    "state-sex": ("state_sex",),
    "state-age": ("state_age_group",),
    "state-citizenship": ("state_citizenship",),
    "state-exploitation": ("state_exploitation",),
    "crimes-by-half-year": ("crimes_by_half",),
    "crimes-by-source": ("crimes_by_source",),
    "offences": ("crimes_by_offence",),
    "hotline-contacts": ("contacts_by_year",),
    "campaigns": ("campaigns_by_year",),
}


def judge(figure: str, langs: tuple[str, ...], seeds: range) -> Count:
    """Return the count of a figure over every mutation; one in three tables is changed twice."""
    count = Count()
    for seed in seeds:
        for name in MUTATIONS:
            draw = random.Random(f"{figure} {name} {seed}")
            given = base()
            table = draw.choice(TABLES_OF[figure])
            changed = mutate(given[table][1], name, draw)
            if seed % 3 == 0 and name not in WITHOUT_NEW_TOTALS:
                changed = mutate(changed, draw.choice(list(MUTATIONS)), draw)
            given[table] = (given[table][0], changed)
            count.add({name: given[name] for name in TABLES_OF[figure]}, figure, langs)
    return count
