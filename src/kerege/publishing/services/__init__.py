"""Every write of releases: composing, checking, approving, and who stands in for whom."""

from __future__ import annotations

from kerege.publishing.services.approving import approve, settle, sign, sign_what_is_approved, take_back, withdraw
from kerege.publishing.services.checking import ask_check, check, check_here, take_safe
from kerege.publishing.services.composing import (
    correct,
    create,
    discard,
    freeze,
    put_records,
    put_table,
    remove_records,
    remove_table,
    set_about,
    set_data,
    set_tables,
    set_text,
)
from kerege.publishing.services.deputies import appoint, end

__all__ = [
    "appoint",
    "approve",
    "ask_check",
    "check",
    "check_here",
    "correct",
    "create",
    "discard",
    "end",
    "freeze",
    "put_records",
    "put_table",
    "remove_records",
    "remove_table",
    "set_about",
    "set_data",
    "set_tables",
    "set_text",
    "settle",
    "sign",
    "sign_what_is_approved",
    "take_back",
    "take_safe",
    "withdraw",
]
