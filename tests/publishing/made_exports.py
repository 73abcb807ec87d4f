"""Release for the exports whose every figure can be checked by hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from tests.publishing import made
from tests.publishing.made import Cell, Keys, one, two

YEAR: dict[str, Any] = {"programme": "state", "year": "2025"}
STATE, IOM = {"programme": "state"}, {"programme": "iom"}
MIA: dict[str, Any] = {"source": "mia", "year": "2025"}
T = "_T"
PROSECUTED = ["in_court", "convicted", "acquitted"]
SEXES: dict[Keys, Cell] = {(T,): 41, ("female",): 20, ("male",): 21}
AGES: dict[str, dict[str, Cell]] = {"female": {"child": 14, "adult": 52}, "male": {"child": 11, "adult": 94}}
FORMS: dict[str, Cell] = {
    "forced_labour": 117,
    "child_labour": 15,
    "sexual_exploitation": 31,
    "begging": None,
    "criminality": None,
}
EXPLOITATION: dict[Keys, Cell] = {
    (T, T): 171,
    (T, "female"): 66,
    (T, "male"): 105,
    ("labour", T): 132,
    ("labour", "female"): None,
    ("labour", "male"): None,
    ("sexual", T): None,
    ("sexual", "female"): (27, "perturbed"),
    ("sexual", "male"): None,
    ("other", T): None,
    ("other", "female"): None,
    ("other", "male"): None,
}
CORRIDOR: dict[str, dict[str, Cell]] = {
    "KZ": {"KZ": 60, "RU": 12, "_U": 3},
    "UZ": {"KZ": 70, "RU": 0, "_U": 2},
    "_U": {"KZ": 4, "RU": 0, "_U": 1},
}

Tables = dict[str, tuple[str, list[str], dict[str, Any], dict[Keys, Cell]]]


def tables() -> Tables:
    """Return unit, dimensions, filter and cells of every table."""
    return {
        "iom_years": ("victims", ["year"], IOM, one({"2019": 76, "2020": 15}, 91)),
        "state_years": ("victims", ["year"], STATE, one({"2021": 200, "2024": 247, "2025": 171}, 618)),
        "sex_age": ("victims", ["sex", "age_group"], YEAR, two(AGES)),
        "exploitation_sex": ("victims", ["exploitation", "sex"], YEAR, EXPLOITATION),
        "form": ("victims", ["exploitation_form"], YEAR, one(FORMS, 171)),
        "citizenship": ("victims", ["citizenship"], YEAR, one({"KZ": 78, "UZ": 72, "TJ": None, "KG": None}, 171)),
        "flows": ("victims", ["origin", "destination"], YEAR, two(CORRIDOR)),
        "offence": ("crimes", ["offence"], MIA, one({"kz128": 18, "kz308": 63, "kz135": None}, 90)),
        "crimes": (
            "crimes",
            ["year", "source"],
            {},
            two({"2024": {"mia": 149, "pgo": 357}, "2025": {"mia": 164, "pgo": 298}}),
        ),
        "suspects": ("suspects", ["sex"], MIA, one({"female": 72, "male": 94}, 166)),
        "prosecuted": ("suspects", ["sex"], MIA | {"crime_stage": PROSECUTED}, SEXES),
        "services": ("services", ["payer"], {}, one({"state": 431, "iom": 14}, 445)),
    }


def make(
    home: Path,
    *,
    change: Tables | None = None,
    leave_out: tuple[str, ...] = (),
    params: dict[str, Any] | None = None,
    methods: dict[str, str] | None = None,
    notes: dict[str, list[str]] | None = None,
    threshold: int = 10,
    created: str = "2025-07-29T09:00:00Z",
) -> Path:
    """Write the release below `home`; `params`, `methods` and `notes` are keyed by table."""
    out = made.make(home, created=created)
    manifest = json.loads((out / "manifest.json").read_text())
    for path in (out / "tables").iterdir():
        path.unlink()
    kept_tables = {name: table for name, table in (tables() | (change or {})).items() if name not in leave_out}
    manifest["tables"] = [made._table(out, name, *table) for name, table in kept_tables.items()]
    for entry in manifest["tables"]:
        entry["params"] = (params or {"exploitation_sex": {"rounded_to": 10, "half_width": 5}}).get(entry["name"], {})
        entry["method"] = (methods or {}).get(entry["name"], "suppress")
        entry["notes"] = (notes or {}).get(entry["name"], [])
    manifest["policy"]["threshold"] = threshold
    manifest["title"] = {"kk": "Шығарылым", "ru": "Выпуск", "en": "Release of 2025"}
    made.sign(out, manifest)
    return out


def year_releases(home: Path, **changes: Any) -> YearReleases:
    """Return the releases of 2025 of such a release."""
    make(home, **changes)
    return YearReleases(2025, release_files.releases_of_year(2025, home))


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
