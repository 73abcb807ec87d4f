"""Marks of SVG: colours, texts that fit, lines and rectangles."""

from __future__ import annotations

from html import escape

FONT = "Noto Sans, sans-serif"
INK, QUIET, PAPER = "#1a2b3c", "#53606c", "#ffffff"  # texts: contrast of at least 4.5:1 on white
GRID, AXIS, HATCH, GREY = "#dfe5e8", "#7b8894", "#6b7884", "#7b8894"  # marks from AXIS on: at least 3:1 on white
WARNING, VIOLET = "#8f1d1d", "#6d5a91"  # violet is for estimates alone
COLOURS = ("#0b6e99", "#b45f00", "#22303c", "#5f7482")  # of different lightness; white numbers are legible on them
CODE_COLOURS = {"iom": 0, "state": 1, "other": 2, "mia": 0, "pgo": 2}  # one colour for a payer in all charts
TEXT, SMALL = 12, 11
NARROW_LETTERS = ".,:;'’ \u00a0!|()–-ilj1"
WIDTHS = {"%": 0.95, "≈": 0.6, "±": 0.6, "∞": 0.9}
LATIN, CYRILLIC, DIGIT, NARROW_LETTER, BOLD = 0.62, 0.68, 0.58, 0.4, 1.12  # em, in the widest substitute font


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the most pixels that a text takes, in any font that may replace Noto Sans."""
    return sum(map(_letter_width, text)) * size * (BOLD if bold else 1)


def _letter_width(letter: str) -> float:
    if letter in WIDTHS:
        return WIDTHS[letter]
    if letter.isdigit():
        return DIGIT
    if letter in NARROW_LETTERS:
        return NARROW_LETTER
    return LATIN if letter.isascii() else CYRILLIC


def wrap_text(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return a text in lines of at most `width` pixels; a no-break space stays in its line."""
    longest = max(int(width / (CYRILLIC * size * (BOLD if bold else 1))), 1)  # letters of a word in one line
    words = [
        part for word in text.split(" ") for part in _parts(word, longest, text_width(word, size, bold=bold) > width)
    ]
    lines: list[str] = []
    for word in words:
        if lines and text_width(f"{lines[-1]} {word}", size, bold=bold) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


def _parts(word: str, longest: int, is_cut: bool) -> list[str]:
    """Return a word in parts of at most `longest` letters if it is wider than its line, else whole."""
    return [word[start : start + longest] for start in range(0, len(word), longest)] if is_cut else [word]


def series_colour(code: str, place: int) -> str:
    """Return the colour of a series."""
    return COLOURS[CODE_COLOURS.get(code, place) % len(COLOURS)]


def px(value: float) -> str:
    """Return pixels with at most one decimal."""
    return f"{round(value, 1) + 0.0:g}"


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    """Return a filled rectangle."""
    return f'<rect x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}" fill="{fill}"{more}/>'


def path(shape: str, stroke: str, more: str = "") -> str:
    """Return a line along a path."""
    return f'<path d="{shape}" fill="none" stroke="{stroke}"{more}/>'


def label(
    x: float, y: float, text: str, *, size: float = TEXT, fill: str = INK, anchor: str = "start", bold: bool = False
) -> str:
    """Return a text. Attributes that the document sets already are left out."""
    more = "" if size == TEXT else f' font-size="{size:g}"'
    more += "" if fill == INK else f' fill="{fill}"'
    more += "" if anchor == "start" else f' text-anchor="{anchor}"'
    more += ' font-weight="700"' if bold else ""
    return f'<text x="{px(x)}" y="{px(y)}"{more}>{escape(text)}</text>'


def mark(key: tuple[str, str], title: str, content: str) -> str:
    """Return the group of a mark: the key of its value, and the text shown when the pointer is on it."""
    return f'<g data-mark="{escape(" ".join(key))}"><title>{escape(title)}</title>{content}</g>'
