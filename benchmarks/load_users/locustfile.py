"""Work of fifty people all day, in the proportions of a programme's work. Run by benchmarks/load.py.

A form is opened, filled in as long as people think, kept once as a draft (as the browser does by itself), and saved.
"""

from __future__ import annotations

import json
import os
import random
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from locust import HttpUser, between, task

PEOPLE = iter(json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text()))
NAMES = ["Марат", "Karimov", "Сәуле Ахметова", "Юсупова Умида", "Zhanna", "Тимур Рахимов", "Wilhelmina", "Гульнара",
         "Ahmetov Yerbol", "Tolegenova Aigul"]  # fmt: skip
NARROWED = ["", "", "?mine=on", "?status=open", "?exploitation_form=forced_labour", "?year=2024", "?page=3",
            "?status=open&risk_level=high", "?overdue=on", "?lacks=caseworker"]  # fmt: skip
TABS = ["", "", "", "person", "identification", "assistance", "sharing", "files", "history"]
TODAY = {"day": "20", "month": "11", "year": "2025"}
DONE = re.compile(r'action="([^"]*/work/tasks/[^"]*/done/)"')
FORM = re.compile(r"<form[^>]*>(?:(?!</form>).)*?</form>", re.DOTALL)
KEPT = "X-Kerege-Draft"
CASEWORK = {"caseworker", "supervisor", "identifying_officer"}
CARERS = {"caseworker", "supervisor"}


class Fields(HTMLParser):
    """Return what a form would send unchanged."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        name, kind = attributes.get("name", ""), attributes.get("type", "text")
        if tag in {"select", "textarea"}:
            self.inside = name
            self.values.setdefault(name, "")
        elif tag == "option" and "selected" in attributes:
            self.values[self.inside] = attributes.get("value", "")
        elif tag == "input" and name and (kind not in {"radio", "checkbox"} or "checked" in attributes):
            self.values.setdefault(name, attributes.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self.inside:
            self.values[self.inside] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self.inside = ""


class Worker(HttpUser):
    """A user with a session and cases."""

    wait_time = between(5, 10)

    def on_start(self) -> None:
        """Sit down."""
        me = next(PEOPLE)
        self.role, self.cases, self.numbers = me["role"], me["cases"], me["numbers"]
        self.client.cookies.set("kerege", me["session"])
        self.open("/en/work/", f"home: {self.role}")

    def open(self, path: str, name: str) -> Any:
        """A page; anything but 200 is a failure."""
        with self.client.get(path, name=name, catch_response=True, allow_redirects=False) as answer:
            if answer.status_code != 200:
                answer.failure(str(answer.status_code))
            return answer

    def post(self, path: str, name: str, done: int, values: dict[str, str], **headers: str) -> None:
        """Send a form; any other answer than `done` is a failure."""
        headers["Referer"] = f"{self.host}{path}"
        with self.client.post(
            path, values, name=name, headers=headers, catch_response=True, allow_redirects=False
        ) as answer:
            if answer.status_code != done:
                answer.failure(str(answer.status_code))

    def fill(self, path: str, what: str, done: int = 302, name: str = "", **values: str) -> None:
        """A form: opened, filled in for a while, kept as a draft, saved."""
        page = self.open(path, f"form: {what}")
        # the page's own form; a page without it ends here, with an exception that is told at the end
        takes = [form for form in FORM.findall(page.text) if all(f'name="{field}"' in form for field in values)]
        typed = Fields(takes[-1]).values | values
        self.wait()
        if not name:
            self.post(path, "draft", 204, typed, **{KEPT: "1"})
        self.post(path, name or f"save: {what}", done, typed)

    @task(4)
    def look_at_the_day(self) -> None:
        """Home."""
        self.open("/en/work/", f"home: {self.role}")

    @task(4)
    def list_cases(self) -> None:
        """The list, as it is and narrowed."""
        if self.role in CASEWORK:
            self.open(f"/en/work/cases/{random.choice(NARROWED)}", "list: cases")

    @task(4)
    def search(self) -> None:
        """A person by name in one spelling or another, or by the number of their document."""
        if self.role in CASEWORK:
            number = random.random() < 0.3
            text = random.choice(self.numbers if number else NAMES)
            self.fill("/en/work/search/", "search", 200, f"search: {'number' if number else 'name'}", text=text)

    @task(8)
    def read_a_case(self) -> None:
        """A case, one tab of it."""
        if self.cases:
            tab = random.choice(TABS)
            name = f"case: {tab or 'overview'}"
            self.open(f"/en/work/cases/{random.choice(self.cases)}/{f'?tab={tab}' if tab else ''}", name)

    @task(2)
    def look_into_the_inbox(self) -> None:
        """Referrals."""
        self.open("/en/work/referrals/", "list: inbox")

    @task(2)
    def finish_a_task(self) -> None:
        """The tasks, and one of them done."""
        if self.role in CASEWORK:
            page = self.open("/en/work/tasks/", "list: tasks")
            forms = [form for form in FORM.findall(page.text) if DONE.search(form)]
            if forms and self.role in CARERS:
                form = random.choice(forms)
                self.wait()
                self.post(DONE.findall(form)[0], "save: task done", 302, Fields(form).values)

    @task(3)
    def write_a_note(self) -> None:
        """A note."""
        self.change("note", "note", text="Ұйқысы жақсарды. Сон стал лучше.")

    @task(1)
    def record_a_service(self) -> None:
        """A service."""
        began = {f"started_on_{part}": value for part, value in TODAY.items()}
        self.change("service", "service", kind="medical_care", status="ongoing", payer="state", **began)

    @task(1)
    def change_the_person(self) -> None:
        """Another telephone number."""
        self.change("person", "person", phone=f"+7701{random.randrange(10**7):07d}")

    @task(2)
    def do_what_the_role_does(self) -> None:
        """Do the work that only one role has."""
        places = {
            "supervisor": ["/en/work/team/", "/en/work/approvals/", "/en/work/quality/", "/en/work/month/"],
            "identifying_officer": ["/en/work/decisions/"],
            "coordinator": ["/en/work/referrals/silent/", "/en/work/process/", "/en/work/quality/"],
            "caseworker": ["/en/work/signals/", "/en/work/month/"],
        }[self.role]
        path = random.choice(places)
        self.open(path, f"{'list' if path.endswith('decisions/') else 'other'}: {path.split('/')[-2]}")

    def change(self, part: str, what: str, **values: str) -> None:
        """A form of a case that is assigned to the user."""
        if self.role in CARERS:
            self.fill(f"/en/work/cases/{random.choice(self.cases)}/{part}/", what, **values)
