"""Tables in the style of eight statistics offices: the third set, first half.

They were written before the command was tried on any of them. Each function returns files with a group of `k` people
that can be derived. The leak has 6 people, and should be found or undecided; its counterpart has 12, and should be
safe. All figures are invented.
"""

from __future__ import annotations

from benchmarks.foreign_tables.plants import THIRD, Files, csv_text, sheet

plant = THIRD.add


@plant()
def ons_cover_and_notes(k: int) -> Files:
    return {
        "t.xlsx": {
            "Cover": sheet([["Modern slavery, year ending March 2024"], ["Released by the office of statistics"]]),
            "Notes": sheet([["Note number", "Note text"], ["note 1", "Includes potential victims only."]]),
            "Table_1": sheet(
                [
                    ["Table 1: Potential victims by region [note 1]"],
                    ["This worksheet contains one table."],
                    ["Region", "Adults [note 1]", "Children", "All ages"],
                    ["North East", 120, 64, 184],
                    ["Wales", "[c]", 58, 58 + k],
                    ["London", 410, 222, 632],
                    ["Total", 530 + k, 344, 874 + k],
                ]
            ),
        }
    }


@plant()
def ons_two_tables_of_part(k: int) -> Files:
    first = [["Table 3a: Persons by age"], ["Age", "Persons"], ["Under 25", 210], ["25 to 64", 480], ["65 plus", 90]]
    second = [
        ["Table 3b: Persons who are usual residents"],
        ["Age", "Persons"],
        ["Under 25", 210 - k],
        ["25 to 64", 430],
        ["65 plus", 60],
    ]
    return {"t.xlsx": {"3a": sheet(first), "3b": sheet(second)}}


@plant()
def ons_ages_from_16_and_18(k: int) -> Files:
    return {
        "t.xlsx": {
            "1": sheet([["Age", "People"], ["Under 16", 70], ["16 and over", 300 + k]]),
            "2": sheet([["Age", "People"], ["Under 18", 70 + k], ["18 and over", 300]]),
        }
    }


@plant()
def ons_share_of_suppressed(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Ethnic group", "Number", "Percentage"],
            ["White", 400, f"{400 / (500 + k) * 100:.2f}"],
            ["Asian", 100, f"{100 / (500 + k) * 100:.2f}"],
            ["Black", "c", f"{k / (500 + k) * 100:.2f}"],
            ["All groups", 500 + k, "100.00"],
        )
    }


@plant()
def destatis_insgesamt(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Staatsangehörigkeit", "männlich", "weiblich", "Insgesamt"],
            ["Deutschland", 44, 160, 204],
            ["Rumänien", 31, 96, 127],
            ["Ungarn", ".", 53, 53 + k],
            ["Insgesamt", 75 + k, 309, 384 + k],
        )
    }


@plant()
def destatis_darunter(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Opfer von Menschenhandel", "Anzahl"],
            ["Opfer", 488],
            ["darunter: weiblich", 300],
            ["darunter: Deutsche", 300 - k],
        )
    }


@plant()
def destatis_genesis(k: int) -> Files:
    text = (
        "Tabelle: 24311-0001\nStrafverfolgung: Verurteilte;;;\nDeutschland;;;\n"
        "Straftat;2023;2024;\n;Anzahl;Anzahl;\n"
        f"Zwangsprostitution;88;94;\nZwangsarbeit;41;.;\nInsgesamt;129;{94 + k};\n"
        "__________\n(C)opyright Statistisches Amt\n"
    )
    return {"24311-0001.csv": text}


@plant()
def destatis_altersgruppen(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Alter", "Personen"],
            ["unter 18 Jahre", 61],
            ["18 bis unter 25 Jahre", 140],
            ["25 Jahre und mehr", "."],
            ["Zusammen", 201 + k],
        )
    }


@plant()
def destatis_vierteljahr(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Land", "1. Vierteljahr", "2. Vierteljahr", "3. Vierteljahr", "4. Vierteljahr", "Jahr"],
            ["Bayern", 30, 41, 28, "x", 99 + k],
            ["Hessen", 22, 19, 25, 31, 97],
        )
    }


@plant()
def ine_ambos_sexos(k: int) -> Files:
    return {
        "t.csv": "Provincia;Ambos sexos;Hombres;Mujeres\n"
        f"Madrid;310;120;190\nSevilla;{77 + k};77;..\nValencia;150;60;90\n"
    }


@plant()
def ine_long_thousands(k: int) -> Files:
    return {
        "t.csv": "Sexo;Forma;Periodo;Total\n"
        "Total;Total;2024;2.4" + f"{k:02d}\nTotal;Laboral;2024;1.300\nTotal;Sexual;2024;1.100\nTotal;Otras;2024;..\n"
        "Mujeres;Total;2024;1.500\nHombres;Total;2024;9" + f"{k:02d}\n"
    }


@plant()
def ine_de_los_cuales(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["", "Víctimas"], ["Total", 420], ["de las cuales extranjeras", 260], ["de las cuales mujeres", 260 - k]
        )
    }


@plant()
def ine_codes_in_labels(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Comunidad autónoma", "Detectadas", "Protegidas"],
            ["Total Nacional", 400, 171 + k],
            ["01 Andalucía", 150, 80],
            ["02 Aragón", 90, "*"],
            ["13 Madrid", 160, 91],
        )
    }


@plant()
def statkz_bilingual(k: int) -> Files:
    return {
        "t.xlsx": {
            "2.1": sheet(
                [
                    ["2.1 Қылмыстан зардап шеккендер / Потерпевшие от преступлений"],
                    [None, None, None, "адам / человек"],
                    ["Облыс / Область", "Барлығы / Всего", "ерлер / мужчины", "әйелдер / женщины"],
                    ["Қазақстан Республикасы / Республика Казахстан", 290 + k, 130 + k, 160],
                    ["Абай / Абай", 100, 40, 60],
                    ["Ақмола / Акмолинская", 55 + k, "х", 55],
                    ["Ақтөбе / Актюбинская", 135, 90, 45],
                ]
            )
        }
    }


@plant()
def statkz_city_of_region(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Регион", "Человек"],
            ["Акмолинская область", 94 + k],
            ["  г. Кокшетау", 51],
            ["  г. Степногорск", 43],
            ["  районы", "x"],
            ["Костанайская область", 120],
            ["  г. Костанай", 70],
            ["  районы", 50],
        )
    }


@plant()
def statkz_growing_months(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Область", "январь-март 2024", "январь-июнь 2024", "январь-сентябрь 2024"],
            ["Абай", 40, 40 + k, 92],
            ["Жетысу", 31, 55, 88],
        )
    }


@plant()
def statkz_town_and_village(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["", "Барлығы", "қала", "ауыл"],
            ["Абай облысы", 80 + k, 80, "x"],
            ["Ұлытау облысы", 70, 40, 30],
            ["Жиыны", 150 + k, 120, 30 + k],
        )
    }


@plant()
def statkz_register_at_dates(k: int) -> Files:
    return {
        "t.xlsx": {
            "на 01.01.2024": sheet([["Пол", "Состоит на учете"], ["Мужчины", 60], ["Женщины", 130]]),
            "на 01.07.2024": sheet([["Пол", "Состоит на учете"], ["Мужчины", 60 + k], ["Женщины", 171]]),
        }
    }


@plant()
def rosstat_in_that_number(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["", "2023 г.", "2024 г."],
            ["Всего потерпевших", "1 240", f"1 3{k:02d}"],
            ["в том числе:", "", ""],
            ["мужчины", 440, "…"],
            ["женщины", 800, "1 300"],
        )
    }


@plant()
def rosstat_districts(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Субъект", "Число лиц"],
            ["Российская Федерация", 400 + k],
            ["Центральный федеральный округ", 250 + k],
            ["Белгородская область", 110],
            ["Брянская область", 140],
            ["Владимирская область", "..."],
            ["Северо-Западный федеральный округ", 150],
            ["Республика Карелия", 80],
            ["Псковская область", 70],
        )
    }


@plant()
def rosstat_from_them_column(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["Статья УК", "Осуждено, человек", "из них женщины", "из них ранее судимые"],
            ["127.1", 90, 40, 34],
            ["127.2", 61, 20, 61 - k],
        )
    }


@plant()
def rosstat_two_files_of_years(k: int) -> Files:
    head = ["Вид помощи", "Получили помощь (с начала программы)"]
    return {
        "2023.csv": csv_text(head, ["Приют", 90], ["Юридическая", 64]),
        "2024.csv": csv_text(head, ["Приют", 90 + k], ["Юридическая", 101]),
    }


@plant()
def eurostat_tsv(k: int) -> Files:
    return {
        "crim_thb_sex.tsv": "freq,unit,sex,geo\\TIME_PERIOD\t2022 \t2023 \n"
        f"A,NR,F,AT\t120 \t140 \nA,NR,M,AT\t60 \t: c\nA,NR,T,AT\t180 \t{140 + k} \n"
    }


@plant()
def eurostat_citizenship_groups(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["citizen", "geo", "OBS_VALUE", "OBS_FLAG"],
            ["NAT", "BE", 90, ""],
            ["FOR", "BE", 60 + k, ""],
            ["EU27_2020_FOR", "BE", 60, ""],
            ["NEU27_2020_FOR", "BE", "", "c"],
            ["TOTAL", "BE", 150 + k, ""],
        )
    }


@plant()
def eurostat_union_and_members(k: int) -> Files:
    return {
        "t.csv": csv_text(
            ["geo", "2022", "2023"],
            ["EU27_2020", 400, 410 + k],
            ["DE", 180, 190],
            ["FR", 130, 220],
            ["MT", 90, ":"],
        )
    }
