"""Pages and exports of helping agencies do not reveal that a case is linked to a crime.

Row-level security only hides rows, so that SQLite, which lacks it, is the harder test.
"""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import transaction

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents
from kerege.casework.exchange.htcds.export import export
from kerege.casework.justice import case_links, services
from kerege.casework.justice.models import CaseLink, Crime
from tests.safety.world import OPERATOR, Words, address, furnish, staff_pages

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)


def test_pages_and_exports_of_helping_agencies_do_not_reveal_a_crime(
    make_agency: Any, make_actor: Any, make_user: Any, sign_in: Any, tmp_path: Path
) -> None:
    police = make_agency("police", "internal_affairs")
    officer = make_actor("justice_officer", agency=police)
    row = Crime(agency=police, source="mia", register_number="25-99317", offence="kz128", registered_on=DAY)
    [crime] = services.record_crimes(officer, [row])
    things = furnish(make_agency(), make_agency("third", "hotline"), Words({}))
    CaseLink.objects.all().delete()
    consent = Consent(
        case=things.case, purpose="sharing_with_police", recipient=police, given=True, on=DAY, categories=[]
    )
    consents.record_consent(OPERATOR, consent)
    browser = sign_in(make_user("caseworker", "supervisor", "identifying_officer"))
    places = [address(page, things) for page in staff_pages() if not page.name.startswith("justice:")]
    tabs = [f"/en/work/cases/{things.case.pk}/?tab={tab}" for tab in ("person", "assistance", "sharing", "history")]

    def everything() -> dict[str, str]:
        return {place: scrub(browser.get(place).content) for place in [*places, *tabs]}

    browser.get(f"/en/work/referrals/{things.referral.pk}/")  # its first visit writes the minute
    # what the other visits write is undone, so that the link is the only difference
    with transaction.atomic():
        before = everything()
        transaction.set_rollback(True)
    case_links.link_case(officer, crime, things.case.reference)
    after = everything()
    assert {place for place in before if before[place] != after[place]} == set()
    assert not any(crime.register_number in page for page in after.values())
    export(OPERATOR, tmp_path)
    assert not any(
        crime.register_number.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    )


def scrub(content: bytes) -> str:
    """Return a page or spreadsheet without the parts that change with every request."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as sheet:
            return "".join(str(sheet.read(name)) for name in sheet.namelist() if not name.startswith("docProps/"))
    page = content.decode(errors="replace")
    page = re.sub(r"Internal, as of [^.<]*[.]", "", page)  # a board states the minute
    page = re.sub(r'name="(csrfmiddlewaretoken|form_token|kg_token)" value="[^"]*"', "", page)
    return re.sub(r"""(nonce|data-kg-[a-z-]+|value|id|for|aria-[a-z]+)="[^"]*"|hx-headers='[^']*'""", "", page)
