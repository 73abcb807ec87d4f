"""A person answers whether two records are one person, blind to scores and to what others answered."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, Review
from kerege.casework.persons.services import agency_disclosure
from kerege.casework.persons.services.conflict_flags import cluster_risks
from kerege.casework.persons.services.person_links import (
    Tie,
    decide,
    end_decision,
    kept_apart,
    lock,
    person_of,
    records_of,
    running,
    tie,
)
from kerege.casework.persons.services.review_sample import draw, looks_again
from kerege.casework.persons.services.reviewer_assignment import TIED, WORKERS, who_looks
from kerege.casework.persons.services.unlink import separate
from kerege.casework.persons.thresholds import UNSURE
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor, session_scope

State, Answer = MatchCandidate.State, Review.Answer
Records = dict[UUID, IdentityRecord]
BEYOND = "two records are compared and tied, perhaps of two agencies; the rules said who may"
DECISIVE = (Answer.SAME, Answer.DIFFERENT)


def answer(actor: Actor, candidate: MatchCandidate, answer: str, reason: str = "") -> MatchCandidate:
    """Write down an answer (Review.Answer) and conclude what can be concluded; returns the pair as it stands now.

    Raises BadInput when the pair was concluded meanwhile, when the actor answered already, or registered one of the two
    herself while somebody else could answer; Denied when the pair is none of hers.
    """
    with audit.act(actor, "persons.answer", target=f"match:{candidate.pk}") as event:
        authorization.require(actor, "persons.review", candidate)
        if answer not in Answer.values:
            raise BadInput(Fault(gettext_noop("this is no answer"), gettext_noop("choose one of those offered")))
        with session_scope.beyond(BEYOND):
            records = lock(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(pk=candidate.pk)
            check(actor, row)
            write(actor, row, records, answer, reason)
            conclude(actor, row, records)
        event.note(answer=answer, state=row.state, identities=[str(row.left_id), str(row.right_id)])
    return row


def write(actor: Actor, row: MatchCandidate, records: Records, answer: str, reason: str) -> Review:
    """Store an answer; the reason is sealed under the key of one of the two."""
    review = Review(
        candidate=row,
        reviewer_id=actor.user_id,
        by=actor.label,
        answer=answer,
        at=timezone.now(),
        of_sample=row.state in TIED,
    )
    if reason.strip():
        review.reason = save_text(records[row.left_id].data_key, reason.strip())
    review.save(force_insert=True)
    return review


def check(actor: Actor, row: MatchCandidate) -> None:
    """Raise BadInput unless the actor may answer this pair now; of a locked pair."""
    if not is_asked(row):
        raise BadInput(Fault(gettext_noop("this pair was concluded meanwhile"), gettext_noop("take the next one")))
    if Review.standing.filter(candidate=row, by=actor.label).exists():
        raise BadInput(Fault(gettext_noop("you answered this pair already"), gettext_noop("take the next one")))
    if row.pk in own_work(actor, [row]):
        raise BadInput(
            Fault(gettext_noop("you registered one of the two yourself"), gettext_noop("let a colleague answer"))
        )
    if tied_by(actor).filter(candidate=row).exists():
        raise BadInput(Fault(gettext_noop("you tied these two yourself"), gettext_noop("let a colleague answer")))


def is_asked(row: MatchCandidate) -> bool:
    """Whether an answer is still wanted."""
    return row.state in {State.OPEN, State.DISCUSS} or looks_again(row)


def own_work(actor: Actor, rows: Iterable[MatchCandidate]) -> set[UUID]:
    """Pairs of which the actor registered a record herself, while somebody else could answer. Beyond the wall."""
    pairs = list(rows)
    ids = {pk for row in pairs for pk in (row.left_id, row.right_id)}
    first = IdentityVersion.objects.filter(record__in=ids, number=1).values_list("record_id", "created_by")
    by = dict(first)
    found = set()
    for row in pairs:
        registrars = {by.get(row.left_id), by.get(row.right_id)}
        if actor.label in registrars and _others(row, registrars):
            found.add(row.pk)
    return found


def tied_by(actor: Actor) -> QuerySet[Merge]:
    """Ties of the actor that stand: whoever made one does not say whether it was right."""
    return Merge.objects.filter(made_by=actor.label, undone_at=None)


def _others(row: MatchCandidate, registrars: set[str | None]) -> bool:
    """Whether anybody but those who registered the two may still answer."""
    who = (
        Q(assignments__agency=row.agency_id, assignments__role__in=WORKERS)
        if row.agency_id
        else Q(assignments__role="coordinator")
    )
    names = User.objects.filter(who, is_active=True).values_list("username", flat=True)
    answered = set(Review.standing.filter(candidate=row).values_list("by", flat=True))
    return bool({f"user:{name}" for name in names} - registrars - answered)


def conclude(actor: Actor, row: MatchCandidate, records: Records) -> None:
    """Draw the conclusion of all answers so far, if there is one."""
    given = list(Review.standing.filter(candidate=row).order_by("at", "pk").values_list("answer", "of_sample"))
    last, of_sample = given[-1]
    if of_sample:
        _conclude_sample(actor, row, records, last)
    elif row.state == State.DISCUSS:
        # the two before disagreed, or could not tell: whoever comes third settles it
        if last in DECISIVE:
            _settle(actor, row, records, last)
    else:
        _conclude_open(actor, row, records, [answer for answer, _ in given])
    row.save()


def _conclude_sample(actor: Actor, row: MatchCandidate, records: Records, last: str) -> None:
    if last in DECISIVE:
        row.sample_answer = last
    if last == Answer.SAME:
        # what the machine tied is a human's word from now on: no run takes it back
        decide(actor, records[row.left_id], records[row.right_id], PairDecision.Kind.MUST)
    if last == Answer.DIFFERENT:
        row.state = State.DISCUSS  # the tie stands until a third has looked


def _conclude_open(actor: Actor, row: MatchCandidate, records: Records, given: list[str]) -> None:
    row.risks = [
        *row.risks,
        *(code for code in cluster_risks(row.left_id, row.right_id, row.agency_id) if code not in row.risks),
    ]
    clear = [answer for answer in given if answer in DECISIVE]
    if len(set(clear)) > 1 or given.count(Answer.UNSURE) >= UNSURE:
        row.state = State.DISCUSS
    elif len(clear) >= (2 if row.is_risky else 1):
        # of a risky pair two are asked whatever the first says: else the question would tell what she said
        _settle(actor, row, records, clear[0])


def _settle(actor: Actor, row: MatchCandidate, records: Records, answer: str) -> None:
    """The pair is concluded: tied, or kept apart for good."""
    one, two = records[row.left_id], records[row.right_id]
    row.concluded_at = timezone.now()
    if answer == Answer.DIFFERENT and (_merged(one.pk, two.pk) or not separate(actor, row)):
        row.state = State.DISCUSS  # merged, or tied by way of a third: that has to be taken apart first
        return
    if answer == Answer.DIFFERENT:
        decide(actor, one, two, PairDecision.Kind.CANNOT)
        row.state = State.DIFFERENT
        return
    if _forbidden(one.pk, two.pk):
        # somebody else's word about two of these records stands against it: they talk
        row.state = State.DISCUSS
        return
    first = not Merge.objects.filter(candidate=row, undone_at=None).exists()
    decide(actor, one, two, PairDecision.Kind.MUST)
    row.state = State.SAME
    if first:
        kept, other = _order(one, two)
        tie(actor, kept, other, Tie(candidate=row))
        draw(row)
        agency_disclosure.tell_agencies(actor, one, two)


def _merged(one: UUID, two: UUID) -> bool:
    rows = Merge.objects.filter(kept__in=[one, two], other__in=[one, two], kind=Merge.Kind.MERGE, undone_at=None)
    return rows.exists()


def _forbidden(one: UUID, two: UUID) -> bool:
    return kept_apart(records_of(person_of(one)), records_of(person_of(two)))


def _order(one: IdentityRecord, two: IdentityRecord) -> tuple[IdentityRecord, IdentityRecord]:
    """The person of the record with more company stays, else of the older one: figures keep their person."""
    sizes = {row.pk: len(records_of(person_of(row.pk))) for row in (one, two)}
    kept, other = sorted((one, two), key=lambda row: (-sizes[row.pk], row.created_at, row.pk))
    return kept, other


def reopen(actor: Actor, candidate: MatchCandidate, reason: str) -> MatchCandidate:
    """A pair that was concluded as two persons is asked again; the earlier word ends and stays on record.

    Who answered before does not answer again, but for the actor where nobody else is left: her answer is taken back.
    Raises BadInput when nothing is to be reopened.
    """
    with audit.act(actor, "persons.reopen", target=f"match:{candidate.pk}") as event:
        authorization.require(actor, "persons.review", candidate)
        with session_scope.beyond(BEYOND):
            records = lock(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(pk=candidate.pk)
            word = running(row.left_id, row.right_id)
            if row.state != State.DIFFERENT or word is None:
                raise BadInput(Fault(gettext_noop("this pair is not closed"), gettext_noop("reload the page")))
            end_decision(actor, row.left_id, row.right_id, save_text(records[row.left_id].data_key, reason.strip()))
            given, back = Review.standing.filter(candidate=row), 0
            if who_looks(row) == "nobody":
                back = given.filter(by=actor.label).update(withdrawn_at=timezone.now())
            # where her own answer was taken back, or none stands, the next one counts as any first answer does
            row.state = State.OPEN if back or not given.exists() else State.DISCUSS
            row.concluded_at = None
            row.save()
            event.note(state=row.state)
    return row
