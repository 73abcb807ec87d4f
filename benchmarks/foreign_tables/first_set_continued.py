"""Sixty tables as statistics offices publish them: the first set, continued.

Each function returns files with a group of `k` people that can be derived. The leak has 4 people, and should be found
or undecided; its counterpart has 10, and should be safe. All figures are invented.
"""

from __future__ import annotations

from benchmarks.foreign_tables.plants import FIRST, Files, csv_text, sheet

plant = FIRST.add


@plant()
def rate_per100k(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Population", "Victims per 100,000"], ["North", 100000, f"{k}.0"], ["South", 200000, "30.0"]
        )
    }


@plant()
def change_since(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "2023", "Change on previous year"], ["North", 60, f"-{60 - k}"], ["South", 80, "+12"]
        )
    }


@plant()
def multi_values_total(k: int) -> Files:
    return {"t.csv": csv_text(["form", "count"], ["labour", 60 + k], ["sexual", 50], ["Total", 110])}


@plant(multi=frozenset({"form"}))
def multi_values_named(k: int) -> Files:
    return {"t.csv": csv_text(["form", "count"], ["labour", 60 + k], ["sexual", 50], ["Total", 110])}


@plant()
def ordinal_words(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Rank", "Country", "Victims"],
            ["1", "Kazakhstan", 120],
            ["2", "Uzbekistan", 80],
            ["3", "Other", "s"],
            ["", "Total", 200 + k],
        )
    }


@plant()
def code_and_label(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["KATO", "Region", "Victims"],
            ["710000000", "Astana", 70],
            ["750000000", "Almaty", 90],
            ["790000000", "Shymkent", "x"],
            ["000000000", "Republic of Kazakhstan", 160 + k],
        )
    }


@plant()
def national_total_ru(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Область", "Потерпевшие"],
            ["Республика Казахстан", 160 + k],
            ["Астана", 70],
            ["Алматы", 90],
            ["Шымкент", "х"],
        )
    }


@plant()
def wide_sex_year_in_label(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Indicator", "Value"],
            ["Men 2023", 100],
            ["Women 2023", 150],
            ["Persons 2023", 250],
            ["Men 2024", 110],
            ["Women 2024", "x"],
            ["Persons 2024", 110 + k],
        )
    }


@plant()
def sdmx(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["FREQ", "REF_AREA", "SEX", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"],
            ["A", "KZ", "_T", "2024", 200 + k, ""],
            ["A", "KZ", "F", "2024", 200, ""],
            ["A", "KZ", "M", "2024", "", "C"],
        )
    }


@plant()
def eurostat_like(k: int) -> Files:
    return {"t.csv": csv_text(["geo\\time", "2023", "2024"], ["BE", 100, 110], ["BG", 90, ": c"], ["EU", 190, 110 + k])}


@plant()
def semicolon_decimal(k: int) -> Files:
    total = f"{2450 + k:,}".replace(",", ".")
    return {"t.csv": f"Region;Anzahl\nNord;1.120\nSüd;1.330\nWest;x\nInsgesamt;{total}\n"}


@plant()
def two_sheets_months(k: int) -> Files:
    return {
        "t.xlsx": {
            "June": sheet([["Cumulative since January"], ["Sex", "Persons"], ["Men", 40], ["Women", 60]]),
            "July": sheet([["Cumulative since January"], ["Sex", "Persons"], ["Men", 40 + k], ["Women", 80]]),
        }
    }


@plant()
def two_sheets_regions(k: int) -> Files:
    return {
        "t.xlsx": {
            "Total": sheet([["Form", "Persons"], ["Labour", 140], ["Sexual", 160]]),
            "Urban": sheet([["Form", "Persons"], ["Labour", 140 - k], ["Sexual", 100]]),
        }
    }


@plant()
def total_in_title(k: int) -> Files:
    return {
        "t.csv": csv_text(
            [f"Victims assisted in 2024 (total: {180 + k})"],
            ["Region", "Victims"],
            ["North", 80],
            ["South", 100],
            ["East", "x"],
        )
    }


@plant()
def n_equals(k: int) -> Files:
    return {
        "t.csv": csv_text(
            [f"Victims by form, 2024 (N={180 + k})"],
            ["Form", "Victims"],
            ["Labour", 80],
            ["Sexual", 100],
            ["Begging", "x"],
        )
    }


@plant()
def pct_only_with_n(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Victims by form, percent (N=200)"],
            ["Form", "%"],
            ["Labour", "58.0"],
            ["Sexual", f"{42 - k / 2}"],
            ["Begging", f"{k / 2}"],
        )
    }


@plant()
def footnote_marks(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims"],
            ["North¹", 80],
            ["South", 100],
            ["East", "x²"],
            ["Total", 180 + k],
            ["¹ including the capital"],
            ["² confidential"],
        )
    }


@plant()
def blank_suppressed(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Men", "Women", "Total"],
            ["North", 40, 50, 90],
            ["South", "", 60, 60 + k],
            ["Total", 40 + k, 110, 150 + k],
        )
    }


@plant()
def dash_range(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "Victims"], ["North", 80], ["South", "1-9"], ["Total", 80 + k])}


@plant()
def approx(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "Victims"], ["North", 80], ["South", "n.a."], ["Total", 80 + k])}


@plant()
def subtotal_block(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Country", "Victims"],
            ["Asia", 150 + k],
            ["Kazakhstan", 90],
            ["Uzbekistan", 60],
            ["Other Asia", "x"],
            ["Europe", 80],
            ["Russia", 50],
            ["Other Europe", 30],
            ["World", 230 + k],
        )
    }


@plant()
def indent_spaces(k: int) -> Files:
    return {
        "t.csv": f"Item,2024\nVictims,300\n  Adults,200\n    Men,100\n    Women,{100 - k}\n    Other,x\n  Children,100\n"
    }


@plant()
def male_female_pct_words(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Measure", "North", "South"],
            ["Number of victims", 200, 300],
            ["Percentage male", f"{k / 2}", "40"],
            ["Percentage female", f"{100 - k / 2}", "60"],
        )
    }


@plant()
def median_col(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "Victims", "Mean age"], ["North", 40, "23.5"], ["South", 60 + k, "31.2"])}


@plant()
def year_to_date_notes(k: int) -> Files:
    return {
        "a.csv": csv_text(["As of 30 June 2024"], ["Sex", "Victims"], ["Men", 100], ["Women", 120]),
        "b.csv": csv_text(["As of 31 July 2024"], ["Sex", "Victims"], ["Men", 100 + k], ["Women", 150]),
    }


@plant()
def with_without(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["", "Persons"],
            ["With disability", 100],
            ["Without disability", 200],
            ["Women with disability", 100 - k],
            ["Women without disability", 120],
        )
    }


@plant()
def transposed(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Year", "2022", "2023", "2024"],
            ["Men", 100, 110, "x"],
            ["Women", 120, 130, 140],
            ["Total", 220, 240, 140 + k],
        )
    }


@plant()
def group_header_rows(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Characteristic", "Victims"],
            ["Sex", ""],
            ["Men", 120],
            ["Women", 180],
            ["Age", ""],
            ["Adults", 300 - 30 - k],
            ["Children", 30],
            ["Unknown", "x"],
            ["Total", 300],
        )
    }


@plant()
def kk_title_year(k: int) -> Files:
    return {
        "t.xlsx": {
            "1": sheet(
                [["2023-2024 жылдардағы жәбірленушілер"], ["Жынысы", "Саны"], ["Ерлер", 140 + k], ["Әйелдер", 300]]
            ),
            "2": sheet([["2023 жылғы жәбірленушілер"], ["Жынысы", "Саны"], ["Ерлер", 140], ["Әйелдер", 150]]),
        }
    }


@plant()
def separate_col_title(k: int) -> Files:
    return {
        "all.csv": csv_text(
            ["Victims of trafficking in persons"], ["Citizenship", "Persons"], ["Kazakhstan", 140], ["Uzbekistan", 90]
        ),
        "labour.csv": csv_text(
            ["Victims of labour exploitation"], ["Citizenship", "Persons"], ["Kazakhstan", 140 - k], ["Uzbekistan", 60]
        ),
    }


@plant()
def three_columns_notes(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Victims", "Of whom women", "Remark"],
            ["North", 100, 100 - k, "incl. transit"],
            ["South", 120, 60, ""],
        )
    }


@plant()
def plus_minus(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "Victims", "±"], ["North", 80, 2], ["South", 60, 2], ["Total", 140 + k, 1])}


@plant()
def long_unit(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Unit", "Value"],
            ["North", "persons", 200],
            ["North", "% men", f"{k / 2}"],
            ["South", "persons", 300],
            ["South", "% men", "40"],
        )
    }
