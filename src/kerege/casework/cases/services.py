"""Every write to a case: registration (one or very many), decisions, lifecycle, shares, tasks and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.casework.cases.drafts import DecisionDraft, Registration
from kerege.casework.cases.models import Case, Decision, Event, Exploitation, Note, ReferenceCounter, Share, Task
from kerege.casework.vault import crypto
from kerege.casework.vault.identity import Identity, age_on
from kerege.casework.vault.models import DataKey, IdentityRecord
from kerege.casework.vault.services import BATCH, add_version, plain_key, save_text, seal_text, store_records
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.core.accounts.models import Agency, User
from kerege.core.bulk import insert, new
from kerege.standard import codes
from kerege.standard.dates import age_band
from kerege.standard.faults import BadInput, Fault
from kerege.standard.profile import active

SPECIFIC_STATES = {"unknown", "not_asked", "refused", "no"}


def check_codes(row: models.Model) -> None:
    """Raise ValidationError when a coded field of an unsaved row holds something that its list does not know."""
    for name, column, known in coded_columns(type(row)):
        value = getattr(row, name)
        if not value and column.blank:
            continue  # nothing reported is nothing to check
        key = tuple(value) if isinstance(value, list) else value
        if key not in known:
            column.validate(value, row)
            known.add(key)


@cache
def coded_columns(model: type[models.Model]) -> list[tuple[str, Any, set[Any]]]:
    """The coded columns of a model, each with the values that were found good: lists of codes do not change."""
    return [(f.attname, f, set()) for f in model._meta.concrete_fields if getattr(f, "list_name", None)]


def take_references(years: Counter[int]) -> dict[int, list[str]]:
    """Take the next reference numbers of every year; the counter rows stay locked until the transaction ends."""
    country, taken = active().country, {}
    for year, wanted in years.items():
        ReferenceCounter.objects.get_or_create(year=year)
        counter = ReferenceCounter.objects.select_for_update().get(year=year)
        first, counter.value = counter.value + 1, counter.value + wanted
        counter.save(update_fields=["value"])
        taken[year] = [f"{country}-{year}-{number:05d}" for number in range(first, counter.value + 1)]
    return taken


def coded_person(draft: Registration) -> dict[str, Any]:
    """What statistics need of the person, from the identity: gender, sex, age band, citizenships."""
    identity = draft.identity
    gender = identity.get("gender", "")
    sex = gender if gender in SPECIFIC_STATES or not gender else codes.code_list("gender").codes[gender].parent
    age = age_on(identity.get("birth_date", ""), draft.registered_on)
    return {
        "gender": gender,
        "sex": sex,
        "age_band": age_band(age) if age is not None else draft.age_band,
        "citizenships": identity.get("citizenships", []),
    }


def build_case(draft: Registration, record: IdentityRecord, reference: str, actor: Actor) -> Case:
    """An unsaved case of a registration."""
    source = crypto.source_key(draft.agency.id, f"case:{draft.case_source_id}") if draft.case_source_id else None
    case = new(
        Case,
        reference=reference,
        record=record,
        agency=draft.agency,
        registered_by_agency=draft.agency,
        caseworker=draft.caseworker,
        source_key=source,
        registered_on=draft.registered_on,
        created_at=timezone.now(),
        route=draft.route,
        detected_independently=draft.detected_independently,
        region=draft.region or draft.agency.region,
        risk_level=draft.risk_level,
        status=draft.status,
        closure_reason=draft.closure_reason,
        ended_on=draft.ended_on,
        closed_on=draft.closed_on or (draft.registered_on if draft.status == "closed" else None),
        social_status="presumed",
        origin_country=draft.origin_country,
        **coded_person(draft),
    )
    check_codes(case)
    return case


def build_exploitations(draft: Registration, case: Case) -> list[Exploitation]:
    """The unsaved episodes of a registration; the first is the main one unless another says so."""
    rows = [new(Exploitation, case=case, **values) for values in draft.exploitations]
    if rows and not any(row.main for row in rows):
        rows[0].main = True
    for row in rows:
        if row.main_form and row.main_form not in row.forms and row.main_form not in SPECIFIC_STATES:
            row.forms = [row.main_form, *row.forms]
        row.main_form = row.main_form or (row.forms[0] if row.forms else "")
        check_codes(row)
    return rows


def new_records(actor: Actor, drafts: Sequence[Registration]) -> dict[int, tuple[IdentityRecord, bytes]]:
    """Record and data key of every draft by position: the record named, the one of the same source id, or a new one."""
    found: dict[int, tuple[IdentityRecord, bytes]] = {}
    fresh: dict[Any, list[int]] = {}
    for position, draft in enumerate(drafts):
        if draft.record is not None:
            found[position] = draft.record, plain_key(draft.record.data_key)
        else:
            same = (draft.agency.id, draft.source_id) if draft.source_id else position
            fresh.setdefault(same, []).append(position)
    firsts = [drafts[positions[0]] for positions in fresh.values()]
    stored = store_records(
        actor,
        [(d.agency, d.identity, crypto.source_key(d.agency.id, d.source_id) if d.source_id else None) for d in firsts],
    )
    for positions, pair in zip(fresh.values(), stored, strict=True):
        found.update(dict.fromkeys(positions, pair))
    return found


def register_many(actor: Actor, drafts: Sequence[Registration]) -> list[Case]:
    """Register persons and cases in one audited act with a digest a case. Returns the cases in the order given."""
    with audit.act(actor, "cases.register") as event:
        for agency in {draft.agency for draft in drafts}:
            access.require(actor, "cases.register", agency)
        records = new_records(actor, drafts)
        references = take_references(Counter(draft.registered_on.year for draft in drafts))
        cases, exploitations, texts, events = [], [], [], []
        for position, draft in enumerate(drafts):
            record, plain = records[position]
            case = build_case(draft, record, references[draft.registered_on.year].pop(0), actor)
            episodes = build_exploitations(draft, case)
            supplement = draft.supplement(case, episodes) if callable(draft.supplement) else draft.supplement
            if supplement:
                case.supplement = seal_text(record.data_key, supplement, plain)
                texts.append(case.supplement)
            cases.append(case)
            exploitations.extend(episodes)
            events.append(new_event(actor, case, draft.registered_on, "registered", {"route": draft.route}))
        insert(texts)
        insert(cases)
        insert(exploitations)
        insert(events)
        if len(cases) == 1:
            event.target = f"case:{cases[0].id}"
        else:
            event.note(cases=len(cases), digests=[digest(case) for case in cases])
    return cases


def digest(row: models.Model) -> str:
    """Keyed digest of a stored row's coded values, for the audit of a batch."""
    names, values_of = stored_names(type(row))
    return audit.digest(dict(zip(names, map(str, values_of(row)), strict=True)))


@cache
def stored_names(model: type[models.Model]) -> tuple[list[str], Callable[[models.Model], tuple[Any, ...]]]:
    """The names of a model's columns, and what gives their values."""
    names = [field.attname for field in model._meta.concrete_fields]
    return names, attrgetter(*names)


def register(actor: Actor, draft: Registration) -> Case:
    """Register one person and case."""
    return register_many(actor, [draft])[0]


def new_event(actor: Actor, case: Case, on: date, kind: str, detail: dict[str, Any]) -> Event:
    """An unsaved line of the timeline."""
    return new(
        Event,
        case=case,
        on=on,
        at=timezone.now(),
        kind=kind,
        detail=detail,
        agency_id=actor.agency_id or case.agency_id,
        created_by=actor.label,
    )


def tell(actor: Actor, case: Case, on: date, kind: str, **detail: Any) -> None:
    """Add a line to the case's timeline; `detail` holds codes and ids only."""
    new_event(actor, case, on, kind, detail).save()


def decide_many(actor: Actor, drafts: Sequence[DecisionDraft]) -> list[Decision]:
    """Record decisions; each sets the status of its track on its case, the latest decision winning."""
    with audit.act(actor, "cases.decide") as event:
        decisions, events, texts, changed = [], [], [], {}
        keys = data_keys(draft.case for draft in drafts if draft.grounds)
        for draft in drafts:
            if len(drafts) == 1:
                access.require(actor, "cases.decide", draft.case)
                event.target = f"case:{draft.case.id}"
            decision = build_decision(actor, draft)
            if draft.grounds:
                decision.grounds = seal_text(keys[draft.case.record_id], draft.grounds)
                texts.append(decision.grounds)
            decisions.append(decision)
            detail = {"track": draft.track, "status": draft.resulting_status, "kind": draft.kind}
            events.append(new_event(actor, draft.case, draft.decided_on, "decision", detail))
            changed[draft.case.id] = draft.case
        if len(drafts) != 1:
            access.require(actor, "cases.decide_many")
            event.note(decisions=len(drafts), digests=[digest(decision) for decision in decisions])
        insert(texts)
        insert(decisions)
        insert(events)
        set_statuses(list(changed.values()))
    return decisions


def build_decision(actor: Actor, draft: DecisionDraft) -> Decision:
    """An unsaved decision, its codes checked."""
    decision = new(
        Decision,
        case=draft.case,
        track=draft.track,
        kind=draft.kind,
        resulting_status=draft.resulting_status,
        authority=draft.authority,
        authority_kind=draft.authority_kind or (draft.authority.kind if draft.authority else ""),
        standard_of_proof=draft.standard_of_proof,
        documents_used=draft.documents_used,
        decided_on=draft.decided_on,
        decided_by=draft.decided_by or actor.label,
        notified_on=draft.notified_on,
        review_on=draft.review_on,
        created_at=timezone.now(),
    )
    check_codes(decision)
    return decision


def data_keys(cases: Any) -> dict[UUID, DataKey]:
    """Data keys of the cases' records, by record id."""
    wanted = {case.record_id for case in cases}
    return {row.record.pk: row for row in DataKey.objects.filter(record__in=wanted).select_related("record")}


def set_statuses(cases: list[Case]) -> None:
    """Set both statuses of every case from its latest decisions."""
    latest: dict[tuple[UUID, str], str] = {}
    for start in range(0, len(cases), BATCH):
        rows = Decision.objects.filter(case__in=cases[start : start + BATCH]).order_by("decided_on", "created_at")
        latest |= {
            (case, track): status for case, track, status in rows.values_list("case", "track", "resulting_status")
        }
    alike: dict[tuple[str, str], list[UUID]] = {}
    for case in cases:
        case.social_status = latest.get((case.id, "social"), case.social_status)
        case.police_status = latest.get((case.id, "police"), case.police_status)
        case.version += 1
        alike.setdefault((case.social_status, case.police_status), []).append(case.id)
    for (social, police), ids in alike.items():
        for start in range(0, len(ids), BATCH):
            some = Case.objects.filter(pk__in=ids[start : start + BATCH])
            some.update(social_status=social, police_status=police, version=F("version") + 1)


def contradicts(kind: str, status: str) -> bool:
    """Whether a kind of decision cannot result in this status: a refusal identifies nobody."""
    return kind in RESULTS and status not in RESULTS[kind]


def decide(actor: Actor, draft: DecisionDraft) -> Decision:
    """Record one decision; raises BadInput when its result does not follow from its kind."""
    if contradicts(draft.kind, draft.resulting_status):
        what = gettext_noop("this status does not follow from this kind of decision")
        raise BadInput(Fault(what, gettext_noop("correct one of the two")))
    return decide_many(actor, [draft])[0]


# what a kind of decision can result in; a kind that is not named here leaves it open
RESULTS = {
    "formal_identification": {"identified"},
    "preliminary_identification": {"presumed", "identified"},
    "refusal": {"not_identified", "declined"},
    "loss_of_status": {"lost"},
}

# which lifecycle states may follow which; no entry reads a victim status
LIFECYCLE = {
    "open": {"suspended", "ended"},
    "suspended": {"open", "ended"},
    "ended": {"follow_up", "closed", "open"},
    "follow_up": {"closed", "open"},
    "closed": {"open"},
}


def move(actor: Actor, case: Case, status: str, on: date, reason: str = "") -> Case:
    """Move a case through its lifecycle; closed cases can be reopened."""
    with audit.act(actor, "cases.move", target=f"case:{case.id}") as event:
        access.require(actor, "cases.change", case)
        if status not in LIFECYCLE[case.status]:
            raise BadInput(
                Fault(gettext_noop("this state does not follow the present one"), gettext_noop("choose another state"))
            )
        case.status, case.closure_reason = status, reason
        case.ended_on = on if status == "ended" else None if status == "open" else case.ended_on
        case.closed_on = on if status == "closed" else None
        case.version += 1
        check_codes(case)
        case.save(update_fields=["status", "closure_reason", "ended_on", "closed_on", "version"])
        tell(actor, case, on, "status", status=status, reason=reason)
        event.note(status=status)
    return case


def change_identity(actor: Actor, case: Case, identity: Identity) -> Case:
    """Add a new version of what the agency was told, and keep the coded attributes in step."""
    with audit.act(actor, "cases.change_identity", target=f"case:{case.id}"):
        access.require(actor, "cases.change", case)
        add_version(actor, case.record, identity)
        draft = Registration(case.agency, identity, case.registered_on, age_band=case.age_band)
        for name, value in coded_person(draft).items():
            setattr(case, name, value)
        case.version += 1
        check_codes(case)
        case.save(update_fields=["gender", "sex", "age_band", "citizenships", "version"])
        tell(actor, case, timezone.localdate(), "identity")
    return case


def set_exploitation(
    actor: Actor, case: Case, values: dict[str, Any], episode: Exploitation | None = None
) -> Exploitation:
    """Add an episode of exploitation, or change one."""
    with audit.act(actor, "cases.set_exploitation", target=f"case:{case.id}"):
        access.require(actor, "cases.change", case)
        row = episode or Exploitation(case=case, main=not case.exploitations.filter(main=True).exists())
        for name, value in values.items():
            setattr(row, name, value)
        if row.main_form and row.main_form not in row.forms and row.main_form not in SPECIFIC_STATES:
            row.forms = [row.main_form, *row.forms]
        row.main_form = row.main_form or (row.forms[0] if row.forms else "")
        check_codes(row)
        row.save()
        tell(actor, case, timezone.localdate(), "exploitation")
    return row


def add_note(actor: Actor, case: Case, text: str) -> Note:
    """Seal and store a note."""
    with audit.act(actor, "cases.add_note", target=f"case:{case.id}"):
        access.require(actor, "cases.change", case)
        sealed = save_text(case.record.data_key, text)
        author = {"agency_id": actor.agency_id or case.agency_id, "created_by": actor.label}
        note = Note.objects.create(case=case, text=sealed, created_at=timezone.now(), **author)
        tell(actor, case, timezone.localdate(), "note")
    return note


def add_tasks(actor: Actor, tasks: Sequence[Task]) -> list[Task]:
    """Store tasks in one act; every task belongs to the agency of its case."""
    with audit.act(actor, "cases.add_task") as event:
        for agency in {task.agency for task in tasks}:
            access.require(actor, "cases.register", agency)
        for task in tasks:
            check_codes(task)
            task.created_at = timezone.now()
        event.note(tasks=len(tasks))
        return Task.objects.bulk_create(tasks)


def finish_task(actor: Actor, task: Task) -> Task:
    """Mark a task as done."""
    with audit.act(actor, "cases.finish_task", target=f"task:{task.id}"):
        access.require(actor, "tasks.change", task)
        task.done_at, task.done_by = timezone.now(), actor.label
        task.save(update_fields=["done_at", "done_by"])
        if task.case:
            tell(actor, task.case, timezone.localdate(), "task_done", task=task.kind)
    return task


def assign(actor: Actor, case: Case, user: User | None) -> Case:
    """Give a case to a caseworker of the owning agency."""
    with audit.act(actor, "cases.assign", target=f"case:{case.id}") as event:
        access.require(actor, "cases.change", case)
        if user and not user.assignments.filter(agency=case.agency_id).exists():
            raise BadInput(
                Fault(
                    gettext_noop("this person does not work at the agency that owns the case"),
                    gettext_noop("choose a colleague"),
                )
            )
        case.caseworker = user
        case.version += 1
        case.save(update_fields=["caseworker", "version"])
        event.note(user=str(user.id) if user else None)
    return case


def share(
    actor: Actor, case: Case, agency: Agency, basis: str, basis_id: UUID | None = None, until: datetime | None = None
) -> Share:
    """Let another agency see the case, on a consent or a legal basis, at most until its end; twice changes nothing."""
    with audit.act(actor, "cases.share", target=f"case:{case.id}") as event:
        access.require(actor, "cases.share", case)
        event.note(agency=str(agency.id), basis=basis)
        existing = running_shares().filter(case=case, agency=agency).first()
        return existing or Share.objects.create(
            case=case, agency=agency, basis=basis, basis_id=basis_id, from_at=timezone.now(), to_at=until
        )


def running_shares() -> models.QuerySet[Share]:
    """Shares that let somebody see a case now."""
    now = timezone.now()
    return Share.objects.filter(models.Q(to_at=None) | models.Q(to_at__gt=now))


def end_shares(actor: Actor, case: Case, basis_id: UUID) -> int:
    """Close every share that rested on this basis, at once."""
    with audit.act(actor, "cases.end_shares", target=f"case:{case.id}") as event:
        access.require(actor, "cases.share", case)
        count = running_shares().filter(case=case, basis_id=basis_id).update(to_at=timezone.now())
        event.note(shares=count)
    return count
