"""Typing is never lost.

The server dies, the line breaks, the session ends, two people meet on one case.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.web import browser as driver

pytestmark = pytest.mark.journey
WORDS, MORE = "Ұйқысы нашар, дәрігер сұрады", "Ұйқысы нашар, дәрігер сұрады. Erased nothing."
KEPT = re.compile("Draft sent")


class Centre:
    """A server that can be killed and started again, with its register in a folder."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, driver.free_port()
        self.stack = ExitStack()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.stack.enter_context(driver.served(self.home, "tests.journeys.centre", self.port))

    def kill(self) -> None:
        self.stack.close()

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.home / "kerege.sqlite3", timeout=20)) as connection, connection:
            return list(connection.execute(statement))


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[Centre]:
    running = Centre(Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("typing") / "home")))
    running.start()
    yield running
    running.kill()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = driver.visit(browser, viewport={"width": 1280, "height": 900})
    yield context
    context.close()


def press_in(page: Page, role: str = "caseworker") -> None:
    page.locator(f"button[name=role][value={role}]").click()


def sign_in(context: BrowserContext, centre: Centre, role: str = "caseworker") -> Page:
    page = context.new_page()
    page.goto(f"{centre.address}/en/account/login/")
    press_in(page, role)
    return page


def a_case(page: Page, centre: Centre) -> str:
    page.goto(f"{centre.address}/en/work/cases/")
    link = page.locator("main table").get_by_role("link", name=re.compile("KZ-")).first
    return str(link.get_attribute("href"))


def note(page: Page, centre: Centre) -> Page:
    page.goto(f"{centre.address}{a_case(page, centre)}note/")
    return page


def stored(page: Page) -> list[str]:
    """Return all that the browser keeps for this address, in any of its stores.

    htmx notes the address of the last page.
    """
    kept: list[str] = page.evaluate(
        """async () => [
            ...Object.entries(localStorage), ...Object.entries(sessionStorage),
            ...(await indexedDB.databases()).map((database) => database.name), ...(await caches.keys()),
        ].map(String).filter((entry) => !entry.startsWith("htmx-current-path-for-history,/"))"""
    )
    return kept


def test_what_was_typed_survives_the_death_of_the_server(context: BrowserContext, centre: Centre) -> None:
    page = note(sign_in(context, centre), centre)
    seen = driver.watch(page)
    page.locator("[name=text]").fill(WORDS)
    expect(page.locator("[data-kg-state]")).to_contain_text(KEPT)
    assert driver.axe(page) == []
    assert stored(page) == []
    assert seen == []
    centre.kill()
    page.locator("[name=text]").fill(MORE)
    expect(page.locator("[data-kg-state]")).to_contain_text("No connection")
    assert driver.axe(page) == []
    [kept] = stored(page)
    assert WORDS not in kept
    centre.start()
    expect(page.locator("[data-kg-state]")).to_contain_text(KEPT, timeout=20_000)
    assert stored(page) == []
    page.reload()
    expect(page.locator("[name=text]")).to_have_value(MORE)
    expect(page.locator("[data-kg-restored]")).to_contain_text("Restored from")
    assert driver.axe(page) == []
    assert driver.overflow(page) == 0
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[name=text]")).to_have_value("")


def test_in_a_production_register_nothing_is_stored_and_the_open_page_keeps_the_words(
    context: BrowserContext, centre: Centre
) -> None:
    def without_disk(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("data-kg-disk ", ""))

    page = sign_in(context, centre)
    address = f"{centre.address}{a_case(page, centre)}note/"
    page.route(address, without_disk)
    page.goto(address)
    context.set_offline(True)
    page.locator("[name=text]").fill(MORE)
    expect(page.locator("[data-kg-state]")).to_contain_text("Keep this page open")
    assert stored(page) == []
    context.set_offline(False)
    expect(page.locator("[data-kg-state]")).to_contain_text(KEPT, timeout=20_000)
    assert stored(page) == []
    page.get_by_role("link", name="Cancel").click()
    page.unroute(address)
    page.goto(address)
    expect(page.locator("[name=text]")).to_have_value(MORE)
    page.get_by_role("button", name="Discard").click()


def test_a_broken_line_keeps_typing_here_and_it_is_saved_as_ever_when_it_is_back(
    context: BrowserContext, centre: Centre
) -> None:
    page = note(sign_in(context, centre), centre)
    context.set_offline(True)
    page.locator("[name=text]").fill(WORDS)
    expect(page.locator("[data-kg-state]")).to_contain_text("No connection")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator("[name=text]")).to_have_value(WORDS)
    context.set_offline(False)
    expect(page.locator("[data-kg-state]")).to_contain_text(KEPT)
    page.wait_for_timeout(1100)  # a second press within a second is none
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("The note is saved.")).to_be_visible()
    assert stored(page) == []
    note(page, centre)
    expect(page.locator("[name=text]")).to_have_value("")


def test_a_window_closed_without_a_line_brings_its_words_back(context: BrowserContext, centre: Centre) -> None:
    page = note(sign_in(context, centre), centre)
    address = page.url
    context.set_offline(True)
    page.locator("[name=text]").fill(WORDS)
    expect(page.locator("[data-kg-state]")).to_contain_text("No connection")
    while not stored(page):
        page.wait_for_timeout(100)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[name=text]")).to_have_value(WORDS)
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[name=text]")).to_have_value("")
    assert stored(page) == []


def test_a_session_that_dies_in_an_interview_loses_nothing(context: BrowserContext, centre: Centre) -> None:
    page = note(sign_in(context, centre), centre)
    page.locator("[name=text]").fill(WORDS)
    expect(page.locator("[data-kg-state]")).to_contain_text(KEPT)
    centre.sql("delete from django_session")
    page.locator("[name=text]").fill(MORE)
    expect(page.locator("[data-kg-state]")).to_contain_text("You are signed out. Your text is saved as a draft.")
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(re.compile("/account/login/"), wait_until="networkidle")
    assert stored(page) == []
    press_in(page)
    expect(page.locator("[name=text]")).to_have_value(MORE)
    centre.sql("delete from django_session")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("Your text is saved as a draft")).to_be_visible()
    press_in(page)
    expect(page.locator("[name=text]")).to_have_value(MORE)
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("The note is saved.")).to_be_visible()


def test_an_idle_page_warns_offers_to_stay_and_then_leaves(context: BrowserContext, centre: Centre) -> None:
    page = sign_in(context, centre)
    page.clock.install()
    note(page, centre)
    page.clock.run_for(12 * 60 * 1000)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.clock.run_for(65 * 1000)
    expect(page.get_by_role("dialog", name="You will be signed out soon")).to_be_visible()
    assert driver.axe(page) == []
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.clock.run_for(15 * 60 * 1000)
    expect(page).to_have_url(re.compile("/account/login/\\?next="))


def test_an_idle_page_without_a_line_shows_nothing_and_keeps_the_words(context: BrowserContext, centre: Centre) -> None:
    page = sign_in(context, centre)
    page.clock.install()
    note(page, centre)
    case = page.url
    context.set_offline(True)
    page.locator("[name=text]").fill(WORDS)
    page.clock.run_for(15 * 60 * 1000)
    expect(page.get_by_role("alert")).to_contain_text("You are signed out, because there was no activity")
    assert page.locator("body").inner_text() == page.get_by_role("alert").inner_text()
    assert "KZ-" not in page.content()
    context.set_offline(False)
    page.clock.run_for(10_000)
    expect(page).to_have_url(re.compile("/account/login/\\?next="))
    press_in(page)
    page.goto(case)
    expect(page.locator("[name=text]")).to_have_value(WORDS)


def test_signing_out_wipes_everything_the_browser_kept(context: BrowserContext, centre: Centre) -> None:
    page = note(sign_in(context, centre), centre)
    other = context.new_page()
    note(other, centre)
    page.bring_to_front()
    page.evaluate("localStorage.setItem('kg:left', 'x')")
    page.locator("[name=text]").fill(WORDS)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/account/login/"))
    assert stored(page) == []
    expect(other).to_have_url(re.compile("/account/login/"))
    # what was typed is on the server, for the user alone
    press_in(page, "supervisor")
    page.wait_for_url(re.compile("/work/"))
    note(page, centre)
    expect(page.locator("[name=text]")).to_have_value("")


def test_two_presses_are_one_note(context: BrowserContext, centre: Centre) -> None:
    page = note(sign_in(context, centre), centre)
    page.locator("[name=text]").fill(WORDS)
    before = centre.sql("select count(*) from cases_note")
    page.evaluate(
        """() => {
            const form = document.querySelector("form[data-kg-typing]"), body = new URLSearchParams(new FormData(form));
            return Promise.all([1, 2, 3].map(() => fetch(form.action, { method: "POST", body }).then((a) => a.status)));
        }"""
    )
    [(now,)], [(then,)] = centre.sql("select count(*) from cases_note"), before
    assert int(str(now)) == int(str(then)) + 1


def test_a_late_autosave_of_a_saved_form_is_no_error_and_reloads_nothing(
    context: BrowserContext, centre: Centre
) -> None:
    page = note(sign_in(context, centre), centre)
    seen = driver.watch(page)
    page.locator("[name=text]").fill(WORDS)
    while not stored(page):
        page.wait_for_timeout(50)
    # sooner than the page sends a draft: the next page sends what this one left in the browser
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("The note is saved.")).to_be_visible()
    while stored(page):
        page.wait_for_timeout(50)
    expect(page.get_by_text("The note is saved.")).to_be_visible()
    assert seen == []


def test_the_form_for_the_next_person_is_empty(context: BrowserContext, centre: Centre) -> None:
    page = sign_in(context, centre)
    page.goto(f"{centre.address}/en/work/register/")
    page.locator("[name=family]").fill("Typedova")
    page.locator("[name=given]").fill("Typed")
    page.locator("[name=birth_day]").fill("40")
    # sooner than the page sends a draft
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("[name=birth_day]").fill("")
    page.get_by_role("button", name="Register").first.click()
    expect(page.get_by_text("Registered as")).to_be_visible()
    for _again in range(2):
        page.goto(f"{centre.address}/en/work/register/")
        expect(page.locator("[name=family]")).to_have_value("")
        expect(page.locator("[data-kg-restored]")).to_have_count(0)


def test_two_windows_that_change_one_person_meet_and_merge(
    context: BrowserContext, browser: Browser, centre: Centre
) -> None:
    page = sign_in(context, centre)
    case = a_case(page, centre)
    page.goto(f"{centre.address}{case}person/")
    hers = sign_in(driver.visit(browser), centre, "supervisor")
    hers.goto(f"{centre.address}{case}person/")
    hers.locator("[name=given]").fill("Hers")
    hers.locator("[name=phone]").fill("+7 700")
    hers.get_by_role("button", name="Save").click()
    expect(hers.get_by_text("The details are saved.")).to_be_visible()
    hers.context.close()
    page.locator("[name=given]").fill("Mine")
    page.locator("[name=middle]").fill("Short")
    expect(page.locator("[data-kg-state]")).to_contain_text("Another user changed this meanwhile")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Choose a value for each field that you both changed.", exact=False)).to_be_visible()
    assert driver.axe(page) == []
    for width in driver.WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert driver.overflow(page) == 0
    page.get_by_label("Yours Mine").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The details are saved.")).to_be_visible()
    page.goto(f"{centre.address}{case}person/")
    # a number is hidden until a user asks for it
    page.locator("button[name=show][value=contact]").click()
    for name, value in {"given": "Mine", "phone": "+7 700", "middle": "Short"}.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)


def test_the_language_changes_and_the_words_stay(context: BrowserContext, centre: Centre) -> None:
    page = note(sign_in(context, centre), centre)
    page.locator("[name=text]").fill(WORDS)
    page.get_by_role("link", name="Русский").click()
    expect(page).to_have_url(re.compile("/ru/"))
    expect(page.locator("[name=text]")).to_have_value(WORDS)


def test_one_key_hides_names_in_fields_too_and_on_the_next_page(context: BrowserContext, centre: Centre) -> None:
    page = sign_in(context, centre)
    case = a_case(page, centre)
    page.goto(f"{centre.address}{case}person/")
    page.locator("[name=family]").focus()
    page.keyboard.press("F2")
    transparent = "rgba(0, 0, 0, 0)"
    expect(page.locator("[name=family]")).to_have_css("color", transparent)
    page.goto(f"{centre.address}{case}")
    expect(page.locator(".kg-name").first).to_have_css("filter", re.compile("blur"))
    assert stored(page) == ["kerege-hide-names,1"]
    page.emulate_media(media="print")
    expect(page.locator(".kg-name").first).to_have_css("visibility", "hidden")
