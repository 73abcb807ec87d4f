"""SDG indicator 16.2.2 from releases: counts and rates by sex and age, in the layout of the UN.

Rate = victims / mid-year population of the same sex and age x 100,000. Without a population from a citable source there
is no rate. A suppressed count, and its rate, is the word `suppressed`, with status Q.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from babel.core import get_global

from kerege.base.errors import BadInput, Fault
from kerege.evidence.data.periods import list_years
from kerege.evidence.release.prevalence.messages import estimate_sentence
from kerege.publishing.exports import coverage
from kerege.publishing.exports.export_folder import open_export, write_csv
from kerege.publishing.exports.figure_finder import OK, Finder, PublishedFigure, add_figures, most_informative
from kerege.publishing.storage.published_tables import TOTAL, WITHHELD
from kerege.publishing.storage.year_releases import EstimateFigures, YearReleases
from kerege.vocabulary import codes, sdg
from kerege.vocabulary.population import AGES, SEXES, Key, Population
from kerege.vocabulary.profile import active

FILE = "sdg_16_2_2.csv"
UNDETECTED = "sdg_16_2_2_undetected.csv"
PER = 100_000
COLUMNS = (
    "Goal", "Target", "Indicator", "SeriesCode", "SeriesDescription", "GeoAreaCode", "GeoAreaName", "TimePeriod",
    "Value", "Time_Detail", "TimeCoverage", "UpperBound", "LowerBound", "BasePeriod", "Source", "GeoInfoUrl",
    "FootNote", "[Age]", "[Nature]", "[Observation Status]", "[Reporting Type]", "[Sex]", "[Units]",
)  # fmt: skip
# Notes by kind of cohort. Cohorts are never added. In a year with figures of both, the newer programme is used.
COHORT_NOTES = {
    "state": "Persons first assisted in the year by the state programme; people who were detected and not"
    " assisted are not counted, nor are those assisted by others.",
    "international": "Persons first assisted in the year by the programme supported by {payer}; people who were"
    " detected and not assisted are not counted.",
}
ABOUT = f"""SDG indicator 16.2.2: victims of human trafficking per 100,000 population, by sex, age and form of
exploitation.

{FILE} has a row a series, year, sex and age, with the columns of the UN's Global SDG Database. Series that end
in R are rates: victims / mid-year population of the same sex and age x 100,000. Where no population of a sex and age
can be cited, the rate is empty and its footnote says so.

[Observation Status]: A normal value, B break in the series (another programme is counted from here on), E rounded or
perturbed to protect people, O no value, Q suppressed. A suppressed value is not zero, unless its footnote says that it
can be. A person is counted by the main form of exploitation where the releases have no other.

The indicator asks for the undetected as well. Where releases have estimates of them, {UNDETECTED} has a row for each,
of all people or of one sex and age: detected and undetected together, status E. Where a population of each year can be
cited, a second row has the rate of an average year. No stratum gets its share among the detected people.
LowerBound is the least number; UpperBound holds under the condition in the
footnote, and is empty where the release publishes no upper figure. No single value is given, and none where the release
publishes no estimate.

{sdg.CAVEAT["en"]}
"""


@dataclass(frozen=True)
class Observation:
    """Observation of a series. `value` is None when there is none; `status` and `note` say why."""

    series: sdg.SdgSeries
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


def export(year_releases: YearReleases, out: Path, country: str, people: Mapping[Key, Population]) -> dict[str, object]:
    """Write the series of a year to the folder `out` and return a summary. Raises BadInput."""
    series = observations(year_releases, country, people)
    area, name = get_area(country)
    with open_export(out, year_releases, "sdg", ABOUT) as directory:
        write_csv(directory / FILE, COLUMNS, (_row(observation, area, name) for observation in series))
        if estimates := list(_undetected(year_releases, country, area, name, people)):
            write_csv(directory / UNDETECTED, COLUMNS, estimates)
    return {
        "file": str(out / FILE),
        "rows": len(series),
        "rates": sum(observation.rate and observation.value is not None for observation in series),
    }


def get_area(country: str) -> tuple[str, str]:
    """Return the numeric UN code (M49) and the English name of a country.

    Raises BadInput for a country without such a code.
    """
    numeric = [code for code, to in get_global("territory_aliases").items() if to == [country] and code.isdigit()]
    if not numeric or country not in codes.code_list("country").codes:
        raise BadInput(Fault(f"the country {country} has no numeric code", "check the country profile"))
    return numeric[0], codes.label("country", country, "en")


def observations(year_releases: YearReleases, country: str, people: Mapping[Key, Population]) -> list[Observation]:
    """Return every observation: each count followed by its rate, oldest year first."""
    finder = Finder(year_releases)
    counts = [item for year, cohort in _years(finder) for item in _counts_of_year(finder, year, cohort)]
    return [item for count in _breaks(counts) for item in (count, _rate(count, country, people))]


def _years(finder: Finder) -> Iterator[tuple[int, str]]:
    """Yield every year of which a table has a total, with the cohort to use."""
    cohorts = [cohort.payer for cohort in active().cohort_order]
    of_cohort = {cohort: set(_published_years(finder, cohort)) for cohort in cohorts}
    for year in sorted(set().union(*of_cohort.values()) | {finder.year_releases.year}):
        yield year, next((cohort for cohort in cohorts if year in of_cohort[cohort]), cohorts[0])


def _cohort_note(payer: str) -> str:
    kind = next(cohort.kind for cohort in active().cohort_order if cohort.payer == payer)
    return COHORT_NOTES[kind].format(payer=codes.label("payer", payer, "en"))


def _published_years(finder: Finder, cohort: str) -> Iterator[int]:
    for table in finder.slices("victims", ("year",), {"programme": cohort}):
        yield from (int(code) for code in table.codes("year") if code.isdigit())
    if finder.figure("victims", {"programme": cohort, "year": str(finder.year_releases.year)}):
        yield finder.year_releases.year


def _counts_of_year(finder: Finder, year: int, cohort: str) -> Iterator[Observation]:
    """Yield the counts of a year: totals of series in the year of the releases, others as published."""
    for series in sdg.series():
        for sex in SEXES:
            for age in AGES:
                conditions = {"programme": cohort, "year": str(year), "sex": sex, "age_group": age}
                figure = _figure(finder, series, {name: code for name, code in conditions.items() if code != TOTAL})
                is_total = (sex, age) == (TOTAL, TOTAL) and year == finder.year_releases.year
                if figure is not None or is_total:
                    yield _observation(finder, series, year=year, sex_and_age=(sex, age), figure=figure, cohort=cohort)


def _figure(finder: Finder, series: sdg.SdgSeries, conditions: dict[str, str]) -> PublishedFigure | None:
    """Return the most informative figure of a series: all forms, a group of forms, or a sum over forms."""
    known = codes.code_list("exploitation_form").codes
    if series.forms == frozenset(known):
        return finder.figure("victims", conditions)
    group = next(form.parent for form in known.values() if form.code in series.forms)
    others = [form.code for form in known.values() if form.parent == group and form.code not in series.forms]
    by_form = _forms(finder, series.forms, conditions)
    # The group equals the series only when its other forms count nobody.
    if all(_is_zero(_forms(finder, frozenset({form}), conditions)) for form in others):
        return most_informative([by_form, finder.figure("victims", conditions | {"exploitation": group})])
    return by_form


def _is_zero(figure: PublishedFigure | None) -> bool:
    return figure is not None and figure.exact and figure.count == 0


def _forms(finder: Finder, forms: frozenset[str], conditions: dict[str, str]) -> PublishedFigure | None:
    """Return the sum over forms; a form that a complete table does not list counts nobody."""
    sums: list[PublishedFigure | None] = []
    for table in finder.slices("victims", ("exploitation_form",), conditions):
        figures = [table.figure(form) for form in sorted(forms)]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(figures) or table.lists_all("exploitation_form"):
            sums.append(add_figures(known) if known else PublishedFigure(0, OK, (table.table.name,)))
    return most_informative(sums)


def _observation(
    finder: Finder,
    series: sdg.SdgSeries,
    year: int,
    sex_and_age: tuple[str, str],
    figure: PublishedFigure | None,
    cohort: str,
) -> Observation:
    base = Observation(series, False, year, *sex_and_age, None, sdg.MISSING, cohort=cohort)
    if figure is None:
        return replace(base, note="No release of the year has this figure.")
    tables = [finder.year_releases.tables[name] for name in figure.tables]
    status = sdg.SUPPRESSED if figure.status == WITHHELD else sdg.NORMAL if figure.exact else sdg.ESTIMATED
    words = f"{figure.words[:1].upper()}{figure.words[1:]}." if figure.words else ""
    notes = dict.fromkeys(
        [words, _cohort_note(cohort), *(coverage.describe_coverage(finder.year_releases, table) for table in tables)]
    )
    return replace(
        base,
        value=figure.count,
        status=status,
        bounds=figure.bounds,
        note=" ".join(note for note in notes if note),
        source="; ".join(coverage.describe_source(finder.year_releases, table) for table in tables),
    )


def _breaks(observations: list[Observation]) -> Iterator[Observation]:
    """Yield the observations; the first value of another cohort is flagged as a break of its series."""
    last_cohorts: dict[tuple[str, str, str], str] = {}
    for observation in observations:
        key = observation.code, observation.sex, observation.age
        is_break = last_cohorts.get(key, observation.cohort) != observation.cohort and observation.status == sdg.NORMAL
        last_cohorts[key] = observation.cohort
        yield replace(observation, status=sdg.BREAK) if is_break else observation


def _rate(count: Observation, country: str, people: Mapping[Key, Population]) -> Observation:
    """Return the rate of a count; its note says why there is none."""
    rate = replace(count, rate=True)
    if count.value is None:
        return rate
    population = people.get((country, count.year, count.sex, count.age))
    if population is None:
        note = "No rate: no mid-year population of this sex, age and year can be cited."
        return replace(rate, value=None, bounds=None, status=sdg.MISSING, note=f"{note} {count.note}")
    bounds = count.bounds and (
        _rate_per_100_000(count.bounds[0], population),
        _rate_per_100_000(count.bounds[1], population),
    )
    source = f"Mid-year population: {population.with_source}."
    return replace(rate, value=_rate_per_100_000(count.value, population), bounds=bounds, note=f"{count.note} {source}")


def _undetected(
    year_releases: YearReleases, country: str, area: str, name: str, people: Mapping[Key, Population]
) -> Iterator[dict[str, object]]:
    """Yield the rows of the estimates of detected and undetected victims: people, and rates."""
    for content in year_releases.estimates.values():
        if content["no_estimate"]:
            continue
        row = _estimate_row(content, area, name)
        yield row
        if populations := _populations_of_estimate(content, country, people):
            yield _estimate_rate(row, populations)


def _stratum_of(content: EstimateFigures) -> tuple[str, str]:
    """Return sex and age group of an estimate; the total for a condition on several or other values."""
    sex, age = (content["where"].get(column, [TOTAL]) for column in ("sex", "age_group"))
    return (
        sex[0] if len(sex) == 1 and sex[0] in SEXES else TOTAL,
        age[0] if len(age) == 1 and age[0] in AGES else TOTAL,
    )


def _populations_of_estimate(
    content: EstimateFigures, country: str, people: Mapping[Key, Population]
) -> list[Population]:
    """Return the population of each year of an estimate; none if one is missing."""
    stratum = _stratum_of(content)
    for column, code in zip(("sex", "age_group"), stratum, strict=True):
        if column in content["where"] and code == TOTAL:
            return []
    years = list_years(content["period"])
    populations = [people[key] for year in years if (key := (country, int(year), *stratum)) in people]
    return populations if len(populations) == len(years) else []


def _estimate_rate(row: Mapping[str, object], populations: list[Population]) -> dict[str, object]:
    """Return the row of the rate of an estimate: an average year, over the populations of all years."""
    total = sum(population.persons for population in populations)
    years = f", an average of {len(populations)} years" if len(populations) > 1 else ""
    sources = "; ".join(dict.fromkeys(population.with_source for population in populations))
    bounds = {
        column: "" if row[column] == "" else round(float(str(row[column])) * PER / total, 5)
        for column in ("LowerBound", "UpperBound")
    }
    note = f"{row['FootNote']} Per 100,000 people of the same sex and age{years}. Mid-year population: {sources}."
    return {**row, **bounds, "FootNote": note, "[Units]": sdg.RATE}


def _estimate_row(content: EstimateFigures, area: str, name: str) -> dict[str, object]:
    """Return the row of an estimate in people."""
    method = f"Estimate by multiple systems estimation over {len(content['lists'])} lists of agencies"
    notes = [f"{method}.", estimate_sentence(content, "en", "{:,}".format), content["assumptions"]["en"]]
    if content["where"]:
        conditions = "; ".join(f"{column}: {', '.join(values)}" for column, values in content["where"].items())
        notes.append(f"Only people with {conditions}.")
    if "notice" in content:
        notes.append(content["notice"]["en"])
    years = str(content["period"]).replace("/", "-")
    sex, age = _stratum_of(content)
    return {
        "Goal": sdg.GOAL, "Target": sdg.TARGET, "Indicator": sdg.INDICATOR,
        "SeriesDescription": "Detected and undetected victims of human trafficking", "GeoAreaCode": area,
        "GeoAreaName": name, "TimePeriod": years, "Time_Detail": years, "LowerBound": content["lower"],
        "UpperBound": "" if content["upper"] is None else content["upper"],
        "Source": f"{content['title']['en']}, estimate {content['name']}",
        "FootNote": " ".join(notes), "[Age]": sdg.AGE[age], "[Nature]": "E", "[Observation Status]": sdg.ESTIMATED,
        "[Reporting Type]": sdg.NATIONAL, "[Sex]": sdg.SEX[sex], "[Units]": sdg.COUNT,
    }  # fmt: skip


def _rate_per_100_000(count: float, population: Population) -> float:
    return round(sdg.rate(int(count), population.persons), 5)


def _row(observation: Observation, area: str, name: str) -> dict[str, object]:
    low, high = observation.bounds or ("", "")
    suppressed = "suppressed" if observation.status == sdg.SUPPRESSED else ""
    return {
        "Goal": sdg.GOAL, "Target": sdg.TARGET, "Indicator": sdg.INDICATOR, "SeriesCode": observation.code,
        "SeriesDescription": observation.title, "GeoAreaCode": area, "GeoAreaName": name,
        "TimePeriod": observation.year, "Value": suppressed if observation.value is None else observation.value,
        "Time_Detail": observation.year, "UpperBound": high, "LowerBound": low, "Source": observation.source,
        "FootNote": f"{observation.note} {sdg.CAVEAT['en']}", "[Age]": sdg.AGE[observation.age],
        "[Nature]": sdg.COUNTRY_DATA, "[Observation Status]": observation.status,
        "[Reporting Type]": sdg.NATIONAL, "[Sex]": sdg.SEX[observation.sex],
        "[Units]": sdg.RATE if observation.rate else sdg.COUNT,
    }  # fmt: skip
