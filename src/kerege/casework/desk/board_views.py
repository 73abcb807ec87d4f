"""Pages of the boards of supervisor, coordinator and ministry."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.desk.boards import coordinator, minister, supervisor
from kerege.casework.desk.boards.board import Board
from kerege.casework.desk.rules import has_home
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of


@pages.page("desk.supervisor_board")
@require_GET
def supervisor_board(request: HttpRequest) -> HttpResponse:
    """Show the board of the agency, with links to the lists behind its marks."""
    return _show(request, supervisor.build_board(actor_of(request)))


@pages.page("desk.coordinator_board")
@require_GET
def coordinator_board(request: HttpRequest) -> HttpResponse:
    """Show the board of all agencies."""
    return _show(request, coordinator.build_board(actor_of(request)))


@pages.page("desk.ministry_board")
@require_GET
def ministry_board(request: HttpRequest) -> HttpResponse:
    """Show the board of the ministry, whose small counts are masked."""
    return _show(request, minister.build_board())


def _show(request: HttpRequest, board: Board) -> HttpResponse:
    actor = actor_of(request)
    has_targets = any(picture.has_target for picture in board.pictures)
    context = {
        "board": board,
        "has_home": has_home(actor),
        "pictures": board.marked,
        "sets_targets": has_targets and authorization.allows(actor, "targets.set"),
        "proposes": authorization.allows(actor, "releases.propose"),
    }
    return TemplateResponse(request, "desk/board.html", context)
