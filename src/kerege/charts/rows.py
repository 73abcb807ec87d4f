"""Labels of rows: beside the bars if they are short enough for the width, else above them."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.charts.marks import INK, TEXT, label, text_width, wrap_text

BESIDE = 0.36  # part of the width that labels beside the bars may take
LINE, GAP, PAD = 15, 9, 10


class RowLabels:
    """Places of rows with labels; `tops` are where the bars of each row begin, `left` is where they start."""

    def __init__(self, labels: Sequence[str], width: float, thick: float) -> None:
        longest = max((text_width(text, TEXT) for text in labels), default=0)
        self.beside = longest <= width * BESIDE or width >= 500
        room = min(longest, width * BESIDE) if self.beside else width
        self.left = room + PAD if self.beside else 0.0
        self.lines = [wrap_text(text, TEXT, room) for text in labels]
        self.thick, self.tops = thick, list[float]()
        y = 0.0
        for lines in self.lines:
            tall = LINE * len(lines)
            self.tops.append(y + (max(tall - thick, 0) / 2 if self.beside else tall + 2))
            y += (max(tall, thick) if self.beside else tall + 2 + thick) + GAP
        self.height = y

    def draw(self, place: int, top: float, fill: str = INK) -> str:
        """Return the label of a row."""
        lines, y = self.lines[place], top + self.tops[place]
        y += (self.thick - LINE * len(lines)) / 2 + 12 if self.beside else -LINE * len(lines) + 9
        return "".join(label(0, y + LINE * at, line, fill=fill) for at, line in enumerate(lines))
