"""Headers of columns that identify a person or a record: names, documents, contacts, numbers of cases."""

from __future__ import annotations

import re

from kerege.linkage.input.column_roles import NUMBER_WORDS, role_of

ROLES = frozenset({"id", "full", "given", "middle", "family", "document", "contact", "street", "house"})
ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "pk", "ид"})
NUMBERS = NUMBER_WORDS | {"№", "#", "code", "ref", "reference", "key", "код", "коды", "шифр"}
# words for a record or a person: with a word for 'number' they name an identifier, alone they do not
NUMBERED = frozenset(
    ("case", "record", "row", "file", "person", "client", "victim", "beneficiary", "patient", "registration", "form")
) | frozenset(
    ("дела", "дело", "записи", "карты", "анкеты", "клиента", "лица", "жертвы", "регистрации", "іс", "тіркеу", "жазба")
)


def identifies(column: str) -> bool:
    """Return whether a header names people or records one by one.

    Examples
    --------
    >>> [name for name in ("№ дела", "case no", "ID", "ФИО", "number of children", "case type") if identifies(name)]
    ['№ дела', 'case no', 'ID', 'ФИО']
    """
    words = set(re.findall(r"[№#]|[^\W_]+", re.sub(r"(?<=[a-zа-я])(?=[A-ZА-Я])", " ", column).lower()))
    return role_of(column) in ROLES or bool(words & ID_WORDS) or bool(words & NUMBERS and words & NUMBERED)
