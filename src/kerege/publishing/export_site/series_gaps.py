"""Faults of series: two definitions stop an export, periods that a series lost are noted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kerege.base.errors import Refused
from kerege.core.authorization import session_scope
from kerege.publishing.releases import public_clock
from kerege.publishing.site.indicator_versions import map_notes
from kerege.publishing.site.indicators import list_counted
from kerege.publishing.site.series import DefinitionsDiffer, View
from kerege.publishing.site.site_state import SiteState, current_state

LANGUAGE = "en"  # language of the notes, which the operator reads


def list_lost_periods(moment: datetime) -> list[str]:
    """Return one sentence for each indicator whose newest table lacks periods that an older one has.

    Raises Refused if two releases define a table differently and no break says why.
    """
    with public_clock.fixed_at(moment), session_scope.closed():
        state = current_state()
        try:
            views = [state.view(indicator) for indicator in list_counted()]
        except DefinitionsDiffer as problem:
            raise Refused(str(problem)) from problem
        return [f"{view.indicator.id}: {note}" for view in views for note in _lost(view, state)]


def _lost(view: View, state: SiteState) -> list[str]:
    notices = tuple(notice for notice in view.notices if notice.kind == "lost")
    return map_notes(replace(view, notices=notices), state, LANGUAGE) if notices else []
