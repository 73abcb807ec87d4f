"""Derives the comparison columns from the attributes of a person.

Files, registers and tokens share these functions. They fold names, drop patronymic and gender endings, and drop spaces
and hyphens of numbers. Dates of birth are in `birth_dates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from kerege.linkage.names import diminutives, fold, parts, skeleton_folded, stem_folded
from kerege.linkage.names.folding import fold_word, split_words, stem_and_kind
from kerege.linkage.names.romanisation import common_names
from kerege.linkage.names.rule_tables import PARTICLES
from kerege.linkage.names.rule_tables import rows as table

# placeholders for an unknown name
NO_NAME = (
    "неизвестно",
    "неизвестна",
    "неизвестен",
    "неизвестный",
    "не известно",
    "не установлено",
    "не установлена",
    "не указано",
    "нет данных",
    "б/о",
    "н/д",
    "нет",
    "белгісіз",
    "анықталмаған",
    "жоқ",
    "номаълум",
    "noma'lum",
    "белгисиз",
    "unknown",
    "not known",
    "none",
    "n/a",
    "na",
    "null",
    "nil",
    "anonymous",
    "test",
    "аноним",
    "xxx",
)
# words before a family name at birth
MAIDEN = ("дев", "девичья фамилия", "урожд", "урождённая", "née", "born", "қыз тегі")
# family names of most Koreans of Central Asia: the lists by language lack them, because their given names are Russian
KOREAN = ("Ким", "Пак", "Цой", "Ли", "Тен", "Хан", "Югай", "Шин", "Хван", "Нам", "Кан", "Лим")
# spellings of the Arabic article
ARTICLES = ("al", "el")
# letters of a key that blocking uses, so that a typing error at the end does no harm
START = 2
# signs and digits that a document number has at least: 'none' and 'passport lost' are not numbers
SHORTEST_NUMBER = 4
FEWEST_DIGITS = 3

# folds of Ж, Ч, Ш and Ц, which count as initials; Я folds as Ия
_ONE_LETTER = frozenset({"zh", "ch", "sh", "ts"})
# vowels, and last consonants, that vary between languages within one given name
_HEARD = str.maketrans("oe", "ai")
_HEARD_LAST = str.maketrans("oedb", "aitp")
# document type and issuing country, before the name in a machine-readable zone
_DOCUMENT = re.compile(r"^[A-Z]<[A-Z]{3}(?=[A-Z])")
# Ҳасан and Ҳусан, typical names of twins, have the same consonants and differ in the first vowel only
_HASAN = "ksn"
_HUSAN = re.compile(".u|hsi")
# cache size: names repeat among persons and among the candidates of a register
_CACHED = 1 << 16

COLUMNS = (
    "given", "given_initial", "given_key", "given_forms", "given_known", "family", "family_forms", "family_father",
    "family_known", "family_key", "patronymic", "patronymic_known", "patronymic_key", "name_key", "name_start",
    "birth_date", "birth_year", "birth_day", "birth_turned", "sex", "documents", "document", "contacts", "street",
    "house", "place", "postcode",
)  # fmt: skip

Row = dict[str, object]

_SEX = {
    **dict.fromkeys(
        ("f", "female", "woman", "girl", "ж", "жен", "женский", "женщина", "әйел", "әйелі", "қыз", "2"), "f"
    ),
    **dict.fromkeys(("m", "male", "man", "boy", "м", "муж", "мужской", "мужчина", "ер", "ер адам", "еркек", "1"), "m"),
}


def name_columns(given: str, middle: str, family: str) -> Row:
    """Return the columns of a name; placeholders and initials count as missing."""
    if not middle.strip():
        given, middle, family = with_father(given, family)
    row = {**given_columns(given), **family_columns(family), **patronymic_columns(middle)}
    return {
        **row,
        "name_key": name_key(row["given_key"], row["family_key"]),
        "name_start": name_key(_start(row["given_key"]), _start(row["family_key"])),
    }


def with_father(given: str, family: str) -> tuple[str, str, str]:
    """Return given name, patronymic and family name where the patronymic follows one of the others."""
    rest, father = _split_patronymic(given)
    if father:
        return rest, father, family
    rest, father = _split_patronymic(family)
    return given, father, rest


@lru_cache(maxsize=_CACHED)
def _split_patronymic(text: str) -> tuple[str, str]:
    """Split a patronymic off the end of a name; '' where there is none."""
    first, *rest = split_words(text) or [""]
    patronymics = [word for word in rest if stem_and_kind(fold_word(word))[1] == "patronymic"]
    if not patronymics:
        return text, ""
    return " ".join([first, *(word for word in rest if word not in patronymics)]), patronymics[-1]


def full_columns(text: str) -> Row:
    """Return the columns of a whole name in one text; undecidable parts follow the alphabet.

    In a machine-readable zone (ICAO 9303) `<<` separates the family name from the others.
    """
    if "<<" in text:
        family, _, given = _DOCUMENT.sub("", text).partition("<<")
        return name_columns(given, "", family)
    name = parts(text)
    given, family = name.given, name.family
    if not given and not family and len(name.unordered) > 1:
        given_names = [word for word in name.unordered if known_given(word)] or list(name.unordered[1:])
        given, family = given_names[0], " ".join(word for word in name.unordered if word != given_names[0])
    return {
        **_derive_given_row(given or " ".join(name.unordered)),
        **_derive_family_row(family),
        **_derive_patronymic_row(name.patronymic),
    }


@lru_cache(maxsize=_CACHED)
def given_columns(text: str) -> Row:
    """Return the columns of a given name: fold, consonants, full forms, known spelling."""
    return _derive_given_row(fold(text))


@lru_cache(maxsize=_CACHED)
def family_columns(text: str) -> Row:
    """Return the columns of a family name, equal for women and men."""
    return _derive_family_row(fold(text))


@lru_cache(maxsize=_CACHED)
def patronymic_columns(text: str) -> Row:
    """Return the columns of a patronymic, equal for sons and daughters."""
    return _derive_patronymic_row(fold(text))


@lru_cache(maxsize=1)
def _map_known_given_names() -> dict[str, str]:
    """Return the folds of known given names with the canonical spelling of their class."""
    names = {known.name for known in common_names() if known.kind == "given"}
    names |= {row["name"] for row in table("given.csv")} | {row["diminutive"] for row in table("diminutives.csv")}
    names |= {name for row in table("variants.csv") for name in row.values()}
    kept_apart = {name: name for name in (fold(row["name"]) for row in table("two_names.csv"))}
    return {name: _find_canonical(name) for name in map(fold, names)} | kept_apart


@lru_cache(maxsize=1)
def _list_known_families() -> frozenset[str]:
    """Return the stems of common family names."""
    listed = [known.name for known in common_names() if known.kind == "surname"]
    return frozenset(stem_folded(fold(name)) for name in [*listed, *KOREAN])


def _find_canonical(folded: str) -> str:
    """Return a folded given name and the full names that it can represent, in every known spelling.

    Гулнора and Гульнара, Темур and Тимур, Мурод and Мурат become equal; Хасан and Хусан stay different.
    """
    return folded.translate(_HEARD)[:-1] + folded[-1:].translate(_HEARD_LAST)


def known_given(folded: str) -> str | None:
    """Return the canonical spelling of a known given name, equal for all languages; None for others."""
    return _map_known_given_names().get(folded)


@lru_cache(maxsize=1)
def _list_spellings() -> dict[str, list[str]]:
    """Return the known given names of each class."""
    by_class: dict[str, list[str]] = {}
    for name, class_name in _map_known_given_names().items():
        by_class.setdefault(class_name, []).append(name)
    return by_class


def _list_given_forms(given: str) -> list[str]:
    """Return a folded given name and the full names that it can represent, in every known spelling."""
    full_names = sorted(name for spelling in _list_spellings_of(given) for name in diminutives(spelling))
    spellings = (name for spelling in full_names for name in _list_spellings_of(spelling))
    return list(dict.fromkeys([given, str(_join_words(given)), *full_names, *spellings]))


def _join_words(folded: str | None) -> str | None:
    """Return a folded name without spaces: Ana Lyn is Analyn, Abd al-Rahman is Abdulrahman."""
    return fold_word("".join(folded.split())) if folded and " " in folded else folded


def _list_spellings_of(given: str) -> list[str]:
    return _list_spellings().get(known_given(given) or "", [given])


def _derive_given_row(folded: str) -> Row:
    given = _keep_real_name(folded)
    forms = _list_given_forms(given) if given else None
    initials = folded.split()[:1] if _has_only_initials(folded) and folded not in _list_placeholders() else []
    return {
        "given": given,
        "given_initial": _find_initial(forms or initials),
        "given_key": _derive_key(_join_words(given)),
        "given_forms": forms,
        "given_known": known_given(given) if given else None,
    }


def _derive_family_row(folded: str) -> Row:
    family = _keep_real_name(folded)
    if family:
        unused = _list_maiden_words() | PARTICLES
        family = _keep_real_name(" ".join(word for word in family.split() if word not in unused)) or family
    stem = stem_folded(family) if family else None
    # another record can hold only one of two names (double names, names before and after marriage)
    forms = [word for word in stem.split() if len(word) > 1] if stem else []
    father = stem if len(forms) == 1 and family and stem_and_kind(family)[1] == "patronymic" else None
    return {
        "family": stem,
        "family_forms": list(dict.fromkeys([*forms, *_join_particles(folded)])) if forms else None,
        "family_father": father,
        "family_known": stem if stem in _list_known_families() else None,
        "family_key": _derive_key(family),
    }


def _join_particles(folded: str) -> list[str]:
    """Return a family name with a particle as one word: de Guzman is Deguzman."""
    first, *rest = folded.split() or [""]
    if first not in PARTICLES or not rest:
        return []
    starts = ARTICLES if first in ARTICLES else (first,)
    return [stem_folded(fold_word("".join([start, *rest]))) for start in starts]


def _derive_patronymic_row(folded: str) -> Row:
    patronymic = _keep_real_name(folded)
    stem = stem_folded(patronymic) if patronymic else None
    return {
        "patronymic": stem,
        "patronymic_known": known_given(stem) if stem else None,
        "patronymic_key": _derive_key(patronymic),
    }


def name_key(given: object, family: object) -> str | None:
    """Return both consonant keys in alphabetical order, so that swapped names agree."""
    keys = sorted(key for key in (given, family) if isinstance(key, str))
    return " ".join(keys) if len(keys) == 2 else None


def sex(text: str) -> str | None:
    """Return 'f' or 'm', None for any other text."""
    return _SEX.get(text.strip().lower())


def number(text: str) -> str | None:
    """Return a document number without spaces, hyphens and case.

    None if it is too short, has too few digits or repeats one sign.
    """
    plain = signs(text)
    digits = sum(ch.isdigit() for ch in plain)
    return plain if len(plain) >= SHORTEST_NUMBER and digits >= FEWEST_DIGITS and len(set(plain)) > 1 else None


def contact(text: str) -> str | None:
    """Return the last ten digits of a telephone number, or an e-mail address in lower case."""
    if "@" in text:
        return text.strip().lower()
    digits = "".join(ch for ch in text if ch.isdigit())
    return digits[-10:] if len(digits) >= 6 and len(set(digits)) > 1 else None


def distinct_values(texts: Sequence[str], parse: Callable[[str], str | None]) -> list[str] | None:
    """Return the distinct valid values of several texts; None if there is none."""
    values = list(dict.fromkeys(value for text in texts if (value := parse(text))))
    return values or None


def document_columns(texts: Sequence[str]) -> Row:
    """Return the columns of document numbers."""
    numbers = distinct_values(texts, number)
    return {"documents": numbers, "document": numbers[0] if numbers else None}


def street_columns(text: str) -> Row:
    """Return the folded street, and the house number if it follows the street."""
    house_match = re.search(r"(?:^|[\s,])(\d+\s*[a-zа-я]?)\s*$", text.lower())
    street, number = (text[: house_match.start()], house_match.group(1)) if house_match else (text, "")
    return {"street": fold(street) or None, "house": house(number)}


def house(text: str) -> str | None:
    """Return a house number without spaces."""
    return "".join(text.lower().split()) or None


def place(text: str) -> str | None:
    """Return the fold of a town or village."""
    return fold(text) or None


def postcode(text: str) -> str | None:
    """Return a postcode without spaces, hyphens and case."""
    return signs(text) or None


def signs(text: str) -> str:
    """Return the letters and digits of a text, in upper case."""
    return "".join(ch for ch in text if ch.isalnum()).upper()


def _keep_real_name(text: str | None) -> str | None:
    """Return a name, None for initials and placeholders."""
    return text if text and not _has_only_initials(text) and text not in _list_placeholders() else None


def _has_only_initials(folded: str) -> bool:
    return all(len(word) == 1 or word in _ONE_LETTER for word in folded.split())


def _find_initial(names: Sequence[str]) -> str | None:
    """Return the first sound of a name, as coarse as the skeleton; None if its forms begin differently."""
    # an initial S. can be Шухрат in a passport, so both sounds count as one
    initials = {skeleton_folded(skeleton_folded(name)[:1]).replace("c", "s") for name in names}
    return (initials.pop() or None) if len(initials) == 1 else None


@lru_cache(maxsize=1)
def _list_placeholders() -> frozenset[str]:
    return frozenset(map(fold, NO_NAME))


@lru_cache(maxsize=1)
def _list_maiden_words() -> frozenset[str]:
    return frozenset(word for text in MAIDEN for word in fold(text).split())


def _start(key: object) -> str | None:
    return key[:START] if isinstance(key, str) else None


def _derive_key(folded: str | None) -> str | None:
    """Return the skeleton of a name; the fold itself if the skeleton has fewer than two letters."""
    if not folded:
        return None
    key = skeleton_folded(folded)
    if key == _HASAN and _HUSAN.match(folded):
        return key + "u"
    return key if len(key) >= 2 else folded
