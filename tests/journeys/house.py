"""A small register with three transgender persons, and users who publish.

Start it by `python -m tests.journeys.house PORT`.

With `seed` for the port it is made, not served.
"""

from __future__ import annotations

import sys

from tests import second_factor
from tests.journeys import programme
from tests.journeys.programme import ACTS, SECRET
from tests.web.server import PASSWORD, serve

PUBLISHERS = {"timur": ("analyst", "Тимур Досов"), "dana": ("publisher", "Динара Қасымова")}
COUNTS = {"masculine": 300, "feminine": 225, "transgender_feminine": 3}


def seed() -> None:
    """Create the programme with the analyst and the publisher of the ministry.

    It has persons of whom only the sex is known.
    """
    from datetime import date

    from kerege.casework.cases.services import registration
    from kerege.casework.cases.services.inputs import Registration
    from kerege.core.accounts.models import Agency, User
    from kerege.core.authorization import Actor

    programme.seed()
    ministry, centre = (Agency.objects.get(code=code) for code in ("ministry", "centre"))
    for username, (role, full_name) in PUBLISHERS.items():
        user = User.objects.create_user(username, PASSWORD, full_name=full_name)
        user.assignments.create(agency=ministry, role=role)
        second_factor.activate(user, SECRET)
    operator, day = Actor.system("journey"), date(2025, 3, 3)
    genders = [gender for gender, count in COUNTS.items() for _person in range(count)]
    registration.register_many(operator, [Registration(centre, {"gender": gender}, day) for gender in genders])


if __name__ == "__main__":
    from kerege.cli.load_django import setup

    setup(demo=True)
    if sys.argv[1] == "seed":
        seed()
    else:
        serve(int(sys.argv[1]), ACTS)
