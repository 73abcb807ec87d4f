"""Pages of a merge: fields are chosen, numbers are masked, and changes since are noticed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.cases.services.shares import share
from kerege.casework.persons.models import Merge, PairReview
from kerege.casework.persons.services import merge as merge_services
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests.casework.persons.conftest import SERIK, SERIK_LATIN
from tests.casework.persons.views.page_driver import (
    QUEUE,
    RISKY,
    RULE,
    choose,
    look,
    merged,
    merging,
    read,
    seen,
    send,
    two_cases,
)

pytestmark = pytest.mark.django_db


def test_looking_at_two_records_is_told_from_merging_them(boss: Any, pair: Callable[..., Any]) -> None:
    pair()
    one, two = two_cases()
    read(boss, merging(one, two))
    read(boss, f"/en/work/cases/{one.pk}/same/")
    row = merged(boss, one, two)
    read(boss, f"/en/work/merges/{row.pk}/undo/")
    acts = [event.action for event in AuditEvent.objects.order_by("seq") if event.action.startswith("persons.")]
    assert acts.count("persons.merge") == 1
    assert {"persons.compare", "persons.look_back"} <= set(acts)
    assert "persons.undo" not in acts


def test_swapping_the_two_keeps_what_was_typed_and_chosen(boss: Any, pair: Callable[..., Any]) -> None:
    pair(two=SERIK_LATIN | {"birth_date": "1996-05"})
    one, two = two_cases()
    values = choose(one, do="swap", reason="the same scar", choice_birth_date="right", choice_names="both")
    page = send(boss, merging(one, two), **values).content.decode()
    assert f'action="{merging(two, one)}"' in page
    assert "the same scar" in page
    assert re.search(r'name="choice_birth_date" id="[^"]*" value="left" checked', page)
    assert re.search(r'name="choice_names" id="[^"]*" value="both" checked', page)
    assert re.search(rf'name="goes_on"[^>]*value="{one.pk}"[^>]*checked', page)
    assert "govuk-error-summary" not in page
    # from there it goes on
    [token] = re.findall(r'name="form_token" value="([^"]+)"', page)
    [versions] = re.findall(r'name="seen" value="([^"]+)"', page)
    sent = values | {"do": "look", "choice_birth_date": "left", "seen": versions, "form_token": token}
    assert "Result of the merge" in boss.post(merging(two, one), sent).content.decode()
    boss.post(merging(two, one), sent | {"do": "merge"})
    assert Merge.objects.get().kept_id == two.record_id
    # a screen reader hears of which record a value is
    assert "Born, First record: " in page
    assert "Born, Second record: " in page


def test_two_records_are_merged_after_a_look_at_what_becomes_of_it(boss: Any, pair: Callable[..., Any]) -> None:
    pair()
    one, two = two_cases()
    path = merging(one, two)
    page = send(boss, path, **choose(one, seen=seen(boss, path), do="look")).content.decode()
    assert "Result of the merge" in page
    assert f"{two.reference} ends as a duplicate" in page
    assert f"{one.reference} continues." in page
    assert not Merge.objects.filter(kind="merge").exists()
    merged(boss, one, two)
    two.refresh_from_db()
    assert (two.status, two.closure_reason) == ("ended", "duplicate")


def test_consents_that_close_are_shown_before_the_merge(
    boss: Any, operator: Actor, make_agency: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    pair()
    one, two = two_cases()
    fund = make_agency("fund", "ngo")
    yes = Consent(
        case=one, purpose="sharing_with_agency", recipient=fund, given=True, on=date(2025, 3, 1), categories=[]
    )
    consents.record_consent(operator, yes)
    share(operator, one, fund, "consent", yes.pk, categories=["identity"])
    no = Consent(
        case=two, purpose="sharing_with_agency", recipient=fund, given=False, on=date(2025, 3, 2), categories=[]
    )
    consents.record_consent(operator, no)
    path = merging(one, two)
    page = send(boss, path, **choose(one, seen=seen(boss, path), do="look")).content.decode()
    assert "fund en no longer sees" in page
    assert "No other agency sees either record." in page


def test_a_record_that_changed_meanwhile_is_looked_at_again(
    boss: Any, operator: Actor, pair: Callable[..., Any]
) -> None:
    pair()
    one, two = two_cases()
    path = merging(one, two)
    before = seen(boss, path)
    change_identity(operator, one, SERIK | {"phones": ["+7 701 000 00 00"]})
    answer = send(boss, path, **choose(one, seen=before, do="merge"))
    assert answer.status_code == 409
    assert "Another user changed one of the two records meanwhile" in answer.content.decode()
    assert not Merge.objects.exists()


def test_a_change_after_the_page_was_checked_is_noticed_too(
    boss: Any, operator: Actor, pair: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair()
    one, two = two_cases()
    path = merging(one, two)
    values = choose(one, seen=seen(boss, path), do="merge")
    merge = merge_services.merge_records

    def after_somebody_else(*arguments: Any) -> Any:
        change_identity(operator, one, SERIK | {"birth_date": "1996-05-15"})
        return merge(*arguments)

    monkeypatch.setattr(merge_services, "merge_records", after_somebody_else)
    answer = send(boss, path, **values)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Another user changed one of the two records meanwhile" in page
    assert f'name="seen" value="{values["seen"]}"' not in page  # the value now is the change
    assert not Merge.objects.exists()


def test_a_field_that_differs_has_to_be_chosen(boss: Any, pair: Callable[..., Any]) -> None:
    pair(two=SERIK_LATIN | {"birth_date": "1996-05"})
    one, two = two_cases()
    path = merging(one, two)
    values = choose(one, seen=seen(boss, path), do="look")
    del values["choice_birth_date"]
    assert "Choose one of the two." in send(boss, path, **values).content.decode()


NUMBERS = {"documents": [{"kind": "passport", "number": "N7654321"}], "phones": ["+77010000001"], "email": "a@x.kz"}
OTHER_NUMBERS = NUMBERS | {"phones": ["+77010000001", "+77020000002"], "email": "b@x.kz"}


def test_numbers_are_masked_until_an_assigned_caseworker_reveals_them(
    boss: Any, make_user: Callable[..., Any], sign_in: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    pair(one=SERIK | NUMBERS, two=SERIK_LATIN | OTHER_NUMBERS)
    one, two = two_cases()
    path = merging(one, two)
    secrets = ("N7654321", "+77010000001", "+77020000002", "a@x.kz", "b@x.kz")
    chosen = {"choice_birth_date": "left", "choice_names": "left", "choice_phones": "both", "choice_email": "right"}
    # a supervisor who is not assigned to the case says why at the case itself
    assert 'name="show"' not in read(boss, path)
    assert send(boss, path, show="contact").status_code in {403, 404}
    worker = sign_in(make_user("caseworker", username="worker"))
    page = read(worker, path)
    assert not [secret for secret in secrets if secret in page]
    for mark in ("near", "different"):  # one telephone is the same, the e-mail is another one
        assert f"kp-mark--{mark}" in page
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    rest = dict.fromkeys(("choice_documents", "choice_citizenships", "choice_languages"), "both")
    after = send(
        worker, path, do="look", seen=seen[1], goes_on=str(one.pk), reason="x", choice_gender="left", **chosen, **rest
    ).content.decode()
    assert "Result of the merge" in after
    assert not [secret for secret in secrets if secret in after]
    answer = send(worker, path, show="contact", **chosen).content.decode()
    assert [secret for secret in secrets if secret in answer] == [secret for secret in secrets if secret != "N7654321"]
    assert re.search(r'value="right"[^>]* checked', answer)
    answer = send(worker, path, show="documents", shown="contact").content.decode()
    assert not [secret for secret in secrets if secret not in answer]
    revealed = AuditEvent.objects.filter(action="vault.reveal", actor="user:worker")
    groups = [event.details["groups"] for event in revealed]
    assert groups == [["contact"]] * 2 + [["contact", "documents"]] * 2
    assert "N7654321" not in read(worker, path)


def test_a_risky_merge_asks_a_second_colleague(boss: Any, pair: Callable[..., Any]) -> None:
    pair(two=RISKY)
    one, two = two_cases()
    page = read(boss, merging(one, two))
    assert "The sex differs." in page
    assert "Preview the result" not in page
    assert send(boss, merging(one, two), do="ask", reason=" ").status_code == 200
    assert not PairReview.objects.exists()
    answer = send(boss, merging(one, two), do="ask", reason="same scar")
    assert answer["Location"] == QUEUE
    assert PairReview.objects.get().answer == "same"


def test_cases_are_chosen_from_in_the_order_of_their_records(boss: Any, pair: Callable[..., Any]) -> None:
    pair()
    for kept, other in (two_cases(), two_cases()[::-1]):
        _, _, chosen = read(boss, merging(kept, other)).partition('name="goes_on"')
        assert chosen.index(kept.reference) < chosen.index(other.reference)


def test_before_a_merge_both_safe_contacts_are_kept_unless_one_is_chosen_and_what_is_dropped_is_shown(
    boss: Any, pair: Callable[..., Any]
) -> None:
    pair(one=SERIK | {"safe_contact": "after six"}, two=SERIK_LATIN | {"safe_contact": RULE, "languages": ["rus"]})
    one, two = two_cases()
    path = merging(one, two)
    assert re.search(r'name="choice_safe_contact" id="[^"]*" value="both" checked', read(boss, path))
    values = choose(one, seen=seen(boss, path), do="look", choice_languages="right", choice_names="left")
    page = send(boss, path, **values, choice_safe_contact="both").content.decode()
    assert f"after six\n{RULE}" in page
    dropped = page.split("No longer shown:")[1]
    assert "Kanareykina Aigul" in dropped.partition("</dd>")[0]
    assert page.count("No longer shown:") == 1
    page = send(boss, path, **values, choice_safe_contact="left").content.decode()
    assert RULE in page.split("No longer shown:")[2].partition("</dd>")[0]
    # the user reads the effects above the button
    assert page.index("No other agency sees either record.") < page.index('value="merge"')


def test_each_value_of_a_merge_says_of_which_reference_it_is(boss: Any, pair: Callable[..., Any]) -> None:
    pair()
    for kept, other in (two_cases(), two_cases()[::-1]):
        page = read(boss, merging(kept, other))
        assert f'data-label="First record, {kept.reference}"' in page
        assert f'data-label="Second record, {other.reference}"' in page


def test_both_are_offered_where_both_have_something(boss: Any, pair: Callable[..., Any]) -> None:
    phones, languages = {"phones": ["+77010000001"]}, {"languages": ["kaz"]}
    pair(one=SERIK | phones | languages, two=SERIK_LATIN | {"languages": ["rus"]})
    one, two = two_cases()
    for path, side in ((merging(one, two), "left"), (merging(two, one), "right")):
        page = read(boss, path)
        assert re.search(rf'name="choice_phones" id="[^"]*" value="{side}" checked', page)
        assert 'id="choice_languages_both"' in page
        assert 'id="choice_phones_both"' not in page
    choices = {"choice_phones": "left", "choice_languages": "both"}
    path = merging(one, two)
    after = send(boss, path, **choose(one, seen=seen(boss, path), do="look", **choices)).content.decode()
    assert "Result of the merge" in after


def test_a_fault_is_shown_above_the_comparison(boss: Any, pair: Callable[..., Any]) -> None:
    page = send(boss, look(pair()), answer="", reason="").content.decode()
    assert 0 < page.index("govuk-error-summary") < page.index("<table")
