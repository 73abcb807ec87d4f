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
    lacks_grounds,
    set_statuses,
)
from kerege.casework.cases.services.erasing import (
    Obstacles,
    approve_erasure,
    decline_erasure,
    erase_after_term,
    obstacles,
    request_erasure,
    withdraw_erasure,
)
from kerege.casework.cases.services.filing import FileDraft, add_file, open_file, remove_file, shred_files, told_of
from kerege.casework.cases.services.holding import ALSO_HELD, end_hold, held, place_hold
from kerege.casework.cases.services.moving import LIFECYCLE, ON_CLOSE, OVER, move, reopen
from kerege.casework.cases.services.notifying import address, notify, read_notice, read_notices_of
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
from kerege.casework.cases.services.retaining import approve_removal, run_approved
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
    "ALSO_HELD",
    "CHECKS",
    "LIFECYCLE",
    "ON_CLOSE",
    "OVER",
    "RESULTS",
    "SPECIFIC_STATES",
    "Closing",
    "Concern",
    "FileDraft",
    "Obstacles",
    "ShareBasis",
    "add_file",
    "add_note",
    "add_task",
    "add_tasks",
    "approve_erasure",
    "approve_removal",
    "ask_approval",
    "assign",
    "build_case",
    "build_decision",
    "build_exploitations",
    "change_identity",
    "change_task",
    "address",
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
    "decline_erasure",
    "digest",
    "end_cover",
    "end_hold",
    "end_shares",
    "end_shares_of",
    "erase_after_term",
    "finish_task",
    "lacks_grounds",
    "grantable",
    "held",
    "move",
    "needs_approval",
    "new_event",
    "new_records",
    "notify",
    "obstacles",
    "open_file",
    "place_hold",
    "plan_tasks",
    "read_notice",
    "read_notices_of",
    "reassign",
    "register",
    "register_many",
    "remove_file",
    "reopen",
    "reopen_task",
    "request_erasure",
    "run_approved",
    "running_shares",
    "set_cover",
    "set_exploitation",
    "set_statuses",
    "share",
    "shred_files",
    "stored_names",
    "take_references",
    "tell",
    "told_of",
    "undo_reassignment",
    "when_approved",
    "withdraw_erasure",
]
