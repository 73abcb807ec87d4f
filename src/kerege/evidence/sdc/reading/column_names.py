"""Names of columns and of sexes in English, Russian and Kazakh, and the code lists of columns."""

from __future__ import annotations

import re
from functools import cache

from kerege.evidence.sdc.reading.bands import parse_band
from kerege.evidence.sdc.reading.periods import parse_period
from kerege.vocabulary import codes
from kerege.vocabulary import snapshot_columns as standard

COUNTS = (
    *("count", "n", "value", "obs_value", "number", "persons", "people", "количество", "число", "человек", "чел."),
    *("nombre", "effectif", "anzahl", "número", "liczba", "aantal"),
    *("саны", "адам", "counts", "obs value", "численность", "адам саны", "жағдай саны"),
)
# words that name the unit of a figure inside a longer header, such as "Number of victims" or "Количество, человек"
COUNT_WORDS = re.compile(
    r"\b(count|number|no\.|persons|people|victims|cases|personnes|victimes|personen|opfer|количество|число|человек|чел|лиц|численность|саны|адам)\b",
    re.I,
)
CONCEPTS = {
    "sex": ("sex", "gender", "пол", "жынысы", "жыныс", "sexe", "geschlecht", "sexo", "płeć", "geslacht"),
    "age": (
        "age",
        "age group",
        "age_group",
        "age band",
        "age_band",
        "age class",
        "возраст",
        "возрастная группа",
        "возрастные группы",
        "жас",
        "жасы",
        "жас тобы",
        "жас топтары",
        *("âge", "tranche d'âge", "groupe d'âge", "classe d'âge", "alter", "altersgruppe", "altersgruppen", "edad"),
        *("wiek", "leeftijd", "age range"),
    ),
    "year": (
        *("year", "time", "time_period", "period", "год", "годы", "период", "жыл", "жылы", "жылдар"),
        *("année", "annee", "jahr", "año", "rok", "jaar"),
    ),
    "quarter": ("quarter", "квартал", "тоқсан"),
    "month": ("month", "месяц", "ай"),
    "region": (
        *("region", "regions", "geo", "area", "area name", "province", "oblast", "oblys"),
        *("région", "bundesland", "bundesländer", "département", "województwo", "departement"),
        *("регион", "регионы", "область", "области", "өңір", "өңірлер", "облыс", "облыстар", "аймақ", "аймақтар"),
    ),
    "citizenship": (
        *("citizenship", "nationality", "citizen", "country of citizenship", "citizenships", "nationalities"),
        *("nationalité", "staatsangehörigkeit", "nacionalidad", "obywatelstwo", "nationaliteit"),
        *("гражданство", "страна гражданства", "азаматтығы", "азаматтық", "азаматтық елі"),
    ),
}
SEXES = {
    "female": (
        "female",
        "females",
        "women",
        "woman",
        "f",
        "girls",
        "женский",
        "женщины",
        "жен.",
        "ж",
        "женский пол",
        "женщин",
        "девочки",
        "әйел",
        "әйелдер",
        "қыздар",
        *("femme", "femmes", "féminin", "filles", "weiblich", "frauen", "mädchen", "mujer", "mujeres", "kobiety"),
        *("vrouw", "vrouwen"),
    ),
    "male": (
        "male",
        "males",
        "men",
        "man",
        "m",
        "boys",
        "мужской",
        "мужчины",
        "муж.",
        "м",
        "мужской пол",
        "мужчин",
        "мальчики",
        "ер",
        "ерлер",
        "еркек",
        "ер адамдар",
        "ұлдар",
        *("homme", "hommes", "masculin", "garçons", "männlich", "männer", "jungen", "hombre", "hombres", "varones"),
        *("mężczyźni", "mannen"),
    ),
}
ANSWERS = {
    "yes": ("yes", "y", "true", "1", "да", "д", "иә", "ия"),
    "no": ("no", "n", "false", "0", "нет", "н", "жоқ"),
}
SHORTEST_NUMBER = 2  # signs of a number or letter behind a name
OLDEST = 130  # years of age
NOTE_MARK = re.compile(r"(\s*(\[(note|notes|n|r|p)?\s*\d*(,\s*\d+)*\]|\(\d{1,2}\)|[*¹²³⁴⁵⁶⁷⁸⁹]+))+$", re.I)
YEAR = re.compile(r"(19|20)\d\d")
_OF_WHICH = (
    r"of which|of whom|of them|of these|of those|among (?:them|which|whom|these)|including|incl\.|в том числе|из них"
    r"|из которых|из числа которых|среди них|включая|в т\.?\s?ч\.?|соның ішінде|оның ішінде|олардың ішінде|оның"
    r"|darunter|davon|dont|waarvan|de l[oa]s cuales|de ellos|di cui|w tym"
)
OF_WHICH = re.compile(
    rf"({_OF_WHICH}|олардың)[\s:,]*(?!\w)|({_OF_WHICH})[\s:,]+",
    re.I,
)  # at the beginning of a label
NOT_STATED = re.compile(
    r"_u|unknown|not (stated|known|reported|specified)|missing|age unknown|неизвестно|не указан[оаы]?|нет сведений"
    r"|белгісіз|көрсетілмеген|мәлімет жоқ",
    re.I,
)


def without_of_which(label: str) -> str:
    """Return a label without words such as `of which` at its beginning, also in two languages."""
    rest = label.strip()
    while match := OF_WHICH.match(rest):
        rest = rest[match.end() :].lstrip(" /|")
    return label if rest == label.strip() else rest


def without_notes(labels: list[str]) -> list[str]:
    """Return labels without marks of notes, such as `North [note 1]`, unless two of them become equal."""
    clean = {label: NOTE_MARK.sub("", label).strip() or label for label in labels}
    return [clean[label] for label in labels] if len({*clean.values()}) == len(clean) else labels


def folded(name: str) -> str:
    """Return a name for comparison: small letters, single spaces, no note mark at the end."""
    return re.sub(r"\s*(\(\d\)|\[\w{1,6}\]|[*¹²³]+|:)$", "", " ".join(name.split())).casefold()


def names_a_count(header: str) -> bool:
    """Return whether a header names a number of people or cases, such as `Number of victims`."""
    return folded(header) in COUNTS or COUNT_WORDS.search(header) is not None


def in_languages(name: str) -> list[str]:
    """Return a name and its parts, when it is given in two languages as `Жынысы / Пол`."""
    return list(dict.fromkeys([folded(name), *map(folded, re.split(r"\s*[/|]\s*", name))]))


@cache
def _concepts() -> dict[str, str]:
    return {title: concept for concept, titles in CONCEPTS.items() for title in titles}


@cache
def _sexes() -> dict[str, str]:
    return {label: code for code, labels in SEXES.items() for label in labels}


def concept(name: str) -> str:
    """Return the usual English name of a column such as sex, age or year, '' for any other column."""
    return next((_concepts()[part] for part in in_languages(name) if part in _concepts()), "")


def translation(name: str) -> str:
    """Return the English name of a column that has one name in all tables, '' for any other column.

    Columns of ages keep their names: two of them in bands are one variable in any case.
    """
    usual = concept(name)
    return "" if usual == "age" else usual


def concept_of_values(values: list[str]) -> str:
    """Return the usual name of a column by its values: sexes, ages, years or periods; '' for any other."""
    sexes = {sex_code(value) for value in values if not NOT_STATED.fullmatch(value.strip())}
    if {*SEXES} <= sexes or (len(values) == 1 and sexes <= {*SEXES} and sexes):
        return "sex"
    bands = [band for value in values if (band := parse_band(value)) is not None]
    if 2 * len(bands) > len(values) and any(band.low < band.high and band.low < OLDEST for band in bands):
        return "age"
    if values and all(YEAR.fullmatch(value.strip()) for value in values):
        return "year"
    return "period" if 2 * sum(parse_period(value) is not None for value in values) > len(values) else ""


def sex_code(label: str) -> str:
    """Return female or male for a usual label of one of them, the label itself otherwise."""
    words = [folded(label)] if folded(label) in _sexes() else re.findall(r"[^\s/|,()]+", folded(label))
    sexes = {_sexes().get(word, "") for word in words}
    return sexes.pop() if len(sexes) == 1 and sexes != {""} else label


def answer_of(label: str) -> str:
    """Return yes or no for a usual label of one of them, '' for any other label."""
    return next((answer for answer, labels in ANSWERS.items() if folded(label) in labels), "")


@cache
def is_known_column(name: str) -> bool:
    """Return whether a name is that of a column of the standard, in any language."""
    return any(
        name.strip().casefold() in {column.name.casefold(), *(title.casefold() for title in column.titles.values())}
        for unit in standard.units()
        for column in standard.columns(unit)
    )


def are_numbered_alike(first: str, second: str) -> bool:
    """Return whether two labels differ only by their last number or letter, as `Centre A` and `Centre B`."""
    (start, _, last), (other_start, _, other_last) = (folded(label).rpartition(" ") for label in (first, second))
    return start == other_start != "" and max(len(last), len(other_last)) <= SHORTEST_NUMBER


@cache
def known_values(name: str) -> frozenset[str]:
    """Return the codes and labels of a column, also without their last word.

    `akmola` is a region, because `akmola region` is a label of one.
    """
    labels = codes_of_column(translation(name) or name)
    return labels | {label.rpartition(" ")[0] for label in labels if " " in label}


@cache
def codes_of_column(name: str) -> frozenset[str]:
    """Return all codes and labels of the code lists of a column with this name, in small letters."""
    lists = {
        column.list
        for unit in standard.units()
        for column in standard.columns(unit)
        if name.strip().casefold() in {column.name.casefold(), *(title.casefold() for title in column.titles.values())}
    }
    result: set[str] = set()
    for list_name in (lists | {name}) & set(codes.names()):
        for code, entry in codes.code_list(list_name).codes.items():
            result |= {code.casefold(), *(label.casefold() for label in entry.labels.values())}
    return frozenset(result)
