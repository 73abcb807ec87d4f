"""The signals of the cases room.

All are sent inside the transaction of the act, so an error in a receiver undoes it. Names that begin with `collect_`
ask: the answers are the return values of the receivers.
"""

from __future__ import annotations

from django.dispatch import Signal

# case, agency: answers with the id of the consent on which a body of justice may know of the case, or None
collect_police_consents = Signal()
# case_ids: answers with those that must be kept; why, only the room that answers knows
collect_legal_holds = Signal()
# decision: answers whether it ends a review
collect_review_endings = Signal()
# case: answers with the concerns (see services/closing.py) that are still open
collect_concerns = Signal()
# actor, case, on: a case is being closed, and what must end with it ends
case_closed = Signal()
# kind, case, subject: answers whether the row that an approval of this kind is about is missing
collect_missing_subjects = Signal()
# actor, approval: an approval is given, and what was asked for is done
approval_given = Signal()
