"""Sentences about a disclosure: the figure, the way it is derived, the remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.report import AttackReport, Finding, Source
from kerege.evidence.sdc.published_tables.figure_labels import describe_cell, order_of_sum, signs_of_sum
from kerege.evidence.sdc.published_tables.message_texts import ENGLISH, say, translate_note
from kerege.evidence.sdc.published_tables.stated_noise import least_deviation

SECOND = say("second")


def sentences(disclosure: Disclosure, *, already: bool, threshold: int, language: str = ENGLISH) -> list[str]:
    """Return the sentences: the people, the derivation, the remedy, and why it needs a second figure."""
    advice = remedy(disclosure, already=already, threshold=threshold, language=language)
    texts = [_figure(disclosure, language), _derivation(disclosure, language), advice]
    return [*texts, say("second", language)] if len(disclosure.hide) > 1 and not already else texts


def sentences_of_finding(finding: Finding, threshold: int, language: str) -> list[str]:
    """Return the sentences about a finding of a report in a language."""
    disclosure = _as_disclosure(finding, threshold)
    return sentences(disclosure, already=finding.already_public, threshold=threshold, language=language)


def in_language(report: AttackReport, language: str) -> AttackReport:
    """Return a report with its sentences and notes in a language; those in English are already in it."""
    if language == ENGLISH:
        return report
    findings = [_finding_in_language(finding, report.threshold, language) for finding in report.disclosures]
    notes = [translate_note(note, language) for note in report.notes]
    return report.model_copy(update={"disclosures": findings, "notes": notes})


def _finding_in_language(finding: Finding, threshold: int, language: str) -> Finding:
    words = sentences_of_finding(finding, threshold, language)
    return finding.model_copy(update={"words": words, "remedy": words[2]})


def _as_disclosure(finding: Finding, threshold: int) -> Disclosure:
    left_out = [advice.table for advice in finding.advice if advice.action == "drop"]
    is_kept = finding.remedy == say("keep_earlier", threshold=threshold)
    hidden = [advice for advice in finding.advice if advice.action == "hide"]
    return Disclosure(
        kind=finding.kind,
        release=finding.release,
        table=finding.table,
        cell=finding.cell,
        lower=finding.lower,
        upper=finding.upper,
        sources=tuple(finding.sources),
        hide=tuple((advice.table, cell) for advice in hidden for cell in advice.cells),
        drop="" if is_kept else next(iter(left_out), ""),
        where=finding.where,
        about=frozenset({(finding.of, "")} if finding.of else ()),
        has_shares=finding.remedy.startswith(say("suppress_shares", cells="").rstrip(". ")),
    )


def _who(disclosure: Disclosure, cell: dict[str, str], language: str) -> str:
    return describe_cell(cell, {unit for unit, _ in disclosure.about}, language)


def _amount(disclosure: Disclosure, language: str) -> str:
    if disclosure.lower == disclosure.upper:
        return str(disclosure.lower)
    return say("range", language, lower=disclosure.lower, upper=disclosure.upper)


def _figure(disclosure: Disclosure, language: str) -> str:
    people = _who(disclosure, disclosure.cell, language)
    if disclosure.kind not in ("group", "revision") and disclosure.cell:
        people = _found(disclosure, people, language)
    key = "table_beside" if disclosure.kind == "entered" else "table"
    return say(key, language, table=disclosure.table, release=disclosure.release, people=people)


def _found(disclosure: Disclosure, people: str, language: str) -> str:
    """Return how many people can be found, and which."""
    lower, upper = disclosure.lower, disclosure.upper
    exactly = "one_found" if upper == 1 else "some_found"
    key = exactly if lower == upper else "some_from_to" if lower else "some_up_to"
    return say(key, language, lower=lower, upper=upper, number=upper, people=people)


def _derivation(disclosure: Disclosure, language: str) -> str:
    amount = _amount(disclosure, language)
    if disclosure.kind == "small":
        return say("small", language, amount=amount)
    if disclosure.kind == "group":
        key = "group_any" if disclosure.lower < 2 else "group_least"
        return say("group", language, number=say(key, language, lower=disclosure.lower))
    own = [source.printed for source in disclosure.sources if source.printed and source.cell == disclosure.cell]
    if disclosure.kind == "interval" and own:
        return say("printed", language, amount=amount, printed=own[0])
    key = {"entered": "entered_people", "revision": "entered_people"}.get(disclosure.kind, disclosure.kind)
    sources = listed_sources(disclosure, language=language)
    return say(key, language, amount=amount, sources=sources, sum=_equation(disclosure))


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


def listed_sources(disclosure: Disclosure, most: int = 6, language: str = ENGLISH) -> str:
    """Return published numbers as text within a sentence; `most` limits their number."""
    sources = disclosure.sources
    texts = "; ".join(_listed_source(disclosure, source, language) for source in sources[:most])
    listed = texts or say("sources_none", language)
    return say("sources_more", language, sources=listed, more=len(sources) - most) if len(sources) > most else listed


def _listed_source(disclosure: Disclosure, source: Source, language: str) -> str:
    """Return a published number with its cell and its table."""
    key = "source_of" if _are_of_several_releases(disclosure.sources) else "source"
    people, value = _who(disclosure, source.cell, language), source.printed or source.value
    return say(key, language, value=value, people=people, table=source.table, release=source.release)


def _are_of_several_releases(sources: Sequence[Source]) -> bool:
    return len({source.release for source in sources}) > 1


def remedy(disclosure: Disclosure, *, already: bool, threshold: int, language: str = ENGLISH) -> str:
    """Return the smallest change that stops the disclosure, in one sentence."""
    if already:
        return say("public", language)
    if disclosure.hide:
        cells = "; ".join(
            say("in_table", language, people=_who(disclosure, cell, language), table=table)
            for table, cell in disclosure.hide
        )
        return say("suppress_shares" if disclosure.has_shares else "suppress", language, cells=cells)
    table = disclosure.drop or disclosure.table
    if disclosure.kind == "entered" and not disclosure.drop:
        return say("keep_earlier", language, threshold=threshold)
    if disclosure.kind == "noise":
        return say("less_noise", language, table=table, needed=math.ceil(10 * least_deviation(threshold)) / 10)
    return say("leave_out", language, table=table)
