"""Import of HTCDS records: read and compare everything, then write all in one transaction or nothing."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.utils import timezone

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.agency_lookup import AgencyLookup
from kerege.casework.exchange.htcds.changes import CaseChange, compare_case
from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.existing_cases import CHUNK, StoredCase, load_stored_cases
from kerege.casework.exchange.htcds.parsed_cases import OWN_ID, ParsedCase, ParsedPerson, parse_persons
from kerege.casework.exchange.htcds.read_file import Faults, FileTable, table_of_records
from kerege.casework.exchange.htcds.write_plan import write_changes, write_new
from kerege.casework.vault.crypto import source_ids
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import audit, authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import analyse
from kerege.core.integrations.services import emit_all

# persons written together: limits memory and keeps SQL statements large
BATCH = 2500
Item = TypeVar("Item")


@dataclass
class Summary:
    """Counts of an import or of its dry run."""

    file: str
    dry_run: bool = False
    rows: int = 0
    rows_unchanged: int = 0
    persons_new: int = 0
    persons_known: int = 0
    cases_new: int = 0
    cases_known: int = 0
    cases_changed: int = 0
    services: int = 0
    decisions: int = 0
    comments: int = 0
    agencies_new: list[str] = field(default_factory=list)
    read_as: str = ""  # how a file of another system was read
    notes: list[str] = field(default_factory=list)

    @property
    def unchanged(self) -> bool:
        """Return whether the register already holds all records."""
        return not (self.persons_new or self.cases_new or self.cases_changed)


@dataclass
class ImportPlan:
    """New persons with their cases, and changes of known cases."""

    new: list[tuple[ParsedPerson, IdentityRecord | None, StoredCase | None, list[ParsedCase]]] = field(
        default_factory=list
    )
    changes: list[CaseChange] = field(default_factory=list)


def import_records(actor: Actor, records: Sequence[dict[str, Any]], *, dry_run: bool = False) -> Summary:
    """Import rows that a system of the actor's agency sends; they can name no new agency."""
    return import_table(actor, table_of_records(records, file_columns()), dry_run=dry_run)


def import_table(actor: Actor, table: FileTable, *, dry_run: bool = False) -> Summary:
    """Import the rows of a table as those of the actor's agency; they can name no new agency."""
    agency = agency_of(actor)
    authorization.require(actor, "exchange.import_own", agency)
    parties = AgencyLookup()
    persons = parse_persons(table, parties, agency)
    if parties.added:
        table.faults.add("names an agency that does not take part", "use the code of a registered agency")
    table.faults.stop()
    # the rows belong to the agency: from here on, import them with the operator's rights
    importer = Actor(actor.label, agency_id=actor.agency_id, roles=frozenset({"operator"}))
    return run_import(importer, table, parties, persons, target=f"agency:{agency.pk}", dry_run=dry_run, owner=agency)


def run_import(
    actor: Actor,
    table: FileTable,
    parties: AgencyLookup,
    persons: list[ParsedPerson],
    *,
    target: str,
    dry_run: bool,
    owner: Agency | None = None,
) -> Summary:
    """Compare the records with the register and write them, in one audit event.

    With an `owner`, a case that belongs to another agency now cannot be changed. A dry run writes nothing.
    """
    added = [agency.name_in("en") for agency in parties.added]
    summary = Summary(table.file, dry_run, agencies_new=added, read_as=table.read_as, notes=table.notes)
    with audit.act(actor, "exchange.preview" if dry_run else "exchange.import", target) as event:
        plan = make_plan(actor, table.faults, persons, summary)
        if owner is not None and any(change.stored.case.agency_id != owner.pk for change in plan.changes):
            table.faults.add("changes a case that was handed over", "leave it out")
        table.faults.stop()
        if not dry_run:
            write_plan(actor, parties, plan)
            _emit_imported(persons)
        counts = {name: value for name, value in asdict(summary).items() if isinstance(value, int)}
        event.note(**counts, agencies_new=len(parties.added))
    return summary


def _emit_imported(persons: list[ParsedPerson]) -> None:
    """Send the number of imported cases to the systems of each agency."""
    cases: Counter[UUID] = Counter()
    for person in persons:
        cases[person.agency.pk] += len(person.cases)
    emit_all("records.imported", [(agency_id, {"cases": count}) for agency_id, count in cases.items()])


def write_plan(actor: Actor, parties: AgencyLookup, plan: ImportPlan) -> None:
    """Write a plan.

    The parsed records are hidden from the garbage collector, which would otherwise scan them each time.
    """
    gc.freeze()
    try:
        parties.store(actor)
        for batch in split(plan.new, BATCH):
            write_new(actor, parties, batch)
        write_changes(actor, parties, plan.changes)
        if len(plan.new) >= BATCH:
            analyse()
    finally:
        gc.unfreeze()


def named_agency(parties: AgencyLookup, code: str) -> Agency | None:
    """Return the registered agency of `--agency`; None when it is not given. Raise BadInput when unknown."""
    if not code:
        return None
    agency = parties.named(code)
    if agency is None:
        raise BadInput(Fault(f"no agency has the code {code}", "register it first, or leave --agency out"))
    return agency


def file_digest(path: Path) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of the file, for the audit log."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]


def split(items: list[Item], size: int) -> Iterator[list[Item]]:
    """Split a list into parts of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


def make_plan(actor: Actor, faults: Faults, persons: list[ParsedPerson], summary: Summary) -> ImportPlan:
    """Compare the records with the register; add counts to the summary and conflicts to the faults."""
    plan, today = ImportPlan(), timezone.localdate()
    for batch in split(persons, BATCH):
        records, cases = find_known(batch)
        stored = load_stored(actor, batch, records, cases)
        for person in batch:
            plan_person(
                faults, plan, summary=summary, person=person, records=records, cases=cases, stored=stored, today=today
            )
    return plan


def plan_person(
    faults: Faults,
    plan: ImportPlan,
    summary: Summary,
    person: ParsedPerson,
    records: dict[bytes, IdentityRecord],
    cases: dict[bytes, Case],
    stored: dict[UUID, StoredCase],
    today: date,
) -> None:
    """Add the new cases and the changes of one person to the plan."""
    record = records.get(person_source(person))
    known_cases = [
        (case, cases[source]) for case in person.cases.values() if (source := case_source(person, case)) in cases
    ]
    for parsed, case in known_cases:
        record = record or case.record
        if case.record_id != record.pk:
            what = "the register knows this case as another person's"
            faults.add(what, "correct one of the two ids", parsed.row, "cas_Id")
            return
    summary.persons_known += record is not None
    summary.persons_new += record is None
    example = next((stored[case.id] for _, case in known_cases if case.id in stored), None)
    if record is not None and example is None:
        example = next((item for item in stored.values() if item.case.record_id == record.pk), None)
    for parsed, case in known_cases:
        summary.cases_known += 1
        change = compare_case(faults, person, parsed, stored[case.id]) if case.id in stored else None
        if change:
            plan.changes.append(change)
            summary.cases_changed += 1
            count_rows(summary, change.groups)
        else:
            summary.rows_unchanged += parsed.rows
        summary.rows += parsed.rows
    known_keys = {parsed.key for parsed, _ in known_cases}
    new_cases = [parsed for parsed in person.cases.values() if parsed.key not in known_keys]
    for parsed in new_cases:
        summary.rows += parsed.rows
        summary.cases_new += 1
        count_rows(summary, parsed.groups, parsed)
    if new_cases:
        plan.new.append((person, record, example, new_cases))


def count_rows(summary: Summary, groups: dict[str, Any], case: ParsedCase | None = None) -> None:
    """Add the rows of groups to the summary."""
    summary.services += len(groups.get("svc", ()))
    summary.decisions += len(case.all_decisions() if case else groups.get("dec", ()))
    summary.comments += len(groups.get("cco", ()))


def person_source(person: ParsedPerson) -> bytes:
    """Return the source key of a person, or the record id in one of Kerege's own ids."""
    if not person.source:
        own_id = OWN_ID.fullmatch(person.key)
        person.source = UUID(own_id[1]).bytes if own_id else source_ids.source_key(person.agency.id, person.key)
    return person.source


def case_source(person: ParsedPerson, case: ParsedCase) -> bytes:
    """Return the source key of a case, or the case id in one of Kerege's own ids."""
    if not case.source:
        own_id = OWN_ID.fullmatch(case.key)
        case.source = UUID(own_id[1]).bytes if own_id else source_ids.source_key(person.agency.id, f"case:{case.key}")
    return case.source


def find_known(persons: Iterable[ParsedPerson]) -> tuple[dict[bytes, IdentityRecord], dict[bytes, Case]]:
    """Return stored records and cases by source; an own id counts only at its own agency."""
    persons = [person for person in persons if not person.agency._state.adding]
    agency_by_person = {person_source(person): person.agency.id for person in persons}
    agency_by_case = {
        case_source(person, case): person.agency.id for person in persons for case in person.cases.values()
    }
    older = {
        key: source
        for agency_id, source_id, source in list_sources(persons)
        for key in source_ids.older_source_keys(agency_id, source_id)
    }
    records = IdentityRecord.objects.select_related("data_key")
    cases = Case.objects.select_related("record__data_key", "supplement__data_key", "registered_by_agency", "agency")
    return (
        {
            source: row
            for source, row in find_by_source(records, agency_by_person, older)
            if row.agency_id == agency_by_person[source]
        },
        {
            source: row
            for source, row in find_by_source(cases, agency_by_case, older)
            if row.registered_by_agency_id == agency_by_case[source]
        },
    )


def list_sources(persons: Iterable[ParsedPerson]) -> Iterator[tuple[UUID, str, bytes]]:
    """Yield (agency id, source id, source key) of the persons and of their cases."""
    for person in persons:
        yield person.agency.id, person.key, person_source(person)
        for case in person.cases.values():
            yield person.agency.id, f"case:{case.key}", case_source(person, case)


def find_by_source(rows: Any, sources: dict[bytes, UUID], older: dict[bytes, bytes]) -> Iterator[tuple[bytes, Any]]:
    """Yield (source, row) of rows with these source keys or, for own ids, primary keys.

    `older` maps a source key under an older import key to the present one.
    """
    for part in split([*sources, *(key for key, source in older.items() if source in sources)], CHUNK):
        hashes = [source for source in part if len(source) == 32]
        ids = [UUID(bytes=source) for source in part if len(source) == 16]
        for row in rows.filter(source_key__in=hashes) if hashes else ():
            yield older.get(bytes(row.source_key), bytes(row.source_key)), row
        for row in rows.filter(pk__in=ids) if ids else ():
            yield row.pk.bytes, row


def load_stored(
    actor: Actor, persons: list[ParsedPerson], records: dict[bytes, IdentityRecord], cases: dict[bytes, Case]
) -> dict[UUID, StoredCase]:
    """Return the stored cases to compare: those known by id, and one for each person without such a case."""
    cases_to_load: dict[UUID, Case] = {}
    persons_without_case: set[UUID] = set()
    for person in persons:
        known = [(case, cases.get(case_source(person, case))) for case in person.cases.values()]
        cases_to_load |= {row.id: row for case, row in known if row and not case.by_row}
        record = records.get(person_source(person))
        is_compared = any(row and not case.by_row for case, row in known)
        if record and not is_compared and any(row is None for _, row in known):
            persons_without_case.add(record.pk)
    further_cases = Case.objects.filter(record__in=persons_without_case).select_related(
        "record__data_key", "supplement__data_key", "registered_by_agency", "agency"
    )
    cases_to_load |= {row.id: row for row in further_cases}
    parts = (load_stored_cases(actor, part, identities=True) for part in split(list(cases_to_load.values()), CHUNK))
    return {item.case.id: item for part in parts for item in part}
