"""People of the tests of the matching run."""

from __future__ import annotations

from typing import Any

from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services import match_run
from tests.casework.persons.conftest import MACHINE, SERIK

State = MatchCandidate.State
PAPER = {"kind": "passport", "number": "N1234567", "country": "KZ"}
SEEN = PAPER | {"verified": True}


def serik(**more: Any) -> Any:
    return SERIK | more


def again() -> None:
    match_run.rematch(MACHINE)


# the other fields: Каримова Айгүл Серікқызы, born on 12 May 1990
HER = {"family": "Каримова", "given": "Айгүл", "middle": "Серікқызы"}


def woman(birth_date: str = "1990-05-12", gender: str = "feminine", **name: str) -> Any:
    return {"names": [HER | name], "birth_date": birth_date, "gender": gender, "documents": [SEEN]}
