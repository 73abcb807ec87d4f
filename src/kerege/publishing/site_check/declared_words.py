"""Words and numbers that pages may show without a signed cell: labels, quotations, thresholds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

from kerege.evidence.release.manifest import Manifest
from kerege.publishing.site_check.stray_numbers import NUMBER, Declared, value_of
from kerege.vocabulary import codes, profile, reference_figures
from kerege.vocabulary.pack import active_pack

DIGIT, WHOLE = re.compile(r"\d"), re.compile(r"(?<![\w.])\d{1,6}(?![\w.])")
LAW = ("law.toml", "profile.toml")  # files of the pack: articles, deadlines, sources
HASHES = frozenset({"files", "sha256", "fingerprint"})


def declare(manifests: Iterable[Manifest]) -> Declared:
    """Return what the vocabulary, the profile and the manifests of a site declare."""
    quoted = {Decimal(number) for entry in reference_figures.context() for number in _stated(entry["value"])}
    numbers = _telephones() | quoted
    for manifest in manifests:
        numbers |= {Decimal(number) for number in _stated(manifest.tree)} | {Decimal(manifest.policy.threshold - 1)}
    return Declared(_words(), frozenset(numbers), _quoted_numbers())


@cache
def _quoted_numbers() -> frozenset[Decimal]:
    """Return the numbers of the founding article and of the law, which their pages quote."""
    texts = [text for claim in reference_figures.claims() for text in claim.texts.values()]
    texts += [active_pack().read_text(name) for name in LAW if active_pack().has(name)]
    return frozenset(value_of(words) for text in texts for words in NUMBER.findall(text.replace("\u00a0", " ")))


@cache
def _words() -> frozenset[str]:
    listed = (code for name in codes.names() for code in codes.code_list(name).codes.values())
    texts = [label for code in listed for label in code.labels.values()]
    texts += [text for claim in reference_figures.claims() for text in claim.texts.values()]
    texts += [text for entry in reference_figures.context() for text in (entry["kk"], entry["ru"], entry["en"])]
    return frozenset(text for text in texts if DIGIT.search(text))


def _telephones() -> set[Decimal]:
    country = profile.active()
    return {Decimal(re.sub(r"\D", "", phone.number)) for phone in (country.hotline, country.emergency)}


def _stated(tree: object) -> Iterator[str]:
    """Yield the numbers of a manifest, such as its threshold, and those in its notes and titles."""
    if isinstance(tree, dict):
        yield from (number for name, part in tree.items() if name not in HASHES for number in _stated(part))
    elif isinstance(tree, list):
        yield from (number for part in tree for number in _stated(part))
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield str(tree)
    elif isinstance(tree, str):
        yield from WHOLE.findall(tree)
