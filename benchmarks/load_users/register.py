"""A register of a whole country, and the daily life around its cases. Used by benchmarks/load.py."""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from import_htcds import record

AGENCIES = 40
CASES_A_PERSON = 2.5
FILE = 100_000  # cases in one file to import
PERSON = ("prs_", "org_")
# staff of an agency, and what a caseworker carries
STAFF = ["caseworker"] * 12 + ["supervisor"] * 2 + ["identifying_officer"]
CARRIED = 40


def row(case: int, persons: int) -> dict[str, str]:
    """A case of a person; the person's own values are the same on all their cases."""
    person = case % persons
    own = {name: value for name, value in record(person, random.Random(person)).items() if name.startswith(PERSON)}
    fields = record(case, random.Random(-case - 1)) | own
    agency = person % AGENCIES + 1
    return fields | {"org_Name": f"Centre {agency:02d}", "org_Kind": "crisis_centre", "cas_Id": f"c{case}"}


def build(run: Callable[..., None], folder: Path, persons: int) -> None:
    """Import the register file by file, each with persons of its own."""
    run("migrate")
    file_persons = round(FILE / CASES_A_PERSON)
    for number, first in enumerate(range(0, persons, file_persons)):
        here, begun = min(file_persons, persons - first), time.perf_counter()
        path = folder / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(row(0, 1)))
            writer.writeheader()
            for case in range(round(here * CASES_A_PERSON)):
                fields = row(case, here)
                fields |= {"prs_Id": f"p{first + case % here}", "cas_Id": f"c{number}-{case}"}
                writer.writerow(fields | {"prs_IdentityNumber": f"{first + case % here:012d}"})
        run("import", str(path))
        path.unlink()
        print(f"{first + here:>9,} persons, {time.perf_counter() - begun:.0f} s", flush=True)


def fill() -> None:
    """Add staff, their cases and plans, and an authority that decides.

    Add shares, referrals, signals and notes.
    """
    from kerege.core.accounts.models import Agency
    from kerege.core.authorization import Actor
    from kerege.core.row_security import policies

    begun, operator = time.perf_counter(), Actor.system("benchmark")
    centres = list(Agency.objects.filter(kind="crisis_centre").order_by("code"))
    office = Agency.objects.create(code="committee", kind="social_protection", names={"en": "Committee"})
    everybody = [*centres, office]
    with policies.acting(operator):
        for number, agency in enumerate(everybody):
            others = [*everybody[number + 1 :], *everybody[:number]]
            carried = _staff(agency)
            _care(agency, carried)
            _plan(agency, carried)
            if agency is not office:
                _share(agency, office, others[:8])
                _signals(operator, agency, office)
                _notes(carried[::8])
    print(f"daily life, {time.perf_counter() - begun:.0f} s", flush=True)


def _staff(agency: Any) -> list[Any]:
    """People who work there, and the open cases assigned to them."""
    from kerege.casework.cases.models.case import Case
    from kerege.core.accounts.models import User

    users = []
    for number, role in enumerate(STAFF):
        name = {"full_name": f"Worker {number} of {agency.code}", "language": "en"}
        user = User.objects.create_user(f"{agency.code}-{number}", None, **name)
        user.assignments.create(agency=agency, role=role)
        users += [user] * (role == "caseworker")
    cases = list(Case.objects.filter(agency=agency, status="open").select_related("record__data_key"))
    random.Random(1).shuffle(cases)
    carried = cases[: CARRIED * len(users)]
    for number, case in enumerate(carried):
        case.caseworker = users[number % len(users)]
        case.risk_level = ("high", "medium", "low", "")[number % 4]
    Case.objects.bulk_update(carried, ["caseworker", "risk_level"], batch_size=500)
    return carried


def _care(agency: Any, carried: list[Any]) -> None:
    """Add two open tasks and three done ones to every case with a caseworker."""
    from django.utils import timezone

    from kerege.casework.cases.models.case import Task

    now, chance, tasks = timezone.now(), random.Random(2), []
    for case in carried:
        about = {"agency": agency, "case": case, "assignee": case.caseworker, "created_at": now}
        for number in range(5):
            due = now.date() + timedelta(days=chance.randint(-20, 60) - 100 * (number > 1))
            done = {"done_at": now - timedelta(days=30), "done_by": f"user:{case.caseworker}"} if number > 1 else {}
            tasks.append(Task(kind="contact_person", due_on=due, **about, **done))
    Task.objects.bulk_create(tasks, batch_size=2000)


def _plan(agency: Any, carried: list[Any]) -> None:
    """A plan with three goals, three assessments and four services on every such case."""
    from django.utils import timezone

    from kerege.casework.assistance.models.needs import Assessment
    from kerege.casework.assistance.models.plans import Goal, Plan
    from kerege.casework.assistance.models.provision import Service

    now = timezone.now()
    day, by = now.date() - timedelta(days=90), f"user:{agency.code}-0"
    plans = [Plan(case=case, kind="social_care", starts_on=day, created_by=by) for case in carried]
    domains = ("housing", "health", "documents")
    Plan.objects.bulk_create(plans, batch_size=2000)
    goals = [Goal(plan=plan, domain=domain, created_at=now) for plan in plans for domain in domains]
    Goal.objects.bulk_create(goals, batch_size=2000)
    needs = [
        Assessment(
            case=case,
            on=day + timedelta(days=30 * number),
            needs={"housing": 3 - number, "health": number},
            risk_level="medium",
            assessed_by=by,
            created_at=now,
        )
        for case in carried
        for number in range(3)
    ]
    Assessment.objects.bulk_create(needs, batch_size=2000)
    kinds = ("medical_care", "legal_aid", "material_aid", "education")
    services = [
        Service(case=case, kind=kind, payer="state", provider=agency, started_on=day, created_at=now, created_by=by)
        for case in carried
        for kind in kinds
    ]
    Service.objects.bulk_create(services, batch_size=2000)


def _share(agency: Any, office: Any, others: list[Any]) -> None:
    """Add consents, shares and referrals.

    They are with eight other agencies, and with the authority that has to decide.
    """
    from django.utils import timezone

    from kerege.casework.assistance.models.consents import Consent
    from kerege.casework.assistance.models.referrals import Referral, ReferralStep
    from kerege.casework.cases.models.case import Case, Share
    from kerege.casework.intake.models import DecisionRequest

    now, by = timezone.now(), f"user:{agency.code}-0"
    categories = ["identity", "contact", "exploitation", "services"]
    cases = list(Case.objects.filter(agency=agency, status="open").order_by("pk")[:700])
    consents, shares, referrals, requests = [], [], [], []
    for number, case in enumerate(cases):
        to = office if number < 100 else others[number % len(others)]
        if to == agency:
            continue
        given = {"on": now.date() - timedelta(days=40), "created_at": now, "recorded_by": by, "given": True}
        consent = Consent(case=case, purpose="sharing_with_agency", recipient=to, categories=categories, **given)
        consents.append(consent)
        open_now = number % 3 == 0
        until = None if open_now else now - timedelta(days=1)
        on = {"basis": "consent", "basis_id": consent.id, "named": True, "from_at": now - timedelta(days=40)}
        shares.append(Share(case=case, agency=to, categories=categories, to_at=until, **on))
        if to == office:
            since = {"requested_on": now.date() - timedelta(days=number % 20), "created_at": now, "requested_by": by}
            requests.append(DecisionRequest(case=case, track="social", authority=to, from_agency=agency, **since))
        sent = {"sent_at": now - timedelta(days=40), "due_on": now.date() + timedelta(days=number % 9 - 2)}
        ended = {"answered_at": now - timedelta(days=30), "completed_at": now - timedelta(days=5)}
        waiting = open_now and number % 2
        state = (
            {"status": ("sent", "seen", "accepted")[number % 9 // 3]} if waiting else {"status": "completed"} | ended
        )
        parties = {"from_agency": agency, "to_agency": to, "sent_by": by}
        what = {"services": ["shelter"], "categories": categories, "consent": consent}
        referrals.append(Referral(case=case, **parties, **what, **sent, **state))
    steps = [ReferralStep(referral=row, kind="sent", at=row.sent_at, by=by, agency=agency) for row in referrals]
    for rows in (consents, shares, referrals, steps, requests):
        type(rows[0]).objects.bulk_create(rows, batch_size=2000)


def _signals(operator: Any, agency: Any, office: Any) -> None:
    """Calls that wait."""
    from kerege.casework.intake.services.signals import SignalDraft, send_signals

    draft = {"from_agency": office, "to_agency": agency, "channel": "hotline"}
    send_signals(operator, [SignalDraft(**draft, narrative=f"A call, number {number}.") for number in range(25)])


def _notes(carried: list[Any]) -> None:
    """Three notes on some cases, written as people write them."""
    from kerege.casework.cases.services.assignment import add_note
    from kerege.core.accounts.actors import actor_for

    for case in carried:
        for _ in range(3):
            add_note(actor_for(case.caseworker), case, "Ұйқысы жақсарды, дәрігерге барды. " * 5)
