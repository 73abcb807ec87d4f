"""Pipeline from a snapshot to synthetic records: one charged measurement, fit, certificate."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp import zcdp
from kerege.evidence.dp.gaussian_noise import Noise, discrete_gaussian
from kerege.evidence.ledger.budgets import FILES
from kerege.evidence.ledger.entry import EnteredSnapshot, EntryContents, digest, now
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import certificate as certificates
from kerege.evidence.synthesis.accuracy import state_accuracy
from kerege.evidence.synthesis.first_look import TABLES_ONLY, check_auto, look
from kerege.evidence.synthesis.generation.counts_beside import reconstruct_counts, tabulate_counts
from kerege.evidence.synthesis.generation.isolated_fit import fit_in_process
from kerege.evidence.synthesis.generation.records import decode_records
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.choice import TABLES
from kerege.evidence.synthesis.measurement.noisy_counts import FALSE_VALUES, Noisy
from kerege.evidence.synthesis.measurement.private_edges import code_frame, share_of_edges
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.measurement.structural_limits import limit_periods
from kerege.evidence.synthesis.presets import LOOK, PRESETS
from kerege.evidence.synthesis.record_files import (
    CERTIFICATE,
    NOISY,
    copy_records,
    read_certificate,
    write_counts,
    write_records,
)
from kerege.evidence.synthesis.request import Request, check
from kerege.evidence.synthesis.snapshot_checks import check_snapshot

DELTA = zcdp.DELTA
NO_LOSS = {"rho": 0, "delta_for_unlisted_values": 0}  # loss of making records: the counts are charged already
Progress = Callable[[float, str], None]


def compute_loss(request: Request, *, unlisted: bool = False) -> float:
    """Return the largest privacy loss of a request.

    Parameters
    ----------
    request : Request
        Its epsilon and delta state the loss.
    unlisted : bool
        Whether some columns have no public list of values: half of delta then goes to finding the values.

    Returns
    -------
    float
        Loss in rho (zCDP).

    Raises
    ------
    BadInput
        If a field of the request is out of range.

    Notes
    -----
    The conversion of Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy"; see
    `dp.epsilon_to_rho`.

    Examples
    --------
    >>> compute_loss(Request(epsilon=4.0)) == zcdp.epsilon_to_rho(4.0, 1e-9)
    True
    """
    check(request)
    return zcdp.epsilon_to_rho(request.epsilon, request.loss_at / 2 if unlisted else request.loss_at)


def expected_error(
    width: int, epsilon: float, delta: float | None = None, reported: int = 0, share: float = 1.0
) -> list[dict[str, Any]]:
    """Return the mean errors to expect of synthetic records, before any budget is spent.

    Parameters
    ----------
    width : int
        Largest number of values of a record: one per column, and all values of a multi-valued column.
    epsilon, delta : float
        The privacy loss; delta None is 1e-9.
    reported : int
        Number of values that 65 of 100 records do not exceed; it determines the clip. 0 assumes the worst case, that
        every record reports `width` values.
    share : float
        The share of the loss that the first measurement uses.

    Returns
    -------
    list of dict
        One entry per combination `length` from 1 to 3: the mean error of a count in people, and the count from which
        the relative error is small.

    Raises
    ------
    BadInput
        If epsilon or delta is out of its range.

    Notes
    -----
    The noise of a combination of length L has sigma = sqrt(C(K, L) / (2 rho_L)) for the clip K: a record changes at
    most C(K, L) combinations. Gaussian mechanism in zCDP: Bun and Steinke 2016, "Concentrated Differential Privacy".

    Examples
    --------
    >>> [(row["length"], round(row["error"])) for row in expected_error(width=20, epsilon=4.0, delta=None)]
    [(1, 14), (2, 23), (3, 82)]
    """
    request = Request(epsilon=epsilon, delta=delta)
    return certificates.expected_errors(spreads(width, request, share * compute_loss(request), reported))


def spreads(width: int, request: Request, rho: float, reported: int = 0) -> list[float]:
    """Return the noise of combinations of each length.

    Parameters
    ----------
    width : int
        Largest number of values of a record.
    request : Request
        Its order is the length of the longest measured combinations.
    rho : float
        Privacy loss (zCDP) of the measurement.
    reported : int
        Number of values that 65 of 100 records do not exceed; it determines the clip. 0 means unknown and assumes the
        worst case, that every record reports `width` values.

    Returns
    -------
    list of float
        Sigma, in people, for the lengths 1, 2, ...

    Notes
    -----
    sqrt(C(K, L) / (2 rho_L)) for the clip K; see `measure.compute_spreads`.

    Examples
    --------
    >>> singles, pairs = spreads(20, Request(order=2), rho=0.5)
    >>> singles < pairs
    True
    """
    order = min(request.order, width)
    return measure.compute_spreads(
        measure.plan(rho, order, (0.0,) * order), measure.choose_clip(reported or width, width)
    )


def synthesize(
    snapshot: Snapshot,
    request: Request,
    ledger: Ledger,
    folder: Path,
    progress: Progress = lambda share, what: None,
    *,
    listed: Schema = (),
    noise: Noise | None = None,
) -> dict[str, Any]:
    """Make differentially private synthetic records of a snapshot and charge their loss to a ledger.

    The ledger stores the noisy counts of a request on a snapshot and the records of each seed. A repeated call returns
    them without a further charge; another seed gives other records from the same counts. The ledger is locked during
    the measurement and not while records are made.

    Parameters
    ----------
    snapshot : Snapshot
        A row is a person.
    request : Request
        Columns, privacy loss, preset, seed.
    ledger : Ledger
        It is charged before any records are made.
    folder : Path
        Folder for records.csv, records.parquet and records.certificate.json.
    progress : function of float and str
        Called with the finished share and the name of the next step.
    listed : sequence of columns
        Public values of columns, as read from a schema file.
    noise
        For tests only: nothing is charged, and the certificate says that its guarantee does not hold.

    Returns
    -------
    dict
        The certificate: guarantee, columns, expected errors, hashes.

    Raises
    ------
    BadInput
        If the request or the columns are not valid.
    Refused
        If the budget would be exceeded; nothing is written.

    Notes
    -----
    The mechanism adds discrete Gaussian noise to marginals (Canonne, Kamath and Steinke 2020; accounting in zCDP, Bun
    and Steinke 2016). The records are fitted to the noisy marginals by simulated annealing.

    Examples
    --------
    >>> from kerege.evidence.synthesis import Ledger
    >>> rows = pl.DataFrame({"sex": ["female", "male"] * 100, "form": ["labour", "sexual"] * 100})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = Ledger(Path(folder, "ledger"))
    ...     certificate = synthesize(Snapshot.from_frame(rows), Request(epsilon=4.0), ledger, Path(folder, "out"))
    >>> certificate["guarantee"]["holds"], [column["name"] for column in certificate["columns"]]
    (True, ['sex', 'form'])
    """
    check(request)
    public = public_schema.read_known_columns(snapshot, listed, request.columns)
    check_snapshot(snapshot, public)
    check_auto(request, public)
    if noise is not None:
        with tempfile.TemporaryDirectory(prefix="kerege-") as temporary:
            rho = compute_loss(request, unlisted=has_unlisted_values(public))
            limited = limit_periods(public, day_of(snapshot))
            measure_once(
                snapshot.frame, request, public=limited, rho=rho, noise=noise, part=Path(temporary), charged=False
            )
            return _make_records(Path(temporary), request, folder, progress)
    request_key = request_of(snapshot, request, listed)
    with ledger.locked():
        if ledger.stored(request_key) is None:
            _charge(snapshot, request, public=public, ledger=ledger, key=request_key, progress=progress)
        records_key, counts = digest({"records": request_key, "seed": request.seed}), ledger.output(request_key)
        stored = ledger.stored(records_key)
    if stored is None:
        with tempfile.TemporaryDirectory(prefix="kerege-") as temporary:
            _make_records(counts, request, Path(temporary), progress)
            free_entry = ledger_entry(snapshot, request, public, period_of(snapshot, request))
            about = free_entry.merged(EntryContents(seed=request.seed))
            stored = ledger.keep(records_key, Path(temporary), about)
    return copy_records(stored, folder)


def _charge(snapshot: Snapshot, request: Request, public: Schema, ledger: Ledger, key: str, progress: Progress) -> None:
    """Measure a snapshot and charge the loss to the ledger.

    The counts are stored before any records are made, so an interrupted run cannot draw new noise.
    """
    period, rho = period_of(snapshot, request), compute_loss(request, unlisted=has_unlisted_values(public))
    delta = unlisted_delta(request, public)
    ledger.check(period, rho, EntryContents(delta=delta), at=request.loss_at - delta)
    progress(0.0, "measuring")
    with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as temporary:
        limited = limit_periods(public, day_of(snapshot))
        facts = measure_once(
            snapshot.frame, request, public=limited, rho=rho, noise=discrete_gaussian, part=Path(temporary)
        )
        ledger.append(key, Path(temporary), ledger_entry(snapshot, request, public, period, facts["guarantee"]))


def is_foreign(snapshot: Snapshot) -> bool:
    """Return whether the rows come from an external file and not from a snapshot of the register."""
    return snapshot.unit == "records"


def period_of(snapshot: Snapshot, request: Request) -> str:
    """Return the period whose budget is charged. All external files share one budget.

    With a budget for each file, any changed row would open a new budget, and the mean over such files would cancel the
    noise.
    """
    return request.period or (FILES if is_foreign(snapshot) else "microdata")


def day_of(snapshot: Snapshot) -> str:
    """Return the reference date of a snapshot; of an external file, the day of the measurement."""
    return snapshot.as_of or now()[:10]


def has_unlisted_values(public: Schema) -> bool:
    """Return whether some columns are open, so that finding their values takes half of delta."""
    return any(column.open for column in public)


def unlisted_delta(request: Request, public: Schema) -> float:
    """Return the part of delta that is used to select the values of open columns."""
    return request.loss_at / 2 if has_unlisted_values(public) else 0.0


def request_of(snapshot: Snapshot, request: Request, listed: Schema = ()) -> str:
    """Return the digest of a request and its snapshot.

    The seed is left out because it needs no new measurement. An external file has the same digest in any row order,
    column order and format. Raise BadInput for columns that are not valid, or that nobody can choose among.
    """
    public = public_schema.read_known_columns(snapshot, listed, request.columns)
    check_auto(request, public)
    rows = (
        hash_rows(public_schema.keep_listed_values(snapshot.frame, public)[0])
        if is_foreign(snapshot)
        else snapshot.sha256
    )
    return digest(
        {"microdata": describe_request(request) | {"schema": public_schema.as_dict(public)}, "snapshots": [rows]}
    )


def describe_request(request: Request) -> dict[str, Any]:
    """Return the parameters of a request for the certificate."""
    parameters = {
        "epsilon": request.epsilon,
        "delta": request.loss_at,
        "preset": request.preset,
        "order": request.order,
    }
    return parameters | ({"auto": True} if request.auto else {})


def ledger_entry(
    snapshot: Snapshot, request: Request, public: Schema, period: str, claim: Mapping[str, Any] = NO_LOSS
) -> EntryContents:
    """Return the ledger entry of a measurement with the loss `claim`, or of records without one."""
    return EntryContents(
        kind="records" if claim is NO_LOSS else "microdata",
        at=now(),
        period=period,
        methods=["dp"],
        tables=[],
        snapshots=[EnteredSnapshot.of(snapshot)],
        params={
            "columns": [column.name for column in public],
            "epsilon": request.epsilon,
            "preset": request.preset,
            "order": request.order,
        },
        rho=claim["rho"],
        delta=claim["delta_for_unlisted_values"],
    )


def measure_once(
    frame: pl.DataFrame,
    request: Request,
    public: Schema,
    rho: float,
    noise: Noise,
    part: Path,
    *,
    charged: bool = True,
    cohorts: int = 1,
) -> dict[str, Any]:
    """Measure once for a loss of `rho`.

    Write the noisy counts and the facts known so far to the folder `part`. Return these facts. Their guarantee holds
    only if the loss is `charged` and the noise is from the secure sampler. Each of the `cohorts` of a file has an equal
    part of the expected number of false values of the file.
    """
    preset = PRESETS[request.preset]
    delta = unlisted_delta(request, public)
    left = rho * (1 - share_of_edges(public))
    rows, public, edge_steps = code_frame(frame, public, rho, noise)
    first_look = look(rows, request, public, left, noise) if request.auto else None
    if first_look:
        public = tuple(column for column in public if column.name in first_look.choice.columns)
        rows = rows.select([column.name for column in public])
        request, left = replace(request, order=first_look.choice.order), left * (1 - LOOK)
    spending = measure.plan(left, min(request.order, public_schema.width(public)), preset.thresholds, delta)
    noisy, public = measure.measure(rows, public, spending, noise)
    noisy = replace(noisy, false_values=FALSE_VALUES / cohorts)
    noisy.save(part / NOISY)
    holds = charged and noise is discrete_gaussian
    steps = [*(first_look.steps if first_look else []), *certificates.steps(noisy), *map(dict, edge_steps)]
    claim = certificates.guarantee(request.epsilon, request.loss_at, delta, steps, holds=holds)
    facts = certificates.certificate_facts(noisy, public, {"guarantee": claim})
    facts |= {"request": describe_request(request), "schema": public_schema.describe(public)}
    if first_look:
        facts |= {"choice": first_look.described}
    (part / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return facts


def _make_records(given: Path, request: Request, folder: Path, progress: Progress) -> dict[str, Any]:
    """Make records from the noisy counts in the folder `given`.

    Write them with the counts beside them and their certificate to `folder`.
    """
    facts, charge, noisy = read_certificate(given), PRESETS[request.preset].charge, Noisy.load(given / NOISY)
    records = fit_in_process(noisy, charge, request.seed, lambda share: progress(share, "making records"), repeat=True)
    public = public_schema.parse_schema(facts["schema"])
    counts = tabulate_counts(reconstruct_counts(noisy, records), public)
    if facts.get("choice", {}).get("publish") == TABLES:
        return write_counts(certificates.add_fit_facts(facts, records, request.seed) | TABLES_ONLY, folder, counts)
    facts = state_accuracy(certificates.add_fit_facts(facts, records, request.seed), noisy, records)
    return write_records(decode_records(records, public), facts, folder, counts)
