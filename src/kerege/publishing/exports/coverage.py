"""Source and coverage of a published table: unit, filter, reference date and protection, in English."""

from __future__ import annotations

from kerege.publishing.exports.figure_finder import can_be_zero, table_filter
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import codes, snapshot_columns

LANG = "en"  # the exports go to international organisations
ROWS = {"victims": "unduplicated persons", "suspects": "suspects", "crimes": "recorded crimes", "services": "services"}
METHODS = {
    "suppress": "small counts and those that would disclose them are suppressed",
    "cellkey": "figures are changed by small random amounts (cell keys)",
    "dp": "figures carry differentially private noise",
    "none": "figures are as they were counted",
}
NOISY = ("cellkey", "dp")  # methods whose notes state the largest error
INVENTED = "Invented data: nobody in these figures exists."


def describe_source(year_releases: YearReleases, table: PublishedTable) -> str:
    """Return the source of a table: release, reference date, and the hash of the manifest."""
    release = year_releases.release_of(table)
    day = f", register as of {release.as_of}" if release.as_of else ""
    table_name = f"{release.title[LANG]} ({release.path.name}), table {table.name}"
    return f"{table_name}{day}, manifest sha256 {release.digest[:16]}"


def describe_coverage(year_releases: YearReleases, table: PublishedTable) -> str:
    """Return the coverage of a table: who is counted and how the figures are protected."""
    release = year_releases.release_of(table)
    parts = [describe_population(table), METHODS[table.entry.method]]
    if table.entry.method == "suppress":
        parts.append(f"a suppressed figure {'can be' if can_be_zero(table) else 'is not'} zero")
        parts.append(f"no count from 1 to {release.threshold - 1} is published")
    if table.entry.method in NOISY:
        parts += table.entry.notes
    return _sentence(parts) + (f" {INVENTED}" if release.invented else "")


def describe_population(table: PublishedTable) -> str:
    """Return the population of a table in words: its unit and its filter."""
    of = table.entry.of
    filters = [
        f"{column_title(of, name)}: {_values(of, name, values)}" for name, values in sorted(table_filter(table).items())
    ]
    return f"{ROWS.get(of, of)} ({'; '.join(filters)})" if filters else ROWS.get(of, of)


def column_title(of: str, column: str) -> str:
    """Return the title of a column, its name when the vocabulary lacks it."""
    try:
        return snapshot_columns.column(of, column).title(LANG)
    except LookupError:
        return column


def code_label(of: str, column: str, code: str) -> str:
    """Return the label of a code, the code itself when the vocabulary lacks it."""
    if code in codes.MARGINS:
        return codes.MARGINS[code][LANG]
    try:
        return snapshot_columns.column(of, column).label(code, LANG)
    except (LookupError, ValueError):
        return code


def _values(of: str, name: str, values: frozenset[str]) -> str:
    return ", ".join(code_label(of, name, value) for value in sorted(values))


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
