"""Page of the quality board."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.persons import match_charts
from kerege.casework.persons.queries.quality import build_quality_board
from kerege.casework.persons.thresholds import SAMPLE, SMALLEST
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.web.templatetags.kerege import language

# days after which a waiting pair is late
LATE = 14


@pages.page("persons.quality")
@require_GET
def quality_board(request: HttpRequest) -> HttpResponse:
    """Show agreement, false links with their interval, rates by group and queue age; no pair, no name."""
    board = build_quality_board(actor_of(request), language())
    context: dict[str, Any] = {
        "board": board,
        "agreed": match_charts.percent(board.agreement),
        "late": (board.oldest_days or 0) > LATE,
        "ties": [(row, *_format_share(row.rate, row.interval)) for row in board.by_tie],
        "courses": [match_charts.DriftLine(drift) for drift in board.drift],
        "changed": [drift.label for drift in board.drift if drift.is_out],
        "groups": [
            (name, match_charts.answer_stacks(getattr(board, f"by_{name}"))) for name in ("sex", "language", "script")
        ],
        "smallest": SMALLEST,
        "sample": SAMPLE,
    }
    if board.false_rate is not None and board.interval is not None:
        whisker = match_charts.draw_share(board.false_rate, board.interval)
        share, low, high = _format_share(board.false_rate, board.interval)
        context |= {"whisker": whisker, "false_rate": share, "low": low, "high": high}
    return TemplateResponse(request, "persons/quality.html", context)


def _format_share(share: float | None, interval: tuple[float, float] | None) -> tuple[str | None, ...]:
    """Return a share and its interval limits as percentages; None when too few were rechecked."""
    return tuple(match_charts.percent(value, 1) for value in (share, *(interval or (None, None))))
