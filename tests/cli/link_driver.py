"""Files of invented persons for `kerege link`, and how the tests run it."""

from __future__ import annotations

import csv
from pathlib import Path

from kerege.cli import main

PEOPLE = """id;Фамилия;Имя;Отчество;Дата рождения;Пол;ИИН
1;Ахметова;Айгуль;Сериковна;12.05.1990;ж;900512400123
2;Ким;Болат;;1985;м;
3;Иванова;Анна;Петровна;01.02.1970;ж;
"""


OTHERS = """surname,given_name,patronymic,dob,sex,passport
Akhmetova,Aigul,Serikqyzy,1990-05-12,F,
Kim,Nurlan,,1985-03-03,M,
Akhmetova,Ainur,Serikqyzy,1990-05-12,F,
"""


def run(*argv: object) -> int:
    """Return the exit code of a command."""
    try:
        main([str(arg) for arg in argv])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))
