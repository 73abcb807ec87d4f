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

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import hypot, log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence import accounting
from kerege.evidence.ledger import Ledger, digest
from kerege.evidence.losses import Entry
from kerege.evidence.protect.gaussian import add_noise
from kerege.evidence.snapshot import Snapshot, shown
from kerege.evidence.synthesis import certificate as told
from kerege.evidence.synthesis import measure, schema
from kerege.evidence.synthesis.fitting import fitted
from kerege.evidence.synthesis.noisy import Counts, Noisy
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.produce import (
    CERTIFICATE,
    NOISY,
    RECORDS,
    Progress,
    Request,
    asked,
    certified,
    check,
    decoded,
    entry,
    fits,
    for_unlisted,
    is_foreign,
    loss,
    measured,
    own,
    period_of,
    unlisted,
    write,
    written,
)
from kerege.evidence.synthesis.records import Records
from kerege.evidence.synthesis.schema import Column, Schema
from kerege.standard.faults import BadInput, Fault, Refused

RESERVED, REVISIONS = 0.2, 5  # part of a cohort's rho set aside, for so many revisions
FIRST, REVISION = 1 - RESERVED, RESERVED / REVISIONS  # parts of rho
APART = 3.5  # sigmas between two noisy counts, from which on they are not of the same rows
UNREPORTED = "_U"  # the cohort of records that do not report theirs
MADE = "made.npz"
OUTSIDE = (
    "; so are which cohorts have any records, and whether the rows of one changed since it was made, which is looked "
    "at in the records. A record stays in its cohort: the losses of one that was moved to another add up"
)


@dataclass(frozen=True)
class _Series:
    """What is the same from year to year."""

    snapshot: Snapshot
    request: Request
    by: Column
    public: Schema  # without the column of the cohorts
    place: int  # of that column
    rho: float  # what a record loses at most, over the years
    id: str


@dataclass(frozen=True)
class _Cohort:
    """A cohort as its rows are now. `key`: the request; `before`: the request of the measurement before it, or ''."""

    value: str
    rows: pl.DataFrame
    key: str
    revision: int
    before: str
    made: bool


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
    series = _series(snapshot, request, column, listed)
    with ledger.locked():
        cohorts = _looked_at(series, ledger)
        new = [cohort for cohort in cohorts if not cohort.made]
        _check(series, new, ledger)
        for number, cohort in enumerate(new):

            def part(share: float, what: str, number: int = number, cohort: _Cohort = cohort) -> None:
                progress((number + share) / len(new), f"{what}, {column} {shown(cohort.value)}")

            _add(series, cohort, ledger, part)
        return _together(series, cohorts, ledger, folder)


def _series(snapshot: Snapshot, request: Request, column: str, listed: Schema) -> _Series:
    check(request)
    wanted = request.columns
    public = schema.known(snapshot, listed, (column, *wanted) if wanted and column not in wanted else wanted)
    fits(snapshot, public)
    names = [each.name for each in public]
    if column not in names:
        raise BadInput(
            Fault("there is no such column", "choose another for cohorts", snapshot.path, column=shown(column))
        )
    place = names.index(column)
    by, rest = public[place], public[:place] + public[place + 1 :]
    if by.multi or by.open:
        what = "several values a record: nobody would be in one cohort only" if by.multi else "no public values"
        todo = "take a column with one value for cohorts" if by.multi else "list those of cohorts in a schema file"
        raise BadInput(Fault(f"has {what}", todo, snapshot.path, column=shown(column)))
    if not rest:
        raise BadInput(Fault("there is nothing to tell of the cohorts", "take other columns too", snapshot.path))
    about = asked(request) | {"schema": schema.as_dict(rest), "unit": snapshot.unit}
    rho = loss(request, unlisted=unlisted(rest))
    return _Series(snapshot, request, by, rest, place, rho, digest({"cohorts": column, "microdata": about}))


def _looked_at(series: _Series, ledger: Ledger) -> list[_Cohort]:
    """The cohorts that have records or had some, in the public order."""
    rows, lost = schema.kept(series.snapshot.frame, (series.by, *series.public))
    name = series.by.name
    before = _made_before(series, ledger)
    if name in lost or not set(before) <= {*series.by.values, UNREPORTED}:  # would be moved to another cohort
        raise BadInput(Fault("has values, or had some in earlier releases, that are not among the public ones",
                             "list them all in a schema file", series.snapshot.path, column=shown(name)))  # fmt: skip
    parts = {key[0]: part.drop(name) for key, part in rows.partition_by(name, as_dict=True).items()}
    none = rows.clear().drop(name)
    cohorts = []
    for value in (*series.by.values, UNREPORTED):
        part = parts.get(None if value == UNREPORTED else value, none)
        made = before.get(value, [])
        if part.is_empty() and not made:
            continue
        key = digest({"series": series.id, "cohort": value, "rows": rows_hash(part)})
        last = made[-1] if made else ""
        cohorts.append(_Cohort(value, part, key, len(made), last, key in made))
    if not cohorts:
        raise BadInput(Fault("holds no records", "give a snapshot with some", series.snapshot.path))
    return cohorts


def _made_before(series: _Series, ledger: Ledger) -> dict[str, list[str]]:
    """Requests of the measurements of each cohort, oldest first."""
    made: dict[str, list[str]] = {}
    for line in ledger.entries():
        if line.get("series") == series.id and "revision" in line:
            made.setdefault(line["cohort"]["values"][0], []).append(line["request"])
    return made


def rows_hash(rows: pl.DataFrame) -> str:
    """SHA-256 over rows and columns in any order, and over several values of one in any order."""
    cells = [_cell(name, isinstance(kind, pl.List)) for name, kind in sorted(rows.schema.items())]
    lines = rows.select(pl.concat_str(cells)).to_series().sort().to_list()
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cell(name: str, multi: bool) -> pl.Expr:
    """A value with its length before it, so that no two rows read the same; - where nothing is reported."""
    column = pl.col(name)
    if multi:
        parts = column.list.unique().list.sort().list.eval(_framed(pl.element())).list.join("")
        return pl.when(column.list.len() > 0).then(_framed(parts)).fill_null("-")
    return _framed(column).fill_null("-")


def _framed(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(text.str.len_bytes().cast(pl.String), pl.lit(":"), text)


def _check(series: _Series, new: Iterable[_Cohort], ledger: Ledger) -> None:
    """Refuse what cannot be paid before anything is measured; a first measurement needs room for its revisions too."""
    for cohort in new:
        if cohort.revision > REVISIONS:
            raise Refused(
                f"the rows of {shown(series.by.name)} {shown(cohort.value)} changed again after {REVISIONS} revisions, "
                "for which alone budget was set aside: give them as they were at the last release"
            )
        if ledger.stored(_measurement(cohort)) is not None:
            continue  # charged before, by somebody who was stopped
        rho = series.rho * (REVISION if cohort.revision else 1.0)
        gone = for_unlisted(series.request, series.public)
        about = _of(series, cohort) | own(series.snapshot, series.request)
        about |= {"delta": 0.0 if cohort.revision else gone}
        ledger.check(_period(series), rho, about, at=series.request.loss_at - gone)


def _period(series: _Series) -> str:
    """Whose budget is charged; that of a foreign file must not change with the file."""
    if is_foreign(series.snapshot) and not series.request.period:
        return f"records by {series.by.name}"
    return period_of(series.snapshot, series.request)


def _measurement(cohort: _Cohort) -> str:
    """The request of the measurement from which the records of a cohort are made."""
    return digest({"measured": cohort.key})


def _whose(series: _Series, cohort: _Cohort) -> Entry:
    """What the ledger says of whom a measurement is about."""
    snapshot = {"unit": series.snapshot.unit, "sha256": series.snapshot.sha256, "as_of": series.snapshot.as_of}
    cohorts = {"column": series.by.name, "values": [cohort.value]}
    return {"series": series.id, "cohort": cohorts, "snapshots": [snapshot]}


def _of(series: _Series, cohort: _Cohort) -> Entry:
    """The same of records that were made, by which a series is found again."""
    return _whose(series, cohort) | {"revision": cohort.revision}


def _add(series: _Series, cohort: _Cohort, ledger: Ledger, progress: Progress) -> None:
    """Measure a cohort and charge it, then make its records.

    Each is in the ledger by itself: what stops between them loses nothing, and the next try gets no other noise.
    """
    measurement = _measurement(cohort)
    before = ledger.output(cohort.before) if cohort.revision else None
    if ledger.stored(measurement) is None:
        with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as inside:
            progress(0.0, "measuring")
            facts = _measured(series, cohort, before, Path(inside))
            charged = entry(series.snapshot, series.request, series.public, _period(series), facts)
            if before is not None:
                charged |= {"rho": facts["measured"]["rho"], "delta": 0.0}
            ledger.append(measurement, Path(inside), charged | _whose(series, cohort))
    with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as inside:
        part, known = Path(inside), ledger.output(measurement)
        shutil.copyfile(known / NOISY, part / NOISY)
        kept = _made(series, cohort, _read(known), before, part, progress)
        free = entry(series.snapshot, series.request, series.public, _period(series), kept) | {"rho": 0, "delta": 0}
        ledger.append(cohort.key, part, free | _of(series, cohort))


def _measured(series: _Series, cohort: _Cohort, before: Path | None, part: Path) -> dict[str, Any]:
    """The noisy counts of a cohort in a folder, with the facts of its certificate by then, which are returned."""
    if before is None:
        return measured(cohort.rows, series.request, series.public, series.rho * FIRST, add_noise, part)
    facts = _revised(series, cohort, before, part)
    (part / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return facts


def _read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    return found


def _revised(series: _Series, cohort: _Cohort, before: Path, part: Path) -> dict[str, Any]:
    """Measure a cohort once more and join it with what was known; returns the facts of its certificate by then."""
    earlier, known = _read(before), Noisy.load(before / NOISY)
    public = schema.parsed(earlier["schema"])
    closed = tuple(replace(column, source=schema.FILE) for column in public)
    rows, _ = schema.kept(cohort.rows, closed)
    found = measure.again(rows, closed, known, series.rho * REVISION, add_noise)
    noisy = joined(known, found)
    noisy.save(part / NOISY)
    claim = earlier["guarantee"]
    steps = [*claim["steps"], *({**step, "revision": cohort.revision} for step in told.steps(found))]
    claim = _with(claim, steps, holds=claim["holds"])
    return told.about(noisy, public, {"guarantee": claim}) | {
        "request": earlier["request"], "schema": earlier["schema"],
        "measured": {"rho": sum(step["rho"] for step in told.steps(found))},
    }  # fmt: skip


def joined(before: Noisy, after: Noisy) -> Noisy:
    """Two measurements of the same combinations as one, by inverse variance."""
    lengths, lengths_sigma = _mean(before.lengths, before.lengths_sigma, after.lengths, after.lengths_sigma)
    levels = []
    for old, new in zip(before.levels, after.levels, strict=True):
        values, sigma = _mean(old.values, old.sigma, new.values, new.sigma)
        levels.append(replace(old, values=values, sigma=sigma))
    return replace(before, lengths=lengths, lengths_sigma=lengths_sigma, levels=tuple(levels))


def _mean(old: Counts, old_sigma: float, new: Counts, new_sigma: float) -> tuple[Counts, float]:
    """The mean of two noisy counts by inverse variance, and its sigma.

    Where they are further apart than noise would drive any of so many (sqrt(2 ln n) sigmas: Donoho and Johnstone 1994,
    and at least APART) the rows did change there: then the new count stands alone, not held back by the old one.
    """
    share = old_sigma**2 / (old_sigma**2 + new_sigma**2)
    apart = np.abs(new - old) > hypot(old_sigma, new_sigma) * max(APART, sqrt(2 * log(max(1, len(old)))))
    values = np.where(apart, new, np.rint(old + share * (new - old)))
    return values.astype(np.int64), new_sigma * sqrt(share)


def _made(
    series: _Series, cohort: _Cohort, facts: dict[str, Any], before: Path | None, part: Path, progress: Progress
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


def _together(series: _Series, cohorts: list[_Cohort], ledger: Ledger, folder: Path) -> dict[str, Any]:
    """Put the records of the cohorts one after another into a folder, with the certificate of all."""
    outputs = [ledger.output(cohort.key) for cohort in cohorts]
    folder.mkdir(parents=True, exist_ok=True)
    names = pl.read_parquet(outputs[0] / f"{RECORDS}.parquet").columns  # a later file may have them in another order
    records = pl.concat([pl.read_parquet(output / f"{RECORDS}.parquet").select(names) for output in outputs])
    write(records, folder / f"{RECORDS}.csv")
    write(records, folder / f"{RECORDS}.parquet")
    return certified(_certificate(series, outputs), folder)


def _certificate(series: _Series, outputs: list[Path]) -> dict[str, Any]:
    found = [_read(output) for output in outputs]
    cohorts = [_told(series, facts) for facts in found]
    poor = [cohort["value"] for cohort in cohorts if not cohort["worth"]]
    advice = next((cohort["advice"] for cohort in cohorts if not cohort["worth"]), "")
    public = (*series.public[: series.place], series.by, *series.public[series.place :])
    named = [schema.parsed(facts["schema"]) for facts in found]
    values = {column.name: set(column.values) for column in public}
    for column in (column for each in named for column in each):
        values[column.name] |= set(column.values)
    return {
        "format": told.FORMAT, "version": found[-1]["version"], "guarantee": _claim(series, found, cohorts),
        "columns": [
            {"name": column.name, "values": len(values[column.name]), "multi": column.multi, "source": column.source}
            for column in public
        ],
        "people": sum(cohort["people"] for cohort in cohorts),
        "people_error": round(hypot(*(cohort["people_error"] for cohort in cohorts)), 1),
        "expected": told.expected(list(_spreads(outputs))),
        "worth": not poor, "advice": f"{series.by.name} {', '.join(poor)}: {advice}" if poor else "",
        "hashes": {"schema": digest(schema.as_dict(public)), "code": told.code_hash()},
        "request": asked(series.request) | {"cohorts": series.by.name}, "schema": schema.as_dict(public),
        "seed": series.request.seed, "rows": sum(facts["rows"] for facts in found), "cohorts": cohorts,
    }  # fmt: skip


def _told(series: _Series, facts: dict[str, Any]) -> dict[str, Any]:
    """A line on a cohort: what its records lost so far and may yet lose, and how far it can be trusted by itself."""
    claim = facts["guarantee"]
    rest = (REVISIONS - facts["cohort"]["revision"]) * REVISION * series.rho
    return {
        **facts["cohort"], "records": facts["rows"], "rho": claim["rho"], "rho_set_aside": rest,
        "epsilon": accounting.rho_to_epsilon(claim["rho"], claim["delta"] - claim["delta_for_unlisted_values"]),
        "people": facts["people"], "people_error": facts["people_error"], "expected": facts["expected"],
        "worth": facts["worth"], "advice": facts["advice"], "seed": facts["seed"], "code": facts["hashes"]["code"],
        "csv": facts["hashes"]["csv"],
    }  # fmt: skip


def _claim(series: _Series, found: list[dict[str, Any]], cohorts: list[dict[str, Any]]) -> dict[str, Any]:
    """The claim of the costliest cohort, with all revisions for which budget is set aside."""
    worst = max(range(len(cohorts)), key=lambda at: cohorts[at]["rho"] + cohorts[at]["rho_set_aside"])
    claim, rest = found[worst]["guarantee"], cohorts[worst]["rho_set_aside"]
    steps = [*claim["steps"], {"measured": "set aside for revisions, not measured yet", "rho": rest}]
    all_ = _with(claim, steps, holds=all(facts["guarantee"]["holds"] for facts in found))
    return all_ | {
        "over_the_years": "rho and epsilon are what a person loses at most by this file and all later ones of the "
        f"series, with {REVISIONS} revisions of her cohort: a record is in one cohort of {series.by.name} only, so "
        "losses do not add up over cohorts (parallel composition), only over the measurements of one",
        "cohort_of_the_steps": cohorts[worst]["value"],
        "revisions": {"most": REVISIONS, "share_of_rho_of_the_first": FIRST, "share_of_rho_of_each": REVISION},
        "outside": all_["outside"] + OUTSIDE,
    }  # fmt: skip


def _with(claim: dict[str, Any], steps: list[dict[str, Any]], *, holds: bool) -> dict[str, Any]:
    """A claim with other steps."""
    found = claim["delta_for_unlisted_values"]
    return told.guarantee(claim["epsilon"], claim["delta"], found, steps, holds=holds)


def _spreads(outputs: list[Path]) -> Iterator[float]:
    """The noise (sigma, people) of combinations of each length in all cohorts together."""
    found = [[level.spread for level in Noisy.load(output / NOISY).levels] for output in outputs]
    for each in zip(*found, strict=True):
        yield hypot(*each)
