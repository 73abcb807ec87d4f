"""Pages of the review: the first answer is blind, and no page names what a reviewer may not know."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kerege.casework.persons.models import MatchCandidate, Merge, PairReview
from kerege.casework.persons.services import review
from tests.casework.conftest import CANARY
from tests.casework.persons.views.page_driver import (
    QUEUE,
    RISKY,
    State,
    look,
    read,
    send,
)

pytestmark = pytest.mark.django_db


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
    assert "strongly supports one person" in page
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
