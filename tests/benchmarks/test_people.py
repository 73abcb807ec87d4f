"""Invented populations of the linkage benchmarks: reproducible, with the documented shares."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.people import Population, population
from benchmarks.people.ear import russified
from benchmarks.people.names import LANGUAGES, family, russian_patronymic
from benchmarks.people.standards import romanised

RECORDS = 6_000


@cache
def made() -> Population:
    return population(RECORDS, seed=3)


def joined() -> pl.DataFrame:
    return made().records.join(made().truth.rename({"sex": "true_sex"}), on="id")


def test_the_same_seed_makes_the_same_records() -> None:
    second = population(RECORDS, seed=3)
    assert second.records.equals(made().records)
    assert second.truth.equals(made().truth)
    assert not population(RECORDS, seed=4).records.equals(made().records)


def test_every_record_has_one_true_person() -> None:
    assert made().records["id"].to_list() == made().truth["id"].to_list()
    assert made().records["id"].n_unique() == RECORDS
    one = made().truth.group_by("person").agg(pl.col("language", "sex", "family", "relation").n_unique())
    assert one.drop("person").max().row(0) == (1, 1, 1, 1)
    assert made().truth["person"].n_unique() == pytest.approx(RECORDS / 1.69, rel=0.04)


def test_shares_are_as_documented() -> None:
    table = joined()
    assert (table["patronymic"] == "").mean() == pytest.approx(0.47, abs=0.03)
    dated = table.filter(pl.col("birth_date") != "")["birth_date"]
    without_day = (dated.str.len_chars() == 4).mean() + dated.str.ends_with("-01-01").mean()
    assert without_day == pytest.approx(0.28, abs=0.04)
    assert (table["document"] != "").mean() == pytest.approx(0.155, abs=0.02)
    assert (table["phone"] != "").mean() == pytest.approx(0.2, abs=0.02)
    assert table["agency"].n_unique() >= 6
    assert set(table["language"]) == {"kk", "uz", "ru", "ky", "tg", "tk"}
    assert set(table["relation"]) == {"single", "sibling", "twin", "spouse"}


def test_relatives_are_other_persons() -> None:
    persons = made().truth.unique("person")
    families = persons.filter(pl.col("relation") != "single").group_by("family", "relation").len()
    assert families.filter(pl.col("len") > 1).height > 100
    assert persons.filter(pl.col("relation") == "single").group_by("family").len()["len"].max() == 1


def test_twins_are_born_on_one_day_and_siblings_are_not() -> None:
    records = joined().filter(pl.col("birth_date").str.len_chars() == 10, ~pl.col("notes").str.contains("borrowed"))
    dates = records.group_by("family", "relation", "person").agg(pl.col("birth_date").mode().first())
    pairs = dates.join(dates, on=["family", "relation"], suffix="_2").filter(pl.col("person") < pl.col("person_2"))
    same = (
        pairs.with_columns(same=pl.col("birth_date") == pl.col("birth_date_2"))
        .group_by("relation")
        .agg(pl.col("same").mean())
    )
    shares = dict(same.iter_rows())
    assert shares["twin"] > 0.5
    assert shares["sibling"] < 0.1


@pytest.mark.parametrize(
    ("name", "standard", "spelled"),
    [
        ("жүнісов", "kk_passport", "zhunisov"),
        ("нұрсұлтан", "kk_2021", "nūrsūltan"),
        ("өмірбек", "kk_2018", "ómirbek"),
        ("шыңғыс", "kk_2017", "s'yn'g'ys"),
        ("ўткир", "uz_latin", "oʻtkir"),
        ("ғайрат", "uz_latin", "gʻayrat"),
        ("мырат", "tk_latin", "myrat"),
        ("джерен", "tk_latin", "jeren"),
        ("юлия", "icao", "iuliia"),
        ("юлия", "bgn_ru", "yuliya"),
        ("щербаков", "gost", "shherbakov"),
        ("щербаков", "iso9", "ŝerbakov"),
        ("сергей", "french", "serguei"),
        ("жумабаев", "french", "joumabaev"),
        ("пушкин", "french", "pouchkine"),
    ],
)
def test_names_are_romanised_by_the_standards(name: str, standard: str, spelled: str) -> None:
    assert romanised(name, standard) == spelled


def test_names_have_their_forms() -> None:
    assert family("Серік", "ov", 1, "kk") == "Серікова"
    assert family("Асан", "child", 0, "ky") == "Асан уулу"
    fathers = ("Илья", "Лев", "Сергей", "Иван", "Дмитрий", "Юрий")
    daughters = ["Ильична", "Львовна", "Сергеевна", "Ивановна", "Дмитриевна", "Юрьевна"]
    assert [russian_patronymic(father, 1) for father in fathers] == daughters
    assert russified("жұлдыз", "kk") == "жулдыз"
    assert russified("карим ўғли", "uz") == "карим угли"


def test_languages_have_a_long_tail_of_names() -> None:
    assert all(len(language.families) > 400 for language in LANGUAGES)
