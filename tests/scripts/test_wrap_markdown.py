"""Paragraphs of Markdown are wrapped; everything else stays as it is."""

from __future__ import annotations

import pytest
from wrap_markdown import wrap_markdown

WORDS = " ".join(["word"] * 30)  # 149 characters: 20 words fill a line
FIRST, REST = " ".join(["word"] * 20), " ".join(["word"] * 10)


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        (WORDS, f"{FIRST}\n{REST}"),
        (f"- {WORDS}\n- word", f"- {FIRST[:-5]}\n  word {REST}\n- word"),
        (f"> {WORDS}", f"> {FIRST[:-5]}\n> word {REST}"),
        (f"The `kerege\nlink` {REST}", f"The `kerege link` {REST}"),
        (f"{FIRST[:-5]} `kerege link a`", f"{FIRST[:-5]}\n`kerege link a`"),
        (f"{FIRST[:-5]} [a](b.md) a", f"{FIRST[:-5]}\n[a](b.md) a"),
        (f"{FIRST} 1. word", f"{FIRST[:-5]}\nword 1. word"),
    ],
    ids=["paragraph", "item", "quotation", "broken code", "code", "link", "no new list"],
)
def test_a_long_paragraph_is_wrapped(text: str, wrapped: str) -> None:
    assert wrap_markdown(text) == wrapped


@pytest.mark.parametrize(
    "text",
    [
        f"| {WORDS} |",
        f"# {WORDS}",
        f"```\n{WORDS}\n```",
        f"Text.\n\n    {WORDS}",
        f"{WORDS}  \nword",
        "word\nword",
        "x" * 120,
    ],
    ids=["table", "heading", "code block", "indented code", "hard break", "short lines", "one word"],
)
def test_other_lines_stay(text: str) -> None:
    assert wrap_markdown(text) == text
