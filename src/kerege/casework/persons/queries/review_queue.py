"""Review queue, and the parts of a pair that a reviewer may see after their answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, PairReview
from kerege.casework.persons.services.person_links import is_actor, ordered_pair
from kerege.casework.persons.services.review import answers_of, links_made_by, own_registrations
from kerege.casework.persons.services.reviewer_assignment import AWAITS_RECHECK, WAITING
from kerege.casework.vault.models.identities import IdentityVersion, SealedText
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.linkage import register_matching

State = MatchCandidate.State


class FieldWeight(NamedTuple):
    """Row of the waterfall chart: the field, its comparison level, and its match weight in bits."""

    label: str
    level: str
    weight: float


def work_items(actor: Actor) -> QuerySet[MatchCandidate]:
    """Return the pairs that the actor may answer now, the oldest first: open, disputed or for a recheck.

    Before the actor answers, a page does not show which of the three a pair is, who answered, or what the model scored.
    Only the answers of a disputed pair are shown (see `visible_answers`).
    """
    rows = authorization.scope(actor, MatchCandidate, action="persons.review")
    is_waiting = Q(state__in=WAITING) | AWAITS_RECHECK
    own_answers = answers_of(actor).filter(candidate=OuterRef("pk"))
    answerable = (
        rows.filter(is_waiting)
        .exclude(Exists(own_answers))
        .exclude(Exists(links_made_by(actor).filter(candidate=OuterRef("pk"))))
    )
    return answerable.exclude(pk__in=_own_registrations(actor, answerable) | _merged_away(answerable))


def _merged_away(pairs: QuerySet[MatchCandidate]) -> set[UUID]:
    """Return ids of pairs with a merged record; its surviving record has pairs of its own.

    After an unmerge such pairs wait again. Pairs whose two records were merged with each other stay in the queue, since
    a recheck may dispute the merge.
    """
    is_merged = Q(left__superseded_by__isnull=False) | Q(right__superseded_by__isnull=False)
    with_each_other = Merge.objects.filter(candidate=OuterRef("pk"), kind=Merge.Kind.MERGE, undone_at=None)
    with session_scope.bypass_row_security("the query checks whether a record was merged and does not show it"):
        rows = pairs.filter(is_merged, state__in=[State.OPEN, State.DISCUSS]).exclude(Exists(with_each_other))
        return set(rows.values_list("pk", flat=True))


def _own_registrations(actor: Actor, pairs: QuerySet[MatchCandidate]) -> set[UUID]:
    """Return ids of pairs of which the actor registered both records, or one while a colleague can answer."""
    own_versions = IdentityVersion.objects.filter(is_actor(actor, "author", "created_by"), number=1)
    is_own = Q(Exists(own_versions.filter(record=OuterRef("left")))) | Q(
        Exists(own_versions.filter(record=OuterRef("right")))
    )
    with session_scope.bypass_row_security("the query checks who registered a record and does not show it"):
        return own_registrations(actor, pairs.filter(is_own))


def count_waiting(actor: Actor) -> int:
    """Return the number of pairs that wait for the actor."""
    return work_items(actor).count()


def answered_by(actor: Actor) -> QuerySet[MatchCandidate]:
    """Return the pairs that the actor answered, the newest answer first."""
    rows = authorization.scope(actor, MatchCandidate, action="persons.review")
    is_own = is_actor(actor, "reviews__reviewer", "reviews__by")
    return rows.filter(is_own, reviews__withdrawn_at=None).order_by("-reviews__at", "pk")


def has_answered(actor: Actor, candidate: MatchCandidate) -> bool:
    """Return whether the actor answered the pair and therefore may see more than its card."""
    return answers_of(actor).filter(candidate=candidate).exists()


def answered_pair_ids(actor: Actor, links: Iterable[Merge]) -> set[UUID]:
    """Return the ids of pairs of these links that the actor answered.

    The list of links shows which ones these are, so that the actor can distinguish them.
    """
    return set(answered_by(actor).filter(pk__in=[link.candidate_id for link in links]).values_list("pk", flat=True))


def visible_answers(actor: Actor, candidate: MatchCandidate) -> list[PairReview]:
    """Return the answers that the actor may see.

    These are all answers of a concluded pair once the actor answered, only the actor's own answers of an open pair,
    and all answers of a disputed pair, also for an actor who may settle it. Raises Denied for a pair of others.
    """
    authorization.require(actor, "persons.review", candidate)
    is_answered = has_answered(actor, candidate)
    is_disputed = candidate.state == State.DISCUSS
    if not is_answered and not (is_disputed and work_items(actor).filter(pk=candidate.pk).exists()):
        return []
    rows = PairReview.standing.filter(candidate=candidate).select_related("reviewer")
    is_concluded = candidate.state in {State.SAME, State.DIFFERENT} and (
        not candidate.sampled or candidate.sample_answer
    )
    return list(rows if is_concluded or is_disputed else rows.filter(is_actor(actor, "reviewer", "by")))


def reason_of(actor: Actor, review: PairReview) -> str:
    """Return the reason of an answer that the actor may see, and note the read; raise Denied otherwise."""
    if review not in visible_answers(actor, review.candidate):
        raise authorization.Denied("persons.review", f"match:{review.candidate_id}", hidden=True)
    audit.note(reasons=[str(review.pk)])
    return _decrypt_reason(review.reason_id)


def _decrypt_reason(text_id: UUID | None) -> str:
    """Return the plain text of a reason; '' when there is none or the person was erased."""
    if text_id is None:
        return ""
    with session_scope.bypass_row_security(
        "the key of either record encrypts the reason; the rules have authorised the reader"
    ):
        # read here: row-level security hides a text that was joined to the row
        text = SealedText.objects.select_related("data_key").get(pk=text_id)
        return str(open_text(text) or "")


class WrittenReason(NamedTuple):
    """Reason for linking, unlinking or reopening: the kind, the text, its author and the time."""

    what: str
    why: str
    by: str
    at: datetime


def reasons_of(actor: Actor, merge: Merge) -> list[WrittenReason]:
    """Return every written reason about a link, and note the read; raise Denied unless undo is allowed."""
    authorization.require(actor, "persons.undo", merge)
    reasons = [WrittenReason("tied", _decrypt_reason(merge.reason_id), merge.made_by, merge.made_at)]
    if merge.undone_at is not None:
        reasons.append(WrittenReason("undone", _decrypt_reason(merge.undo_reason_id), merge.undone_by, merge.undone_at))
    written = [reason for reason in reasons + _reopening_reasons(merge.kept_id, merge.other_id) if reason.why]
    if written:
        audit.note(reasons=[str(merge.pk)])
    return written


def reopening_reasons(actor: Actor, candidate: MatchCandidate) -> list[WrittenReason]:
    """Return why a pair was reopened; empty unless the actor may see its answers."""
    if not visible_answers(actor, candidate):
        return []
    reasons = _reopening_reasons(candidate.left_id, candidate.right_id)
    if reasons:
        audit.note(reasons=[str(candidate.pk)])
    return reasons


def _reopening_reasons(one: UUID, two: UUID) -> list[WrittenReason]:
    """Return the reasons of the ended decisions about two records."""
    left, right = ordered_pair(one, two)
    with session_scope.bypass_row_security("the rules have authorised the reader of decisions about two records"):
        rows = list(PairDecision.objects.filter(left=left, right=right, end_reason__isnull=False))
    return [
        WrittenReason("again", _decrypt_reason(row.end_reason_id), row.ended_by, row.ended_at)
        for row in rows
        if row.ended_at
    ]


def explain_weights(actor: Actor, candidate: MatchCandidate, language: str) -> list[FieldWeight]:
    """Return the match weights in the words of the model (kk, ru, en); raise Denied before an answer."""
    authorization.require(actor, "persons.review", candidate)
    if not has_answered(actor, candidate):
        raise authorization.Denied("persons.review", f"match:{candidate.pk}", hidden=True)
    is_current_model = candidate.model_version == register_matching.model_version()
    match = register_matching.Match(candidate.weight, candidate.probability, candidate.levels, candidate.parts)
    # levels are numbers of the model that gave them: for an older model show only field and weight
    explained = (
        register_matching.explain(match, language)
        if is_current_model
        else register_matching.explain_parts(match, language)
    )
    return [FieldWeight(label[:1].upper() + label[1:], level, bits) for label, level, bits in explained]


def undoable_links(actor: Actor) -> QuerySet[Merge]:
    """Return the links and merges in force that the actor may undo, the newest first."""
    return authorization.scope(actor, Merge, action="persons.undo").filter(undone_at=None)
