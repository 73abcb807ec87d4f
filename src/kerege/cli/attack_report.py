"""Reports of a disclosure risk assessment as lines of text, in Kazakh, Russian or English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerege.base.message_text import count_noun
from kerege.evidence.sdc.disclosure.messages import in_language
from kerege.evidence.sdc.disclosure.report import AttackReport, Finding
from kerege.evidence.sdc.published_tables.figure_labels import describe_cell
from kerege.evidence.sdc.published_tables.message_texts import ENGLISH, say

__all__ = ["group_by_persons", "in_language", "report_lines"]

MOST = 20  # most disclosures in the text output; --json gives all


def report_lines(report: AttackReport, language: str = ENGLISH) -> list[str]:
    """Return a report as lines of text in a language."""
    lines = [_header(report, language), *(say("note", language, note=note) for note in report.notes)]
    if report.safe:
        return [*lines, say("safe", language, threshold=report.threshold)]
    if report.undecided:
        lines.append(_not_examined(report.undecided, language))
    disclosures = report.disclosures
    if not disclosures:
        return lines
    lines.append(_not_safe(report, language))
    by_persons = group_by_persons(disclosures)
    for first, more in by_persons[:MOST]:
        lines += ["", *first.words]
        if more:
            lines.append(say("same_people", language, tables=", ".join(finding.table for finding in more)))
    rest = len(by_persons) - MOST
    lines += [say("more_findings", language, number=rest)] if rest > 0 else []
    return [*lines, "", *_plan_lines(report, language)] if report.plan else lines


def _plan_lines(report: AttackReport, language: str) -> Iterator[str]:
    """Yield the plan that stops all disclosures, and what an assessment of the result says."""
    plan = report.plan
    assert plan is not None  # noqa: S101 - the caller asks for it
    units = {finding.of for finding in report.added if finding.of}
    yield say("plan", language)
    for step in plan.steps:
        cells = "; ".join(describe_cell(cell, units, language) for cell in step.cells)
        if step.action == "hide":
            yield say("suppress", language, cells=say("in_table", language, people=cells, table=step.table))
        else:
            yield say("plan_out", language, table=step.table)
    yield say("plan_left", language, number=plan.left) if plan.left else say("plan_safe", language)
    if plan.undecided:
        yield say("plan_undecided", language, number=plan.undecided)


def _header(report: AttackReport, language: str) -> str:
    """Return what was examined, in one line."""
    examined = report.examined
    numbers = {
        "tables": examined.tables,
        "publications": examined.releases,
        "figures": examined.cells,
        "hidden": examined.hidden,
        "groups": examined.groups,
    }
    if language != ENGLISH:
        return say("header", language, **numbers)
    where = f"{count_noun(examined.tables, 'table')} of {count_noun(examined.releases, 'publication')}"
    figures, groups = count_noun(examined.cells, "figure"), count_noun(examined.groups, "group")
    return f"{where}: {figures}, {examined.hidden:,} of them suppressed or rounded, {groups}"


def _not_examined(number: int, language: str) -> str:
    if language != ENGLISH:
        return say("not_examined", language, number=number)
    return f"not safe: {count_noun(number, 'figure')} could not be examined, so the risk is unknown"


def _not_safe(report: AttackReport, language: str) -> str:
    number = len(report.disclosures)
    if language != ENGLISH:
        return say("not_safe", language, number=number, public=report.already_public)
    return f"not safe: {count_noun(number, 'disclosure')}, {report.already_public} of them public already"


def group_by_persons(disclosures: list[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Group disclosures by the persons they concern: the first of each group, and those in other tables."""
    groups: dict[Any, list[Finding]] = {}
    for finding in disclosures:
        where = {name: " or ".join(values) for name, values in finding.where.items()} | finding.cell
        key = (finding.release, finding.kind, finding.lower, finding.upper, tuple(sorted(where.items())))
        groups.setdefault(key, []).append(finding)
    return [(findings[0], findings[1:]) for findings in groups.values()]
