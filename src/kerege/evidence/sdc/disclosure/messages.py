"""Sentences about a disclosure: the figure, the way it is derived, the remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.report import Source
from kerege.evidence.sdc.published_tables.figure_labels import describe_cell, order_of_sum, signs_of_sum
from kerege.evidence.sdc.published_tables.stated_noise import least_deviation

WHAT = {
    "interval": "The figure is not published but is",
    "difference": "No table shows this figure, but it is",
    "noise": "The exact figure is not published, but with a probability of 99.9 % it is",
}


SECOND = (
    "More than one figure must be suppressed: a total minus the figures that remain would give a single suppressed one."
)


def sentences(disclosure: Disclosure, *, already: bool, threshold: int) -> list[str]:
    """Return English sentences: the people, the derivation, the remedy, and why it needs a second figure."""
    texts = [_figure(disclosure), _derivation(disclosure), remedy(disclosure, already=already, threshold=threshold)]
    return [*texts, SECOND] if len(disclosure.hide) > 1 and not already else texts


def _who(disclosure: Disclosure, cell: dict[str, str]) -> str:
    return describe_cell(cell, {unit for unit, _ in disclosure.about})


def _amount(disclosure: Disclosure) -> str:
    return (
        str(disclosure.lower)
        if disclosure.lower == disclosure.upper
        else f"between {disclosure.lower} and {disclosure.upper}"
    )


def _figure(disclosure: Disclosure) -> str:
    people = _who(disclosure, disclosure.cell)
    beside = ", beside an earlier one" if disclosure.kind == "entered" else ""
    if disclosure.kind in ("group", "revision") or not disclosure.cell:
        return f"Table {disclosure.table} of {disclosure.release}{beside}: {people}."
    return f"Table {disclosure.table} of {disclosure.release}{beside}: these people could be found: {people}."


def _derivation(disclosure: Disclosure) -> str:
    amount = _amount(disclosure)
    if disclosure.kind == "small":
        return f"The count {amount} is published as it is, so few people can be found."
    if disclosure.kind == "group":
        number = "one or more" if disclosure.lower < 2 else f"at least {disclosure.lower}"
        return f"All people of this group ({number}) have the same value, so it is known of each of them."
    by = listed_sources(disclosure)
    own = [source.printed for source in disclosure.sources if source.printed and source.cell == disclosure.cell]
    if disclosure.kind == "interval" and own:
        return f"{WHAT['interval']} {amount}: the table prints {own[0]}."
    if disclosure.kind == "noise":
        return f"{WHAT['noise']} {amount}, as can be worked out from {by}, given the stated size of their noise."
    if disclosure.kind == "entered":
        return f"These are {amount} people, as can be worked out from {by}{_equation(disclosure)}."
    return f"{WHAT[disclosure.kind]} {amount}, as can be worked out from {by}{_equation(disclosure)}."


def _equation(disclosure: Disclosure) -> str:
    """Return the sum by which an exact figure follows from a few others, '' without one."""
    values = [source.value for source in disclosure.sources]
    if any(source.printed for source in disclosure.sources):
        return ""
    signs = signs_of_sum(values, disclosure.lower) if disclosure.lower == disclosure.upper else ()
    if not signs:
        return ""
    terms = "".join(f" {'+' if sign > 0 else '−'} {value}" for sign, value in order_of_sum(values, signs))
    return f": {terms.removeprefix(' + ')} = {disclosure.lower}"


def listed_sources(disclosure: Disclosure, most: int = 6) -> str:
    """Return published numbers as text within a sentence; `most` limits their number."""
    sources = disclosure.sources
    texts = [_listed_source(disclosure, source) for source in sources[:most]]
    more = f" and {len(sources) - most} more" if len(sources) > most else ""
    return ("; ".join(texts) or "the published tables") + more


def _listed_source(disclosure: Disclosure, source: Source) -> str:
    """Return a published number with its cell and its table."""
    table = f"table {source.table}{_release_suffix(source, disclosure.sources)}"
    return f"{source.printed or source.value} ({_who(disclosure, source.cell)}, {table})"


def _release_suffix(source: Source, sources: Sequence[Source]) -> str:
    return f" of {source.release}" if len({any_source.release for any_source in sources}) > 1 else ""


def remedy(disclosure: Disclosure, *, already: bool, threshold: int) -> str:
    """Return the smallest change that stops the disclosure, in one sentence."""
    if already:
        return "This can no longer be protected: it follows from what is public already; do not repeat or refine it."
    if disclosure.hide:
        cells = "; ".join(f"{_who(disclosure, cell)} in table {table}" for table, cell in disclosure.hide)
        return f"Suppress, as counts and as percentages, {cells}." if disclosure.has_shares else f"Suppress {cells}."
    if disclosure.kind == "entered" and not disclosure.drop:
        return f"Keep the earlier figure, or suppress this one, until at least {threshold} people make the difference."
    if disclosure.kind == "noise":
        needed = math.ceil(10 * least_deviation(threshold)) / 10
        more = f"or give the noisy figures a standard deviation of at least {needed} people by a smaller rho or epsilon"
        return f"Leave out table {disclosure.drop or disclosure.table}, {more}."
    return f"Leave out table {disclosure.drop or disclosure.table}, or make its groups coarser."
