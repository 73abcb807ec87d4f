"""Tree of a page: its elements with their attributes, text and ancestors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass
class Node:
    """Element of a page."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Node | None = None
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the text of the element with plain blanks."""
        return " ".join("".join(self._texts()).replace("\u00a0", " ").split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def walk(self) -> Iterator[Node]:
        """Yield the element and all elements below it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def ancestors(self) -> Iterator[Node]:
        """Yield the element and those around it, nearest first."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def nearest(self, name: str) -> str:
        """Return an attribute of the element or of the nearest one around it, '' when none has it."""
        return next((node.attributes[name] for node in self.ancestors() if name in node.attributes), "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("document")
        self.open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(node)
        if tag not in VOID:
            self.open = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.open))

    def handle_endtag(self, tag: str) -> None:
        around = next((node for node in self.open.ancestors() if node.tag == tag), None)
        if around is not None and around.parent is not None:
            self.open = around.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)


def read_page(html: str) -> Node:
    """Return the tree of a page.

    Examples
    --------
    >>> read_page("<p lang=en>One <b>of</b> two</p>").text
    'One of two'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
