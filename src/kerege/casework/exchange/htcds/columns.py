"""The columns of an exchange file: all fields of HTCDS 2.0 and our extensions, in canonical order, and their values.

`data/columns.csv` gives the order, the level of each column (person, case, agency, or a group that may repeat within a
case) and the kinds that are read in a way of their own. What a column holds is declared in `kerege.vocabulary.htcds`.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources

from kerege.casework.exchange.htcds.read_file import suggest_name
from kerege.vocabulary import codes, htcds

# what may be answered instead of a value; a blank cell is "not reported"
STATES = {"Unknown": "unknown", "NotAsked": "not_asked", "Refused": "refused", "No": "no"}
STATE_NAMES = {code: name for name, code in STATES.items()}
# the groups of a case that may repeat, one row each
GROUPS = ("svc", "dec", "hte", "ref", "spl", "cco")
TRUE, FALSE = {"true", "yes", "1", "да", "иә"}, {"false", "no", "0", "нет", "жоқ"}
LARGEST_NUMBER = 200
# code lists of the register that stand behind a field; other picklists keep the codes of the standard
NATIVE = {
    "gender",
    "age_band",
    "country",
    "recruiter_relation",
    "platform",
    "recruitment_method",
    "means_of_control",
    "exploitation_form",
    "labour_section",
    "sexual_kind",
}


class BadValue(ValueError):
    """A cell cannot be understood: what is wrong and what to do, without the value of an identifying column."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


@dataclass(frozen=True)
class FileColumn:
    """One column of an exchange file."""

    name: str
    level: str
    kind: str
    list_name: str
    identity: bool
    values: tuple[str, ...]

    @property
    def multiple(self) -> bool:
        """Whether a cell holds several values, separated by semicolons."""
        return self.kind == "codes"


# names of agencies, not of people
OPEN_TEXTS = {"org_Name", "svc_Provider", "dec_Authority"}
KINDS = {"Picklist": "code", "Multiselect Picklist": "codes", "Date": "date", "Number": "number", "Checkbox": "flag"}


@cache
def file_columns() -> dict[str, FileColumn]:
    """Every column by name, in canonical order."""
    path = resources.files("kerege.casework.exchange") / "data" / "columns.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["name"]: declare_column(row) for row in rows}


def declare_column(row: dict[str, str]) -> FileColumn:
    """A column from its line and from the standard.

    Every text but the agency's name may name a person, whatever its field is meant for, and leaves only with identity.
    """
    name, field = row["name"], htcds.columns()[row["name"]]
    open_text = name in OPEN_TEXTS
    kind = row["kind"] or ("text" if field.identifying else "codes" if field.multi else KINDS.get(field.type, "text"))
    identity = field.identifying or field.sealed or (kind == "text" and not open_text)
    coded = kind in {"code", "codes", "place"}
    list_name = field.list if coded and (not field.values or field.list in NATIVE or kind == "place") else ""
    return FileColumn(name, row["level"], kind, list_name, identity, () if list_name else (*field.values, *field.ours))


@cache
def columns_of_level(*levels: str) -> tuple[FileColumn, ...]:
    """The columns of some levels."""
    return tuple(column for column in file_columns().values() if column.level in levels)


@cache
def names_of(list_name: str) -> dict[str, str]:
    """Code -> the name it has in a file: its HTCDS code where it alone has it, else our own code."""
    listed = codes.code_list(list_name).codes.values()
    shared = Counter(code.htcds for code in listed if code.htcds)
    return {code.code: code.htcds if shared[code.htcds] == 1 else code.code for code in listed} | STATE_NAMES


@lru_cache(maxsize=65_536)
def read_code(list_name: str, text: str) -> str:
    """The code that a text stands for, in any spelling of the standard or, for countries, by name; '' if none."""
    try:
        return htcds.from_htcds(list_name, text)
    except LookupError:
        return country_names().get(text.strip().lower(), "") if list_name == "country" else ""


@cache
def country_names() -> dict[str, str]:
    """Name of a country in any of our languages, in lower case -> code."""
    listed = codes.code_list("country").codes.values()
    return {label.lower(): code.code for code in listed for label in code.labels.values()}


def code_of(list_name: str, name: str) -> str:
    """The code that a canonical name stands for; '' for ''."""
    return read_code(list_name, name) if name else ""


def codes_of(list_name: str, names: str) -> list[str]:
    """The codes of a canonical multi-select cell."""
    return [code_of(list_name, name) for name in names.split(";")] if names else []


def name_of(list_name: str, code: str) -> str:
    """The name of a code in a file; '' for ''."""
    return names_of(list_name)[code] if code else ""


def join_names(list_name: str, several: list[str]) -> str:
    """A canonical multi-select cell."""
    return ";".join(name_of(list_name, code) for code in several)


def canonical(column: FileColumn, text: str) -> str:
    """The one spelling of a cell. Texts stay as they are to the last space; anything coded is trimmed.

    Raises BadValue.
    """
    if column.kind == "text":
        return text
    text = text.strip()
    if column.kind == "codes":
        return read_codes(column, text)
    if column.kind == "code":
        return read_one_code(column, text)
    state = STATES_BY_LOWER.get(text.lower())
    if state and column.kind in {"date", "birthdate", "number", "language", "flag"} and (state, column.kind) != NO_FLAG:
        return state
    return READERS[column.kind](column, text)


NO_FLAG = ("No", "flag")  # the plain answer, kept in the spelling of the file
STATES_BY_LOWER = {name.lower(): name for name in STATES} | {code: name for name, code in STATES.items()}


def read_codes(column: FileColumn, text: str) -> str:
    """A multi-select cell: known values, each once, in the order given; a state stands alone."""
    found = list(dict.fromkeys(read_one_code(column, part.strip()) for part in text.split(";") if part.strip()))
    states = [name for name in found if name in STATES]
    if states and len(found) > 1:
        raise BadValue(f"{states[0]} stands beside other values", "keep one or the other")
    return ";".join(found)


def read_one_code(column: FileColumn, text: str) -> str:
    """A coded value."""
    if column.values:
        found = ({value.lower(): value for value in column.values} | STATES_BY_LOWER).get(text.lower())
    else:
        code = read_code(column.list_name, text)
        found = name_of(column.list_name, code) if code else None
    if found is None:
        raise unknown_code_error(column, text)
    return found


def unknown_code_error(column: FileColumn, text: str) -> BadValue:
    """The code may be named in the message, unless it is so long that it is something else."""
    what = f"{text!r} is not one of its codes" if len(text) <= 40 else "is not one of its codes"
    listed = column.values or tuple(names_of(column.list_name).values())
    if len(listed) <= 12:
        return BadValue(what, f"use one of {', '.join(dict.fromkeys((*listed, *STATES)))}")
    todo = suggest_name(text, (*listed, *STATES))
    if not todo.startswith("did you mean"):
        todo = "use " + ("an ISO 3166 code such as KZ" if column.list_name == "country" else "a code of the list")
        todo += f" {column.list_name}" if column.list_name not in {"country", ""} else ""
    return BadValue(what, todo + ", Unknown, NotAsked, Refused, or leave it empty" if "mean" not in todo else todo)


DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def read_day(column: FileColumn, text: str) -> str:
    """A day as YYYY-MM-DD or dd.mm.yyyy."""
    if match := DAY.fullmatch(text):
        year, month, number = map(int, match.groups())
    elif match := DOTTED.fullmatch(text):
        number, month, year = map(int, match.groups())
    else:
        raise BadValue("is no date", "write it as 2025-07-30 or 30.07.2025")
    try:
        found = date(year, month, number)
    except ValueError:
        raise BadValue("is no day of the calendar", "correct the date") from None
    if not 1900 <= found.year <= 2100:
        raise BadValue("is a day before 1900 or after 2100", "correct the year")
    return found.isoformat()


def read_birth_date(column: FileColumn, text: str) -> str:
    """A date of birth as far as it is known: YYYY, YYYY-MM (or mm.yyyy), or a day."""
    if re.fullmatch(r"\d{4}", text):
        found = text
    elif match := re.fullmatch(r"(\d{4})-(\d{1,2})|(\d{1,2})\.(\d{4})", text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        if not 1 <= int(month) <= 12:
            raise BadValue("is no month of the calendar", "correct the date")
        found = f"{year}-{int(month):02d}"
    else:
        found = read_day(column, text)
    if int(found[:4]) < 1900 or found > date.today().isoformat()[: len(found)]:
        raise BadValue("is before 1900 or in the future", "correct the date of birth")
    return found


def read_number(column: FileColumn, text: str) -> str:
    """A whole number that people can have of years or children."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > LARGEST_NUMBER:
        raise BadValue(f"is no whole number from 0 to {LARGEST_NUMBER}", "correct it or leave it empty")
    return str(int(text))


def check_flag(column: FileColumn, text: str) -> str:
    """Yes or no, in the spelling of the file: `same` compares the meaning."""
    if text.lower() not in TRUE | FALSE:
        raise BadValue("is neither yes nor no", "use true, false, Unknown, NotAsked, Refused, or leave it empty")
    return text


def read_language(column: FileColumn, text: str) -> str:
    """An ISO 639 code of two or three letters, or one of our list."""
    if not re.fullmatch(r"[A-Za-z]{2,3}", text):
        raise BadValue("is no ISO 639-2 code of a language", "write it as kaz or rus")
    return text.lower()


def read_place(column: FileColumn, text: str) -> str:
    """A country as a code, or its name as the agency wrote it."""
    return text.upper() if len(text) == 2 and read_code("country", text.upper()) else text


def check_identifier(column: FileColumn, text: str) -> str:
    """An agency's own id."""
    if len(text) > 200:
        raise BadValue("is an id of more than 200 characters", "check the column")
    return text


READERS = {
    "id": check_identifier,
    "code": read_one_code,
    "date": read_day,
    "birthdate": read_birth_date,
    "number": read_number,
    "flag": check_flag,
    "language": read_language,
    "place": read_place,
}


def flag_value(text: str) -> bool | None:
    """What a flag says; None for '' and the states without an answer."""
    low = text.lower()
    return True if low in TRUE else False if low in FALSE else None


def is_same_value(column: FileColumn, left: str, right: str) -> bool:
    """Whether two canonical cells say the same."""
    return left == right or (
        column.kind == "flag" and flag_value(left) is not None and flag_value(left) == flag_value(right)
    )
