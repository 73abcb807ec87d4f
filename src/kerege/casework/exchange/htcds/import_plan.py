"""Import of HTCDS records: everything is read and compared first, then written in one transaction, or nothing is."""

from __future__ import annotations

import gc
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.agency_lookup import AgencyLookup
from kerege.casework.exchange.htcds import column_renaming as maps
from kerege.casework.exchange.htcds.changes import CaseChange, compare_case
from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.existing_cases import CHUNK, StoredCase, load_stored_cases
from kerege.casework.exchange.htcds.parsed_cases import OWN_ID, ParsedCase, ParsedPerson, parse_persons
from kerege.casework.exchange.htcds.read_file import Faults, FileTable, open_table, table_of_records
from kerege.casework.exchange.htcds.write_plan import write_changes, write_new
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import audit, authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.database.bulk_insert import analyse
from kerege.core.integrations.services import emit_all

# persons that are written together; memory stays small and statements large
BATCH = 2500


@dataclass
class Summary:
    """What an import did, or would do."""

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

    @property
    def unchanged(self) -> bool:
        """Whether the register holds all of it already."""
        return not (self.persons_new or self.cases_new or self.cases_changed)


@dataclass
class ImportPlan:
    """What is to be written."""

    new: list[tuple[ParsedPerson, IdentityRecord | None, StoredCase | None, list[ParsedCase]]] = field(
        default_factory=list
    )
    changes: list[CaseChange] = field(default_factory=list)


def import_file(
    actor: Actor, path: Path, *, map_path: Path | None = None, agency_code: str = "", dry_run: bool = False
) -> Summary:
    """Import a file of HTCDS records. Raises BadInput with every fault; then nothing has been written."""
    authorization.require(actor, "exchange.import")
    known = file_columns()
    table = open_table(path, known, maps.load_map(map_path, known) if map_path else None)
    parties = AgencyLookup()
    persons = parse_persons(table, parties, named_agency(parties, agency_code))
    return run_import(actor, table, parties, persons, target=f"file:{file_digest(path)}", dry_run=dry_run)


def import_records(actor: Actor, records: Sequence[dict[str, Any]], *, dry_run: bool = False) -> Summary:
    """Import rows that a system of the actor's agency sends. They are that agency's, and make no other one."""
    agency = agency_of(actor)
    authorization.require(actor, "exchange.import_own", agency)
    table, parties = table_of_records(records, file_columns()), AgencyLookup()
    persons = parse_persons(table, parties, agency)
    if parties.added:
        table.faults.add("names an agency that does not take part", "use the code of a registered agency")
    table.faults.stop()
    # the rows are proved to be the agency's own: what follows is what the operator's import does
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
    """Compare and write in one act; with an `owner`, a case that is another agency's by now cannot be changed."""
    summary = Summary(table.file, dry_run, agencies_new=[agency.name_en for agency in parties.added])
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
    """The systems of the agencies whose records came in learn of how many cases; they ask for the rest."""
    cases: Counter[UUID] = Counter()
    for person in persons:
        cases[person.agency.pk] += len(person.cases)
    emit_all("records.imported", [(agency_id, {"cases": count}) for agency_id, count in cases.items()])


def write_plan(actor: Actor, parties: AgencyLookup, plan: ImportPlan) -> None:
    """Write a plan. What was read stays until the end, so the garbage collector need not walk through it each time."""
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
    """The registered agency of `--agency`; None when the rows say themselves."""
    if not code:
        return None
    found = parties.named(code)
    if found is None:
        raise BadInput(Fault(f"no agency has the code {code}", "register it first, or leave --agency out"))
    return found


def file_digest(path: Path) -> str:
    """First half of the SHA-256 of the file, by which the audit names it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:32]


def split(items: list[Any], size: int) -> Iterator[list[Any]]:
    """Parts of a list."""
    return (items[start : start + size] for start in range(0, len(items), size))


def make_plan(actor: Actor, faults: Faults, persons: list[ParsedPerson], summary: Summary) -> ImportPlan:
    """Compare what is told with what is stored; counts into the summary, conflicts into the faults."""
    plan, today = ImportPlan(), timezone.localdate()
    for batch in split(persons, BATCH):
        records, cases = find_known(batch)
        stored = load_stored(actor, batch, records, cases)
        for person in batch:
            plan_person(faults, plan, summary, person, records, cases, stored, today)
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
    """Decide for one person what is new, what is known and what changes."""
    record = records.get(person_source(person))
    known = [(case, cases[source]) for case in person.cases.values() if (source := case_source(person, case)) in cases]
    for told, case in known:
        record = record or case.record
        if case.record_id != record.pk:
            what = "the register knows this case as another person's"
            faults.add(what, "correct one of the two ids", told.row, "cas_Id")
            return
    summary.persons_known += record is not None
    summary.persons_new += record is None
    example = next((stored[case.id] for _, case in known if case.id in stored), None)
    if record is not None and example is None:
        example = next((item for item in stored.values() if item.case.record_id == record.pk), None)
    for told, case in known:
        summary.cases_known += 1
        change = compare_case(faults, person, told, stored[case.id]) if case.id in stored else None
        if change:
            plan.changes.append(change)
            summary.cases_changed += 1
            count_rows(summary, change.groups)
        else:
            summary.rows_unchanged += told.rows
        summary.rows += told.rows
    known_keys = {told.key for told, _ in known}
    fresh = [told for told in person.cases.values() if told.key not in known_keys]
    for told in fresh:
        summary.rows += told.rows
        summary.cases_new += 1
        count_rows(summary, told.groups, told)
    if fresh:
        plan.new.append((person, record, example, fresh))


def count_rows(summary: Summary, groups: dict[str, Any], case: ParsedCase | None = None) -> None:
    """Count the rows of groups that come in."""
    summary.services += len(groups.get("svc", ()))
    summary.decisions += len(case.all_decisions() if case else groups.get("dec", ()))
    summary.comments += len(groups.get("cco", ()))


def person_source(person: ParsedPerson) -> bytes:
    """The keyed hash by which the register knows a person, or the id of its own record."""
    if not person.source:
        own = OWN_ID.fullmatch(person.key)
        person.source = UUID(own[1]).bytes if own else envelope.source_key(person.agency.id, person.key)
    return person.source


def case_source(person: ParsedPerson, case: ParsedCase) -> bytes:
    """The keyed hash by which the register knows a case, or its own id."""
    if not case.source:
        own = OWN_ID.fullmatch(case.key)
        case.source = UUID(own[1]).bytes if own else envelope.source_key(person.agency.id, f"case:{case.key}")
    return case.source


def find_known(persons: Iterable[ParsedPerson]) -> tuple[dict[bytes, IdentityRecord], dict[bytes, Case]]:
    """Stored records and cases of persons and their cases, by source; an own id counts only at the agency it is of."""
    persons = [person for person in persons if not person.agency._state.adding]
    wanted = {person_source(person): person.agency.id for person in persons}
    wanted_cases = {case_source(p, case): p.agency.id for p in persons for case in p.cases.values()}
    records = IdentityRecord.objects.select_related("data_key")
    cases = Case.objects.select_related("record__data_key", "supplement__data_key", "registered_by_agency", "agency")
    return (
        {source: row for source, row in find_by_source(records, wanted) if row.agency_id == wanted[source]},
        {
            source: row
            for source, row in find_by_source(cases, wanted_cases)
            if row.registered_by_agency_id == wanted_cases[source]
        },
    )


def find_by_source(rows: Any, wanted: dict[bytes, UUID]) -> Iterator[tuple[bytes, Any]]:
    """(source, row) of the rows with these source keys or, for our own ids, primary keys."""
    for part in split(list(wanted), CHUNK):
        hashes = [source for source in part if len(source) == 32]
        ids = [UUID(bytes=source) for source in part if len(source) == 16]
        for row in rows.filter(source_key__in=hashes) if hashes else ():
            yield bytes(row.source_key), row
        for row in rows.filter(pk__in=ids) if ids else ():
            yield row.pk.bytes, row


def load_stored(
    actor: Actor, persons: list[ParsedPerson], records: dict[bytes, IdentityRecord], cases: dict[bytes, Case]
) -> dict[UUID, StoredCase]:
    """Values of the stored cases that have to be compared: those known by id, and one of each person known by id."""
    wanted: dict[UUID, Case] = {}
    without: set[UUID] = set()
    for person in persons:
        known = [(case, cases.get(case_source(person, case))) for case in person.cases.values()]
        wanted |= {row.id: row for case, row in known if row and not case.by_row}
        record = records.get(person_source(person))
        compared = any(row and not case.by_row for case, row in known)
        if record and not compared and any(row is None for _, row in known):
            without.add(record.pk)
    more = Case.objects.filter(record__in=without).select_related(
        "record__data_key", "supplement__data_key", "registered_by_agency", "agency"
    )
    wanted |= {row.id: row for row in more}
    parts = (load_stored_cases(actor, part, identities=True) for part in split(list(wanted.values()), CHUNK))
    return {item.case.id: item for part in parts for item in part}
