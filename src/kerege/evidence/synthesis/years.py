"""Records of many years: each cohort is measured once on its own rows, kept, and revised under an allowance set aside.

A record is in one cohort, that of the value it reports in a column such as the year of reporting, so that losses do not
add up over cohorts (parallel composition): a new year costs those before it nothing. A cohort whose rows did not change
is taken from the ledger as it was published. One whose rows did change is measured again with a small part of its
budget, and its earlier records are changed no more than the counts ask for.

A revision adds up the old and the new noisy counts by the inverse of their variances. All that enters is noisy counts
that were paid for when they were drawn, and what to measure (combinations, clip, values) follows from the earlier ones:
so joining them, and changing records by them, is post-processing and costs nothing more (Dwork and Roth 2014,
Proposition 2.1); the losses of the measurements of a cohort add up (Bun and Steinke 2016, Lemma 2.3).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kerege.evidence.ledger import Ledger
from kerege.evidence.protect.gaussian import add_noise
from kerege.evidence.snapshot import Snapshot, shown
from kerege.evidence.synthesis import certificate as told
from kerege.evidence.synthesis import measure, schema
from kerege.evidence.synthesis.fitting import fitted
from kerege.evidence.synthesis.joined import joined
from kerege.evidence.synthesis.noisy import Noisy
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.produce import (
    CERTIFICATE,
    NOISY,
    Progress,
    Request,
    decoded,
    entry,
    for_unlisted,
    measured,
    own,
    written,
)
from kerege.evidence.synthesis.records import Records
from kerege.evidence.synthesis.schema import Schema
from kerege.evidence.synthesis.series import (
    FIRST,
    REVISION,
    REVISIONS,
    UNREPORTED,
    Cohort,
    Series,
    facts_in,
    looked_at,
    measurement_of,
    period_of_series,
    series_of,
    whose,
    whose_records,
)
from kerege.evidence.synthesis.years_certificate import together, with_steps
from kerege.standard.faults import Refused

MADE = "made.npz"


def produce(
    snapshot: Snapshot,
    request: Request,
    column: str,
    ledger: Ledger,
    folder: Path,
    progress: Progress = lambda share, what: None,
    *,
    listed: Schema = (),
) -> dict[str, Any]:
    """As `synthesis.produce`, one cohort of `column` after another; returns the certificate of all.

    The same parameters, whatever the file, are one series: tables of other people go to another ledger. The seed is
    that of cohorts made now. Raises BadInput, and Refused when a budget would be overdrawn or a cohort was revised five
    times, before anything is measured.
    """
    series = series_of(snapshot, request, column, listed)
    with ledger.locked():
        cohorts = looked_at(series, ledger)
        new = [cohort for cohort in cohorts if not cohort.made]
        _check(series, new, ledger)
        for number, cohort in enumerate(new):

            def part(share: float, what: str, number: int = number, cohort: Cohort = cohort) -> None:
                progress((number + share) / len(new), f"{what}, {column} {shown(cohort.value)}")

            _add(series, cohort, ledger, part)
        return together(series, cohorts, ledger, folder)


def _check(series: Series, new: Iterable[Cohort], ledger: Ledger) -> None:
    """Refuse what cannot be paid before anything is measured; a first measurement needs room for its revisions too."""
    for cohort in new:
        if cohort.revision > REVISIONS:
            raise Refused(
                f"the rows of {shown(series.by.name)} {shown(cohort.value)} changed again after {REVISIONS} revisions, "
                "for which alone budget was set aside: give them as they were at the last release"
            )
        if ledger.stored(measurement_of(cohort)) is not None:
            continue  # charged before, by somebody who was stopped
        rho = series.rho * (REVISION if cohort.revision else 1.0)
        gone = for_unlisted(series.request, series.public)
        about = whose_records(series, cohort) | own(series.snapshot, series.request)
        about |= {"delta": 0.0 if cohort.revision else gone}
        ledger.check(period_of_series(series), rho, about, at=series.request.loss_at - gone)


def _add(series: Series, cohort: Cohort, ledger: Ledger, progress: Progress) -> None:
    """Measure a cohort and charge it, then make its records.

    Each is in the ledger by itself: what stops between them loses nothing, and the next try gets no other noise.
    """
    measurement = measurement_of(cohort)
    before = ledger.output(cohort.before) if cohort.revision else None
    if ledger.stored(measurement) is None:
        with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as inside:
            progress(0.0, "measuring")
            facts = _measured(series, cohort, before, Path(inside))
            charged = entry(series.snapshot, series.request, series.public, period_of_series(series), facts)
            if before is not None:
                charged |= {"rho": facts["measured"]["rho"], "delta": 0.0}
            ledger.append(measurement, Path(inside), charged | whose(series, cohort))
    with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as inside:
        part, known = Path(inside), ledger.output(measurement)
        shutil.copyfile(known / NOISY, part / NOISY)
        kept = _made(series, cohort, facts_in(known), before, part, progress)
        free = entry(series.snapshot, series.request, series.public, period_of_series(series), kept) | {
            "rho": 0,
            "delta": 0,
        }
        ledger.append(cohort.key, part, free | whose_records(series, cohort))


def _measured(series: Series, cohort: Cohort, before: Path | None, part: Path) -> dict[str, Any]:
    """The noisy counts of a cohort in a folder, with the facts of its certificate by then, which are returned."""
    if before is None:
        return measured(cohort.rows, series.request, series.public, series.rho * FIRST, add_noise, part)
    facts = _revised(series, cohort, before, part)
    (part / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return facts


def _revised(series: Series, cohort: Cohort, before: Path, part: Path) -> dict[str, Any]:
    """Measure a cohort once more and join it with what was known; returns the facts of its certificate by then."""
    earlier, known = facts_in(before), Noisy.load(before / NOISY)
    public = schema.parsed(earlier["schema"])
    closed = tuple(replace(column, source=schema.FILE) for column in public)
    rows, _ = schema.kept(cohort.rows, closed)
    found = measure.again(rows, closed, known, series.rho * REVISION, add_noise)
    noisy = joined(known, found)
    noisy.save(part / NOISY)
    claim = earlier["guarantee"]
    steps = [*claim["steps"], *({**step, "revision": cohort.revision} for step in told.steps(found))]
    claim = with_steps(claim, steps, holds=claim["holds"])
    return told.about(noisy, public, {"guarantee": claim}) | {
        "request": earlier["request"], "schema": earlier["schema"],
        "measured": {"rho": sum(step["rho"] for step in told.steps(found))},
    }  # fmt: skip


def _made(
    series: Series, cohort: Cohort, facts: dict[str, Any], before: Path | None, part: Path, progress: Progress
) -> dict[str, Any]:  # fmt: skip
    """Make the records of a cohort in a folder that has its noisy counts, from those published before if any were."""
    records = fitted(
        Noisy.load(part / NOISY), PRESETS[series.request.preset].charge, series.request.seed,
        lambda share: progress(share, "making records"), Records.load(before / MADE) if before else None,
    )  # fmt: skip
    records.save(part / MADE)
    frame = decoded(records, schema.parsed(facts["schema"]))
    value = None if cohort.value == UNREPORTED else cohort.value
    frame.insert_column(series.place, pl.Series(series.by.name, [value], pl.String).new_from_index(0, records.people))
    about = {"value": cohort.value, "revision": cohort.revision}
    return written(frame, facts | {"seed": series.request.seed, "cohort": about}, part)
