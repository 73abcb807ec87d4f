"""Paper of a meeting: agenda with cited tables, decisions, minutes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kerege.coordination.commissions.models import AgendaItem, Meeting
from kerege.coordination.commissions.queries import CitedTable, MeetingQuorum, ResolutionLine
from kerege.coordination.papers import Paper, PaperPart, PaperTable
from kerege.publishing.presenters.tables import DisplayedTable
from kerege.vocabulary.profile import active
from kerege.web.templatetags.kerege import code, day, language

Agenda = Sequence[tuple[AgendaItem, CitedTable | None]]


def build_paper(meeting: Meeting, items: Agenda, lines: Sequence[ResolutionLine], quorum: MeetingQuorum) -> Paper:
    """Return a meeting as a paper in the active language."""
    agenda = [_item(item) for item, _cited in items]
    tables = [_table(cited.title, cited.table) for _item_, cited in items if cited and cited.table]
    minutes = [line for line in meeting.minutes_text.splitlines() if line.strip()]
    return Paper(
        title=f"{meeting.commission.title}: {_('session')} {meeting.number}",
        lang=language(),
        lines=[f"{day(meeting.on)}, {code(meeting.form, 'meeting_form')}", *_quorum(quorum)],
        parts=[
            PaperPart(_("Agenda"), agenda, tables),
            PaperPart(_("Decisions"), tables=[_decisions(lines)] if lines else []),
            *([PaperPart(_("Minutes"), minutes)] if minutes else []),
        ],
        foot="Kerege",
        signatures=[f"{_('Chair')} ______________________", f"{_('Secretary')} ______________________"],
    )


def _quorum(quorum: MeetingQuorum) -> list[str]:
    """Return how many members were present, and the quorum with its mark, if it is known."""
    if quorum.present is None:
        return []
    share = _("%(n)d of %(all)d")
    lines = [f"{_('Members present')}: {share % {'n': quorum.present, 'all': quorum.members}}"]
    if quorum.needed is not None:
        mark = "" if active().commission_quorum.confirmed else f" ({_('not confirmed by a lawyer')})"
        lines.append(f"{_('Quorum')}: {share % {'n': quorum.needed, 'all': quorum.members}}{mark}")
    return lines


def _item(item: AgendaItem) -> str:
    return f"{item.place}. {item.title}" + (f" ({item.speaker.name})" if item.speaker else "")


def _table(release: str, shown: DisplayedTable) -> PaperTable:
    rows = [[*row.labels, *(figure.words for figure in row.figures)] for row in shown.rows]
    return PaperTable(f"{shown.title}. {release}", [*shown.heads, *shown.columns], rows)


def _decisions(lines: Sequence[ResolutionLine]) -> PaperTable:
    rows = [
        [
            line.resolution.number,
            line.resolution.text,
            "; ".join(body.agency.name for body in line.bodies),
            day(line.resolution.due_on),
        ]
        for line in lines
    ]
    return PaperTable(_("Decisions"), ["№", _("Decision"), _("Responsible bodies"), _("Deadline")], rows, (1, 6, 4, 3))
