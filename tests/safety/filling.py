"""Reads the forms of a page and fills them in: as meant, wrongly, too late, or with malice."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

# buttons that keep or throw away a draft instead of sending the form
KEEPING = {"form_keep", "form_discard"}
HOSTILE = "‮<script>alert(1)</script>\n=cmd|' /C calc'!A0\"'𠮷" + "é" * 9000


@dataclass
class Form:
    """A form: where it posts to, its fields by name (values on offer) and kinds."""

    action: str
    method: str
    offered: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def filled(self, manner: str, text: str) -> dict[str, Any]:
        """Return what a browser would send."""
        return {name: self._value(name, manner, text) for name in self.kinds if name not in KEEPING}

    def _value(self, name: str, manner: str, text: str) -> Any:
        kind, values = self.kinds[name], [value for value in self.offered[name] if value]
        if name == "form_token":
            return values[0]
        if manner == "invalid":
            return text
        if name == "version" and manner == "stale":
            return "0"
        if kind in {"choice", "hidden", "submit"}:
            return [values[0]] if name in self.several and values else values[0] if values else ""
        if name.endswith(("_day", "_month")):
            return "3"
        if name.endswith("_year"):
            return "2025"
        if name in {"year", "people", "age_when_trafficked"}:
            return "12"
        return f"{text}{HOSTILE}" if manner == "hostile" else text


class Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms, inputs, selects and their options."""
        have = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(have.get("action", ""), have.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is None:
            return
        elif tag == "option":
            self._offer(self._select, "choice", have.get("value", ""))
        elif tag == "select":
            self._select = have.get("name", "")
        elif tag in {"input", "textarea", "button"} and have.get("name"):
            kind = have.get("type", "text") if tag == "input" else {"button": "submit"}.get(tag, "text")
            choice = kind in {"radio", "checkbox"}
            self._offer(have["name"], "choice" if choice else kind, have.get("value", "on" if choice else ""))
            if kind == "checkbox" and self._open:
                self._open.several.add(have["name"])

    def handle_endtag(self, tag: str) -> None:
        """Close the form at its end tag."""
        if tag == "form":
            self._open = None

    def _offer(self, name: str, kind: str, value: str) -> None:
        if self._open is not None and name:
            self._open.offered.setdefault(name, []).append(value)
            self._open.kinds[name] = kind


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page that post."""
    return [form for form in Forms(page).forms if form.method == "post"]
