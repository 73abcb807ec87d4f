"""Watch of everything that may leave the system while pages and commands run.

It names each place that held a canary.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from django.apps import apps
from django.contrib.messages import api
from django.contrib.sessions.models import Session
from django.db import connection

from kerege.config import logs
from tests.safety.canaries import leaks

TITLE = re.compile(r"<title>(.*?)</title>", re.S)
TABLE = re.compile(r'(?:INSERT INTO|UPDATE) "(\w+)"')
LOGGERS = (
    "django",
    "django.request",
    "django.security",
    "django.security.csrf",
    "django.server",
    "axes",
    "allauth",
    "kerege",
    "_granian",
    "granian.access",
)


class Watch(logging.Handler):
    """A log handler at every level that formats as production does; `found` holds where a canary stood."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.found: list[str] = []
        self.records = 0
        # where the test itself writes a name into an address or an exception, only what is written out counts
        self.arguments_count = True
        # table -> the only canary that its rows may hold
        self.may_store: dict[str, str] = {}
        options = dict(logs.configure("DEBUG")["formatters"]["safe"])
        options.pop("()")
        self.setFormatter(structlog.stdlib.ProcessorFormatter(**options))

    def see(self, where: str, *texts: object, allowed: str = "") -> None:
        """Note where texts hold canaries other than the allowed one."""
        if canaries := [canary for canary in leaks(*texts) if canary != allowed]:
            self.found.append(f"{where}: {', '.join(canaries)}")

    def emit(self, record: logging.LogRecord) -> None:
        """Check a log record as written; for our own calls also every argument."""
        self.records += 1
        self.see(f"log {record.name}", self.format(record))
        if self.arguments_count:
            self.see(f"log record {record.name}", {k: v for k, v in vars(record).items() if k != "request"})

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Check the values that a statement writes, also of rows that do not last (an execute wrapper)."""
        if sql.startswith(("INSERT", "UPDATE")):
            # one value after the other: the repr of a row would hide the escapes of JSON
            rows = params if many else [params or ()]
            table = TABLE.match(sql)
            allowed = self.may_store.get(table[1], "") if table else ""
            self.see(f"written by {sql[:60]}", *(value for row in rows for value in row), allowed=allowed)
        return execute(sql, params, many, context)

    def response(self, where: str, answer: Any, *, may_name: bool = True) -> None:
        """Headers, cookies and title of an answer; its body too where nobody may be named."""
        where = f"{answer.status_code} {where}"
        self.see(f"{where} headers", dict(answer.items()))
        self.see(f"{where} cookies", answer.cookies.output())
        if answer.streaming or "html" not in answer.get("Content-Type", ""):
            return
        body = answer.content.decode()
        self.see(f"{where} title", " ".join(TITLE.findall(body)))
        if not may_name or (answer.status_code >= 400 and answer.status_code != 409):
            self.see(f"{where} body", body)

    def database(self) -> None:
        """Check every value of every row: identities are only in ciphertext.

        Sessions hold no text of a person.
        """
        for model in apps.get_models():
            rows = list(model._base_manager.values())
            if not leaks(*(value for row in rows for value in row.values())):
                continue
            for name in rows[0]:
                for row in rows:
                    allowed = self.may_store.get(model._meta.db_table, "")
                    self.see(f"{model._meta.label}.{name}", row[name], allowed=allowed)
        for session in Session.objects.all():
            self.see("session", session.get_decoded())

    def files(self, *folders: Path) -> None:
        """Names and contents of files."""
        for path in (path for folder in folders for path in folder.rglob("*")):
            self.see(f"file name {path}", path)
            if path.is_file():
                content = path.read_bytes()
                self.see(f"file {path}", content)
                self.see(f"file {path} in two bytes", content.decode("utf-16-le", "replace"))


@contextmanager
def watching(monkeypatch: Any) -> Iterator[Watch]:
    """Watch logs and messages until the end of the block; anything found fails it."""
    watch = Watch()
    loggers = [logging.getLogger(), *map(logging.getLogger, LOGGERS)]
    before = [(logger, logger.level) for logger in loggers]
    add_message = api.add_message

    def message(request: Any, level: int, text: str, *args: Any, **kwargs: Any) -> None:
        watch.see("message", text)
        add_message(request, level, text, *args, **kwargs)

    monkeypatch.setattr(api, "add_message", message)
    loggers[0].addHandler(watch)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        with connection.execute_wrapper(watch.statement):
            yield watch
    finally:
        loggers[0].removeHandler(watch)
        for logger, level in before:
            logger.setLevel(level)
    assert watch.found == [], "\n".join(dict.fromkeys(watch.found))
