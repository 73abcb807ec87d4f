"""Invented persons, keys and token files for the tests of keyed tokens."""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl

from benchmarks.people import Population, population
from kerege.linkage.tokens import (
    encode_file,
    study_key,
    token_file,
)

PARTS = ["бар", "дос", "кел", "лан", "мир", "нур", "пай", "рас", "сат", "тем", "уал", "хан", "шон", "юнд", "зик", "гоб"]
LISTS = ("police", "shelter", "consulate")
KEYS: Counter[str] = Counter()  # keys that each test has made


def new_key(study: str, lists: tuple[str, ...] = LISTS, epsilon: float | None = None) -> study_key.Key:
    """Return a key that depends on the test alone, not on the tests before it.

    Under one key in some dozens, a person is at a threshold (docs/explanation/tokens.md).
    """
    test = os.environ.get("PYTEST_CURRENT_TEST", "").split("::")[-1].split(" ")[0]
    KEYS[test] += 1
    secret = hashlib.sha256(f"{test} {study} {KEYS[test]}".encode()).digest()
    return replace(study_key.new_study_key(study, study_key.Terms(lists, epsilon=epsilon)), secret=secret)


def person(number: int) -> dict[str, str]:
    """Return an invented person with a rare name, different for every number."""
    chance = random.Random(number)
    day = f"{chance.randint(1950, 2010)}-{chance.randint(1, 12):02}-{chance.randint(2, 28):02}"
    given, family, patronymic = ("".join(chance.choice(PARTS) for _ in range(3)).capitalize() for _ in range(3))
    return {
        "id": f"record-{number}",
        "given_name": given,
        "family_name": family,
        "patronymic": patronymic,
        "birth_date": day,
        "sex": chance.choice("FM"),
    }


def table(folder: Path, name: str, people: list[dict[str, str]]) -> Path:
    path = folder / f"{name}.csv"
    pl.DataFrame(people).write_csv(path)
    return path


def encoded(folder: Path, name: str, numbers: range, key: study_key.Key) -> token_file.Tokens:
    encoded_list = encode_file.encode_file(
        table(folder, name, [person(number) for number in numbers]), key, name, {}, "id"
    )
    path = folder / f"{name}.parquet"
    token_file.write_token_file(path, encoded_list.header, encoded_list.frame)
    return token_file.read(path)


@cache
def people_like(people: int) -> Population:
    return population(people, seed=11)
