"""Every write to signals, screenings, requests for a decision, notifications and reviews."""

from __future__ import annotations

from kerege.casework.intake.services.identifying import ask_review, notify, request_decision, withdraw_request
from kerege.casework.intake.services.screening import (
    conclude,
    discard,
    follow_signal,
    save_answers,
    save_frame,
    screen,
    start,
)
from kerege.casework.intake.services.signals import (
    SignalDraft,
    close_signal,
    mark_seen,
    open_case,
    send_signal,
    send_signals,
    takes_a_case,
)

__all__ = [
    "SignalDraft",
    "ask_review",
    "close_signal",
    "conclude",
    "discard",
    "follow_signal",
    "mark_seen",
    "notify",
    "open_case",
    "request_decision",
    "save_answers",
    "save_frame",
    "screen",
    "send_signal",
    "send_signals",
    "start",
    "takes_a_case",
    "withdraw_request",
]
