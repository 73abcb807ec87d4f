"""A crisis centre with a morning's work, served for the journeys.

Start it by `python -m tests.journeys.centre PORT`.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

from tests.web.server import make_users, serve

CANARY = "Канарейкина"
PEOPLE = [
    ("Сәрсенбаева", "Гүлнар", "high"),
    ("Иванова", "Ольга", "medium"),
    (CANARY, "Мадина", "low"),
    ("Rakhimova", "Nodira", ""),
]


def seed() -> None:
    """Four people in the caseworker's hands, one task late, one for today, a signal from the police."""
    from django.utils import timezone

    from kerege.casework.cases.models.case import Task
    from kerege.casework.cases.services import registration
    from kerege.casework.cases.services import tasks as task_services
    from kerege.casework.cases.services.inputs import Registration
    from kerege.casework.intake.services.identification import request_decision
    from kerege.casework.intake.services.signals import SignalDraft, send_signal
    from kerege.core.accounts.models import Agency, User
    from kerege.core.authorization import Actor

    operator, today = Actor.system("journey"), timezone.localdate()
    worker, centre = User.objects.get(username="caseworker"), Agency.objects.get(code="karaganda")
    police = Agency.objects.create(
        code="police", kind="internal_affairs", names={"kk": "Полиция", "ru": "Полиция", "en": "Police"}
    )
    cases = []
    for family, given, risk in PEOPLE:
        identity: Any = {"names": [{"kind": "main", "family": family, "given": given}], "birth_date": "1997"}
        identity["safe_contact"] = "Тек жұмыс күндері"
        draft = Registration(
            centre, identity, today - timedelta(days=30), caseworker=worker, risk_level=risk, route="raid"
        )
        draft.exploitations = [{"main_form": "forced_labour", "exploitation_country": "KZ"}]
        cases.append(registration.register(operator, draft))
    tasks = [(cases[0], -2, "home_visit"), (cases[1], 0, "follow_up")]
    task_services.add_tasks(
        operator,
        [
            Task(agency=centre, case=case, assignee=worker, kind=kind, due_on=today + timedelta(days=days))
            for case, days, kind in tasks
        ],
    )
    send_signal(operator, SignalDraft(police, centre, "raid", urgency="immediate"))
    for case in cases[:2]:  # one for each width at which the officer decides
        request_decision(operator, case, centre, "social")


def main(port: int) -> None:
    """Furnish the centre, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    import django

    django.setup()
    from kerege.core.accounts.models import Installation

    if not Installation.objects.exists():  # a server that comes back finds its register
        make_users()
        seed()
    serve(port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
