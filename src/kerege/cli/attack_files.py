"""Reading of all files of a disclosure risk assessment with the choices of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.evidence.sdc.constraints.publication import Publication, Sheet, together
from kerege.evidence.sdc.disclosure.intruder import report
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.reading.column_names import translation
from kerege.evidence.sdc.reading.hierarchies import Hierarchies, read_hierarchies
from kerege.evidence.sdc.reading.nested_codes import base_name
from kerege.evidence.sdc.reading.options import DASHES, ReadingOptions


def reading_options(dash: str, multi: Sequence[str], hierarchies: Sequence[str]) -> ReadingOptions:
    """Return the choices for files of other publishers; raises BadInput.

    `hierarchies` are files, or `COLUMN=FILE`.
    """
    if dash and dash not in DASHES:
        raise BadInput(Fault("--dash is neither zero nor suppressed", "give one of them"))
    parents: Hierarchies = {}
    for argument in hierarchies:
        for column, by_code in read_hierarchies(argument).items():
            parents[column] = parents.get(column, {}) | by_code
    return ReadingOptions(dash, frozenset(multi), parents)


def assess_files(path: Path, prior: Sequence[Path], threshold: int, options: ReadingOptions) -> AttackReport:
    """Return the report on a folder or file together with what was public before it; raises BadInput."""
    *earlier, new = together([Publication.read(file, options) for file in [*prior, path]])
    _check_columns([*earlier, new], options)
    return _with_reading(report(new, earlier, threshold), new, earlier)


def _check_columns(publications: Sequence[Publication], options: ReadingOptions) -> None:
    """Raise BadInput for a column of --multi or --hierarchy that no table of another publisher has."""
    sheets = [sheet for publication in publications for sheet in publication.sheets if not sheet.stated]
    columns = sorted({base_name(name) for sheet in sheets for name in sheet.by})
    usual = {translation(name) for name in columns} - {""}
    for option, names in (("--multi", options.multi), ("--hierarchy", options.hierarchies)):
        if unknown := sorted(name for name in names if name not in columns and translation(name) not in usual):
            raise BadInput(Fault(f"{option}: no table has the column {unknown[0]}", f"use {listed(columns)}"))


def _with_reading(result: AttackReport, new: Publication, earlier: Sequence[Publication]) -> AttackReport:
    """Return a report with the notes about the reading of all tables.

    A column that was not understood makes the publication undecided.
    """
    sheets = [sheet for publication in [*earlier, new] for sheet in publication.sheets]
    notes = [f"table {sheet.name} of {sheet.release}: {note}" for sheet in sheets for note in sheet.notes]
    unread = [f"undecided: column {name} of table {sheet.name}" for sheet in sheets for name in _not_used(sheet)]
    return result.model_copy(
        update={
            "notes": list(dict.fromkeys([*result.notes, *notes, *unread])),
            "undecided": result.undecided + len(unread),
            "safe": result.safe and not unread,
        }
    )


def _not_used(sheet: Sheet) -> list[str]:
    """Return the columns of which the assessment uses nothing."""
    return [*sheet.unread, *(["percentages of an unpublished number"] if sheet.ratios else [])]
