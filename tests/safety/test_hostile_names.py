"""A name is what a person is called, whatever it does to a spreadsheet, a page or a terminal."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries import cases
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from tests.casework.exchange.records import bring_in, read_csv, take_out

pytestmark = pytest.mark.django_db
HOSTILE = {
    "four bytes": "𠮷野家𝔘𝔫𝔦",
    "emoji": "Айгүл👩🏽‍🌾",
    "right to left": "‮ردوان‬ عليزاده",
    "isolate": "⁧بنت⁩ Ainur",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+7701Aigul",
    "at": "@SUM(Aigul)",
    "minus": "-Aigul",
    "quotes": 'O\'Brien "Dana" `x`',
    "script": "<script>alert('x')</script>",
    "template": "{{ 7|add:7 }}{% now 'Y' %}",
    "semicolon": "Ainur;Bota",
    "backslash": "Ainur\\n",
    "percent": "%s %(name)s %00",
    "combining": "Z̷͑a̸l̶g̷o",
    "long": "Ә" * 10_000,
}


@pytest.fixture
def browser(sign_in: Any, make_user: Any, make_agency: Any) -> Any:
    """Return a browser signed in as a caseworker of the records' agency."""
    return sign_in(make_user("caseworker", agency=make_agency("umit")))


def whole(browser: Any, case: Case) -> str:
    """Return the page of a case, and the form that shows a name of any length in full."""
    return "".join(browser.get(f"/en/work/cases/{case.pk}/{part}").content.decode() for part in ("", "person/"))


@pytest.mark.db
def test_a_hostile_name_survives_import_page_export_and_search(tmp_path: Path, browser: Any, make_agency: Any) -> None:
    """One file brings all names in: each is one row, and one case."""
    records = [
        {"prs_SecondName": name, "prs_FirstName": "Dana", "prs_Id": key, "cas_Id": key} for key, name in HOSTILE.items()
    ]
    bring_in(tmp_path, *records, agency_code="umit")
    exported = {row["prs_Id"]: row for row in read_csv(take_out(tmp_path / "out", with_identity=True))}
    assert exported.keys() == HOSTILE.keys()
    actor = actor_for(make_agency("umit").assignments.get().user)
    for (key, name), case in zip(HOSTILE.items(), Case.objects.order_by("reference"), strict=True):
        assert exported[key]["prs_SecondName"] == name, key
        page = whole(browser, case)
        assert html.escape(name.strip(), quote=True) in page.replace("&#39;", "&#x27;"), key
        assert "<script>alert" not in page, key
        with audit.act(actor, "cases.search"):
            assert case in cases.search(actor, name) or not any(letter.isalpha() for letter in name), key


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_survives_the_form(name: str, browser: Any) -> None:
    name = name[:200]  # as much as a form takes
    day = {"registered_on_day": "3", "registered_on_month": "3", "registered_on_year": "2025"}
    browser.post("/en/work/register/", {"family": name, **day})
    assert html.escape(name, quote=True) in whole(browser, Case.objects.get()).replace("&#39;", "&#x27;")
    response = browser.post("/en/work/search/", {"text": name})
    assert Case.objects.get().reference in response.content.decode()


@pytest.mark.db
def test_a_name_with_nul_is_refused_in_one_sentence(browser: Any) -> None:
    day = {"registered_on_day": "3", "registered_on_month": "3", "registered_on_year": "2025"}
    answer = browser.post("/en/work/register/", {"family": "Ai\0nur", **day})
    assert answer.status_code == 200
    assert "Null characters are not allowed." in answer.content.decode()
    assert not Case.objects.exists()


@pytest.mark.db
def test_a_file_with_nul_in_a_name_is_refused_in_one_sentence(tmp_path: Path) -> None:
    from kerege.base.errors import BadInput

    with pytest.raises(BadInput) as refused:
        bring_in(tmp_path, {"prs_SecondName": "Ai\0nur", "prs_Gender": "Feminine"})
    assert len(refused.value.faults) == 1
    assert "Ai" not in str(refused.value.faults[0])
    assert not Case.objects.exists()
