"""Generator of a few hundred invented records with every kind of missing value, with a seed."""

from __future__ import annotations

import random

import polars as pl

GIVEN = ["Айгуль", "Aigul", "Айгүл", "Болат", "Bolat", "Анна", "Аня", "Нурлан", "Nurlan", "Мадина", "Х", ""]
FAMILY = ["Ахметов", "Akhmetova", "Ахметова", "Ким", "Kim", "Иванова", "Ivanov", "Сулейменов", "Suleimenov", ""]
PATRONYMIC = ["Серікқызы", "Сериковна", "Serikovich", "Иванович", "Ivanovna", "", "", ""]


def records(size: int, seed: int = 5) -> pl.DataFrame:
    """Return `size` records: id, names, birth_date, sex, document, phone."""
    draw = random.Random(seed)
    rows = []
    for number in range(size):
        date = f"{draw.choice(range(1985, 1989))}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        rows.append(
            {
                "id": f"r{number}",
                "given_name": draw.choice(GIVEN),
                "surname": draw.choice(FAMILY),
                "patronymic": draw.choice(PATRONYMIC),
                "birth_date": draw.choice([date, date, date[:4], ""]),
                "sex": draw.choice(["f", "m", "F", "женский", ""]),
                "document": draw.choice(["", f"N{draw.randint(1000, 1050)}0"]),
                "phone": draw.choice(["", "", f"+7701000{draw.randint(1000, 1100)}"]),
            }
        )
    return pl.DataFrame(rows)
