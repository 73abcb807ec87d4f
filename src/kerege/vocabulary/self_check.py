"""Whether the shipped vocabulary fits together: labels, parents, crosswalks, columns, profiles."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from kerege.base.errors import BadInput
from kerege.vocabulary import codes, ctdc, htcds, profile, reference_figures, screening, sdg, snapshot_columns
from kerege.vocabulary.codes import LANGUAGES, CodeList


def validate() -> list[str]:
    """Check that the shipped vocabulary fits together; return one sentence for each fault, [] where all is well."""
    return [
        sentence for check in (_lists, _fields, _snapshots, _standards, _profiles, _screening) for sentence in check()
    ]


def _lists() -> Iterator[str]:
    for name in codes.names():
        found = codes.code_list(name)
        yield from (f"code list {name}: {sentence}" for sentence in problems_of(found))


def problems_of(found: CodeList) -> Iterator[str]:
    """What is wrong with one code list."""
    if not found.codes:
        yield "has no codes"
    if clash := set(found.codes) & {*codes.ANSWER_STATES, *codes.MARGINS} and found.name != "answer":
        yield f"{clash} are answer states or margins"
    yield from _labels(found)
    yield from _parents(found)
    twins = [code.htcds for code in found.codes.values() if code.htcds]
    if found.htcds == "one" and len(set(twins)) != len(found.codes):
        yield "is declared one to one with HTCDS and is not"


def _labels(found: CodeList) -> Iterator[str]:
    for language in LANGUAGES:
        labels = [code.labels[language] for code in found.codes.values()]
        if not all(label.strip() == label != "" for label in [*labels, found.titles[language]]):
            yield f"a label in {language} is missing or padded"
        if twice := [label for label, times in Counter(labels).items() if times > 1]:
            yield f"{language} labels stand twice: {', '.join(twice)}"
        if any(unicodedata.normalize("NFC", label) != label for label in labels):
            yield f"a label in {language} is not in normal form C"


def _parents(found: CodeList) -> Iterator[str]:
    given = {code.parent for code in found.codes.values() if code.parent}
    if given and found.parent_list is None:
        yield "has parents but no parent list"
    elif found.parent_list is not None and (lost := given - set(codes.code_list(found.parent_list).codes)):
        yield f"parents that {found.parent_list} does not have: {', '.join(sorted(lost))}"


def _fields() -> Iterator[str]:
    fields = htcds.htcds_fields()
    if len(fields) != 84 or sum(field.state == "deprecated" for field in fields.values()) != 3:
        yield "HTCDS 2.0 has 84 fields, 3 of them deprecated"
    if len({name.lower() for name in [*htcds.columns(), *htcds.ALIASES]}) != len(htcds.columns()) + len(htcds.ALIASES):
        yield "two columns of exchange files share a name"
    for field in htcds.columns().values():
        if field.list and field.list not in codes.names():
            yield f"field {field.name}: there is no code list {field.list}"
        for value in field.values:
            try:
                htcds.from_htcds(field.list, value)
            except KeyError:
                yield f"field {field.name}: {value} has no code in {field.list}"


def _snapshots() -> Iterator[str]:
    free = {"year", "quarter", "half"}
    for unit in snapshot_columns.units():
        for column in snapshot_columns.columns(unit):
            if lost := set(column.list.split(":")) - {*codes.names(), *free}:
                yield f"snapshot of {unit}, column {column.name}: there is no code list {', '.join(lost)}"
            if not all(column.titles.get(language) for language in LANGUAGES):
                yield f"snapshot of {unit}, column {column.name}: a title is missing"


def _standards() -> Iterator[str]:
    if len(ctdc.VARIABLES) != 27 or set(ctdc.to_ctdc({})) != set(ctdc.VARIABLES):
        yield "CTDC has 27 variables"
    if len(sdg.series()) != 5:
        yield "SDG 16.2.2 has five series"
    if not all(claim.texts.get(language) for claim in reference_figures.claims() for language in LANGUAGES):
        yield "a claim of the founding document lacks a language"


def _profiles() -> Iterator[str]:
    for country in profile.available():
        try:
            profile.load_profile(country)
        except BadInput as problem:
            yield from map(str, problem.faults)


def _screening() -> Iterator[str]:
    """Our own questionnaires, and those that the country keeps beside its register."""
    try:
        screening.shipped()
    except BadInput as error:
        yield from map(str, error.faults)
    yield from map(str, screening.faults())
