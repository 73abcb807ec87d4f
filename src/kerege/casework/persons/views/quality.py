"""Page of the quality board."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET

from kerege.casework.persons import charts
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
        "agreed": charts.percent(board.agreement),
        "late": (board.oldest_days or 0) > LATE,
        "ties": [(row, *_format_share(row.rate, row.interval)) for row in board.by_tie],
        "courses": [charts.drift_line(drift) for drift in board.drift],
        "changed": [drift.label for drift in board.drift if drift.is_out],
        "groups": [
            (name, charts.answer_stacks(getattr(board, f"by_{name}"))) for name in ("sex", "language", "script")
        ],
        "smallest": SMALLEST,
        "sample": SAMPLE,
    }
    if board.false_rate is not None and board.interval is not None:
        mark = charts.interval_mark(board.false_rate, board.interval)
        share, low, high = _format_share(board.false_rate, board.interval)
        context |= {"whisker": mark, "false_rate": share, "low": low, "high": high, "top": charts.percent(mark.top)}
    return TemplateResponse(request, "persons/quality.html", context)


def _format_share(share: float | None, interval: tuple[float, float] | None) -> tuple[str | None, ...]:
    """Return a share and its interval limits as percentages; None when too few were rechecked."""
    return tuple(charts.percent(value, 1) for value in (share, *(interval or (None, None))))
