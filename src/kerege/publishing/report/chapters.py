"""Chapters of the report: which figures each of them has, and the facts that they share."""

from __future__ import annotations

from datetime import date

from kerege.publishing.report import context
from kerege.publishing.report.facts import CodeFact, CountFact, Facts, TextFact, share_fact, sum_fact, table_fact
from kerege.publishing.report.figures import (
    MAIN_SOURCE,
    Builder,
    CorridorFigure,
    OneWayFigure,
    ReportFigure,
    SeriesFigure,
    TwoWayFigure,
)
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.profile import active

YEARS_BACK = 4  # crimes of an older year are no news
CHAPTERS: tuple[tuple[str, tuple[Builder, ...]], ...] = (
    (
        "help",
        (
            SeriesFigure(
                "assisted-by-year",
                (("iom", "assisted_by_year"), ("state", "state_assisted_by_year")),
                "year",
                "people",
                "both",
            ),
            OneWayFigure("services", "services", "service"),
            TwoWayFigure(
                id="payers",
                table="payer_by_year",
                row_list="year",
                column_list="payer",
                noun="services",
                cohort="services",
            ),
            TwoWayFigure(
                id="services-by-payer",
                table="services_by_kind",
                row_list="service",
                column_list="payer",
                noun="services",
                cohort="services",
                ordered=False,
            ),
            OneWayFigure("state-age", "state_age_group", "age_group", cohort="state", ordered=True),
        ),
    ),
    (
        "people",
        (
            OneWayFigure("state-citizenship", "state_citizenship", "country", cohort="state"),
            OneWayFigure("state-sex", "state_sex", "sex", cohort="state"),
            OneWayFigure("origin", "origin", "country"),
            OneWayFigure("sex", "sex", "sex"),
            OneWayFigure("age", "age_band", "age_band", ordered=True),
        ),
    ),
    (
        "routes",
        (
            OneWayFigure("state-exploitation", "state_exploitation", "exploitation", cohort="state"),
            OneWayFigure("exploitation", "exploitation", "exploitation"),
            OneWayFigure("exploitation-forms", "exploitation_form", "exploitation_form"),
            OneWayFigure("destination", "destination", "country"),
            CorridorFigure(),
        ),
    ),
    (
        "justice",
        (
            SeriesFigure("crimes-by-half-year", ((MAIN_SOURCE, "crimes_by_half"),), "half", "crimes", MAIN_SOURCE),
            TwoWayFigure(
                id="crimes-by-source",
                table="crimes_by_source",
                row_list="year",
                column_list="crime_source",
                noun="crimes",
                cohort="crimes",
                chart="columns",
                summed=False,
            ),
            OneWayFigure("offences", "crimes_by_offence", "offence", "crimes", "crimes_year"),
        ),
    ),
    (
        "reach",
        (
            SeriesFigure("hotline-contacts", (("contacts", "contacts_by_year"),), "year", "contacts", "contacts"),
            SeriesFigure("campaigns", (("campaigns", "campaigns_by_year"),), "year", "campaigns", "campaigns"),
        ),
    ),
    ("undetected", ()),
)


def build_figures(year_releases: YearReleases) -> dict[str, ReportFigure]:
    """Return every figure of the report by id, in the order of the report."""
    return {figure.id: figure.build(year_releases) for _, figures in CHAPTERS for figure in figures}


def shared_facts(year_releases: YearReleases, figures: dict[str, ReportFigure]) -> Facts:
    """Return the facts that any sentence may use: totals, years, and those of the main figures."""
    year = year_releases.year
    facts: Facts = {
        "year": TextFact(str(year)),
        "home": CodeFact("country", context.home_country()),
        "assisted": table_fact(year_releases.table("assisted")),
        "year_before": TextFact(str(year - 1)),
        "crimes_half": table_fact(year_releases.table("crimes_by_half"), f"{year}-H1"),
        "if_simulated": TextFact("") if year_releases.invented else None,
        "if_counted": None if year_releases.invented else TextFact(""),
    }
    for name, fact in figures["assisted-by-year"].facts.items():
        facts[name] = fact
    ages = year_releases.table("age_band")
    over_30 = sum_fact(table_fact(ages, code) for code in ("31_40", "41_50", "51_plus"))
    facts |= {"over_30": over_30, "over_30_s": share_fact(over_30, table_fact(ages))}
    facts |= {f"state_age_{name}": fact for name, fact in figures["state-age"].facts.items()}
    facts["destination_home"] = table_fact(year_releases.table("destination"), context.home_country())
    payers = figures["payers"].facts
    facts |= {name: payers.get(name) for name in ("last", "last_s_state")}
    for name in ("contacts", "campaigns"):
        figure = figures["hotline-contacts" if name == "contacts" else name].facts
        facts |= {f"{name}_{end}": figure.get(f"{name}_{end}") for end in ("first", "last", "total")}
    return facts


def crime_facts(year_releases: YearReleases, reference_date: date) -> Facts:
    """Return the crimes of the newest year that ended by a day and of which both halves are published."""
    table, other = year_releases.table("crimes_by_half"), year_releases.table("crimes_by_source")
    for year in range(reference_date.year, reference_date.year - YEARS_BACK, -1):
        halves = [table_fact(table, f"{year}-{half}") for half in ("H1", "H2")]
        if date(year, 12, 31) <= reference_date and (whole := sum_fact(halves)) is not None:
            counted: Facts = {"crimes_year": TextFact(str(year)), "crimes_whole": whole}
            return counted | {"crimes_other": _other_count(other, str(year))}
    return {}


def _other_count(table: PublishedTable | None, year: str) -> CountFact | None:
    others = active().source_order[1:]
    return table_fact(table, year, others[0]) if others else None


def whole_year_facts(table: PublishedTable | None, reference_date: date, name: str = "whole") -> Facts:
    """Return the count of the newest year that ended by a day, its name and the year before.

    The facts begin with `name`: `contacts_n`, `contacts_before`; the year is `whole` or `contacts_year`.
    """
    ended = (
        [code for code in table.codes() if code.isdigit() and date(int(code), 12, 31) <= reference_date]
        if table
        else []
    )
    if table is None or not ended:
        return {}
    year = max(ended)
    named = name if name == "whole" else f"{name}_year"
    return {
        named: TextFact(year),
        f"{name}_n": table_fact(table, year),
        f"{name}_before": TextFact(str(int(year) - 1)),
    }
