"""Sections of the report: which figures each of them has, and the facts that they share."""

from __future__ import annotations

from datetime import date

from kerege.publishing.report import context
from kerege.publishing.report.bounds import bounds_of, is_majority, is_near
from kerege.publishing.report.facts import (
    CodeFact,
    CountFact,
    Fact,
    Facts,
    TextFact,
    count_fact,
    share_fact,
    sum_fact,
)
from kerege.publishing.report.figures import (
    Builder,
    CorridorFigure,
    OneWayFigure,
    ReportFigure,
    SeriesFigure,
    TwoWayFigure,
)
from kerege.publishing.storage.published_tables import TOTAL, PublishedTable
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
            OneWayFigure("services", "services", "service", multi=True),
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
    facts: Facts = {"year": TextFact(str(year)), "assisted": _table_total(year_releases, "assisted")}
    for name, fact in figures["assisted-by-year"].facts.items():
        facts[name] = fact
    half = year_releases.table("crimes_by_half")
    facts["crimes_half"] = count_fact(half.cell(f"{year}-H1")) if half else None
    facts["half"] = CodeFact("half", f"{year}-H1")
    ages = year_releases.table("age_band")
    over_30 = sum_fact(ages.cell(code) for code in ("31_40", "41_50", "51_plus")) if ages else None
    facts |= {"over_30": over_30, "over_30_s": share_fact(over_30, count_fact(ages.total) if ages else None)}
    for figure in ("origin", "destination", "sex", "exploitation", "age"):
        facts |= {f"{figure}_{name}": fact for name, fact in figures[figure].facts.items()}
    facts["destination_s_home"] = facts.get(f"destination_s_{context.home_country()}")
    return facts | _conditions(year_releases, facts, figures["payers"].facts)


def whole_year_facts(table: PublishedTable | None, reference_date: date) -> Facts:
    """Return the count of the newest year that ended by a day, and its difference from the year before.

    A difference is a fact only between two exact counts.
    """
    ended = (
        [code for code in table.codes() if code.isdigit() and date(int(code), 12, 31) <= reference_date]
        if table
        else []
    )
    if table is None or not ended:
        return {}
    year = max(ended)
    before = str(int(year) - 1)
    facts: Facts = {"whole": TextFact(year), "whole_n": count_fact(table.cell(year)), "whole_before": TextFact(before)}
    facts["if_whole"] = TextFact("") if facts["whole_n"] else None
    now, earlier = (table.cell(code) for code in (year, before))
    if now and earlier and now.exact and earlier.exact and now.count != earlier.count:
        difference = (now.count or 0) - (earlier.count or 0)
        facts |= {"if_more" if difference > 0 else "if_fewer": TextFact(""), "whole_diff": CountFact(abs(difference))}
    return facts


def _conditions(year_releases: YearReleases, facts: Facts, payers: Facts) -> Facts:
    """Return empty facts that let a sentence appear only while every number behind the tables supports it."""
    conditions = {
        "if_near": _are_men_and_women_near(year_releases.table("sex")),
        "if_shift": _is_shift(year_releases.table("payer_by_year"), payers),
        "if_handover": _is_handover(year_releases.table("payer_by_year"), facts.get("iom_last")),
        "if_simulated": year_releases.invented,
        "if_counted": not year_releases.invented,
    }
    return {name: TextFact("") if is_met else None for name, is_met in conditions.items()}


def _are_men_and_women_near(table: PublishedTable | None) -> bool:
    if table is None:
        return False
    men, women = (bounds_of(table, table.cell(code)) for code in ("male", "female"))
    return is_near(men, women, bounds_of(table, table.total))


def _is_shift(table: PublishedTable | None, payers: Facts) -> bool:
    """Return whether IOM paid for most services in the first year, and the state in the last one."""
    first, last = payers.get("first"), payers.get("last")
    if table is None or not isinstance(first, TextFact) or not isinstance(last, TextFact):
        return False
    return _paid_most(table, first.text, "iom") and _paid_most(table, last.text, "state")


def _is_handover(table: PublishedTable | None, iom_last: Fact | None) -> bool:
    """Return whether IOM paid for most services in each year of its programme, and the state later."""
    if table is None or not isinstance(iom_last, TextFact):
        return False
    payers = {year: "iom" if year <= iom_last.text else "state" for year, _ in table.along(0) if year.isdigit()}
    is_most = all(_paid_most(table, year, payer) for year, payer in payers.items())
    return is_most and set(payers.values()) == {"iom", "state"}


def _paid_most(table: PublishedTable, year: str, payer: str) -> bool:
    part, whole = (bounds_of(table, table.cell(year, code)) for code in (payer, TOTAL))
    return is_majority(part, whole)


def _table_total(year_releases: YearReleases, name: str) -> CountFact | None:
    table = year_releases.table(name)
    return count_fact(table.total) if table else None
