"""Warnings on planned tables in the reader's language: the tables, the group in words, the remedies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.evidence.sdc.composition.planned_tables import DerivableGroup, GroupCondition, PlannedTable, TableRing
from kerege.publishing.gate.messages import Entry, column_title, quote, short_title, value_label

HERE = "\0"  # name of the table in a form, which may have none yet
MOST_VALUES = 3  # values that a sentence names; more are counted
Key = tuple[str, str]  # release and name of a table


@dataclass(frozen=True)
class CompositionRemedy:
    """A change of a table of the release in hand that prevents a warning: an action and its button."""

    action: str
    table: str
    column: str
    words: str


@dataclass(frozen=True)
class CompositionWarning:
    """Warning about a group that planned tables disclose: sentences, and the changes that prevent it."""

    fact: str
    consequence: str
    remedies: tuple[CompositionRemedy, ...] = ()


Remedies = Sequence[CompositionRemedy]
TEXTS = {
    "value": "%(column)s: %(values)s",
    "values": "%(column)s: %(values)s",
    "each": gettext_noop("%(column)s: each value"),
    "each of": gettext_noop("%(column)s: each of %(values)s"),
    "each but": gettext_noop("%(column)s: each value other than %(values)s"),
    "none of": gettext_noop("%(column)s: other than %(values)s"),
    "none of many": gettext_noop("%(column)s: not among the %(n)s chosen"),
    "each of many": gettext_noop("%(column)s: each of the %(n)s chosen"),
    "each but many": gettext_noop("%(column)s: each value not among the %(n)s chosen"),
    "values of many": gettext_noop("%(column)s: one of the %(n)s chosen"),
    "none but each": gettext_noop("%(column)s: all values but one"),
}
ACTIONS = {
    "all-values": gettext_noop("%(table)s: show all values of %(column)s"),
    "drop-filter": gettext_noop("%(table)s: leave out the filter %(column)s"),
    "drop-table": gettext_noop("Leave out the table %(table)s"),
}
ACTIONS_HERE = {
    "all-values": gettext_noop("Show all values of %(column)s"),
    "drop-filter": gettext_noop("Leave out the filter %(column)s"),
    "drop-table": gettext_noop("Leave out this table"),
}


def condition_text(unit: str, condition: GroupCondition) -> str:
    """Return a condition in words, with the labels of its column and of its codes."""
    codes = condition.codes
    facts = {
        "column": column_title(unit, condition.column),
        "values": _(" or ").join(value_label(unit, condition.column, code) for code in codes[:MOST_VALUES]),
        "n": len(codes),
    }
    return _(TEXTS[_text_of(condition)]) % facts


def _text_of(condition: GroupCondition) -> str:
    kind, is_many = str(condition.kind), len(condition.codes) > MOST_VALUES
    if kind == "each" and condition.codes:
        kind = "each but" if condition.is_other else "each of"
    if not is_many or kind not in ("none of", "each of", "each but", "values"):
        return kind
    return {"values": "values of many"}.get(kind, f"{kind} many")


def describe_group(unit: str, group: DerivableGroup) -> str:
    """Return a group as its conditions in words."""
    return "; ".join(condition_text(unit, condition) for condition in group.conditions)


def group_warning(
    unit: str, group: DerivableGroup, entries: Mapping[Key, Entry], threshold: int, remedies: Remedies
) -> CompositionWarning:
    """Return the warning that some tables disclose a group."""
    *others, last = sorted(group.tables, key=lambda table: (table.name == HERE, not table.release, len(table.where)))
    facts = {
        "group": describe_group(unit, group),
        "threshold": threshold,
        "others": ", ".join(_title(table, entries) for table in others),
        "table": _title(last, entries),
    }
    fact = (
        _("Together with %(others)s, this table lets everybody compute: %(group)s.")
        if last.name == HERE
        else _("Together with %(others)s, the table %(table)s lets everybody compute: %(group)s.")
    )
    consequence = (
        _("If these people are fewer than %(threshold)s, one of the two tables loses a figure.")
        if len(others) == 1
        else _("If these people are fewer than %(threshold)s, one of these tables must suppress a figure.")
    )
    return CompositionWarning(fact % facts, consequence % facts, tuple(remedies))


def ring_warning(
    unit: str, ring: TableRing, entries: Mapping[Key, Entry], remedies: Sequence[CompositionRemedy]
) -> CompositionWarning:
    """Return the warning that tables form a ring."""
    facts = {
        "n": len(ring.tables),
        "tables": ", ".join(_title(table, entries) for table in ring.tables),
        "columns": ", ".join(column_title(unit, column).lower() for column in ring.columns),
    }
    return CompositionWarning(
        _("These %(n)s tables together can reveal single combinations of %(columns)s: %(tables)s.") % facts,
        _("Whether they do depends on the figures: some cells may have to be suppressed."),
        tuple(remedies),
    )


def remedy_text(action: str, unit: str, entry: Entry, column: str) -> str:
    """Return a remedy as the text of a button; in a form it does not name the table."""
    texts = ACTIONS_HERE if entry["name"] == HERE else ACTIONS
    names = {"column": quote(column_title(unit, column)) if column else "", "table": quote(short_title(entry))}
    return _(texts[action]) % names


def _title(table: PlannedTable, entries: Mapping[Key, Entry]) -> str:
    """Return the title of a table; with that of its release when it is an earlier one."""
    if table.name == HERE:
        return _("this table")
    entry = entries[table.release, table.name]
    title = quote(short_title(entry))
    return f"{title} ({entry['release_title']})" if table.release else title
