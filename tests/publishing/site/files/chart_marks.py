"""Independent reader of a drawn chart: what each mark says, and how long it is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from tests.publishing.site.files.page_table import WITHHELD

NUMBER = re.compile(r"\d+(?:[,\u00a0\u202f ]\d{3}(?!\d))*")
ESTIMATED = re.compile(r"estimated|по оценке|бағалау бойынша", re.IGNORECASE)
HIDDEN = re.compile(r"withheld|скрыто|жасырылған", re.IGNORECASE)


@dataclass(frozen=True)
class ChartMark:
    """Mark of a chart: the numbers in its words, and width and height of its first rectangle."""

    numbers: tuple[float | str, ...]
    width: float
    height: float


class ChartMarks(HTMLParser):
    """Marks of the first drawing in a text, by the anchor of their value in the table of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.marks: dict[str, ChartMark] = {}
        self._key, self._words, self._is_title, self._is_over = "", "", False, False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._is_over:
            return
        if "data-mark" in given:
            self._key, self._words = anchor_of(given["data-mark"]), ""
            assert self._key not in self.marks, "a value is drawn twice"
        self._is_title = tag == "title" and bool(self._key)
        if self._key and self._key not in self.marks and tag in {"rect", "path", "circle"}:
            sides = (float(given.get(name) or 0) for name in ("width", "height"))
            self.marks[self._key] = ChartMark(numbers_in(self._words), *sides)

    def handle_endtag(self, tag: str) -> None:
        self._is_title = False
        self._key = "" if tag == "g" else self._key
        self._is_over = self._is_over or tag == "svg"

    def handle_data(self, data: str) -> None:
        self._words += data if self._is_title else ""


def anchor_of(key: str) -> str:
    """Return the anchor of the value of a mark, whose key is its series and its period or category."""
    series, mark = ("total" if code == "_T" else code.replace(">", "-") for code in key.split(" "))
    return f"v-{mark}-{series}"


def numbers_in(words: str) -> tuple[float | str, ...]:
    """Return the count in the words of a mark, both ends of an estimate, or the word for a withheld one."""
    value = words.rpartition(": ")[2]
    if HIDDEN.search(value):
        return (WITHHELD,)
    numbers = [float(re.sub(r"\D", "", number)) for number in NUMBER.findall(value)]
    return tuple(numbers) if ESTIMATED.search(value) else tuple(numbers[:1])


def faults_of_lengths(marks: dict[str, ChartMark]) -> list[str]:
    """Return the marks whose length is not in the proportion of their number, by more than a pixel."""
    counted = {key: mark for key, mark in marks.items() if len(mark.numbers) == 1 and mark.numbers != (WITHHELD,)}
    drawn = {key: (float(mark.numbers[0]), mark) for key, mark in counted.items() if mark.width and mark.height}
    if not drawn:
        return []
    is_flat = len({mark.height for _, mark in drawn.values()}) == 1
    lengths = {key: (number, mark.width if is_flat else mark.height) for key, (number, mark) in drawn.items()}
    most, longest = max(lengths.values())
    scale = longest / most if most else 0
    return [key for key, (number, length) in lengths.items() if abs(length - number * scale) > 1]
