"""Words and numbers that pages may show without a signed cell: labels, quotations, thresholds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache

from kerege.evidence.release.manifest import Manifest
from kerege.publishing.site_check.stray_numbers import Declared, read_numbers
from kerege.vocabulary import codes, confirmations, corrections, profile, reference_figures
from kerege.vocabulary.confirmations import Confirmation
from kerege.vocabulary.corrections import Correction
from kerege.vocabulary.kept_labels import KeptLabels

DIGIT, WHOLE = re.compile(r"\d"), re.compile(r"(?<![\w.])\d{1,6}(?![\w.])")
HASHES = frozenset({"files", "sha256", "fingerprint"})


def declare(manifests: Iterable[Manifest], kept: Iterable[KeptLabels] = ()) -> Declared:
    """Return what vocabulary, profile, manifests and the kept labels of a site declare."""
    quoted = {Decimal(number) for entry in reference_figures.context() for number in _stated(entry["value"])}
    numbers = _telephones() | quoted
    for manifest in manifests:
        numbers |= {Decimal(number) for number in _stated(manifest.tree)} | {Decimal(manifest.policy.threshold - 1)}
    words = _words().union(*(_kept_words(labels) for labels in kept))
    return Declared(words, frozenset(numbers), _quoted_numbers())


def _kept_words(kept: KeptLabels) -> Iterator[str]:
    """Yield the labels with a digit that a release keeps."""
    for listed in kept.lists.values():
        yield from (text for labels in listed.values() for text in labels.values() if DIGIT.search(text))


def _quoted_numbers() -> dict[str, frozenset[Decimal]]:
    """Return the numbers of the sentences of the founding article and of the articles of the law, by name."""
    sentences = {f"article/{claim.id}": claim.texts.values() for claim in reference_figures.claims()}
    return {name: read_numbers(texts) for name, texts in (*sentences.items(), *_articles_of_law())}


def _articles_of_law() -> Iterator[tuple[str, list[str]]]:
    """Yield the texts of each article: its facts in the profile, and who confirmed them."""
    country = profile.active()
    facts = {fact.path: fact.fact for fact in country.facts()}
    held: tuple[Mapping[str, Confirmation | Correction], ...] = (
        confirmations.read_home(),
        corrections.current(corrections.read_home(), date.today()),
    )
    for article in country.law:
        paths = [f"law.{article.id}", *article.clocks, *(f"legal_basis.{basis}" for basis in article.acts)]
        rows = [rows[path] for rows in held for path in paths if path in rows]
        confirmed = [f"{row.lawyer}, {row.document}" for row in rows]
        yield f"law/{article.id}", [*(facts[path].model_dump_json() for path in paths), *confirmed]


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
