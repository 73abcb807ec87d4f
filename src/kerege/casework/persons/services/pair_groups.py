"""Groups of a pair for the quality board: sex, and language and script of the names."""

from __future__ import annotations

from collections.abc import Callable

from kerege.casework.vault.identity import Identity, Name, person_attributes, written
from kerege.linkage.names.language import detect_language


def groups_of(left: Identity, right: Identity) -> tuple[str, str, str]:
    """Return the groups of a pair for the quality board: sex, and language and script of the names."""
    sexes = {person_attributes(identity).sex for identity in (left, right)} - {""}
    languages, scripts = _common_group(language_of, left, right), _common_group(script_of, left, right)
    return sexes.pop() if len(sexes) == 1 else "", languages, scripts


def _common_group(group_of: Callable[[Identity], str], left: Identity, right: Identity) -> str:
    """Return the group known of one or both records; 'mixed' when they differ, '' when unknown."""
    groups = {group_of(left), group_of(right)} - {""}
    return "mixed" if len(groups) > 1 else "".join(groups)


def language_of(identity: Identity) -> str:
    """Return the language of the first name, as far as its spelling shows it."""
    name = _first_name(identity)
    return detect_language(name.get("given", ""), name.get("middle", ""), name.get("family", ""))


def script_of(identity: Identity) -> str:
    """Return the script of the first name: cyrillic, latin or arabic; '' without letters."""
    text = written(_first_name(identity)).lower()
    for script, first, last in (("cyrillic", "Ѐ", "ӿ"), ("arabic", "؀", "ۿ")):
        if any(first <= letter <= last for letter in text):
            return script
    return "latin" if any(letter.isalpha() for letter in text) else ""


def _first_name(identity: Identity) -> Name:
    """Return the first name of an identity; empty when there is none."""
    return next(iter(identity.get("names", [])), Name())
