"""Roles of columns: headers in the languages of the region; unknown headers are not guessed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kerege.linkage.input import column_roles, read_tables, role_assignment
from kerege.linkage.input import column_roles as headers


def find_roles(folder: Path, text: str) -> column_roles.ColumnsByRole:
    (folder / "x.csv").write_text(text, "utf-8")
    return role_assignment.assign_roles(read_tables.read_table(folder / "x.csv"), "x.csv", {}, "")


def roles(folder: Path, headers: str) -> list[str]:
    """Return the role of each header, in a table that also has a name."""
    columns = headers.split("|")
    found_roles = find_roles(
        folder, "|".join(["паспорт0", *columns]) + "\n" + "|".join("1" * (len(columns) + 1)) + "\n"
    )
    by_column = {column: role for role, several in found_roles.items() for column in several}
    return [by_column.get(column.strip(), "") for column in columns]


KINDS = ["family", "given", "middle", "birth_date", "sex", "document", "contact", "street"]


@pytest.mark.parametrize(
    "headers",
    [
        "Surname|First Name|Father's name|Date of Birth (dd/mm/yyyy)|Gender|Passport No.|Mobile phone|Address",
        "Фамилия|Имя|Отчество|Дата рождения (дд.мм.гггг)|Пол (м/ж)|Номер паспорта|Контактный телефон|Адрес проживания",
        "Тегі / Фамилия|Аты / Имя|Әкесінің аты|Туған күні|Жынысы|ЖСН/ИИН|Телефон нөмірі|Мекенжай",
        "Familiya|Ism|Otasining ismi|Tug‘ilgan sana|Jinsi|Pasport raqami|Telefon raqami|Manzil",
        "Familiyasi|Ismi|Sharifi|Tugʻilgan sanasi|Jins|Pasport|Telefon|Yashash manzili",
        "Фамилияси|Исми|Шарифи|Туғилган сана|Жинси|Паспорт рақами|Телефон рақами|Манзил",
        "Фамилиясы|Аты|Атасынын аты|Туулган күнү|Жынысы|ПИН|Телефон номери|Дареги",
        "Насаб|Ном|Номи падар|Санаи таваллуд|Ҷинс|Шиноснома|Рақами телефон|Суроға",
        "Familiýasy|Ady|Atasynyň ady|Doglan senesi|Jynsy|Pasport belgisi|Telefon|Salgysy",
        "SOYADI|ADI|BABA ADI|DOĞUM TARİHİ|CİNSİYETİ|T.C. Kimlik No|CEP TELEFONU|ADRESİ",
        "Nachname|Vorname(n)|Vatersname|Geburtsdatum|Geschlecht|Reisepass-Nr.|Telefonnummer|Straße",
        "Nom de famille|Prénom(s)|Nom du père|Né(e) le|Sexe|Pièce d’identité|Téléphone portable|Adresse",
        "نام خانوادگی|نام کوچک|نام پدر|تاریخ تولد|جنسیت|شمارهٔ گذرنامه|شماره تلفن|آدرس",
        "اسم العائلة|الاسم الأول|اسم الأب|تاريخ الميلاد|الجنس|رقم جواز السفر|رقم الهاتف|العنوان",
    ],
    ids=["en", "ru", "kk", "uz", "uz: another form", "uz in Cyrillic", "ky", "tg", "tk", "tr", "de", "fr", "fa", "ar"],
)
def test_headers_are_known_in_the_languages_of_the_region(tmp_path: Path, headers: str) -> None:
    assert roles(tmp_path, headers) == KINDS


def test_an_unknown_header_has_no_role(tmp_path: Path) -> None:
    unknown = "Place of birth|Mother's passport|Family number|Фамилия/Имя|Дата выдачи|Дата рождения матери|year|Год"
    assert roles(tmp_path, unknown) == [""] * 8
    assert roles(tmp_path, "№ дела|Case No.|ФИО матери|ФИО следователя|Д.р. матери") == [""] * 5
    assert roles(tmp_path, "ID No.|House No.|Phone 2") == ["document", "house", "contact"]


def test_every_known_header_is_unique_and_has_a_role() -> None:
    text = Path(read_tables.__file__).parent.joinpath("data", "headers.csv").read_text("utf-8")
    table = pl.read_csv(text.encode())
    assert table["header"].is_unique().all()
    assert set(table["role"]) == set(column_roles.ROLES)
    assert [header for header in table["header"] if headers._find_known_role(header) == ""] == []


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("surname,name\nАли,Мұхаммед\nКим,Анна\n", "given"),
        ("surname,name\nАли,Мұхаммед Али\nКим,КИМ Анна\n", "full"),
        ("surname,name\n,Мұхаммед Али\n,Ким Анна\n", "full"),
        ("surname,given,name\nАли,Мұхаммед,Мұхаммед Али\n", "full"),
        ("surname,fullname\nАли,Мұхаммед\n", "full"),
        ("name,dob\nАли,1990\n", "full"),
        ("name,given\nАли,Мұхаммед\nКим,Анна\n", "family"),
        ("Name,Vorname\nMüller,Anna\nKim,Olga\n", "family"),
        ("Name,Vorname\nMüller Anna,Anna\nKim Olga,Olga\n", "full"),
        ("Nom,Prénom\nMartin,Anne\n", "family"),
        ("Nom,Nom de famille\nAnne,Martin\n", "given"),
        ("Nom,âge\nMartin,30\n", "full"),
        ("نام,نام خانوادگی\nمریم,احمدی\n", "given"),
    ],
)
def test_a_name_column_is_the_missing_part_if_it_does_not_repeat_the_other(
    tmp_path: Path, text: str, role: str
) -> None:
    column = next(
        name for name in ("fullname", "name", "Name", "Nom", "نام") if name in text.splitlines()[0].split(",")
    )
    assert find_roles(tmp_path, text)[role] == [column]


@pytest.mark.parametrize("header", ["№", "№ п/п", "N п/п", "No.", "#", "п/п", "Номер", "Код"])
def test_a_row_number_is_the_id_if_it_is_unique(tmp_path: Path, header: str) -> None:
    assert find_roles(tmp_path, f"{header},ФИО\n1,Ким\n2,Пак\n")["id"] == [header]
    assert find_roles(tmp_path, f"{header},ФИО,ID\n1,Ким,7\n2,Пак,8\n")["id"] == ["ID"]
    assert "id" not in find_roles(tmp_path, f"{header},ФИО\n1,Ким\n1,Пак\n")
    assert "id" not in find_roles(tmp_path, f"{header},ФИО\n1,Ким\n,Пак\n")
    assert find_roles(tmp_path, f"{header},ФИО,Жазба\n1,Ким,7\n1,Пак,7\n")["id"] == ["Жазба"]


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("ФИО потерпевшей", "full"),
        ("Ф.И.О. потерпевшего (ей)", "full"),
        ("Жәбірленушінің аты-жөні", "full"),
        ("Ad Soyad", "full"),
        ("Nom et prénom(s)", "full"),
        ("نام و نام خانوادگی", "full"),
        ("Д.р.", "birth_date"),
        ("Д/р", "birth_date"),
        ("№ телефона", "contact"),
        ("№ документа", "document"),
        ("Geburtsjahr", "birth_year"),
        ("PLZ", "postcode"),
    ],
)
def test_a_header_of_other_forms_and_countries_is_known(tmp_path: Path, header: str, role: str) -> None:
    assert roles(tmp_path, header) == [role]


def test_a_vague_header_has_lower_priority_and_a_lone_birthday_is_a_date(tmp_path: Path) -> None:
    assert find_roles(tmp_path, "Номер,Дата,ФИО,Дата рождения,ID\n1,2,Ким,3,4\n")["birth_date"] == ["Дата рождения"]
    assert find_roles(tmp_path, "Номер,Дата,ФИО,ID\n1,2,Ким,4\n") == {
        "birth_date": ["Дата"],
        "full": ["ФИО"],
        "id": ["ID"],
    }
    assert find_roles(tmp_path, "ФИО,Birthday\nКим,1990\n")["birth_date"] == ["Birthday"]
    assert find_roles(tmp_path, "ФИО,birth year,birth day\nКим,1990,1\n")["birth_day"] == ["birth day"]
