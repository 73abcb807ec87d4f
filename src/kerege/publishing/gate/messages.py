"""Findings of the release gate as sentences in the reader's language: figure, disclosure, remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kerege.evidence.sdc.published_tables.figure_labels import excluded_pairs, order_of_sum, signs_of_sum
from kerege.publishing.gate.disclosure_texts import AGAIN, MORE_NOISE, REMEDIES, SENTENCES
from kerege.publishing.gate.time_words import ENTERED, LEFT, time_words
from kerege.publishing.storage.published_tables import NOT_REPORTED, OTHERS, TOTAL
from kerege.vocabulary import codes, languages
from kerege.vocabulary import snapshot_columns as schema
from kerege.web.templatetags.kerege import language, number

# Cells that a sentence names; the rest are only counted.
MOST_CELLS = 3
Entry = Mapping[str, Any]
Cell = Mapping[str, str]


@dataclass(frozen=True)
class GateFinding:
    """Disclosure that an intruder can derive, in three sentences.

    `reason` says why a second figure must be suppressed too.
    """

    figure: str
    attack: str
    remedy: str
    known: bool = False
    reason: str = ""

    @property
    def sentences(self) -> tuple[str, str, str]:
        """Return the three sentences in order."""
        return self.figure, self.attack, self.remedy


def column_title(unit: str, name: str) -> str:
    """Return the title of a column in the active language, its name when the column is unknown."""
    try:
        return schema.column(unit, name).title(language())
    except (LookupError, KeyError):
        return name


def value_label(unit: str, name: str, code: str) -> str:
    """Return the label of a column's code in the active language, the code when it is unknown."""
    special = {TOTAL: _("total"), NOT_REPORTED: _("not reported"), OTHERS: _("small groups combined")}
    if code in special:
        return special[code]
    try:
        column_spec = schema.column(unit, name)
    except LookupError:
        return code
    parts = (
        zip(column_spec.list.split(":"), code.split(":"), strict=False)
        if ":" in column_spec.list
        else [(column_spec.list, code)]
    )
    return ", ".join(_label(list_name, part) for list_name, part in parts)


def _label(list_name: str, code: str) -> str:
    try:
        return codes.label(list_name, code, language())
    except (codes.UnknownCode, LookupError):
        return code


def unit_title(name: str) -> str:
    """Return the title of a unit in the active language."""
    try:
        return schema.unit(name).titles[language()]
    except LookupError:
        return name


def table_title(entry: Entry) -> str:
    """Return the title of a table: its own, else its unit, columns and filter."""
    own = entry.get("title")
    if isinstance(own, dict) and own.get(language()) not in (None, "", entry.get("name")):
        return str(own[language()])
    return describe_table(entry)


def describe_table(entry: Entry) -> str:
    """Return the description of a table: unit, columns and filter."""
    of = str(entry.get("of", ""))
    where = "; ".join(filter_texts(of, entry.get("where", {})))
    by = column_titles(entry)
    text = f"{unit_title(of)}: {by}" if by else unit_title(of)
    return f"{text} ({where})" if where else text


def column_titles(entry: Entry) -> str:
    """Return the titles of a table's columns, in lower case."""
    of = str(entry.get("of", ""))
    return ", ".join(column_title(of, name).lower() for name in entry.get("by", []))


def short_title(entry: Entry) -> str:
    """Return the title of a table among tables of its unit: its own, else its columns and filter."""
    own, long = table_title(entry), describe_table(entry)
    if own != long:
        return own
    where = "; ".join(filter_texts(str(entry.get("of", "")), entry.get("where", {})))
    by = column_titles(entry) or _("the total")
    by = by[:1].upper() + by[1:]
    return f"{by} ({where})" if where else by


def filter_texts(of: str, where: Mapping[str, Any]) -> Iterator[str]:
    """Yield one text per filtered column: its title and the labels of the values."""
    for name, selection in where.items():
        values = [selection] if isinstance(selection, str) else list(selection)
        yield f"{column_title(of, name)}: {', '.join(value_label(of, name, code) for code in values)}"


WITHOUT, BOTH = "without ", " and "  # how the assessment marks the people without a value, or without several
EITHER, REST = " or ", "another"


def cell_text(entry: Entry, cell: Cell) -> str:
    """Return a cell as the labels of its codes; "the total" for the grand total."""
    of = str(entry.get("of", ""))
    labels = [_code_words(of, name, code) for name, code in cell.items() if code != TOTAL]
    return ", ".join(labels) or _("the total")


def people_text(entry: Entry, disclosure: Entry, tables: Iterable[Entry] = ()) -> str:
    """Return the people whom a disclosure is about: titles and labels of the filter and of the cell.

    `tables` are all tables: their filters say what another value is.
    """
    of, cell = str(entry.get("of", "")), dict(disclosure.get("cell", {}))
    filters = {} if disclosure.get("kind") == "difference" else disclosure.get("where", {})
    texts = [*filter_texts(of, {name: codes for name, codes in filters.items() if name not in cell})]
    others = {name: _other_than(of, name, tables) for name, code in cell.items() if code == REST}
    texts += [others.get(name) or _condition_words(of, name, code) for name, code in cell.items() if code != TOTAL]
    return "; ".join(texts) or _("the total")


def _other_than(of: str, name: str, tables: Iterable[Entry]) -> str:
    """Return *other than* the values that filters name; '' where a table shows the column, or for many."""
    named: dict[str, None] = {}
    for table in (table for table in tables if table.get("of", of) == of):
        if name in table.get("by", []):
            return ""
        selection = table.get("where", {}).get(name, [])
        named |= dict.fromkeys([selection] if isinstance(selection, str) else selection)
    if not 0 < len(named) <= MOST_CELLS:
        return ""
    values = _(" or ").join(value_label(of, name, code) for code in named)
    return _("%(column)s: other than %(values)s") % {"column": column_title(of, name), "values": values}


def _condition_words(of: str, name: str, code: str) -> str:
    """Return a condition as the title of its column and the label of its code."""
    if name.startswith(WITHOUT):
        columns = ", ".join(column_title(of, column) for column in name.removeprefix(WITHOUT).split(BOTH))
        return f"{columns}: {_code_words(of, name, code)}"
    return f"{column_title(of, name)}: {_code_words(of, name, code)}"


def _code_words(of: str, name: str, code: str) -> str:
    """Return the label of a code, which may join alternatives by " or ".

    A name with the prefix "without " can join several columns by " and ", and the code their values.
    """
    column = name.removeprefix(WITHOUT)
    if column in (ENTERED, LEFT):
        return _("not %(value)s") % {"value": time_words(column, code)} if column != name else time_words(column, code)
    if column == name:
        return _alternatives(of, name, code)
    pairs = excluded_pairs(name, code)
    return _("without %(value)s") % {"value": ", ".join(_alternatives(of, *pair) for pair in pairs)}


def _alternatives(of: str, name: str, code: str) -> str:
    labels = [_("another") if part == REST else value_label(of, name, part) for part in code.split(EITHER)]
    return _(" or ").join(labels)


def list_findings(report: Entry, tables: Iterable[Entry], *, known: bool) -> list[GateFinding]:
    """Return the findings of a report: the already public disclosures if `known`, else the new ones."""
    entries = {_key(entry): entry for entry in tables}
    disclosures = [item for item in report.get("disclosures", []) if bool(item.get("already_public")) is known]
    sentences = [describe_disclosure(item, entries, int(report.get("threshold", 10))) for item in disclosures]
    return sentences if known or not report.get("undecided") else [*sentences, _undecided(int(report["undecided"]))]


def _key(entry: Entry) -> str:
    """Return the key of a table: its name, with its release in the case of an earlier one."""
    release = entry.get("release_label")
    return release_key(str(release), str(entry["name"])) if release else str(entry["name"])


def _undecided(count: int) -> GateFinding:
    """Return the finding on figures that could not be assessed in time; they count as unsafe."""
    return GateFinding(
        _("Figures that could not be examined in time: %(count)s.") % {"count": count},
        _("Their disclosure risk is unknown, so they count as unsafe."),
        _("Leave some tables out, or take fewer or coarser columns."),
    )


def describe_disclosure(disclosure: Entry, entries: Mapping[str, Entry], threshold: int) -> GateFinding:
    """Return one disclosure of a report as a finding."""
    entry = _entry(entries, str(disclosure["table"]))
    facts = {
        "table": table_title(entry),
        "cell": cell_text(entry, disclosure.get("cell", {})),
        "people": people_text(entry, disclosure, entries.values()),
        "range": _range_below(disclosure, threshold),
        "sources": _sources(disclosure, entries) + _equation(disclosure),
        "threshold": threshold,
    }
    kind = str(disclosure.get("kind", "interval"))
    figure, attack = SENTENCES.get(kind, SENTENCES["interval"])
    return GateFinding(
        _(figure) % facts,
        _(attack) % facts,
        _remedy(disclosure, entries, facts),
        bool(disclosure.get("already_public")),
        _reason(disclosure),
    )


def _reason(disclosure: Entry) -> str:
    """Return why more than one figure must be suppressed, '' when one suffices."""
    cells = [cell for step in disclosure.get("advice", []) for cell in step.get("cells", [])]
    if len(cells) < 2 or disclosure.get("already_public"):
        return ""
    return _(
        "More than one figure must be suppressed: a total minus the figures that remain would give a single "
        "suppressed one."
    )


def _range_below(disclosure: Entry, threshold: int) -> str:
    """Return the feasibility interval in words, compared with the threshold where it lies below."""
    upper, words = disclosure.get("upper"), _range(disclosure)
    if disclosure.get("kind") == "revision" or not isinstance(upper, int) or upper >= threshold:
        return words
    return _("%(range)s, fewer than %(threshold)s") % {"range": words, "threshold": threshold}


def _equation(disclosure: Entry) -> str:
    """Return the sum by which an exact figure follows from two to four others, '' without one."""
    values = [source["value"] for source in disclosure.get("from", []) if isinstance(source.get("value"), int)]
    lower = disclosure.get("lower")
    if disclosure.get("kind") not in ("interval", "difference") or lower != disclosure.get("upper"):
        return ""
    signs = signs_of_sum(values, int(lower or 0))
    if not signs:
        return ""
    terms = "".join(f" {'+' if sign > 0 else '−'} {number(value)}" for sign, value in order_of_sum(values, signs))
    return f". {terms.removeprefix(' + ')} = {number(lower)}"


def _range(disclosure: Entry) -> str:
    """Return the feasibility interval in words; for a revision, the interval of the size of the change."""
    lower, upper = disclosure.get("lower"), disclosure.get("upper")
    if disclosure.get("kind") != "revision" or not isinstance(lower, int) or not isinstance(upper, int):
        return interval_text(lower, upper)
    if lower < 0 < upper:
        return _("at most %(n)s") % {"n": max(-lower, upper)}
    return interval_text(*sorted((abs(lower), abs(upper))))


def interval_text(lower: object, upper: object) -> str:
    """Return an interval in words; `upper` None means no upper bound."""
    if lower == upper:
        return _("exactly %(n)s") % {"n": lower}
    if upper is None:
        return _("at least %(n)s") % {"n": lower}
    return _("from %(lower)s to %(upper)s") % {"lower": lower, "upper": upper}


def _remedy(disclosure: Entry, entries: Mapping[str, Entry], facts: Mapping[str, Any]) -> str:
    """Return the remedy for a disclosure."""
    if disclosure.get("already_public"):
        return _("It is public already. No change to this release can undo that.")
    advice = [_advice(step, entries) for step in disclosure.get("advice", []) if step.get("action") in REMEDIES]
    if disclosure.get("kind") == "revision" and not any(
        step.get("action") == "hide" for step in disclosure.get("advice", [])
    ):
        return _(AGAIN) % facts
    advice += [_(MORE_NOISE)] if advice and disclosure.get("kind") == "noise" else []
    return " ".join(dict.fromkeys(advice)) or _("Use the safe variant, or leave this table out.")


def _advice(step: Entry, entries: Mapping[str, Entry]) -> str:
    """Return one step of advice in words."""
    entry = _entry(entries, str(step["table"]))
    cells = [_keys_to_cell(entry, cell_keys) for cell_keys in step.get("cells", [])]
    named = [quote(cell_text(entry, cell)) for cell in cells[:MOST_CELLS]]
    more = len(cells) - len(named)
    words = ", ".join(named) + (_(" and %(n)s more") % {"n": more} if more > 0 else "")
    return _(REMEDIES[str(step["action"])]) % {"table": table_title(entry), "cells": words}


def quote(words: str) -> str:
    """Return words in the quotation marks of the active language."""
    return f"“{words}”" if language() == "en" else f"«{words}»"


def _keys_to_cell(entry: Entry, cell: Any) -> Cell:
    """Return a cell as codes by column; the report gives a cell by name or by position."""
    if isinstance(cell, Mapping):
        return cell
    keys: Sequence[str] = [cell] if isinstance(cell, str) else list(cell)
    return dict(zip(entry.get("by", []), keys, strict=False))


def _sources(disclosure: Entry, entries: Mapping[str, Entry]) -> str:
    """Return the published figures from which the assessment derives the disclosure."""
    own = disclosure.get("table"), disclosure.get("release")
    texts: list[str] = []
    place = own if disclosure.get("kind") == "interval" else None  # the sentence names the table of a cell
    sources = _distinct_sources(disclosure, entries)
    for source, cell in sources[:MOST_CELLS]:
        before, place = place, (source.get("table"), source.get("release"))
        elsewhere = f" ({place[1]})" if place[1] and place[1] != own[1] else ""
        title = quote(table_title(_source_entry(source, disclosure, entries)))
        texts.append(cell if place == before else f"{title}{elsewhere}: {cell}")
    more = len(sources) - MOST_CELLS
    return ("; ".join(texts) or _("the published tables")) + (_(" and %(n)s more") % {"n": more} if more > 0 else "")


def _distinct_sources(disclosure: Entry, entries: Mapping[str, Entry]) -> list[tuple[Entry, str]]:
    """Return the published figures, each once, with the label and the count of each."""
    distinct: dict[tuple[object, ...], tuple[Entry, str]] = {}
    for source in disclosure.get("from", []):
        cell = cell_text(_source_entry(source, disclosure, entries), source.get("cell", {}))
        count = source.get("value")
        words = f"{cell} – {number(count)}" if count is not None else cell
        distinct.setdefault((source.get("table"), source.get("release"), words), (source, words))
    return list(distinct.values())


def release_key(release: str, table: str) -> str:
    """Return the key of a table of an earlier release among the entries of tables."""
    return f"{release}\n{table}"


def _source_entry(source: Entry, disclosure: Entry, entries: Mapping[str, Entry]) -> Entry:
    """Return the entry of the table of a source; an unknown table has the unit of the disclosure."""
    name, release = str(source.get("table", "")), str(source.get("release", ""))
    own = entries.get(str(disclosure["table"]), {})
    known = entries.get(release_key(release, name))
    if known is None and release in ("", disclosure.get("release")):
        known = entries.get(name)
    return known or {"of": own.get("of", "")} | dict(_entry({}, name))


def _entry(entries: Mapping[str, Entry], name: str) -> Entry:
    """Return the entry of a table, or one with its name as title for an unknown table."""
    return entries.get(name, {"name": name, "title": dict.fromkeys(languages.offered(), name)})
