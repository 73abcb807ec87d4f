"""SDG indicator 16.2.2 from releases: counts and rates by sex and age, in the layout of the UN.

Rate = victims / mid-year population of the same sex and age x 100,000. Without a population from a citable source there
is no rate. A suppressed count is the word, with status Q, and so is its rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from babel.core import get_global

from kerege.base.errors import BadInput, Fault
from kerege.publishing.exports import coverage
from kerege.publishing.exports.export_folder import folder, write_csv
from kerege.publishing.exports.figure_finder import OK, Figure, Finder, add, best
from kerege.publishing.storage.editions import Edition
from kerege.publishing.storage.published_tables import TOTAL, WITHHELD
from kerege.vocabulary import codes, sdg
from kerege.vocabulary.population import AGES, SEXES, Key, Population

FILE = "sdg_16_2_2.csv"
UNDETECTED = "sdg_16_2_2_undetected.csv"
COLUMNS = (
    "Goal", "Target", "Indicator", "SeriesCode", "SeriesDescription", "GeoAreaCode", "GeoAreaName", "TimePeriod",
    "Value", "Time_Detail", "TimeCoverage", "UpperBound", "LowerBound", "BasePeriod", "Source", "GeoInfoUrl",
    "FootNote", "[Age]", "[Nature]", "[Observation Status]", "[Reporting Type]", "[Sex]", "[Units]",
)  # fmt: skip
# the two cohorts are never added up; where both have somebody in a year, the state's programme is told
COHORTS = {
    "state": "Persons first assisted in the year by the state programme; whoever was detected and not assisted is not"
    " counted, nor are those assisted by others.",
    "iom": "Persons first assisted in the year by the programme supported by IOM; whoever was detected and not"
    " assisted is not counted.",
}
ABOUT = f"""SDG indicator 16.2.2: victims of human trafficking per 100,000 population, by sex, age and form of
exploitation.

{FILE} has a row a series, year, sex and age, with the columns of the UN's Global SDG Database. Series that end
in R are rates: victims / mid-year population of the same sex and age x 100,000. Where no population of a sex and age
can be cited, the rate is empty and its footnote says so.

[Observation Status]: A normal value, B break in the series (another programme is counted from here on), E rounded or
perturbed to protect people, O no value, Q suppressed. A suppressed value is not zero. A person is counted by the main
form of exploitation where the releases have no other.

The indicator asks for the undetected as well. Where a release has an estimate of them, {UNDETECTED} holds it: detected
and undetected together, between LowerBound and UpperBound, status E. No single value is given, and none where the
release publishes no estimate.

{sdg.CAVEAT["en"]}
"""


@dataclass(frozen=True)
class Observation:
    """Observation of a series. `value` is None when there is none; `status` and `note` say why."""

    series: sdg.Series
    rate: bool
    year: int
    sex: str
    age: str
    value: float | None
    status: str
    bounds: tuple[float, float] | None = None
    cohort: str = ""
    note: str = ""
    source: str = ""

    @property
    def code(self) -> str:
        """Return the code of the series."""
        return self.series.rate if self.rate else self.series.code

    @property
    def title(self) -> str:
        """Return the title of the series."""
        return self.series.title("en", per=self.rate)


def export(edition: Edition, out: Path, country: str, people: Mapping[Key, Population]) -> dict[str, object]:
    """Write the series of an edition to the folder `out` and return a summary. Raises BadInput."""
    found = observations(edition, country, people)
    area, name = area_of(country)
    with folder(out, edition, "sdg", ABOUT) as part:
        write_csv(part / FILE, COLUMNS, (_row(each, area, name) for each in found))
        if estimated := _undetected(edition, area, name):
            write_csv(part / UNDETECTED, COLUMNS, [estimated])
    return {
        "file": str(out / FILE),
        "rows": len(found),
        "rates": sum(each.rate and each.value is not None for each in found),
    }


def area_of(country: str) -> tuple[str, str]:
    """Return the numeric UN code (M49) and the English name of a country.

    Raises BadInput for a country without such a code.
    """
    numeric = [code for code, to in get_global("territory_aliases").items() if to == [country] and code.isdigit()]
    if not numeric or country not in codes.code_list("country").codes:
        raise BadInput(Fault(f"the country {country} has no numeric code", "check the country profile"))
    return numeric[0], codes.label("country", country, "en")


def observations(edition: Edition, country: str, people: Mapping[Key, Population]) -> list[Observation]:
    """Return every observation of an edition: each count followed by its rate, oldest year first."""
    finder = Finder(edition)
    found = [one for year, cohort in _years(finder) for one in _of_year(finder, year, cohort)]
    return [each for one in _breaks(found) for each in (one, _rate(one, country, people))]


def _years(finder: Finder) -> Iterator[tuple[int, str]]:
    """Yield every year of which a table has a total, with the cohort to use."""
    of_cohort = {cohort: set(_told_years(finder, cohort)) for cohort in COHORTS}
    for year in sorted(set().union(*of_cohort.values()) | {finder.edition.year}):
        yield year, next((cohort for cohort in COHORTS if year in of_cohort[cohort]), next(iter(COHORTS)))


def _told_years(finder: Finder, cohort: str) -> Iterator[int]:
    for found in finder.slices("victims", ("year",), {"programme": cohort}):
        yield from (int(code) for code in found.codes("year") if code.isdigit())
    if finder.figure("victims", {"programme": cohort, "year": str(finder.edition.year)}):
        yield finder.edition.year


def _of_year(finder: Finder, year: int, cohort: str) -> Iterator[Observation]:
    """Yield the counts of a year: the total of each series in the edition's year, others as published."""
    for series in sdg.series():
        for sex in SEXES:
            for age in AGES:
                asked = {"programme": cohort, "year": str(year), "sex": sex, "age_group": age}
                figure = _figure(finder, series, {name: code for name, code in asked.items() if code != TOTAL})
                total = (sex, age) == (TOTAL, TOTAL) and year == finder.edition.year
                if figure is not None or total:
                    yield _observation(finder, series, year, (sex, age), figure, cohort)


def _figure(finder: Finder, series: sdg.Series, asked: dict[str, str]) -> Figure | None:
    """Return the most informative figure of a series: all forms, a group of forms, or a sum over forms."""
    known = codes.code_list("exploitation_form").codes
    if series.forms == frozenset(known):
        return finder.figure("victims", asked)
    group = next(form.parent for form in known.values() if form.code in series.forms)
    others = [form.code for form in known.values() if form.parent == group and form.code not in series.forms]
    found = _forms(finder, series.forms, asked)
    # the group tells the series only when nobody is in it for another form
    if all(_nobody(_forms(finder, frozenset({form}), asked)) for form in others):
        return best([found, finder.figure("victims", asked | {"exploitation": group})])
    return found


def _nobody(figure: Figure | None) -> bool:
    return figure is not None and figure.exact and figure.count == 0


def _forms(finder: Finder, forms: frozenset[str], asked: dict[str, str]) -> Figure | None:
    """Return the sum over forms; a form that a complete table does not list counts nobody."""
    sums: list[Figure | None] = []
    for table in finder.slices("victims", ("exploitation_form",), asked):
        figures = [table.figure(form) for form in sorted(forms)]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(figures) or table.lists_all("exploitation_form"):
            sums.append(add(known) if known else Figure(0, OK, (table.table.name,)))
    return best(sums)


def _observation(
    finder: Finder, series: sdg.Series, year: int, who: tuple[str, str], figure: Figure | None, cohort: str
) -> Observation:
    base = Observation(series, False, year, *who, None, sdg.MISSING, cohort=cohort)
    if figure is None:
        return replace(base, note="No release of the year has this figure.")
    tables = [finder.edition.tables[name] for name in figure.tables]
    status = sdg.SUPPRESSED if figure.status == WITHHELD else sdg.NORMAL if figure.exact else sdg.ESTIMATED
    words = f"{figure.words[:1].upper()}{figure.words[1:]}." if figure.words else ""
    told = dict.fromkeys([words, COHORTS[cohort], *(coverage.told(finder.edition, table) for table in tables)])
    return replace(
        base,
        value=figure.count,
        status=status,
        bounds=figure.bounds,
        note=" ".join(each for each in told if each),
        source="; ".join(coverage.source(finder.edition, table) for table in tables),
    )


def _breaks(found: list[Observation]) -> Iterator[Observation]:
    """Yield the observations; the first value of another cohort is flagged as a break of its series."""
    before: dict[tuple[str, str, str], str] = {}
    for each in found:
        key = each.code, each.sex, each.age
        broken = before.get(key, each.cohort) != each.cohort and each.status == sdg.NORMAL
        before[key] = each.cohort
        yield replace(each, status=sdg.BREAK) if broken else each


def _rate(of: Observation, country: str, people: Mapping[Key, Population]) -> Observation:
    """Return the rate of a count; its note says why there is none."""
    rate = replace(of, rate=True)
    if of.value is None:
        return rate
    population = people.get((country, of.year, of.sex, of.age))
    if population is None:
        note = "No rate: no mid-year population of this sex, age and year can be cited."
        return replace(rate, value=None, bounds=None, status=sdg.MISSING, note=f"{note} {of.note}")
    bounds = of.bounds and (_per(of.bounds[0], population), _per(of.bounds[1], population))
    told = f"Mid-year population: {population.told}."
    return replace(rate, value=_per(of.value, population), bounds=bounds, note=f"{of.note} {told}")


def _undetected(edition: Edition, area: str, name: str) -> dict[str, object]:
    """Return the row of the estimate of detected and undetected victims, {} when none is published."""
    content = edition.estimate
    if content is None or content["no_estimate"]:
        return {}
    method = f"Estimate by multiple systems estimation over {len(content['lists'])} lists of agencies"
    told = [f"{method}; detected alone: {content['detected']['count']}.", content["assumptions"]["en"]]
    if "notice" in content:
        told.append(content["notice"]["en"])
    years = str(content["period"]).replace("/", "-")
    return {
        "Goal": sdg.GOAL, "Target": sdg.TARGET, "Indicator": sdg.INDICATOR,
        "SeriesDescription": "Detected and undetected victims of human trafficking", "GeoAreaCode": area,
        "GeoAreaName": name, "TimePeriod": years, "Time_Detail": years, "LowerBound": content["lower"],
        "UpperBound": content["upper"], "Source": f"{content['title']['en']}, estimate {content['name']}",
        "FootNote": " ".join(told), "[Age]": sdg.AGE[TOTAL], "[Nature]": "E", "[Observation Status]": sdg.ESTIMATED,
        "[Reporting Type]": sdg.NATIONAL, "[Sex]": sdg.SEX[TOTAL], "[Units]": sdg.COUNT,
    }  # fmt: skip


def _per(count: float, population: Population) -> float:
    return round(sdg.rate(int(count), population.persons), 5)


def _row(each: Observation, area: str, name: str) -> dict[str, object]:
    low, high = each.bounds or ("", "")
    suppressed = "suppressed" if each.status == sdg.SUPPRESSED else ""
    return {
        "Goal": sdg.GOAL, "Target": sdg.TARGET, "Indicator": sdg.INDICATOR, "SeriesCode": each.code,
        "SeriesDescription": each.title, "GeoAreaCode": area, "GeoAreaName": name, "TimePeriod": each.year,
        "Value": suppressed if each.value is None else each.value, "Time_Detail": each.year, "UpperBound": high,
        "LowerBound": low, "Source": each.source, "FootNote": f"{each.note} {sdg.CAVEAT['en']}",
        "[Age]": sdg.AGE[each.age], "[Nature]": sdg.COUNTRY_DATA, "[Observation Status]": each.status,
        "[Reporting Type]": sdg.NATIONAL, "[Sex]": sdg.SEX[each.sex],
        "[Units]": sdg.RATE if each.rate else sdg.COUNT,
    }  # fmt: skip
