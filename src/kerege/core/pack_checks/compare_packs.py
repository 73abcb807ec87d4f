"""Differences between two versions of a pack: codes, facts, and confirmations that end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kerege.vocabulary import codes, confirmations, profile
from kerege.vocabulary.codes import Code
from kerege.vocabulary.confirmations import digest_of
from kerege.vocabulary.pack import Pack, using


@dataclass(frozen=True)
class CodeChange:
    """Change of one code of a list, in words such as "is retired after 2026-12-31"."""

    list_name: str
    code: str
    words: str


@dataclass(frozen=True)
class FactChange:
    """Change of a fact: its path, the values in words ('' for none), and whether a confirmation ends."""

    path: str
    before: str
    after: str
    ends_confirmation: bool = False


def compare_codes(before: Pack, after: Pack) -> Iterator[CodeChange]:
    """Yield every change of a code from one version to another, list by list."""
    for name in codes.open_lists():
        old, new = _codes_of(before, name), _codes_of(after, name)
        for code in (*old, *(code for code in new if code not in old)):
            for words in _code_changes(old.get(code), new.get(code)):
                yield CodeChange(name, code, words)


def _codes_of(pack: Pack, name: str) -> Mapping[str, Code]:
    with using(pack):
        return codes.code_list(name).codes


def _code_changes(old: Code | None, new: Code | None) -> Iterator[str]:
    if new is None:
        yield "is gone"
    elif old is None:
        before = f", succeeds {', '.join(new.succeeds)}, old records: {new.old_records}" if new.succeeds else ""
        yield f"is new{_days(new.begins)}{before}"
    else:
        yield from _changes_between(old, new)


def _changes_between(old: Code, new: Code) -> Iterator[str]:
    if new.ends and new.ends != old.ends:
        yield f"is retired after {new.ends}"
    if old.ends and not new.ends:
        yield "is in use again"
    for language in sorted(old.labels.keys() & new.labels.keys()):
        if old.labels[language] != new.labels[language]:
            yield f'has another label in {language}: "{old.labels[language]}", now "{new.labels[language]}"'


def _days(begins: date | None) -> str:
    return f" from {begins}" if begins else ""


def compare_facts(before: Pack, after: Pack) -> Iterator[FactChange]:
    """Yield every fact whose value or source changes, in the order of the profile."""
    old, new = ({fact.path: fact for fact in profile.read_profile(pack).facts()} for pack in (before, after))
    confirmed = confirmations.read_home()
    for path in dict.fromkeys((*new, *old)):
        digest, new_digest = (digest_of(facts[path].fact) if path in facts else "" for facts in (old, new))
        if digest != new_digest:
            ends = path in confirmed and confirmed[path].digest == digest
            yield FactChange(path, _words(old.get(path)), _words(new.get(path)), ends)


def _words(fact: profile.ProfileFact | None) -> str:
    return f"{fact.value} ({fact.source})" if fact else ""
