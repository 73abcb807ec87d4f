"""Sections of the report: which figures each of them has, and the facts that they share."""

from __future__ import annotations

from datetime import date

from kerege.publishing.report import context
from kerege.publishing.report.facts import CodeFact, Facts, TextFact, share_fact, sum_fact, table_fact
from kerege.publishing.report.figures import (
    Builder,
    CorridorFigure,
    OneWayFigure,
    ReportFigure,
    SeriesFigure,
    TwoWayFigure,
)
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.year_releases import YearReleases

SECTIONS: tuple[tuple[str, tuple[Builder, ...]], ...] = (
    (
        "helped",
        (
            SeriesFigure(
                "assisted-by-year",
                (("iom", "assisted_by_year"), ("state", "state_assisted_by_year")),
                "year",
                "people",
                "both",
            ),
        ),
    ),
    (
        "where",
        (
            CorridorFigure(),
            OneWayFigure("origin", "origin", "country"),
            OneWayFigure("destination", "destination", "country"),
        ),
    ),
    ("who", (OneWayFigure("sex", "sex", "sex"), OneWayFigure("age", "age_band", "age_band", ordered=True))),
    (
        "what",
        (
            OneWayFigure("exploitation", "exploitation", "exploitation"),
            OneWayFigure("exploitation-forms", "exploitation_form", "exploitation_form"),
        ),
    ),
    (
        "help",
        (
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
                chart="stacked-bars",
                ordered=False,
            ),
        ),
    ),
    (
        "state",
        (
            OneWayFigure("state-sex", "state_sex", "sex", cohort="state"),
            OneWayFigure("state-age", "state_age_group", "age_group", cohort="state", ordered=True),
            OneWayFigure("state-citizenship", "state_citizenship", "country", cohort="state"),
            OneWayFigure("state-exploitation", "state_exploitation", "exploitation", cohort="state"),
        ),
    ),
    (
        "crimes",
        (
            SeriesFigure("crimes-by-half-year", (("mia", "crimes_by_half"),), "half", "crimes", "mia"),
            TwoWayFigure(
                id="crimes-by-source",
                table="crimes_by_source",
                row_list="year",
                column_list="crime_source",
                noun="crimes",
                cohort="crimes",
                chart="grouped",
                summed=False,
            ),
            OneWayFigure("offences", "crimes_by_offence", "offence", "crimes", "crimes_year"),
        ),
    ),
    (
        "awareness",
        (
            SeriesFigure("hotline-contacts", (("contacts", "contacts_by_year"),), "year", "contacts", "contacts"),
            SeriesFigure("campaigns", (("campaigns", "campaigns_by_year"),), "year", "campaigns", "campaigns"),
        ),
    ),
)


def build_figures(year_releases: YearReleases) -> dict[str, ReportFigure]:
    """Return every figure of the report by id, in the order of the report."""
    return {figure.id: figure.build(year_releases) for _, figures in SECTIONS for figure in figures}


def shared_facts(year_releases: YearReleases, figures: dict[str, ReportFigure]) -> Facts:
    """Return the facts that any sentence may use: totals, years, and those of the main figures."""
    year = year_releases.year
    facts: Facts = {
        "year": TextFact(str(year)),
        "home": CodeFact("country", context.home_country()),
        "assisted": table_fact(year_releases.table("assisted")),
        "crimes_half": table_fact(year_releases.table("crimes_by_half"), f"{year}-H1"),
        "half": CodeFact("half", f"{year}-H1"),
        "if_simulated": TextFact("") if year_releases.invented else None,
        "if_counted": None if year_releases.invented else TextFact(""),
    }
    for name, fact in figures["assisted-by-year"].facts.items():
        facts[name] = fact
    ages = year_releases.table("age_band")
    over_30 = sum_fact(table_fact(ages, code) for code in ("31_40", "41_50", "51_plus"))
    facts |= {"over_30": over_30, "over_30_s": share_fact(over_30, table_fact(ages))}
    for figure in ("origin", "destination", "sex", "exploitation", "age"):
        facts |= {f"{figure}_{name}": fact for name, fact in figures[figure].facts.items()}
    facts["destination_s_home"] = facts.get(f"destination_s_{context.home_country()}")
    return facts


def whole_year_facts(table: PublishedTable | None, reference_date: date) -> Facts:
    """Return the count of the newest year that ended by a day, its name and the year before."""
    ended = (
        [code for code in table.codes() if code.isdigit() and date(int(code), 12, 31) <= reference_date]
        if table
        else []
    )
    if table is None or not ended:
        return {}
    year = max(ended)
    count = table_fact(table, year)
    facts: Facts = {"whole": TextFact(year), "whole_n": count, "whole_before": TextFact(str(int(year) - 1))}
    return facts | {"if_whole": TextFact("") if count else None}
