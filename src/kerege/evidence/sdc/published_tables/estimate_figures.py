"""Figures about people in the published estimates of a release: the number detected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import PlainValidator

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import OK
from kerege.evidence.data.periods import YEAR, list_years
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.published_tables.stated_manifest import Label, Stated, StatedManifest, TextOrNone


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _count(value: object) -> int:
    """Return a count, or -1 for a value that is not a count."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else -1


class StatedDetected(Stated):
    """The number detected: the total of a table, as the estimate states it again."""

    table: TextOrNone = ""
    count: Annotated[int, PlainValidator(_count)] = -1
    status: TextOrNone = ""


class StatedEstimate(Stated):
    """The statements of a manifest about an estimate."""

    name: TextOrNone = ""
    of: TextOrNone = ""
    period: Label = ""
    where: Annotated[dict[str, object], PlainValidator(_mapping)] = {}
    detected: Annotated[
        StatedDetected, PlainValidator(lambda value: StatedDetected.model_validate(_mapping(value)))
    ] = StatedDetected()
    lower: Annotated[int, PlainValidator(_count)] = -1


def stated_estimates(tree: Mapping[str, object]) -> list[StatedEstimate]:
    """Return the estimates of a manifest."""
    entries = tree.get("estimates")
    return [
        StatedEstimate.model_validate(entry)
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict)
    ]


def estimate_sheets(
    estimates: Sequence[StatedEstimate], sheets: Sequence[Sheet], manifest: StatedManifest, label: str
) -> Iterator[Sheet]:
    """Yield a table of one figure for each exact number detected that its table does not publish."""
    by_name = {sheet.name: sheet for sheet in sheets}
    for estimate in estimates:
        detected, table = estimate.detected, by_name.get(estimate.detected.table)
        if detected.count < 0 or detected.status != "ok" or (table is not None and _shows(table, detected.count)):
            continue
        snapshot = manifest.snapshot(estimate.of)
        sheet = Sheet(
            name=f"estimate {estimate.name}",
            of=estimate.of,
            by=(),
            where=_filter(estimate),
            axes=(),
            counts=np.array(detected.count),
            status=np.array(OK, np.uint8),
            lower=np.array(float(detected.count)),
            upper=np.array(float(detected.count)),
            release=label,
            origin=snapshot.fingerprint,
            as_of=snapshot.as_of,
            period=manifest.period,
        )
        multi = frozenset() if table is None else table.multi & set(sheet.where)
        yield replace(sheet, multi=multi)


def notes_on_estimates(estimates: Sequence[StatedEstimate]) -> list[str]:
    """Return a note for each estimate with figures: they follow from counts that nobody publishes."""
    return [
        f"estimate {estimate.name}: its figures follow from the overlaps of lists, which are not published; they are"
        " rounded, and no bound is known of what they reveal about an overlap"
        for estimate in estimates
        if estimate.lower >= 0
    ]


def _shows(table: Sheet, count: int) -> bool:
    return bool(table.status.flat[0] == OK and table.counts.flat[0] == count)


def _filter(estimate: StatedEstimate) -> dict[str, list[str]]:
    where = {name: [str(code) for code in codes] for name, codes in estimate.where.items() if isinstance(codes, list)}
    try:
        return where | {YEAR: list(list_years(estimate.period))} if estimate.period else where
    except BadInput:
        return where
