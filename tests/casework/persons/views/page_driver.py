"""Pages of record linkage as a reviewer uses them: open, look, merge."""

from __future__ import annotations

import re
from typing import Any

from kerege.casework.cases.models.case import Case
from kerege.casework.persons.models import MatchCandidate, Merge
from tests.casework.persons.conftest import SERIK_LATIN

State = MatchCandidate.State
QUEUE = "/en/work/matches/"
RISKY = SERIK_LATIN | {"gender": "masculine"}


def read(browser: Any, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


def send(browser: Any, path: str, **values: str) -> Any:
    """Send the form of a page as a browser does, with its token."""
    [token] = re.findall(r'name="form_token" value="([^"]+)"', read(browser, path))[:1]
    return browser.post(path, {"form_token": token} | values)


def look(row: MatchCandidate) -> str:
    return f"{QUEUE}{row.pk}/"


def two_cases() -> tuple[Case, Case]:
    one, two = Case.objects.order_by("reference")
    return one, two


def merging(one: Case, two: Case) -> str:
    return f"/en/work/merges/new/{one.record_id}/{two.record_id}/"


# -- merging and undoing -----------------------------------------------------------------------------------------------
def choose(one: Case, **more: str) -> dict[str, str]:
    return {
        "choice_names": "both",
        "choice_birth_date": "left",
        "choice_gender": "left",
        "choice_citizenships": "left",
        "goes_on": str(one.pk),
        "reason": "x",
    } | more


def seen(browser: Any, path: str) -> str:
    [version] = re.findall(r'name="seen" value="([^"]+)"', read(browser, path))
    return str(version)


def merged(browser: Any, one: Case, two: Case, **values: str) -> Merge:
    path = merging(one, two)
    answer = send(browser, path, **choose(one, seen=seen(browser, path), do="merge", **values))
    assert answer["Location"].endswith(f"/work/cases/{one.pk}/"), answer.content.decode()
    return Merge.objects.get(kind="merge", undone_at=None)


RULE = "DO NOT CALL: husband has the phone"
