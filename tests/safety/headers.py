"""Checks of the headers of a page, of what it loads and of what its forms keep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.safety.filling import forms_of

# requests that a page makes by itself; the quick exit is a link that a reader follows
ASKED = r"""src|srcset|action|formaction|poster|data"""
# a link to another form of the page loads nothing
LINKED = r"""<link(?![^>]*\brel="(?:canonical|alternate)")[^>]*\bhref"""
LOADS = re.compile(rf"""(?:\b(?:{ASKED})|{LINKED})\s*=\s*["']?(?:https?:)?//""", re.I)
INLINE = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<script(?![^>]*\bsrc=)(?![^>]*json)""", re.I
)
# pictures that every site may frame: they run no script, and show what everyone may see
EMBEDS = {"public:embed", "public:embed-pinned"}
SHOWN = "text/html"
WORDS = {"text", "textarea", "search", "tel", "email", "number"}
# they ask and are answered at once, or are about the account: nothing is written that could be lost
ASKING = {"/search/", "/look-up/", "/confirm/", "/account/"}


def check_headers(name: str, answer: Any) -> None:
    """Check the headers of a page, and that it asks no other host and has nothing inline."""
    policy = answer["Content-Security-Policy"]
    if name in EMBEDS and answer.status_code != 404:
        assert "frame-ancestors *" in policy, name
        assert "script-src 'none'" in policy, name
        return
    assert "default-src 'none'" in policy, name
    assert not re.search(r"unsafe-(inline|eval|hashes)|https?:|\*", policy), name
    assert "frame-ancestors 'none'" in policy, name
    assert answer["X-Frame-Options"] == "DENY", name
    assert answer["X-Content-Type-Options"] == "nosniff", name
    assert answer["Referrer-Policy"] == "same-origin", name
    assert "no-store" in answer["Cache-Control"], name
    if SHOWN in answer.get("Content-Type", "") and not answer.streaming:
        assert not LOADS.findall(answer.content.decode()), name
        assert not INLINE.findall(answer.content.decode()), name


@dataclass
class Forms:
    """Names of the pages with a form that takes words: of those that keep them, and of those that do not."""

    kept: set[str] = field(default_factory=set)
    unkept: set[str] = field(default_factory=set)

    def see(self, name: str, answer: Any) -> None:
        """Check the headers of an answer, and sort its forms."""
        check_headers(name, answer)
        if answer.status_code != 200:
            return
        for form in forms_of(b"".join(answer).decode(errors="replace")):
            where = form.action or answer.request["PATH_INFO"]
            if WORDS & set(form.kinds.values()) and not any(part in where for part in ASKING):
                (self.kept if "form_token" in form.kinds else self.unkept).add(name)
