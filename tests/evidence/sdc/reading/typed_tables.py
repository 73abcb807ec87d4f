"""Typed-in tables in the style of statistics offices. All figures are invented."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment

from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.reading.grid import TextGrid, as_grid
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions

EUROSTAT_LIKE = (
    "freq,unit,sex,geo\\TIME_PERIOD\t2022 \t2023 \n"
    "A,NR,T,Northland\t120 \t131 b\n"
    "A,NR,F,Northland\t80 \t90 \n"
    "A,NR,M,Northland\t40 \t41 \n"
    "A,NR,T,Southland\t37 \t: \n"
    "A,NR,F,Southland\t30 \t: c\n"
    "A,NR,M,Southland\t7 \t: c\n"
)
WIDE_CSV = """Table 7. Identified victims by country of exploitation
Country,2021,2022,2023
Northland,140,150,160
Southland,:,22,:
Total,153,172,181
Source: survey of the offices
"""
# Bureau of Justice Statistics: Criminal Victimization, 2017 (NCJ 252472), Table 10, file cv17t10.csv, shortened
INDENTED = """Bureau of Justice Statistics,,,,,,,,,,,,
"Table 10. Nonfatal violent incidents, by total population, victim, and offender demographic characteristics, 2017"
,,,,,,,,,,,,
,,Population/a,,,Victim,,,,Offender/b,,,
Demographic characteristic,,Number of incidents,Percent,,Number of incidents,,Percent,,Number of incidents,,Percent,
,Total,"272,468,480",100,%,"5,179,800",,100,%,"5,179,800",,100,%
Sex,,,,,,,,,,,,
,Male*,"132,432,710",48.6,%,"2,534,130",,48.9,%,"3,602,740",,75.8,%
,Female,"140,035,770",51.4,,"2,645,670",,51.1,,"959,200", †,20.2, †
,Both male and female offenders,~,~,,~,,~,,"188,770", †,4, †
Age,,,,,,,,,,,,
,12–17,"24,911,170",9.1,%,"785,080", †,15.2,% †,"667,620", †,15.3, †
,18–20*,"12,599,000",4.6,,"443,910",,8.6,,"327,490",,7.5,
~Not applicable.,,,,,,,,,,,,
"""
RUSSIAN = """Таблица 3. Потерпевшие по полу и регионам;;;
;;;
Регион;Оба пола;в том числе;
;;мужчины;женщины
Всего;1 250;450;800
Северная область;1 000;390;610
Южная область;250;60;190
Примечание: данные на 1 января;;;
"""


def write_uk_like_workbook(path: Path) -> Path:
    """Write a workbook with a cover, title rows, merged headings of two levels, `c` and notes."""
    book = Workbook()
    cover = book.active
    cover.title = "Cover"
    cover.append(["Referrals of potential victims, 2024"])
    cover.append(["Published 1 February 2025"])
    sheet = book.create_sheet("Table_1")
    sheet.append(["Table 1: Referrals by region, sex and age group, 2024"])
    sheet.append(["[c] means a number that is suppressed"])
    sheet.append(["Region", "Female", None, "Male", None, "Total"])
    sheet.append([None, "Under 18", "18 and over", "Under 18", "18 and over", None])
    sheet.append(["North", 40, 60, 30, 50, 180])
    sheet.append(["South", "[c]", 25, "[c]", 35, 77])
    sheet.append(["England", 48, 85, 39, 85, 257])
    sheet.append(["Note 1: figures are provisional."])
    for area in ("A1:F1", "B3:C3", "D3:E3", "A3:A4", "F3:F4"):
        sheet.merge_cells(area)
    book.save(path)
    return path


def write_workbook(path: Path, **pages: Sequence[Sequence[object]]) -> Path:
    """Write a workbook with a sheet for each list of rows; leading spaces of a label become its indent."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in pages.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str) and cell.value.startswith(" "):
                    cell.alignment = Alignment(indent=(len(cell.value) - len(cell.value.lstrip())) // 2)
                    cell.value = cell.value.strip()
    book.save(path)
    return path


def write_bilingual_workbook(path: Path) -> Path:
    """Write a workbook with headings in Kazakh and Russian, and children beside all people."""
    book = Workbook()
    sheet = book.active
    for row in [
        ["1.1 Жәбірленушілер саны / Число потерпевших"],
        ["адам / человек"],
        [],
        [
            "Өңір / Регион",
            "Барлығы / Всего",
            "оның ішінде / в том числе",
            None,
            "Балалар саны / Число детей",
            None,
            None,
        ],
        [None, None, "ерлер / мужчины", "әйелдер / женщины", "Барлығы / Всего", "ұлдар / мальчики", "қыздар / девочки"],
        ["А", "1", "2", "3", "4", "5", "6"],
        ["Қазақстан Республикасы / Республика Казахстан", "1 245", "520", "725", "140", "60", "80"],
        ["Абай облысы / Область Абай", 300, 120, 180, 30, 12, 18],
        ["Ақмола облысы / Акмолинская область", 445, 200, 245, 60, 28, 32],
        ["Алматы қ. / г. Алматы", 500, 200, 300, 50, 20, 30],
        ["* Алдын ала деректер / Предварительные данные"],
    ]:
        sheet.append(row)
    for area in ("A4:A5", "B4:B5", "C4:D4", "E4:G4"):
        sheet.merge_cells(area)
    book.save(path)
    return path


def typed_grid(text: str) -> TextGrid:
    """Return a sheet of cells from lines with `|` between the cells; indents of the first cell stay."""
    rows = [line.split("|") for line in text.strip("\n").splitlines()]
    return as_grid([[row[0], *(cell.strip() for cell in row[1:])] for row in rows])


def read_sheets(path: Path, options: ReadingOptions = PLAIN) -> list[Sheet]:
    """Return the tables of a file or folder."""
    return Publication.read(path, options).sheets


def read_text(folder: Path, text: str, options: ReadingOptions = PLAIN, suffix: str = ".csv") -> Sheet:
    """Return the only table of a text in a file `t.csv`."""
    path = folder / f"t{suffix}"
    path.write_text(text, encoding="utf-8")
    (sheet,) = read_sheets(path, options)
    return sheet


def cells(sheet: Sheet) -> dict[tuple[str, ...], tuple[float, float]]:
    """Return the bounds of every cell with a row by its codes."""
    flat = np.flatnonzero(sheet.status.ravel() != 3).tolist()
    return {sheet.keys(place): (float(sheet.lower.flat[place]), float(sheet.upper.flat[place])) for place in flat}
