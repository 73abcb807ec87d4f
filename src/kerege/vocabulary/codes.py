"""Code lists: reviewed CSV files under `data/codes`, and those of the country's pack under `lists`.

`data/lists.csv` holds for each list its title, its parent list, its mapping to HTCDS 2.0 and its source. A list is read
at first access.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from kerege.base.errors import BadInput, Fault
from kerege.vocabulary.code_files import declared, further_labels, read_rows, split_codes
from kerege.vocabulary.kept_labels import find_label
from kerege.vocabulary.languages import BUILT_IN, Texts, text_in
from kerege.vocabulary.pack import Pack, active_pack

YEARS = range(1990, 2051)
ANSWER_STATES = ("unknown", "not_asked", "refused", "no")
TOTAL, NOT_REPORTED, TOGETHER = "_T", "_U", "_O"
MARGINS = {
    TOTAL: Texts(kk="Барлығы", ru="Всего", en="Total"),
    NOT_REPORTED: Texts(kk="Мәлімет жоқ", ru="Нет сведений", en="Not reported"),
    TOGETHER: Texts(kk="Шағын топтар бірге", ru="Малые группы вместе", en="Small groups together"),
}
LABEL = "label:"  # prefix of a column of labels in a pack
_FIXED = {"code", "parent", "htcds", "from", "until", "succeeds", "old_records", *BUILT_IN}


class UnknownList(KeyError):
    """Error for a code list that does not exist."""

    def __str__(self) -> str:
        return f"there is no code list {self.args[0]!r}"


class UnknownCode(KeyError):
    """Error for a code that a list lacks. It does not repeat the code, which can be any user input."""

    def __str__(self) -> str:
        return f"the code list {self.args[0]!r} has no such code"


@dataclass(frozen=True)
class Code:
    """Code with its parent in the parent list, its HTCDS value, labels by language and extra columns.

    New records use it from `begins` until `ends`; records that have it keep it. It `succeeds` the codes of an older
    division, and `old_records` says whether records keep those (`keep`) or a person chooses anew (`ask`).
    """

    code: str
    parent: str
    htcds: str
    labels: Mapping[str, str]
    extras: Mapping[str, str]
    begins: date | None = None
    ends: date | None = None
    succeeds: tuple[str, ...] = ()
    old_records: str = ""

    def is_current(self, on: date) -> bool:
        """Return whether new records may use the code on a day."""
        return (self.begins is None or self.begins <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True)
class CodeList:
    """Code list in reading order. `htcds` is the mapping to HTCDS: `one` to one, `many` to one, or ''.

    A pack of a country may add codes to an open list.
    """

    name: str
    codes: Mapping[str, Code]
    parent_list: str | None
    titles: Mapping[str, str]
    htcds: str
    source: str
    is_open: bool = False


def names() -> list[str]:
    """Return the names of all code lists."""
    return list(declared())


def open_lists() -> list[str]:
    """Return the names of the lists to which a pack may add codes."""
    return [name for name, row in declared().items() if row["open"]]


def code_list(name: str) -> CodeList:
    """Return the code list of a name.

    Parameters
    ----------
    name : str
        Name of the list, such as `sex`. `names` returns all of them.

    Returns
    -------
    CodeList
        The codes in reading order, the titles by language, the parent list and the source.

    Raises
    ------
    UnknownList
        If there is no list of this name. It is a KeyError.

    Notes
    -----
    Each list names its source in `data/lists.csv`; the page "Code lists" of the reference shows them all.

    Examples
    --------
    >>> list(code_list("sex").codes)
    ['female', 'male', 'transgender', 'nonconforming']
    """
    return _read_list(active_pack(), name)


@cache
def _read_list(pack: Pack, name: str) -> CodeList:
    """Return a code list under a pack, which is the active one."""
    if name not in declared():
        raise UnknownList(name)
    declaration = declared()[name]
    further = further_labels(pack).get(name, {})
    codes = {row["code"]: _code(row, further.get(row["code"], {})) for row in read_rows(name)}
    return CodeList(
        name=name,
        codes=MappingProxyType(codes),
        parent_list=declaration["parent"] or None,
        titles=labels_of_row(declaration),
        htcds=declaration["htcds"],
        source=declaration["source"],
        is_open=bool(declaration["open"]),
    )


def _code(row: dict[str, str], further: Mapping[str, str]) -> Code:
    extras = {column: value for column, value in row.items() if column not in _FIXED and ":" not in column}
    return Code(
        code=row["code"],
        parent=row.get("parent", ""),
        htcds=row.get("htcds", ""),
        labels=MappingProxyType(Texts({**labels_of_row(row), **further})),
        extras=MappingProxyType(extras),
        begins=_day(row.get("from", "")),
        ends=_day(row.get("until", "")),
        succeeds=tuple(split_codes(row.get("succeeds", ""))),
        old_records=row.get("old_records", ""),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(Fault("a code begins or ends on what is not a day", "write it as 2022-06-08", "lists")) from None


def list_offences_of(source: str) -> list[str]:
    """Return the offences that a source of crimes counts as trafficking.

    Parameters
    ----------
    source : str
        A code of the list `crime_source`.

    Returns
    -------
    list of str
        Codes of the list `offence`, in its order.

    Examples
    --------
    >>> "kz128" in list_offences_of("mia")
    True
    """
    offences = code_list("offence").codes.values()
    return [code.code for code in offences if source in code.extras["counts_as"].split(";")]


def labels_of_row(row: Mapping[str, str]) -> Mapping[str, str]:
    """Return the labels of a row by language: columns `label:ru`, in Kerege's own files `ru`."""
    named = {column.removeprefix(LABEL): text for column, text in row.items() if column in BUILT_IN or LABEL in column}
    return MappingProxyType(Texts({language: text for language, text in named.items() if text}))


def label(list_name: str, code: str, lang: str) -> str:
    """Return the label of a code, an answer state, `_T` or `_U` in a language.

    Parameters
    ----------
    list_name : str
        Name of the list. `year`, `quarter` and `half` are lists without a file; `service:payer` labels pairs such as
        `shelter:iom`.
    code : str
        A code of the list, an answer state, or a margin: `_T` (total), `_U` (not reported), `_O` (small groups
        together).
    lang : str
        Language. A label that lacks it is in the first fallback of the country profile, at last English.

    Returns
    -------
    str
        The label; within `kept_labels.using_labels`, that which a release keeps.

    Raises
    ------
    UnknownList
        If there is no list of this name.
    UnknownCode
        If the list lacks the code. The message does not repeat the code, which can be any input of a user.

    Examples
    --------
    >>> label("sex", "female", "en"), label("sex", "_T", "en"), label("quarter", "2025-Q1", "en")
    ('Female', 'Total', 'Q1 2025')
    """
    if code in MARGINS:
        return MARGINS[code][lang]
    if list_name in _PERIODS:
        return _period(list_name, code, lang)
    if ":" in list_name:
        return _pair(list_name, code, lang)
    if kept := find_label(list_name, code) or (find_label("answer", code) if code in ANSWER_STATES else None):
        return kept[lang]
    entry = code_list(list_name).codes.get(code) or (
        code_list("answer").codes.get(code) if code in ANSWER_STATES else None
    )
    if entry is None:
        raise UnknownCode(list_name)
    return entry.labels[lang]


def has(list_name: str, code: str) -> bool:
    """Return whether `label` accepts the code; raises UnknownList."""
    try:
        label(list_name, code, "en")
    except UnknownCode:
        return False
    return True


def values(list_name: str) -> tuple[str, ...]:
    """Return every code of a column with this list, answer states last; periods cover 1990 to 2050.

    Parameters
    ----------
    list_name : str
        Name of a list, of a period (`year`, `quarter`, `half`), or a pair such as `service:payer`.

    Returns
    -------
    tuple of str
        The codes, each once.

    Raises
    ------
    UnknownList
        If there is no list of this name.

    Examples
    --------
    >>> values("half")[:2], values("sex")[-1]
    (('1990-H1', '1990-H2'), 'no')
    """
    if list_name in _PERIODS:
        ends = {"year": [""], "half": ["-H1", "-H2"], "quarter": ["-Q1", "-Q2", "-Q3", "-Q4"]}[list_name]
        return tuple(f"{year}{end}" for year in YEARS for end in ends)
    if ":" in list_name:
        first, second = (code_list(part).codes for part in list_name.split(":"))
        return tuple(f"{left}:{right}" for left in first for right in second)
    return tuple(dict.fromkeys([*code_list(list_name).codes, *ANSWER_STATES]))


def title(list_name: str, lang: str) -> str:
    """Return the title of a list."""
    return code_list(list_name).titles[lang]


def choices(list_name: str, lang: str, on: date | None = None) -> list[tuple[str, str]]:
    """Return codes for new records and their labels in the order of the list, without answer states.

    Parameters
    ----------
    list_name : str
        Name of the list.
    lang : str
        Language of the labels, or its first fallback.
    on : date, optional
        Day on which the codes are in use; today by default.

    Returns
    -------
    list of tuple
        Pairs of code and label.

    Raises
    ------
    UnknownList
        If there is no list of this name.

    Examples
    --------
    >>> choices("sex", "en")[:2]
    [('female', 'Female'), ('male', 'Male')]
    """
    day = on or date.today()
    return [(code.code, code.labels[lang]) for code in code_list(list_name).codes.values() if code.is_current(day)]


def labelled(list_name: str, lang: str) -> list[tuple[str, str]]:
    """Return every code with its label, also codes that only older records have."""
    return [(code.code, code.labels[lang]) for code in code_list(list_name).codes.values()]


def parent(list_name: str, code: str) -> str:
    """Return the parent of a code in the parent list; an answer state or '' is its own parent.

    Parameters
    ----------
    list_name : str
        Name of a list that has a parent list, such as `exploitation_form`.
    code : str
        A code of the list, an answer state, or ''.

    Returns
    -------
    str
        The code in the parent list; '' for a list without a parent list.

    Raises
    ------
    UnknownList
        If there is no list of this name.
    UnknownCode
        If the list lacks the code.

    Examples
    --------
    >>> parent("exploitation_form", "servitude"), parent("exploitation_form", "unknown")
    ('labour', 'unknown')
    """
    if code in ANSWER_STATES or code == "":
        return code
    entry = code_list(list_name).codes.get(code)
    if entry is None:
        raise UnknownCode(list_name)
    return entry.parent


def _pair(list_name: str, code: str, lang: str) -> str:
    first, second = list_name.split(":")
    left, _, right = code.partition(":")
    return f"{label(first, left, lang)} ({label(second, right, lang)})"


def _period(kind: str, code: str, lang: str) -> str:
    pattern, format_label = _PERIODS[kind]
    match = re.fullmatch(pattern, code)
    if match is None:
        raise UnknownCode(kind)
    return format_label(lang, *match.groups())


def _quarter(lang: str, year: str, number: str) -> str:
    roman = {"1": "I", "2": "II", "3": "III", "4": "IV"}[number]
    texts = {
        "kk": f"{year} жылғы {roman} тоқсан",
        "ru": f"{roman} квартал {year} года",
        "en": f"Q{number} {year}",
    }
    return text_in(texts, lang)


def _half(lang: str, year: str, number: str) -> str:
    order = {"1": "first", "2": "second"}[number]
    texts = {
        "kk": f"{year} жылғы {number}-жартыжылдық",
        "ru": f"{number}-е полугодие {year} года",
        "en": f"{order.capitalize()} half of {year}",
    }
    return text_in(texts, lang)


_PERIODS: dict[str, tuple[str, Callable[..., str]]] = {
    "year": (r"(\d{4})", lambda lang, year: str(year)),
    "quarter": (r"(\d{4})-Q([1-4])", _quarter),
    "half": (r"(\d{4})-H([12])", _half),
}
