"""Labels that name parts of the label before them: by an indent, a dash, or words such as `of which`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kerege.evidence.sdc.reading.column_names import OF_WHICH, without_of_which
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.nested_codes import band_of
from kerege.evidence.sdc.reading.total_labels import is_total_label

SIGN = re.compile(r"(?:[-–—•·▪◦→↳]\s*)+(?=[^\W\d])|(?:[-–—•·▪◦→↳]\s+)+(?=\d)")
OUTLINE = re.compile(r"(\d+(?:\.\d+)*)\.?\s+(?=[^\W\d])")  # numbers such as 1.2 before a label
SPACES = " \u00a0\t"


@dataclass(frozen=True)
class NestedLabels:
    """The codes of labels, each after those that it is a part of, such as North › Groningen.

    `parts` are the codes that `of which` names. `single_parts` are those that it names alone: others belong to the same
    whole. `is_clear` is false if a label is a part, and no label before it is its whole.
    """

    codes: list[str]
    single_parts: frozenset[str] = frozenset()
    is_clear: bool = True
    parts: frozenset[str] = frozenset()


@dataclass
class _Reader:
    """The labels above the next one that can be its whole, with their depths."""

    path: list[tuple[float, str]] = field(default_factory=list)
    parts: dict[str, list[str]] = field(default_factory=dict)  # codes after `of which`, by whole
    last: float = -1.0
    last_is_part: bool = False
    is_clear: bool = True

    def code(self, depth: float, text: str) -> str:
        """Return the code of the next label."""
        label = without_of_which(text)
        is_part = states_a_part(text)
        if is_part and not 0 < depth < self.last:  # else its own indent says of what it is a part
            depth = max(depth, self.last if self.last_is_part else self.last + 0.5)
        self.is_clear &= depth == 0 or self.last >= 0 or is_total_label(label)
        self.path = [(above, whole) for above, whole in self.path if above < depth]
        wholes = [whole for _, whole in self.path]
        code = label if _are_bands(label, wholes) else STEP.join([*wholes, label])
        if is_part:
            self.parts.setdefault(STEP.join(wholes), []).append(code)
        if not is_total_label(label):
            self.path.append((depth, label))
        self.last, self.last_is_part = depth, is_part
        return code


def read_nested_labels(labels: Sequence[str]) -> NestedLabels:
    """Return the codes of labels in the order of their rows or columns."""
    depths = {label: _depth(label) for label in dict.fromkeys(labels)}
    least = min(depths.values(), default=0)
    is_marked = any(depth > least for depth in depths.values())
    plain = {label: SIGN.sub("", label.strip(), count=1) if is_marked else label.strip() for label in depths}
    if not is_marked and not any(map(states_a_part, plain.values())):
        return NestedLabels([plain[label] for label in labels])
    reader = _Reader()
    codes = [reader.code(depths[label] - least, plain[label]) for label in labels]
    single = frozenset(parts[0] for parts in reader.parts.values() if len({*parts}) == 1)
    parts = frozenset(code for codes_of_whole in reader.parts.values() for code in codes_of_whole)
    return NestedLabels(codes, single, reader.is_clear, parts)


def _depth(label: str) -> int:
    """Return how far a label is from the left: its spaces, and two for each dash or point of its number."""
    text = label.lstrip(SPACES)
    if number := OUTLINE.match(text):
        return len(label) - len(text) + 2 * number[1].count(".")
    sign = SIGN.match(text)
    return len(label) - len(text) + (2 * sum(not mark.isspace() for mark in sign[0]) if sign else 0)


def _are_bands(label: str, wholes: Sequence[str]) -> bool:
    """Return whether a label and its whole are bands of numbers, which need no path."""
    return bool(wholes) and band_of(label) is not None and band_of(wholes[-1]) is not None


def states_a_part(label: str) -> bool:
    """Return whether a label begins with words such as `of which`, and a name follows."""
    return OF_WHICH.match(label.strip()) is not None and bool(without_of_which(label))
