"""A caseworker's morning, from the sign-in to a new person, and the officer's decision, at two widths."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.centre import CANARY
from tests.web import browser as driver

pytestmark = pytest.mark.journey


@pytest.fixture(params=driver.WIDTHS)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Yield a page of a new visitor with a wide, then with a narrow window."""
    context = driver.visit(browser, sweeps=True, viewport={"width": request.param, "height": 800})
    yield context.new_page()
    context.close()


def sign_in(page: Page, centre: str, role: str) -> None:
    page.goto(f"{centre}/en/account/login/")
    page.locator(f"button[name=role][value={role}]").click()
    page.goto(f"{centre}/en/work/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def clean(page: Page) -> None:
    """Check that the page is accessible, fits its window and has no name in title or address."""
    assert driver.axe(page) == []
    assert driver.overflow(page) == 0
    assert CANARY not in page.title() + page.url


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"[name={name}]").first.fill(value)


def test_a_morning_at_the_crisis_centre(page: Page, centre: str) -> None:
    seen = driver.watch(page)
    sign_in(page, centre, "caseworker")
    clean(page)

    with page.expect_navigation():
        page.locator("#cases ~ div").get_by_role("row", name=re.compile(CANARY)).get_by_role("link").first.click()
    reference = page.get_by_role("heading", level=1).inner_text()
    expect(page.get_by_role("heading", name="Safe contact")).to_be_visible()
    clean(page)

    page.get_by_role("button", name="Write a note").first.click()
    clean(page)
    fill(page, text="Ұйқысы жақсарды")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("The note is saved.")).to_be_visible()
    page.get_by_role("link", name="Notes and timeline", exact=True).click()
    expect(page.get_by_text("Ұйқысы жақсарды").first).to_be_visible()
    clean(page)

    page.goto(f"{centre}/en/work/cases/?risk_level=low")
    expect(page.get_by_role("link", name=reference)).to_be_visible()
    clean(page)

    page.goto(f"{centre}/en/work/search/")
    fill(page, text="kanareykina")
    page.locator("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=reference)).to_be_visible()
    assert "kanareykina" not in page.url
    clean(page)
    assert seen == []


def test_a_new_person_arrives_and_a_known_one_comes_back(page: Page, centre: str) -> None:
    sign_in(page, centre, "caseworker")
    page.goto(f"{centre}/en/work/register/")
    clean(page)
    fill(page, family="Sarsenbayeva", given="Gulnar", birth_year="1997", birth_day="40")
    page.get_by_role("button", name="Register").last.click()
    expect(page.get_by_role("alert").or_(page.locator(".govuk-error-summary")).first).to_be_visible()
    expect(page.locator("[name=family]")).to_have_value("Sarsenbayeva")
    clean(page)
    fill(page, birth_day="")
    page.get_by_role("button", name="Register").last.click()
    expect(page.get_by_role("heading", name="Is it one of these people?")).to_be_visible()
    clean(page)
    page.get_by_label("No, this is a new person").check()
    page.get_by_role("button", name="Register").first.click()
    expect(page.get_by_text(re.compile("Registered as KZ-"))).to_be_visible()
    clean(page)


def test_the_identifying_officer_of_a_centre_is_asked_for_no_track_and_the_police_track_stays(
    page: Page, centre: str
) -> None:
    sign_in(page, centre, "identifying_officer")
    clean(page)
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Record a decision")).first.click()
    clean(page)
    for name in ("track", "kind", "resulting_status"):
        expect(page.locator(f"[name={name}]")).to_have_count(0)
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("The decision is recorded.")).to_be_visible()
    expect(page.get_by_text("Decision, Social protection: Presumed victim").first).to_be_visible()
    expect(page.get_by_text("Decision, Police")).to_have_count(0)
    clean(page)


def test_a_task_is_done_with_one_press(page: Page, centre: str) -> None:
    sign_in(page, centre, "caseworker")
    page.goto(f"{centre}/en/work/")
    page.locator("#cases ~ div").get_by_role("link", name=re.compile("KZ-")).first.click()
    page.get_by_role("link", name="Add a task").click()
    page.locator("[name=kind]").select_option(index=1)
    fill(page, due_on_day="1", due_on_month="1", due_on_year="2031")
    clean(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Add the task").click()
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Done")).last.click()
    expect(page.get_by_text("The task is done.")).to_be_visible()


def test_names_hide_when_somebody_looks_over_the_shoulder(page: Page, centre: str) -> None:
    sign_in(page, centre, "caseworker")
    page.keyboard.press("F2")
    expect(page.locator(".kg-name").first).to_have_css("filter", re.compile("blur"))


@pytest.mark.parametrize(
    "role", ["supervisor", "justice_officer", "coordinator", "first_responder", "analyst", "auditor"]
)
def test_the_home_of_every_role_is_accessible_and_fits(browser: Browser, centre: str, role: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    sign_in(page, centre, role)
    faults = check(page, f"{centre}/kk/work/")
    page.close()
    assert not faults


def check(page: Page, address: str) -> list[str]:
    """Return the faults of a page."""
    page.goto(address)
    wide = driver.overflow(page)
    return [*driver.axe(page), *([f"{wide} px too wide"] if wide else [])]
