"""Undo of links and merges: both records get back their values, also months later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import CODED, recode_cases
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.services import consent_reconciliation
from kerege.casework.persons.services.merge import (
    CHANGED,
    DUPLICATE,
    STATE,
    versions_of,
)
from kerege.casework.persons.services.person_links import (
    LinkDetails,
    end_decision,
    has_registered_both,
    lock_persons,
    merged_into,
    record_decision,
    unlink_records,
)
from kerege.casework.persons.services.survivorship import values_after_unmerge
from kerege.casework.persons.services.unlink import dispute_outside_links, is_visibly_linked
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

BEYOND = "an unlink or unmerge covers the agencies of the link; the rules have authorised the actor"
DATES = {"ended_on", "closed_on"}
Journal = dict[str, Any]
# safe contact rules: the latest values stay unless the user chooses otherwise
SAFETY = ("safe_contact", "contact_rules")
# choices for a field that was changed since the merge: the record to which it belongs
GOES = ("kept", "other", "both", "neither")
THIRD_RECORD = Fault(
    gettext_noop("a third record still links these two"),
    gettext_noop("undo one of the links of the third record first, or do not mark two persons"),
)


@dataclass(frozen=True)
class UnmergeResult:
    """Result for the user: fields, cases and consents that changed since the merge and were not restored."""

    merge: Merge
    # fields changed since the merge that the user gave to neither record
    fields: tuple[str, ...] = ()
    # references of cases whose state was changed since: left as it is
    cases: tuple[str, ...] = ()
    # references of cases with consents that the merge withdrew, or a refusal in the other record, and that stay so
    consents: tuple[str, ...] = ()
    # True if a colleague answers whether they are two persons: the actor registered both records
    waits: bool = False
    # True if another link, which the actor may know of, still joins the two
    still_one: bool = False


@dataclass(frozen=True)
class _LeftOut:
    """Fields, cases and consents that an unmerge does not restore, as in `UnmergeResult`."""

    fields: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnmergeRequest:
    """User's choices for an unmerge: whether the pair is never proposed again, and the later changes.

    `later`: field of the identity -> kept, other, both, or neither (as before the merge). A field without a choice goes
    to `kept` for safe contact rules, else to `neither`.
    """

    reason: str
    keep_apart: bool = True
    later: Mapping[str, str] = field(default_factory=dict)
    # versions that the user saw (see `versions_of`); '' for an unmerge without a page
    seen: str = ""

    def goes_to(self, side: str, changed: Iterable[str]) -> list[str]:
        """Return the changed fields that belong to a record, `kept` or `other`."""
        return [name for name in changed if self.way(name) in {side, "both"}]

    def way(self, name: str) -> str:
        """Return the choice for one field."""
        return self.later.get(name) or ("kept" if name in SAFETY else "neither")


def undo_merge(
    actor: Actor,
    merge: Merge,
    reason: str,
    *,
    keep_apart: bool = True,
    later: Mapping[str, str] | None = None,
    seen: str = "",
) -> UnmergeResult:
    """Undo a merge or a link, as `UnmergeRequest` describes it; by default the pair stays apart for good.

    A pair of two records that the actor registered is not kept apart by them alone: it waits for a colleague.
    Raises BadInput when it was undone already, when the surviving record was merged or changed since the user saw the
    page, or when the person was erased.
    """
    request = UnmergeRequest(reason, keep_apart, later or {}, seen)
    with audit.act(actor, "persons.undo", target=f"merge:{merge.pk}") as event:
        authorization.require(actor, "persons.undo", merge)
        if not reason.strip():
            raise BadInput(Fault(gettext_noop("a reason is missing"), gettext_noop("write a reason"), column="reason"))
        if not {*request.later.values()} <= {*GOES}:
            raise BadInput(Fault(gettext_noop("this is not an answer"), gettext_noop("choose one of those offered")))
        with session_scope.bypass_row_security(BEYOND):
            records = lock_persons(merge.kept_id, merge.other_id)
            waits = keep_apart and has_registered_both(actor, merge.kept_id, merge.other_id)
            result = _undo(actor, _lock_merge(merge), records, replace(request, keep_apart=keep_apart and not waits))
            result = replace(result, waits=waits)
        event.note(
            kind=merge.kind,
            keep_apart=keep_apart and not waits,
            fields=list(result.fields),
            still_one=result.still_one,
            consents=len(result.consents),
            later=request.later,
            identities=[str(merge.kept_id), str(merge.other_id)],
        )
    return result


def _lock_merge(merge: Merge) -> Merge:
    """Lock and return the merge; raise BadInput if it was undone. The caller locks the records."""
    row = Merge.objects.select_for_update(of=("self",)).select_related("journal__data_key").filter(pk=merge.pk).first()
    if row is None or row.undone_at is not None:
        raise BadInput(Fault(gettext_noop("this was undone already"), gettext_noop("reload the page")))
    return row


def _undo(actor: Actor, merge: Merge, records: dict[UUID, IdentityRecord], request: UnmergeRequest) -> UnmergeResult:
    """Undo a locked merge or link."""
    kept, other = records[merge.kept_id], records[merge.other_id]
    journal: Journal = open_text(merge.journal)
    left_out = _LeftOut()
    if merge.kind == Merge.Kind.MERGE:
        left_out = _restore(actor, merge, (kept, other), journal, request)
        _store_journal(merge, kept, journal)
    merge.undone_at, merge.undone_by = timezone.now(), actor.label
    merge.undo_reason = save_text(kept.data_key, request.reason.strip())
    merge.save()
    is_apart = unlink_records(actor, merge, journal["memberships"], LinkDetails())
    if request.keep_apart:
        is_apart = _undo_other_links(actor, merge, is_apart)
    # an agency does not learn of a link that only a record elsewhere makes
    is_apart = is_apart or not is_visibly_linked(kept.pk, other.pk, merge.agency_id)
    if request.keep_apart:
        if not is_apart:
            raise BadInput(THIRD_RECORD)
        dispute_outside_links(kept, other)
        record_decision(actor, kept, other, PairDecision.Kind.CANNOT)
    elif not _has_other_link(merge):
        end_decision(actor, kept.pk, other.pk)
    _update_pair(merge, request.keep_apart)
    return UnmergeResult(merge, **vars(left_out), still_one=not is_apart)


def _restore(
    actor: Actor,
    merge: Merge,
    records: tuple[IdentityRecord, IdentityRecord],
    journal: Journal,
    request: UnmergeRequest,
) -> _LeftOut:
    """Restore values, index, cases and consents; return what was not restored."""
    kept, other = records
    if request.seen and request.seen != versions_of(kept.pk, other.pk):
        raise BadInput(CHANGED)
    if kept.superseded_by_id is not None or other.superseded_by_id != kept.pk or merges_to_undo_first(merge):
        raise BadInput(
            Fault(gettext_noop("the record was merged into a further one"), gettext_noop("undo that merge first"))
        )
    if Case.objects.filter(pk__in=journal["cases"]).exclude(agency=kept.agency_id).exists():
        raise BadInput(
            Fault(
                gettext_noop("a case of one of them is at another agency"),
                gettext_noop("offer the case back in a new handover"),
            )
        )
    known_refusals = set(journal.get("said_no", ()))
    meanwhile = [
        row for row in consent_reconciliation.refusals_of(merged_into(kept.pk)) if str(row.pk) not in known_refusals
    ]
    changed, changed_values = _restore_values(actor, records, journal, request)
    today = timezone.localdate()
    untouched = _restore_cases(actor, journal, today)
    for record, identity in changed_values.items():
        recode_cases(list(Case.objects.select_related("agency").filter(record__in=merged_into(record))), identity)
    withdrawn = consent_reconciliation.restore_consents(actor, journal["consents"], today, meanwhile)
    withdrawn += consent_reconciliation.withdrawn_by_other_side(meanwhile, merged_into(other.pk))
    return _LeftOut(
        fields=tuple(name for name in changed if request.way(name) == "neither"),
        cases=tuple(untouched),
        consents=tuple(sorted({row.case.reference for row in withdrawn})),
    )


def _restore_values(
    actor: Actor, records: tuple[IdentityRecord, IdentityRecord], journal: Journal, request: UnmergeRequest
) -> tuple[tuple[str, ...], dict[UUID, Identity]]:
    """Restore each record's values before the merge, with the later changes given to it.

    The values become a new version; no version is removed. Returns the changed fields, and the identities of the
    records that received some of them.
    """
    kept, other = records
    values_before, values_merged = (version_values(kept, journal[name]) for name in ("kept_version", "merged_version"))
    values_now, other_values = newest(kept), newest(other)
    changed = _changed_fields(values_merged, values_now)
    kept_fields, other_fields = request.goes_to("kept", changed), request.goes_to("other", changed)
    restored = {
        kept.pk: values_after_unmerge(values_before, values_merged, values_now, kept_fields),
        other.pk: values_after_unmerge(other_values, values_merged, values_now, other_fields),
    }
    journal["restored_version"] = add_version(actor, kept, restored[kept.pk]).number
    IdentityRecord.objects.filter(pk=other.pk).update(superseded_by=None)
    other.superseded_by = None
    if other_fields:
        add_version(actor, other, restored[other.pk])
    else:
        rebuild_index(other, other_values)
    return changed, {pk: restored[pk] for pk, names in ((kept.pk, kept_fields), (other.pk, other_fields)) if names}


def merges_to_undo_first(*links: Merge) -> dict[UUID, Merge]:
    """Return for each link the newest merge that has to be undone before it, by link id.

    A merge of the same two records, or a later one of the surviving record. Links without one have no entry.
    """
    ids = {pk for link in links for pk in (link.kept_id, link.other_id)}
    rows = Merge.objects.filter(Q(kept__in=ids) | Q(other__in=ids), kind=Merge.Kind.MERGE, undone_at=None)
    # the oldest first: of several the newest is what stays
    merges = list(rows.order_by("made_at", "pk"))
    return {link.pk: merge for link in links for merge in merges if _must_be_undone_before(merge, link)}


def _must_be_undone_before(merge: Merge, link: Merge) -> bool:
    """Return whether the merge has to be undone before the link."""
    if link.kind == Merge.Kind.LINK:
        return {merge.kept_id, merge.other_id} == {link.kept_id, link.other_id}
    # the values before the link do not include a record that was merged later
    is_later = merge.kept_id == link.kept_id and merge.made_at > link.made_at
    return is_later or merge.other_id == link.kept_id


def version_values(record: IdentityRecord, number: int) -> Identity:
    """Decrypt the values of one version of a record."""
    row = record.versions.get(number=number)
    return cast(Identity, envelope.unseal_json(plain_key(record.data_key), row.ciphertext, place(record.pk, number)))


def _changed_fields(left_identity: Identity, right_identity: Identity) -> tuple[str, ...]:
    """Return the names of the fields that differ."""
    left, right = cast(dict[str, Any], left_identity), cast(dict[str, Any], right_identity)
    return tuple(name for name in dict.fromkeys([*left, *right]) if left.get(name) != right.get(name))


def _restore_cases(actor: Actor, journal: Journal, today: date) -> list[str]:
    """Restore coded attributes, and the state of ended duplicates that nobody changed since.

    Returns the references of duplicates that were changed since and stay as they are.
    """
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
        add_timeline_event(actor, case, today, "merge_undone")
    return untouched


def _store_journal(merge: Merge, kept: IdentityRecord, journal: Journal) -> None:
    """Replace the journal, which now also has the version that ends the other record's values.

    An erasure of the other person needs it.
    """
    old_journal, merge.journal = merge.journal, save_text(kept.data_key, journal)
    merge.save(update_fields=["journal"])
    if old_journal is not None:
        old_journal.delete()


def _undo_other_links(actor: Actor, merge: Merge, is_apart: bool) -> bool:
    """Undo every other link of the same two records; return False while links of others join them.

    Raises BadInput when one of them is a merge.
    """
    both_ids = {merge.kept_id, merge.other_id}
    rows = Merge.objects.filter(kept__in=both_ids, other__in=both_ids, undone_at=None).select_related(
        "journal__data_key"
    )
    for row in rows:
        if row.kind == Merge.Kind.MERGE:
            raise BadInput(
                Fault(gettext_noop("the two were merged into one record"), gettext_noop("undo that merge first"))
            )
        row.undone_at, row.undone_by = merge.undone_at, merge.undone_by
        row.save(update_fields=["undone_at", "undone_by"])
        is_apart = unlink_records(actor, row, open_text(row.journal)["memberships"], LinkDetails())
    return is_apart


def _has_other_link(merge: Merge) -> bool:
    """Return whether another link of the same two records is in force."""
    both_ids = {merge.kept_id, merge.other_id}
    return Merge.objects.filter(kept__in=both_ids, other__in=both_ids, undone_at=None).exists()


def _update_pair(merge: Merge, keep_apart: bool) -> None:
    """Update the state of the pair in the review queue, unless another link is in force."""
    left, right = sorted((merge.kept_id, merge.other_id))
    state = MatchCandidate.State.DIFFERENT if keep_apart else MatchCandidate.State.OPEN
    if not _has_other_link(merge):
        MatchCandidate.objects.filter(left=left, right=right).update(
            state=state, concluded_at=merge.undone_at if keep_apart else None, sampled=False
        )
