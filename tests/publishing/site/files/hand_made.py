"""Indicators made by hand: counts with every status, hostile titles, and an estimate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kerege.publishing.site.files.figure_file import FigureDimension, FigureFile, Line, SourceRelease

CHART = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 300" width="560" height="300" font-size="13">'
    '<rect width="300" height="100"/></svg>'
)
HOSTILE = '=HYPERLINK("http://evil.example")</script><b>& "{x}" \x0b\\ \r\nTY  - BOOK'
ANNUAL = SourceRelease(
    "annual-2025", "Release of 2025", "2025", date(2026, 7, 30), "ab" * 32, "https://stat.example/en/r/annual-2025/"
)
OLDER = SourceRelease(
    "annual-2024", "Release of 2024", "2024", date(2025, 7, 30), "cd" * 32, "https://stat.example/en/r/annual-2024/"
)


def line(period: str, payer: str, value: float | None, status: str = "exact", half: float = 0) -> Line:
    """Return a value; `half` is the half width of a rounded one."""
    lower, upper = (None, None) if value is None else (value - half, value + half)
    labels = {"iom": "IOM", "state": "State", "_U": "Not reported"}
    release = "annual-2025" if period > "2020" else "annual-2024"
    return Line(period, (payer,), (labels[payer],), value, status, lower, upper, release, release)


COUNTED = FigureFile(
    id="helped-by-year",
    lang="en",
    kind="counted",
    title="People helped, by year",
    finding="171 people were first helped in 2025, 76 fewer than in 2024.",
    scope="People who had been trafficked and were helped for the first time.",
    unit="people",
    dimensions=(FigureDimension("payer", "Payer"),),
    lines=(
        line("2019", "iom", 134),
        line("2020", "iom", 138),
        line("2020", "state", None, "absent"),
        line("2024", "state", 247),
        replace(line("2025", "state", 171), revised_from=170, first_release="annual-2024"),
        line("2025", "iom", None, "withheld"),
        line("2025-H1", "state", 90, "rounded", 5),
        line("2025-H2", "state", 81.5, "noise", 12),
    ),
    releases=(ANNUAL, OLDER),
    address="https://stat.example/en/f/helped-by-year/",
    publisher="Ministry of Labour",
    place="Kazakhstan",
    area="398",
    notes=("Only detected victims are counted.", "The payer changed after 2020."),
    contact="stat@example.kz",
    invented=True,
)
ESTIMATED = replace(
    COUNTED,
    id="hidden-figure",
    kind="estimated",
    title="People not detected",
    finding="Estimated: 2,700 to 3,800 people were trafficked in 2021–2025.",
    unit="people",
    dimensions=(FigureDimension("measure", "Measure"),),
    lines=(
        Line("2021/2025", ("detected",), ("Detected",), 1343, "exact", 1343, 1343, "annual-2025"),
        Line("2021/2025", ("estimated",), ("Estimated",), None, "estimated", 2700, 3800, "annual-2025"),
    ),
    address="https://stat.example/en/f/hidden-figure/",
    level="The range joins the 80% intervals of four methods.",
)
HOSTILE_FIGURE = replace(
    COUNTED,
    title=HOSTILE,
    finding=HOSTILE,
    scope=HOSTILE,
    publisher=HOSTILE,
    notes=(HOSTILE,),
    lines=tuple(replace(value, labels=(f"{HOSTILE}{value.labels[0]}",)) for value in COUNTED.lines),
    releases=(replace(ANNUAL, title=HOSTILE),),
)
EMPTY = replace(COUNTED, lines=(), releases=())
