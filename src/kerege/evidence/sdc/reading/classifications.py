"""Columns and labels that are known to name groups without common people, as regions do.

Labels of any other column, as `Registered` and `Solved`, can name a whole and its part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.column_names import (
    NOT_STATED,
    NOTE_MARK,
    SEXES,
    are_numbered_alike,
    codes_of_column,
    concept,
    folded,
    in_languages,
    is_known_column,
    known_values,
    sex_code,
)
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.named_parts import is_narrower
from kerege.evidence.sdc.reading.nested_codes import band_of
from kerege.evidence.sdc.reading.periods import parse_period
from kerege.evidence.sdc.reading.stages import kinds_of_stage
from kerege.evidence.sdc.reading.units_of_people import OTHERS as OTHER_UNITS

STEPS = re.compile(  # names of columns whose values can be steps of one course or other overlapping groups
    r"(?:row|column)(?: \d+)?|.*\b(?:categor|group|indicator|status|stat|stage|step|measure|item|population|outcome"
    r"|result|категори|групп|показател|статус|стади|этап|результат|санат|топ|көрсеткіш|мәртебе|кезең|нәтиже).*",
    re.I,
)
CLASSES = re.compile(  # words in the names of classifications
    r"regi|area|provin|distri|county|oblast|city|town|place|countr|land\b|state|nation|citizen|birth|origin|geo\b|sex"
    r"|gender|age\b|ages\b|alter|form|kind|type|method|means|route|channel|sector|industr|occupation|job|educat|religio"
    r"|ethnic|language|marital|famil|relation|recruit|offen[cs]e|article|court|agenc|organi[sz]|responder|shelter|servic"
    r"|programme|transport|month|year|quarter|week|day\b|time|period|регион|област|район|город|стран|граждан|национал"
    r"|пол\b|возраст|вид\b|виды|форм|тип|способ|маршрут|отрасл|сектор|образован|язык|вербов|стать|орган|услуг|приют"
    r"|субъект|месяц|год|өңір|облыс|аудан|қала|ел\b|елі|азамат|ұлт|жыныс|жас|түр|нысан|тәсіл|сала|тіл|бап|орган|қызмет"
    r"|ай\b|жыл|straf|staats|provincia|comunidad|sexo|edad|forma|delito|pays|sexe",
    re.I,
)
FORMS = re.compile(
    r"exploit|servitude|labour|slavery|begging|marriage|organ|prostitut|pornogra|criminality|эксплуатац|труд|рабств"
    r"|попрошайн|брак|қанау|еңбек|құлдық|қайыр|неке",
    re.I,
)
LISTS = (  # code lists of the vocabulary in which no value is a part of another one; steps of a case are none
    *("sex", "gender", "age_group", "exploitation", "exploitation_form", "sexual_kind", "labour_section", "means"),
    *("marital_status", "education", "recruiter_relation", "recruiter_detail", "recruitment_method", "platform"),
    *("region", "country", "world_region", "language", "org_type", "service", "means_of_control"),
)
OTHERS = re.compile(r"\b(?:other|others|rest|remaining|остальные|другие|прочие|басқа|өзге)\b", re.I)
VERSION = re.compile(
    r"[\s,(\[]*\b(?:provisional|preliminary|revised|final|as (?:first )?published|p|r|предварительн\w+|уточн[её]нн\w+"
    r"|окончательн\w+|vorläufig|revidiert|endgültig|provisoire|révisée?s?|définitive?s?)\b[)\]]*",
    re.I,
)
LONGEST_NAME = 4  # words of a column in a title
BY = re.compile(r"\b(?:by|nach|por|par|по)\s+(?P<names>[^.;:(\[]+)|(?P<kk>[^.;:(\[]+)\s+бойынша", re.I)
AND = re.compile(r"\s*,\s*|\s+(?:and|und|y|et|и|мен|және)\s+|\s*[&+/]\s*", re.I)


def can_be_nested(column: str, part: str, whole: str) -> bool:
    """Return whether nothing says that two values of a column are groups without common people.

    Examples
    --------
    >>> can_be_nested("column", "Solved", "Registered"), can_be_nested("column", "Men", "Women")
    (True, False)
    >>> can_be_nested("region", "North", "South"), can_be_nested("region", "England", "England and Wales")
    (False, True)
    """
    (above, _, own), (other_above, _, other) = part.rpartition(STEP), whole.rpartition(STEP)
    if TOTAL in (part, whole) or above != other_above:
        return False
    if are_versions(own, other) or is_narrower(own, other) or folded(own) in AND.split(folded(other)):
        return True
    return not (are_of_one_kind(own, other) or is_classification(column))


def are_versions(first: str, second: str) -> bool:
    """Return whether two labels differ only by words of a version, as `2024 [p]` and `2024 [r]` do."""
    return has_versions((first, second))


def has_versions(labels: Sequence[str]) -> bool:
    """Return whether two of some labels differ only by words of a version.

    Examples
    --------
    >>> has_versions(["Q1 2024 [p]", "Q1 2024 [r]", "Q2 2024 [p]"]), has_versions(["Q1 2024", "Q2 2024"])
    (True, False)
    """
    names = [folded(NOTE_MARK.sub("", VERSION.sub("", label)).strip()) for label in labels]
    named = [name for name in names if name]
    return len({*named}) < len(named)


@cache
def is_classification(column: str) -> bool:
    """Return whether the name of a column says that its values are groups without common people."""
    names = in_languages(column)
    if any(concept(name) for name in names):
        return True
    if any(map(STEPS.fullmatch, names)) or not column:
        return False
    return any(is_known_column(name) or codes_of_column(name) or CLASSES.search(name) for name in names)


def are_named_in_title(title: str, columns: int) -> bool:
    """Return whether a title names at least so many columns, none of them as steps.

    Examples
    --------
    >>> are_named_in_title("Persons by age and sex", 2), are_named_in_title("Crimes by district", 2)
    (True, False)
    """
    names = [name for match in BY.finditer(title) for name in AND.split((match["names"] or match["kk"]).strip())]
    names = [name for name in names if len(name.split()) <= LONGEST_NAME and not any(map(str.isdigit, name))]
    return len(names) >= columns and not any(map(STEPS.fullmatch, names))


@cache
def are_of_one_kind(first: str, second: str) -> bool:
    """Return whether two labels are of one list, as two sexes, bands, periods or countries are."""
    labels = (first, second)
    if any(NOT_STATED.fullmatch(label.strip()) or OTHERS.search(label) for label in labels):
        return True
    if are_numbered_alike(first, second) or all(sex_code(label) in SEXES for label in labels):
        return True
    if are_of_other_units(first, second):
        return True
    is_listed = bool(_lists_of(folded(first)) & _lists_of(folded(second)))
    is_alike = any(all(map(test, labels)) for test in (band_of, parse_period, FORMS.search))
    return is_listed or is_alike


def are_of_other_units(first: str, second: str) -> bool:
    """Return whether two labels name victims and suspects or the like, or steps of two courses."""
    kinds = kinds_of_stage(first), kinds_of_stage(second)
    names_others = [OTHER_UNITS.search(folded(label)) is not None for label in (first, second)]
    return names_others[0] != names_others[1] if not all(kinds) else not kinds[0] & kinds[1]


@cache
def _lists_of(label: str) -> frozenset[str]:
    """Return the lists of groups without common people that have a label in any language."""
    return frozenset(name for name in LISTS if label in known_values(name))
