"""Consistency check of the bundled vocabulary: labels, parents, crosswalks, columns, profiles."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from kerege.base.errors import BadInput
from kerege.vocabulary import (
    code_files,
    codes,
    ctdc,
    htcds,
    profile,
    reference_figures,
    screening,
    sdg,
    snapshot_columns,
)
from kerege.vocabulary.codes import CodeList
from kerege.vocabulary.languages import BUILT_IN, LAST_RESORT, rules
from kerege.vocabulary.pack import active_pack


def validate() -> list[str]:
    """Check that the bundled vocabulary is consistent.

    It checks code lists, fields, snapshot columns, crosswalks, profiles and questionnaires.

    Returns
    -------
    list of str
        One sentence per fault, [] without one.

    Examples
    --------
    >>> validate()
    []
    """
    return [
        sentence for check in (_lists, _fields, _snapshots, _standards, _profiles, _screening) for sentence in check()
    ]


def _lists() -> Iterator[str]:
    for name in codes.names():
        code_list = codes.code_list(name)
        yield from (f"code list {name}: {sentence}" for sentence in problems_of(code_list))


def problems_of(code_list: CodeList) -> Iterator[str]:
    """Yield the faults of one code list."""
    if not code_list.codes:
        yield "has no codes"
    clash = set(code_list.codes) & {*codes.ANSWER_STATES, *codes.MARGINS}
    if clash and code_list.name != "answer":
        yield f"{', '.join(sorted(clash))} are codes of answer states or margins"
    yield from _labels(code_list)
    yield from _parents(code_list)
    counterparts = [code.htcds for code in code_list.codes.values() if code.htcds]
    if code_list.htcds == "one" and len(set(counterparts)) != len(code_list.codes):
        yield "is declared one to one with HTCDS and is not"


def languages_of(name: str) -> list[str]:
    """Return the languages of the country in which every code of a list must have a label.

    Labels of Kerege's own lists are in Kazakh, Russian and English.
    """
    known = rules()
    if not code_files.read_base(name):
        return known.complete_languages
    return [language for language in BUILT_IN if language in known.languages or language == LAST_RESORT]


def _labels(code_list: CodeList) -> Iterator[str]:
    for language in languages_of(code_list.name):
        labels = [code.labels.get(language, "") for code in code_list.codes.values()]
        if not all(label.strip() == label != "" for label in labels) or not code_list.titles[language]:
            yield f"a label in {language} is missing or padded"
        if repeated := [label for label, times in Counter(labels).items() if times > 1]:
            yield f"{language} labels occur twice: {', '.join(repeated)}"
        if any(unicodedata.normalize("NFC", label) != label for label in labels):
            yield f"a label in {language} is not in normal form C"


def _parents(code_list: CodeList) -> Iterator[str]:
    parents = {code.parent for code in code_list.codes.values() if code.parent}
    if parents and code_list.parent_list is None:
        yield "has parents but no parent list"
    elif code_list.parent_list is not None and (lost := parents - set(codes.code_list(code_list.parent_list).codes)):
        yield f"parents that {code_list.parent_list} does not have: {', '.join(sorted(lost))}"


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
    periods = {"year", "quarter", "half"}
    for unit in snapshot_columns.units():
        for column in snapshot_columns.columns(unit):
            if unknown := set(column.list.split(":")) - {*codes.names(), *periods}:
                yield f"snapshot of {unit}, column {column.name}: there is no code list {', '.join(unknown)}"
            if not all(column.titles.get(language) for language in BUILT_IN):
                yield f"snapshot of {unit}, column {column.name}: a title is missing"


def _standards() -> Iterator[str]:
    if len(ctdc.VARIABLES) != 27 or set(ctdc.to_ctdc({})) != set(ctdc.VARIABLES):
        yield "CTDC has 27 variables"
    if len(sdg.series()) != 5:
        yield "SDG 16.2.2 has five series"
    if not all(claim.texts.get(language) for claim in reference_figures.claims() for language in BUILT_IN):
        yield "a claim of the founding document lacks a language"


def _profiles() -> Iterator[str]:
    for country in profile.available():
        try:
            profile.load_profile(country)
        except BadInput as problem:
            yield from map(str, problem.faults)


def _screening() -> Iterator[str]:
    """Yield the faults of the questionnaires of Kerege, of the pack and of KEREGE_HOME."""
    try:
        screening.shipped()
        screening.of_pack(active_pack())
    except BadInput as error:
        yield from map(str, error.faults)
    yield from map(str, screening.faults())
