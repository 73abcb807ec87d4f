"""Sixty tables as statistics offices publish them: the first set.

Each function returns files with a group of `k` people that can be derived. The leak has 4 people, and should be found
or undecided; its counterpart has 10, and should be safe. All figures are invented.
"""

from __future__ import annotations

from benchmarks.foreign_tables.plants import FIRST, Files, csv_text, sheet

plant = FIRST.add


@plant()
def unnamed_rows_en(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["", "2023", "2024"], ["Men", 120, 130], ["Women", 200, 210], ["Other", 30, "c"], ["Total", 350, 340 + k]
        )
    }


@plant()
def unnamed_rows_two_files(k: int) -> Files:
    return {
        "a.csv": csv_text(["", "Number"], ["Kazakhstan", 400], ["Uzbekistan", 120], ["Total", 520]),
        "b.csv": csv_text(["", "Number"], ["Kazakhstan", 400], ["Uzbekistan", 120 - k], ["Total", 520 - k]),
    }


@plant()
def title_filter_women(k: int) -> Files:
    return {
        "t.xlsx": {
            "A": sheet(
                [["Table 1. Victims by region"], ["Region", "Number"], ["North", 60], ["South", 80], ["Total", 140]]
            ),
            "B": sheet(
                [
                    ["Table 2. Female victims by region"],
                    ["Region", "Number"],
                    ["North", 60 - k],
                    ["South", 50],
                    ["Total", 110 - k],
                ]
            ),
        }
    }


@plant()
def title_years(k: int) -> Files:
    return {
        "t.xlsx": {
            "1": sheet(
                [
                    ["Table 1. Victims identified in 2022-2023, by sex"],
                    ["Sex", "Number"],
                    ["Men", 140 + k],
                    ["Women", 300],
                    ["Total", 440 + k],
                ]
            ),
            "2": sheet(
                [
                    ["Table 2. Victims identified in 2022, by sex"],
                    ["Sex", "Number"],
                    ["Men", 140],
                    ["Women", 150],
                    ["Total", 290],
                ]
            ),
        }
    }


@plant()
def title_excluding(k: int) -> Files:
    return {
        "a.csv": csv_text(["All victims"], ["sex", "n"], ["men", 90 + k], ["women", 100]),
        "b.csv": csv_text(["Victims excluding minors"], ["sex", "n"], ["men", 90], ["women", 60]),
    }


@plant()
def ru_nine_months(k: int) -> Files:
    return {
        "t.xlsx": {
            "1": sheet(
                [
                    ["Число потерпевших за 9 месяцев 2024 года"],
                    ["Регион", "Всего"],
                    ["Астана", 45],
                    ["Алматы", 77],
                    ["Итого", 122],
                ]
            ),
            "2": sheet(
                [
                    ["Число потерпевших за 2024 год"],
                    ["Регион", "Всего"],
                    ["Астана", 45 + k],
                    ["Алматы", 99],
                    ["Итого", 144 + k],
                ]
            ),
        }
    }


@plant()
def kk_total(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Аймақ", "Ерлер", "Әйелдер", "Барлығы"],
            ["Астана", 50, 60, 110],
            ["Алматы", 70, 80, 150],
            ["Шымкент", "x", 40, 40 + k],
            ["Барлығы", 120 + k, 180, 300 + k],
        )
    }


@plant()
def of_which_en(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Category", "Victims"], ["Total", 300], ["of which children", 120], ["of which girls", 120 - k]
        )
    }


@plant()
def of_which_ru(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Показатель", "Человек"],
            ["Всего потерпевших", 300],
            ["  из них несовершеннолетних", 80],
            ["    в том числе девочек", 80 - k],
            ["  из них мужчин", 100],
        )
    }


@plant()
def pct_of_total(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims", "Men, %"],
            ["North", 100, f"{k}.0"],
            ["South", 200, "40.0"],
            ["Total", 300, f"{(k + 80) / 3:.1f}"],
        )
    }


@plant()
def pct_column_two_header(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["", "Victims", None, None],
                    ["Region", "Number", "Share of women", "Share of men"],
                    ["North", 200, f"{100 - k / 2}%", f"{k / 2}%"],
                    ["South", 300, "60%", "40%"],
                ],
                "B1:D1",
            )
        }
    }


@plant()
def less_than_five(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Sex", "2024"], ["Female", 200], ["Male", 88], ["Non-binary", "<5" if k < 5 else k], ["Total", 288 + k]
        )
    }


@plant()
def stars(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Offence", "Persons"],
            ["Trafficking", 55],
            ["Pimping", 70],
            ["Other", "*"],
            ["Total", 125 + k],
            ["* suppressed to protect confidentiality"],
        )
    }


@plant()
def two_blocks_side(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Region", "Victims", None, "Region", "Suspects"],
                    ["North", 40, None, "North", 30],
                    ["South", "x", None, "South", 22],
                    ["East", 35, None, "East", 18],
                    ["Total", 75 + k, None, "Total", 70],
                ]
            )
        }
    }


@plant()
def two_blocks_below(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["By sex"],
                    ["Men", 150],
                    ["Women", 230],
                    ["Total", 380],
                    [],
                    ["By sex, adults only"],
                    ["Men", 150 - k],
                    ["Women", 130],
                    ["Total", 280 - k],
                ]
            )
        }
    }


@plant()
def merged_two_level(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Region", "2023", None, "2024", None],
                    [None, "Men", "Women", "Men", "Women"],
                    ["North", 40, 50, 44, 55],
                    ["South", 60, 70, "x", 66],
                    ["Total", 100, 120, 44 + k, 121],
                ],
                "A1:A2",
                "B1:C1",
                "D1:E1",
            )
        }
    }


@plant()
def three_level_header(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Area", "Victims", None, None, None],
                    [None, "Adults", None, "Children", None],
                    [None, "M", "F", "M", "F"],
                    ["North", 31, 42, 22, 30],
                    ["South", 50, 61, "..", 41],
                    ["All", 81, 103, 22 + k, 71],
                ],
                "B1:E1",
                "B2:C2",
                "D2:E2",
            )
        }
    }


@plant()
def merged_rows(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Region", "Sex", "Victims"],
                    ["North", "Men", 40],
                    [None, "Women", 50],
                    [None, "Total", 90],
                    ["South", "Men", "c"],
                    [None, "Women", 70],
                    [None, "Total", 70 + k],
                ],
                "A2:A4",
                "A5:A7",
            )
        }
    }


@plant()
def notes_number(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims"], ["North", 140], ["South", 150], ["Total", 290], [f"Note: of these {k} were boys"]
        )
    }


@plant(leak=4, counterpart=12)
def notes_excluded(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims"],
            ["North", 140],
            ["South", 150],
            ["Total", 290 + k],
            ["Source: Ministry of Interior"],
            ["Note: the total includes victims whose region is not known"],
        )
    }


@plant()
def total_first_col(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Form", "Both sexes", "Males"], ["All forms", 300, 120], ["Labour", 100, 100 - k], ["Sexual", 200, 20 + k]
        )
    }


@plant()
def total_remaining(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Country", "Persons"],
            ["Kazakhstan", 90],
            ["Kyrgyzstan", 60],
            ["Remaining countries", ":"],
            ["Grand total", 150 + k],
        )
    }


@plant()
def half_year_col(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Oblast", "H1 2024", "2024"], ["Abai", 40, 40 + k], ["Akmola", 50, 88], ["Total", 90, 128 + k]
        )
    }


@plant()
def quarter_rows(k: int) -> Files:
    return {
        "t.csv": csv_text(["Period", "Cases"], ["2024 Q1", 30], ["2024 Q2", 42], ["2024 Q3", 51], ["2024", 123 + k])
    }


@plant()
def january_december(k: int) -> Files:
    return {
        "t.xlsx": {
            "S": sheet(
                [
                    ["Victims registered, January–November 2024 and January–December 2024"],
                    ["Region", "Jan–Nov 2024", "Jan–Dec 2024"],
                    ["Astana", 40, 40 + k],
                    ["Almaty", 50, 70],
                    ["Total", 90, 110 + k],
                ]
            )
        }
    }


@plant()
def age_bands_overlap(k: int) -> Files:
    return {
        "a.csv": csv_text(["Age", "Victims"], ["0-17", 100], ["18-29", 120], ["30+", 80]),
        "b.csv": csv_text(["Age group", "Victims"], ["0-19", 100 + k], ["20-29", 120 - k], ["30+", 80]),
    }


@plant()
def age_years_words(k: int) -> Files:
    return {
        "t.xlsx": {
            "1": sheet([["Age", "Number"], ["Under 18 years", 100], ["18 years and over", 200], ["Total", 300]]),
            "2": sheet(
                [["Age", "Number"], ["Under 21 years", 100 + k], ["21 years and over", 200 - k], ["Total", 300]]
            ),
        }
    }
