"""From a snapshot to records and their certificate: measured once against the ledger, made from what it keeps."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege import __version__
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.data.content_hash import rows_hash
from kerege.evidence.data.snapshot import SEPARATOR, Snapshot
from kerege.evidence.data.text_frames import guarded_frame
from kerege.evidence.dp import zcdp
from kerege.evidence.dp.gaussian_noise import Noise, discrete_gaussian
from kerege.evidence.ledger.ledger import FILES, Ledger, digest, now
from kerege.evidence.synthesis import certificate as told
from kerege.evidence.synthesis.generation.isolated_fit import fitted
from kerege.evidence.synthesis.generation.records import Records
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.request import Certificate, Request, check
from kerege.vocabulary import snapshot_columns as standard

DELTA = zcdp.DELTA
MOST_COLUMNS = 200
NOISY, RECORDS, CERTIFICATE = "noisy.npz", "records", "records.certificate.json"
FREE = {"rho": 0, "delta_for_unlisted_values": 0}  # what is claimed of records: the counts were paid for
Progress = Callable[[float, str], None]


def loss(request: Request, *, unlisted: bool = False) -> float:
    """The loss (rho) that a request charges at most; `unlisted` when some columns have no public values."""
    check(request)
    return zcdp.epsilon_to_rho(request.epsilon, request.loss_at / 2 if unlisted else request.loss_at)


def expected_error(
    width: int, epsilon: float, delta: float | None = None, reported: int = 0, share: float = 1.0
) -> list[dict[str, Any]]:
    """Return the mean errors to expect of synthetic records, before any budget is spent.

    Parameters
    ----------
    width : int
        Values that the records can report: the sum of the values of all columns.
    epsilon, delta : float
        The privacy loss; delta None is 1e-9.
    reported : int
        Values that 65 of 100 records report at most, by which they are clipped; 0 takes the worst, that all report all.
    share : float
        The part of the loss that is measured at once.

    Returns
    -------
    list of dict
        By `length` of combinations, from 1 to 3: the mean error of a count in people, and from which count on the
        relative error is small.

    Raises
    ------
    BadInput
        For an epsilon or a delta out of its range.

    Examples
    --------
    >>> [(each["length"], round(each["error"])) for each in expected_error(width=20, epsilon=4.0, delta=None)]
    [(1, 14), (2, 23), (3, 82)]
    """
    request = Request(epsilon=epsilon, delta=delta)
    return told.expected(spreads(width, request, share * loss(request), reported))


def spreads(width: int, request: Request, rho: float, reported: int = 0) -> list[float]:
    """The noise (sigma, people) of combinations of each length.

    `reported`: 65 of 100 records report so many of `width` values or fewer, by which they are clipped; 0 where nobody
    knows, and the worst is taken, that all report all.
    """
    order = min(request.order, width)
    return measure.spreads(measure.plan(rho, order, (0.0,) * order), measure.clipped(reported or width, width))


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

    What was measured before for the same request on the same snapshot is taken from the ledger and charged no more, and
    so are the records that were made of it by the same seed; another seed makes others. The ledger is locked while it
    is measured, not while records are made.

    Parameters
    ----------
    snapshot : Snapshot
        A row is a person.
    request : Request
        Columns, privacy loss, preset, seed.
    ledger : Ledger
        Is charged, before anything is made.
    folder : Path
        Gets records.csv, records.parquet and records.certificate.json.
    progress : function of float and str
        Called with the share that is done and what is done next.
    listed : sequence of columns
        As a schema file describes them: values that are public.
    noise
        For tests: nothing is charged, and the certificate says that its guarantee does not hold.

    Returns
    -------
    dict
        The certificate: guarantee, columns, expected errors, hashes.

    Raises
    ------
    BadInput
        For a request or columns that cannot be.
    Refused
        When the budget would be overdrawn; nothing is written.

    Notes
    -----
    Marginals with discrete Gaussian noise (Canonne, Kamath and Steinke 2020; accounting in zCDP, Bun and Steinke 2016);
    records are fitted to them.

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
    public = public_schema.known(snapshot, listed, request.columns)
    fits(snapshot, public)
    if noise is not None:
        with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
            rho = loss(request, unlisted=unlisted(public))
            measured(snapshot.frame, request, public, rho, noise, Path(inside), charged=False)
            return _make(Path(inside), request, folder, progress)
    key = request_of(snapshot, request, listed)
    with ledger.locked():
        if ledger.stored(key) is None:
            _charge(snapshot, request, public, ledger, key, progress)
        made, counts = digest({"records": key, "seed": request.seed}), ledger.output(key)
        stored = ledger.stored(made)
    if stored is None:
        with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
            _make(counts, request, Path(inside), progress)
            free = entry(snapshot, request, public, period_of(snapshot, request))
            stored = ledger.keep(made, Path(inside), free | {"seed": request.seed})
    return placed(stored, folder)


def _charge(snapshot: Snapshot, request: Request, public: Schema, ledger: Ledger, key: str, progress: Progress) -> None:
    """Measure and charge it, before anything is made of it: who stops what follows gets no other noise."""
    period, rho = period_of(snapshot, request), loss(request, unlisted=unlisted(public))
    gone = for_unlisted(request, public)
    ledger.check(period, rho, {"delta": gone}, at=request.loss_at - gone)
    progress(0.0, "measuring")
    with tempfile.TemporaryDirectory(dir=ledger.folder, prefix=".part-") as inside:
        facts = measured(snapshot.frame, request, public, rho, discrete_gaussian, Path(inside))
        ledger.append(key, Path(inside), entry(snapshot, request, public, period, facts["guarantee"]))


def is_foreign(snapshot: Snapshot) -> bool:
    """Whether the rows come from a file that no register froze."""
    return snapshot.unit == "records"


def period_of(snapshot: Snapshot, request: Request) -> str:
    """Whose budget is charged. All files that no register froze have one together.

    A budget for each would be a new one after any change of a row, and the mean of such files would have no noise.
    """
    return request.period or (FILES if is_foreign(snapshot) else "microdata")


def decoded(records: Records, public: Schema) -> pl.DataFrame:
    """Records as text, null where nothing is reported; several values of a column as a list, in the public order."""
    row = np.repeat(np.arange(records.people), np.diff(records.start))
    first = 0
    columns: list[pl.Series] = []
    for column in public:
        size = len(column.values)
        mine = np.flatnonzero((records.values >= first) & (records.values < first + size))
        mine = mine[np.lexsort((records.values[mine], row[mine]))]  # several in the order of the list
        values, rows = records.values[mine] - first, row[mine]
        first += size
        names = pl.Series(column.values, dtype=pl.String)
        if column.multi:
            table = pl.DataFrame({"row": rows, "value": names.gather(values)})
            lists = table.group_by("row", maintain_order=True).agg("value")
            every = pl.DataFrame({"row": np.arange(records.people)}).join(lists, on="row", how="left")
            columns.append(every["value"].alias(column.name))
        else:
            place = np.full(records.people, size, dtype=np.int64)
            place[rows] = values
            columns.append(pl.Series([*column.values, None], dtype=pl.String).gather(place).alias(column.name))
    return pl.DataFrame(columns)


def unlisted(public: Schema) -> bool:
    """Whether some values have to be found in the records, which takes half of delta."""
    return any(column.open for column in public)


def for_unlisted(request: Request, public: Schema) -> float:
    """The part of delta that finding such values takes."""
    return request.loss_at / 2 if unlisted(public) else 0.0


def fits(snapshot: Snapshot, public: Schema) -> None:
    """Raise BadInput for more columns than can be measured, and where a row is no person."""
    of_persons(snapshot)
    if len(public) > MOST_COLUMNS:
        raise BadInput(
            Fault(
                f"{len(public)} columns are more than {MOST_COLUMNS}",
                "choose the columns that researchers need",
                snapshot.path,
            )
        )


def of_persons(snapshot: Snapshot) -> None:
    """Raise BadInput where a row is no person."""
    if not standard.a_person_a_row(snapshot.unit):
        raise BadInput(
            Fault(
                f"a row of {shown(snapshot.unit)} is no person: nobody would be protected",
                "take a snapshot of victims or suspects",
                snapshot.path,
            )
        )


def request_of(snapshot: Snapshot, request: Request, listed: Schema = ()) -> str:
    """What makes two requests the same: everything but the seed, which touches no record. Raises BadInput.

    A file that no register froze is the same in any order of rows and columns, and in any format.
    """
    public = public_schema.known(snapshot, listed, request.columns)
    rows = rows_hash(public_schema.kept(snapshot.frame, public)[0]) if is_foreign(snapshot) else snapshot.sha256
    return digest({"microdata": asked(request) | {"schema": public_schema.as_dict(public)}, "snapshots": [rows]})


def asked(request: Request) -> dict[str, Any]:
    """The parameters that a certificate repeats."""
    return {"epsilon": request.epsilon, "delta": request.loss_at, "preset": request.preset, "order": request.order}


def entry(
    snapshot: Snapshot, request: Request, public: Schema, period: str, claim: Mapping[str, Any] = FREE
) -> dict[str, Any]:
    """What the ledger keeps of a measurement with this claim, or of the records that are made of one for nothing."""
    return {
        "kind": "records" if claim is FREE else "microdata",
        "at": now(),
        "period": period,
        "methods": ["dp"],
        "tables": [],
        "snapshots": [{"unit": snapshot.unit, "sha256": snapshot.sha256, "as_of": snapshot.as_of}],
        "params": {
            "columns": [column.name for column in public],
            "epsilon": request.epsilon,
            "preset": request.preset,
            "order": request.order,
        },
        "rho": claim["rho"],
        "delta": claim["delta_for_unlisted_values"],
    }


def measured(
    frame: pl.DataFrame,
    request: Request,
    public: Schema,
    rho: float,
    noise: Noise,
    part: Path,
    *,
    charged: bool = True,
) -> dict[str, Any]:
    """Measure once, for a loss of `rho`: noisy counts and the facts of the certificate that are known by then.

    Its guarantee holds only when the loss is `charged` to somebody and the noise is the secure one.
    """
    preset = PRESETS[request.preset]
    delta = for_unlisted(request, public)
    rows, _ = public_schema.kept(frame, public)
    spending = measure.plan(rho, min(request.order, public_schema.width(public)), preset.thresholds, delta)
    noisy, public = measure.measure(rows, public, spending, noise)
    noisy.save(part / NOISY)
    holds = charged and noise is discrete_gaussian
    claim = told.guarantee(request.epsilon, request.loss_at, delta, told.steps(noisy), holds=holds)
    facts = told.about(noisy, public, {"guarantee": claim})
    facts |= {"request": asked(request), "schema": public_schema.as_dict(public)}
    (part / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return facts


def _make(given: Path, request: Request, folder: Path, progress: Progress) -> dict[str, Any]:
    """Make records from the noisy counts in a folder and write them with their certificate into another."""
    facts, charge = facts_in(given), PRESETS[request.preset].charge
    records = fitted(Noisy.load(given / NOISY), charge, request.seed, lambda share: progress(share, "making records"))
    frame = decoded(records, public_schema.parsed(facts["schema"]))
    return written(frame, of_records(facts, records, request), folder)


def of_records(facts: dict[str, Any], records: Records, request: Request) -> dict[str, Any]:
    """The facts of a certificate with what is known once the records are made, and by which code they were."""
    hashes = facts["hashes"] | {"code": told.code_hash(), "code_that_measured": facts["hashes"]["code"]}
    return facts | {"version": __version__, "hashes": hashes, "seed": request.seed, "fit": told.fit(records.apart)}


def facts_in(folder: Path) -> dict[str, Any]:
    """The certificate in a folder."""
    found: dict[str, Any] = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    return found


def placed(stored: Path, folder: Path) -> dict[str, Any]:
    """Put records that the ledger keeps into a folder; returns their certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (f"{RECORDS}.csv", f"{RECORDS}.parquet", CERTIFICATE):
        shutil.copyfile(stored / name, folder / name)
    return facts_in(folder)


def written(frame: pl.DataFrame, facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write records both ways into a folder, and their certificate, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    write(frame, folder / f"{RECORDS}.csv")
    write(frame, folder / f"{RECORDS}.parquet")
    return certified(facts | {"rows": frame.height}, folder)


def certified(facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Write the certificate of the records in a folder, with their hashes; returns it."""
    hashes = facts["hashes"] | {
        kind: hashlib.sha256((folder / f"{RECORDS}.{kind}").read_bytes()).hexdigest() for kind in ("csv", "parquet")
    }
    facts |= {"hashes": hashes}
    Certificate.parsed(facts, CERTIFICATE)
    (folder / CERTIFICATE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    return facts


def write(frame: pl.DataFrame, path: Path) -> None:
    """Write records by the extension of the file: Parquet with lists, or CSV with `;` between several values."""
    if path.suffix == ".parquet":
        frame.write_parquet(path, compression="zstd", statistics=False)
        return
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    guarded_frame(frame.with_columns(pl.col(lists).list.join(SEPARATOR))).write_csv(path)
