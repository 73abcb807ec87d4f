"""Words of the system and of the user's agency, which do not count towards the length of a password."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kerege.core.accounts.models import Role, User

# the program, its parts and its field, in the three languages; docs/security/authentication.md lists them
SYSTEM_WORDS = frozenset(
    {
        *("kerege", "register", "password", "case", "trafficking", "victim", "kazakhstan"),
        *("кереге", "регистр", "пароль", "дело", "торговля", "жертва", "казахстан"),
        *("тіркелім", "құпиясөз", "саудасы", "құрбан", "қазақстан"),
    }
)
SHORTEST_WORD = 4  # letters of a word of an agency's name that is not counted


class ContextWordsValidator:
    """Password validator of Django that measures the length without words of the system and of the agency."""

    def __init__(self, min_length: int = 12) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if the password without these words is too short."""
        if len(_without(password, {*SYSTEM_WORDS, *_role_words(), *_agency_words(user)})) < self.min_length:
            raise ValidationError(
                _("Without words of this system and of your agency the password is too short. Add other words."),
                code="password_of_context_words",
            )

    def get_help_text(self) -> str:
        """Return the rule as users read it."""
        return _("Words of this system and of your agency do not count towards the length.")


def _without(password: str, words: Iterable[str]) -> str:
    """Return a password without these words, the longest first, whatever their case."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), "", password, flags=re.IGNORECASE)


def _role_words() -> set[str]:
    return {word for role in Role.values for word in role.split("_")}


def _agency_words(user: User | None) -> set[str]:
    """Return the codes of a user's agencies and the longer words of their names in every language."""
    if user is None or user._state.adding:
        return set()
    agencies = user.assignments.values_list("agency__code", "agency__names")
    texts = [text for code, names in agencies for text in (code, *names.values())]
    return {word for text in texts for word in re.split(r"[^\w]+", text) if len(word) >= SHORTEST_WORD}
