"""Every write to a case: registration (one or very many), decisions, lifecycle, shares, tasks and notes."""

from __future__ import annotations

from kerege.casework.cases.services.checking import SPECIFIC_STATES, check_codes, coded_columns, digest, stored_names
from kerege.casework.cases.services.deciding import (
    RESULTS,
    build_decision,
    contradicts,
    data_keys,
    decide,
    decide_many,
    set_statuses,
)
from kerege.casework.cases.services.moving import LIFECYCLE, move
from kerege.casework.cases.services.registering import (
    build_case,
    build_exploitations,
    change_identity,
    coded_person,
    new_records,
    register,
    register_many,
    set_exploitation,
    take_references,
)
from kerege.casework.cases.services.sharing import end_shares, running_shares, share
from kerege.casework.cases.services.telling import new_event, tell
from kerege.casework.cases.services.working import add_note, add_tasks, assign, finish_task

__all__ = [
    "LIFECYCLE",
    "RESULTS",
    "SPECIFIC_STATES",
    "add_note",
    "add_tasks",
    "assign",
    "build_case",
    "build_decision",
    "build_exploitations",
    "change_identity",
    "check_codes",
    "coded_columns",
    "coded_person",
    "contradicts",
    "data_keys",
    "decide",
    "decide_many",
    "digest",
    "end_shares",
    "finish_task",
    "move",
    "new_event",
    "new_records",
    "register",
    "register_many",
    "running_shares",
    "set_exploitation",
    "set_statuses",
    "share",
    "stored_names",
    "take_references",
    "tell",
]
