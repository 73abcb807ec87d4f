"""A person who arrives may be known already.

Nothing that a colleague wrote changes by a tick, and the link is undone.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys import acts
from tests.journeys.desk import Desk, Staff
from tests.journeys.programme import Programme

pytestmark = pytest.mark.journey
RULE, OTHER_RULE = "Звонить только матери. Мужу ничего не говорить", "Можно писать на этот номер в любое время"
HER = {
    "family": "Тишина",
    "given": "Гаухар",
    "birth_day": "1",
    "birth_month": "6",
    "birth_year": "1998",
    "gender": "feminine",
    "phone": "+77010000001",
    "document_kind": "passport",
    "document_number": "N11112222",
}
NAMESAKE = HER | {
    "birth_day": "",
    "birth_month": "",
    "phone": "+77010000002",
    "document_number": "N76543210",
    "safe_contact": OTHER_RULE,
    "note": "Пришла одна.",
}


def test_a_tick_at_a_namesake_changes_nothing_and_asks_a_second_colleague(staff: Staff, programme: Programme) -> None:
    hers, his = staff.desk("ainur", "ru"), staff.desk("erlan", "ru")
    case = acts.register(hers, **HER, safe_contact=RULE)
    known = hers.heading
    page = page_texts(hers, case)
    asked(his, known, **NAMESAKE)
    his.fill(who=record_of(his))
    his.press()
    his.sees("Теперь решите, что делать с двумя записями", "должны подтвердить двое", RULE, OTHER_RULE)
    his.is_accessible()
    assert page_texts(hers, case) == page
    his.fill(reason="Имя и год")
    his.press("do=ask")
    assert page_texts(hers, case) == page
    assert OTHER_RULE not in page[0]
    head = staff.desk("gulzhan", "ru")
    head.open("work/matches/")
    assert head.offers("/matches/")
    assert programme.is_unbroken()


def test_a_woman_who_comes_again_is_compared_joined_and_taken_apart(staff: Staff, programme: Programme) -> None:
    hers, his = staff.desk("ainur", "ru"), staff.desk("erlan", "en")
    her = HER | {"family": "Зорина", "given": "Назым", "document_number": "N33334444", "phone": "+77010000003"}
    case = acts.register(hers, **her, safe_contact=RULE)
    known = hers.heading
    page = page_texts(hers, case)
    asked(his, known, **her, safe_contact=OTHER_RULE)
    his.fill(who=record_of(his))
    his.press()
    his.fill(reason="Her own passport, and she says so")
    his.choose("goes_on", known)
    his.fill(choice_safe_contact="left")
    his.press("do=look")
    his.sees("Result of the merge", RULE)
    his.press("do=merge")
    assert his.case == case
    hers.open(f"{case}?tab=history")
    hers.sees("Две записи этого человека объединены")
    assert RULE in page_texts(hers, case)[0]
    his.open(f"{case}?tab=person")
    his.follow("/undo/")
    his.fill(reason="Her sister after all")
    his.press(form="")
    assert page_texts(hers, case) == page
    assert programme.is_unbroken()


def test_an_open_case_is_opened_and_what_was_typed_waits(staff: Staff, programme: Programme) -> None:
    hers, his = staff.desk("ainur", "ru"), staff.desk("erlan", "kk")
    her = HER | {"family": "Әбенова", "given": "Дана", "document_number": "N55556666", "phone": "+77010000004"}
    case = acts.register(hers, **her)
    cases = programme.sql("SELECT count(*) FROM cases_case")
    asked(his, hers.heading, **her, note="Қайта келді")
    his.choose("who", hers.heading)
    his.press()
    assert his.case == case
    assert programme.sql("SELECT count(*) FROM cases_case") == cases
    his.open("work/register/")
    assert his.page.locator("[name=note]").input_value() == "Қайта келді"
    his.page.locator("[name=form_discard]").click()


def test_whoever_came_by_a_signal_is_looked_for_when_she_has_a_name(staff: Staff) -> None:
    hers, his = staff.desk("ainur", "ru"), staff.desk("erlan", "en")
    her = HER | {"family": "Юлдашева", "given": "Лола", "document_number": "N77778888", "phone": "+77010000005"}
    known = acts.register(hers, **her)
    reference = acts.send_signal(hers, "centre", channel="walk_in")
    acts.open_signal(his, reference)
    case = acts.open_case(his)
    acts.describe(his, case, family="Yuldasheva", given="Lola", birth_year="1998")
    his.sees("Is it one of these people?", "Юлдашева")
    his.fill(who=record_of(his))
    his.press()
    his.sees("Merge two records", "Yuldasheva", "Юлдашева")
    hers.open(known)
    hers.sees("Юлдашева")


def asked(desk: Desk, known: str, **typed: str) -> None:
    """Fill in the name as heard, and check that the page asks whether the person is known.

    The question has the focus.
    """
    desk.open("work/register/")
    desk.fill(**typed)
    desk.press()
    desk.sees(known)
    expect(desk.page.locator("#kc-question")).to_be_focused()
    assert str(desk.page.locator("[name=who]").first.get_attribute("value")).startswith("open:")


def record_of(desk: Desk) -> str:
    """Return the form value "it is the person of the first card"."""
    values = [box.get_attribute("value") or "" for box in desk.page.locator("main [name=who]").all()]
    return next(value for value in values if len(value) == len("00000000-0000-0000-0000-000000000000"))


def page_texts(desk: Desk, case: str) -> tuple[str, str]:
    """Return what a case shows of its person, and how they are reached safely."""
    desk.open(f"{case}?tab=person")
    main = desk.page.locator("main")
    return main.locator("dl").first.inner_text(), main.locator(".kg-identity").inner_text()
