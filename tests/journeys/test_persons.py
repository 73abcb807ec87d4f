"""One woman in two spellings, registered twice.

Two users compare the records blind, merge them, and undo the merge months later.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
FIRST = {"family": "Рахимова", "given": "Зухра", "document_kind": "passport", "document_number": "AB1234567"}
AGAIN = {"family": "Rakhimova", "given": "Zuhra", "document_kind": "identity_card", "document_number": "039876543"}
BOTH = {"birth_day": "17", "birth_month": "4", "birth_year": "1993", "gender": "feminine", "phone": "+77015550123"}


def test_two_spellings_are_merged_by_two_people_and_taken_apart_months_later(
    staff: Staff, programme: Programme
) -> None:
    first, again = staff.desk("ainur", "ru"), staff.desk("marina", "en")
    one = acts.register(first, **FIRST, **BOTH)
    known = first.heading
    two = register_in_spite_of_a_card(again, known)
    before = page_texts(first, one), page_texts(again, two)
    programme.run_the_clocks()

    pair = pair_of(programme, one, two)
    colleague, head = staff.desk("erlan", "ru"), staff.desk("gulzhan", "en")
    first_looks_blind(colleague, pair)
    second_looks_blind_too(head, pair)
    merges(head, one, two)
    told_once(first, one, two)

    months_go_by(programme)
    undoes(head, one, two)
    assert (page_texts(first, one), page_texts(again, two)) == before
    assert programme.is_unbroken()


def register_in_spite_of_a_card(desk: Desk, known: str) -> str:
    """Register the person as new although the page proposes a known person."""
    desk.open("work/register/")
    desk.fill(**AGAIN, **BOTH)
    desk.press()
    desk.sees("Is it one of these people?", FIRST["family"], "1993", known)
    desk.sees_not(FIRST["document_number"])
    desk.fill(who="new")
    desk.press()
    return desk.case


def page_texts(desk: Desk, case: str) -> tuple[str, str]:
    """Return what a case shows of its person, and the state it is in."""
    desk.open(f"{case}?tab=person")
    main = desk.page.locator("main")
    return main.locator("dl").first.inner_text(), main.locator(".kg-identity").inner_text()


def pair_of(programme: Programme, one: str, two: str) -> str:
    """Return the address of the pair that the system proposes."""
    ids = [UUID(path.split("/")[2]).hex for path in (one, two)]
    records = "(SELECT record_id FROM cases_case WHERE id IN (?, ?))"
    [[pair_id]] = programme.sql(
        f"SELECT id FROM persons_matchcandidate WHERE left_id IN {records} AND right_id IN {records}", *ids, *ids
    )
    return f"work/matches/{UUID(str(pair_id))}/"


def first_looks_blind(desk: Desk, pair: str) -> None:
    """Open the pair from the home page, and answer it by keys only."""
    desk.open("work/")
    desk.sees("пара записей: один человек или два?")
    desk.open("work/matches/")
    desk.open(pair)
    desk.sees(FIRST["family"], AGAIN["family"], "похоже", "одинаково")
    desk.sees_not("KZ-", FIRST["document_number"], AGAIN["document_number"])
    desk.is_accessible()
    desk.page.keyboard.press("F8")
    desk.page.keyboard.type("Тот же телефон и день рождения")
    with desk.page.expect_navigation():
        desk.page.keyboard.press("Control+Enter")
    desk.look()
    desk.sees("Эту пару проверит второй человек", "Телефон")


def second_looks_blind_too(desk: Desk, pair: str) -> None:
    """Check that the second reviewer sees no first answer, and that their answer closes the pair."""
    desk.open("work/matches/")
    desk.open(pair)
    desk.sees_not("Тот же телефон")
    desk.fill(answer="same", reason="The photographs are of one woman")
    desk.press(form="")
    desk.sees("They are one person", "Ерлан Тілеубаев", "Тот же телефон и день рождения")


def merges(desk: Desk, one: str, two: str) -> None:
    """Field by field; what becomes of it is shown before anything is saved."""
    desk.follow("/merges/new")
    desk.choose("goes_on", number(desk, one))
    desk.fill(reason="One woman, registered twice")
    desk.press("do=look")
    desk.sees("Result of the merge", FIRST["family"], AGAIN["family"], "ends as a duplicate", "No consent closes.")
    desk.press("do=merge")
    desk.sees("The two records are one now.")
    assert desk.case == one


def number(desk: Desk, case: str) -> str:
    """Return the reference of a case."""
    here = desk.page.url
    desk.open(case)
    heading = desk.heading
    desk.page.goto(here)
    return heading


def told_once(desk: Desk, one: str, two: str) -> None:
    """Check that the continued case shows both names, and the duplicate stays readable."""
    desk.open(f"{one}?tab=person")
    desk.sees(FIRST["family"], AGAIN["family"], "Объединено в одну запись")
    desk.open(two)
    desk.sees("Продолжается другое дело того же человека")


def months_go_by(programme: Programme) -> None:
    """Everything of the merge happened seven months ago, in the order in which it did."""
    programme.sql("UPDATE persons_merge SET made_at = strftime('%Y-%m-%d %H:%M:%f', made_at, ?)", "-210 days")


def undoes(desk: Desk, one: str, two: str) -> None:
    """Undo the merge from the record; the page first shows what is restored and what stays."""
    desk.open(f"{one}?tab=person")
    desk.follow("/undo/")
    desk.look()
    desk.sees("What is restored", "What stays")
    desk.fill(reason="Two women: the second one has come herself")
    desk.press(form="")
    desk.sees("Undone.")
