"""Records of many years: each cohort is measured once on its own rows, kept, and revised under an allowance set aside.

A record is in one cohort, that of the value it reports in a column such as the year of reporting, so that losses do not
add up over cohorts (parallel composition): a new year costs those before it nothing. All listed cohorts are measured,
an empty one like the others: which of them have records is a fact about people too. A cohort stays as it was published,
also when its rows change, until whoever makes the file asks for a revision: then it is measured again with a small part
of its budget, and its earlier records are changed no more than the counts ask for.

A revision adds up the old and the new noisy counts by the inverse of their variances. All that enters is noisy counts
that were paid for when they were drawn, and what to measure (combinations, clip, values) follows from the earlier ones:
so joining them, and changing records by them, is post-processing and costs nothing more (Dwork and Roth 2014,
Proposition 2.1); the losses of the measurements of a cohort add up (Bun and Steinke 2016, Lemma 2.3).

What the ledger gets, in this order: the whole budget of new cohorts set aside; each measurement, which draws on that;
the records made of it; the file of all. Each is kept by its request, so that whoever was stopped goes on from there,
with no other noise.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kerege.base.message_text import shown
from kerege.evidence.data.content_hash import rows_hash
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import discrete_gaussian
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import certificate as told
from kerege.evidence.synthesis.cohorts.budget_series import (
    FIRST,
    REVISION,
    UNREPORTED,
    Cohorts,
    Measured,
    Series,
    history,
    new,
    parts_of,
    period_charged,
    series_of,
    to_measure,
    wanted,
    whose,
)
from kerege.evidence.synthesis.cohorts.certificate import together, with_steps
from kerege.evidence.synthesis.generation.isolated_fit import NOBODY, Fit, fitted_together
from kerege.evidence.synthesis.generation.records import Records
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.combined_counts import joined
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.pipeline import (
    CERTIFICATE,
    NOISY,
    Progress,
    decoded,
    entry,
    facts_in,
    measured,
    of_records,
    placed,
    written,
)
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.request import Request

MADE = "made.npz"
MEASURING = 0.3  # of the progress


def produce(
    snapshot: Snapshot,
    request: Request,
    cohorts: Cohorts,
    ledger: Ledger,
    folder: Path,
    progress: Progress = lambda share, what: None,
    *,
    listed: Schema = (),
) -> dict[str, Any]:
    """As `synthesis.synthesize`, of all cohorts that are asked for; returns the certificate of all.

    The same parameters are one series, of the people of a register or of those who are called by a name, whatever the
    file. The seed is that of cohorts made now. Raises BadInput, and Refused when a budget would be overdrawn or a
    cohort was revised five times, before anything is measured.
    """
    series = series_of(snapshot, request, cohorts, listed)
    parts = parts_of(series)
    with ledger.locked():
        stored = ledger.stored(series.release)
        if stored is None:
            _set_aside(series, ledger)
    if stored is None:
        found = []
        for number, (value, rows) in enumerate(parts.items()):
            progress(MEASURING * number / len(parts), f"measuring {shown(series.by.name)} {shown(value)}")
            found.append(_measure(series, value, rows, ledger))
        _make(series, found, ledger, progress)
        with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
            with ledger.locked():
                outputs = [ledger.output(each.records) for each in found]
            together(series, found, outputs, Path(inside))
            stored = ledger.keep(series.release, Path(inside), _free(series))
    return placed(stored, folder)


def changed(
    snapshot: Snapshot, request: Request, cohorts: Cohorts, ledger: Ledger, *, listed: Schema = ()
) -> list[str]:
    """The cohorts that stay as they were published though their rows changed since. For inside: it tells of rows."""
    series = series_of(snapshot, request, cohorts, listed)
    parts = parts_of(series)
    with ledger.locked():
        known = history(series, ledger)
    return [
        value
        for value, rows in parts.items()
        if value in known and value not in series.revise and known[value][-1].rows != rows_hash(rows)
    ]


def _set_aside(series: Series, ledger: Ledger) -> None:
    """Set the whole budget of new cohorts aside, with that of their revisions, so that nothing else can take it."""
    values = new(series, ledger)
    if not values:
        return
    about = whose(series, values) | {"delta": series.delta}
    ledger.check(series.period, series.rho, about, at=series.request.loss_at - series.delta)
    ledger.reserve(series.period, series.rho, about)


def _measure(series: Series, value: str, rows: pl.DataFrame, ledger: Ledger) -> Measured:
    """The measurement of a cohort that is asked for: one of before, or made now and drawn on what was set aside."""
    with ledger.locked():
        before = history(series, ledger).get(value, [])
        if (known := wanted(series, value, before)) is not None:
            return known
        made = to_measure(series, value, before)
        with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as inside:
            if before:
                rho = _revised(series, rows, ledger.output(before[-1].request), made.revision, Path(inside))
            else:
                rho = series.rho * FIRST
                facts = measured(rows, series.request, series.public, rho, discrete_gaussian, Path(inside))
                rho = facts["guarantee"]["rho"]
            about = whose(series, [value]) | {
                "kind": "microdata",
                "period": period_charged(series, value, ledger),
                "rho": rho,
                "reserved": -rho,
                "measurement": made.revision,
                "release": made.release,
                "rows": rows_hash(rows),
            }
            ledger.append(made.request, Path(inside), _free(series) | about)
        return made


def _free(series: Series) -> dict[str, Any]:
    """An entry of the series that charges nothing."""
    return entry(series.snapshot, series.request, series.public, series.period)


def _revised(series: Series, rows: pl.DataFrame, before: Path, revision: int, part: Path) -> float:
    """Measure a cohort once more and join it with what was known, into a folder; returns what that cost (rho)."""
    earlier, known = facts_in(before), Noisy.load(before / NOISY)
    public = public_schema.parsed(earlier["schema"])
    closed = tuple(replace(column, source=public_schema.FILE) for column in public)
    rows, _ = public_schema.kept(rows, closed)
    found = measure.again(rows, closed, known, series.rho * REVISION, discrete_gaussian)
    noisy, claim, more = joined(known, found), earlier["guarantee"], told.steps(found)
    noisy.save(part / NOISY)
    steps = [*claim["steps"], *({**step, "revision": revision} for step in more)]
    facts = told.about(noisy, public, {"guarantee": with_steps(claim, steps, holds=claim["holds"])})
    facts |= {"request": earlier["request"], "schema": earlier["schema"]}
    (part / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return float(sum(step["rho"] for step in more))


def _make(series: Series, found: Sequence[Measured], ledger: Ledger, progress: Progress) -> None:
    """Make the records of those measurements that have none yet, all of them side by side, and keep them."""
    with ledger.locked():
        known = history(series, ledger)
        todo = [each for each in found if ledger.stored(each.records) is None]
        counts = [ledger.output(each.request) for each in todo]
        starts = [_published(known[each.value][: each.revision], ledger) for each in todo]
    preset, fits, nobody = PRESETS[series.request.preset], [], []
    for folder, start in zip(counts, starts, strict=True):
        noisy = Noisy.load(folder / NOISY)
        nobody.append(noisy.nobody)
        fits.append(Fit(noisy, preset.charge, series.request.seed, start))
    some = [fit for fit, empty in zip(fits, nobody, strict=True) if not empty]

    def part(share: float) -> None:
        progress(MEASURING + (1 - MEASURING) * share, "making records")

    made = iter(fitted_together(some, part))
    for each, folder, fit, empty in zip(todo, counts, fits, nobody, strict=True):
        records = NOBODY if empty else next(made)
        with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
            _write(series, each, facts_in(folder), fit.noisy, records, Path(inside))
            about = whose(series, [each.value]) | {"revision": each.revision}
            ledger.keep(each.records, Path(inside), _free(series) | about)


def _published(before: Sequence[Measured], ledger: Ledger) -> Records | None:
    """The records of a cohort from which a revision starts; None where there were none."""
    outputs = (ledger.stored(each.records) for each in reversed(before))
    found = next((Records.load(output / MADE) for output in outputs if output is not None), None)
    return found if found is not None and found.people else None


def _write(series: Series, cohort: Measured, facts: dict[str, Any], noisy: Noisy, records: Records, part: Path) -> None:
    """Write the records of a cohort into a folder, with all that a revision and the file of all cohorts need."""
    noisy.save(part / NOISY)
    records.save(part / MADE)
    frame = decoded(records, public_schema.parsed(facts["schema"]))
    value = None if cohort.value == UNREPORTED else cohort.value
    frame.insert_column(series.place, pl.Series(series.by.name, [value], pl.String).new_from_index(0, records.people))
    facts = of_records(facts, records, series.request) | {
        "people": noisy.people if records.people else 0,
        "cohort": {"value": cohort.value, "revision": cohort.revision},
    }
    written(frame, facts, part)
