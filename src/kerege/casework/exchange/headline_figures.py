"""Headline figures of the programme, computed from the register and compared with printed ones.

They are exact counts for internal use.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.exchange.snapshots import freeze
from kerege.casework.justice import queries as justice
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from kerege.vocabulary.reference_figures import context_figures

COMPUTED, DERIVED, QUOTED, UNKNOWN = "computed", "derived", "quoted", "unknown"


@dataclass(frozen=True)
class Figure:
    """Computed figure: its value, what it counts, in which cohort and period, and how it was obtained."""

    id: str
    kind: str
    value: object
    cohort: str = ""
    unit: str = ""
    period: str = ""
    small: bool = False  # a count of persons below the threshold of the profile: it may identify them


@dataclass(frozen=True)
class FigureComparison:
    """Printed figure of a file beside the computed one."""

    id: str
    kind: str
    printed: object
    value: object
    agrees: bool
    note_template: str = ""  # English, marked for translation
    note_values: Mapping[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """Return the note in English."""
        return self.note_template % self.note_values

    @property
    def printed_text(self) -> str:
        """Return the printed figure as text."""
        return in_words(self.printed)

    @property
    def value_text(self) -> str:
        """Return the computed figure as text."""
        return in_words(self.value)


def in_words(value: object) -> str:
    """Return a share, list or count as text."""
    if isinstance(value, Decimal):
        return f"{value:.2f}%"
    return ", ".join(map(str, value)) if isinstance(value, list) else "-" if value is None else str(value)


@dataclass(frozen=True)
class FigureData:
    """Data for the figures: persons of the cohort, all services, and the count of crimes of a period."""

    cohort: list[dict[str, Any]]
    services: list[dict[str, Any]]
    crimes: Callable[[date, date], int]
    payer: str
    first_year: int
    last_year: int
    threshold: int

    @property
    def period(self) -> str:
        return f"{self.first_year}-{self.last_year}"

    def count(self, column: str) -> Counter[str]:
        """Count the persons of the cohort by one column; '' is not reported."""
        return Counter(row.get(column) or "" for row in self.cohort)


def read_figure_data(actor: Actor) -> FigureData:
    """Read the data for the figures, in one audit event; raise Denied without the right."""
    with audit.act(actor, "figures.compute"):
        authorization.require(actor, "figures.compute")
        profile, today = active(), date.today()
        cohort = profile.cohort_of("international") or next(iter(profile.cohort_order[-1:]), None)
        payer, first, last = (
            (cohort.payer, cohort.first_year, cohort.last_year) if cohort else ("", today.year, today.year)
        )
        victims = [
            row
            for row in freeze.rows("victims", today)
            if payer and row["programme"] == payer and first <= int(row["year"]) <= last
        ]
        return FigureData(
            cohort=victims,
            services=freeze.rows("services", today),
            crimes=crimes_between,
            payer=payer,
            first_year=first,
            last_year=last,
            threshold=profile.threshold,
        )


def crimes_between(first: date, last: date) -> int:
    """Return the number of crimes that the main source of the profile counts as trafficking."""
    source = active().main_source
    counted = codes.list_offences_of(source)
    with session_scope.bypass_row_security("the national count of crimes; no crime is shown"):
        crimes = justice.counted().filter(source=source, offence__in=counted, registered_on__range=(first, last))
        return crimes.count()


# parameters of figures in a file, not figures
PARAMETERS = {"crimes.period"}


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted path and value of each figure in a nested table, without `kind` and PARAMETERS."""
    for name, value in tree.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from flatten(value, f"{path}.")
        elif name != "kind" and path not in PARAMETERS:
            yield path, value


def percent(part: int, whole: int) -> Decimal:
    """Return a share in percent, unrounded; 0 for an empty whole."""
    return Decimal(100 * part) / Decimal(whole) if whole else Decimal(0)


def count_persons_of_age(books: FigureData, name: str) -> int | None:
    """Return the persons in `age_18_25`, `over_30` or `under_18`; None when the bands do not fit."""
    match = re.fullmatch(r"(?:age_(\d+)_(\d+)|over_(\d+)|under_(\d+))", name)
    if not match:
        return None
    low = int(match[1] or (int(match[3]) + 1 if match[3] else 0))
    high = int(match[2] or (int(match[4]) - 1 if match[4] else 200))
    total = 0
    by_band = books.count("age_band")
    for band in codes.code_list("age_band").codes:
        first, last = band_limits(band)
        if first >= low and last <= high:
            total += by_band[band]
        elif first <= high and last >= low:
            return None
    return total


def band_limits(band: str) -> tuple[int, int]:
    """Return the first and last year of age of a band such as `18_25` or `51_plus`."""
    first, last = band.split("_")
    return int(first), 200 if last == "plus" else int(last)


# tables of the cohort: section of a file -> column of the victims snapshot
TABLES = {"destination": "destination", "origin": "origin", "sex": "sex", "exploitation": "exploitation"}


def table_figure(books: FigureData, section: str, name: str, listed: Iterable[str]) -> int | None:
    """Return the persons of one cell; `other` without such a code is the remainder of the cohort."""
    counts = books.count(TABLES[section])
    known = codes.code_list("country" if section in {"destination", "origin"} else section).codes
    if name == "other" and "other" not in known:
        return len(books.cohort) - sum(counts[code] for code in listed if code != "other")
    return counts[name] if name in known else None


def last_central_year(books: FigureData) -> int | None:
    """Return the last year in which the cohort's payer paid for most services; None if there is none."""
    by_year: dict[int, Counter[str]] = {}
    for row in books.services:
        if row.get("payer"):
            by_year.setdefault(int(row["year"]), Counter())[row["payer"]] += 1
    years = [year for year, payers in by_year.items() if 2 * payers[books.payer] > payers.total()]
    return max(years, default=None)


def programme_services(books: FigureData) -> list[str]:
    """Return the programme's kinds of service that the cohort received."""
    received = {code.split(":")[0] for row in books.cohort for code in row.get("services") or []}
    kinds = codes.code_list("service").codes
    return sorted({kind for code in received if (kind := kinds[code].extras.get("programme"))})


def compute_figure(books: FigureData, path: str, tree: Mapping[str, Any]) -> Figure:
    """Compute the figure at a path of a figures file; UNKNOWN when it cannot be computed."""
    section, _, rest = path.partition(".")
    name, _, part = rest.partition(".")
    if section in TABLES or section == "age":
        return cell_figure(books, path, section=section, name=name, part=part, tree=tree)
    if path == "programme.assisted_total":
        return Figure(
            id=path,
            kind=COMPUTED,
            value=len(books.cohort),
            cohort="assisted by IOM's programme",
            unit="persons",
            period=books.period,
        )
    if path == "programme.iom_data_period":
        years = [int(row["year"]) for row in books.cohort]
        return Figure(path, COMPUTED, [min(years), max(years)] if years else [], "assisted by IOM's programme", "years")
    if path == "crimes.recorded":
        first, last = period_of(tree)
        return Figure(
            id=path,
            kind=COMPUTED,
            value=books.crimes(first, last),
            cohort="count of the MIA",
            unit="crimes",
            period=f"{first}/{last}",
        )
    if path == "assistance.services":
        return Figure(
            id=path,
            kind=COMPUTED,
            value=programme_services(books),
            cohort="assisted by IOM's programme",
            unit="kinds",
            period=books.period,
        )
    if path == "assistance.iom_central_role_until":
        return Figure(path, COMPUTED, last_central_year(books), "all services", "year")
    if section == "consistency":
        return consistency_figure(books, path, name)
    quoted = dict(flatten(context_figures()))
    return Figure(path, QUOTED, quoted[path]) if path in quoted else Figure(path, UNKNOWN, None)


def cell_figure(books: FigureData, path: str, section: str, name: str, part: str, tree: Mapping[str, Any]) -> Figure:
    """Return a count of the cohort, or its share in percent."""
    cohort, unit = "assisted by IOM's programme", "persons"
    if section == "age":
        count = count_persons_of_age(books, name)
    else:
        listed = tree.get(section)
        count = table_figure(books, section, name, listed if isinstance(listed, Mapping) else {})
    if count is None or part not in {"", "count", "printed"}:
        return Figure(path, UNKNOWN, None)
    if part == "printed":
        return Figure(
            id=path,
            kind=DERIVED,
            value=percent(count, len(books.cohort)),
            cohort=cohort,
            unit="percent",
            period=books.period,
        )
    is_remainder = name == "other" and section in {"destination", "origin"}
    is_small = 0 < count < books.threshold
    return Figure(
        id=path,
        kind=DERIVED if is_remainder else COMPUTED,
        value=count,
        cohort=cohort,
        unit=unit,
        period=books.period,
        small=is_small,
    )


def consistency_figure(books: FigureData, path: str, name: str) -> Figure:
    """Return `<sex>_percent_from_counts`: the share of a sex with two decimals."""
    sex = name.removesuffix("_percent_from_counts")
    if sex == name or sex not in codes.code_list("sex").codes:
        return Figure(path, UNKNOWN, None)
    share = percent(books.count("sex")[sex], len(books.cohort)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Figure(
        id=path,
        kind=DERIVED,
        value=float(share),
        cohort="assisted by IOM's programme",
        unit="percent",
        period=books.period,
    )


def period_of(tree: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first and last day of the crimes section; raise BadInput for another format."""
    crimes = tree.get("crimes")
    text = str(crimes.get("period", "")) if isinstance(crimes, Mapping) else ""
    try:
        first, last = (date.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        fault = Fault(f"crimes.period is {text!r}", "write two days as 2025-01-01/2025-06-30")
        raise BadInput(fault) from None
    return first, last


def compare(books: FigureData, tree: Mapping[str, Any]) -> list[FigureComparison]:
    """Compare every figure of a file with the computed one."""
    return [compare_figure(compute_figure(books, path, tree), printed) for path, printed in flatten(tree)]


def compare_figure(figure: Figure, printed: object) -> FigureComparison:
    """Compare a printed figure with the computed one; a truncated share agrees, with a note."""
    note, value = "", figure.value
    values: dict[str, str] = {}
    if figure.kind == UNKNOWN:
        return FigureComparison(
            id=figure.id,
            kind=UNKNOWN,
            printed=printed,
            value=None,
            agrees=False,
            note_template=gettext_noop("no such figure can be computed from the register"),
        )
    if isinstance(value, Decimal):
        agrees, note, values = compare_share(value, str(printed))
        value = exact_share(value)
    elif isinstance(value, list):
        agrees = normalise(printed) == normalise(value)
    else:
        agrees = printed == value
    if figure.small:
        note = gettext_noop("below the threshold: these people can be identified; never publish this figure")
        values = {}
    return FigureComparison(
        id=figure.id,
        kind=figure.kind,
        printed=printed,
        value=value,
        agrees=agrees,
        note_template=note,
        note_values=values,
    )


def normalise(value: object) -> object:
    """Return a list of words in lower case and sorted; other values unchanged."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(item.strip().lower().replace(" ", "_") for item in value)
    return value


def exact_share(share: Decimal) -> str:
    """Return a share with two decimals."""
    return f"{share.quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def compare_share(share: Decimal, printed: str) -> tuple[bool, str, dict[str, str]]:
    """Compare a share with its printed form, at the printed number of decimals.

    Returns whether they agree, the English template of a note, and the values of the template.
    """
    match = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*%\s*", printed)
    if not match:
        return False, gettext_noop("not a share in percent"), {}
    printed_share = Decimal(match[1].replace(",", "."))
    step = Decimal(1).scaleb(printed_share.as_tuple().exponent)  # type: ignore[arg-type]
    rounded = share.quantize(step, ROUND_HALF_UP)
    if rounded == printed_share:
        return True, "", {}
    if share.quantize(step, ROUND_DOWN) == printed_share:
        note = gettext_noop("truncated, not rounded: %(exact)s rounds to %(rounded)s")
        return True, note, {"exact": exact_share(share), "rounded": f"{rounded}%"}
    return False, "", {}


def headline(books: FigureData, tree: Mapping[str, Any]) -> list[Figure]:
    """Return the computed figures that a file names."""
    return [compute_figure(books, path, tree) for path, _ in flatten(tree)]
