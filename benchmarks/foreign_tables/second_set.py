"""Forty tables as statistics offices publish them: the second set.

Each function returns files with a group of `k` people that can be derived. The leak has 5 people, and should be found
or undecided; its counterpart has 11, and should be safe. All figures are invented.
"""

from __future__ import annotations

from benchmarks.foreign_tables.plants import SECOND, Files, csv_text, sheet

plant = SECOND.add


@plant()
def prison_stats(k: int) -> Files:
    return {
        "t.xlsx": {
            "Table A1": sheet(
                [
                    ["Table A1: Persons convicted, by offence and sex"],
                    [],
                    ["Offence", "Total", "Men", "Women"],
                    ["Trafficking", 90, 50, 40],
                    ["Recruitment", 70 + k, 70, "*"],
                    ["Total", 160 + k, 120, 40 + k],
                ]
            )
        }
    }


@plant()
def ru_title_only_minors(k: int) -> Files:
    return {
        "a.csv": csv_text(
            ["Потерпевшие по гражданству"], ["Гражданство", "Человек"], ["Казахстан", 140], ["Узбекистан", 90]
        ),
        "b.csv": csv_text(
            ["Взрослые потерпевшие по гражданству"],
            ["Гражданство", "Человек"],
            ["Казахстан", 140 - k],
            ["Узбекистан", 60],
        ),
    }


@plant()
def side_by_side_years(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims 2023", "Victims 2024", "Men 2024"], ["North", 80, 90, 90 - k], ["South", 100, 120, 50]
        )
    }


@plant()
def kk_merged(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Өңір", "2024 жыл", None],
                    [None, "Ерлер", "Әйелдер"],
                    ["Абай", 45, 66],
                    ["Ақмола", "х", 70],
                    ["Жиыны", 45 + k, 136],
                ],
                "A1:A2",
                "B1:C1",
            )
        }
    }


@plant()
def two_files_unnamed(k: int) -> Files:
    return {
        "2024.csv": csv_text(["", "Persons"], ["Debt bondage", 80], ["Threats", 70]),
        "2024-revised.csv": csv_text(["", "Persons"], ["Debt bondage", 80], ["Threats", 70 + k]),
    }


@plant()
def average_of_two(k: int) -> Files:
    return {
        "t.csv": csv_text(["Region", "Victims", "Victims per case"], ["North", 60, "1.5"], ["South", 40 + k, "2.0"])
    }


@plant()
def age_sex_pyramid(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Males", "Age", "Females"],
                    [40, "0-17", 50],
                    [60, "18-29", 70],
                    ["c", "30+", 44],
                    [100 + k, "All ages", 164],
                ]
            )
        }
    }


@plant()
def total_bottom_and_check(k: int) -> Files:
    return {"t.csv": csv_text(["Route", "Persons"], ["Land", 88], ["Air", 64], ["Sea", "-"], ["Sum", 152 + k])}


@plant()
def code_name(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["ISO", "Country", "Victims"],
            ["KZ", "Kazakhstan", 120],
            ["UZ", "Uzbekistan", 90],
            ["XX", "Other countries", "c"],
            ["ZZ", "Total", 210 + k],
        )
    }


@plant()
def year_suffix_rows(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Indicator", "Number"],
            ["Girls, 2024", 60],
            ["Boys, 2024", "x"],
            ["Children, 2024", 60 + k],
            ["Girls, 2023", 70],
            ["Boys, 2023", 30],
            ["Children, 2023", 100],
        )
    }


@plant()
def hundreds_rounded(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims (exact)", "Victims of which foreigners"], ["North", 90, 90 - k], ["South", 110, 40]
        )
    }


@plant()
def title_n(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    [f"Figure 3. Means of control (n = {150 + k})"],
                    ["Means", "Persons"],
                    ["Debt", 90],
                    ["Threat", 60],
                    ["Other", "s"],
                ]
            )
        }
    }


@plant()
def note_total(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Means", "Persons"],
            ["Debt", 90],
            ["Threat", 60],
            ["Other", "s"],
            [f"The total number of persons was {150 + k}."],
        )
    }


@plant()
def section_headers(k: int) -> Files:
    return {"t.csv": csv_text(["", "2024"], ["By sex:", ""], ["- male", 90], ["- female", "x"], ["Total", 90 + k])}


@plant()
def percent_rows(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims", "Victims (%)"],
            ["North", 150, "75"],
            ["South", "x", f"{k / 2}"],
            ["East", 50 - k, f"{25 - k / 2}"],
            ["Total", 200, "100"],
        )
    }


@plant()
def sheets_years(k: int) -> Files:
    return {
        "t.xlsx": {
            "2023": sheet([["Region", "Assisted"], ["North", 40], ["South", 55]]),
            "2024": sheet([["Region", "Assisted"], ["North", 40 + k], ["South", 77]]),
        }
    }


@plant()
def sheets_cum(k: int) -> Files:
    return {
        "t.xlsx": {
            "to 2023": sheet([["Region", "Assisted since 2019"], ["North", 140], ["South", 155]]),
            "to 2024": sheet([["Region", "Assisted since 2019"], ["North", 140 + k], ["South", 177]]),
        }
    }


@plant()
def open_cases(k: int) -> Files:
    return {
        "t.csv": csv_text(["District", "Registered", "Solved"], ["A", 60, 60 - k], ["B", 80, 33]),
    }


@plant(leak=11, counterpart=5)
def multi_named(k: int) -> Files:
    return {"t.csv": csv_text(["means", "count"], ["debt", 60], ["threat", 50], ["violence", 45 + k], ["_T", 60])}


@plant(multi=frozenset({"means"}))
def multi_three(k: int) -> Files:
    return {"t.csv": csv_text(["means", "count"], ["debt", 70], ["threat", 40 + k], ["Total", 110])}
