"""Lists of the API come in pages by cursor: complete, stable, for one token and one query."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.exchange.api.cursors import NEXT_CURSOR
from kerege.casework.intake.models import Signal
from kerege.core.accounts.models import Agency
from kerege.core.security.keyring import keyring
from tests.casework.exchange.api.api_driver import RECORD, SIGNAL, Caller, referred

pytestmark = pytest.mark.django_db


def read_pages(
    system: Caller, path: str, limit: int, between: Callable[[], object] = lambda: None
) -> Iterator[list[Any]]:
    """Yield the rows of each page of a list; `between` runs after each page."""
    cursor = ""
    while True:
        answer = system.get(f"{path}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.content
        rows = answer.json()
        yield rows["records"] if isinstance(rows, dict) else rows
        cursor = answer.headers.get(NEXT_CURSOR, "")
        if not cursor:
            return
        between()


def test_pages_hold_every_row_once_also_when_rows_are_added(caller: Any) -> None:
    sender, receiver = caller(), caller(agency="centre")
    for _ in range(5):
        sender.post("/signals/", SIGNAL)
    now = timezone.now()
    # four of five have one time: the time alone does not sort them
    Signal.objects.update(received_at=now - timedelta(hours=1))
    Signal.objects.filter(pk=Signal.objects.values_list("pk")[:1]).update(received_at=now)
    before = [row["reference"] for row in sender.get("/signals/").json()]
    pages = list(read_pages(sender, "/signals/?", 2, lambda: sender.post("/signals/", SIGNAL)))
    assert [row["reference"] for page in pages for row in page] == before
    assert [len(page) for page in pages] == [2, 2, 1]
    assert Signal.objects.count() == 7
    inbox = [row["reference"] for page in read_pages(receiver, "/signals/inbox/?state=new&", 3) for row in page]
    assert inbox == [row["reference"] for row in receiver.get("/signals/inbox/").json()]
    assert len(inbox) == 7


def test_the_last_page_names_no_cursor(caller: Any) -> None:
    system = caller()
    for _ in range(2):
        system.post("/signals/", SIGNAL)
    assert NEXT_CURSOR not in system.get("/signals/?limit=2")
    assert NEXT_CURSOR in system.get("/signals/?limit=1")


def test_referrals_and_agencies_come_in_pages(sharing: Any, make_agency: Any) -> None:
    case, sender, receiver = sharing
    for service in ("shelter", "material_aid", "social_counselling"):
        assert referred(case, sender, services=[service]).status_code == 201
    for system, box in ((sender, "sent"), (receiver, "inbox")):
        references = [row["reference"] for page in read_pages(system, f"/referrals/?box={box}&", 2) for row in page]
        assert references == list(Referral.objects.order_by("-sent_at", "-id").values_list("reference", flat=True))
    make_agency("zhetysu", "ngo")
    codes = [row["code"] for page in read_pages(sender, "/agencies/?", 2) for row in page]
    assert codes == list(Agency.objects.filter(active=True).order_by("code").values_list("code", flat=True))


def test_a_case_that_is_stored_meanwhile_comes_on_a_later_page(caller: Any) -> None:
    """Also one with an earlier day of registration: agencies enter cases of the past."""
    system = caller()
    system.post("/records/", {"records": [RECORD | {"cas_Id": f"c-{n}", "prs_Id": f"p-{n}"} for n in range(3)]})
    earlier = RECORD | {"cas_Id": "old", "prs_Id": "p-old", "cas_RegistrationDate": "2020-01-01"}
    seen = list(read_pages(system, "/records/?", 2, lambda: system.post("/records/", {"records": [earlier]})))
    assert [len(page) for page in seen] == [2, 2]
    assert seen[1][1]["cas_RegistrationDate"] == "2020-01-01"


def test_an_export_in_pages_is_the_export(caller: Any) -> None:
    """The values of a person are those of their first case, also on a page without it."""
    system = caller()
    rows = [RECORD | {"cas_Id": f"c-{number}", "prs_Id": f"p-{number % 2}"} for number in range(5)]
    assert system.post("/records/", {"records": rows}).json()["cases_new"] == 5
    pages = list(read_pages(system, "/records/?", 2))
    paged = [row for page in pages for row in page]
    assert [len(page) for page in pages] == [2, 2, 1]
    whole = system.get("/records/")
    assert sorted(paged, key=str) == sorted(whole.json()["records"], key=str)
    assert NEXT_CURSOR not in whole


def test_a_cursor_is_of_one_token_and_one_query_and_says_nothing(caller: Any) -> None:
    system, colleague = caller(), caller()
    for _ in range(3):
        system.post("/signals/", SIGNAL)
    page = system.get("/signals/?limit=1")
    cursor, row = page.headers[NEXT_CURSOR], page.json()[0]
    opened = base64.urlsafe_b64decode(cursor + "==")
    assert row["reference"].encode() not in opened
    assert row["received_at"][:10].encode() not in opened
    assert system.get(f"/signals/?cursor={cursor}").status_code == 200
    assert system.get(f"/signals/?limit=7&cursor={cursor}").status_code == 200
    other = ("A" if cursor[20] != "A" else "B").join((cursor[:20], cursor[21:]))
    wrong = [
        colleague.get(f"/signals/?cursor={cursor}"),
        system.get(f"/signals/inbox/?cursor={cursor}"),
        system.get(f"/signals/?since=2020-01-01T00:00:00Z&cursor={cursor}"),
        *(system.get(f"/signals/?cursor={text}") for text in (other, "x", "ж", "A" * 600)),
        *(system.get(f"/{name}/?cursor=x") for name in ("agencies", "records", "referrals")),
    ]
    for answer in wrong:
        assert answer.status_code == 400
        assert answer.json()["faults"][0]["column"] == "cursor"
        assert cursor not in answer.content.decode()


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x"])
def test_a_limit_out_of_range_is_refused(limit: str, caller: Any) -> None:
    assert caller().get(f"/signals/?limit={limit}").status_code == 422


def test_a_cursor_of_an_older_key_opens(caller: Any) -> None:
    system = caller()
    for _ in range(2):
        system.post("/signals/", SIGNAL)
    cursor = system.get("/signals/?limit=1").headers[NEXT_CURSOR]
    keyring().rotate("django")
    assert len(system.get(f"/signals/?cursor={cursor}").json()) == 1
