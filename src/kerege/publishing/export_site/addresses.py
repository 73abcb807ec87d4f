"""Addresses of the public site, from the URL configuration and the known parameter values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from kerege.core.pages.public_host import PUBLIC_NAMESPACES

MOST_COMBINATIONS = 3000  # addresses of one pattern; above it, only the addresses that pages link count


@dataclass(frozen=True)
class PublicPattern:
    """A named pattern of the public site, with the names of its parameters."""

    name: str
    parameters: tuple[str, ...]


def list_patterns() -> list[PublicPattern]:
    """Return every named pattern of the public site."""
    return sorted(set(_walk(get_resolver().url_patterns, (), ())), key=lambda pattern: pattern.name)


def _walk(
    patterns: Iterable[URLPattern | URLResolver], spaces: tuple[str, ...], outer: tuple[str, ...]
) -> Iterator[PublicPattern]:
    for pattern in patterns:
        parameters = outer + tuple(getattr(pattern.pattern, "converters", {}))
        if isinstance(pattern, URLResolver):
            inner = spaces + ((pattern.namespace,) if pattern.namespace else ())
            yield from _walk(pattern.url_patterns, inner, parameters)
        elif set(spaces[:1]) & PUBLIC_NAMESPACES and pattern.name:
            yield PublicPattern(":".join((*spaces, pattern.name)), parameters)


def list_addresses(
    patterns: Iterable[PublicPattern], values: Mapping[str, Iterable[str]], languages: Iterable[str]
) -> list[str]:
    """Return the addresses of patterns in these languages, with all known parameter values."""
    addresses: dict[str, None] = {}
    for language in languages:
        with translation.override(language):
            for pattern in patterns:
                addresses |= dict.fromkeys(_fill(pattern, values))
    return list(addresses)


def _fill(pattern: PublicPattern, values: Mapping[str, Iterable[str]]) -> Iterator[str]:
    choices = [sorted(values.get(name, ())) for name in pattern.parameters]
    if prod(map(len, choices)) > MOST_COMBINATIONS:
        return
    for chosen in product(*choices):
        try:
            yield reverse(pattern.name, kwargs=dict(zip(pattern.parameters, chosen, strict=True)))
        except NoReverseMatch:
            continue  # a value of another pattern does not fit this one
