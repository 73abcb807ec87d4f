"""A third population for linkage: households of three generations, in records of four offices.

Run `python benchmarks/villages.py RECORDS FOLDER [--seed N]`.

It was written without looking at `people/` and at the folding tables. Its names are few, as in villages: a family name
is often a grandfather's name, given names follow the fashion of a decade, and cousins are named after one ancestor. So
it has many namesakes and relatives: brothers and sisters, twins, cousins of one name, parents and children, a telephone
and an address for a household.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

import polars as pl


def words(text: str) -> tuple[str, ...]:
    """Return the names of a text, which spaces separate."""
    return tuple(text.split())


# given names by language, in the order of their fashion
MEN = {
    "kk": words(
        "Нұрлан Ерлан Қанат Бауыржан Асқар Марат Серік Талғат Болат Дәурен Олжас Алмас Мұрат Қайрат Жандос Әлихан "
        "Ерасыл Нұрислам Санжар Арман Айдос Рүстем Бекзат Мейрам Ғалым Әділ Жомарт Темірлан Дидар Ислам Тұрар Қуаныш"
    ),
    "ru": words(
        "Александр Сергей Дмитрий Андрей Алексей Владимир Николай Михаил Евгений Виктор Юрий Игорь Денис Павел Антон "
        "Максим Роман Кирилл Артём Егор Вадим Илья Пётр Фёдор Геннадий Станислав"
    ),
    "uz": words(
        "Жасур Шерзод Отабек Улуғбек Дилшод Бахтиёр Рустам Алишер Фарход Акмал Жамшид Сардор Азиз Нодир Баҳодир Анвар "
        "Ислом Шуҳрат Равшан Мансур Қобил Ҳамид Сухроб Умид Санжар Зафар"
    ),
}
WOMEN = {
    "kk": words(
        "Айгүл Гүлнар Динара Айнұр Сәуле Алия Мадина Жанар Әсел Ботагөз Қарлығаш Гүлмира Назгүл Айжан Зарина Дана "
        "Әйгерім Томирис Аружан Аяулым Інжу Меруерт Раушан Шолпан Бибігүл Ләззат Перизат Жұлдыз Камила Ұлжан Сымбат"
    ),
    "ru": words(
        "Елена Ольга Наталья Татьяна Ирина Светлана Анна Екатерина Мария Людмила Юлия Анастасия Дарья Виктория Оксана "
        "Алина Ксения Полина Валентина Галина Надежда София Вера Любовь"
    ),
    "uz": words(
        "Дилноза Гулнора Нилуфар Мадина Шаҳноза Феруза Зулфия Малика Наргиза Саодат Барно Ҳилола Дилфуза Гулчеҳра "
        "Мунира Севара Зебо Нигора Комила Раъно Лола Ўғилой Нафиса Муқаддас"
    ),
}
FAMILIES_RU = words(
    "Иванов Смирнов Кузнецов Попов Соколов Лебедев Козлов Новиков Морозов Петров Волков Соловьёв Васильев Зайцев "
    "Павлов Семёнов Голубев Виноградов Богданов Воробьёв Фёдоров Михайлов Беляев Тарасов Белов Комаров Орлов Киселёв "
    "Макаров Андреев Ковалёв Ильин Гусев Титов Кузьмин Кудрявцев Баранов Куликов Шевченко Бондаренко Ткаченко Коваленко"
)
TOWNS = words("Аксу Сарканд Текели Кентау Арысь Жанаозен Шу Каратау Ленгер Зайсан Аягоз Балхаш")
STREETS = words("Абая Школьная Жамбыла Мира Сейфуллина Степная Достық Ауэзова Первомайская Наурыз Садовая Толе_би")
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіўҳ",
        words("a b v g d e yo zh z i i k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya a g k n o u u h i u kh"),
        strict=True,
    )
)
RUSSIAN = dict(zip("әғқңөұүһіўҳ", "агкноуухиух", strict=True))
NEAR_KEYS = dict(zip("аеиорнтлскв", "пнтргеььчуа", strict=True))
CONFUSED = dict(zip("aeimnorluvk", "ocjnmaetvux", strict=True))
# records of a person in all offices together
TIMES = (0.52, 0.26, 0.13, 0.06, 0.03)
FIRST_YEAR = 1950


@dataclass
class Villager:
    """Person of a household. `maiden` is the family name before marriage, in the masculine form."""

    number: int
    language: str
    is_woman: bool
    given: str
    father: str
    family: str
    born: date
    household: int
    maiden: str = ""
    document: str = ""
    phone: str = ""
    children: int = field(default=0)


@dataclass(frozen=True)
class Office:
    """Office: how it writes names, and how often it makes errors or leaves values out."""

    name: str
    share: float
    script: str
    typo: float
    no_father: float
    no_day: float
    document: float
    phone: float
    address: float


OFFICES = (
    Office("clinic", 0.4, "own", 0.03, 0.1, 0.02, 0.5, 0.5, 0.7),
    Office("school", 0.2, "russian", 0.05, 0.25, 0.05, 0.2, 0.4, 0.6),
    Office("charity", 0.22, "russian", 0.09, 0.6, 0.3, 0.05, 0.3, 0.15),
    Office("consulate", 0.18, "latin", 0.05, 0.7, 0.1, 0.35, 0.15, 0.0),
)


class Villages:
    """People in households, and records of them."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.people: list[Villager] = []
        self.households = 0
        self.places: list[tuple[str, str, str]] = []

    def settle(self, people: int) -> None:
        """Add families until there are so many people."""
        while len(self.people) < people:
            self._add_clan()

    def _name(self, language: str, is_woman: bool, year: int) -> str:
        """Return a given name in fashion in a decade: a tenth of names belong to half of the children."""
        names = (WOMEN if is_woman else MEN)[language]
        shift = (year - FIRST_YEAR) // 10
        place = min(int(self.draw.paretovariate(0.9)) - 1, 4 * len(names))
        return names[(place + 2 * shift) % len(names)]

    def _new_family(self, language: str) -> str:
        if language == "ru":
            return FAMILIES_RU[min(int(self.draw.paretovariate(0.8)) - 1, 10_000) % len(FAMILIES_RU)]
        root = self.draw.choice(MEN[language])
        return root + ("ев" if root[-1] in "еийьғк" else "ов")

    def _home(self) -> int:
        number = f"{self.draw.randint(1, 90)}-{self.draw.randint(1, 60)}"
        self.places.append((self.draw.choice(TOWNS), self.draw.choice(STREETS), number))
        self.households += 1
        return self.households - 1

    def _person(self, language: str, is_woman: bool, born: date, father: str, family: str, home: int) -> Villager:
        person = Villager(
            len(self.people), language, is_woman, self._name(language, is_woman, born.year), father, family, born, home
        )
        person.document = f"{born:%y%m%d}{3 + is_woman + 2 * (born.year >= 2000)}{self.draw.randint(0, 99999):05}"
        person.phone = f"+7 70{self.draw.randint(0, 9)} {self.draw.randint(0, 9_999_999):07}"
        self.people.append(person)
        return person

    def _add_clan(self) -> None:
        """Add a couple, their sons' and daughters' families, and the grandchildren."""
        language = self.draw.choices(["kk", "ru", "uz"], [0.55, 0.25, 0.2])[0]
        year = self.draw.randint(FIRST_YEAR, 1972)
        family, home = self._new_family(language), self._home()
        elder = self._person(language, False, self._day(year), self._name(language, False, year - 25), family, home)
        self._marry(elder)
        for child in self._have_children(elder, self.draw.randint(1, 5)):
            if child.born.year < 1992 and self.draw.random() < 0.7:
                self._found_household(child)

    def _found_household(self, person: Villager) -> None:
        person.household = self._home()
        if person.is_woman:
            person.maiden, person.family = person.family, self._new_family(person.language)
            return
        self._marry(person)
        self._have_children(person, self.draw.randint(0, 3))

    def _marry(self, man: Villager) -> None:
        year = man.born.year + self.draw.randint(-2, 6)
        father = self._name(man.language, False, year - 25)
        wife = self._person(man.language, True, self._day(year), father, man.family, man.household)
        wife.maiden = self._new_family(man.language)
        if self.draw.random() < 0.15:
            wife.family, wife.maiden = wife.maiden, ""
        wife.phone = man.phone if self.draw.random() < 0.4 else wife.phone

    def _day(self, year: int) -> date:
        return date(year, 1, 1) + timedelta(days=self.draw.randint(0, 364))

    def _have_children(self, father: Villager, count: int) -> list[Villager]:
        """Return children; one birth in fifty is of twins, one boy in four has a forefather's name."""
        children: list[Villager] = []
        born = self._day(father.born.year + self.draw.randint(21, 30))
        for _ in range(count):
            for _ in range(2 if self.draw.random() < 0.02 else 1):
                is_woman = self.draw.random() < 0.55
                child = self._person(father.language, is_woman, born, father.given, father.family, father.household)
                if not is_woman and self.draw.random() < 0.25:
                    child.given = father.father
                while child.given in {other.given for other in children if other.is_woman == is_woman}:
                    child.given = self.draw.choice((WOMEN if is_woman else MEN)[father.language])
                child.phone = father.phone if self.draw.random() < 0.5 else child.phone
                children.append(child)
            born += timedelta(days=self.draw.randint(330, 1500))
        return children

    def write_records(self, count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return records of offices, and the truth: id, person, household."""
        shares = list(accumulate(TIMES))
        rows: list[tuple[str, ...]] = []
        truth: list[tuple[str, int, int]] = []
        people = list(range(len(self.people)))
        self.draw.shuffle(people)
        for number in people:
            point = self.draw.random()
            for _ in range(1 + sum(point > share for share in shares)):
                rows.append(self._write(self.people[number]))
                truth.append(("", number, self.people[number].household))
        order = list(range(len(rows)))
        self.draw.shuffle(order)
        order = order[:count]
        ids = [f"v{place:07}" for place in range(1, len(order) + 1)]
        names = (
            "office", "surname", "name", "patronymic", "birth date", "sex", "iin", "phone", "street", "house", "town",
        )  # fmt: skip
        records = pl.DataFrame([rows[place] for place in order], schema=names, orient="row")
        known = pl.DataFrame([truth[place][1:] for place in order], schema=["person", "household"], orient="row")
        return records.insert_column(0, pl.Series("id", ids)), known.insert_column(0, pl.Series("id", ids))

    def _write(self, person: Villager) -> tuple[str, ...]:
        """Return what an office wrote of a person."""
        draw = self.draw
        office = draw.choices(OFFICES, [office.share for office in OFFICES])[0]
        family = person.maiden if person.maiden and draw.random() < 0.3 else person.family
        family += "а" if person.is_woman and not family.endswith("ко") else ""
        father = "" if draw.random() < office.no_father else patronymic(person)
        names = [self._spell(text, office) for text in (family, person.given, father)]
        if draw.random() < 0.02:
            names[0], names[1] = names[1], names[0]
        born = self._date(person.born, office)
        town, street, house = self.places[person.household]
        at_home = draw.random() < office.address
        document = person.document if draw.random() < office.document else ""
        if document and draw.random() < 0.03:
            place = draw.randrange(12)
            document = document[:place] + str(draw.randint(0, 9)) + document[place + 1 :]
        phone = person.phone if draw.random() < office.phone else ""
        sex = "" if draw.random() < 0.04 else ("ж" if person.is_woman else "м")
        where = (street.replace("_", " "), house) if at_home else ("", "")
        return (office.name, *names, born, sex, document, phone, *where, town if draw.random() < 0.8 else "")

    def _date(self, born: date, office: Office) -> str:
        draw = self.draw
        if draw.random() < 0.03:
            born = date(born.year + draw.choice((-1, 1, -2, 10)), born.month, min(born.day, 28))
        if draw.random() < 0.02:
            born = date(born.year, born.month, draw.randint(1, 28))
        if draw.random() < office.no_day:
            return draw.choice((f"{born.year}", f"01.01.{born.year}", ""))
        if draw.random() < 0.01 and born.day <= 12:
            born = date(born.year, born.day, born.month)
        return f"{born:%d.%m.%Y}" if office.script != "latin" else born.isoformat()

    def _spell(self, name: str, office: Office) -> str:
        text = name.lower()
        if office.script != "own":
            text = "".join(RUSSIAN.get(letter, letter) for letter in text)
        if office.script == "latin":
            text = "".join(LATIN.get(letter, letter) for letter in text).replace("_", "")
        if text and self.draw.random() < office.typo:
            text = self._mistype(text, CONFUSED if office.script == "latin" else NEAR_KEYS)
        return text.upper() if office.script == "latin" else " ".join(part.capitalize() for part in text.split())

    def _mistype(self, text: str, near: dict[str, str]) -> str:
        place, kind = self.draw.randrange(len(text)), self.draw.random()
        if kind < 0.3:
            return text[:place] + text[place + 1 :]
        if kind < 0.5:
            return text[:place] + text[place] + text[place:]
        if kind < 0.7 and place + 1 < len(text):
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        return text[:place] + near.get(text[place], text[place]) + text[place + 1 :]


def patronymic(person: Villager) -> str:
    """Return the father's name in the form of a language: a son's or a daughter's."""
    if person.language == "kk":
        return person.father + ("қызы" if person.is_woman else "ұлы")
    stem = person.father.rstrip("йь")
    soft = person.father[-1] in "йьеиё"
    return stem + ("евна" if soft else "овна") if person.is_woman else stem + ("евич" if soft else "ович")


def villages(records: int, seed: int = 11) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return so many records, and the truth about them."""
    made = Villages(seed)
    mean = sum(share * (number + 1) for number, share in enumerate(TIMES))
    made.settle(int(records / mean * 1.05) + 5)
    return made.write_records(records)


def main() -> None:
    """Write both tables as CSV files in a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, table in zip(("records", "truth"), villages(asked.records, asked.seed), strict=True):
        table.write_csv(asked.folder / f"{name}.csv")


if __name__ == "__main__":
    main()
