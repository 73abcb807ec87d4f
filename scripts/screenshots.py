"""Retake the screenshots of the README and the tutorial from a running demo programme.

    .venv/bin/kerege demo --fresh                          # in another terminal
    .venv/bin/python scripts/screenshots.py [ADDRESS]      # http://localhost:8000 when none is given
The story of the tutorial is played on the way, so the demo holds two invented people more afterwards.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent.parent / "docs" / "img"
WIDTH, PHONE = 1280, 390
PATIENCE = 60  # seconds for the worker
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
ARGS = ["--no-sandbox", "--disable-background-networking"]
CENTRE = "Karaganda Region Social Protection Department"


@contextmanager
def as_role(browser: Browser, address: str, role: str = "", width: int = WIDTH) -> Iterator[Page]:
    """Open a browser page signed in with a demo role; without a role, a public page."""
    context = browser.new_context(viewport={"width": width, "height": 860}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(60_000)
    if role:
        page.goto(f"{address}/en/account/login/")
        page.locator(f"button[name=role][value={role}]").click()
        page.goto(f"{address}/en/work/")
    yield page
    context.close()


def picture(page: Page, name: str, height: int = 860) -> None:
    """Save the upper part of the page as docs/img/NAME.png."""
    width = page.viewport_size["width"] if page.viewport_size else WIDTH
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("window.scrollTo(0, 0)")
    page.locator("body").evaluate("body => document.activeElement && document.activeElement.blur()")
    page.screenshot(path=str(IMAGES / f"{name}.png"))
    print(f"{name}.png")


def press(page: Page, name: str) -> None:
    """Click the last button of that name in the main part of the page."""
    page.locator("main").get_by_role("button", name=name, exact=True).last.click()


def public(browser: Browser, address: str) -> None:
    """Take the public pages, on a desktop and on a phone."""
    with as_role(browser, address) as page:
        page.goto(f"{address}/en/")
        picture(page, "report", 1000)
        page.goto(f"{address}/en/account/login/")
        picture(page, "sign-in", 900)
    with as_role(browser, address, width=PHONE) as page:
        page.goto(f"{address}/kk/")
        picture(page, "phone-report", 844)


def morning(browser: Browser, address: str) -> None:
    """Take the caseworker's home page and a case."""
    with as_role(browser, address, "caseworker") as page:
        picture(page, "home", 1000)
        page.get_by_role("link", name="KZ-2026-00003").first.click()
        picture(page, "case", 1000)


def register(page: Page, address: str) -> None:
    """Register a new person with few known data, and find them by another spelling."""
    fill_in(page, address, "Сәрсенбаева", "Гүлнар")
    picture(page, "register", 1000)
    press(page, "Register")
    if page.get_by_label("No, this is a new person").count():  # the script ran before on this register
        as_new(page)
    page.goto(f"{address}/en/work/search/")
    page.locator("main [name=text]").fill("Sarsenbaeva Gulnar")
    press(page, "Search")
    picture(page, "search", 640)


def fill_in(page: Page, address: str, family: str, given: str) -> None:
    """Fill in the form of a new person."""
    page.goto(f"{address}/en/work/register/")
    for field, value in {"family": family, "given": given, "birth_year": "1997"}.items():
        page.locator(f"[name={field}]").fill(value)
    page.locator("[name=gender]").select_option("feminine")
    page.locator("[name=citizenship]").select_option("KZ")


def as_new(page: Page) -> None:
    """Answer that the person is none of those found."""
    page.get_by_label("No, this is a new person").check()
    page.get_by_role("button", name="Register").first.click()


def register_again(browser: Browser, address: str) -> None:
    """Register the same person again as a colleague, in another spelling and as a new person."""
    with as_role(browser, address, "caseworker") as page:
        fill_in(page, address, "Sarsenbaeva", "Gulnar")
        press(page, "Register")
        page.get_by_label("No, this is a new person").wait_for()
        picture(page, "candidates", 760)
        as_new(page)


def same_person(browser: Browser, address: str) -> None:
    """Take the review page of two records that may be of one person; the worker proposes the pair."""
    with as_role(browser, address, "supervisor") as page:
        pair = page.locator("main tbody a")
        for _ in range(PATIENCE):
            page.goto(f"{address}/en/work/matches/")
            if pair.count():
                break
            page.wait_for_timeout(1000)
        pair.first.click()
        picture(page, "pair", 900)


def help_and_refer(page: Page) -> None:
    """Record a service, the person's consent, and a referral based on it."""
    page.locator("main").get_by_role("link", name="KZ-").first.click()
    case = page.url
    page.goto(f"{case}service/")
    page.locator("[name=kind]").select_option(label="Shelter")
    page.locator("[name=payer][value=state]").check()
    picture(page, "service", 900)
    press(page, "Save")
    page.goto(f"{case}consent/")
    page.get_by_label("Agrees", exact=True).check()
    page.get_by_label("What for").select_option(label="Sharing with another agency")
    choose(page, "recipient")
    for data in ("identity", "needs"):
        page.locator(f"[name=categories][value={data}]").check()
    press(page, "Save")
    page.goto(f"{case}refer/")
    choose(page, "to_agency")
    page.locator("[name=services][value=financial_aid]").check()
    page.locator("[name=consent]").select_option(index=1)
    for data in ("identity", "needs"):
        page.locator(f"[name=categories][value={data}]").check()
    press(page, "See what they will see")
    picture(page, "refer", 900)
    press(page, "Send")


def choose(page: Page, field: str) -> None:
    """Choose the department in a list of agencies; some lists also show the place."""
    options = page.locator(f"[name={field}] option")
    label = next(text for text in options.all_text_contents() if text.startswith(CENTRE))
    page.locator(f"[name={field}]").select_option(label=label)


def answer(browser: Browser, address: str) -> None:
    """Accept the referral as the receiving agency; then decide on another person as its officer."""
    with as_role(browser, address, "identifying_officer") as page:
        page.goto(f"{address}/en/work/referrals/")
        page.locator("main a[href*='/referrals/']").last.click()
        page.get_by_label("Accepted", exact=True).check()
        picture(page, "referral", 800)
        press(page, "Send the answer")
        page.goto(f"{address}/en/work/")
        page.get_by_role("link", name="Record a decision").first.click()
        for choice in ("Formal identification", "Identified as a victim", "Reasonable grounds", "Record of interview"):
            page.get_by_label(choice, exact=True).check()
        page.locator("[name=grounds]").fill("Passport withheld, wages not paid for three months, no way to leave.")
        picture(page, "decision", 900)


def others(browser: Browser, address: str) -> None:
    """Take the justice officer's home page and the coordinator's page of figures."""
    with as_role(browser, address, "justice_officer") as page:
        picture(page, "justice", 760)
    with as_role(browser, address, "coordinator") as page:
        page.goto(f"{address}/en/work/figures/")
        picture(page, "figures", 900)


def main(address: str) -> None:
    """Run all steps and take all screenshots."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        public(browser, address)
        morning(browser, address)
        with as_role(browser, address, "caseworker") as page:
            register(page, address)
            help_and_refer(page)
        answer(browser, address)
        register_again(browser, address)
        same_person(browser, address)
        others(browser, address)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://localhost:8000")
