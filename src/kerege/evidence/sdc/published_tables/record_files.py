"""Published files of records of the same people: synthetic or k-anonymous, with a certificate.

The certificate says how near counts of the records come to counts of people. Differentially private records follow from
noisy counts, and the certificate states the mean error of these by the number of values that are combined. In a
k-anonymous file no value occurs more often than in the register, and at least `k` people share each combination.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import PlainValidator

from kerege.base.csv_cells import plain
from kerege.evidence.sdc.published_tables.stated_manifest import Stated, StatedManifest, TextOrNone

FORMAT = "kerege-synthetic/"
CERTIFICATE = ".certificate.json"
COUNTS = ".counts.csv"
MEAN_ABSOLUTE = 0.8  # mean absolute value of a normal error of standard deviation 1, as certificates state errors
ANONYMOUS = "k-anonymous"
MOST_BYTES = 200_000_000


def _objects(value: object) -> list[dict[str, object]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _object(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _amount(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0.0


Objects = Annotated[list[dict[str, object]], PlainValidator(_objects)]
Amount = Annotated[float, PlainValidator(_amount)]


class StatedCertificate(Stated):
    """The statements of a certificate about the accuracy of its records."""

    format: TextOrNone = ""
    columns: Objects = []
    expected: Objects = []
    people_error: Amount = 0.0
    guarantee: Annotated[dict[str, object], PlainValidator(_object)] = {}

    @property
    def multi(self) -> frozenset[str]:
        """Return the columns with several values in a record."""
        return frozenset(str(column.get("name")) for column in self.columns if column.get("multi") is True)

    @property
    def deviations(self) -> dict[int, float]:
        """Return the standard deviation of the noise by the number of combined values."""
        stated = {entry.get("length"): _amount(entry.get("error")) for entry in self.expected}
        stated[0] = self.people_error
        return {
            length: error / MEAN_ABSOLUTE for length, error in stated.items() if isinstance(length, int) and error > 0
        }


@dataclass(frozen=True)
class RecordFile:
    """Records of a publication, with the accuracy that their certificate states.

    `deviations` is empty and `k` is 0 where nothing is stated. At least `k` people share each combination of up to
    `order` values. `estimates` are the noisy counts beside the records, by the values that are combined; where
    `has_records` is False, nothing else is known.
    """

    name: str
    of: str
    frame: pl.DataFrame
    multi: frozenset[str] = frozenset()
    deviations: Mapping[int, float] = field(default_factory=dict)
    k: int = 0
    order: int = 0
    epsilon: float = 0.0
    release: str = ""
    origin: str = ""
    as_of: str = ""
    estimates: Mapping[frozenset[tuple[str, str]], float] = field(default_factory=dict)
    has_records: bool = True

    @property
    def is_anonymous(self) -> bool:
        """Return whether the records are k-anonymous: they follow from true counts without noise."""
        return self.k > 0


def read_record_files(folder: Path, manifest: Mapping[str, object], label: str, unit: str) -> list[RecordFile]:
    """Return the files of records of a folder; `unit` is that of files without a manifest."""
    stated = StatedManifest.model_validate(manifest)
    entries = _objects(manifest.get("microdata"))
    if not manifest.get("tables"):
        entries = [{"name": path.name.removesuffix(".csv"), "of": unit} for path in sorted(record_paths(folder))]
    result = []
    for entry in entries:
        path = next((path for path in _paths_of(folder, entry) if path.is_file() or _counts_path(path)), None)
        if path is None:
            continue
        snapshot = stated.snapshot(str(entry.get("of", "")))
        certificate, estimates = _certificate(path), _read_estimates(path)
        result.append(
            RecordFile(
                name=str(entry.get("name", path.stem)),
                of=str(entry.get("of", "")),
                frame=_read_frame(path) if path.is_file() else _without_records(estimates),
                multi=certificate.multi | frozenset(_names(entry.get("multi"))),
                deviations=certificate.deviations
                or StatedCertificate(expected=_objects(entry.get("errors"))).deviations,
                k=_whole(certificate.guarantee, "k") if certificate.guarantee.get("kind") == ANONYMOUS else 0,
                order=_whole(certificate.guarantee, "order"),
                epsilon=_amount(certificate.guarantee.get("epsilon", entry.get("epsilon"))),
                release=label,
                origin=snapshot.fingerprint,
                as_of=snapshot.as_of,
                estimates=estimates,
                has_records=path.is_file(),
            )
        )
    return result


def _read_estimates(path: Path) -> dict[frozenset[tuple[str, str]], float]:
    """Return the noisy counts beside a file of records, none of cohorts or of a file that cannot be read."""
    counts = _counts_path(path)
    table = _read_frame(counts) if counts else pl.DataFrame()
    lengths = [length for length in (1, 2, 3) if f"value_{length}" in table.columns]
    heads = [(f"column_{length}", f"value_{length}") for length in lengths]
    if not lengths or {"estimate", *sum(heads, ())} - {*table.columns} or table.columns[0] != "column_1":
        return {}
    numbers = table.with_columns(pl.col("estimate").cast(pl.Float64, strict=False)).drop_nulls("estimate")
    return {
        frozenset((row[column], row[value]) for column, value in heads if row[column] is not None): row["estimate"]
        for row in numbers.iter_rows(named=True)
    }


def _counts_path(path: Path) -> Path | None:
    """Return the noisy counts beside a file of records, which can be published without the records."""
    paths = (path.parent / file for file in _names_beside(path, COUNTS))
    return next((counts for counts in paths if counts.is_file()), None)


def _without_records(estimates: Mapping[frozenset[tuple[str, str]], float]) -> pl.DataFrame:
    """Return a frame of no record with the columns of noisy counts."""
    return pl.DataFrame(schema={name: pl.String for group in estimates for name, _value in sorted(group)})


def record_paths(folder: Path) -> list[Path]:
    """Return the CSV files of a folder that have a certificate beside them."""
    return [
        path
        for place in (folder, folder / "microdata")
        for path in place.glob("*.csv")
        if _certificate(path).format.startswith(FORMAT)
    ]


def _paths_of(folder: Path, entry: Mapping[str, object]) -> Iterator[Path]:
    """Yield the places where the CSV file of an entry can be, within the folder."""
    name = str(entry.get("name", ""))
    names = [str(file.get("file", "")) for file in _objects(entry.get("files"))]
    stated = [file for file in names if file.endswith(f"/{name}.csv")]
    for place in (*stated, f"microdata/{name}.csv", f"{name}.csv"):
        path = folder / place
        if path.resolve().is_relative_to(folder.resolve()):
            yield path


def _names_beside(path: Path, suffix: str) -> tuple[str, str]:
    """Return the possible names of a companion file: in a release, and beside a single file of records."""
    return f"{path.name.removesuffix('.csv')}{suffix}", f"{path.name}{suffix}"


def _certificate(path: Path) -> StatedCertificate:
    """Return the certificate beside a file of records, an empty one when there is none that can be read."""
    for name in _names_beside(path, CERTIFICATE):
        try:
            tree = json.loads((path.parent / name).read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(tree, dict):
            return StatedCertificate.model_validate(tree)
    return StatedCertificate()


def _read_frame(path: Path) -> pl.DataFrame:
    """Return the records as text, an empty frame for a file that cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return pl.DataFrame()
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError):
        return pl.DataFrame()
    return frame.with_columns(pl.all().map_elements(plain, return_dtype=pl.String))


def _whole(tree: Mapping[str, object], name: str) -> int:
    value = tree.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
