"""Charts of the tests: the 22 years of the demo programme, and readers of drawings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from kerege.charts import Break, Chart, Kind, Period, Series, Tile, Value

SVG = "{http://www.w3.org/2000/svg}"
IOM = (40, 62, 85, 97, 105, 113, 120, 126, 133, 140, 151, 162, 167, 177, 122, 76, 15)
STATE = (200, 186, 208, 247, 171)
YEARS = tuple(Period(str(year), str(year)) for year in range(2004, 2026))
PAYERS = (Series("iom", "Programme supported by IOM"), Series("state", "Paid by the state"))


def by_year(**changed: Value) -> Chart:
    """Return the people helped by year; `changed` replaces values, by keys such as `iom_2010`."""
    counts = [("iom", count) for count in IOM] + [("state", count) for count in STATE]
    values = {(payer, year.code): Value.exact(count) for (payer, count), year in zip(counts, YEARS, strict=True)}
    for key, value in changed.items():
        payer, _, year = key.partition("_")
        values[payer, year] = value
    title = "171 people were first helped in 2025"
    return Chart("columns", title, PAYERS, YEARS, values, breaks=(Break("2020", "who pays changed"),), unit="people")


def simple(
    kind: Kind,
    numbers: Mapping[str, Value | int],
    *,
    breaks: tuple[Break, ...] = (),
    unit: str = "",
    tiles: Mapping[str, Tile] | None = None,
) -> Chart:
    """Return a chart of one series, by label."""
    values = {("a", name): n if isinstance(n, Value) else Value.exact(n) for name, n in numbers.items()}
    periods = tuple(Period(name, name) for name in numbers)
    series = (Series("a", "People"),)
    return Chart(kind, "Title", series, periods, values, breaks=breaks, unit=unit, tiles=tiles or {})


def read(svg: str) -> ElementTree.Element:
    """Return the parsed drawing."""
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    """Return the printed texts of a drawing."""
    return ["".join(element.itertext()) for element in read(svg).iter(f"{SVG}text")]


def marks(svg: str) -> Iterator[tuple[str, ElementTree.Element]]:
    """Return the marks of a drawing by key."""
    for group in read(svg).iter(f"{SVG}g"):
        if key := group.get("data-mark"):
            yield key, group
