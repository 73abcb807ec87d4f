"""Columns of an exchange file in canonical order (HTCDS 2.0 and Kerege's own), and their values.

`data/columns.csv` holds the order, the level of each column (person, case, agency, or a group that may repeat
within a case) and special kinds. `kerege.vocabulary.htcds` declares what a column contains.
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
from kerege.vocabulary import codes, htcds, labels

# answer states instead of a value; an empty cell means "not reported"
STATES = {"Unknown": "unknown", "NotAsked": "not_asked", "Refused": "refused", "No": "no"}
STATE_NAMES = {code: name for name, code in STATES.items()}
# groups that may repeat within a case, one row each
GROUPS = ("svc", "dec", "hte", "ref", "spl", "cco")
TRUE, FALSE = {"true", "yes", "1", "да", "иә"}, {"false", "no", "0", "нет", "жоқ"}
LARGEST_NUMBER = 200
# picklists that use a code list of the register; the others keep the codes of the standard
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
    """Error: a cell cannot be read. It holds the fault and the remedy.

    It does not contain the value of an identifying column.
    """

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(what)
        self.what, self.todo = what, todo


@dataclass(frozen=True)
class FileColumn:
    """Column of an exchange file."""

    name: str
    level: str
    kind: str
    list_name: str
    identity: bool
    values: tuple[str, ...]

    @property
    def multiple(self) -> bool:
        """Return whether a cell may hold several values, separated by semicolons."""
        return self.kind == "codes"

    @property
    def coded(self) -> bool:
        """Return whether a cell holds values of a list."""
        return self.kind in {"code", "codes"}


# texts that name agencies, not persons
OPEN_TEXTS = {"org_Name", "svc_Provider", "dec_Authority"}
KINDS = {"Picklist": "code", "Multiselect Picklist": "codes", "Date": "date", "Number": "number", "Checkbox": "flag"}


@cache
def file_columns() -> dict[str, FileColumn]:
    """Return every column by name, in canonical order."""
    path = resources.files("kerege.casework.exchange") / "data" / "columns.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["name"]: declare_column(row) for row in rows}


def declare_column(row: dict[str, str]) -> FileColumn:
    """Return a column from its line in `columns.csv` and from the standard.

    Every text except agency names may name a person. Therefore it is exported only with identity.
    """
    name, field = row["name"], htcds.columns()[row["name"]]
    open_text = name in OPEN_TEXTS
    kind = row["kind"] or ("text" if field.identifying else "codes" if field.multi else KINDS.get(field.type, "text"))
    identity = field.identifying or field.sealed or (kind == "text" and not open_text)
    coded = kind in {"code", "codes", "place"}
    list_name = field.list if coded and (not field.values or field.list in NATIVE or kind == "place") else ""
    return FileColumn(
        name=name,
        level=row["level"],
        kind=kind,
        list_name=list_name,
        identity=identity,
        values=() if list_name else (*field.values, *field.ours),
    )


@cache
def names_of(list_name: str) -> dict[str, str]:
    """Map each code of a list to its name in a file: its HTCDS code if unique, else the register's code."""
    listed = codes.code_list(list_name).codes.values()
    shared = Counter(code.htcds for code in listed if code.htcds)
    return {code.code: code.htcds if shared[code.htcds] == 1 else code.code for code in listed} | STATE_NAMES


@lru_cache(maxsize=65_536)
def read_code(list_name: str, text: str) -> str:
    """Return the code for a spelling of the standard or a label in any language; '' if none."""
    try:
        return htcds.from_htcds(list_name, text)
    except LookupError:
        folded = labels.fold_label(text)
        return labels.labels_of(list_name).get(folded) or state_labels().get(folded, "")


@cache
def state_labels() -> dict[str, str]:
    """Map the folded labels of answer states, in all languages, to their codes."""
    answers = labels.labels_of("answer")
    return {text: code for text, code in answers.items() if code in codes.ANSWER_STATES}


@cache
def value_labels(column: FileColumn) -> dict[str, str]:
    """Map the folded values of a column without a code list of the register to their canonical names."""
    listed = codes.code_list(list_).codes.values() if (list_ := htcds.columns()[column.name].list) else ()
    texts = {labels.fold_label(label): code.htcds for code in listed for label in code.labels.values()}
    known = {text: name for text, name in texts.items() if name in column.values}
    states = {text: STATE_NAMES[code] for text, code in state_labels().items()}
    names = {labels.fold_label(name): name for name in (*column.values, *STATES)}
    return states | known | names


def code_of(list_name: str, name: str) -> str:
    """Return the code for a canonical name; '' for ''."""
    return read_code(list_name, name) if name else ""


def codes_of(list_name: str, names: str) -> list[str]:
    """Return the codes of a canonical multi-select cell."""
    return [code_of(list_name, name) for name in names.split(";")] if names else []


def name_of(list_name: str, code: str) -> str:
    """Return the name of a code in a file; '' for ''."""
    return names_of(list_name)[code] if code else ""


def join_names(list_name: str, several: list[str]) -> str:
    """Return the canonical multi-select cell of some codes."""
    return ";".join(name_of(list_name, code) for code in several)


def canonical(column: FileColumn, text: str) -> str:
    """Return the canonical text of a cell; raise BadValue when it cannot be read.

    Texts stay unchanged, including spaces; all other kinds are trimmed.
    """
    if column.kind == "text":
        return text
    text = text.strip()
    if column.kind == "codes":
        text = text.replace("\n", ";")  # lines of a cell
        return read_codes(column, text)
    if column.kind == "code":
        return read_one_code(column, text)
    state = STATES_BY_LOWER.get(text.lower())
    if state and column.kind in {"date", "birthdate", "number", "language", "flag"} and (state, column.kind) != NO_FLAG:
        return state
    return READERS[column.kind](column, text)


NO_FLAG = ("No", "flag")  # for a flag, "No" is a value and no answer state
STATES_BY_LOWER = {name.lower(): name for name in STATES} | {code: name for name, code in STATES.items()}


def read_codes(column: FileColumn, text: str) -> str:
    """Return a multi-select cell without duplicates; raise BadValue for a state beside other values."""
    names = split_names(column, text)
    if not names:
        names = tuple(dict.fromkeys(read_one_code(column, part.strip()) for part in text.split(";") if part.strip()))
    states = [name for name in names if name in STATES]
    if states and len(names) > 1:
        raise BadValue(f"{states[0]} is given beside other values", "keep one or the other")
    return ";".join(names)


@lru_cache(maxsize=65_536)
def split_names(column: FileColumn, text: str) -> tuple[str, ...]:
    """Return the canonical names of joined values; () if a part is unknown."""
    return tuple(labels.split_labels(column.list_name, text, lambda part: name_of_value(column, part)) or ())


def name_of_value(column: FileColumn, text: str) -> str:
    """Return the canonical name of one coded value; '' when it is unknown."""
    if column.values:
        lower = {value.lower(): value for value in column.values} | STATES_BY_LOWER
        return lower.get(text.strip().lower()) or value_labels(column).get(labels.fold_label(text), "")
    return name_of(column.list_name, read_code(column.list_name, text))


def read_one_code(column: FileColumn, text: str) -> str:
    """Return the canonical name of one coded value; raise BadValue when it is unknown."""
    if not (name := name_of_value(column, text)):
        raise unknown_code_error(column, text)
    return name


def unknown_code_error(column: FileColumn, text: str) -> BadValue:
    """Return the error for an unknown code; it repeats the text only up to 40 characters."""
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
    """Return a day as YYYY-MM-DD, from that format or dd.mm.yyyy; raise BadValue otherwise."""
    if match := DAY.fullmatch(text):
        year, month, number = map(int, match.groups())
    elif match := DOTTED.fullmatch(text):
        number, month, year = map(int, match.groups())
    else:
        raise BadValue("is not a date", "write it as 2025-07-30 or 30.07.2025")
    try:
        parsed = date(year, month, number)
    except ValueError:
        raise BadValue("is not a day of the calendar", "correct the date") from None
    if not 1900 <= parsed.year <= 2100:
        raise BadValue("is a day before 1900 or after 2100", "correct the year")
    return parsed.isoformat()


def read_birth_date(column: FileColumn, text: str) -> str:
    """Return a date of birth with its precision: YYYY, YYYY-MM (or mm.yyyy), or a day."""
    if re.fullmatch(r"\d{4}", text):
        birth_date = text
    elif match := re.fullmatch(r"(\d{4})-(\d{1,2})|(\d{1,2})\.(\d{4})", text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        if not 1 <= int(month) <= 12:
            raise BadValue("is not a month of the calendar", "correct the date")
        birth_date = f"{year}-{int(month):02d}"
    else:
        birth_date = read_day(column, text)
    if int(birth_date[:4]) < 1900 or birth_date > date.today().isoformat()[: len(birth_date)]:
        raise BadValue("is before 1900 or in the future", "correct the date of birth")
    return birth_date


def read_number(column: FileColumn, text: str) -> str:
    """Return a whole number from 0 to LARGEST_NUMBER; raise BadValue otherwise."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > LARGEST_NUMBER:
        raise BadValue(f"is not a whole number from 0 to {LARGEST_NUMBER}", "correct it or leave it empty")
    return str(int(text))


def check_flag(column: FileColumn, text: str) -> str:
    """Return yes or no in the file's spelling; raise BadValue for any other text.

    `is_same_value` compares the meaning.
    """
    if text.lower() not in TRUE | FALSE:
        raise BadValue("is neither yes nor no", "use true, false, Unknown, NotAsked, Refused, or leave it empty")
    return text


def read_language(column: FileColumn, text: str) -> str:
    """Return a language code of two or three letters in lower case; raise BadValue otherwise."""
    if not re.fullmatch(r"[A-Za-z]{2,3}", text):
        raise BadValue("is not an ISO 639-2 code of a language", "write it as kaz or rus")
    return text.lower()


def read_place(column: FileColumn, text: str) -> str:
    """Return a country code, or the name as the agency wrote it."""
    return text.upper() if len(text) == 2 and read_code("country", text.upper()) else text


def check_identifier(column: FileColumn, text: str) -> str:
    """Return an agency's own id; raise BadValue above 200 characters."""
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
    """Return the value of a flag; None for '' and for answer states."""
    low = text.lower()
    return True if low in TRUE else False if low in FALSE else None


def is_same_value(column: FileColumn, left: str, right: str) -> bool:
    """Return whether two canonical cells are equal; flags are compared by their meaning."""
    return left == right or (
        column.kind == "flag" and flag_value(left) is not None and flag_value(left) == flag_value(right)
    )
