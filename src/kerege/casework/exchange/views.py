"""Page of the programme's headline figures, for users inside the programme."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from kerege.casework.exchange import headline_figures as room
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary import reference_figures
from kerege.web.templatetags.kerege import code, language

SERVICES = "assistance.services"  # path of the figure that lists kinds of service
YEARS = ("year", "_until")  # ends of the paths of years, which have no separator of thousands
KINDS = (room.COMPUTED, room.DERIVED, room.QUOTED, room.UNKNOWN)
SHARE = re.compile(r"(\d+(?:\.\d+)?)%")
PAIR = 2
GAP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class FigureLine:
    """Line of the page: a comparison, and its texts in the reader's language."""

    row: room.FigureComparison
    printed: str
    value: str
    note: str


@pages.page("figures.compute")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Show every headline figure beside the printed one: exact counts, not for publication."""
    rows = room.compare(room.read_figure_data(actor_of(request)), reference_figures.figures())
    groups = [(kind, [_line(row) for row in rows if row.kind == kind]) for kind in KINDS]
    return TemplateResponse(request, "exchange/figures.html", {"groups": [group for group in groups if group[1]]})


def _line(row: room.FigureComparison) -> FigureLine:
    """Return the line of a comparison.

    A quoted text is one sentence in each language. A printed text that differs from it stays as it was printed.
    """
    values = {name: localise(text) for name, text in row.note_values.items()}
    note = gettext(row.note_template) % values if row.note_template else ""
    sentence = _quotation(row.id) if row.kind == room.QUOTED and _is_text(row.value) else ""
    printed = sentence if sentence and row.agrees else localise(row.printed, row.id)
    return FigureLine(row, printed, sentence or localise(row.value, row.id), note)


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _quotation(path: str) -> str:
    """Return the sentence of a quoted figure in the reader's language; '' without one."""
    return next((str(entry[language()]) for entry in reference_figures.context() if entry["id"] == path), "")


def localise(value: object, path: str = "") -> str:
    """Return a value in the reader's language: numbers, shares, services, and a period of years."""
    if isinstance(value, list):
        return _localise_list(value, path)
    if isinstance(value, (int, float)) and not path.endswith(YEARS):
        return _number(value)
    text = room.in_words(value)
    share = SHARE.fullmatch(text)
    return f"{_number(Decimal(share[1]))}{GAP if language() == 'ru' else ''}%" if share else text


def _localise_list(values: list[object], path: str) -> str:
    if path == SERVICES:
        return code(sorted(str(service).lower().replace(" ", "_") for service in values), "service_programme")
    if len(values) == PAIR and all(isinstance(item, int) for item in values):
        return f"{values[0]}–{values[1]}"
    return room.in_words(values)


def _number(value: float | Decimal) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))
