"""Snapshots: the register as of a day, one coded row for each unit.

Rows have no name, no day and no place below the region. None means not reported; unknown, not asked, refused and no
keep their codes. The number of queries for a unit does not depend on the size of the register.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from kerege.base import files
from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.provision import Service
from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.casework.exchange.snapshots import victim_rows
from kerege.casework.justice.models import CaseLink, Suspect
from kerege.casework.justice.queries import counted, stages_on
from kerege.core import audit, authorization
from kerege.core.accounts.models import Installation
from kerege.core.authorization import Actor, session_scope
from kerege.core.security.keyring import keyring
from kerege.evidence.data import snapshot
from kerege.evidence.data.person_numbers import PERSON_IDS
from kerege.evidence.data.snapshot_metadata import PackStamp
from kerege.vocabulary import codes
from kerege.vocabulary.dates import half, quarter
from kerege.vocabulary.pack import active_pack
from kerege.vocabulary.snapshot_columns import columns, people_of, units

RECORD = "record_id"
Row = dict[str, Any]


def rows(unit: str, as_of: date) -> list[Row]:
    """Return the rows of a unit: the standard's columns and `record_id`. The caller checks the right.

    Rows about people of another unit have the ids of these people under `person_ids`; a snapshot numbers them.
    """
    if unit not in BUILDERS:
        raise BadInput(Fault(f"there is no unit {unit!r}", f"use one of {', '.join(units())}"))
    declared, has_people = columns(unit), people_of(unit) is not None
    with session_scope.bypass_row_security("a snapshot counts the whole register, without names"):
        return [
            {column.name: row.get(column.name) or None for column in declared}
            | {RECORD: str(row_id)}
            | ({PERSON_IDS: [str(person) for person in row[PERSON_IDS]]} if has_people else {})
            for row_id, row in BUILDERS[unit](as_of)
        ]


def write(actor: Actor, unit: str, path: Path, as_of: date | None = None) -> int:
    """Write a snapshot of a unit; return the number of rows. The file stays on the server."""
    day = as_of or timezone.localdate()
    with audit.act(actor, "exchange.snapshot", target=f"snapshot:{unit}") as event:
        authorization.require(actor, "exchange.snapshot")
        unit_rows = rows(unit, day)
        # a person has the same record key in every snapshot until an operator rotates the key
        _, key = keyring().current("record")
        snapshot.write(
            path,
            unit,
            unit_rows,
            as_of=day.isoformat(),
            invented=Installation.is_demo(),
            key=key,
            pack=PackStamp(**active_pack().stamp),
        )
        event.note(unit=unit, rows=len(unit_rows), as_of=day.isoformat(), sha256=files.file_hash(path))
    return len(unit_rows)


def write_snapshots(actor: Actor) -> list[Path]:
    """Write a snapshot of every unit that has rows; return the paths."""
    now = timezone.localtime()
    written = []
    for unit in units():
        path = files.home() / "snapshots" / f"{unit}-{now:%Y%m%d-%H%M%S}.parquet"
        if write(actor, unit, path, now.date()):
            written.append(path)
        else:
            path.unlink()  # a snapshot without rows is useless
    return written


def service_rows(as_of: date) -> list[tuple[UUID, Row]]:
    """Return a row for each service, dated by its start, else its request, else the case registration."""
    programmes = {code.code: code.extras.get("programme", "") for code in codes.code_list("service").codes.values()}
    groups = {code.code: code.parent for code in codes.code_list("age_band").codes.values()}
    service_rows = []
    person_of = victim_rows.persons_on(as_of)
    names = (
        "pk",
        "kind",
        "payer",
        "status",
        "started_on",
        "requested_on",
        "ended_on",
        "provider__kind",
        "case__registered_on",
        "case__region",
        "case__sex",
        "case__age_band",
        "case__citizenships",
        "case__record_id",
    )
    for row in Service.objects.order_by("pk").values(*names):
        first_day = row["started_on"] or row["requested_on"] or row["case__registered_on"]
        if first_day > as_of or row["case__registered_on"] > as_of:
            continue
        is_running = row["status"] in victim_rows.BEGUN and row["ended_on"] and row["ended_on"] > as_of
        coded = {
            "year": str(first_day.year),
            "quarter": quarter(first_day),
            "service": row["kind"],
            "programme_kind": programmes.get(row["kind"], ""),
            "payer": row["payer"],
            "provider_kind": row["provider__kind"],
            "region": row["case__region"],
            "service_status": "ongoing" if is_running else row["status"],
            "sex": row["case__sex"],
            "age_group": groups.get(row["case__age_band"], row["case__age_band"]),
            "citizenship": next(iter(row["case__citizenships"]), ""),
            PERSON_IDS: [person_of[row["case__record_id"]]],
        }
        service_rows.append((row["pk"], coded))
    return service_rows


def crime_rows(as_of: date) -> list[tuple[UUID, Row]]:
    """Return a row for each counted crime, with its stage as of the day and its linked victims."""
    crimes = counted().filter(registered_on__lte=as_of)
    earlier = stages_on(crimes, as_of)
    victims = _victims_of_crimes(as_of)
    return [
        (
            crime.pk,
            {
                "year": str(crime.registered_on.year),
                "half": half(crime.registered_on),
                "quarter": quarter(crime.registered_on),
                "offence": crime.offence,
                "source": crime.source,
                "region": crime.region,
                "crime_stage": earlier.get(crime.pk, crime.stage),
                PERSON_IDS: victims.get(crime.pk, []),
            },
        )
        for crime in crimes.order_by("pk")
    ]


def _victims_of_crimes(as_of: date) -> dict[UUID, list[UUID]]:
    """Return the persons whose cases are linked to each crime."""
    person_of = victim_rows.persons_on(as_of)
    victims: dict[UUID, list[UUID]] = {}
    links = CaseLink.objects.filter(case__registered_on__lte=as_of).order_by("pk")
    for crime, record in links.values_list("crime_id", "case__record_id"):
        victims.setdefault(crime, []).append(person_of[record])
    return victims


def suspect_rows(as_of: date) -> list[tuple[UUID, Row]]:
    """Return a row for each suspect, in the year of the crime."""
    return [
        (
            row.pk,
            {
                "year": str(row.crime.registered_on.year),
                "sex": row.sex,
                "suspect_role": row.roles,
                "organised_group": row.organised_group,
                "crime_stage": row.stage,
                "source": row.crime.source,
            },
        )
        for row in Suspect.objects.filter(crime__in=counted().filter(registered_on__lte=as_of))
        .select_related("crime")
        .order_by("pk")
    ]


def contact_rows(as_of: date) -> list[tuple[UUID, Row]]:
    """Return a row for each hotline contact."""
    contact_rows = []
    for row in HotlineContact.objects.order_by("pk"):
        day = timezone.localtime(row.at).date()
        if day <= as_of:
            values = {"year": str(day.year), "quarter": quarter(day), "channel": row.channel, "caller": row.caller}
            more_values = {"topic": row.topic, "outcome": row.outcome, "region": row.region, "language": row.language}
            contact_rows.append((row.pk, values | more_values))
    return contact_rows


def campaign_rows(as_of: date) -> list[tuple[UUID, Row]]:
    """Return a row for each campaign, dated by its start."""
    return [
        (
            row.pk,
            {
                "year": str(row.starts_on.year),
                "quarter": quarter(row.starts_on),
                "audience": row.audience,
                "region": row.region,
                "channel": row.channels,
            },
        )
        for row in Campaign.objects.filter(starts_on__lte=as_of).order_by("pk")
    ]


BUILDERS: dict[str, Callable[[date], list[tuple[UUID, Row]]]] = {
    "victims": victim_rows.victim_rows,
    "services": service_rows,
    "crimes": crime_rows,
    "suspects": suspect_rows,
    "contacts": contact_rows,
    "campaigns": campaign_rows,
}
