"""The agencies of a programme and the people who work in them, served for the stories.

Start it by `python -m tests.journeys.programme PORT`.

Everybody signs in as in life: a user name, a password, and the code of an authenticator.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests import second_factor
from tests.web.server import PASSWORD, Acts, serve

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# code: kind, names in Kazakh, Russian and English, region or country, what it offers
AGENCIES: dict[str, tuple[str, str, str, str, str, list[str]]] = {
    "hotline": ("hotline", "11616 жедел желісі", "Горячая линия 11616", "Hotline 11616", "", []),
    "centre": (
        "crisis_centre", "Қарағанды дағдарыс орталығы", "Кризисный центр Караганды", "Crisis centre of Karaganda", "35",
        ["shelter"],
    ),
    "night": ("crisis_centre", "Астана баспанасы", "Приют Астаны", "Shelter of Astana", "71", ["shelter"]),
    "office": (
        "social_protection", "Әлеуметтік қорғау басқармасы", "Управление соцзащиты", "Social protection", "35", [],
    ),
    "police": ("internal_affairs", "Полиция департаменті", "Департамент полиции", "Police department", "35", []),
    "consulate": ("consulate", "Өзбекстан консулдығы", "Консульство Узбекистана", "Consulate of Uzbekistan", "UZ",
        ["documentation"]),
    "umit": ("ngo", "Үміт қоры", "Фонд «Умит»", "Umit foundation", "35", ["legal_aid"]),
    "korgau": ("ngo", "Қорғау бірлестігі", "Объединение «Коргау»", "Korgau association", "71", ["legal_aid"]),
    "clinic": ("health", "Облыстық аурухана", "Областная больница", "Regional hospital", "35", ["medical_care"]),
    "iom": ("international_organisation", "ХКҰ", "МОМ", "IOM", "", []),
    "ministry": ("social_protection", "Министрлік", "Министерство", "Ministry", "", []),
    "prosecution": ("prosecution", "Бас прокуратура", "Генеральная прокуратура", "Prosecutor general", "", []),
}  # fmt: skip
# user name: role, agency, full name
STAFF = {
    "zhanna": ("first_responder", "hotline", "Жанна Сабитова"),
    "ainur": ("caseworker", "centre", "Айнұр Бекенова"),
    "marina": ("caseworker", "centre", "Марина Цветкова"),
    "erlan": ("caseworker", "centre", "Ерлан Тілеубаев"),
    "gulzhan": ("supervisor", "centre", "Гүлжан Омарова"),
    "madina": ("caseworker", "night", "Мадина Сәрсен"),
    "kanat": ("identifying_officer", "office", "Қанат Сейітов"),
    "serik": ("identifying_officer", "police", "Серік Айтбаев"),
    "marat": ("justice_officer", "police", "Марат Жақыпов"),
    "ruslan": ("caseworker", "consulate", "Рустам Каримов"),
    "aliya": ("caseworker", "umit", "Әлия Нұрланқызы"),
    "bota": ("supervisor", "umit", "Бота Ахметова"),
    "irina": ("caseworker", "korgau", "Ирина Ким"),
    "dinara": ("caseworker", "clinic", "Динара Ермекова"),
    "anna": ("caseworker", "iom", "Anna Berg"),
    "tomas": ("supervisor", "iom", "Tomas Lind"),
    "saule": ("coordinator", "ministry", "Сәуле Нұрпейісова"),
    "olga": ("auditor", "prosecution", "Ольга Лебедева"),
}


@dataclass
class Programme:
    """The running register: its address, and the hand of time."""

    address: str
    home: Path

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Move a day in the database: time passes faster in a story than in life."""
        with closing(sqlite3.connect(self.home / "kerege.sqlite3", timeout=20)) as connection, connection:
            return list(connection.execute(statement, values))

    def run_the_clocks(self) -> None:
        """Everything that the worker does when its hour has come."""
        self._ask("/-/clocks")

    def is_unbroken(self) -> bool:
        """Return whether the verification of the register finds the audit chain unbroken."""
        return self._ask("/-/verify") is True

    def _ask(self, act: str) -> object:
        with urllib.request.urlopen(self.address + act) as answer:
            return json.load(answer)


def seed() -> None:
    """Agencies, users with password and authenticator, and nobody to be helped yet."""
    from django.contrib.auth.hashers import make_password

    from kerege.core.accounts.models import Agency, Installation, User

    Installation.objects.create(demo=True)
    made = {}
    for code, (kind, kk, ru, en, place, services) in AGENCIES.items():
        where = {"country": place} if place.isalpha() else {"region": place}
        names = {"names": {"kk": kk, "ru": ru, "en": en}}
        made[code] = Agency.objects.create(code=code, kind=kind, services=services, **names, **where)
    for username, (role, agency, full_name) in STAFF.items():
        user = User.objects.create_user(username, full_name=full_name)
        user.assignments.create(agency=made[agency], role=role)
        second_factor.activate(user, SECRET)
    User.objects.update(password=make_password(PASSWORD))


def clocks() -> list[str]:
    """Run every recurring job as if it were due; return those that succeeded."""
    from kerege.core.jobs.models import Schedule
    from kerege.core.jobs.scheduler import run_due

    Schedule.objects.all().delete()
    return run_due()


def verify() -> bool:
    """Verify the audit chain as `kerege audit verify` does."""
    from kerege.core import audit

    return audit.verify().ok


ACTS: Acts = {"/-/clocks": clocks, "/-/verify": verify}


if __name__ == "__main__":
    from kerege.cli.load_django import setup

    setup(demo=True)
    from kerege.casework.persons.services import review_sample

    # chance decides which links are reviewed again: not in a story that does not ask for it
    review_sample.SAMPLE = 2**129
    seed()
    serve(int(sys.argv[1]), ACTS)
