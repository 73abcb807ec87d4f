"""Release made from the marginals of the demo programme, in the format of the release command."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kerege.evidence.release.manifest import TableEntry
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.build import written

Cell = int | None | tuple[int, str]
Keys = tuple[str, ...]
IOM = {"programme": "iom"}
STATE = {"programme": "state"}
YEARS = dict(
    zip(
        range(2004, 2021),
        [61, 84, 97, 108, 112, 118, 121, 124, 117, 109, 113, 106, 112, 121, 116, 134, 138],
        strict=True,
    )
)


def table_entry(**given: Any) -> TableEntry:
    """Return the entry of a table in a manifest: the given keys, and plain values for the others."""
    where = {name: [values] if isinstance(values, str) else values for name, values in given.get("where", {}).items()}
    name = given.get("name", "t")
    title = given.get("title", name)
    plain = {
        "name": name,
        "file": f"tables/{name}.csv",
        "of": "victims",
        "by": [],
        "method": "suppress",
        "params": {},
        "sha256": "0" * 64,
        "cells": {"published": 0, "suppressed": 0, "perturbed": 0},
        "notes": [],
        "multi": [],
    }
    titles = title if isinstance(title, dict) else dict.fromkeys(("kk", "ru", "en"), title)
    return TableEntry.model_validate(plain | given | {"where": where, "title": titles})


def one(cells: dict[str, Cell], total: Cell) -> dict[Keys, Cell]:
    """Return the cells of a one-dimensional table with its total."""
    return {("_T",): total} | {(code,): cell for code, cell in cells.items()}


def two(rows: dict[str, dict[str, Cell]]) -> dict[Keys, Cell]:
    """Return the cells of a two-dimensional table with its totals."""
    cells: dict[Keys, Cell] = {}
    columns = list(next(iter(rows.values())))
    for row, values in rows.items():
        cells |= {(row, column): values[column] for column in columns}
        cells[row, "_T"] = sum(v for v in values.values() if isinstance(v, int))
    for column in columns:
        cells["_T", column] = sum(v for row in rows.values() if isinstance(v := row[column], int))
    cells["_T", "_T"] = sum(v for row in rows.values() for v in row.values() if isinstance(v, int))
    return cells


def payers() -> dict[str, dict[str, Cell]]:
    """Return services by year and payer; the state pays for a growing share."""
    rows: dict[str, dict[str, Cell]] = {
        str(year): {"state": 10 + 3 * (year - 2004), "iom": 180 + 10 * (year - 2004), "other": 12} for year in YEARS
    }
    return rows | {
        str(year): {"state": n, "iom": iom, "other": 25}
        for year, n, iom in [(2021, 402, 61), (2022, 455, 40), (2023, 498, 31), (2024, 588, 22), (2025, 431, 14)]
    }


def tables() -> dict[str, tuple[str, list[str], dict[str, Any], dict[Keys, Cell]]]:
    """Return every table that the report reads: unit, dimensions, filter, cells."""
    state_years: dict[str, Cell] = {"2021": 172, "2022": 181, "2023": 203, "2024": 247, "2025": 171}
    corridor = {
        "UZ": {"KZ": 938, "AE": None, "TR": 0, "RU": None, "IR": 0},
        "KZ": {"KZ": 640, "AE": 55, "TR": 26, "RU": 22, "IR": None},
        "KG": {"KZ": 70, "AE": None, "TR": None, "RU": 0, "IR": 0},
        "RU": {"KZ": 27, "AE": None, "TR": 0, "RU": 0, "IR": 0},
        "TJ": {"KZ": 31, "AE": 0, "TR": None, "RU": None, "IR": 0},
    }
    services: dict[str, Cell] = {
        "shelter": 902,
        "repatriation": 731,
        "psychological_support": 1402,
        "medical_care": 1188,
        "documentation": 688,
        "legal_aid": 512,
    }
    by_kind = {
        name: {"state": 120, "iom": n - 160 if isinstance(n, int) else 0, "other": 40} for name, n in services.items()
    }
    return {
        "assisted": ("victims", [], IOM, {(): 1891}),
        "assisted_by_year": ("victims", ["year"], IOM, one({str(y): n for y, n in YEARS.items()}, 1891)),
        "destination": ("victims", ["destination"], IOM, one({"KZ": 1741, "AE": 61, "TR": 28, "RU": 28, "IR": None,
                        "BH": None, "KR": None, "_U": 0}, 1891)),
        "origin": ("victims", ["origin"], IOM, one({"UZ": 944, "KZ": 774, "KG": 72, "RU": 28, "TJ": 35, "MN": None,
                   "UA": None, "PH": None, "TM": None}, 1891)),
        "corridor": ("victims", ["origin", "destination"], IOM, two(corridor) | {("_T", "_T"): 1891}),
        "sex": ("victims", ["sex"], IOM, one({"male": (980, "perturbed"), "female": (910, "perturbed"),
                "transgender": None}, 1891)),
        "age_band": ("victims", ["age_band"], IOM, one({"9_17": 171, "18_25": 677, "26_30": 355, "31_40": 412,
                     "41_50": 190, "51_plus": 86}, 1891)),
        "exploitation": ("victims", ["exploitation"], IOM, one({"labour": 1151, "sexual": 711, "other": 29}, 1891)),
        "exploitation_form": ("victims", ["exploitation_form"], IOM, one({"forced_labour": 1098, "servitude": 53,
                              "sexual_exploitation": 711, "begging": 17, "surrogacy": None,
                              "armed_conflict": None}, 1891)),
        "services": ("victims", ["service_kinds"], IOM, one(services, 1891)),
        "state_assisted_by_year": ("victims", ["year"], STATE, one(state_years, 974)),
        "state_sex": ("victims", ["sex"], STATE, one({"male": 560, "female": 414}, 974)),
        "state_age_group": ("victims", ["age_group"], STATE, one({"child": 118, "adult": 856}, 974)),
        "state_citizenship": ("victims", ["citizenship"], STATE, one({"KZ": 489, "UZ": 371, "KG": 52, "TJ": 38,
                              "RU": 24}, 974)),
        "state_exploitation": ("victims", ["exploitation"], STATE, one({"labour": 770, "sexual": 181,
                               "other": 23}, 974)),
        "state_region": ("victims", ["region"], STATE, one({"75": 430, "71": 301, "79": 231, "47": None, "59": None},
                         974)),
        "payer_by_year": ("services", ["year", "payer"], {}, two(payers())),
        "services_by_kind": ("services", ["service", "payer"], {}, two(by_kind)),
        "crimes_by_half": ("crimes", ["half"], {"source": "mia"}, one({"2023-H1": 71, "2023-H2": 81, "2024-H1": 92,
                           "2024-H2": 104, "2025-H1": 134}, 482)),
        "crimes_by_source": ("crimes", ["year", "source"], {}, two({"2022": {"mia": 77, "pgo": 151},
                             "2023": {"mia": 152, "pgo": 188}, "2024": {"mia": 196, "pgo": 357},
                             "2025": {"mia": 134, "pgo": 171}})),
        "crimes_by_offence": ("crimes", ["offence"], {"year": "2025"}, one({"kz128": 141, "kz308": 78, "kz134": 31,
                              "kz135": 29, "kz309": 26}, 305)),
        "contacts_by_year": ("contacts", ["year"], {}, one({"2021": 1320, "2022": 1411, "2023": 1604, "2024": 1752,
                             "2025": 1120}, 7207)),
        "contacts_by_region": ("contacts", ["year", "region"], {}, two({"2024": {"75": 1002, "71": 750},
                               "2025": {"75": 640, "71": (480, "perturbed")}})),
        "campaigns_by_year": ("campaigns", ["year"], {}, one({"2021": 11, "2022": 14, "2023": 17, "2024": 19,
                              "2025": 12}, 73)),
    }  # fmt: skip


def to_csv(by: list[str], cells: dict[Keys, Cell]) -> bytes:
    """Return cells as the CSV of a release table."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*by, "count", "status"])
    for keys, cell in cells.items():
        count, status = cell if isinstance(cell, tuple) else (cell, "ok" if cell is not None else "suppressed")
        writer.writerow([*keys, "" if count is None else count, status])
    return buffer.getvalue().encode()


def make(
    home: Path,
    *,
    name: str = "annual-2025",
    period: str = "2025",
    changes: dict[str, dict[Keys, Cell]] | None = None,
    leave_out: tuple[str, ...] = (),
    created: str = "2025-07-29T09:00:00Z",
    estimate: dict[str, Any] | None = None,
    strata: Sequence[dict[str, Any]] = (),
) -> Path:
    """Write a signed release below `home`; `changes` replaces single cells, `leave_out` drops tables.

    `strata` are further estimates.
    """
    out = home / "releases" / name
    (out / "tables").mkdir(parents=True)
    entries = []
    for table, (of, by, where, cells) in tables().items():
        if table not in leave_out:
            cells = cells | (changes or {}).get(table, {})
            entries.append(_table(out, table, of, by, where, cells))
    units = ["victims", "services", "crimes", "contacts", "campaigns"]
    manifest = {
        "format": "kerege-release/1",
        "title": {"kk": f"{period} жылғы шығарылым", "ru": f"Выпуск {period} года", "en": f"Release of {period}"},
        "period": period,
        "created": created,
        "invented": True,
        "code_version": "0.1.0",
        "snapshots": [
            {"unit": u, "fingerprint": hashlib.sha256(u.encode()).hexdigest(), "as_of": "2025-07-01"} for u in units
        ],
        "policy": {"threshold": 10},
        "privacy": {"rho": 0, "delta": 0},
        "attack": {
            "safe": True,
            "threshold": 10,
            "already_public": 0,
            "examined": dict.fromkeys(("releases", "tables", "cells", "hidden", "differences"), 1),
        },
        "approvals": [],
        "tables": entries,
    }
    if estimate is not None:
        (out / "estimates").mkdir()
        manifest["estimates"] = [written(content, out / "estimates").tree for content in (estimate, *strata)]
    sign(out, manifest)
    return out


def estimated(**changes: Any) -> dict[str, Any]:
    """Return the contents of an estimate in a release, with changes."""
    titles = {"kk": "Зардап шеккендер", "ru": "Пострадавшие", "en": "Victims"}
    interval = {"estimate": 2600, "interval80": [2200, 3100], "interval95": [2000, 3500]}
    return {
        "format": "kerege-estimate/2", "name": "undetected", "title": titles, "of": "victims", "period": "2021/2025",
        "where": {}, "invented": True, "notice": messages.INVENTED, "lists": {"ngo": ["ngo"], "hotline": ["hotline"]},
        "notes": [], "assumptions": messages.ASSUMPTIONS, "seed": 1, "bootstrap": 2000, "code_version": "0.1.0",
        "planted": 2557, "detected": {"table": "detected", "count": 1343, "status": "ok"}, "no_estimate": None,
        "kind": "range", "lower": 2200, "upper": 3100, "least_chance": 0.1,
        "methods": {"bic": interval, "stepwise": interval},
        "sensitivity": [{"key": "referrals", "label": messages.ROWS["referrals"], "estimate": None}],
    } | changes  # fmt: skip


def stopped(rule: str = "no_model") -> dict[str, Any]:
    """Return the contents of an estimate that a publication rule forbids."""
    reason = {"rule": rule, "reason": messages.RULES[rule]}
    content = estimated(no_estimate=reason, kind="none", lower=None, upper=None, methods={}, sensitivity=[])
    del content["least_chance"]
    return content


def at_least() -> dict[str, Any]:
    """Return the contents of an estimate without an upper figure."""
    content = estimated(kind="at_least", upper=None)
    del content["least_chance"]
    return content


def of_old_format() -> dict[str, Any]:
    """Return the contents of an estimate as releases had them before the headline had a kind."""
    content = estimated(format="kerege-estimate/1")
    del content["kind"], content["least_chance"]
    return content


def _table(
    out: Path, name: str, of: str, by: list[str], where: dict[str, Any], cells: dict[Keys, Cell]
) -> dict[str, Any]:
    content = to_csv(by, cells)
    (out / "tables" / f"{name}.csv").write_bytes(content)
    kinds = [
        cell[1] if isinstance(cell, tuple) else ("suppressed" if cell is None else "ok") for cell in cells.values()
    ]
    return {
        "name": name, "file": f"tables/{name}.csv", "of": of, "by": by, "method": "suppress",
        "where": {column: [value] if isinstance(value, str) else value for column, value in where.items()},
        "params": {}, "sha256": hashlib.sha256(content).hexdigest(), "title": dict.fromkeys(("kk", "ru", "en"), name),
        "notes": [], "multi": ["service_kinds"] if "service_kinds" in by else [],
        "cells": {"published": kinds.count("ok"), "suppressed": kinds.count("suppressed"),
                  "perturbed": kinds.count("perturbed")},
    }  # fmt: skip


def replace_table(out: Path, name: str, by: list[str], cells: dict[Keys, Cell]) -> None:
    """Write other cells of a table into a release, and sign it again."""
    manifest = json.loads((out / "manifest.json").read_text())
    content = to_csv(by, cells)
    (out / "tables" / f"{name}.csv").write_bytes(content)
    entry = next(entry for entry in manifest["tables"] if entry["name"] == name)
    entry["sha256"] = hashlib.sha256(content).hexdigest()
    sign(out, manifest)


def keep_labels(out: Path, **parts: object) -> None:
    """Write labels into a release, and sign it again."""
    labels = {"format": "kerege-labels/1", "units": {}, "columns": {}, "lists": {}} | parts
    content = json.dumps(labels, ensure_ascii=False).encode()
    (out / "labels.json").write_bytes(content)
    manifest = json.loads((out / "manifest.json").read_text())
    sign(out, manifest | {"labels": {"file": "labels.json", "sha256": hashlib.sha256(content).hexdigest()}})


def sign(out: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest and sign it with a new key."""
    key = Ed25519PrivateKey.generate()
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (out / "manifest.json").write_bytes(content)
    (out / "manifest.sig").write_bytes(base64.b64encode(key.sign(content)))
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (out / "public_key.pem").write_bytes(pem)
