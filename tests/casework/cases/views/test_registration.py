"""Registration: unknown fields stay empty, no input is lost, and nobody is registered twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.shares import share
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import newest, open_text
from tests.casework.cases.pages import address, empty, text
from tests.casework.conftest import CANARY, identity

pytestmark = pytest.mark.django_db


def only_case() -> Case:
    return Case.objects.get()


@pytest.mark.db
def test_only_the_day_is_required(browser: Any, caseworker: Any) -> None:
    response = browser.post(address("register"), empty())
    case = only_case()
    assert response["Location"] == address("case", case)
    assert (case.registered_on, case.caseworker, case.gender, case.age_band) == (date(2025, 3, 3), caseworker, "", "")


@pytest.mark.db
def test_every_field_is_stored(browser: Any) -> None:
    data = empty(
        family="Қасымова", given="Әсел", middle="Нұрланқызы", family_2="Kassymova", given_2="Assel", alias="Lola",
        birth_month="7", birth_year="1999", gender="feminine", citizenship="KZ", citizenship_2="UZ", language="kk",
        phone="+7 701 000 00 00", safe_contact="Тек таңертең", document_kind="passport", document_number="N 123",
        document_country="KZ", route="agency", region="35", main_form="begging", exploitation_country="RU",
        risk_level="high", note="Жылап отырды",
    )  # fmt: skip
    browser.post(address("register"), data)
    case = only_case()
    stored = newest(case.record)
    assert stored["names"] == [
        {"kind": "main", "family": "Қасымова", "given": "Әсел", "middle": "Нұрланқызы"},
        {"kind": "main", "family": "Kassymova", "given": "Assel"},
        {"kind": "alias", "given": "Lola"},
    ]
    assert (stored["birth_date"], stored["citizenships"], stored["languages"]) == ("1999-07", ["KZ", "UZ"], ["kk"])
    assert stored["documents"] == [{"kind": "passport", "number": "N 123", "country": "KZ"}]
    assert (stored["safe_contact"], stored["phones"]) == ("Тек таңертең", ["+7 701 000 00 00"])
    assert (case.sex, case.age_band, case.detected_independently, case.risk_level) == ("female", "18_25", False, "high")
    assert case.exploitations.get(main=True).main_form == "begging"
    assert open_text(case.notes.get().text) == "Жылап отырды"


@pytest.mark.db
@pytest.mark.parametrize("answer", ["unknown", "not_asked", "refused", ""])
def test_a_coded_state_differs_from_an_empty_answer(browser: Any, answer: str) -> None:
    browser.post(address("register"), empty(gender=answer, citizenship=answer, risk_level=answer, age_band=answer))
    case = only_case()
    assert (case.gender, case.sex, case.risk_level, case.age_band) == (answer, answer, answer, answer)
    assert case.citizenships == ([answer] if answer else [])


@pytest.mark.db
def test_having_no_document_is_stored_as_an_answer(browser: Any) -> None:
    browser.post(address("register"), empty(document_kind="no"))
    assert newest(only_case().record)["documents"] == [{"kind": "no"}]


def test_an_error_appears_at_its_field_and_the_input_stays(browser: Any) -> None:
    page = text(
        browser.post(address("register"), empty(family=CANARY, birth_day="31", birth_month="2", birth_year="1998"))
    )
    assert "This day is not in the calendar." in page
    assert "govuk-error-summary" in page
    assert f'value="{CANARY}"' in page
    assert not Case.objects.exists()


@pytest.mark.db
def test_candidates_are_shown_before_anything_is_saved(browser: Any, make_case: Callable[..., Any]) -> None:
    known = make_case(person=identity("Канарейкина", "Айгуль"))
    page = text(browser.post(address("register"), empty(family="Kanareykina", given="Aigul")))
    assert Case.objects.count() == 1
    assert known.reference in page
    # the first option opens the known case, and the error summary links to it
    assert f'name="who" id="id_who" value="open:{known.pk}"' in page
    assert f'name="who" id="id_who_1" value="{known.record_id}"' in page
    assert 'value="Kanareykina"' in page
    assert "<title>Is it one of these people?" in page
    assert 'tabindex="-1" autofocus' in page
    without_answer = empty(family="Kanareykina", given="Aigul", shown=str(known.record_id))
    assert '<a href="#id_who">' in text(browser.post(address("register"), without_answer))


@pytest.mark.db
def test_a_new_person_is_registered_after_the_question(browser: Any, make_case: Callable[..., Any]) -> None:
    known = make_case()
    data = empty(family=CANARY, given="Айгүл", shown=str(known.record_id), who="new")
    assert browser.post(address("register"), data).status_code == 302
    assert Case.objects.exclude(record=known.record_id).count() == 1


@pytest.mark.db
def test_a_known_person_gets_a_separate_record_and_then_a_comparison(
    browser: Any, make_case: Callable[..., Any]
) -> None:
    """The known record, its case and its versions do not change; the response leads to the merge page."""
    known = make_case(person=identity(phones=["1"], safe_contact="Call only the mother"))
    before = newest(known.record), known.events.count()
    data = empty(
        family=CANARY,
        given="Айгүл",
        phone="2",
        birth_year="1996",
        safe_contact="Write any time",
        shown=known.record_id,
        who=known.record_id,
    )
    answer = browser.post(address("register"), data)
    new = Case.objects.exclude(pk=known.pk).get()
    assert new.record_id != known.record_id
    assert answer["Location"] == reverse("persons:merge", args=[known.record_id, new.record_id])
    assert (newest(known.record), known.events.count()) == before
    assert known.record.versions.count() == 1
    page = text(browser.get(answer["Location"]))
    assert "Call only the mother" in page
    assert "Write any time" in page


@pytest.mark.db
def test_choosing_the_open_case_registers_nothing(browser: Any, make_case: Callable[..., Any]) -> None:
    known = make_case()
    data = empty(family=CANARY, given="Айгүл", shown=known.record_id, who=f"open:{known.pk}")
    assert browser.post(address("register"), data)["Location"] == address("case", known)
    assert Case.objects.get() == known


@pytest.mark.db
def test_a_candidate_shows_the_cases_of_merged_records(browser: Any, make_case: Callable[..., Any]) -> None:
    known = make_case(status="closed", closure_reason="completed")
    merged = make_case(person=identity("Смирнова", "Ольга", birth_date="1971"))
    IdentityRecord.objects.filter(pk=merged.record_id).update(superseded_by=known.record)
    page = text(browser.post(address("register"), empty(family=CANARY, given="Айгүл")))
    assert f'id="id_who" value="open:{merged.pk}"' in page


@pytest.mark.db
def test_a_closed_case_is_not_offered(browser: Any, make_case: Callable[..., Any]) -> None:
    known = make_case(status="closed", closure_reason="completed")
    page = text(browser.post(address("register"), empty(family=CANARY, given="Айгүл")))
    assert known.reference in page
    assert f"open:{known.pk}" not in page
    assert f'id="id_who" value="{known.record_id}"' in page


@pytest.mark.db
def test_a_shared_case_can_be_opened_but_not_joined(
    browser: Any, operator: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    known = make_case(make_agency("elsewhere", "ngo"))
    share(operator, known, make_agency(), "legal", categories=["identity"])
    data = empty(family=CANARY, given="Айгүл", shown=known.record_id)
    page = text(browser.post(address("register"), data))
    assert f'id="id_who" value="open:{known.pk}"' in page
    assert f'value="{known.record_id}"' not in page.replace(f'name="shown" value="{known.record_id}"', "")
    assert browser.post(address("register"), data | {"who": str(known.record_id)}).status_code == 200
    assert browser.post(address("register"), data | {"who": f"open:{known.pk}"})["Location"] == address("case", known)
    assert Case.objects.get() == known


@pytest.mark.db
def test_a_user_who_cannot_merge_is_offered_no_joining(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    known, client = make_case(), sign_in(make_user("identifying_officer"))
    data = empty(family=CANARY, given="Айгүл", shown=known.record_id, who=known.record_id)
    page = text(client.post(address("register"), data))
    assert f"open:{known.pk}" in page
    assert f'value="{known.record_id}"' not in page.replace(f'name="shown" value="{known.record_id}"', "")
    assert Case.objects.get() == known


@pytest.mark.db
def test_an_answer_given_for_other_candidates_is_asked_again(browser: Any, make_case: Callable[..., Any]) -> None:
    make_case()
    assert browser.post(address("register"), empty(family=CANARY, given="Айгүл", who="new")).status_code == 200
    assert Case.objects.count() == 1


@pytest.mark.db
def test_no_person_of_another_agency_is_a_candidate(
    browser: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    make_case(make_agency("elsewhere", "ngo"))
    assert browser.post(address("register"), empty(family=CANARY, given="Айгүл")).status_code == 302


@pytest.mark.db
def test_people_with_distant_birth_years_are_no_candidates(browser: Any, make_case: Callable[..., Any]) -> None:
    make_case()
    assert browser.post(address("register"), empty(family=CANARY, given="Айгүл", birth_year="1961")).status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Ж" * 201, "A name has at most 200 characters."),
        ("😀😀", "A name has at least one letter."),
        ("12 34", "A name has at least one letter."),
    ],
)
@pytest.mark.parametrize("part", ["family", "given", "middle", "alias"])
def test_a_name_has_letters_and_a_maximum_length(browser: Any, part: str, typed: str, words: str) -> None:
    page = text(browser.post(address("register"), empty(**{part: typed})))
    assert words in page
    assert not Case.objects.exists()
