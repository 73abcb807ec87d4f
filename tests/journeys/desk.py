"""Colleague at a desk, who signs in, opens pages, fills forms and presses buttons.

The desk watches for what must not happen.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests import second_factor
from tests.journeys.programme import SECRET, Programme
from tests.web import browser as driver
from tests.web.server import PASSWORD

# the people who are helped in the stories: no address and no title ever names them
NAMES = ("Юлдашев", "Yuldashev", "Әбенова", "Канарейкина", "Kanareykina", "Зорина", "Rakhimova", "Рахимова", "Тишина")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# pages that were found accessible in this run
LOOKED_AT: set[str] = set()


SHOWN: dict[str, int] = {}


def show_code(username: str) -> str:
    """Return a code that the authenticator shows for ten more seconds.

    A slow machine takes some seconds to send it. A code counts once: a user who signs in again at once waits for the
    next code.
    """
    period = second_factor.current_period(enough=10)
    while period <= SHOWN.get(username, 0):
        time.sleep(1)
        period = second_factor.current_period(enough=10)
    SHOWN[username] = period
    return second_factor.code(SECRET, period)


def without_aborted(lines: Sequence[str]) -> list[str]:
    """Return console lines without those of requests that ended because the user left the page."""
    aborted = {number for number, line in enumerate(lines) if line.startswith("htmx:sendAbort")}
    ended = {number - 1 for number in aborted if number and lines[number - 1].startswith("htmx:afterRequest")}
    return [line for number, line in enumerate(lines) if number not in aborted | ended]


class Desk:
    """A page of a signed-in colleague in one language."""

    def __init__(self, page: Page, address: str, language: str) -> None:
        self.page, self.address, self.language = page, address, language
        self.seen = driver.watch(page)
        page.on("response", lambda answer: self.seen.append(answer.url) if answer.status >= 500 else None)

    # -- going ------------------------------------------------------------------------------------------------------
    def open(self, path: str) -> None:
        """Open an address of the register."""
        answer = self.page.goto(f"{self.address}/{self.language}/{path}")
        assert answer is not None
        assert answer.status == 200, f"{answer.status} {path}"
        self.look()
        self._confirm()

    def open_anew(self, path: str) -> None:
        """Open a public address as it is now: a browser may keep its page for five minutes."""
        self.open(path)
        self.page.reload()
        self.look()

    def finds_nothing(self, path: str) -> None:
        """Check that the user reads only what they read of a case that does not exist."""
        status, read = self._refused(path)
        if status == 403:  # the user's role opens no such page at all, whatever the number
            assert self._refused(ID.sub(str(uuid4()), path)) == (status, read), path
        self.seen[:] = [line for line in self.seen if "404" not in line and "403" not in line]

    def _refused(self, path: str) -> tuple[int, str]:
        answer = self.page.goto(f"{self.address}/{self.language}/{path}")
        assert answer is not None
        assert answer.status in {403, 404}, f"{answer.status} {path}"
        return answer.status, self.page.inner_text("main")

    def follow(self, end: str) -> None:
        """Click the first link whose address ends so (or, without a slash at its end, holds these letters)."""
        self._leave(self._main.locator(f"a[href{'$' if end.endswith('/') else '*'}='{end}']").first)

    def follow_into(self, part: str) -> None:
        """Click the first link to a row whose address contains this part."""
        self._leave(self._main.locator(f"a[href*='{part}']:not([href$='{part}'], [href*='{part}?'])").first)

    def go_to(self, words: str) -> None:
        """Click the link with these words, or the first one of the entry that holds them."""
        link = self._main.locator("a[href*='/work/']").filter(has_text=words)
        entry = self._main.locator("li, tr").filter(has_text=words).locator("a[href*='/work/']")
        self._leave(link.or_(entry).first)

    def press(self, button: str = "", form: str = "") -> None:
        """Press the button of the form, or one named `name=value`, or that of the form with this address."""
        kind = "button:not([type=button])" if form else "button:not(.govuk-button--secondary)"
        if button:
            name, _, value = button.partition("=")
            kind = f"button[name='{name}'][value='{value}']"
        where = f"form[action*='{form}']" if form else "form:not([data-kg-restored])"
        self._leave(self._main.locator(where).locator(kind).first)

    def _leave(self, what: Locator) -> None:
        self._click(what)
        self._confirm()

    def _click(self, what: Locator) -> None:
        self._unfold(what)
        with self.page.expect_navigation() as led:
            what.click()
        self.look()
        if led.value.request.method == "POST":  # an answer that has no address of its own: a preview, faults
            self.is_accessible()

    # -- filling ----------------------------------------------------------------------------------------------------
    def fill(self, **values: Any) -> None:
        """Fill fields by their names: a text, the code of a choice, codes to tick, a day, yes or no."""
        for name, value in values.items():
            if isinstance(value, date):
                self.fill(**{f"{name}_{part}": str(getattr(value, part)) for part in ("day", "month", "year")})
            elif isinstance(value, str):
                self._fill_one(name, value)
            elif isinstance(value, bool):
                self._field(name).set_checked(value)
            else:
                self._tick(name, value)

    def _fill_one(self, name: str, value: str) -> None:
        field = self._field(name)
        kind = field.evaluate("field => field.type")
        if kind == "radio":
            self._field(name, value).check()
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value)

    def _tick(self, name: str, values: Iterable[str]) -> None:
        self._field(name)
        ticked = set(values)
        for box in self._main.locator(f"[name='{name}']").all():
            box.set_checked(box.get_attribute("value") in ticked)

    def _field(self, name: str, value: str = "") -> Locator:
        chosen = f"[value='{value}']" if value else ""
        field = self._main.locator(f"[name='{name}']{chosen}:not([type=hidden])").first
        self._unfold(field)
        return field

    def choose(self, name: str, words: str) -> None:
        """Choose of a list by its words."""
        field = self._field(name)
        if field.evaluate("field => field.type") == "radio":
            self._main.get_by_label(words).check()
            return
        option = field.locator("option", has_text=words).first
        field.select_option(option.get_attribute("value") or "")

    def _unfold(self, what: Locator) -> None:
        folded = what.locator("xpath=ancestor::details[not(@open)]/summary")
        if folded.count():
            folded.first.click()

    # -- seeing -----------------------------------------------------------------------------------------------------
    @property
    def _main(self) -> Locator:
        return self.page.locator("main")

    @property
    def text(self) -> str:
        """Return every word of the page, closed sections included."""
        return str(self._main.evaluate("main => main.textContent"))

    def sees(self, *words: str) -> None:
        for word in words:
            expect(self._main).to_contain_text(word)

    def sees_not(self, *words: str) -> None:
        html = self._main.inner_html()
        shown = [word for word in words if word in html]
        assert not shown, shown

    @property
    def heading(self) -> str:
        return self._main.get_by_role("heading", level=1).first.inner_text()

    def offers(self, part: str) -> bool:
        """Return whether the page has a link whose address contains these letters."""
        return self._main.locator(f"a[href*='{part}']").count() > 0

    def offers_choice(self, name: str, words: str) -> bool:
        """Return whether a list has an entry with these words."""
        return self._main.locator(f"[name='{name}'] option").filter(has_text=words).count() > 0

    def _confirm(self) -> None:
        """Confirm the identity if the page asks for it: a sign-in counts as recent for five minutes."""
        if self.has_field("step_up_secret"):
            self.fill(step_up_secret=PASSWORD)
            self._click(self._main.locator("button[name=step_up]").first)

    def has_field(self, name: str) -> bool:
        """Return whether the page has this field."""
        return self._main.locator(f"[name='{name}']:not([type=hidden])").count() > 0

    @property
    def faults(self) -> str:
        """Return what the form says cannot be so."""
        return " ".join(self.page.locator(".govuk-error-summary").all_inner_texts())

    @property
    def session(self) -> str:
        """Return the key of the session in the user's browser."""
        return next(str(cookie["value"]) for cookie in self.page.context.cookies() if cookie["name"] == "kerege")

    @property
    def here(self) -> str:
        """Return the path of the page."""
        return self.page.url.removeprefix(f"{self.address}/{self.language}/")

    @property
    def case(self) -> str:
        """Return the path of the case that is open."""
        match = re.search(r"work/cases/[0-9a-f-]+/", self.page.url)
        assert match, self.page.url
        return match.group()

    def look(self) -> None:
        """Check that title and address contain no name, and that the console has no error.

        The page loads nothing from another host and is not wider than the window.
        """
        heading = f"{self.page.title()} {self.page.url}"
        assert not [name for name in NAMES if name in heading], heading
        wrong = without_aborted(self.seen)
        assert not wrong, f"{self.page.url}: {wrong}"
        assert driver.overflow(self.page) == 0, self.page.url

    def is_accessible(self) -> None:
        """Check one page of each kind that a sweep over addresses does not reach."""
        kind = ID.sub("*", self.here)
        if kind not in LOOKED_AT:
            assert not (faults := driver.axe(self.page)), f"{kind}: {faults}"
            LOOKED_AT.add(kind)


class PlainDesk(Desk):
    """The same with a browser that runs no script: what needs one cannot be asked."""

    def look(self) -> None:
        heading = f"{self.page.title()} {self.page.url}"
        assert not [name for name in NAMES if name in heading], heading
        assert not self.seen, f"{self.page.url}: {self.seen}"

    def is_accessible(self) -> None:
        """Asked of the same pages where scripts run."""

    @property
    def text(self) -> str:
        return self._main.text_content() or ""


class Staff:
    """Everybody who works in the programme; a user who signed in stays at the desk until the end."""

    def __init__(self, browser: Browser, programme: Programme) -> None:
        self.browser, self.programme = browser, programme
        self.signed_in: dict[str, BrowserContext] = {}

    def desk(self, username: str, language: str) -> Desk:
        """Return the desk in this language, after the user has signed in."""
        known = username in self.signed_in
        if not known:
            self.signed_in[username] = self._context()
        desk = self._new(Desk, username, language)
        if not known:
            sign_in(desk, username)
        desk.open("work/")
        return desk

    def empty_desk(self, username: str, language: str, **options: Any) -> Desk:
        """Return a browser in which no user has signed in yet."""
        self.signed_in[f"{username} anew"] = self._context(**options)
        return self._new(Desk, f"{username} anew", language)

    def plain_desk(self, username: str, language: str) -> Desk:
        """Return the desk with a browser that runs no script."""
        self.signed_in[f"{username} plain"] = self._context(java_script_enabled=False)
        desk = self._new(PlainDesk, f"{username} plain", language)
        sign_in(desk, username)
        return desk

    def _context(self, **options: Any) -> BrowserContext:
        return driver.visit(self.browser, viewport={"width": 1280, "height": 900}, **options)

    def _new(self, kind: type[Desk], who: str, language: str) -> Desk:
        return kind(self.signed_in[who].new_page(), self.programme.address, language)

    def close_pages(self) -> None:
        """Close the pages of all users. They stay signed in."""
        for context in self.signed_in.values():
            for page in context.pages:
                page.close()

    def leave(self) -> None:
        """Everybody goes home."""
        for context in self.signed_in.values():
            context.close()


def sign_in(desk: Desk, username: str) -> None:
    """Sign in with user name and password, then with the code of the authenticator."""
    desk.open("account/login/")
    type_in(desk, username)


def type_in(desk: Desk, username: str) -> None:
    """Fill in user name, password and code on a page that asks for them."""
    desk.fill(login=username, password=PASSWORD)
    desk.press(form="/login/")
    desk.fill(code=show_code(username))
    desk.press(form="/authenticate/")
