"""From what a person was told to be, to the columns that the model compares.

One derivation for files, registers and tokens: names are folded, endings that say only whose child or which sex are
dropped, numbers lose their spaces and hyphens. Dates of birth are in `dates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from kerege.linkage.names import diminutives, fold, parts, skeleton_folded, stem_folded
from kerege.linkage.names.folding import fold_word, stem_and_kind, words
from kerege.linkage.names.romanisation import common_names
from kerege.linkage.names.rule_tables import rows as table

# what forms hold in the place of a name
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
# what stands before the family name of her birth
MAIDEN = ("дев", "девичья фамилия", "урожд", "урождённая", "née", "born", "қыз тегі")
# the family names of most Koreans of Central Asia, whose given names are Russian: no list of names by language has them
KOREAN = ("Ким", "Пак", "Цой", "Ли", "Тен", "Хан", "Югай", "Шин", "Хван", "Нам", "Кан", "Лим")
# so many letters of a key begin it: what blocking looks at where a typing error stands at the end
START = 2
SHORTEST_NUMBER = 4
# 'none', 'passport lost' are no numbers
FEWEST_DIGITS = 3

# what Ж, Ч, Ш and Ц fold to; Я folds as Ия
_ONE_LETTER = frozenset({"zh", "ch", "sh", "ts"})
# two vowels, and the last consonant, that one given name changes from language to language
_HEARD = str.maketrans("oe", "ai")
_HEARD_LAST = str.maketrans("oedb", "aitp")
# the kind of a document and the country that issued it, before a name in a machine-readable zone
_DOCUMENT = re.compile(r"^[A-Z]<[A-Z]{3}(?=[A-Z])")
# the consonants of Ҳасан and Ҳусан, the names of twins: the first vowel is all that tells them apart
_HASAN = "ksn"
_HUSAN = re.compile(".u|hsi")
# names come again: of persons one with another, and of all those with whom a register compares somebody
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
    """The columns of a name; what cannot be read, or is one letter, is not known."""
    if not middle.strip():
        given, middle, family = with_father(given, family)
    row = {**given_columns(given), **family_columns(family), **patronymic_columns(middle)}
    return {
        **row,
        "name_key": name_key(row["given_key"], row["family_key"]),
        "name_start": name_key(_start(row["given_key"]), _start(row["family_key"])),
    }


def with_father(given: str, family: str) -> tuple[str, str, str]:
    """Given, father's and family name, where a registrar wrote the father's behind one of the others."""
    rest, father = _without_father(given)
    if father:
        return rest, father, family
    rest, father = _without_father(family)
    return given, father, rest


@lru_cache(maxsize=_CACHED)
def _without_father(text: str) -> tuple[str, str]:
    """A name, and the father's behind it; as it was written where there is none."""
    first, *others = words(text) or [""]
    found = [word for word in others if stem_and_kind(fold_word(word))[1] == "patronymic"]
    if not found:
        return text, ""
    return " ".join([first, *(word for word in others if word not in found)]), found[-1]


def full_columns(text: str) -> Row:
    """The columns of a whole name in one text; what nobody can tell apart goes by the alphabet.

    In a machine-readable zone (ICAO 9303) `<<` stands between the family name and the others.
    """
    if "<<" in text:
        family, _, given = _DOCUMENT.sub("", text).partition("<<")
        return name_columns(given, "", family)
    told = parts(text)
    given, family = told.given, told.family
    if not given and not family and len(told.unordered) > 1:
        known = [word for word in told.unordered if known_given(word)] or list(told.unordered[1:])
        given, family = known[0], " ".join(word for word in told.unordered if word != known[0])
    return {**_given_row(given or " ".join(told.unordered)), **_family_row(family), **_patronymic_row(told.patronymic)}


@lru_cache(maxsize=_CACHED)
def given_columns(text: str) -> Row:
    """The columns of a given name: fold, consonants, what it may stand for, which known name it is."""
    return _given_row(fold(text))


@lru_cache(maxsize=_CACHED)
def family_columns(text: str) -> Row:
    """The columns of a family name, the same for women and men."""
    return _family_row(fold(text))


@lru_cache(maxsize=_CACHED)
def patronymic_columns(text: str) -> Row:
    """The columns of a father's name, the same for sons and daughters."""
    return _patronymic_row(fold(text))


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Each known given name, folded, with the one spelling of its class."""
    names = {known.name for known in common_names() if known.kind == "given"}
    names |= {row["name"] for row in table("given.csv")} | {row["diminutive"] for row in table("diminutives.csv")}
    names |= {name for row in table("variants.csv") for name in row.values()}
    alone = {name: name for name in (fold(row["name"]) for row in table("two_names.csv"))}
    return {name: _sounds(name) for name in map(fold, names)} | alone


@lru_cache(maxsize=1)
def _known_families() -> frozenset[str]:
    """The stems of the family names of which everybody knows several bearers."""
    listed = [known.name for known in common_names() if known.kind == "surname"]
    return frozenset(stem_folded(fold(name)) for name in [*listed, *KOREAN])


def _sounds(folded: str) -> str:
    """A folded given name without what languages hear differently: Гулнора and Гульнара, Темур and Тимур, Мурод and
    Мурат are one name. What remains differs (Хасан, Хусан) is."""
    return folded.translate(_HEARD)[:-1] + folded[-1:].translate(_HEARD_LAST)


def known_given(folded: str) -> str | None:
    """The one spelling of a known given name, the same for all languages; None for a name that is not known."""
    return _known().get(folded)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, list[str]]:
    """For each class the known given names in it."""
    found: dict[str, list[str]] = {}
    for name, one in _known().items():
        found.setdefault(one, []).append(name)
    return found


def _forms(given: str) -> list[str]:
    """A folded given name and those for which it may stand, in every known spelling; the nearest first."""
    full = sorted(name for one in _alike(given) for name in diminutives(one))
    return list(dict.fromkeys([given, *full, *(name for one in full for name in _alike(one))]))


def _alike(given: str) -> list[str]:
    return _spellings().get(known_given(given) or "", [given])


def _given_row(folded: str) -> Row:
    found = _longer(folded)
    forms = _forms(found) if found else None
    initials = folded.split()[:1] if _only_initials(folded) and folded not in _no_names() else []
    return {
        "given": found,
        "given_initial": _initial(forms or initials),
        "given_key": _key(found),
        "given_forms": forms,
        "given_known": known_given(found) if found else None,
    }


def _family_row(folded: str) -> Row:
    found = _longer(folded)
    if found:
        found = _longer(" ".join(word for word in found.split() if word not in _maiden())) or found
    stem = stem_folded(found) if found else None
    # of two names, joined or before and after marriage, another record may have one
    forms = [word for word in stem.split() if len(word) > 1] if stem else []
    father = stem if len(forms) == 1 and found and stem_and_kind(found)[1] == "patronymic" else None
    return {
        "family": stem,
        "family_forms": forms or None,
        "family_father": father,
        "family_known": stem if stem in _known_families() else None,
        "family_key": _key(found),
    }


def _patronymic_row(folded: str) -> Row:
    found = _longer(folded)
    stem = stem_folded(found) if found else None
    return {
        "patronymic": stem,
        "patronymic_known": known_given(stem) if stem else None,
        "patronymic_key": _key(found),
    }


def name_key(given: object, family: object) -> str | None:
    """Both consonant keys in the order of the alphabet: names that changed places agree."""
    both = sorted(key for key in (given, family) if isinstance(key, str))
    return " ".join(both) if len(both) == 2 else None


def sex(text: str) -> str | None:
    """'f' or 'm', or None for everything else."""
    return _SEX.get(text.strip().lower())


def number(text: str) -> str | None:
    """A document number without spaces, hyphens and case; None for what is too short, a word or one sign repeated."""
    plain = signs(text)
    digits = sum(ch.isdigit() for ch in plain)
    return plain if len(plain) >= SHORTEST_NUMBER and digits >= FEWEST_DIGITS and len(set(plain)) > 1 else None


def contact(text: str) -> str | None:
    """A telephone by its last ten digits, an e-mail in lower case."""
    if "@" in text:
        return text.strip().lower()
    digits = "".join(ch for ch in text if ch.isdigit())
    return digits[-10:] if len(digits) >= 6 and len(set(digits)) > 1 else None


def several(texts: Sequence[str], way: Callable[[str], str | None]) -> list[str] | None:
    """The different readable ones of several texts; None if there is none."""
    found = list(dict.fromkeys(value for text in texts if (value := way(text))))
    return found or None


def documents_columns(texts: Sequence[str]) -> Row:
    """The columns of document numbers."""
    found = several(texts, number)
    return {"documents": found, "document": found[0] if found else None}


def street_columns(text: str) -> Row:
    """The street, folded like a name, and the number of the house where it stands behind the street."""
    found = re.search(r"(?:^|[\s,])(\d+\s*[a-zа-я]?)\s*$", text.lower())
    street, number = (text[: found.start()], found.group(1)) if found else (text, "")
    return {"street": fold(street) or None, "house": house(number)}


def house(text: str) -> str | None:
    """The number of a house, without spaces."""
    return "".join(text.lower().split()) or None


def place(text: str) -> str | None:
    """A town or village, folded like a name."""
    return fold(text) or None


def postcode(text: str) -> str | None:
    """A postcode, without spaces and case."""
    return signs(text) or None


def signs(text: str) -> str:
    """Letters and digits without spaces, hyphens and case."""
    return "".join(ch for ch in text if ch.isalnum()).upper()


def _longer(text: str | None) -> str | None:
    """A name, unless it is initials or stands for none."""
    return text if text and not _only_initials(text) and text not in _no_names() else None


def _only_initials(folded: str) -> bool:
    return all(len(word) == 1 or word in _ONE_LETTER for word in folded.split())


def _initial(names: Sequence[str]) -> str | None:
    """The first sound of a name, as loosely as its consonants; None where she may also have been called otherwise."""
    # of a letter alone the last sound is the first, and S. is Шухрат in a passport
    found = {skeleton_folded(skeleton_folded(name)[:1]).replace("c", "s") for name in names}
    return (found.pop() or None) if len(found) == 1 else None


@lru_cache(maxsize=1)
def _no_names() -> frozenset[str]:
    return frozenset(map(fold, NO_NAME))


@lru_cache(maxsize=1)
def _maiden() -> frozenset[str]:
    return frozenset(word for text in MAIDEN for word in fold(text).split())


def _start(key: object) -> str | None:
    return key[:START] if isinstance(key, str) else None


def _key(folded: str | None) -> str | None:
    """The consonants of a name; a name of hardly any is its own key."""
    if not folded:
        return None
    key = skeleton_folded(folded)
    if key == _HASAN and _HUSAN.match(folded):
        return key + "u"
    return key if len(key) >= 2 else folded
