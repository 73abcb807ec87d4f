"""Agencies, actors and the table of an act for tests of coordination."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from openpyxl import Workbook

from kerege.casework.exchange.formats.sources import UploadedFile
from kerege.core.authorization import Actor

HEADS = [
    "№ п/п",
    "Наименование мероприятия",
    "Форма завершения",
    "Ответственные исполнители",
    "Срок исполнения",
    "Источники финансирования",
]
SECTIONS = [
    "1. Превентивные меры",
    "2. Уголовное преследование",
    "3. Защита и помощь жертвам",
    "4. Международное сотрудничество",
]
TERMS = [
    "IV квартал 2025 года",
    "ежегодно, до 20 декабря",
    "раз в полугодие",
    "2025-2026 годы, постоянно",
    "июнь 2025 года",
]
BODIES = ["МВД (созыв), МТСЗН", "МТСЗН, акиматы", "Управление образования области", "акиматы, НПО (по согласованию)"]


def act_rows(measures: int = 55) -> list[list[str]]:
    """Return the table of an invented act, with sections and a row of column numbers."""
    rows = [HEADS, ["1", "2", "3", "4", "5", "6"]]
    for number in range(1, measures + 1):
        if (number - 1) % 14 == 0:
            rows.append([SECTIONS[(number - 1) // 14], "", "", "", "", ""])
        measure = f"Мероприятие {number} по противодействию торговле людьми"
        rows.append([f"{number}.", measure, "Информация", BODIES[number % 4], TERMS[number % 5], "Не требуется"])
    return rows


def as_xlsx(rows: Sequence[Sequence[str]]) -> UploadedFile:
    """Return rows as a workbook."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    return UploadedFile("plan.xlsx", saved(book))


def as_csv(rows: Sequence[Sequence[str]]) -> UploadedFile:
    """Return rows as CSV with semicolons, as an office program in Russian writes it."""
    lines = ["".join(f'"{cell}";' for cell in row)[:-1] for row in rows]
    return UploadedFile("plan.csv", "\r\n".join(lines).encode("utf-8-sig"))


def as_docx(rows: Sequence[Sequence[str]]) -> UploadedFile:
    """Return rows as the table of a document; a section is one merged cell."""
    document = Document()
    document.add_paragraph("Приложение к постановлению")
    table = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        cells = table.add_row().cells
        if any(row[1:]):
            for cell, text in zip(cells, row, strict=True):
                cell.text = text
        else:
            cells[0].merge(cells[-1]).text = row[0]
    return UploadedFile("plan.docx", saved(document))


def saved(file: Any) -> bytes:
    """Return the bytes of a workbook or a document."""
    stream = BytesIO()
    file.save(stream)
    return stream.getvalue()


@pytest.fixture
def bodies(make_agency: Any) -> dict[str, Any]:
    """Return the bodies of the plan: two ministries, an education authority and two akimats."""
    kinds = {"mia": "internal_affairs", "mlsp": "social_protection", "education": "education_authority"}
    kinds |= {"akimat-35": "akimat", "akimat-61": "akimat"}
    agencies = {code: make_agency(code, kind) for code, kind in kinds.items()}
    for code, agency in agencies.items():
        agency.region, agency.names["ru"] = code[-2:] if code[-2:].isdigit() else "", f"Орган {code}"
    agencies["education"].names["ru"] = "Управление образования области"
    for agency in agencies.values():
        agency.save()
    return agencies


@pytest.fixture
def operator() -> Actor:
    """Return the operator of the system."""
    return Actor.system("tests")
