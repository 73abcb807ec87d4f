"""Taking apart what was tied together: both records as they were, also months later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.timeline_events import tell
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.services import consent_reconciliation
from kerege.casework.persons.services.merge import CHANGED, CODED, DUPLICATE, STATE, recode, versions_of
from kerege.casework.persons.services.person_links import Tie, decide, end_decision, lock, merged_into, part
from kerege.casework.persons.services.survivorship import carried
from kerege.casework.persons.services.unlink import doubt_links, holds_visibly
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import (
    add_version,
    newest,
    open_text,
    place,
    plain_key,
    rebuild_index,
    save_text,
)
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope

BEYOND = "what was tied across agencies is taken apart across agencies; the rules said who may"
DATES = {"ended_on", "closed_on"}
Journal = dict[str, Any]
# how she is reached safely: what was written last holds unless somebody says otherwise
SAFETY = ("safe_contact", "contact_rules")
# to which record a field belongs that was changed since the merge
GOES = ("kept", "other", "both", "neither")
THIRD = Fault(
    gettext_noop("a third record still ties these two together"),
    gettext_noop("undo one of its links first, or do not say that they are two persons"),
)


@dataclass(frozen=True)
class Undone:
    """What the user is told: fields of the identity, cases and consents that changed since and were not put back."""

    merge: Merge
    # fields of the surviving record that were changed since the merge, and that nobody said belong to either
    fields: tuple[str, ...] = ()
    # references of cases whose state or consents somebody changed since: left as they are
    cases: tuple[str, ...] = ()
    # whether the two still belong to one person, by another link that stands and that whoever undid this may know of
    still_one: bool = False


@dataclass(frozen=True)
class Wish:
    """What the user said: whether the two are never proposed again, and where fields go that were changed since.

    `later`: field of the identity -> kept, other, both, or neither (as it was before the merge). Of a field that is not
    named: `kept` for how she is reached safely, else `neither`.
    """

    reason: str
    keep_apart: bool = True
    later: Mapping[str, str] = field(default_factory=dict)
    # the versions that the user was shown (see `versions_of`); '' where nobody looked
    seen: str = ""

    def goes_to(self, side: str, changed: Iterable[str]) -> list[str]:
        """Those of the changed fields that belong to the record that was kept, or to the other one."""
        return [name for name in changed if self.way(name) in {side, "both"}]

    def way(self, name: str) -> str:
        """Where one field goes."""
        return self.later.get(name) or ("kept" if name in SAFETY else "neither")


def undo_merge(
    actor: Actor,
    merge: Merge,
    reason: str,
    *,
    keep_apart: bool = True,
    later: Mapping[str, str] | None = None,
    seen: str = "",
) -> Undone:
    """Undo a merge or a link, as a `Wish` says it. Unless the user says otherwise nobody proposes the two again.

    Raises BadInput when it was undone already, when the surviving record was merged on or changed since it was shown,
    or the person was erased.
    """
    wish = Wish(reason, keep_apart, later or {}, seen)
    with audit.act(actor, "persons.undo", target=f"merge:{merge.pk}") as event:
        authorization.require(actor, "persons.undo", merge)
        if not reason.strip():
            raise BadInput(Fault(gettext_noop("nobody knows why"), gettext_noop("write a reason"), column="reason"))
        if not {*wish.later.values()} <= {*GOES}:
            raise BadInput(Fault(gettext_noop("this is no answer"), gettext_noop("choose one of those offered")))
        with session_scope.beyond(BEYOND):
            records = lock(merge.kept_id, merge.other_id)
            done = _undo(actor, _waiting(merge), records, wish)
        event.note(
            kind=merge.kind,
            keep_apart=keep_apart,
            fields=list(done.fields),
            still_one=done.still_one,
            later=wish.later,
            identities=[str(merge.kept_id), str(merge.other_id)],
        )
    return done


def _waiting(merge: Merge) -> Merge:
    """The merge, locked, unless somebody undid it; its records are locked already."""
    row = Merge.objects.select_for_update(of=("self",)).select_related("journal__data_key").filter(pk=merge.pk).first()
    if row is None or row.undone_at is not None:
        raise BadInput(Fault(gettext_noop("this was undone already"), gettext_noop("reload the page")))
    return row


def _undo(actor: Actor, merge: Merge, records: dict[UUID, IdentityRecord], wish: Wish) -> Undone:
    kept, other = records[merge.kept_id], records[merge.other_id]
    journal: Journal = open_text(merge.journal)
    fields: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    if merge.kind == Merge.Kind.MERGE:
        fields, cases = _restore(actor, merge, (kept, other), journal, wish)
        _note_version(merge, kept, journal)
    merge.undone_at, merge.undone_by = timezone.now(), actor.label
    merge.undo_reason = save_text(kept.data_key, wish.reason.strip())
    merge.save()
    apart = part(actor, merge, journal["memberships"], Tie())
    if wish.keep_apart:
        apart = _part_all(actor, merge, apart)
    # by a record elsewhere alone: the agency is told nothing of it
    apart = apart or not holds_visibly(kept.pk, other.pk, merge.agency_id)
    if wish.keep_apart:
        if not apart:
            raise BadInput(THIRD)
        doubt_links(kept, other)
        decide(actor, kept, other, PairDecision.Kind.CANNOT)
    elif not _tied(merge):
        end_decision(actor, kept.pk, other.pk)
    _pair(merge, wish.keep_apart)
    return Undone(merge, fields, cases, still_one=not apart)


def _restore(
    actor: Actor, merge: Merge, records: tuple[IdentityRecord, IdentityRecord], journal: Journal, wish: Wish
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Values, index, cases and consents as they were before, but for what somebody said; returns what is left out."""
    kept, other = records
    if wish.seen and wish.seen != versions_of(kept.pk, other.pk):
        raise BadInput(CHANGED)
    if kept.superseded_by_id is not None or other.superseded_by_id != kept.pk or first_to_undo(merge):
        raise BadInput(
            Fault(gettext_noop("the record was merged into a further one"), gettext_noop("undo that merge first"))
        )
    if Case.objects.filter(pk__in=journal["cases"]).exclude(agency=kept.agency_id).exists():
        raise BadInput(
            Fault(
                gettext_noop("a case of one of them is at another agency"),
                gettext_noop("offer the case back by a handover of its own"),
            )
        )
    known = set(journal.get("said_no", ()))
    meanwhile = [row for row in consent_reconciliation.said_no(merged_into(kept.pk)) if str(row.pk) not in known]
    changed, moved = _values(actor, records, journal, wish)
    today = timezone.localdate()
    left = _put_back_cases(actor, journal, today)
    for record, identity in moved.items():
        recode(list(Case.objects.select_related("agency").filter(record__in=merged_into(record))), identity)
    left += consent_reconciliation.put_back(actor, journal["consents"], today, meanwhile)
    return tuple(name for name in changed if wish.way(name) == "neither"), tuple(dict.fromkeys(left))


def _values(
    actor: Actor, records: tuple[IdentityRecord, IdentityRecord], journal: Journal, wish: Wish
) -> tuple[tuple[str, ...], dict[UUID, Identity]]:
    """Each record has its values of before, and of what was changed since the merge what belongs to it.

    A version is never taken away: the values stand in a new one. Returns what was changed, and whose values are others.
    """
    kept, other = records
    before, merged = (version(kept, journal[name]) for name in ("kept_version", "merged_version"))
    now, theirs = newest(kept), newest(other)
    changed = _differing(merged, now)
    mine, hers = wish.goes_to("kept", changed), wish.goes_to("other", changed)
    after = {
        kept.pk: carried(before, merged, now, mine),
        other.pk: carried(theirs, merged, now, hers),
    }
    journal["restored_version"] = add_version(actor, kept, after[kept.pk]).number
    IdentityRecord.objects.filter(pk=other.pk).update(superseded_by=None)
    other.superseded_by = None
    if hers:
        add_version(actor, other, after[other.pk])
    else:
        rebuild_index(other, theirs)
    return changed, {pk: after[pk] for pk, names in ((kept.pk, mine), (other.pk, hers)) if names}


def first_to_undo(*ties: Merge) -> dict[UUID, Merge]:
    """Of some ties the merge that has to be undone before each: of the same two, or a later one of the survivor."""
    ids = {pk for tie in ties for pk in (tie.kept_id, tie.other_id)}
    rows = Merge.objects.filter(Q(kept__in=ids) | Q(other__in=ids), kind=Merge.Kind.MERGE, undone_at=None)
    # the oldest first: of several the newest is what stays
    merges = list(rows.order_by("made_at", "pk"))
    return {tie.pk: merge for tie in ties for merge in merges if _stands_before(merge, tie)}


def _stands_before(merge: Merge, tie: Merge) -> bool:
    if tie.kind == Merge.Kind.LINK:
        return {merge.kept_id, merge.other_id} == {tie.kept_id, tie.other_id}
    # its values of before knew nothing of a record that was taken in since
    later = merge.kept_id == tie.kept_id and merge.made_at > tie.made_at
    return later or merge.other_id == tie.kept_id


def version(record: IdentityRecord, number: int) -> Identity:
    """The values of one version of a record."""
    row = record.versions.get(number=number)
    return cast(Identity, envelope.unseal_json(plain_key(record.data_key), row.ciphertext, place(record.pk, number)))


def _differing(one: Identity, two: Identity) -> tuple[str, ...]:
    left, right = cast(dict[str, Any], one), cast(dict[str, Any], two)
    return tuple(name for name in dict.fromkeys([*left, *right]) if left.get(name) != right.get(name))


def _put_back_cases(actor: Actor, journal: Journal, today: date) -> list[str]:
    """Coded attributes go with the values; the state of a duplicate returns, unless somebody moved it on."""
    untouched = []
    for pk, stored in sorted(journal["cases"].items()):
        case = Case.objects.select_for_update().get(pk=pk)
        names = list(CODED)
        if pk in journal["ended"]:
            if (case.status, case.closure_reason) == ("ended", DUPLICATE):
                names += STATE
            else:
                untouched.append(case.reference)
        for name in names:
            value = stored[name]
            setattr(case, name, date.fromisoformat(value) if name in DATES and value else value)
        case.version += 1
        case.save(update_fields=[*names, "version"])
        tell(actor, case, today, "merge_undone")
    return untouched


def _note_version(merge: Merge, kept: IdentityRecord, journal: Journal) -> None:
    """The journal also says between which versions her values stood in the other's record (see erasing)."""
    before, merge.journal = merge.journal, save_text(kept.data_key, journal)
    merge.save(update_fields=["journal"])
    if before is not None:
        before.delete()


def _part_all(actor: Actor, merge: Merge, apart: bool) -> bool:
    """Who says that they are two also takes back every other link of the same two. False while others tie them."""
    same = {merge.kept_id, merge.other_id}
    rows = Merge.objects.filter(kept__in=same, other__in=same, undone_at=None).select_related("journal__data_key")
    for row in rows:
        if row.kind == Merge.Kind.MERGE:
            raise BadInput(
                Fault(gettext_noop("the two were merged into one record"), gettext_noop("undo that merge first"))
            )
        row.undone_at, row.undone_by = merge.undone_at, merge.undone_by
        row.save(update_fields=["undone_at", "undone_by"])
        apart = part(actor, row, open_text(row.journal)["memberships"], Tie())
    return apart


def _tied(merge: Merge) -> bool:
    """Whether another tie of the same two stands."""
    same = {merge.kept_id, merge.other_id}
    return Merge.objects.filter(kept__in=same, other__in=same, undone_at=None).exists()


def _pair(merge: Merge, keep_apart: bool) -> None:
    """What the queue says of the two from now on."""
    left, right = sorted((merge.kept_id, merge.other_id))
    state = MatchCandidate.State.DIFFERENT if keep_apart else MatchCandidate.State.OPEN
    if not _tied(merge):
        MatchCandidate.objects.filter(left=left, right=right).update(
            state=state, concluded_at=merge.undone_at if keep_apart else None, sampled=False
        )
