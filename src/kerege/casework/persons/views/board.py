"""How well people and machine tell persons apart."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.persons import bars
from kerege.casework.persons.bounds import SAMPLE, SMALLEST
from kerege.casework.persons.queries import quality
from kerege.core import access
from kerege.core.access import Actor

# days after which a pair that waits is late
LATE = 14


@access.page("persons.quality")
@require_GET
def quality_board(request: HttpRequest) -> HttpResponse:
    """Agreement, false merges with their interval, rates by group, age of the queue. No pair and no name."""
    board = quality(Actor.of(request))
    context: dict[str, Any] = {
        "board": board,
        "agreed": bars.percent(board.agreement),
        "late": (board.oldest_days or 0) > LATE,
        "groups": [("sex", bars.stacks(board.by_sex)), ("script", bars.stacks(board.by_script))],
        "smallest": SMALLEST,
        "sample": SAMPLE,
    }
    if board.false_rate is not None and board.interval is not None:
        drawn = bars.whisker(board.false_rate, board.interval)
        low, high = (bars.percent(edge, 1) for edge in board.interval)
        context |= {"whisker": drawn, "false_rate": bars.percent(board.false_rate, 1), "low": low, "high": high}
        context["top"] = bars.percent(drawn.top)
    return TemplateResponse(request, "persons/quality.html", context)
