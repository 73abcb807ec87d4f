"""Parts of one whole of which one can be a part of another: `foreigners`, then `foreign women`.

`of which` can mean the whole or the part before it. Where the two differ by few people, the table is undecided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from kerege.base.message_text import shown
from kerege.evidence.sdc.reading.column_names import SEXES, folded, sex_code
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.named_parts import YOUNG
from kerege.evidence.sdc.reading.nested_codes import AGE_GROUPS
from kerege.evidence.sdc.reading.published_rows import PublishedRows, lines_along

FEW = 20  # people by which two parts differ: the threshold is not known here
WORD = re.compile(r"[^\W\d_]{4,}")
STEM = 5  # letters that two forms of one word share


def with_doubtful_parts(rows: PublishedRows) -> PublishedRows:
    """Return the rows with the names of parts that can be parts of other parts, as unread."""
    doubtful = [name for d in range(len(rows.by)) for name in _doubtful(rows, d)]
    return replace(rows, unread=(*rows.unread, *dict.fromkeys(doubtful)))


def _doubtful(rows: PublishedRows, d: int) -> Iterator[str]:
    codes = [code for code in dict.fromkeys(rows.codes[d]) if (rows.by[d], code) in rows.parts]
    for whole, part in permutations(codes, 2):
        if whole.rpartition(STEP)[0] == part.rpartition(STEP)[0] and _is_named_within(_last(part), _last(whole)):
            lines = [line for line in lines_along(rows, d) if whole in line and part in line]
            is_within = all(line[part].lower <= line[whole].upper for line in lines)
            if is_within and any(0 < line[whole].lower - line[part].upper < FEW for line in lines):
                yield f"{shown(_last(part))}, which can be a part of {shown(_last(whole))}"


def _last(code: str) -> str:
    return code.rpartition(STEP)[2]


def _is_named_within(part: str, whole: str) -> bool:
    """Return whether two labels share a word, or name girls or boys, and children."""
    if YOUNG.fullmatch(part.strip()) and AGE_GROUPS.get(folded(whole), "") == "0-17":
        return True
    if sex_code(part) in SEXES and sex_code(whole) in SEXES:
        return False
    stems = [{word[:STEM] for word in WORD.findall(label.casefold())} for label in (part, whole)]
    return bool(stems[0] & stems[1])
