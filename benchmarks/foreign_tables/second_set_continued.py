"""Forty tables as statistics offices publish them: the second set, continued.

Each function returns files with a group of `k` people that can be derived. The leak has 5 people, and should be found
or undecided; its counterpart has 11, and should be safe. All figures are invented.
"""

from __future__ import annotations

from benchmarks.foreign_tables.plants import SECOND, Files, csv_text, sheet

plant = SECOND.add


@plant()
def ru_iz_nih(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Регион", "Потерпевшие", "из них мужчины"],
                    ["Абай", 50, 50 - k],
                    ["Жетысу", 70, 30],
                    ["Всего", 120, 80 - k],
                ]
            )
        }
    }


@plant()
def lt10(k: int) -> Files:
    return {"t.csv": csv_text(["Nationality", "2024"], ["A", 80], ["B", 90], ["C", "<10"], ["Total", 170 + k])}


@plant()
def two_unknown(k: int) -> Files:
    return {
        "t.csv": csv_text(["Nationality", "2024"], ["A", 80], ["B", 90], ["C", "x"], ["D", "x"], ["Total", 170 + k])
    }


@plant()
def without(k: int) -> Files:
    return {
        "a.csv": csv_text(["Region", "Persons"], ["North", 60 + k], ["South", 90]),
        "b.csv": csv_text(["Region", "Persons without re-registered"], ["North", 60], ["South", 70]),
    }


@plant()
def wide_months(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "January", "February", "March", "Q1"], ["North", 22, 31, "c", 53 + k], ["South", 25, 33, 41, 99]
        )
    }


@plant()
def xlsx_formula_total(k: int) -> Files:
    return {"t.xlsx": {"S": sheet([["Region", "Persons"], ["North", 60], ["South", "x"], ["Country", 60 + k]])}}


@plant()
def semicolon_ru(k: int) -> Files:
    return {"t.csv": f"Область;Всего;Женщины\nАбай;1 060;1 0{60 - k:02d}\nЖетысу;2 000;900\n"}


@plant()
def children_of_total(k: int) -> Files:
    return {
        "t.csv": csv_text(["", "Persons"], ["Victims", 300], ["Adults", 300 - k]),
    }


@plant()
def bands_monthly(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Stay", "Persons"], ["up to 1 month", 80], ["up to 3 months", 80 + k], ["up to 6 months", 140]
        )
    }


@plant()
def footer_total(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "Persons"], ["North", 60], ["South", "(x)"], ["", str(60 + k)])}


@plant()
def transposed_total(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["", "North", "South", "East", "Total"], ["2023", 60, 70, "c", 130 + k], ["2024", 50, 44, 39, 133]
        )
    }


@plant()
def of_whom_rows(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Item", "Persons"],
            ["Suspects", 200],
            ["  of whom foreign nationals", 60],
            ["  of whom foreign women", 60 - k],
        )
    }


@plant()
def of_whom_cols(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Year", "Suspects", "of whom foreign", "of whom foreign men"],
            ["2023", 200, 60, 60 - k],
            ["2024", 220, 90, 50],
        )
    }


@plant()
def ratio(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "Women", "Men per 100 women"], ["North", 100, str(k)], ["South", 200, "50"])}


@plant()
def index(k: int) -> Files:
    return {
        "t.csv": csv_text(["Region", "2023", "2024 in % of 2023"], ["North", 100, f"{100 + k}"], ["South", 200, "130"])
    }


@plant()
def rank(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["No.", "Region", "Persons"],
            ["1", "North", 90],
            ["2", "South", 60],
            ["3", "East", "c"],
            ["", "All regions", 150 + k],
        )
    }


@plant()
def same_sheet_titles(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Table 1. All victims"],
                    ["Region", "Persons"],
                    ["North", 60],
                    ["South", 70],
                    [],
                    ["Table 2. Victims with a residence permit"],
                    ["Region", "Persons"],
                    ["North", 60 - k],
                    ["South", 40],
                ]
            )
        }
    }


@plant()
def quarter_cum_ru(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Регион", "I квартал", "I полугодие", "9 месяцев"], ["Абай", 30, 60, 60 + k], ["Жетысу", 40, 80, 120]
        )
    }


@plant()
def sex_codes(k: int) -> Files:
    return {"t.csv": csv_text(["sex", "n"], ["0", 60 + k], ["1", 60], ["2", "x"])}


@plant()
def grand_row_first(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Sector", "Workers identified"],
            ["All sectors", 170 + k],
            ["Construction", 80],
            ["Farming", 90],
            ["Domestic work", "c"],
        )
    }
