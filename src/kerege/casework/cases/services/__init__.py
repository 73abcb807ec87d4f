"""Every write to a case: registration (one or very many), decisions, lifecycle, shares, tasks and notes."""

from __future__ import annotations

from kerege.casework.cases.services.approving import ask_approval, decide_approval, needs_approval, when_approved
from kerege.casework.cases.services.checking import SPECIFIC_STATES, check_codes, coded_columns, digest, stored_names
from kerege.casework.cases.services.closing import CHECKS, Closing, Concern, close, concerns
from kerege.casework.cases.services.covering import end_cover, reassign, set_cover, undo_reassignment
from kerege.casework.cases.services.deciding import (
    RESULTS,
    build_decision,
    contradicts,
    data_keys,
    decide,
    decide_many,
    set_statuses,
)
from kerege.casework.cases.services.moving import LIFECYCLE, ON_CLOSE, OVER, move, reopen
from kerege.casework.cases.services.notifying import notify, read_notice, read_notices_of
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
from kerege.casework.cases.services.sharing import (
    ShareBasis,
    end_shares,
    end_shares_of,
    grantable,
    running_shares,
    share,
)
from kerege.casework.cases.services.tasking import (
    add_task,
    add_tasks,
    change_task,
    finish_task,
    plan_tasks,
    reopen_task,
)
from kerege.casework.cases.services.telling import new_event, tell
from kerege.casework.cases.services.working import add_note, assign, check_colleague

__all__ = [
    "CHECKS",
    "LIFECYCLE",
    "ON_CLOSE",
    "OVER",
    "RESULTS",
    "SPECIFIC_STATES",
    "Closing",
    "Concern",
    "ShareBasis",
    "add_note",
    "add_task",
    "add_tasks",
    "ask_approval",
    "assign",
    "build_case",
    "build_decision",
    "build_exploitations",
    "change_identity",
    "change_task",
    "check_codes",
    "check_colleague",
    "close",
    "coded_columns",
    "coded_person",
    "concerns",
    "contradicts",
    "data_keys",
    "decide",
    "decide_approval",
    "decide_many",
    "digest",
    "end_cover",
    "end_shares",
    "end_shares_of",
    "finish_task",
    "grantable",
    "move",
    "needs_approval",
    "new_event",
    "new_records",
    "notify",
    "plan_tasks",
    "read_notice",
    "read_notices_of",
    "reassign",
    "register",
    "register_many",
    "reopen",
    "reopen_task",
    "running_shares",
    "set_cover",
    "set_exploitation",
    "set_statuses",
    "share",
    "stored_names",
    "take_references",
    "tell",
    "undo_reassignment",
    "when_approved",
]
