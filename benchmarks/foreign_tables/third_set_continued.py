"""Tables in the style of eight statistics offices: the third set, second half."""

from __future__ import annotations

from benchmarks.foreign_tables.plants import THIRD, Files, csv_text, sheet

plant = THIRD.add


@plant()
def eurostat_suspected_and_convicted(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["leg_stat", "sex", "geo", "TIME_PERIOD", "OBS_VALUE"],
            ["PER_SUSP", "M", "LV", 2023, 60],
            ["PER_SUSP", "F", "LV", 2023, 44],
            ["PER_PRSC", "M", "LV", 2023, 60 - k],
            ["PER_PRSC", "F", "LV", 2023, 21],
        )
    }


@plant()
def eurostat_ages_overlap(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["age", "geo", "OBS_VALUE"],
            ["Y_LT15", "EE", 40],
            ["Y_LT18", "EE", 40 + k],
            ["Y_GE18", "EE", 120],
            ["TOTAL", "EE", 160 + k],
        )
    }


@plant()
def unodc_less_than_five(k: int) -> Files:
    few = "<5" if k < 10 else str(k - 2)
    return {
        "t.csv": csv_text(
            ["Country", "Indicator", "Dimension", "Category", "Sex", "Age", "Year", "VALUE"],
            ["A", "Detected victims", "Total", "Total", "Total", "Total", 2022, 160 + k],
            ["A", "Detected victims", "Total", "Total", "Female", "Total", 2022, 100],
            ["A", "Detected victims", "Total", "Total", "Male", "Total", 2022, 60 + k],
            ["A", "Detected victims", "by form", "Sexual", "Male", "Total", 2022, 58],
            ["A", "Detected victims", "by form", "Other", "Male", "Total", 2022, few],
        )
    }


@plant()
def unodc_sexes_do_not_reach_total(k: int) -> Files:
    return {
        "t.csv": csv_text(["Country", "Men", "Women", "Total detected"], ["A", 60, 100, 160 + k], ["B", 50, 41, 120])
    }


@plant()
def unodc_own_and_foreign(k: int) -> Files:
    return {
        "t.xlsx": {
            "Citizenship": sheet(
                [
                    ["Victims detected in country A, 2022"],
                    ["", "Adults", "Minors", "Age not known", "Total"],
                    ["Own citizens", 70, 31, 14, 115],
                    ["Foreign citizens", 55, "*", 12, 67 + k],
                    ["Total", 125, 31 + k, 26, 182 + k],
                ]
            )
        }
    }


@plant()
def unodc_tables_of_two_sums(k: int) -> Files:
    return {
        "t.xlsx": {
            "By sex": sheet([["Victims by sex"], ["Sex", "Victims"], ["Male", 60], ["Female", 80 + k]]),
            "By form": sheet([["Victims by form"], ["Form", "Victims"], ["Sexual", 90], ["Forced labour", 50]]),
        }
    }


@plant()
def nrm_quarters(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Nationality", "Q1 2024", "Q2 2024", "Q3 2024", "Q4 2024", "2024 total"],
            ["Albania", 310, 330, 290, 300, 1230],
            ["Eritrea", 60, 71, "[c]", 55, 186 + k],
        )
    }


@plant()
def nrm_age_at_exploitation(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Age group at exploitation", "Female", "Male", "Total"],
            ["Adult (18 or over)", 210, 390, 600],
            ["Child (17 or under)", 160, 340, 500],
            ["Age not specified or unknown", 20, "[c]", 20 + k],
            ["Total", 390, 730 + k, 1120 + k],
        )
    }


@plant()
def nrm_grounds(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Outcome", "Adult", "Child"], ["Positive reasonable grounds", 90, 71], ["Positive conclusive", 90 - k, 40]
        )
    }


@plant()
def nrm_any_labour(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Exploitation type", "Referrals"],
            ["Labour (any)", 150 + k],
            ["Labour only", 100],
            ["Labour and criminal", 50],
            ["Labour and sexual", "c"],
        )
    }


@plant()
def nrm_first_responders(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["First responder", "Adults", "Children"],
            ["Government agency", 200 + k, 74],
            ["    Border Force", 120, 44],
            ["    Immigration Enforcement", 80, 30],
            ["    Labour abuse authority", "c", 0],
            ["Police", 210, 130],
            ["    Greater force", 150, 70],
            ["    Other forces", 60, 60],
        )
    }


@plant()
def nrm_nations(k: int) -> Files:
    return {"t.csv": csv_text(["Area", "Persons"], ["England and Wales", 500 + k], ["England", 500], ["Scotland", 91])}


@plant()
def nrm_duty_to_notify(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Year", "All reports", "NRM referrals", "Duty to notify"],
            ["2022", 210 + k, 210, "[z]"],
            ["2023", 300, 180, 120],
            ["2024", 330, 190, 140],
        )
    }


@plant()
def share_of_whole_only(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Country of birth", "Share of victims, %"],
            ["Born here", f"{(200 - k) / 200 * 100:.1f}"],
            ["Born abroad", f"{k / 200 * 100:.1f}"],
        ),
        "total.csv": csv_text(["Year", "Victims"], ["2024", 200]),
    }


@plant()
def change_on_year_before(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "2023", "2024", "Change"],
            ["North", "c", 60, 60 - k],
            ["South", 40, 75, 35],
            ["East", 55, 50, -5],
        )
    }


@plant()
def cumulative_share(k: int) -> Files:
    total = 200
    return {
        "t.csv": csv_text(
            ["Length of stay", "Persons", "Cumulative %"],
            ["under 1 month", 120, f"{120 / total * 100:.1f}"],
            ["1 to 3 months", "c", f"{(120 + k) / total * 100:.1f}"],
            ["longer", "c", "100.0"],
            ["Total", total, ""],
        )
    }


@plant()
def permits_in_one_column(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Persons", "Number"], ["Third-country nationals", 130], ["Holders of a residence permit", 130 - k]
        )
    }


@plant()
def indicators_in_rows(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Indicator", "Akmola", "Aktobe", "Atyrau"],
            ["Calls about trafficking", 90, 84, 61],
            ["Callers put through", 90 - k, 50, 40],
            ["Visits", 31, 20, 18],
        )
    }


@plant()
def register_in_year_columns(k: int) -> Files:
    return {"t.csv": csv_text(["Region", "2023", "2024"], ["North", 60, 60 + k], ["South", 45, 80], ["West", 33, 70])}


@plant()
def pyramid_with_title(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Persons by age"],
            ["Women", "Age", "Men"],
            [90, "0-17", 40],
            [150, "18-39", 66],
            ["c", "40+", 52],
            [240 + k, "Total", 158],
        )
    }


@plant()
def total_named_by_country_below(k: int) -> Files:
    return {
        "t.csv": csv_text(["Region", "Persons"], ["Chui", 70], ["Osh", 64], ["Talas", "x"], ["Kyrgyzstan", 134 + k])
    }


@plant()
def section_of_filter(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Region", "Persons"],
            ["All persons", ""],
            ["North", 90],
            ["South", 80],
            ["Persons with children", ""],
            ["North", 90 - k],
            ["South", 41],
        )
    }


@plant()
def french_dont(k: int) -> Files:
    return {
        "t.csv": "Victimes;Nombre\nEnsemble;300\ndont mineurs;140\ndont filles;" + f"{140 - k}\n",
    }


@plant()
def withheld_row_beside_total(k: int) -> Files:
    return {"t.csv": csv_text(["Type", "No. of persons"], ["A", 101], ["B", 77], ["C", "suppressed"], ["", 178 + k])}
