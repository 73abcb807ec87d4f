"""How well people and machine tell persons apart."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.persons import charts
from kerege.casework.persons.queries.quality import quality
from kerege.casework.persons.thresholds import SAMPLE, SMALLEST
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.web.templatetags.kerege import language

# days after which a pair that waits is late
LATE = 14


@pages.page("persons.quality")
@require_GET
def quality_board(request: HttpRequest) -> HttpResponse:
    """Agreement, false merges with their interval, rates by group, age of the queue. No pair and no name."""
    board = quality(actor_of(request), language())
    context: dict[str, Any] = {
        "board": board,
        "agreed": charts.percent(board.agreement),
        "late": (board.oldest_days or 0) > LATE,
        "ties": [(row, *_share(row.rate, row.interval)) for row in board.by_tie],
        "courses": [charts.course(drift) for drift in board.drift],
        "changed": [drift.label for drift in board.drift if drift.is_out],
        "groups": [(name, charts.stacks(getattr(board, f"by_{name}"))) for name in ("sex", "language", "script")],
        "smallest": SMALLEST,
        "sample": SAMPLE,
    }
    if board.false_rate is not None and board.interval is not None:
        drawn = charts.whisker(board.false_rate, board.interval)
        share, low, high = _share(board.false_rate, board.interval)
        context |= {"whisker": drawn, "false_rate": share, "low": low, "high": high, "top": charts.percent(drawn.top)}
    return TemplateResponse(request, "persons/quality.html", context)


def _share(share: float | None, interval: tuple[float, float] | None) -> tuple[str | None, ...]:
    """A share and the edges of its interval, as they are written; None where too few were looked at."""
    return tuple(charts.percent(value, 1) for value in (share, *(interval or (None, None))))
