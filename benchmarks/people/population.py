"""Persons with their families, and what agencies wrote of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.people.ear import KAZAKH_ON_DIGITS, LOOK_ALIKE, WRONG_LAYOUT, mistyped, russified
from benchmarks.people.names import LANGUAGES, SHORT, family, patronymic, russian_patronymic, zipf
from benchmarks.people.spelling import (
    AGENCIES,
    CAPITALS,
    CYRILLIC,
    FIRST_BY_EAR,
    MACHINE,
    PASSPORTS,
    STYLE,
    STYLES,
    VARIANTS,
    scripts,
    spell_all,
)

Numbers = NDArray[np.int64]
Texts = NDArray[np.object_]
Flags = NDArray[np.bool_]

REGIONS = (
    "Abai", "Akmola", "Aktobe", "Almaty-city", "Almaty", "Astana", "Atyrau", "Jambyl", "Jetisu", "Karaganda",
    "Kostanay", "Kyzylorda", "Mangystau", "North", "Pavlodar", "Shymkent", "Turkistan", "Ulytau", "East", "West",
)  # fmt: skip
RECORDS_A_PERSON = (0.60, 0.22, 0.10, 0.05, 0.02, 0.01)
UNKNOWN = ("неизвестно", "не установлено", "белгісіз", "unknown", "нет", "-", "б/о", "xxx")
FIRST_YEAR, LAST_DAY = "1948-01-01", "2015-12-31"
# Family names have a longer tail than given names: the hundred first given names are those of most people.
GIVEN_POWER, FAMILY_POWER = 1.2, 0.85
SINGLE, SIBLING, TWIN, SPOUSE = "single", "sibling", "twin", "spouse"


@dataclass(frozen=True)
class Rates:
    """Shares of records unless said otherwise.

    They are measured (LINKAGE.md) or, where nothing is known, assumed.
    """

    no_patronymic: float = 0.45
    no_day: float = 0.28
    first_of_january: float = 0.25  # of dates without a day
    no_date: float = 0.01
    year_1900: float = 0.002
    year_off: float = 0.08
    day_and_month: float = 0.015  # changed over
    typo_family: float = 0.09
    typo_given: float = 0.07
    typo_patronymic: float = 0.07
    alias: float = 0.03
    short: float = 0.03  # Sasha for Alexander
    married: float = 0.07  # of women
    swapped: float = 0.03
    document: float = 0.15
    wrong_digit: float = 0.02  # of documents and telephones
    phone: float = 0.20
    shared_phone: float = 0.03  # of telephones: an employer's, a shelter's
    impostor: float = 0.003  # another person's document
    borrowed: float = 0.001  # another person's name, birth date and document
    initial: float = 0.02
    no_given: float = 0.015
    no_family: float = 0.02
    unknown: float = 0.003
    mixed_script: float = 0.01
    wrong_layout: float = 0.001
    digits: float = 0.004  # Kazakh letters typed on a Russian layout
    together: float = 0.015  # given name and patronymic in one field
    split: float = 0.01
    no_sex: float = 0.05
    wrong_sex: float = 0.007
    no_region: float = 0.1
    moved: float = 0.3
    siblings: float = 0.16  # of persons, and the two below
    twins: float = 0.02
    spouses: float = 0.08


@dataclass(frozen=True)
class Population:
    """Records as agencies hold them, and who they are of."""

    records: pl.DataFrame
    truth: pl.DataFrame

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Both tables as CSV files in a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        records, truth = folder / "records.csv", folder / "truth.csv"
        self.records.write_csv(records)
        self.truth.write_csv(truth)
        return records, truth


@dataclass
class _Persons:
    """One value for each person in each array; names are places in the lists of the language."""

    language: Numbers
    sex: Numbers
    given: Numbers
    stem: Numbers
    form: Numbers
    married_stem: Numbers  # -1: the person has not changed it
    father: Numbers
    national: Flags
    born: NDArray[np.datetime64]
    phone: Numbers
    document: Texts
    region: Numbers
    passport: Numbers
    kin: Numbers  # number of the family
    relation: Texts


def population(records: int, seed: int = 7, rates: Rates | None = None) -> Population:
    """So many records of a population, the same for the same seed."""
    rates, chance = rates or Rates(), np.random.default_rng(seed)
    mean = sum(share * (number + 1) for number, share in enumerate(RECORDS_A_PERSON))
    persons = _persons(int(records / mean * 1.02) + 5, chance, rates)
    size = len(persons.sex)
    times = chance.choice(np.arange(1, len(RECORDS_A_PERSON) + 1), size, p=RECORDS_A_PERSON)
    who = chance.permutation(np.repeat(np.arange(size), times))[:records]
    return _Desk(persons, who, chance, rates, seed).written()


def _pick(chance: np.random.Generator, shares: dict[str, float], size: int, numbers: dict[str, int]) -> Numbers:
    """Numbers of names drawn by their shares."""
    weights = np.array(list(shares.values()))
    return chance.choice([numbers[name] for name in shares], size, p=weights / weights.sum())


def _ranked(chance: np.random.Generator, size: int, names: int, power: float = GIVEN_POWER) -> Numbers:
    return chance.choice(names, size, p=zipf(names, power)).astype(np.int64)


def _relations(size: int, chance: np.random.Generator, rates: Rates) -> tuple[Numbers, Numbers, Texts]:
    """Return families: the number of each, the place of each person in theirs, and their relation."""
    alone = 1 - rates.siblings - rates.twins - rates.spouses
    sizes = {
        SINGLE: ((1,), alone),
        SIBLING: ((2, 2, 2, 3, 4), rates.siblings),
        TWIN: ((2,), rates.twins),
        SPOUSE: ((2,), rates.spouses),
    }
    heads: list[Numbers] = []
    names: list[Texts] = []
    for relation, (able, share) in sizes.items():
        chosen = chance.choice(able, int(size * share / np.mean(able)) + 1)
        heads.append(chosen)
        names.append(np.full(len(chosen), relation, dtype=object))
    lengths, relation = np.concatenate(heads), np.concatenate(names)
    order = chance.permutation(len(lengths))
    lengths, relation = lengths[order], relation[order]
    kin = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(kin)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return kin, place, np.repeat(relation, lengths)


def _persons(size: int, chance: np.random.Generator, rates: Rates) -> _Persons:
    kin, place, relation = _relations(size, chance, rates)
    size = len(kin)
    head = np.arange(size) - place  # the first of the family, from whom the others take what they share
    language = chance.choice(len(LANGUAGES), size, p=[spoken.share for spoken in LANGUAGES])[head]
    spouse = (relation == SPOUSE) & (place == 1)
    sex = (chance.random(size) < 0.6).astype(np.int64)
    twin = relation == TWIN
    sex = np.where(twin & (place == 1) & (chance.random(size) < 0.65), sex[head], sex)
    sex = np.where(spouse, 1 - sex[head], sex)
    given, stem, form, father, passport = (np.zeros(size, dtype=np.int64) for _ in range(5))
    married = np.full(size, -1)
    national = np.zeros(size, dtype=bool)
    for number, spoken in enumerate(LANGUAGES):
        rows = np.flatnonzero(language == number)
        stem[rows] = _ranked(chance, len(rows), len(spoken.families), FAMILY_POWER)
        form[rows] = chance.choice(len(spoken.forms), len(rows), p=list(spoken.forms.values()))
        father[rows] = _ranked(chance, len(rows), len(spoken.men))
        national[rows] = chance.random(len(rows)) < spoken.national
        passport[rows] = _pick(chance, PASSPORTS[spoken.code], len(rows), STYLE)
        married[rows] = _ranked(chance, len(rows), len(spoken.families), FAMILY_POWER)
        for which in (0, 1):
            same = rows[sex[rows] == which]
            given[same] = _ranked(chance, len(same), len(spoken.given(which)))
    married = np.where((sex == 1) & (relation != SPOUSE) & (chance.random(size) < rates.married), married, -1)
    _alike(given, language, sex, (relation != SINGLE) & (place > 0) & ~spouse, head, twin, chance)
    born = _births(size, chance)
    gap = chance.integers(1, 5, size) * 365 + chance.integers(0, 365, size)
    born = np.where((place > 0) & ~spouse, born[head] + np.where(twin, 0, gap * place).astype("timedelta64[D]"), born)
    phone = chance.integers(7_000_000_000, 7_790_000_000, size)
    phone = np.where(chance.random(size) < 0.6, phone[head], phone)
    pool = chance.integers(7_000_000_000, 7_790_000_000, max(size // 1500, 1))
    phone = np.where(chance.random(size) < rates.shared_phone, pool[chance.integers(0, len(pool), size)], phone)
    region = chance.integers(0, len(REGIONS), size)[head]
    return _Persons(language, sex, given, stem[head], form[head], married, np.where(spouse, father, father[head]),
                    national[head], born, phone, _documents(language, sex, born, chance), region, passport, kin,
                    relation)  # fmt: skip


def _alike(
    given: Numbers,
    language: Numbers,
    sex: Numbers,
    rows: Flags,
    head: Numbers,
    twin: Flags,
    chance: np.random.Generator,
) -> None:
    """Brothers and sisters never share a name.

    Twins mostly and siblings often have names that begin alike.
    """
    for row in np.flatnonzero(rows).tolist():
        names = LANGUAGES[language[row]].given(sex[row])
        taken = {given[other] for other in range(head[row], row) if sex[other] == sex[row]}
        first = LANGUAGES[language[row]].given(sex[head[row]])[given[head[row]]]
        if chance.random() < (0.6 if twin[row] else 0.25):
            near = [n for n in range(min(len(names), 150)) if n not in taken and names[n][:2] == first[:2]]
            given[row] = near[chance.integers(len(near))] if near else given[row]
        while given[row] in taken:
            given[row] = (given[row] + 1) % len(names)


def _births(size: int, chance: np.random.Generator) -> NDArray[np.datetime64]:
    """Days of birth, most of people of twenty to forty."""
    first, last = np.datetime64(FIRST_YEAR), np.datetime64(LAST_DAY)
    days = (last - first).astype(int)
    return first + (days * chance.beta(4.0, 2.4, size)).astype("timedelta64[D]")


def _documents(language: Numbers, sex: Numbers, born: NDArray[np.datetime64], chance: np.random.Generator) -> Texts:
    """Individual numbers of citizens, which tell the birth date and sex, and numbers of foreign passports."""
    size = len(sex)
    serial, foreign = chance.integers(0, 100_000, size), chance.random(size)
    here = {"kk": 0.95, "ru": 0.75, "uz": 0.25}
    codes = [spoken.code for spoken in LANGUAGES]
    citizen = foreign < np.array([here.get(code, 0.1) for code in codes])[language]
    days = np.datetime_as_string(born, unit="D").tolist()
    made = np.empty(size, dtype=object)
    letters = {"kk": "N", "uz": "AB", "ru": "75", "ky": "ID", "tg": "4", "tk": "A"}
    for row, (day, inside, who, number) in enumerate(
        zip(days, citizen.tolist(), language.tolist(), serial.tolist(), strict=True)
    ):
        if inside:
            century = 3 if day < "2000" else 5
            made[row] = f"{day[2:4]}{day[5:7]}{day[8:10]}{century + int(sex[row])}{number:05d}"
        else:
            made[row] = f"{letters[codes[who]]}{number * 97 % 10_000_019 + int(foreign[row] * 1e5) % 89:07d}"
    return made


class _Desk:
    """Writes the records: what each shows of whom, in which spelling, with which errors."""

    def __init__(self, persons: _Persons, who: Numbers, chance: np.random.Generator, rates: Rates, seed: int) -> None:
        self.persons, self.who, self.chance, self.rates = persons, who, chance, rates
        self.free = random.Random(seed)
        self.size = len(who)
        self.notes = np.full(self.size, "", dtype=object)
        self.agency = chance.choice(len(AGENCIES), self.size, p=[agency.share for agency in AGENCIES])
        borrowed = self.happens(rates.borrowed, "borrowed")
        # whose identity the record shows
        self.shown = np.where(borrowed, chance.integers(0, len(persons.sex), self.size), who)
        self.language, self.sex = persons.language[self.shown], persons.sex[self.shown]
        self.style = self._styles()
        self.form = self._forms()

    def happens(self, share: float | NDArray[np.float64], note: str = "") -> Flags:
        """Which records something happens to."""
        rows = self.chance.random(self.size) < share
        if note:
            self.notes[rows] = self.notes[rows] + (note + " ")
        return rows

    def of_agency(self, field: str) -> NDArray[np.float64]:
        """A figure of each record's agency."""
        return np.array([getattr(agency, field) for agency in AGENCIES])[self.agency]

    def _styles(self) -> Numbers:
        numbers = STYLE | {"passport": -1}
        style = np.zeros(self.size, dtype=np.int64)
        for place, agency in enumerate(AGENCIES):
            for number, language in enumerate(LANGUAGES):
                rows = np.flatnonzero((self.agency == place) & (self.language == number))
                style[rows] = _pick(self.chance, scripts(agency, language.code), len(rows), numbers)
        return np.where(style < 0, self.persons.passport[self.shown], style)

    def _forms(self) -> Numbers:
        draw, levels = self.chance.random(self.size), np.array([agency.capitals for agency in AGENCIES])[self.agency]
        return np.where(draw < levels[:, 1], MACHINE, np.where(draw < levels.sum(axis=1), CAPITALS, 0))

    def _variants(self) -> Numbers:
        heard = self.happens(self.of_agency("heard"))
        other = self.happens(0.2)
        early, late = (self.chance.integers(*able, self.size) for able in ((1, FIRST_BY_EAR), (FIRST_BY_EAR, VARIANTS)))
        return np.where(heard, late, np.where(other, early, 0))

    def _spelled(self, make: Callable[..., tuple[str, str]], *columns: Numbers) -> Texts:
        """Names of all records, of `make(language, sex, *columns)`, which is asked once for each that differs."""
        table = np.stack((self.language, self.sex, *columns), axis=1)
        widths = table.max(axis=0) + 1
        key = np.ravel_multi_index(tuple(table.T), tuple(widths))
        _, first, base = np.unique(key, return_index=True, return_inverse=True)
        made = [make(*row) for row in table[first].tolist()]
        return spell_all(
            [text for text, _ in made], [code for _, code in made], base, self.style, self._variants(), self.form
        )

    def written(self) -> Population:
        """Both tables."""
        given, last, middle = self._given(), self._family(), self._patronymic()
        last, given, middle = self._mistaken(last, given, middle)
        records = pl.DataFrame(
            {
                "id": [f"r{number:07d}" for number in range(1, self.size + 1)],
                "agency": np.array([agency.name for agency in AGENCIES], dtype=object)[self.agency].tolist(),
                "given_name": given.tolist(),
                "family_name": last.tolist(),
                "patronymic": middle.tolist(),
                "birth_date": self._dates(),
                "sex": self._sexes(),
                "document": self._papers(),
                "phone": self._phones(),
                "region": self._regions(),
            }
        )
        persons = self.persons
        truth = pl.DataFrame(
            {
                "id": records["id"],
                "person": self.who,
                "language": [LANGUAGES[n].code for n in persons.language[self.who]],
                "sex": ["F" if is_female else "M" for is_female in persons.sex[self.who]],
                "style": [STYLES[n] for n in self.style],
                "family": persons.kin[self.who],
                "relation": persons.relation[self.who].tolist(),
                "notes": [note.strip() for note in self.notes],
            }
        )
        return Population(records, truth)

    def _given(self) -> Texts:
        number = self.persons.given[self.shown]
        alias = self.happens(self.rates.alias, "alias")
        number = np.where(alias, self.chance.integers(0, 30, self.size), number)
        short = self.happens(self.rates.short).astype(np.int64)

        def make(language: int, sex: int, name: int, called: int) -> tuple[str, str]:
            spoken = LANGUAGES[language]
            text = spoken.given(sex)[name]
            if called and text in SHORT:
                return SHORT[text].lower(), "ru"
            return text.lower(), spoken.code

        return self._spelled(make, number, short)

    def _family(self) -> Texts:
        persons, shown = self.persons, self.shown
        changed = persons.married_stem[shown] >= 0
        changed &= self.chance.random(self.size) < 0.5
        self.notes[changed] = self.notes[changed] + "married "
        stem = np.where(changed, persons.married_stem[shown], persons.stem[shown])

        def make(language: int, sex: int, name: int, form: int) -> tuple[str, str]:
            spoken = LANGUAGES[language]
            return family(spoken.families[name], list(spoken.forms)[form], sex, spoken.code).lower(), spoken.code

        return self._spelled(make, stem, persons.form[shown])

    def _patronymic(self) -> Texts:
        persons, shown = self.persons, self.shown
        own = np.isin(self.style, [STYLE[name] for name in STYLES if name != "ru"])
        # a Russian-speaking clerk often turns the national form into a Russian form
        national = persons.national[shown] & (own | (self.chance.random(self.size) < 0.4))

        def make(language: int, sex: int, name: int, kept: int) -> tuple[str, str]:
            spoken = LANGUAGES[language]
            father = spoken.men[name]
            if kept:
                return patronymic(father, sex, spoken.code).lower(), spoken.code
            plain = father if spoken.code == "ru" else russified(father.lower(), spoken.code)
            return russian_patronymic(plain, sex).lower(), "ru"

        return self._spelled(make, persons.father[shown], national.astype(np.int64))

    def _mistaken(self, last: Texts, given: Texts, middle: Texts) -> tuple[Texts, Texts, Texts]:
        """Apply the errors of clerks to the three fields, in the order in which they happen."""
        rates = self.rates
        for names, share in ((last, rates.typo_family), (given, rates.typo_given), (middle, rates.typo_patronymic)):
            self._each(names, self.happens(share), self._mistype)
            self._each(names, self.happens(rates.split), self._split)
            self._each(names, self.happens(rates.mixed_script), lambda name, _: self._some_letters(name))
            self._each(names, self.happens(rates.digits), lambda name, _: name.translate(KAZAKH_ON_DIGITS))
            self._each(names, self.happens(rates.wrong_layout), lambda name, _: name.lower().translate(WRONG_LAYOUT))
        gone = self.happens(np.minimum(rates.no_patronymic * self.of_agency("patronymic") * 0.99, 0.95))
        middle[gone] = ""
        together = self.happens(rates.together)
        given[together] = np.array(
            [f"{a} {b}".strip() for a, b in zip(given[together], middle[together], strict=True)], dtype=object
        )
        middle[together] = ""
        self._each(given, self.happens(rates.initial), lambda name, _: name[:1] + ".")
        self._each(middle, self.happens(rates.initial), lambda name, _: name[:1] + "." if name else "")
        last[self.happens(rates.no_family)] = ""
        given[self.happens(rates.no_given)] = ""
        self._each(given, self.happens(rates.unknown), lambda *_: self.free.choice(UNKNOWN))
        self._each(last, self.happens(rates.unknown), lambda *_: self.free.choice(UNKNOWN))
        swapped = self.happens(rates.swapped, "swapped")
        return np.where(swapped, given, last), np.where(swapped, last, given), middle

    def _each(self, names: Texts, rows: Flags, change: Callable[[str, int], str]) -> None:
        for row in np.flatnonzero(rows).tolist():
            names[row] = change(names[row], row)

    def _mistype(self, name: str, row: int) -> str:
        style = STYLES[self.style[row]]
        keyboard = "latin" if style not in CYRILLIC else "kk" if style == "own" and self.language[row] == 0 else "ru"
        return mistyped(name, keyboard, self.free)

    def _split(self, name: str, _: int) -> str:
        if len(name) < 7 or " " in name:
            return name
        place = self.free.randrange(3, len(name) - 3)
        return name[:place] + self.free.choice(" -") + name[place:]

    def _some_letters(self, name: str) -> str:
        """Some Cyrillic letters replaced by Latin ones that look the same."""
        return "".join(c.translate(LOOK_ALIKE) if self.free.random() < 0.5 else c for c in name)

    def _dates(self) -> pl.Series:
        rates, born = self.rates, self.persons.born[self.shown]
        text = pl.Series(np.datetime_as_string(born, unit="D").astype(object).tolist(), dtype=pl.String)
        parts = pl.DataFrame(
            {"year": text.str.slice(0, 4).cast(pl.Int64), "month": text.str.slice(5, 2), "day": text.str.slice(8, 2)}
        )
        off = np.where(self.happens(rates.year_off), self.chance.choice((-2, -1, -1, 1, 1, 2), self.size), 0)
        flags = {
            "no_day": self.happens(np.minimum(rates.no_day * self.of_agency("day") * 0.97, 0.95)),
            "january": self.happens(rates.first_of_january),
            "over": self.happens(rates.day_and_month),
            "none": self.happens(rates.no_date),
            "old": self.happens(rates.year_1900),
        }
        parts = parts.with_columns(pl.Series("off", off), *(pl.Series(name, rows) for name, rows in flags.items()))
        year, month, day = pl.col("year") + pl.col("off"), pl.col("month"), pl.col("day")
        leap = (month == "02") & (day == "29") & (pl.col("off") != 0)
        day = pl.when(leap).then(pl.lit("28")).otherwise(day)
        over = pl.col("over") & (day.cast(pl.Int64) <= 12)
        only = pl.when("january").then(pl.format("{}-01-01", year)).otherwise(year.cast(pl.String))
        full = (
            pl.when(over)
            .then(pl.format("{}-{}-{}", year, day, month))
            .otherwise(pl.format("{}-{}-{}", year, month, day))
        )
        date = (
            pl.when("none")
            .then(pl.lit(""))
            .when("old")
            .then(pl.lit("1900-01-01"))
            .when("no_day")
            .then(only)
            .otherwise(full)
        )
        return parts.select(date.alias("birth_date")).to_series()

    def _sexes(self) -> list[str]:
        sex = self.persons.sex[self.who] ^ self.happens(self.rates.wrong_sex)
        return np.where(self.happens(self.rates.no_sex), "", np.where(sex == 1, "F", "M")).tolist()

    def _papers(self) -> list[str]:
        impostor = self.happens(self.rates.impostor, "impostor")
        other = np.where(impostor, self.chance.integers(0, len(self.persons.sex), self.size), self.shown)
        papers = self.persons.document[other]
        seen = self.happens(self.rates.document * self.of_agency("document")) | impostor
        return np.where(seen, self._miscopied(papers), "").tolist()

    def _phones(self) -> list[str]:
        digits = self.persons.phone[self.who].astype(str).astype(object)
        ways = ("+7{0}", "8{0}", "7{0}", "+7 ({0:.3}) {1}-{2}-{3}")
        chosen = self.chance.integers(0, len(ways), self.size)
        digits = self._miscopied(digits)
        given = self.happens(self.rates.phone)
        return [
            ways[way].format(d, d[3:6], d[6:8], d[8:]) if ok else ""
            for d, way, ok in zip(digits.tolist(), chosen.tolist(), given.tolist(), strict=True)
        ]

    def _miscopied(self, numbers: Texts) -> Texts:
        numbers = numbers.copy()
        self._each(numbers, self.happens(self.rates.wrong_digit), lambda number, _: self._miscopy(number))
        return numbers

    def _miscopy(self, number: str) -> str:
        place = self.free.randrange(3, len(number))
        return number[:place] + str(self.free.randrange(10)) + number[place + 1 :]

    def _regions(self) -> list[str]:
        moved = self.happens(self.rates.moved)
        region = np.where(moved, self.chance.integers(0, len(REGIONS), self.size), self.persons.region[self.who])
        return np.where(self.happens(self.rates.no_region), "", np.array(REGIONS, dtype=object)[region]).tolist()
