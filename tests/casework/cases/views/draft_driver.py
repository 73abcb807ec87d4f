"""Pages with a draft, as a browser saves and restores it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.urls import reverse
from django.utils import translation

WORDS, MORE = "she sleeps badly <қ>", "she sleeps badly <қ> and asked for a doctor"


SAVE = {"X-Kerege-Draft": "save"}


def url_at(name: str, case: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"cases:{name}", kwargs={"pk": case.pk})


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def token_in(answer: Any) -> str:
    """Return the token of the page's main form, which is the last one."""
    return re.findall(r'name="form_token" value="([^"]+)"', answer.content.decode())[-1]


def version_in(answer: Any) -> str:
    return re.findall(r'name="version" value="([^"]+)"', answer.content.decode())[-1]


def open_form(browser: Any, name: str, case: Any) -> dict[str, str]:
    answer = browser.get(url_at(name, case))
    fields = {"form_token": token_in(answer)}
    return fields | ({"version": version_in(answer)} if 'name="version"' in answer.content.decode() else {})


def autosave(browser: Any, page: str, sent: dict[str, Any]) -> Any:
    """Save a draft as the script of the page does every few seconds."""
    return browser.post(page, sent, headers=SAVE)


def assert_saved_already(response: Any) -> None:
    """Check the answer to a late autosave: it is not an error, and says that the form was saved."""
    assert (response.status_code, response.headers["X-Kerege-Draft"]) == (204, "saved")


def field_data(form: Any) -> dict[str, Any]:
    """Return what the fields of a form send."""
    sent: dict[str, Any] = {}
    for field in form:
        value = field.value()
        if field.name == "birth":
            year, month = (value[2], value[1]) if isinstance(value, list) else (value[0].year, value[0].month)
            sent |= {"birth_year": year, "birth_month": month}
        else:
            sent[field.name] = value or ""
    return sent
