"""Pages that undo a merge or a link, and that ask a pair again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import pytest

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.queries import review_queue
from kerege.casework.persons.services import match_run, review
from kerege.casework.persons.services import merge as merge_services
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import newest
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests.casework.persons.conftest import MACHINE, SERIK, person
from tests.casework.persons.views.page_driver import (
    RULE,
    State,
    look,
    merged,
    merging,
    read,
    seen,
    send,
    two_cases,
)

pytestmark = pytest.mark.django_db


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
    assert "Nothing is merged yet: continue here." in page
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
    assert "Choose the person to whom the value belongs." in send(boss, path, **values).content.decode()
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
