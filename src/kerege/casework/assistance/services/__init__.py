"""Every write of assistance: services, consents, needs, referrals. Nothing here asks for a status or a crime."""

from __future__ import annotations

from kerege.casework.assistance.services.answering import (
    ANSWERS,
    Answer,
    answer_referral,
    assign_referral,
    claim_referral,
)
from kerege.casework.assistance.services.assessing import assess
from kerege.casework.assistance.services.chasing import chase_referrals
from kerege.casework.assistance.services.consenting import (
    SHARING,
    Names,
    end_of,
    record_consent,
    watch_consents,
    withdraw_consent,
)
from kerege.casework.assistance.services.contacting import log_contact, reveal_contact, set_contact_rules
from kerege.casework.assistance.services.handing import (
    accept,
    accept_all,
    decline,
    offer,
    run_cases,
    sort_caseload,
    withdraw,
)
from kerege.casework.assistance.services.planning import (
    add_goal,
    agree,
    ask_for_approval,
    begin_plan,
    end_goal,
    end_plan,
    put_under_goal,
    review,
)
from kerege.casework.assistance.services.referring import (
    ALIVE,
    ReferralDraft,
    answer_due,
    check_basis,
    refer,
    share_case,
)
from kerege.casework.assistance.services.restoring import update_document, want_document
from kerege.casework.assistance.services.returning import (
    arrived,
    cancel_return,
    change_return,
    depart,
    follow_up,
    is_child,
    plan_return,
)
from kerege.casework.assistance.services.serving import (
    add_services,
    begin_service,
    check_days,
    deliver,
    end_service,
    usual_payer,
)
from kerege.casework.assistance.services.sheltering import (
    add_bed,
    arrive,
    change_bed,
    ends_on,
    extend,
    leave,
    longest_end,
    near_end,
    set_bed,
    term_end,
)
from kerege.casework.assistance.services.steps import SHOWING, WAITING
from kerege.casework.assistance.services.transferring import end_transfer, pass_on, request_transfer
from kerege.casework.assistance.services.undoing import undo

__all__ = [
    "ALIVE",
    "ANSWERS",
    "SHARING",
    "SHOWING",
    "WAITING",
    "Answer",
    "Names",
    "ReferralDraft",
    "accept",
    "accept_all",
    "add_bed",
    "add_goal",
    "add_services",
    "agree",
    "answer_due",
    "answer_referral",
    "arrive",
    "arrived",
    "ask_for_approval",
    "assess",
    "assign_referral",
    "begin_plan",
    "begin_service",
    "cancel_return",
    "change_bed",
    "change_return",
    "chase_referrals",
    "check_basis",
    "check_days",
    "claim_referral",
    "decline",
    "deliver",
    "depart",
    "end_goal",
    "end_of",
    "end_plan",
    "end_service",
    "end_transfer",
    "ends_on",
    "extend",
    "follow_up",
    "is_child",
    "leave",
    "log_contact",
    "longest_end",
    "near_end",
    "offer",
    "pass_on",
    "plan_return",
    "put_under_goal",
    "record_consent",
    "refer",
    "request_transfer",
    "reveal_contact",
    "review",
    "run_cases",
    "set_bed",
    "set_contact_rules",
    "share_case",
    "sort_caseload",
    "term_end",
    "undo",
    "update_document",
    "usual_payer",
    "want_document",
    "watch_consents",
    "withdraw",
    "withdraw_consent",
]
