"""Reading of all files of a disclosure risk assessment with the choices of the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.sdc.disclosure.intruder import report
from kerege.evidence.sdc.disclosure.remedy_plan import with_plan
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.column_names import translation
from kerege.evidence.sdc.reading.options import ReadingOptions
from kerege.evidence.sdc.reading.set_codes import name_in_file


def assess_files(
    path: Path, prior: Sequence[Path], threshold: int, options: ReadingOptions, *, is_planned: bool = False
) -> AttackReport:
    """Return the report on a folder or file together with what was public before it; raises BadInput.

    `is_planned` adds a plan that stops all disclosures together.
    """
    *earlier, new = [Publication.read(file, options) for file in [*prior, path]]
    notes = _check_columns([*earlier, new], options)
    result = report(new, earlier, threshold)
    if is_planned:
        result = with_plan(result, new, earlier, threshold)
    return result.model_copy(update={"notes": [*result.notes, *notes]})


def _check_columns(publications: Sequence[Publication], options: ReadingOptions) -> list[str]:
    """Raise BadInput for a column of an option that no table of another publisher has.

    A column that is not sensitive may be in the tables of other days: it gives a note.
    """
    sheets = [sheet for publication in publications for sheet in publication.sheets if not sheet.stated]
    columns = sorted({name_in_file(name) for sheet in sheets for name in sheet.by})
    usual = {translation(name) for name in columns} - {""}

    def unknown_of(names: Iterable[str]) -> list[str]:
        return sorted(name for name in names if name not in columns and translation(name) not in usual)

    stated = {"--multi": options.multi, "--single": options.single, "--hierarchy": options.hierarchies}
    for option, names in stated.items():
        if unknown := unknown_of(names):
            raise BadInput(Fault(f"{option}: no table has the column {unknown[0]}", f"use {listed(columns)}"))
    text = "no table has the column"
    return [f"--not-sensitive: {text} {shown(name)}" for name in unknown_of(options.not_sensitive)]
