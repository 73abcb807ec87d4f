"""Releases over many years: cohorts are measured once, stored, and revised from a reserve.

A record belongs to one cohort by its value in a column such as the year of reporting. So losses do not add up over
cohorts (parallel composition), and a new year has no privacy loss for earlier ones. All listed cohorts are measured,
empty ones included, because which cohorts have records is a fact about people too.

A cohort stays as published, even if its rows change, until the user requests a revision. A revision measures the cohort
again with a small share of its budget and changes its earlier records only as far as the counts require.

A revision combines the old and the new noisy counts by inverse variance. These counts were charged when they were
drawn, and the choice of combinations, clip and values follows from the earlier counts. So combining them and changing
records is post-processing without a further loss (Dwork and Roth 2014, Proposition 2.1). The losses of the measurements
of one cohort add up (Bun and Steinke 2016, Lemma 2.3).

The ledger receives, in this order: the reserved budget of new cohorts, each measurement (which draws on the reserve),
the records made from it, and the joint file. Each is stored by its digest, so an interrupted run continues with the
same noise.
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
from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import discrete_gaussian
from kerege.evidence.dp.zcdp import compose
from kerege.evidence.ledger.entry import EntryContents
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import certificate as certificates
from kerege.evidence.synthesis.accuracy import state_accuracy
from kerege.evidence.synthesis.cohorts.budget_series import (
    FIRST,
    REVISION,
    UNREPORTED,
    Cohorts,
    CohortSeries,
    Measurement,
    find_measurement,
    find_unpaid_cohorts,
    history,
    next_measurement,
    people_of_entry,
    period_charged,
    rows_by_cohort,
    series_of,
)
from kerege.evidence.synthesis.cohorts.certificate import with_steps, write_joint_file
from kerege.evidence.synthesis.generation.counts_beside import reconstruct_counts, tabulate_counts
from kerege.evidence.synthesis.generation.isolated_fit import NOBODY, FitTask, fit_together
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.combined_counts import combine_measurements
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.measurement.structural_limits import limit_periods
from kerege.evidence.synthesis.pipeline import Progress, day_of, ledger_entry, measure_once
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.record_files import (
    CERTIFICATE,
    NOISY,
    copy_records,
    read_certificate,
    write_records,
)
from kerege.evidence.synthesis.request import Request

MADE = "made.npz"
MEASURING = 0.3  # share of the progress


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
    """Make synthetic records of all requested cohorts as `synthesis.synthesize` does.

    Return their joint certificate. Requests with the same parameters belong to one series, for the people of a register
    or of a named group of external files. The seed applies to cohorts that are made now. Raise BadInput, or Refused if
    a budget would be exceeded or a cohort was revised REVISIONS times; nothing is measured then.
    """
    series = series_of(snapshot, request, cohorts, listed)
    parts = rows_by_cohort(series)
    with ledger.locked():
        stored = ledger.stored(series.release)
        if stored is None:
            _reserve_budget(series, ledger)
    if stored is None:
        measurements = []
        for number, (value, rows) in enumerate(parts.items()):
            progress(MEASURING * number / len(parts), f"measuring {shown(series.by.name)} {shown(value)}")
            measurements.append(_find_or_measure(series, value, rows, ledger))
        _make_records(series, measurements, ledger, progress)
        with tempfile.TemporaryDirectory(prefix="kerege-") as temporary:
            with ledger.locked():
                outputs = [ledger.output(measurement.records) for measurement in measurements]
            write_joint_file(series, measurements, outputs, Path(temporary))
            stored = ledger.keep(series.release, Path(temporary), _build_free_entry(series))
    return copy_records(stored, folder)


def list_changed_cohorts(
    snapshot: Snapshot, request: Request, cohorts: Cohorts, ledger: Ledger, *, listed: Schema = ()
) -> list[str]:
    """Return the cohorts whose rows changed since the last measurement and that are not being revised.

    Do not publish the result: it depends on the records.
    """
    series = series_of(snapshot, request, cohorts, listed)
    parts = rows_by_cohort(series)
    with ledger.locked():
        measurements = history(series, ledger)
    return [
        value
        for value, rows in parts.items()
        if value in measurements and value not in series.revise and measurements[value][-1].rows != hash_rows(rows)
    ]


def _reserve_budget(series: CohortSeries, ledger: Ledger) -> None:
    """Reserve the whole budget of new cohorts with their revisions, so that nothing else uses it."""
    values = find_unpaid_cohorts(series, ledger)
    if not values:
        return
    about = people_of_entry(series, values).merged(EntryContents(delta=series.delta))
    ledger.check(series.period, series.rho, about, at=series.request.loss_at - series.delta)
    ledger.reserve(series.period, series.rho, about)


def _find_or_measure(series: CohortSeries, value: str, rows: pl.DataFrame, ledger: Ledger) -> Measurement:
    """Return the stored measurement of a cohort, or measure it now and charge it to its reserved budget."""
    with ledger.locked():
        before = history(series, ledger).get(value, [])
        if (found_measurement := find_measurement(series, value, before)) is not None:
            return found_measurement
        measurement = next_measurement(series, value, before)
        with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as temporary:
            if before:
                rho = _measure_revision(
                    series, rows, ledger.output(before[-1].request), measurement.revision, Path(temporary)
                )
            else:
                rho = series.rho * FIRST
                limited = limit_periods(series.public, day_of(series.snapshot))
                facts = measure_once(
                    rows,
                    series.request,
                    public=limited,
                    rho=rho,
                    noise=discrete_gaussian,
                    part=Path(temporary),
                    cohorts=series.most_cohorts,
                )
                rho = facts["guarantee"]["rho"]
            charge = EntryContents(
                kind="microdata",
                period=period_charged(series, value, ledger),
                rho=rho,
                reserved=-rho,
                measurement=measurement.revision,
                release=measurement.release,
                rows=hash_rows(rows),
            )
            about = _build_free_entry(series, value).merged(charge)
            ledger.append(measurement.request, Path(temporary), about)
        return measurement


def _build_free_entry(series: CohortSeries, *values: str) -> EntryContents:
    """Return a ledger entry of the series without a charge; with values, of these cohorts."""
    about = ledger_entry(series.snapshot, series.request, series.public, series.period)
    return about.merged(people_of_entry(series, list(values))) if values else about


def _measure_revision(series: CohortSeries, rows: pl.DataFrame, before: Path, revision: int, part: Path) -> float:
    """Measure a cohort once more, combine it with the earlier counts, and write the result.

    Return the loss (rho).
    """
    earlier, earlier_counts = read_certificate(before), Noisy.load(before / NOISY)
    public = public_schema.parse_schema(earlier["schema"])
    closed = tuple(replace(column, source=public_schema.FILE) for column in public)
    rows, _ = public_schema.keep_listed_values(rows, closed)
    new_counts = measure.repeat_measurement(rows, closed, earlier_counts, series.rho * REVISION, discrete_gaussian)
    noisy, claim, new_steps = (
        combine_measurements(earlier_counts, new_counts),
        earlier["guarantee"],
        certificates.steps(new_counts),
    )
    noisy.save(part / NOISY)
    steps = [*claim["steps"], *({**step, "revision": revision} for step in new_steps)]
    facts = certificates.certificate_facts(noisy, public, {"guarantee": with_steps(claim, steps, holds=claim["holds"])})
    facts |= {"request": earlier["request"], "schema": earlier["schema"]}
    (part / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return compose(step["rho"] for step in new_steps)


def _make_records(
    series: CohortSeries, measurements: Sequence[Measurement], ledger: Ledger, progress: Progress
) -> None:
    """Make and store the records of all measurements that have none yet, in one parallel fit."""
    with ledger.locked():
        history_by_cohort = history(series, ledger)
        missing = [measurement for measurement in measurements if ledger.stored(measurement.records) is None]
        counts = [ledger.output(measurement.request) for measurement in missing]
        starts = [
            _find_starting_records(history_by_cohort[measurement.value][: measurement.revision], ledger)
            for measurement in missing
        ]
    preset, fits, are_empty = PRESETS[series.request.preset], [], []
    for folder, start in zip(counts, starts, strict=True):
        noisy = Noisy.load(folder / NOISY)
        are_empty.append(noisy.nobody)
        fits.append(FitTask(noisy, preset.charge, series.request.seed, start, repeat=True))
    nonempty = [fit for fit, is_empty in zip(fits, are_empty, strict=True) if not is_empty]

    def report_progress(share: float) -> None:
        progress(MEASURING + (1 - MEASURING) * share, "making records")

    records_by_fit = iter(fit_together(nonempty, report_progress))
    for measurement, folder, fit, is_empty in zip(missing, counts, fits, are_empty, strict=True):
        records = NOBODY if is_empty else next(records_by_fit)
        with tempfile.TemporaryDirectory(prefix="kerege-") as temporary:
            _write_cohort(
                series,
                measurement,
                facts=read_certificate(folder),
                noisy=fit.noisy,
                records=records,
                part=Path(temporary),
            )
            revision = EntryContents(revision=measurement.revision)
            about = _build_free_entry(series, measurement.value).merged(revision)
            ledger.keep(measurement.records, Path(temporary), about)


def _find_starting_records(before: Sequence[Measurement], ledger: Ledger) -> CodedRecords | None:
    """Return the newest stored records of a cohort, from which a revision starts; None without any."""
    outputs = (ledger.stored(measurement.records) for measurement in reversed(before))
    records = next((CodedRecords.load(output / MADE) for output in outputs if output is not None), None)
    return records if records is not None and records.people else None


def _write_cohort(
    series: CohortSeries, cohort: Measurement, facts: dict[str, Any], noisy: Noisy, records: CodedRecords, part: Path
) -> None:
    """Write the records of a cohort with the data that a revision and the joint file need."""
    noisy.save(part / NOISY)
    replace(records, again=None).save(part / MADE)
    public = public_schema.parse_schema(facts["schema"])
    frame, counts = decode_records(records, public), tabulate_counts(reconstruct_counts(noisy, records), public)
    value = None if cohort.value == UNREPORTED else cohort.value
    frame.insert_column(series.place, pl.Series(series.by.name, [value], pl.String).new_from_index(0, records.people))
    facts = state_accuracy(certificates.add_fit_facts(facts, records, series.request.seed), noisy, records) | {
        "people": noisy.people if records.people else 0,
        "cohort": {"value": cohort.value, "revision": cohort.revision},
    }
    counts.insert_column(0, pl.Series(series.by.name, [cohort.value], pl.String).new_from_index(0, counts.height))
    write_records(frame, facts, part, counts if records.people else counts.clear())
