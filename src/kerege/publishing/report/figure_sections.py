"""Sections of the report: which figures each of them has, and the facts that they share."""

from __future__ import annotations

from kerege.publishing.report import context
from kerege.publishing.report.facts import (
    CodeFact,
    CountFact,
    Facts,
    ShareFact,
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
    return facts | _conditions(facts, figures["payers"].facts)


def _conditions(facts: Facts, payers: Facts) -> Facts:
    """Return empty facts that let a sentence appear only while the tables support it."""
    men, at_home = facts.get("sex_s_male"), facts.get("destination_s_home")
    first, last = payers.get("first_s_state"), payers.get("last_s_state")
    conditions = {
        "if_men": isinstance(men, ShareFact) and men.value >= 0.4,
        "if_destination": isinstance(at_home, ShareFact) and at_home.value > 0.5,
        "if_shift": isinstance(first, ShareFact) and isinstance(last, ShareFact) and first.value < 0.5 < last.value,
    }
    return {name: TextFact("") if is_met else None for name, is_met in conditions.items()}


def _table_total(year_releases: YearReleases, name: str) -> CountFact | None:
    table = year_releases.table(name)
    return count_fact(table.total) if table else None
