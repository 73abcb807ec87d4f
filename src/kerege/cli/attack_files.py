"""Reading of all files of a disclosure risk assessment with the choices of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed
from kerege.evidence.sdc.disclosure.intruder import report
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.column_names import translation
from kerege.evidence.sdc.reading.options import ReadingOptions
from kerege.evidence.sdc.reading.set_codes import name_in_file


def assess_files(path: Path, prior: Sequence[Path], threshold: int, options: ReadingOptions) -> AttackReport:
    """Return the report on a folder or file together with what was public before it; raises BadInput."""
    *earlier, new = [Publication.read(file, options) for file in [*prior, path]]
    _check_columns([*earlier, new], options)
    return report(new, earlier, threshold)


def _check_columns(publications: Sequence[Publication], options: ReadingOptions) -> None:
    """Raise BadInput for a column of an option that no table of another publisher has."""
    sheets = [sheet for publication in publications for sheet in publication.sheets if not sheet.stated]
    columns = sorted({name_in_file(name) for sheet in sheets for name in sheet.by})
    usual = {translation(name) for name in columns} - {""}
    by_option = {
        "--multi": options.multi,
        "--hierarchy": options.hierarchies,
        "--not-sensitive": options.not_sensitive,
    }
    for option, names in by_option.items():
        if unknown := sorted(name for name in names if name not in columns and translation(name) not in usual):
            raise BadInput(Fault(f"{option}: no table has the column {unknown[0]}", f"use {listed(columns)}"))
