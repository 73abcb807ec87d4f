"""Every headline figure of the programme, computed from the register and compared with a printed one. Internal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.justice import queries as justice
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from kerege.vocabulary.reference_figures import context_figures

COMPUTED, DERIVED, QUOTED, UNKNOWN = "computed", "derived", "quoted", "unknown"


@dataclass(frozen=True)
class Figure:
    """One figure: what it counts, of whom, when, and how it was come by."""

    id: str
    kind: str
    value: Any
    cohort: str = ""
    unit: str = ""
    period: str = ""
    small: bool = False  # a count of people below the policy's threshold: it points at them


@dataclass(frozen=True)
class Comparison:
    """A figure of a file beside the computed one."""

    id: str
    kind: str
    printed: Any
    value: Any
    agrees: bool
    note: str = ""

    @property
    def printed_text(self) -> str:
        """The printed figure as people read it."""
        return in_words(self.printed)

    @property
    def value_text(self) -> str:
        """The computed figure as people read it."""
        return in_words(self.value)


def in_words(value: Any) -> str:
    """A figure as people read it: a share, a list, a count."""
    if isinstance(value, Decimal):
        return f"{value:.2f}%"
    return ", ".join(map(str, value)) if isinstance(value, list) else "-" if value is None else str(value)


@dataclass(frozen=True)
class FigureData:
    """What the figures are read from: the cohort's persons, all services, crimes of a period."""

    cohort: list[dict[str, Any]]
    services: list[dict[str, Any]]
    crimes: Callable[[date, date], int]
    first_year: int
    last_year: int
    threshold: int

    @property
    def period(self) -> str:
        return f"{self.first_year}-{self.last_year}"

    def count(self, column: str) -> Counter[str]:
        """Persons of the cohort by one column; '' is not reported."""
        return Counter(row.get(column) or "" for row in self.cohort)


def open_books(actor: Actor) -> FigureData:
    """Read the register for the figures: one audited act of a role that may."""
    with audit.act(actor, "figures.compute"):
        authorization.require(actor, "figures.compute")
        profile, today = active(), date.today()
        cohort = profile.cohorts["iom_2004_2020"]
        first, last = cohort.first_year, cohort.last_year
        victims = [
            row
            for row in freeze.rows("victims", today)
            if row["programme"] == cohort.payer and first <= int(row["year"]) <= last
        ]
        return FigureData(victims, freeze.rows("services", today), crimes_between, first, last, profile.threshold)


def crimes_between(first: date, last: date) -> int:
    """Crimes in the count of the Ministry of Internal Affairs that it counts as trafficking."""
    offences = codes.code_list("offence").codes.values()
    counted = [code.code for code in offences if code.extras.get("counts_as_tip_mia") == "yes"]
    crimes = justice.counted().filter(source="mia", offence__in=counted, registered_on__range=(first, last))
    return crimes.count()


# what a figure of the file is computed for; no figure itself
PARAMETERS = {"crimes.period"}


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted paths and values of the figures of a nested table; `kind` entries and parameters only describe."""
    for name, value in tree.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{path}.")
        elif name != "kind" and path not in PARAMETERS:
            yield path, value


def percent(part: int, whole: int) -> Decimal:
    """A share in percent, unrounded."""
    return Decimal(100 * part) / Decimal(whole) if whole else Decimal(0)


def count_persons_of_age(books: FigureData, name: str) -> int | None:
    """Persons in `age_18_25`, `over_30` or `under_18`, where the age bands can tell it."""
    match = re.fullmatch(r"(?:age_(\d+)_(\d+)|over_(\d+)|under_(\d+))", name)
    if not match:
        return None
    low = int(match[1] or (int(match[3]) + 1 if match[3] else 0))
    high = int(match[2] or (int(match[4]) - 1 if match[4] else 200))
    inside = 0
    by_band = books.count("age_band")
    for band in codes.code_list("age_band").codes:
        first, last = band_limits(band)
        if first >= low and last <= high:
            inside += by_band[band]
        elif first <= high and last >= low:
            return None
    return inside


def band_limits(band: str) -> tuple[int, int]:
    """First and last year of age of a band such as `18_25` or `51_plus`."""
    first, last = band.split("_")
    return int(first), 200 if last == "plus" else int(last)


# the tables of the cohort: section of the file -> column of the victims snapshot
TABLES = {"destination": "destination", "origin": "origin", "sex": "sex", "exploitation": "exploitation"}


def table_figure(books: FigureData, section: str, name: str, listed: Iterable[str]) -> int | None:
    """Persons of one cell. `other`, where the column has no such code, is the remainder to the cohort."""
    counts = books.count(TABLES[section])
    known = codes.code_list("country" if section in {"destination", "origin"} else section).codes
    if name == "other" and "other" not in known:
        return len(books.cohort) - sum(counts[code] for code in listed if code != "other")
    return counts[name] if name in known else None


def last_central_year(books: FigureData) -> int | None:
    """The last year in which IOM paid for more than half of the services begun."""
    by_year: dict[int, Counter[str]] = {}
    for row in books.services:
        if row.get("payer"):
            by_year.setdefault(int(row["year"]), Counter())[row["payer"]] += 1
    years = [year for year, payers in by_year.items() if 2 * payers["iom"] > payers.total()]
    return max(years, default=None)


def programme_services(books: FigureData) -> list[str]:
    """The programme's kinds of help that the cohort really received."""
    given = {code.split(":")[0] for row in books.cohort for code in row.get("services") or []}
    kinds = codes.code_list("service").codes
    return sorted({kind for code in given if (kind := kinds[code].extras.get("programme"))})


def compute_figure(books: FigureData, path: str, tree: Mapping[str, Any]) -> Figure:
    """Compute the figure that a path of a figures file names."""
    section, _, rest = path.partition(".")
    name, _, part = rest.partition(".")
    if section in TABLES or section == "age":
        return cell_figure(books, path, section, name, part, tree)
    if path == "programme.assisted_total":
        return Figure(path, COMPUTED, len(books.cohort), "assisted by IOM's programme", "persons", books.period)
    if path == "programme.iom_data_period":
        years = [int(row["year"]) for row in books.cohort]
        return Figure(path, COMPUTED, [min(years), max(years)] if years else [], "assisted by IOM's programme", "years")
    if path == "crimes.recorded":
        first, last = period_of(tree)
        return Figure(path, COMPUTED, books.crimes(first, last), "count of the MIA", "crimes", f"{first}/{last}")
    if path == "assistance.services":
        return Figure(path, COMPUTED, programme_services(books), "assisted by IOM's programme", "kinds", books.period)
    if path == "assistance.iom_central_role_until":
        return Figure(path, COMPUTED, last_central_year(books), "all services", "year")
    if section == "consistency":
        return consistency_figure(books, path, name)
    quoted = dict(flatten(context_figures()))
    return Figure(path, QUOTED, quoted[path]) if path in quoted else Figure(path, UNKNOWN, None)


def cell_figure(books: FigureData, path: str, section: str, name: str, part: str, tree: Mapping[str, Any]) -> Figure:
    """A count of the cohort, or the share that it makes."""
    cohort, unit = "assisted by IOM's programme", "persons"
    if section == "age":
        count = count_persons_of_age(books, name)
    else:
        listed = tree.get(section)
        count = table_figure(books, section, name, listed if isinstance(listed, Mapping) else {})
    if count is None or part not in {"", "count", "printed"}:
        return Figure(path, UNKNOWN, None)
    if part == "printed":
        return Figure(path, DERIVED, percent(count, len(books.cohort)), cohort, "percent", books.period)
    remainder = name == "other" and section in {"destination", "origin"}
    small = 0 < count < books.threshold
    return Figure(path, DERIVED if remainder else COMPUTED, count, cohort, unit, books.period, small)


def consistency_figure(books: FigureData, path: str, name: str) -> Figure:
    """`<sex>_percent_from_counts`: the share of a sex with two decimals."""
    sex = name.removesuffix("_percent_from_counts")
    if sex == name or sex not in codes.code_list("sex").codes:
        return Figure(path, UNKNOWN, None)
    share = percent(books.count("sex")[sex], len(books.cohort)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Figure(path, DERIVED, float(share), "assisted by IOM's programme", "percent", books.period)


def period_of(tree: Mapping[str, Any]) -> tuple[date, date]:
    """The period of the crimes section."""
    crimes = tree.get("crimes")
    text = str(crimes.get("period", "")) if isinstance(crimes, Mapping) else ""
    try:
        first, last = (date.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        fault = Fault(f"crimes.period is {text!r}", "write two days as 2025-01-01/2025-06-30")
        raise BadInput(fault) from None
    return first, last


def compare(books: FigureData, tree: Mapping[str, Any]) -> list[Comparison]:
    """Compare every figure of a file with the computed one."""
    return [compare_figure(compute_figure(books, path, tree), printed) for path, printed in flatten(tree)]


def compare_figure(figure: Figure, printed: Any) -> Comparison:
    """Whether a printed figure agrees; a truncated share does, with a note."""
    note, value = "", figure.value
    if figure.kind == UNKNOWN:
        return Comparison(figure.id, UNKNOWN, printed, None, False, "no such figure can be computed from the register")
    if isinstance(value, Decimal):
        agrees, note, value = compare_share(value, str(printed))
    elif isinstance(value, list):
        agrees = normalise(printed) == normalise(value)
    else:
        agrees = printed == value
    if figure.small:
        note = f"below the threshold: {value} people can be found by it; never publish it"
    return Comparison(figure.id, figure.kind, printed, value, agrees, note)


def normalise(value: Any) -> Any:
    """Lists of words compare without order and spelling; lists of years as they are."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(item.strip().lower().replace(" ", "_") for item in value)
    return value


def compare_share(share: Decimal, printed: str) -> tuple[bool, str, str]:
    """Compare a share with its printed form at the printed number of decimals."""
    match = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*%\s*", printed)
    exact = f"{share.quantize(Decimal('0.01'), ROUND_HALF_UP)}%"
    if not match:
        return False, "not a share in percent", exact
    said = Decimal(match[1].replace(",", "."))
    step = Decimal(1).scaleb(said.as_tuple().exponent)  # type: ignore[arg-type]
    if share.quantize(step, ROUND_HALF_UP) == said:
        return True, "", exact
    if share.quantize(step, ROUND_DOWN) == said:
        return True, f"truncated, not rounded: {exact} rounds to {share.quantize(step, ROUND_HALF_UP)}%", exact
    return False, "", exact


def headline(books: FigureData, tree: Mapping[str, Any]) -> list[Figure]:
    """The figures that a file names, computed, whatever the file says they are."""
    return [compute_figure(books, path, tree) for path, _ in flatten(tree)]
