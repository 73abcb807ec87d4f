"""Parts of one whole of which one can be a part of another: `foreigners`, then `foreign women`.

`of which` can mean the whole or the part before it. Where the two differ by fewer people than the threshold, the table
is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from kerege.base.message_text import shown
from kerege.evidence.sdc.reading.classifications import are_of_one_kind
from kerege.evidence.sdc.reading.column_names import folded
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.named_parts import YOUNG
from kerege.evidence.sdc.reading.nested_codes import AGE_GROUPS
from kerege.evidence.sdc.reading.published_rows import PublishedRows, lines_along


def with_doubtful_parts(rows: PublishedRows) -> PublishedRows:
    """Return the rows with the parts that can be parts of others, and the people between them."""
    doubtful = [doubt for d in range(len(rows.by)) for doubt in _doubtful(rows, d)]
    return replace(rows, doubtful=(*rows.doubtful, *dict.fromkeys(doubtful)))


def _doubtful(rows: PublishedRows, d: int) -> Iterator[tuple[str, int]]:
    codes = [code for code in dict.fromkeys(rows.codes[d]) if (rows.by[d], code) in rows.parts]
    for whole, part in permutations(codes, 2):
        if whole.rpartition(STEP)[0] == part.rpartition(STEP)[0] and _can_be_within(_last(part), _last(whole)):
            lines = [line for line in lines_along(rows, d) if whole in line and part in line]
            is_within = all(line[part].lower <= line[whole].upper for line in lines)
            few = [int(line[whole].lower - line[part].upper) for line in lines if line[whole].lower > line[part].upper]
            if is_within and few:
                yield f"{shown(_last(part))}, which can be a part of {shown(_last(whole))}", min(few)


def _last(code: str) -> str:
    return code.rpartition(STEP)[2]


def _can_be_within(part: str, whole: str) -> bool:
    """Return whether one label names girls or boys and one children, or the two are not of one kind."""
    is_young = YOUNG.fullmatch(part.strip()) is not None and AGE_GROUPS.get(folded(whole), "") == "0-17"
    return is_young or not are_of_one_kind(part, whole)
