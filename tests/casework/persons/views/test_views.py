"""Pages of record linkage: the first answer is blind, and a link can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, cast

import pytest

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.cases.services.shares import share
from kerege.casework.persons.models import MatchCandidate, Merge, PairReview
from kerege.casework.persons.queries import review_queue
from kerege.casework.persons.services import match_run, review
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import newest
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests.casework.conftest import CANARY, identity
from tests.casework.persons.conftest import MACHINE, SERIK, SERIK_LATIN, person

pytestmark = pytest.mark.django_db
State = MatchCandidate.State
QUEUE = "/en/work/matches/"
RISKY = SERIK_LATIN | {"gender": "masculine"}
OTHER = identity("Оспанова", "Жанар", birth_date="1988-11-02")


@pytest.fixture
def boss(make_user: Callable[..., Any], sign_in: Callable[..., Any]) -> Any:
    """Return the browser of a supervisor."""
    return sign_in(make_user("supervisor", username="boss"))


def read(browser: Any, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    return str(answer.content.decode())


def send(browser: Any, path: str, **values: str) -> Any:
    """Send the form of a page as a browser does, with its token."""
    [token] = re.findall(r'name="form_token" value="([^"]+)"', read(browser, path))[:1]
    return browser.post(path, {"form_token": token} | values)


def shown(browser: Any, case: Case) -> str:
    """Return what a case shows of its person, without the tokens that differ each time."""
    return re.sub(
        r'value="[^"]{60,}"', "", read(browser, f"/en/work/cases/{case.pk}/?tab=person").partition("<main")[2]
    )


def look(row: MatchCandidate) -> str:
    return f"{QUEUE}{row.pk}/"


def two_cases() -> tuple[Case, Case]:
    one, two = Case.objects.order_by("reference")
    return one, two


def merging(one: Case, two: Case) -> str:
    return f"/en/work/merges/new/{one.record_id}/{two.record_id}/"


# -- the queue and the first look --------------------------------------------------------------------------------------
def test_the_queue_names_nobody(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    page = read(boss, QUEUE)
    assert str(row.pk) in page
    assert CANARY not in page
    assert "KZ-" not in page
    assert "pair of records: one person or two?" in read(boss, "/en/work/")


def test_before_the_answer_no_page_shows_conflict_flags(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    pages = []
    for risks in ([], ["unlikely", "twin"]):
        MatchCandidate.objects.update(risks=risks)
        for path in (QUEUE, f"{QUEUE}?show=two", look(row), "/en/work/"):
            main = read(boss, path).partition("<main")[2]
            pages.append(re.sub(r'value="[^"]{60,}"|kg-[0-9a-f]{8}|data-kg-typing="\w+"', "", main))
    assert pages[:4] == pages[4:]


def test_a_pair_of_two_agencies_does_not_exist_for_either(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair(True)
    assert row.agency_id is None
    assert boss.get(look(row)).status_code == 404


def test_the_first_look_marks_fields_in_words_and_shows_no_score_no_case_no_agency(
    boss: Any, pair: Callable[..., Any]
) -> None:
    row = pair()
    page = read(boss, look(row))
    main = page[page.index("<main") :]
    assert CANARY in main
    assert "Kanareykina" in main
    assert "kp-mark--near" in main
    assert "kp-mark--equal" in main
    assert "KZ-" not in main
    for hidden in (f"{row.weight:.1f}", f"{row.probability:.2f}", "centre en", row.model_version):
        assert hidden not in main


def test_an_answer_needs_what_decides_it(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    assert send(boss, look(row), answer="same", reason="").status_code == 200
    assert not PairReview.objects.exists()


def test_after_the_answer_the_weights_stand_in_words(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    assert boss.get(f"{look(row)}answered/")["Location"].endswith(look(row))
    answer = send(boss, look(row), answer="same", reason="the scar")
    assert answer["Location"].endswith("/answered/")
    page = read(boss, answer["Location"])
    assert "They are one person" in page
    assert "the scar" in page
    assert "strongly for one person" in page
    assert boss.get(look(row))["Location"].endswith("/answered/")


def test_a_second_reviewer_sees_no_first_answer(
    boss: Any, make_actor: Callable[..., Any], make_agency: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    row = pair(two=RISKY)
    review.answer(make_actor("supervisor", agency=make_agency()), row, "different", "firstwordofall")
    page = read(boss, look(row))
    assert "firstwordofall" not in page
    assert "kp-mark--different" in page
    page = read(boss, send(boss, look(row), answer="same", reason="x")["Location"])
    assert "Not settled yet" in page
    assert "The sex differs." in page
    assert "firstwordofall" in page  # they talk about it: nobody is blind any more


def test_a_risky_pair_waits_for_the_second(boss: Any, make_user: Any, pair: Callable[..., Any]) -> None:
    row = pair(two=RISKY)
    make_user("caseworker")
    page = read(boss, send(boss, look(row), answer="same", reason="x")["Location"])
    assert "A second reviewer checks this pair" in page
    assert not Merge.objects.exists()


def test_a_pair_that_was_closed_meanwhile_is_said_so(
    boss: Any, make_actor: Callable[..., Any], make_agency: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    row = pair()
    [token] = re.findall(r'name="form_token" value="([^"]+)"', read(boss, look(row)))[:1]
    review.answer(make_actor("supervisor", agency=make_agency()), row, "same", "x")
    answer = boss.post(look(row), {"form_token": token, "answer": "different", "reason": "x"}, follow=True)
    assert answer.redirect_chain[-1][0] == QUEUE
    assert "is not asked of you" in answer.content.decode()


def test_the_coordinator_looks_between_agencies_and_learns_of_no_agency(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    row = pair(True)
    browser = sign_in(make_user("coordinator"))
    main = read(browser, look(row)).partition("<main")[2]
    assert CANARY in main
    assert "ngo en" not in main
    assert "KZ-" not in main
    answer = send(browser, look(row), answer="same", reason="x")
    page = read(browser, answer["Location"]).partition("<main")[2]
    assert "sees the other one only if" in page
    assert "Merge into one record" not in page


def test_two_persons_can_be_asked_again(boss: Any, pair: Callable[..., Any], make_user: Any) -> None:
    row = pair()
    send(boss, look(row), answer="different", reason="x")
    make_user("caseworker", username="colleague")
    answer = send(boss, f"{look(row)}reopen/", reason="a photograph came")
    assert answer["Location"].endswith("/answered/")
    assert "a photograph came" in read(boss, answer["Location"])
    row.refresh_from_db()
    assert row.state == State.DISCUSS
    assert "nothing to ask again" in boss.get(f"{look(row)}reopen/", follow=True).content.decode()


def test_whoever_settles_a_pair_that_is_asked_again_reads_why(
    pair: Callable[..., Any], make_user: Any, make_actor: Any, sign_in: Any
) -> None:
    row, first = pair(), make_actor("caseworker")
    review.answer(first, row, "different", "another scar")
    second = sign_in(make_user("supervisor"))
    review.reopen_pair(first, row, "a photograph came")
    page = read(second, look(row))
    assert "another scar" in page
    assert "a photograph came" in page


def test_what_was_undone_is_asked_again_from_where_it_says_so_and_the_reason_stays(
    boss: Any, pair: Callable[..., Any]
) -> None:
    row = pair()
    one, two = two_cases()
    done = merged(boss, one, two)
    send(boss, f"/en/work/merges/{done.pk}/undo/", reason="two women", keep_apart="on")
    again = f"/work/matches/{row.pk}/reopen/"
    assert again in read(boss, "/en/work/merges/")
    assert again in read(boss, f"/en/work/merges/{done.pk}/undo/")
    path = merging(one, two)
    page = read(boss, path)
    assert "a reviewer decided that these are two persons" in page
    assert 'value="again"' in page
    assert 'value="ask"' not in page
    page = send(boss, path, do="again", reason="her mother came", choice_birth_date="right").content.decode()
    assert "Nothing is merged yet: go on here." in page
    assert "her mother came" in page
    assert 'value="look"' in page
    row.refresh_from_db()
    assert row.state == State.OPEN
    assert again not in read(boss, "/en/work/merges/")
    merged(boss, one, two)


def test_the_page_of_an_undone_merge_is_asked_again_by_whoever_never_answered(
    boss: Any, pair: Callable[..., Any]
) -> None:
    row = pair()
    done = merged(boss, *two_cases())
    send(boss, f"/en/work/merges/{done.pk}/undo/", reason="two women", keep_apart="on")
    path = f"{look(row)}reopen/"
    assert "/en/work/merges/" in read(boss, path)
    assert send(boss, path, reason="").status_code == 200
    answer = send(boss, path, reason="her mother came")
    assert boss.get(answer["Location"], follow=True).status_code == 200
    assert list(review_queue.work_items(actor_for(boss_user()))) == [row]


def boss_user() -> Any:
    from kerege.core.accounts.models import User

    return User.objects.get(username="boss")


def test_the_reasons_of_a_tie_are_read_by_whoever_may_undo_it_and_the_read_is_noted(
    boss: Any, pair: Callable[..., Any]
) -> None:
    row = pair()
    one, two = two_cases()
    done = merged(boss, one, two, reason="the same scar")
    undo = f"/en/work/merges/{done.pk}/undo/"
    assert "the same scar" in read(boss, undo)
    send(boss, undo, reason="two women after all", keep_apart="on")
    review.reopen_pair(actor_for(boss_user()), row, "her mother came")
    before = AuditEvent.objects.count()
    page = read(boss, undo)
    for reason in ("the same scar", "two women after all", "her mother came"):
        assert reason in page
    [event] = AuditEvent.objects.order_by("seq")[before:]
    assert (event.action, event.details["reasons"]) == ("persons.look_back", [str(done.pk)])
    assert undo in read(boss, "/en/work/merges/")


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


def test_the_only_coordinator_reads_before_an_answer_that_pairs_wait_for_a_second(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    row = pair(True)
    browser = sign_in(make_user("coordinator"))
    notice = "You are the only coordinator."
    for path in (QUEUE, look(row)):
        assert notice in read(browser, path)
    make_user("coordinator", username="second")
    for path in (QUEUE, look(row)):
        assert notice not in read(browser, path)


@pytest.mark.parametrize(
    ("others", "who"),
    [
        ([("caseworker", "centre")], "a colleague of your agency who has not answered"),
        ([("coordinator", "ministry")], "the coordinator, because all reviewers of the agency have answered"),
        ([], "all reviewers have answered"),
    ],
)
def test_the_next_reviewer_shown_can_answer(
    boss: Any, make_user: Any, make_agency: Any, pair: Callable[..., Any], others: Any, who: str
) -> None:
    row = pair(two=RISKY)
    for role, agency in others:
        make_user(role, agency=make_agency(agency))
    page = read(boss, send(boss, look(row), answer="same", reason="x")["Location"])
    assert who in page
    assert ("A second reviewer checks" in page) == bool(others)


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


def test_a_reviewer_who_settles_a_dispute_reads_the_answers(
    boss: Any, make_actor: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    row = pair(two=RISKY)
    review.answer(make_actor("caseworker"), row, "same", "the scar")
    assert "the scar" not in read(boss, look(row))
    review.answer(make_actor("caseworker"), row, "different", "her brother")
    page = read(boss, look(row))
    assert "the scar" in page
    assert "her brother" in page


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


def test_undo_says_what_comes_back_and_brings_it_back(boss: Any, pair: Callable[..., Any]) -> None:
    pair()
    one, two = two_cases()
    row = merged(boss, one, two)
    assert f"/work/merges/{row.pk}/undo/" in read(boss, f"/en/work/cases/{one.pk}/?tab=person")
    page = read(boss, f"/en/work/merges/{row.pk}/undo/")
    assert f"Case {two.reference}, as it stood" in page
    answer = send(boss, f"/en/work/merges/{row.pk}/undo/", reason="two women", keep_apart="on")
    assert answer["Location"] == "/en/work/merges/"
    page = read(boss, "/en/work/merges/")
    assert "Both records are as they were before" in page
    assert "undone on" in page
    two.refresh_from_db()
    assert two.status == "open"
    assert person(one) != person(two)
    assert "Undone on" in read(boss, f"/en/work/merges/{row.pk}/undo/")


RULE = "DO NOT CALL: husband has the phone"


def test_undo_shows_what_was_changed_since_and_asks_whose_it_is(boss: Any, pair: Callable[..., Any]) -> None:
    pair(one=SERIK | {"safe_contact": "after six"})
    one, two = two_cases()
    row = merged(boss, one, two, choice_safe_contact="left")
    later = {"safe_contact": RULE, "phones": ["+77770001122"], "languages": ["rus"]}
    change_identity(Actor.system("tests"), Case.objects.get(pk=one.pk), cast(Identity, newest(one.record) | later))
    path = f"/en/work/merges/{row.pk}/undo/"
    page = read(boss, path)
    assert RULE in page
    assert "+77770001122" not in page  # hidden, as on the page of the merge
    assert re.search(r'name="later_safe_contact" id="[^"]*" value="kept" checked', page)
    assert not re.search(r'name="later_(phones|languages)" id="[^"]*" value="[^"]*" checked', page)
    for label in (f"The first record ({one.reference})", f"The second record ({two.reference})", "Both", "Neither: as"):
        assert label in page
    values = {"seen": seen(boss, path), "reason": "two women", "keep_apart": "on", "later_phones": "other"}
    values |= {"later_safe_contact": "kept"}
    assert "Choose whose it is." in send(boss, path, **values).content.decode()
    row.refresh_from_db()
    assert row.undone_at is None
    assert send(boss, path, **values, later_languages="neither")["Location"] == "/en/work/merges/"
    assert newest(one.record)["safe_contact"] == RULE
    assert newest(two.record)["phones"] == ["+77770001122"]
    assert "left out as neither record&#x27;s: Languages" in read(boss, "/en/work/merges/")


def test_the_undo_page_reveals_numbers_to_the_caseworker_and_keeps_the_input(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], boss: Any, pair: Callable[..., Any]
) -> None:
    pair()
    one, two = two_cases()
    row = merged(boss, one, two)
    change_identity(
        Actor.system("tests"), Case.objects.get(pk=one.pk), newest(one.record) | {"phones": ["+77770001122"]}
    )
    path = f"/en/work/merges/{row.pk}/undo/"
    assert send(boss, path, show="contact").status_code in {403, 404}
    user = make_user("caseworker", username="worker")
    Case.objects.update(caseworker=user)
    worker = sign_in(user)
    page = send(worker, path, show="contact", reason="two women", later_phones="both").content.decode()
    assert "+77770001122" in page
    assert "two women" in page
    assert re.search(r'name="later_phones" id="[^"]*" value="both" checked', page)
    assert not re.search(r'name="keep_apart"[^>]* checked', page)
    assert AuditEvent.objects.filter(action="vault.reveal", target=f"identityrecord:{one.record_id}").exists()
    row.refresh_from_db()
    assert row.undone_at is None


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
    # what it does is read before the button that does it
    assert page.index("No other agency sees either record.") < page.index('value="merge"')


def test_of_a_link_and_a_merge_the_merge_is_undone_first(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    one, two = two_cases()
    send(boss, look(row), answer="same", reason="x")
    link = Merge.objects.get()
    undo = f"/work/merges/{link.pk}/undo/"
    places = (f"/en/work/cases/{one.pk}/?tab=person", "/en/work/merges/")
    assert all(undo in read(boss, place) for place in places)
    merge = merged(boss, one, two)
    after = f"/work/merges/{merge.pk}/undo/"
    for page in (read(boss, place) for place in places):
        assert undo not in page
        assert after in page
    page = read(boss, f"/en{undo}")
    assert after in page
    assert 'name="reason"' not in page
    send(boss, f"/en{after}", reason="x")
    assert all(undo in read(boss, place) for place in places)
    assert 'name="reason"' in read(boss, f"/en{undo}")


def test_of_two_merges_of_one_record_the_last_is_undone_first(
    boss: Any, make_case: Callable[..., Any], operator: Actor
) -> None:
    one, two, three = (make_case(person=SERIK) for _ in range(3))

    def into(kept: Case, other: Case) -> Merge:
        records = [IdentityRecord.objects.get(pk=case.record_id) for case in (kept, other)]
        return merge_services.merge_records(operator, merge_services.MergeDraft(*records, goes_on=kept))

    first, last = into(two, three), into(one, two)
    page = read(boss, "/en/work/merges/")
    assert f"/work/merges/{last.pk}/undo/" in page
    assert f"/work/merges/{first.pk}/undo/" not in page
    assert f"/work/merges/{last.pk}/undo/" in read(boss, f"/en/work/merges/{first.pk}/undo/")


def test_a_link_is_undone_whatever_else_was_merged(boss: Any, operator: Actor, make_case: Callable[..., Any]) -> None:
    one, two, three = (make_case(person=SERIK) for _ in range(3))
    match_run.match_due(MACHINE)
    left, right = sorted((one.record_id, two.record_id))
    review.answer(Actor.system("second"), MatchCandidate.objects.get(left=left, right=right), "same", "x")
    link = Merge.objects.get()
    records = [IdentityRecord.objects.get(pk=pk) for pk in (link.kept_id, three.record_id)]
    goes_on = Case.objects.get(record=link.kept)
    merge_services.merge_records(operator, merge_services.MergeDraft(*records, goes_on=goes_on))
    assert f"/work/merges/{link.pk}/undo/" in read(boss, "/en/work/merges/")
    send(boss, f"/en/work/merges/{link.pk}/undo/", reason="x")
    assert not Merge.objects.filter(pk=link.pk, undone_at=None).exists()


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


def test_another_case_of_the_same_person_is_named_by_its_reference(
    boss: Any, make_case: Callable[..., Any], make_agency: Callable[..., Any]
) -> None:
    one, two, elsewhere = make_case(person=SERIK), make_case(person=SERIK_LATIN), make_case(make_agency("ngo", "ngo"))
    path = f"/en/work/cases/{one.pk}/same/"
    assert send(boss, path, number=two.reference)["Location"] == merging(one, two)
    for number in (elsewhere.reference, one.reference, "KZ-1999-00001"):
        assert "No other person of your agency" in send(boss, path, number=number).content.decode()


# -- what a case shows of the same person ------------------------------------------------------------------------------
def test_a_case_shows_no_record_that_its_reader_may_not_know(
    boss: Any, make_actor: Callable[..., Any], coordinator: Any, pair: Callable[..., Any]
) -> None:
    row = pair(True)
    one, two = two_cases()
    before = shown(boss, one)
    review.answer(coordinator(), row, "same", "x")
    assert person(one) == person(two)
    assert shown(boss, one) == before


def test_an_agency_is_named_on_the_case_with_consent(
    boss: Any, operator: Actor, coordinator: Any, pair: Callable[..., Any]
) -> None:
    row = pair(True)
    one, two = two_cases()
    review.answer(coordinator(), row, "same", "x")
    assert "knows this person too" not in shown(boss, one)
    yes = Consent(
        case=two, purpose="sharing_with_agency", recipient=one.agency, given=True, on=date(2025, 3, 3), categories=[]
    )
    consents.record_consent(operator, yes)
    main = shown(boss, one)
    assert "ngo en knows this person too" in main
    assert two.reference not in main  # it is not shared


def test_own_records_of_one_person_stand_on_the_case_with_day_and_source(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    one, two = two_cases()
    send(boss, look(row), answer="same", reason="x")
    page = read(boss, f"/en/work/cases/{one.pk}/?tab=person")
    assert two.reference in page
    assert "Linked to one person" in page
    assert merging(one, two)[:20] in page


def test_a_recheck_hides_the_link_and_a_dispute_shows_it(boss: Any, pair: Callable[..., Any]) -> None:
    row = pair()
    [one, two] = [IdentityRecord.objects.get(pk=pk) for pk in (row.left_id, row.right_id)]
    merge_services.merge_records(
        Actor.system("tests"), merge_services.MergeDraft(one, two, goes_on=Case.objects.get(record=one))
    )
    MatchCandidate.objects.update(sampled=True)
    tied = "The records stay linked until another reviewer"
    assert tied not in read(boss, look(row))
    review.answer(Actor.system("second"), row, "different", "екі адам")
    assert tied in read(boss, look(row))


@pytest.mark.db
def test_the_coordinator_finds_the_pair_of_a_link_by_their_own_answer(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], coordinator: Any, make_agency: Any, make_case: Any
) -> None:
    for code, identity_values in (("a", SERIK), ("b", SERIK_LATIN), ("c", OTHER), ("d", OTHER)):
        make_case(make_agency(code, "ngo"), person=identity_values)
    match_run.match_due(MACHINE)
    mine, others = MatchCandidate.objects.all()
    browser = sign_in(make_user("coordinator"))
    send(browser, look(mine), answer="same", reason="the scar")
    review.answer(coordinator(), others, "same", "x")
    path = f"{look(mine)}answered/"
    for page in ("/en/work/merges/", f"/en/work/merges/{Merge.objects.get(candidate=mine).pk}/undo/"):
        assert path in read(browser, page)
    assert "the scar" in read(browser, path)
    for page in ("/en/work/merges/", f"/en/work/merges/{Merge.objects.get(candidate=others).pk}/undo/"):
        assert f"{look(others)}" not in read(browser, page)
    undo = f"/en/work/merges/{Merge.objects.get(candidate=mine).pk}/undo/"
    assert send(browser, undo, reason="two women", keep_apart="on")["Location"] == "/en/work/merges/"
    assert Merge.objects.get(undone_at=None).candidate == others


# -- the board ---------------------------------------------------------------------------------------------------------
def test_the_board_shows_figures_and_no_person(
    make_user: Callable[..., Any], sign_in: Callable[..., Any], pair: Callable[..., Any]
) -> None:
    pair(True)
    main = read(sign_in(make_user("auditor")), f"{QUEUE}quality/").partition("<main")[2]
    assert "Too few pairs for a conclusion." in main
    assert CANARY not in main
    assert "KZ-" not in main
