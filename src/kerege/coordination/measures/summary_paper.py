"""Paper of a half-yearly summary of a plan."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kerege.coordination.measures.queries import MeasureLine, PlanSummary, StateCount
from kerege.coordination.measures.states import STATES
from kerege.coordination.papers import Paper, PaperPart, PaperTable
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import code, day, half_year, language


def build_paper(summary: PlanSummary) -> Paper:
    """Return the summary as a paper in the active language."""
    return Paper(
        title=f"{summary.plan.title}: {half_year(summary.half)}",
        lang=language(),
        lines=[summary.plan.act, *_introduce(summary)],
        parts=[
            PaperPart(_("States"), tables=[_states(summary)]),
            PaperPart(_("Measures"), tables=[_measures(summary)]),
        ],
        foot="Kerege",
        wide=True,
    )


def _introduce(summary: PlanSummary) -> list[str]:
    """Return the day of the states, and the mark of a last day for reports that no lawyer confirmed."""
    lines = [_("States as of %(day)s, computed from the reports.") % {"day": day(summary.as_of)}]
    if not active().plan_report.confirmed:
        lines.append(_("The last day for reports is not confirmed by a lawyer."))
    return lines


def _states(summary: PlanSummary) -> PaperTable:
    heads = [_("Group"), *(code(state, "measure_state") for state in STATES), _("Total")]
    directions = [
        _count(code(row.label, "measure_direction") or _("Without direction"), row) for row in summary.by_direction
    ]
    bodies = [_count(row.label, row) for row in summary.by_body]
    return PaperTable(
        _("Measures by state"),
        heads,
        [_count(_("All measures"), summary.all), *directions, *bodies],
        (4, *(1 for _state in STATES), 1),
    )


def _count(label: str, row: StateCount) -> Sequence[str]:
    return [label, *map(str, row.cells), str(row.total)]


def _measures(summary: PlanSummary) -> PaperTable:
    heads = ["№", _("Plan measure"), _("Responsible bodies"), _("Deadline"), _("State"), _("Reports of the half-year")]
    rows = [_row(line, summary.half) for line in summary.lines]
    return PaperTable(_("Measures and reports"), heads, rows, (1, 6, 5, 3, 2, 7))


def _row(line: MeasureLine, half: str) -> Sequence[str]:
    measure = line.measure
    bodies = "; ".join(body.agency.name for body in line.bodies)
    reports = "\n".join(f"{report.body.agency.name}: {report.text}" for report in line.reports_of(half))
    return [measure.number, measure.text, bodies, measure.term_text, code(line.state, "measure_state"), reports]
