"""Facts of an indicator, and the finding of its page: a sentence that its published tables prove."""

from __future__ import annotations

from datetime import date

from kerege.publishing.report import context, prevalence_section
from kerege.publishing.report.cell_index import CellIndex
from kerege.publishing.report.facts import CodeFact, CountFact, Facts, TextFact, share_fact, table_fact
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.site.kept_results import KeptResults
from kerege.publishing.site.series import View
from kerege.publishing.site.site_words import read_words, site_localiser
from kerege.publishing.site.table_values import is_over
from kerege.publishing.storage.published_tables import TOTAL, PublishedTable
from kerege.publishing.storage.release_labels import labels_of
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.profile import active

_findings = KeptResults[Sentence](most=600)


def write_finding(view: View, lang: str) -> Sentence:
    """Return the finding of an indicator: the first wording that its tables prove, else its name.

    It is kept while the releases are the same.
    """
    with labels_of(view.releases):
        if view.identity is None:
            return _write_finding(view, lang)
        return _findings.get((view.identity, lang), lambda: _write_finding(view, lang))


def _write_finding(view: View, lang: str) -> Sentence:
    words = read_words(lang)["indicator"][view.indicator.id]
    prose = prose_of(view, lang)
    sentence = prose.first(words.get("finding", []), facts_of(view, lang), is_heading=True)
    return sentence if sentence else Sentence.of([words["name"]])


def write_level(view: View, lang: str) -> Sentence:
    """Return the condition under which an estimate holds, '' for a count."""
    words = read_words(lang)["indicator"][view.indicator.id]
    with labels_of(view.releases):
        return prose_of(view, lang).first(words.get("level", []), facts_of(view, lang))


def prose_of(view: View, lang: str) -> Prose:
    """Return the writer of sentences about the tables of a view."""
    releases = {name: release.path.name for name, release in view.sources.items()}
    return Prose(site_localiser(lang), CellIndex(dict(view.tables)), releases)


def facts_of(view: View, lang: str) -> Facts:
    """Return the facts that the sentences of an indicator may state."""
    invented = any(release.invented for release in view.releases)
    facts: Facts = {"if_simulated" if invented else "if_counted": TextFact("")}
    for name, table in view.tables.items():
        facts |= _table_facts(table, view.sources[name].as_of or view.sources[name].created)
    if view.indicator.is_timed:
        facts |= _timed_facts(view, lang)
    if view.indicator.kind == "estimated":
        facts |= _estimate_facts(view, lang)
    return facts


def _estimate_facts(view: View, lang: str) -> Facts:
    """Return the facts of the estimate in the release that holds it."""
    names = [part.estimate for part in view.indicator.series if part.estimate in view.sources]
    if not names:
        return {}
    release = view.sources[str(names[0])]
    year_releases = YearReleases(int(release.manifest.period[:4]), (release,))
    return prevalence_section.estimate_facts(year_releases, site_localiser(lang))


def _table_facts(table: PublishedTable, day: date) -> Facts:
    """Return the total, the count and share of each code, and the year that the table covers."""
    total = table_fact(table)
    facts: Facts = {"total": total, "year": TextFact(_year_of(table, day))}
    for place in range(len(table.by)):
        for code, _ in table.along(place):
            keys = [code if other == place else TOTAL for other in range(len(table.by))]
            count = table_fact(table, *keys)
            facts |= {f"c_{code}": count, f"s_{code}": share_fact(count, total)}
    if table.by == ("origin", "destination"):
        home = context.home_country()
        facts |= {"inside": table_fact(table, home, home), "home": CodeFact("country", home)}
    return facts


def _year_of(table: PublishedTable, day: date) -> str:
    years = table.entry.where.get("year", [])
    return str(years[0]) if len(years) == 1 else str(day.year)


def _timed_facts(view: View, lang: str) -> Facts:
    """Return the newest whole period, the one a year before it, and the count of each series in it."""
    whole = whole_periods(view)
    if not whole:
        return {}
    last = whole[-1]
    before = period_before(last)
    year, _, half = last.partition("-")
    facts: Facts = {"last": TextFact(last), "before": TextFact(before), "before_year": TextFact(before[:4])}
    if half:
        facts["last_words"] = TextFact(str(read_words(lang)["half_in"][half]).replace("{year}", year))
    for code in view.parts:
        facts[f"n_{code}"] = _count(view, code, last)
        facts["n"] = facts[f"n_{code}"] or facts.get("n")
    facts["n_main"] = facts.get(f"n_{active().main_source}")
    return facts


def whole_periods(view: View) -> list[str]:
    """Return the periods with a value that had ended on the day of the register."""
    days = [release.as_of or release.created for release in view.sources.values()]
    newest = max(days, default=date.min)
    shown = {period for (_, period), cell in view.values.items() if cell.value.status != "absent"}
    return sorted(period for period in shown if is_over(period, newest))


def period_before(period: str) -> str:
    """Return the same period of the year before.

    Examples
    --------
    >>> from kerege.publishing.site.indicator_facts import period_before
    >>> period_before("2025"), period_before("2025-H2")
    ('2024', '2024-H2')
    """
    year, dash, part = period.partition("-")
    return f"{int(year) - 1}{dash}{part}"


def _count(view: View, code: str, period: str) -> CountFact | None:
    source = next((part for part in view.indicator.series if part.code == code), view.indicator.series[0])
    table = view.tables.get(str(source.table))
    keys = (period, code) if view.indicator.split else (period,)
    return table_fact(table, *keys) if table else None
