"""Two persons of one household, shelter or common name do not match, in files of any size."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.people import population
from kerege.linkage.input.person_fields import number
from kerege.linkage.matching import link_files, train
from kerege.linkage.matching.model_file import load_bundled_model
from kerege.linkage.matching.uninformative_values import MOST_NAMES, add_namesakes, blank_shared_values
from kerege.linkage.register_matching import PersonAttributes, match_person
from tests.linkage.data.invented import records

WOMAN = {
    "family": "Ахметова",
    "given": "Айгуль",
    "middle": "Сериковна",
    "birth_date": "1990-05-12",
    "sex": "f",
    "document": "N12345678",
    "phone": "+7 701 123 45 67",
    "street": "Абая",
    "house": "5",
    "place": "Алматы",
}
FEW = dict.fromkeys(("middle", "phone", "street", "house", "place"), "")
CASES: dict[str, dict[str, str]] = {
    "twins, next document": {"given": "Айнур", "document": "N12345679"},
    "Hasan and Husan": {"given": "Хусан", "family": "Каримов", "middle": "Бахтиёрович", "sex": "m", "document": ""},
    "twins, one without father": {"given": "Айнур", "middle": "", "document": ""},
    "Maria and Marina": {"given": "Марина", "document": ""},
    "twins, one married": {"given": "Айнур", "family": "Смагулова", "document": ""},
    "twins, one with two family names": {"given": "Айнур", "family": "Ахметова-Ким", "document": ""},
    "sister, changed places": {"given": "Ахметова", "family": "Айнур", "birth_date": "1993-03-01", "document": ""},
    "sister of a rare like name": {"given": "Улмекей", "birth_date": "1992-03-01", "document": ""},
    "sister of a like known name": {"given": "Элина", "birth_date": "1992-08-01", "document": ""},
    "sister of a name with the same consonants": {"given": "Улмакан", "birth_date": "1992-08-01", "document": ""},
    "twin of a name that begins alike": {"given": "Балгабат", "document": ""},
    "twin of a long name that begins alike": {"given": "Алтынбибинур", "document": ""},
    "twin whose name is two letters off": {"given": "Адель", "document": ""},
    "twin whose name is one of few": {"given": "Толғанай", "document": ""},
    "twin of another initial": {"given": "Б.", "document": ""},
    "twins of two initials": {"given": "Б. С.", "document": "", "phone": "", "street": ""},
    "twin of a name that no list has, with her document": {**FEW, "given": "Дидар"},
    "sister of a name that no list has, with her document": {**FEW, "given": "Дидар", "birth_date": "1991-08-01"},
    "daughter of her name": {"birth_date": "1968-07-01", "middle": "Болатовна", "document": ""},
    "father and son": {"birth_date": "1965-09-20", "document": ""},
    "flat mate": {"given": "Лариса", "family": "Ким", "middle": "", "birth_date": "1979-01-03", "document": ""},
}
FIRST = {
    "Hasan and Husan": {"given": "Хасан", "family": "Каримов", "middle": "Бахтиёрович", "sex": "m"},
    "Maria and Marina": {"given": "Мария"},
    "sister of a rare like name": {"given": "Улмекен"},
    "sister of a like known name": {"given": "Алина"},
    "sister of a name with the same consonants": {"given": "Улмекен"},
    "twin of a name that begins alike": {"given": "Балгабике"},
    "twin of a long name that begins alike": {"given": "Алтынбибижан"},
    "twin whose name is two letters off": {"given": "Анель"},
    "twins of two initials": {"given": "А. С."},
    "twin of a name that no list has, with her document": {"given": "Шарбану"},
    "sister of a name that no list has, with her document": {"given": "Шарбану"},
    "twin whose name is one of few": {"given": "Толқын"},
}


def weight(rows: list[dict[str, str]], folder: Path) -> float:
    """Return the match weight of the first two rows."""
    pl.DataFrame(rows).write_csv(folder / "t.csv")
    linked = link_files.link_records(*link_files.gather([folder / "t.csv"], {}, ""), load_bundled_model())
    return float(linked.scores(np.array([0]), np.array([1])).weights[0])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("others", [0, 40])
def test_two_different_persons_do_not_match(tmp_path: Path, name: str, others: int) -> None:
    one = {**WOMAN, **FIRST.get(name, {})}
    crowd = [{**WOMAN, "family": f"Иван{place}ова", "given": "Ольга", "middle": "Петровна", "document": "",
              "birth_date": f"{1960 + place}-03-0{1 + place % 9}", "phone": f"70155500{place:02}",
              "street": f"Гоголя {place}"} for place in range(others)]  # fmt: skip
    assert weight([one, {**one, **CASES[name]}, *crowd], tmp_path) < 0


def test_twins_with_consecutive_document_numbers_do_not_match() -> None:
    one, two = (
        PersonAttributes(((given, "Сериковна", "Ахметова"),), "1990-05-12", "f", (paper,), ("7011234567",))
        for given, paper in (("Айгуль", "N12345678"), ("Айнур", "N12345679"))
    )
    assert match_person(one, [two], 20_000)[0].probability < 0.01


def test_two_rows_of_a_common_name_do_not_match(tmp_path: Path) -> None:
    name_fields = {"family": "Ахметова", "given": "Айгуль"}
    assert weight([name_fields, name_fields], tmp_path) < 0
    assert weight([{**name_fields, "birth_year": "1990"}] * 2, tmp_path) < 0


@pytest.mark.parametrize("others", [4, 31, 300])
def test_the_size_of_a_file_does_not_decide_about_a_pair(others: int, tmp_path: Path) -> None:
    """One person in two scripts is found in a file of any size; two namesakes with two birthdays in none."""
    names = ["Данияр", "Мадина", "Олег", "Асель", "Тимур", "Зарина", "Марат"]
    families = ["Омаров", "Ким", "Петренко", "Абенов", "Назаров"]
    strangers = [
        {
            "given": names[number % 7],
            "family": families[number % 5],
            "birth_date": f"{1960 + number % 41}-{1 + number % 12:02}-{1 + number % 28:02}",
        }
        for number in range(others)
    ]
    day = {"birth_date": "1990-03-07"}
    same = [{"given": "Айгүл", "family": "Ахметова", **day}, {"given": "AIGUL", "family": "AKHMETOVA", **day}]
    assert weight([*same, *strangers], tmp_path) > 6
    namesake = {"given": "Бота", "family": "Сейткали"}
    assert weight([namesake | day, namesake | {"birth_date": "1990-11-23"}, *strangers], tmp_path) < 0


OTHERS = 1_500
# Among 1,500 others, the frequency of a name is so uncertain that two of eight populations reach the limit of a match.
MANY_OTHERS = 4_000


@pytest.fixture(autouse=True)
def _fewer_random_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimate u from a fifth of the random pairs; the proofs of namesakes take all."""
    monkeypatch.setattr(train, "RANDOM_PAIRS", 100_000)


@cache
def many(records: int) -> pl.DataFrame:
    return population(records, 5).records


def among_others(cases: list[list[dict[str, str]]], folder: Path, records: int) -> list[tuple[float, int]]:
    """Link cases of namesakes and other records in one file.

    Return, for each case, the best weight of two of its records and the size of the largest cluster.
    """
    rows = [
        {"id": f"x{place}.{number}", "given_name": "Айгуль", "family_name": "Ахметова", "sex": "F", **namesake}
        for place, namesakes in enumerate(cases)
        for number, namesake in enumerate(namesakes)
    ]
    pl.concat([pl.DataFrame(rows), many(records)], how="diagonal").write_csv(folder / "t.csv")
    linked = link_files.link_records(*link_files.gather([folder / "t.csv"], {}, ""), load_bundled_model())
    groups, results, first = linked.groups(), [], 0
    for namesakes in cases:
        one, two = np.triu_indices(len(namesakes), 1)
        largest = int(np.bincount(groups[first : first + len(namesakes)]).max())
        results.append((float(linked.scores(first + one, first + two).weights.max()), largest))
        first += len(namesakes)
    return results


NAMELESS = {"given_name": "", "family_name": "", "birth_date": "1971-03-04", "region": "Aktobe"}
NAMED = {**NAMELESS, "given_name": "Айгуль", "family_name": "Ахметова"}
PHONE = {"phone": "+7 701 123 45 67"}
WHOLE = {"family_name": "Қалиева", "given_name": "Айгуль", "patronymic": "Сериковна"}
RARE = {"given_name": "Гиви", "family_name": "Чхартишвили", "sex": "M"}
KNOWN = [("Ғалия", "Қалиева"), ("Жазира", "Шәріпова"), ("Қалампыр", "Атамқұлова"), ("Тоғжан", "Сариева"),
         ("Елена", "Ким")]  # fmt: skip
DIFFERENT: dict[str, list[dict[str, str]]] = {
    "a common name alone": [{}, {"given_name": "Айгүл", "family_name": "AKHMETOVA"}],
    # rare in this file and common in its region: with 4.3 bits, each two of them were a cluster
    "known names with two records each": [
        {"given_name": given, "family_name": family} for given, family in KNOWN for _ in range(2)
    ],
    # two occurrences in a file make no name rare: nothing else agrees, or the day of birth differs
    "a known whole name with patronymic": [WHOLE, WHOLE],
    "a known whole name and another day": [{**WHOLE, "birth_date": day} for day in ("1990-03-04", "1990-09-21")],
    "no name, with date, sex and region": [NAMELESS, NAMELESS],
    "one name, with date, sex and region": [NAMELESS, NAMED],
}
SAME: dict[str, list[dict[str, str]]] = {
    "no name, with a telephone": [{**NAMELESS, **PHONE}] * 2,
    "one name, with a telephone": [{**row, "phone": "+7 702 765 43 21"} for row in (NAMELESS, NAMED)],
    "a rare name alone": [RARE, RARE],
}


def test_namesakes_do_not_match_in_a_large_file(tmp_path: Path) -> None:
    check_different(tmp_path, list(DIFFERENT), OTHERS)


def check_different(folder: Path, names: list[str], records: int) -> None:
    for name, (weight, largest) in zip(
        names, among_others([DIFFERENT[n] for n in names], folder, records), strict=True
    ):
        assert weight < 0, name
        if "region" in name:
            assert largest == 1, name


def test_strong_evidence_makes_a_match_in_a_large_file(tmp_path: Path) -> None:
    check_same(tmp_path, list(SAME), OTHERS)


def check_same(folder: Path, names: list[str], records: int) -> None:
    for name, (weight, _) in zip(names, among_others([SAME[n] for n in names], folder, records), strict=True):
        assert weight > np.log2(9), name


def test_many_records_of_one_name_and_year_are_no_cluster(tmp_path: Path) -> None:
    check_name_and_year(tmp_path, MANY_OTHERS)


def check_name_and_year(folder: Path, records: int) -> None:
    """Given and family name alone would give two of ten a match probability of 0.99."""
    assert among_others([[{"birth_date": "1990"}] * 10], folder, records)[0][1] == 1


def test_namesakes_are_counted_against_the_parts_of_their_name() -> None:
    names = [("a", "x")] * 12 + [("b", "y")] * 88 + [("c", "x")] * 4 + [(None, "x")]
    frame = pl.DataFrame(names, orient="row", schema={"given": pl.String, "family": pl.String})
    namesakes = add_namesakes(frame.with_columns(given_known=pl.lit(None, pl.String)))["namesakes"].to_list()
    # (12 - 4) / 104 have the whole name; the product of the parts, 12 / 104 and 17 / 104, is 0.0189
    assert namesakes == [2] * 12 + [None] * 93


def test_values_of_many_names_carry_no_evidence(tmp_path: Path) -> None:
    """A placeholder for a document, and the telephone and address of a shelter."""
    table = records(300).with_columns(document=pl.lit("00000001"), phone=pl.lit("7270000001"), street=pl.lit("Абая 5"))
    table.write_csv(tmp_path / "t.csv")
    _, frame = link_files.gather([tmp_path / "t.csv"], {}, "")
    left = blank_shared_values(frame)
    assert {left[name].null_count() for name in ("documents", "document", "contacts", "street", "house")} == {300}


def test_a_household_and_a_person_keep_their_telephones() -> None:
    frame = pl.DataFrame(
        {
            "given_key": [f"k{place}" for place in range(MOST_NAMES + 3)],
            "contacts": [["home"], *(["shelter", f"own {place}"] for place in range(1, MOST_NAMES + 2)), ["home"]],
        }
    )
    left = blank_shared_values(frame)["contacts"].to_list()
    assert left[0] == left[-1] == ["home"]
    assert left[1] == ["own 1"]


@pytest.mark.parametrize("text", ["нет паспорта", "утерян", "б/н 0", "NONE", "0000"])
def test_words_are_no_document_number(text: str) -> None:
    assert number(text) is None
