"""Export of HTCDS records in canonical order, which another register can import.

Without identity a file holds codes, days and Kerege's own ids, and no text that may name a person. With identity it
holds all values. Values that a spreadsheet would read as a formula stay unchanged, since an import must read them
back; `README.txt` beside the file explains how to open it safely.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_dir
from kerege.casework.cases.models.case import Case
from kerege.casework.exchange.htcds.columns import GROUPS, FileColumn, file_columns
from kerege.casework.exchange.htcds.existing_cases import CHUNK, StoredCase, load_stored_cases
from kerege.casework.exchange.htcds.field_mapping import Values, country_code
from kerege.casework.exchange.htcds.parsed_cases import OWN_ID
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

FILE = "htcds.csv"
NOTE = "README.txt"
RELATED = ("record__data_key", "supplement__data_key", "registered_by_agency")
README = """HTCDS 2.0 records with Kerege's extension columns in UTF-8: one row per case, more where a group repeats.
Read it with `kerege import`. A cell may begin with =, +, - or @, because a name or a text begins so: when you open
the file in a spreadsheet, import it as text and let no formula be computed.
"""
PRIVATE = "This file names people. Store and send it encrypted, and delete it when it has arrived.\n"


@dataclass
class HtcdsExport:
    """Result of an export."""

    file: str
    rows: int
    cases: int
    with_identity: bool


def export(actor: Actor, out: Path, *, agency_code: str = "", with_identity: bool = False) -> HtcdsExport:
    """Write the cases that the actor may export into a new folder; it appears only when complete."""
    action = "exchange.export_identities" if with_identity else "exchange.export"
    with audit.act(actor, action) as event:
        authorization.require(actor, "exchange.export")
        authorization.require(actor, action)
        records = list(rows_of_cases(actor, cases_of(actor, action, agency_code), with_identity))
        # the same order in every register with these records
        records.sort(key=lambda rows: (rows[0].get("org_Name", ""), rows[0]["cas_RegistrationDate"], rows[0]["cas_Id"]))
        names = [column.name for column in file_columns().values() if with_identity or not column.identity]
        with atomic_dir(out) as folder:
            count = write_csv(folder / FILE, names, (row for rows in records for row in rows))
            (folder / NOTE).write_text(README + (PRIVATE if with_identity else ""), encoding="utf-8")
            for file in folder.iterdir():
                file.chmod(0o600 if with_identity else 0o644)
        event.note(format="htcds", cases=len(records), rows=count, agency=agency_code)
    return HtcdsExport(str(out / FILE), count, len(records), with_identity)


def rows_of_agency(actor: Actor) -> list[Values]:
    """Return the rows of the actor's agency without identity."""
    with audit.act(actor, "exchange.export") as event:
        records = list(rows_of_cases(actor, cases_of(actor, "exchange.export", ""), with_identity=False))
        records.sort(key=lambda rows: (rows[0]["cas_RegistrationDate"], rows[0]["cas_Id"]))
        event.note(format="htcds", cases=len(records))
    return [row for rows in records for row in rows]


def rows_of_page(actor: Actor, choose: Callable[[QuerySet[Case]], list[Case]]) -> list[Values]:
    """Return the rows of the cases that `choose` takes from those of the actor's agency, without identity."""
    with audit.act(actor, "exchange.export") as event:
        cases = authorization.scope(actor, Case, action="exchange.export").select_related(*RELATED)
        page = choose(cases)
        # a person's values are those of their first case, which may be on another page
        people = list(cases.filter(pk__in=first_cases(cases, {case.record_id for case in page})))
        firsts = load_stored_cases(actor, people, identities=False, comments=False)
        persons = {stored.case.record_id: stored.person for stored in firsts}
        records = list(rows_of_cases(actor, [page], with_identity=False, people=persons))
        event.note(format="htcds", cases=len(records))
    return [row for rows in records for row in rows]


def first_cases(cases: QuerySet[Case], record_ids: set[UUID]) -> set[UUID]:
    """Return the ids of the first case of each record."""
    firsts: dict[UUID, UUID] = {}
    for record_id, case_id in cases.filter(record__in=record_ids).order_by("pk").values_list("record_id", "pk"):
        firsts.setdefault(record_id, case_id)
    return set(firsts.values())


def cases_of(actor: Actor, action: str, agency_code: str) -> Iterator[list[Case]]:
    """Yield the cases to export, in chunks of CHUNK; raise BadInput for an unknown agency."""
    cases = authorization.scope(actor, Case, action=action)
    if agency_code:
        agency = Agency.objects.filter(code=agency_code).first()
        if agency is None:
            raise BadInput(Fault(f"no agency has the code {agency_code}", "check the code"))
        cases = cases.filter(agency=agency)
    cases = cases.select_related(*RELATED).order_by("pk")
    ids = list(cases.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield list(cases.filter(pk__in=ids[start : start + CHUNK]))


def rows_of_cases(
    actor: Actor, chunks: Iterable[list[Case]], with_identity: bool, people: dict[UUID, Values] | None = None
) -> Iterator[list[Values]]:
    """Yield the rows of each case; a person's values are those of their first case on all cases.

    `people` holds values of persons that are known already, by record.
    """
    people = people or {}
    for cases in chunks:
        for stored in load_stored_cases(actor, cases, identities=with_identity, comments=with_identity):
            person = people.setdefault(stored.case.record_id, stored.person)
            yield case_rows(stored, person, with_identity)


def case_rows(stored: StoredCase, person: Values, with_identity: bool) -> list[Values]:
    """Return the rows of a case.

    The first row has all single values. Each row repeats the ids and has at most one row of each group.
    """
    ids = ids_of(stored, with_identity) | {"org_Name": stored.values["org_Name"]}
    groups = {name: distinct_rows(allowed_values(row, with_identity) for row in stored.groups[name]) for name in GROUPS}
    first_row = allowed_values(stored.values | person, with_identity) | ids
    rows = [first_row] + [dict(ids) for _ in range(max(map(len, groups.values())) - 1)]
    for group in groups.values():
        for row, group_row in zip(rows, group, strict=False):
            row |= group_row
    return rows


def ids_of(stored: StoredCase, with_identity: bool) -> Values:
    """Return the agency's own ids with identity, otherwise Kerege's permanent ids."""
    case, original = stored.case, stored.supplement.get("values", {})
    ids = {"prs_Id": original.get("prs_Id", ""), "cas_Id": original.get("cas_Id", "")}
    if stored.identity and stored.identity.get("source_id"):
        ids["prs_Id"] = stored.identity["source_id"]
    own = {"prs_Id": f"kerege-{case.record_id.hex}", "cas_Id": f"kerege-{case.id.hex}"}
    return {
        name: text if OWN_ID.fullmatch(text) or (with_identity and text) else own[name] for name, text in ids.items()
    }


def allowed_values(values: Values, with_identity: bool) -> Values:
    """Return the values that may be exported; without identity, a country only as a code."""
    if with_identity:
        return values
    known: dict[str, FileColumn] = file_columns()
    open_values = {name: text for name, text in values.items() if not known[name].identity}
    if country := open_values.pop("hte_Country", ""):
        open_values |= {"hte_Country": code} if (code := country_code(country)) else {}
    return open_values


def distinct_rows(rows: Iterable[Values]) -> list[Values]:
    """Return the non-empty rows without duplicates."""
    distinct: list[Values] = []
    for row in rows:
        if row and row not in distinct:
            distinct.append(row)
    return distinct


def write_csv(path: Path, names: list[str], rows: Iterable[Values]) -> int:
    """Write the CSV file; return the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="", lineterminator="\r\n", extrasaction="raise")
        writer.writeheader()
        for row in rows:
            writer.writerow(row)
            count += 1
    return count
