"""Independent reader of the table on the page of an indicator: the values by the anchor of their cell."""

from __future__ import annotations

from html.parser import HTMLParser

WITHHELD = "withheld"


class PageTable(HTMLParser):
    """Numbers of the cells whose id begins with `v-`, or the word for a withheld one."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, tuple[float | str, ...]] = {}
        self._anchor = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "td":
            self._anchor = given.get("id") or ""
            if self._anchor.startswith("v-"):
                self.values[self._anchor] = ()
        elif self._anchor and tag == "data":
            self.values[self._anchor] += (float(given["value"] or "nan"),)
        elif self._anchor and tag == "i":
            self.values[self._anchor] = (WITHHELD,)

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._anchor = ""
