#!/usr/bin/env python3
"""Wrap the paragraphs of Markdown files at 100 characters.

    .venv/bin/python scripts/wrap_markdown.py README.md docs/index.md ...
Only paragraphs with a longer line, or with inline code broken across lines, are wrapped. Tables, code blocks,
headings and the targets of links stay as they are. `scripts/check_words.py` counts the lines that are left.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from source_measures import LINE_LIMIT, Finding

FENCE = re.compile(r"\s*(```+|~~~+)")
MARKER = re.compile(r"(\s*)((?:> ?)*)((?:[-*+]|\d+[.)])\s+)?(?:(?<=\s)\[[ x]\]\s+)?")
LITERAL = re.compile(r"\s*(\||#|<|!!!|\?\?\?|:::|\[[^\]]+\]:|---|===|\{%)")  # a line that is not prose
HARD_BREAK = re.compile(r"( {2}|\\)$")
# inline code, the target of a link, or any other characters up to a space
TOKEN = re.compile(r"(?:(`+)(?:(?!\1).)+?\1(?!`)|\]\([^)\s]*(?:\s+\"[^\"]*\")?\)|\S)+", re.DOTALL)
BLOCK_START = re.compile(r"([-*+>|#=]+|\d+[.)])$")  # begins a list, a table or a heading when it begins a line
CODE_INDENT = 4


@dataclass
class Block:
    """Lines of one kind: a paragraph or list item, or lines that are left as they are."""

    start: int
    lines: list[str]
    is_prose: bool

    def tokens(self) -> list[str]:
        """Return the words; inline code and the target of a link are one word."""
        return [" ".join(match[0].split()) for match in TOKEN.finditer("\n".join(self._contents()))]

    def _contents(self) -> list[str]:
        prefix = self.prefix()
        rest = [line.strip().removeprefix(">").strip() if ">" in prefix else line.strip() for line in self.lines[1:]]
        return [self.lines[0][len(prefix) :], *rest]

    def prefix(self) -> str:
        """Return the indentation, quotation mark and list mark of the first line."""
        match = MARKER.match(self.lines[0])
        return match[0] if match else ""

    def long_lines(self) -> list[int]:
        """Return the numbers of the lines that are too long and can be broken or shortened."""
        if not self.is_prose:
            return []
        return [
            self.start + number
            for number, line in enumerate(self.lines)
            if len(line) > LINE_LIMIT and len(TOKEN.findall(MARKER.sub("", line, count=1))) > 1
        ]

    def broken_code(self) -> list[int]:
        """Return the numbers of the lines on which inline code begins that the next line ends."""
        if not self.is_prose:
            return []
        text = "\n".join(self._contents())
        spans = re.finditer(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", text, re.DOTALL)
        return [self.start + text.count("\n", 0, span.start()) for span in spans if "\n" in span[2]]

    def wrap(self) -> list[str]:
        """Return the lines of at most 100 characters; a single longer word keeps a line of its own."""
        prefix = self.prefix()
        rest = re.sub(r"[^\s>]", " ", prefix)
        lines: list[list[str]] = [[]]
        for token in self.tokens():
            width = len(prefix if len(lines) == 1 else rest)
            if lines[-1] and width + len(" ".join([*lines[-1], token])) > LINE_LIMIT:
                lines.append([])
            lines[-1].append(token)
            if len(lines) > 1 and len(lines[-1]) == 1 and BLOCK_START.match(token) and len(lines[-2]) > 1:
                lines[-1].insert(0, lines[-2].pop())
        return [(rest if number else prefix) + " ".join(words) for number, words in enumerate(lines)]


def split_blocks(text: str) -> Iterator[Block]:
    """Yield paragraphs, list items, and the lines between them in order."""
    block, fence, is_list = Block(1, [], False), "", False
    for number, line in enumerate(text.split("\n"), 1):
        if match := FENCE.match(line):
            fence = match[1] if not fence else ("" if match[1].startswith(fence) else fence)
        is_code = bool(match or fence) or (not is_list and not block.is_prose and _indent(line) >= CODE_INDENT)
        is_prose = bool(line.strip()) and not is_code and not LITERAL.match(line)
        marker = MARKER.match(line)
        starts_item = is_prose and marker is not None and bool(marker[3])
        if line.strip():
            is_list = (
                starts_item or (is_list and (_indent(line) > 0 or block.is_prose)) or line.startswith(("!!!", "??"))
            )
        if is_prose != block.is_prose or starts_item or not is_prose:
            if block.lines:
                yield block
            block = Block(number, [], is_prose)
        block.lines.append(line)
    yield block


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else 0


def wrap_markdown(text: str) -> str:
    """Return the text with every paragraph wrapped that has a line too long or broken inline code."""
    lines: list[str] = []
    for block in split_blocks(text):
        is_kept = any(HARD_BREAK.search(line) for line in block.lines[:-1])
        is_wrapped = (block.long_lines() or block.broken_code()) and not is_kept
        lines += block.wrap() if is_wrapped else block.lines
    return "\n".join(lines)


def find_long_lines(path: str, text: str) -> Iterator[Finding]:
    """Yield the lines of a Markdown text that are too long, and inline code that is broken across lines."""
    advice = "run scripts/wrap_markdown.py"
    for block in split_blocks(text):
        for line in block.long_lines():
            problem = f"line of Markdown with more than {LINE_LIMIT} characters"
            yield Finding("sources.markdown_lines", path, line, problem, advice)
        for line in block.broken_code():
            yield Finding("sources.markdown_lines", path, line, "inline code broken across lines", advice)


def main(paths: Sequence[str]) -> int:
    """Wrap the named files."""
    for path in map(Path, paths):
        text = path.read_text(encoding="utf-8")
        if (wrapped := wrap_markdown(text)) != text:
            path.write_text(wrapped, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
