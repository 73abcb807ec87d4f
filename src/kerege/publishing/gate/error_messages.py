"""Translations of the release gate's English faults and refusals into the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.publishing.gate import messages
from kerege.publishing.gate.messages import Entry, GateFinding

PHRASES = (
    gettext_noop("the filter selects nobody"),
    gettext_noop("take the snapshot again with kerege snapshot"),
    gettext_noop("check column and value of the filter"),
    gettext_noop("there is no such column"),
    gettext_noop("a column is named twice"),
    gettext_noop("name each column once"),
    gettext_noop("take fewer or coarser columns"),
    gettext_noop("a threshold is a whole number of at least 5"),
    gettext_noop("give 5 or more"),
    gettext_noop("choose another noise variance, increase the largest noise or decrease the smallest positive count"),
    gettext_noop("the records could not be made from the noisy counts: try again with more memory free"),
    gettext_noop("has several values per record that nobody listed"),
    gettext_noop("publish noised tables of it instead"),
    gettext_noop("leave it out: it is made anyway"),
    gettext_noop("no table would remain: none of them can be published safely"),
    gettext_noop("the risk assessment proposes no change of this release: take fewer or coarser tables"),
)
PATTERNS = (
    (re.compile(r"there is no snapshot of (?P<unit>\w+)"), gettext_noop("no snapshot of “%(unit)s” is chosen")),
    (
        re.compile(r"does not say which (?P<unit>\w+) concern the same person, so that .*"),
        gettext_noop("the snapshot of “%(unit)s” does not say which rows concern the same person"),
    ),
    (
        re.compile(r"tables of \w+ of the same date are public, and (?P<unit>\w+) concern the same people"),
        gettext_noop("tables of the people whom “%(unit)s” concern are public for the same date"),
    ),
    (
        re.compile(r"give the snapshot of (?P<unit>\w+) too"),
        gettext_noop("choose the snapshot of “%(unit)s” too"),
    ),
    (
        re.compile(r"there is a second snapshot of (?P<unit>\w+)"),
        gettext_noop("two snapshots of “%(unit)s” are chosen"),
    ),
    (
        re.compile(r"the table would have (?P<n>[\d,]+) cells, more than .*"),
        gettext_noop("the table would have %(n)s cells, which is too many"),
    ),
    (re.compile(r"the filter selects nobody by (?P<n>.*)"), gettext_noop("the filter selects no records by %(n)s")),
    (re.compile(r"choose among: (?P<n>.*)"), gettext_noop("choose among: %(n)s")),
    (
        re.compile(r"`revise` (?P<n>.*): it was not made before"),
        gettext_noop("%(n)s was never measured, so that it cannot be measured again"),
    ),
    (
        re.compile(
            r"noise with a standard deviation of (?P<deviation>\S+) people does not hide a figure under (?P<n>\d+)"
        ),
        gettext_noop(
            "the noise has a standard deviation of %(deviation)s people and does not hide a figure under %(n)s"
        ),
    ),
    (
        re.compile(r"take a rho of at most (?P<rho>\S+), or columns with larger figures"),
        gettext_noop("take a privacy loss (rho) of at most %(rho)s, or columns with larger figures"),
    ),
    (re.compile(r"give its snapshot too; there are: .*"), gettext_noop("choose what to count")),
)
IN_TABLE = re.compile(r"table (?P<table>[a-z0-9_-]+): (?P<rest>.*)", re.DOTALL)
IN_RECORDS = re.compile(r"microdata (?P<records>[a-z0-9_-]+): (?P<rest>.*)", re.DOTALL)
TOGETHER = re.compile(
    r"tables (?P<one>[a-z0-9_-]+) and (?P<two>[a-z0-9_-]+) cannot be published together: .*", re.DOTALL
)
ALIKE = re.compile(r"everybody in a group has the same (?P<column>\w+), .*", re.DOTALL)
FEW = re.compile(r"table (?P<table>[a-z0-9_-]+) shows \w+ that concern fewer than (?P<n>\d+) people.*", re.DOTALL)
UNSAFE = re.compile(r"this table cannot be made safe.*", re.DOTALL)
OVERDRAWN = re.compile(
    r"the privacy budget of (?P<period>.+) does not allow it: epsilon (?P<asked>\S+) is requested, "
    r"(?P<left>\S+) is left, (?P<spent>\S+) of (?P<budget>\S+) is spent or set aside \(at delta (?P<delta>[^;]+); .*"
)
LOST_LEDGER = re.compile(
    r"(the ledger (.* )?is (lost|an older copy|broken)|two copies of the ledger .* were continued"
    r"|.* is in a second ledger).*",
    re.DOTALL,
)
REVISED = re.compile(r"(?P<column>.+) (?P<value>.+) was revised (?P<times>\d+) times, .*", re.DOTALL)


def lost_ledger() -> tuple[str, str, str]:
    """Return fault, consequence and remedy for a ledger that refuses charges."""
    return (
        _("The ledger of the privacy budget is not the one that earlier releases and daily roots name."),
        _("A release now could spend the privacy budget a second time, so nothing is published."),
        _("Call the operator: kerege doctor names the fault and the remedy."),
    )


def translate_fault(what: str) -> str:
    """Return a fault of the gate in the active language; an unknown text is passed to gettext as it is."""
    if match := IN_TABLE.fullmatch(what):
        return _("Table %(table)s: %(what)s") % {"table": match["table"], "what": translate_fault(match["rest"])}
    if match := IN_RECORDS.fullmatch(what):
        return _("Synthetic records %(records)s: %(what)s") % {
            "records": match["records"],
            "what": translate_fault(match["rest"]),
        }
    for pattern, message in PATTERNS:
        if matched := pattern.fullmatch(what):
            facts = matched.groupdict()
            return _(message) % (facts | ({"unit": messages.unit_title(facts["unit"])} if "unit" in facts else {}))
    return _(what) if what else ""


def fault_sentence(what: str, todo: str) -> str:
    """Return "fault: remedy." in the active language, or the fault alone without a remedy."""
    return f"{translate_fault(what)}: {translate_fault(todo)}." if todo else translate_fault(what)


def table_to_leave_out(text: str) -> str:
    """Return the table to leave out when a refusal says that two tables cannot be combined, else ''."""
    match = TOGETHER.fullmatch(text)
    return match["two"] if match else ""


def describe_refusal(text: str, tables: Iterable[Entry]) -> GateFinding:
    """Return why the gate could not make a safe draft, as a finding of three sentences."""
    entries = {str(entry["name"]): entry for entry in tables}
    for pattern, describe in REFUSALS:
        if match := pattern.fullmatch(text):
            return GateFinding(*describe(match.groupdict(), entries))
    return GateFinding(text, _("The gate could not make a safe draft of it."), _("Change the tables, then try again."))


def _together(facts: Mapping[str, Any], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    first, second = (messages.table_title(entries[name]) if name in entries else name for name in facts.values())
    titles = {"one": first, "two": second}
    return (
        _("The tables “%(one)s” and “%(two)s” cannot be published together.") % titles,
        _("An intruder who compares the two can find small groups of people."),
        _("Leave one of them out, or give both the same filter."),
    )


def _alike(facts: Mapping[str, Any], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    holders = (str(entry.get("of", "")) for entry in entries.values() if facts["column"] in entry.get("by", []))
    name = {"column": messages.column_title(next(holders, ""), str(facts["column"]))}
    return (
        _("All members of a group have the same value of “%(column)s”.") % name,
        _("An intruder who knows that a person belongs to this group learns this value too."),
        _("Leave “%(column)s” out of the table, or take coarser groups.") % name,
    )


def _few(facts: Mapping[str, str], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    name = facts["table"]
    title = {"table": messages.table_title(entries[name]) if name in entries else name, "n": facts["n"]}
    return (
        _("The table “%(table)s” shows counts that concern fewer than %(n)s people, or mostly one person.") % title,
        _("The threshold applies to people: many rows can belong to a few of them."),
        _("Choose suppression for this table."),
    )


def _unsafe(facts: Mapping[str, Any], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    return (
        _("One of the tables cannot be made safe, whatever is suppressed in it."),
        _("Even the figures that must not be suppressed disclose small groups of people."),
        _("Leave it out, or take fewer or coarser columns."),
    )


def _overdrawn(facts: Mapping[str, Any], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    return (
        _("The tables with noise and the synthetic records need more budget than is left: epsilon %(asked)s.") % facts,
        _overdrawn_why(facts),
        _("Give these tables and records a smaller rho or epsilon, or leave some of them out."),
    )


def _overdrawn_why(facts: Mapping[str, Any]) -> str:
    if facts["period"] == "all periods together":
        return _("All releases are about the same people. Left for all of them: %(left)s of %(budget)s.") % facts
    return _("Each of them uses privacy budget. Left for %(period)s: %(left)s of %(budget)s.") % facts


def _revised(facts: Mapping[str, Any], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    return (
        _("%(value)s was measured again %(times)s times already.") % facts,
        _("The budget set aside for it is used up."),
        _("Leave it out of what is measured again: it stays as it was published."),
    )


def _lost_ledger(facts: Mapping[str, object], entries: Mapping[str, Entry]) -> tuple[str, str, str]:
    return lost_ledger()


RefusalText = Callable[[Mapping[str, Any], Mapping[str, Entry]], tuple[str, str, str]]
REFUSALS: tuple[tuple[re.Pattern[str], RefusalText], ...] = (
    (TOGETHER, _together),
    (ALIKE, _alike),
    (FEW, _few),
    (UNSAFE, _unsafe),
    (OVERDRAWN, _overdrawn),
    (REVISED, _revised),
    (LOST_LEDGER, _lost_ledger),
)
