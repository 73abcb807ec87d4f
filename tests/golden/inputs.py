"""Inputs of the golden scenarios: invented people, counts and names.

Run it once; the files are committed.
`records.csv`, a file of HTCDS, was written by hand.
PyArrow, not `kerege`, writes the snapshots as `docs/reference/snapshots.md` describes them: the inputs must not
change with the code under test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path(__file__).parent / "inputs"
CHANCE = np.random.default_rng(20260302)
VICTIMS_OF_CRIMES = np.random.default_rng(20261128)  # a stream of its own: the other inputs stay as they are
GIVEN = ("Айгүл", "Aigul", "Ержан", "Yerzhan", "Сауле", "Olga", "Ольга", "Rustam", "Рустам", "Дина", "Dina", "Нурлан")
FAMILY = ("Ахметова", "Akhmetova", "Сериков", "Serikov", "Иванова", "Ivanova", "Ким", "Kim", "Жұмабаева", "Zhumabaeva")
ROMAN = {
    "Айгүл": "Aigul",
    "Ержан": "Yerzhan",
    "Ольга": "Olga",
    "Рустам": "Rustam",
    "Дина": "Dina",
    "Сауле": "Saule",
    "Ахметова": "Akhmetova",
    "Сериков": "Serikov",
    "Иванова": "Ivanova",
    "Ким": "Kim",
    "Жұмабаева": "Zhumabaeva",
    "Нурлан": "Nurlan",
}


def pick(values: dict[str, float], size: int) -> list[str]:
    """Draw values with these chances."""
    names = list(values)
    return [names[number] for number in CHANCE.choice(len(names), size, p=list(values.values()))]


def rows(size: int = 420) -> list[dict[str, str]]:
    """Return invented people: sex, age, region, form and several kinds of help."""
    sex, form = (
        pick({"female": 0.6, "male": 0.35, "": 0.05}, size),
        pick({"labour": 0.6, "sexual": 0.37, "other": 0.03}, size),
    )
    region, year = (
        pick({"north": 0.5, "south": 0.35, "west": 0.12, "east": 0.03}, size),
        pick({"2023": 0.4, "2024": 0.6}, size),
    )
    helped = pick(
        {"shelter": 0.3, "legal": 0.2, "legal;shelter": 0.2, "medical": 0.1, "legal;medical": 0.1, "": 0.1}, size
    )
    return [
        {"year": y, "sex": s, "region": r, "form": f, "help": h}
        for y, s, r, f, h in zip(year, sex, region, form, helped, strict=True)
    ]


def write_csv(name: str, people: list[dict[str, Any]]) -> None:
    """Write rows as plain CSV; no value holds a comma."""
    lines = [",".join(people[0]), *(",".join(str(value) for value in row.values()) for row in people)]
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_snapshot(unit: str, people: list[dict[str, Any]], person_numbers: list[list[int]] | None = None) -> None:
    """Write rows as a snapshot with record keys, and with the person numbers of each row if given."""
    several = {name for row in people for name, value in row.items() if isinstance(value, list)}
    columns = {
        name: pa.array([row[name] or None for row in people], pa.list_(pa.string()) if name in several else pa.string())
        for name in people[0]
    }
    keys = CHANCE.integers(0, 2**64, len(people), dtype=np.uint64)
    table = pa.table(columns | {"record_key": pa.array(keys, type=pa.uint64())})
    if person_numbers is not None:
        table = table.append_column("person_numbers", pa.array(person_numbers, type=pa.list_(pa.uint32())))
    about = {"format": "kerege-snapshot/1", "unit": unit, "as_of": "2025-12-31", "invented": True}
    pq.write_table(
        table.replace_schema_metadata({b"kerege": json.dumps(about, sort_keys=True).encode()}),
        FOLDER / f"{unit}.parquet",
        compression="zstd",
    )


def victims(size: int = 480) -> list[dict[str, Any]]:
    """Return invented victims in codes of the snapshot, some detected by several kinds of agency."""
    sex, form = pick({"female": 0.55, "male": 0.4, "": 0.05}, size), pick({"labour": 0.7, "sexual": 0.3}, size)
    paid, year = pick({"iom": 0.7, "state": 0.3}, size), pick({"2023": 0.3, "2024": 0.3, "2025": 0.4}, size)
    kinds = {"crisis_centre": 0.4, "ngo": 0.35, "internal_affairs": 0.3, "hotline": 0.25}
    met = CHANCE.random((size, len(kinds))) < list(kinds.values())
    return [
        {
            "year": y,
            "programme": p,
            "sex": s,
            "exploitation": f,
            "agency_kind": "ngo",
            "detected_by": sorted(kind for kind, there in zip(kinds, row, strict=True) if there),
        }
        for y, p, s, f, row in zip(year, paid, sex, form, met, strict=True)
    ]


def crimes(size: int = 90) -> list[dict[str, Any]]:
    """Return invented crimes."""
    return [
        {"year": y, "region": r}
        for y, r in zip(pick({"2024": 0.5, "2025": 0.5}, size), pick({"35": 0.6, "71": 0.4}, size), strict=True)
    ]


def victims_of_crimes(size: int = 90, people: int = 120) -> list[list[int]]:
    """Return the numbers of the victims of each crime: none to three, some of them of several crimes."""
    drawn = [
        VICTIMS_OF_CRIMES.choice(people, count, replace=False).tolist()
        for count in VICTIMS_OF_CRIMES.choice(4, size, p=[0.1, 0.5, 0.3, 0.1])
    ]
    number = {person: place for place, person in enumerate(sorted({person for row in drawn for person in row}), 1)}
    return [sorted(number[person] for person in row) for row in drawn]


def lists(people: int = 900) -> list[dict[str, Any]]:
    """Return the overlap of four lists of a closed population of invented people."""
    met = CHANCE.random((people, 4)) < [0.3, 0.25, 0.2, 0.15]
    counts: dict[tuple[int, ...], int] = {}
    for row in met:
        counts[tuple(int(seen) for seen in row)] = counts.get(tuple(int(seen) for seen in row), 0) + 1
    return [dict(zip("ABCD", key, strict=True)) | {"count": count} for key, count in sorted(counts.items()) if any(key)]


def persons(size: int = 90) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return two lists of invented people of whom a part is on both, in another script and with slips."""
    made = [
        {
            "given_name": GIVEN[CHANCE.integers(len(GIVEN))],
            "family_name": FAMILY[CHANCE.integers(len(FAMILY))],
            "birth_date": f"{CHANCE.integers(1960, 2006)}-{CHANCE.integers(1, 13):02}-{CHANCE.integers(1, 29):02}",
            "sex": ("female", "male")[CHANCE.integers(2)],
        }
        for _ in range(size)
    ]
    first = [{"id": f"a{number}"} | person for number, person in enumerate(made[: size * 2 // 3])]
    second = [{"id": f"b{number}"} | _spelt_again(person, number) for number, person in enumerate(made[size // 3 :])]
    return first, second


def _spelt_again(person: dict[str, Any], number: int) -> dict[str, Any]:
    record = person | {name: ROMAN.get(person[name], person[name]) for name in ("given_name", "family_name")}
    return record | {"birth_date": person["birth_date"][:8] + "15"} if number % 9 == 0 else record


def main() -> None:
    """Write every input."""
    FOLDER.mkdir(exist_ok=True)
    write_csv("rows.csv", rows())
    write_snapshot("victims", victims())
    write_snapshot("crimes", crimes(), victims_of_crimes())
    write_csv("lists.csv", lists())
    for name, people in zip(("police.csv", "shelter.csv"), persons(), strict=True):
        write_csv(name, people)


if __name__ == "__main__":
    main()
