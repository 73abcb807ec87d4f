"""Django signals of the app cases.

Each is sent inside the transaction of the act, so an error in a receiver rolls it back. A signal named `collect_...`
asks the receivers, and their return values are the answers.
"""

from __future__ import annotations

from django.dispatch import Signal

# case, agency -> id of the consent that permits a justice agency to know of the case, or None
collect_police_consents = Signal()
# case_ids -> the ids under a hold; only the answering app knows the reason
collect_legal_holds = Signal()
# decision -> whether it ends a review
collect_review_endings = Signal()
# case -> open matters (`Concern` in services/closing.py)
collect_concerns = Signal()
# actor, case, on: a case is closed; receivers end what must end with it
case_closed = Signal()
# kind, case, subject -> whether the subject of an approval of this kind is missing
collect_missing_subjects = Signal()
# actor, approval: an approval was given; receivers carry out the approved change
approval_given = Signal()
