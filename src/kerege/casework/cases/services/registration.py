"""Registration of persons and cases, one or many, and later changes to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from kerege.casework.cases.models.case import Case, Exploitation, ReferenceCounter
from kerege.casework.cases.services.code_checks import SPECIFIC_STATES, check_codes, digest
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.timeline_events import add_timeline_event, new_event
from kerege.casework.vault.crypto import source_ids
from kerege.casework.vault.identity import Identity, age_on
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import (
    add_version,
    plain_key,
    seal_text,
    store_records,
    surviving_record_id,
)
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.core.database.bulk_insert import insert, new
from kerege.vocabulary import codes
from kerege.vocabulary.dates import age_band
from kerege.vocabulary.profile import active

# coded attributes of a case that follow from the identity
CODED = ("gender", "sex", "age_band", "citizenships")


def take_references(years: Counter[int]) -> dict[int, list[str]]:
    """Take the next case references of each year; the counters stay locked until commit.

    `years` counts the references needed per year. Returns the references by year.
    """
    country, taken = active().country, {}
    for year, needed in years.items():
        ReferenceCounter.objects.get_or_create(year=year)
        counter = ReferenceCounter.objects.select_for_update().get(year=year)
        first, counter.value = counter.value + 1, counter.value + needed
        counter.save(update_fields=["value"])
        taken[year] = [f"{country}-{year}-{number:05d}" for number in range(first, counter.value + 1)]
    return taken


def coded_person(draft: Registration) -> dict[str, Any]:
    """Return the coded attributes for statistics: gender, sex, age band and citizenships."""
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
    """Return an unsaved case of a registration, with checked codes."""
    case = new(
        Case,
        reference=reference,
        record=record,
        agency=draft.agency,
        registered_by_agency=draft.agency,
        caseworker=draft.caseworker,
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
    source_id = f"case:{draft.case_source_id}" if draft.case_source_id else ""
    for name, value in source_ids.build_columns(case, draft.agency.id, source_id).items():
        setattr(case, name, value)
    check_codes(case)
    return case


def build_exploitations(draft: Registration, case: Case) -> list[Exploitation]:
    """Return the unsaved episodes of a registration; the first is the main one unless another is."""
    rows = [new(Exploitation, case=case, **values) for values in draft.exploitations]
    if rows and not any(row.main for row in rows):
        rows[0].main = True
    for row in rows:
        if row.main_form and row.main_form not in row.forms and row.main_form not in SPECIFIC_STATES:
            row.forms = [row.main_form, *row.forms]
        row.main_form = row.main_form or (row.forms[0] if row.forms else "")
        check_codes(row)
    return rows


def assign_records(actor: Actor, drafts: Sequence[Registration]) -> dict[int, tuple[IdentityRecord, bytes]]:
    """Return the record and the plain data key of each draft, by its position.

    A draft gets the record that it names. Otherwise it gets the record of its source id, or a new record.
    """
    records: dict[int, tuple[IdentityRecord, bytes]] = {}
    fresh: dict[Any, list[int]] = {}
    for position, draft in enumerate(drafts):
        if draft.record is not None:
            records[position] = draft.record, plain_key(draft.record.data_key)
        else:
            source = (draft.agency.id, draft.source_id) if draft.source_id else position
            fresh.setdefault(source, []).append(position)
    firsts = [drafts[positions[0]] for positions in fresh.values()]
    stored = store_records(actor, [(draft.agency, draft.identity, draft.source_id) for draft in firsts])
    for positions, pair in zip(fresh.values(), stored, strict=True):
        records.update(dict.fromkeys(positions, pair))
    return records


def register_many(actor: Actor, drafts: Sequence[Registration]) -> list[Case]:
    """Register persons and cases in one audited act; return the cases in the given order.

    The audit event of several cases holds one digest per case.
    """
    with audit.act(actor, "cases.register") as event:
        for agency in {draft.agency for draft in drafts}:
            authorization.require(actor, "cases.register", agency)
        records = assign_records(actor, drafts)
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


def register(actor: Actor, draft: Registration) -> Case:
    """Register one person and their case."""
    return register_many(actor, [draft])[0]


def change_identity(actor: Actor, case: Case, identity: Identity) -> Case:
    """Add a version of the identity, and recode every case of the person: also those of merged records."""
    with audit.act(actor, "cases.change_identity", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        add_version(actor, case.record, identity)
        with session_scope.bypass_row_security("all cases of one record share its identity; none of them is shown"):
            others = [row for row in _other_cases_of_person(case) if _is_coded_otherwise(row, identity)]
            recode_cases([case, *others], identity)
            for row in (case, *others):
                add_timeline_event(actor, row, timezone.localdate(), "identity")
    return case


def _other_cases_of_person(case: Case) -> list[Case]:
    """Lock and return the other cases of the surviving record and of those merged into it, ordered by id."""
    records = with_merged([surviving_record_id(case.record_id)])
    rows = Case.objects.select_for_update(of=("self",)).select_related("agency").filter(record__in=list(records))
    return list(rows.exclude(pk=case.pk).order_by("pk"))


def recode_cases(cases: Iterable[Case], identity: Identity) -> None:
    """Set the coded attributes of cases from the identity, and raise their version.

    The new version shows users with an open form that the case changed.
    """
    for case in cases:
        for name, value in _coded_attributes(case, identity).items():
            setattr(case, name, value)
        case.version += 1
        check_codes(case)
        case.save(update_fields=[*CODED, "version"])


def _is_coded_otherwise(case: Case, identity: Identity) -> bool:
    """Return whether a coded attribute of the case differs from that of the identity."""
    return any(getattr(case, name) != value for name, value in _coded_attributes(case, identity).items())


def _coded_attributes(case: Case, identity: Identity) -> Mapping[str, object]:
    """Return the coded attributes that a case has with this identity."""
    return coded_person(Registration(case.agency, identity, case.registered_on, age_band=case.age_band))


def set_exploitation(
    actor: Actor, case: Case, values: dict[str, Any], episode: Exploitation | None = None
) -> Exploitation:
    """Add or change an episode of exploitation."""
    with audit.act(actor, "cases.set_exploitation", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        row = episode or Exploitation(case=case, main=not case.exploitations.filter(main=True).exists())
        for name, value in values.items():
            setattr(row, name, value)
        if row.main_form and row.main_form not in row.forms and row.main_form not in SPECIFIC_STATES:
            row.forms = [row.main_form, *row.forms]
        row.main_form = row.main_form or (row.forms[0] if row.forms else "")
        check_codes(row)
        row.save()
        add_timeline_event(actor, case, timezone.localdate(), "exploitation")
    return row
