"""Page of a correction: a field for each part of a value; the second person sees old and new."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from kerege.core.accounts.models import Agency, FactCorrection
from kerege.core.admin.law.fact_fields import join_parts, list_changes, list_parts
from kerege.core.admin.law.forms import CorrectionForm
from kerege.vocabulary import codes, confirmations, corrections
from kerege.vocabulary.profile import active, load_profile
from tests.casework.cases.pages import day_inputs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
PAGE = "/en/work/law/correct/"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no correction and no confirmation but those of the test."""
    for module in (confirmations, corrections):
        monkeypatch.setattr(module, "FILE_NAME", f"{module.__name__}-{tmp_path.name}.toml")


@pytest.fixture
def ministry(make_agency: Any) -> Agency:
    agency: Agency = make_agency("ministry", "social_protection")
    Agency.objects.filter(pk=agency.pk).update(national=True)
    return agency


def test_each_fact_passes_through_its_form_unchanged() -> None:
    """Values become fields and fields become values; the profile reads both alike."""
    for fact in load_profile("kz").facts():
        values = corrections.values_of(fact.fact)
        parts = list_parts(values)
        typed = {part.name: str(part.text) if not isinstance(part.value, bool) else part.value for part in parts}
        joined = join_parts(parts, typed)
        row = corrections.Correction(fact.path, "", json.dumps(joined), fact.source, date(2026, 1, 1))
        assert corrections.values_of(corrections.apply_to(fact.fact, row)) == values, fact.path
        assert list_changes(values, corrections.values_of(corrections.apply_to(fact.fact, row))) == []


def test_a_lawyer_enters_the_quorum_that_no_act_has_told() -> None:
    fact = next(fact for fact in load_profile("kz").facts() if fact.path == "commission_quorum")
    parts = list_parts(corrections.values_of(fact.fact))
    typed = {"value-parts": "2", "value-whole": "3", "value-above": False}
    row = corrections.Correction(fact.path, "", json.dumps(join_parts(parts, typed)), "act 5", date(2026, 1, 1), "L")
    corrected = corrections.correct(load_profile("kz"), [row], date(2026, 1, 1)).commission_quorum
    assert (corrected.needed(6), corrected.needed(7), corrected.confirmed) == (4, 5, True)


def test_each_part_of_each_fact_has_a_label() -> None:
    known = set(codes.code_list("fact_part").codes)
    inner = {
        part.keys[0] for fact in load_profile("kz").facts() for part in list_parts(corrections.values_of(fact.fact))
    }
    assert inner <= known
    assert CorrectionForm(None, load_profile("kz").facts()[0]).fields


def test_a_second_person_sees_what_changes_and_the_page_of_the_law_says_it(
    sign_in: Any, make_user: Any, ministry: Agency, django_capture_on_commit_callbacks: Any
) -> None:
    first = sign_in(make_user("administrator", agency=ministry))
    page = unescape(first.get(f"{PAGE}?fact=clocks.referral_answer").content.decode())
    base = re.search(r'name="base" value="(\w+)"', page)[1]  # type: ignore[index]
    own = active().clocks["referral_answer"].business_days
    sent = {
        "base": base,
        "value-business_days": str(own + 7),
        "source": "order 9",
        "lawyer": "L",
        "document": "order 9",
    }
    answer = first.post(
        f"{PAGE}?fact=clocks.referral_answer", sent | day_inputs("from_on", date(2026, 3, 2)), follow=True
    )
    assert "Another person confirms it" in answer.content.decode()
    assert "You asked for this" in answer.content.decode()
    second = sign_in(make_user("coordinator", agency=ministry))
    shown = second.get(PAGE).content.decode()
    assert re.search(rf"<del>\W*(?:<p>)?{own}\b.*<ins>\W*(?:<p>)?{own + 7}\b", shown)
    request = {"request": str(FactCorrection.objects.get().pk)}
    assert second.post(PAGE, request | {"do": "erase"}).status_code == 404  # no button of the page: not refused
    with django_capture_on_commit_callbacks(execute=True):
        second.post(PAGE, request | {"give": "1"})
    assert active().clocks["referral_answer"].business_days == own + 7
    law = second.get("/en/work/law/").content.decode()
    assert "corrected here, valid from 2 March 2026, by L, order 9" in law
    with django_capture_on_commit_callbacks(execute=True):
        second.post(PAGE, {"request": str(FactCorrection.objects.get().pk), "withdraw": "1"})
    assert active() == load_profile("kz")


def test_wrong_values_are_named_and_nothing_is_stored(sign_in: Any, make_user: Any, ministry: Agency) -> None:
    browser = sign_in(make_user("administrator", agency=ministry))
    sent = {"base": "x", "value-business_days": "0", "source": "s"} | day_inputs("from_on", date(2026, 3, 2))
    page = browser.post(f"{PAGE}?fact=clocks.referral_answer", sent)
    assert "govuk-error-summary" in page.content.decode()
    assert not FactCorrection.objects.exists()
    assert browser.get(f"{PAGE}?fact=no.such").status_code == 404


def test_other_agencies_open_no_form(sign_in: Any, make_user: Any, make_agency: Any) -> None:
    browser = sign_in(make_user("administrator", agency=make_agency("centre")))
    assert 'name="base"' not in browser.get(f"{PAGE}?fact=hotline").content.decode()
    assert browser.post(f"{PAGE}?fact=hotline", {"base": "x"}).status_code == 403
