"""Facts and texts of a country profile, with their paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerege.vocabulary.profile_parts import Fact, ProfilePart, TranslatedText


@dataclass(frozen=True)
class ProfileFact:
    """Fact of the profile: its path, its value in words, its source, and whether a lawyer confirmed it."""

    path: str
    value: str
    source: str
    confirmed: bool
    fact: Fact

    def __str__(self) -> str:
        return f"{self.path}: {self.value} (source: {self.source})"


def list_facts(path: str, value: object) -> Iterator[ProfileFact]:
    """Yield the facts of a part of a profile, in the order of the model; `path` is that of the part."""
    if isinstance(value, Fact):
        values = value.model_dump(exclude={"confirmed", "source"}, mode="json")
        words = ", ".join(f"{key}={_short(item)}" for key, item in values.items())
        yield ProfileFact(path=path, value=words, source=value.source, confirmed=value.confirmed, fact=value)
    else:
        for name, item in _items(value):
            yield from list_facts(f"{path}.{name}".lstrip("."), item)


def list_texts(path: str, value: object) -> Iterator[tuple[str, set[str]]]:
    """Yield the path and the languages of each text by language of a part of a profile."""
    if isinstance(value, TranslatedText):
        yield path, set(value.root)
    else:
        for name, item in _items(value):
            yield from list_texts(f"{path}.{name}".lstrip("."), item)


def _items(value: object) -> Iterator[tuple[str, object]]:
    """Yield the names and the parts of a part of a profile, a table or a list."""
    if isinstance(value, ProfilePart):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((getattr(item, "id", ""), item) for item in value)


def _short(value: object) -> str:
    if isinstance(value, dict) and "en" in value:
        return str(value["en"])
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
