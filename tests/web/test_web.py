"""Browser tests of the page frame, the components and the account pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web import browser as driver

pytestmark = pytest.mark.journey
EVERY = driver.LANGUAGES
# Languages by page: pages with much text in all three, the others in one each.
OPEN_PAGES = {
    "account/login/": EVERY,
    "gallery/faults/": EVERY,
    "gallery/error/400/": ("kk",),
    "gallery/error/403/": ("ru",),
    "gallery/error/403_csrf/": ("en",),
    "gallery/error/404/": ("kk",),
    "gallery/error/500/": ("ru",),
}
STAFF_PAGES = {
    "gallery/": EVERY,
    "account/password/change/": ("kk",),
    "account/2fa/": ("ru",),
    "account/2fa/webauthn/": ("en",),
    "account/sessions/": ("kk",),
    "account/agency/": ("ru",),
    "account/2fa/totp/activate/": ("kk",),
}
FIRST_PAGE_AT_MOST = 150_000


def sign_in(page: Page, site: str, role: str = "caseworker") -> None:
    page.goto(f"{site}/en/account/login/")
    page.locator(f"button[name=role][value={role}]").click()


def inspect(page: Page, site: str, pages: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    faults, incidents = {}, driver.watch(page)
    for path, language in [(path, language) for path, languages in pages.items() for language in languages]:
        page.goto(f"{site}/{language}/{path}")
        overflow = driver.overflow(page)
        faults[f"{language}/{path}"] = [
            *driver.axe(page),
            *incidents,
            *([f"{overflow} px too wide"] if overflow else []),
        ]
        incidents.clear()
    return faults


@pytest.mark.parametrize("width", driver.WIDTHS)
def test_open_pages_are_accessible_fit_and_load_nothing_external(browser: Browser, site: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults = inspect(page, site, OPEN_PAGES)
    page.close()
    assert not any(faults.values()), driver.report(faults)


@pytest.mark.parametrize("width", driver.WIDTHS)
def test_staff_pages_are_accessible_fit_and_load_nothing_external(browser: Browser, site: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    sign_in(page, site)
    faults = inspect(page, site, STAFF_PAGES)
    page.close()
    assert not any(faults.values()), driver.report(faults)


@pytest.mark.parametrize("language", driver.LANGUAGES)
def test_a_first_visit_stays_below_the_weight_limit(page: Page, site: str, language: str) -> None:
    assert driver.weight(page, f"{site}/{language}/account/login/") <= FIRST_PAGE_AT_MOST


def test_language_links_keep_the_page_and_its_query(page: Page, site: str) -> None:
    page.goto(f"{site}/kk/gallery/faults/?page=2")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{site}/en/gallery/faults/?page=2")


def test_one_key_hides_names_also_on_the_next_page(page: Page, site: str) -> None:
    sign_in(page, site)
    page.goto(f"{site}/en/gallery/", wait_until="networkidle")
    blur = "getComputedStyle(document.querySelector('.kg-name')).filter"
    assert page.evaluate(blur) == "none"
    page.keyboard.press("F2")
    assert "blur" in page.evaluate(blur)
    page.reload(wait_until="networkidle")
    assert "blur" in page.evaluate(blur)
    assert page.get_by_role("button", name="Hide names").get_attribute("aria-pressed") == "true"


def test_an_error_links_to_its_field(page: Page, site: str) -> None:
    page.goto(f"{site}/en/gallery/faults/", wait_until="networkidle")
    page.locator(".govuk-error-summary a", has_text="Date of birth").click()
    assert page.evaluate("document.activeElement.id") == "id_birth_day"


def test_the_page_works_without_scripts(browser: Browser, site: str) -> None:
    context = driver.visit(browser, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    page.goto(f"{site}/ru/account/sessions/")
    assert page.get_by_role("button", name="Выйти").is_visible()
    page.get_by_role("button", name="Выйти").click()
    expect(page).to_have_url(re.compile("/account/login/$"))
    context.close()


def test_shift_three_times_leaves_a_public_page(page: Page, site: str) -> None:
    requests: list[str] = []
    page.route(
        "**://*.wikipedia.org/**", lambda route: (requests.append(route.request.url), route.fulfill(body="weather"))
    )
    page.goto(f"{site}/en/gallery/faults/", wait_until="networkidle")
    for _time in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("**://*.wikipedia.org/**")
    assert requests
