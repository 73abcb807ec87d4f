"""Loading of the demo programme into an empty register, through the services that the pages use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.awareness import models as awareness_models
from kerege.casework.awareness import services as awareness
from kerege.casework.cases.models.case import Case
from kerege.casework.justice import models as justice_models
from kerege.casework.justice import services as justice
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.demo.loading.board_targets import load_targets
from kerege.demo.loading.care import load_care
from kerege.demo.loading.cases import load_cases
from kerege.demo.loading.coordination import load_coordination
from kerege.demo.loading.emergency import load_emergency
from kerege.demo.loading.files import load_files
from kerege.demo.loading.handover import load_handover
from kerege.demo.loading.live_work import load_live
from kerege.demo.loading.proceedings import load_proceedings
from kerege.demo.loading.record_linkage import linked, load_persons
from kerege.demo.loading.rights import load_rights
from kerege.demo.loading.work import load_work
from kerege.demo.programme import generate, world

Progress = Callable[[str], None]
Agencies = dict[str, Agency]


def _silent(step: str) -> None:
    """Report no progress."""


def _nothing() -> None:
    """Do nothing."""


@transaction.atomic
def load(
    today: date | None = None,
    progress: Progress = _silent,
    counted: Callable[[], None] = _nothing,
    invent: Callable[[], world.World] | None = None,
) -> dict[str, int]:
    """Fill an empty register with the programme as of a day; return how many records of each kind.

    `counted` is called within the transaction when all data of the published years is stored. `invent`
    returns the records if another process generates them.
    Raises Refused when the register is not empty. Runs in one transaction.
    """
    if Agency.objects.exists() or User.objects.exists() or Case.objects.exists():
        raise Refused("the register is not empty: the demo programme is written into an empty one only")
    progress("inventing people")
    built = invent() if invent else generate.build(today or timezone.localdate())
    return fill(built, progress, today, counted)


def fill(
    built: world.World,
    progress: Progress = _silent,
    today: date | None = None,
    counted: Callable[[], None] = _nothing,
) -> dict[str, int]:
    """Write generated records; return how many of each kind. `counted` is as in `load`."""
    actor = Actor.system("demo")
    progress("agencies and users")
    agencies = load_agencies(built.agencies)
    users = load_users(built.users, agencies)
    progress("cases, services and decisions")
    cases = load_cases(actor, [*built.cases, *built.live.cases], agencies, users, linked(built))
    progress("crimes, hotline and campaigns")
    load_crimes(actor, [*built.crimes, *built.live.crimes], agencies)
    load_awareness(actor, built, agencies)
    counted()
    progress("this morning's work")
    load_live(actor, built.live, cases, agencies, users)
    load_handover(actor, cases, agencies)
    load_proceedings(actor, cases, agencies, today or timezone.localdate())
    load_care(actor, cases, agencies, today or timezone.localdate())
    load_rights(actor, cases, agencies, today or timezone.localdate())
    load_emergency(cases, agencies, users)
    load_files(actor, cases, agencies, today or timezone.localdate())
    load_work(actor, cases, agencies, users, today or timezone.localdate())
    load_coordination(actor, agencies, users, today or timezone.localdate())
    load_targets(users, today or timezone.localdate())
    progress("who is the same person")
    added = load_persons(built, cases, agencies, users, today or timezone.localdate())
    services = sum(len(case.services) for case in [*built.cases, *built.live.cases])
    counts = {"agencies": len(agencies), "users": len(users), "cases": len(cases) + added, "services": services}
    return counts | {"crimes": len(built.crimes) + len(built.live.crimes), "contacts": len(built.contacts)}


def load_agencies(rows: list[world.DemoAgency]) -> Agencies:
    """Store the agencies, parents first."""
    stored: Agencies = {}
    for row in sorted(rows, key=lambda row: bool(row.parent)):
        stored[row.code] = Agency.objects.create(
            code=row.register_code or row.code,
            kind=row.kind,
            region=row.region,
            country=row.country,
            parent=stored.get(row.parent),
            languages=list(row.languages),
            national=row.national,
            names=row.names,
        )
    return stored


def load_users(rows: list[world.DemoUser], agencies: Agencies) -> dict[str, User]:
    """Store the users. They have no password: people sign in with the demo's buttons."""
    stored = {}
    for row in rows:
        user = User.objects.create_user(row.username, full_name=row.full_name, language=row.language)
        user.assignments.create(agency=agencies[row.agency], role=row.role)
        stored[row.username] = user
    return stored


def load_crimes(actor: Actor, rows: list[world.DemoCrime], agencies: Agencies) -> None:
    """Store the crimes of both sources and their suspects."""
    crimes, suspects = [], []
    for row in rows:
        crime = justice_models.Crime(
            agency=agencies[row.agency],
            source=row.source,
            register_number=row.number,
            offence=row.offence,
            registered_on=row.registered_on,
            region=row.region,
            stage=row.stage,
            stage_on=row.stage_on,
        )
        crimes.append(crime)
        for sex, roles, group, stage in row.suspects:
            suspects.append(
                justice_models.Suspect(crime=crime, sex=sex, roles=roles, organised_group=group, stage=stage)
            )
    justice.record_crimes(actor, crimes, suspects)


def load_awareness(actor: Actor, built: world.World, agencies: Agencies) -> None:
    """Store campaigns and hotline contacts."""
    campaigns = [awareness_models.Campaign(**vars(row) | {"agency": agencies[row.agency]}) for row in built.campaigns]
    awareness.record_campaigns(actor, campaigns)
    contacts = [awareness_models.HotlineContact(agency=agencies["hotline"], **vars(row)) for row in built.contacts]
    awareness.record_contacts(actor, contacts)
