"""What fifty people do all day, in the proportions of a crisis centre. Run by benchmarks/load.py."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path
from typing import Any

from locust import HttpUser, between, task

PEOPLE = iter(json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text()))
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
NAME, VALUE = re.compile(r'name="([^"]+)"'), re.compile(r'value="([^"]*)"')
NAMES = ["Марат", "Karimov", "Сәуле Ахметова", "Юсупова Умида", "Zhanna", "Тимур Рахимов", "Wilhelmina", "Гульнара"]
TODAY = {"day": "20", "month": "11", "year": "2025"}


class Worker(HttpUser):
    """Somebody with a session and cases."""

    wait_time = between(5, 10)

    def on_start(self) -> None:
        """Sit down."""
        me = next(PEOPLE)
        self.role, self.cases = me["role"], me["cases"]
        self.client.cookies.set("kerege", me["session"])
        self.open("/en/work/", "home")

    def open(self, path: str, name: str) -> Any:
        """A page; anything but 200 is a failure."""
        with self.client.get(path, name=name, catch_response=True, allow_redirects=False) as answer:
            if answer.status_code != 200:
                answer.failure(str(answer.status_code))
            return answer

    def send(self, page: Any, path: str, name: str, done: int, **values: str) -> None:
        """Fill in the form of a page: its hidden fields (tokens, version) and these values."""
        hidden = {}
        for tag in HIDDEN.findall(page.text):
            found, value = NAME.search(tag), VALUE.search(tag)
            if found:
                hidden.setdefault(found[1], value[1] if value else "")
        with self.client.post(
            path,
            hidden | values,
            name=name,
            headers={"Referer": f"{self.host}{path}"},
            catch_response=True,
            allow_redirects=False,
        ) as answer:
            if answer.status_code != done:
                answer.failure(str(answer.status_code))

    @task(4)
    def look_at_the_day(self) -> None:
        """Home."""
        self.open("/en/work/", "home")

    @task(4)
    def list_cases(self) -> None:
        """The list, as it is and narrowed."""
        narrowed = random.choice(["", "?mine=on", "?status=open", "?exploitation_form=forced_labour", "?page=3"])
        self.open(f"/en/work/cases/{narrowed}", "list")

    @task(4)
    def search(self) -> None:
        """Somebody by name."""
        page = self.open("/en/work/search/", "search: form")
        self.send(page, "/en/work/search/", "search", 200, text=random.choice(NAMES))

    @task(8)
    def read_a_case(self) -> None:
        """A case, one tab of it."""
        tab = random.choice(["", "", "?tab=assistance", "?tab=identification", "?tab=sharing", "?tab=history"])
        self.open(f"/en/work/cases/{random.choice(self.cases)}/{tab}", f"case{tab.replace('?tab=', ': ')}")

    @task(3)
    def write_a_note(self) -> None:
        """A note."""
        if self.role in {"caseworker", "supervisor"}:
            self.fill("note", text="Ұйқысы жақсарды. Сон стал лучше.")

    @task(1)
    def record_a_service(self) -> None:
        """A service."""
        if self.role in {"caseworker", "supervisor"}:
            began = {f"started_on_{part}": value for part, value in TODAY.items()}
            self.fill("service", kind="medical_care", status="ongoing", payer="state", **began)

    def fill(self, what: str, **values: str) -> None:
        """A form of a case: opened, thought about, saved."""
        path = f"/en/work/cases/{random.choice(self.cases)}/{what}/"
        self.send(self.open(path, f"form: {what}"), path, f"save: {what}", 302, **values)
