"""Reads the forms of a page and returns what a browser would send unchanged."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class FormValueParser(HTMLParser):
    """Parser that collects the current values of the POST forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._select = self._area = ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect filled inputs, ticked boxes and selected options."""
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = have.get("method", "get").lower() == "post"
            self.forms.append({})
        elif not self._inside:
            return
        elif tag == "select":
            self._select = have.get("name", "")
        elif tag == "option" and "selected" in have:
            self._add(self._select, have.get("value", ""))
        elif tag == "textarea":
            self._area = have.get("name", "")
        elif tag == "input" and (have.get("type") not in {"radio", "checkbox"} or "checked" in have):
            self._add(have.get("name", ""), have.get("value", "on"))

    def handle_data(self, data: str) -> None:
        """Collect the text of a text area."""
        if self._area and data.strip():
            self._add(self._area, data.strip())

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a form or of a text area."""
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def _add(self, name: str, value: str) -> None:
        if name and self.forms:
            self.forms[-1].setdefault(name, []).append(value)


def read_form_values(page: str, field: str = "services") -> dict[str, Any]:
    """Return the values of the first form that has the field."""
    return next(dict(form) for form in FormValueParser(page).forms if field in form)
