"""Import of a file of any known format, and the meaning of its headings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from django.utils import translation

from kerege.base.errors import BadInput
from kerege.casework.exchange.agency_lookup import AgencyLookup
from kerege.casework.exchange.fault_texts import join_repeated, note_text, text_of
from kerege.casework.exchange.formats.options import ReadOptions
from kerege.casework.exchange.formats.recognition import Explanation, explain_headings, no_known_heading, open_file
from kerege.casework.exchange.formats.stated_facts import FILE_ONLY
from kerege.casework.exchange.htcds.column_renaming import ColumnMap, load_map
from kerege.casework.exchange.htcds.columns import file_columns
from kerege.casework.exchange.htcds.import_plan import Summary, file_digest, named_agency, run_import
from kerege.casework.exchange.htcds.parsed_cases import parse_persons
from kerege.casework.exchange.named_maps import map_of_agency
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor


class ImportChoices(TypedDict, total=False):
    """Choices of an import: map, agency, dry run, and how the file is read."""

    map_path: Path | None
    agency_code: str
    dry_run: bool
    options: ReadOptions | None


def import_file(
    actor: Actor,
    path: Path,
    *,
    map_path: Path | None = None,
    agency_code: str = "",
    dry_run: bool = False,
    options: ReadOptions | None = None,
) -> Summary:
    """Import a file of a known format; raise BadInput with every fault before anything is written."""
    authorization.require(actor, "exchange.import")
    parties = AgencyLookup()
    agency = named_agency(parties, agency_code)
    table = open_file(path, _map(map_path, agency), options)
    persons = parse_persons(table, parties, agency)
    return run_import(actor, table, parties, persons, target=f"file:{file_digest(path)}", dry_run=dry_run)


def _map(path: Path | None, agency: Agency | None) -> ColumnMap | None:
    """Return the map of a file; without such a file, the map that the agency saved under this name."""
    if path is None:
        return None
    is_file = path.is_file() or path.suffix.lower() == ".toml"
    return load_map(path, (*file_columns(), *FILE_ONLY)) if is_file else map_of_agency(agency, str(path))


def import_in_language(language: str, actor: Actor, path: Path, **choices: Unpack[ImportChoices]) -> Summary:
    """Import a file as `import_file` does, with notes and faults in a language, each repeated fault once."""
    if language == "en":
        return _import_with_joined_faults(actor, path, **choices)
    with translation.override(language):
        try:
            summary = import_file(actor, path, **choices)
        except BadInput as error:
            faults = [replace(fault, what=text_of(fault), todo="") for fault in error.faults]
            raise BadInput(join_repeated(faults)) from None
        return replace(summary, notes=[note_text(note) for note in summary.notes])


def _import_with_joined_faults(actor: Actor, path: Path, **choices: Unpack[ImportChoices]) -> Summary:
    try:
        return import_file(actor, path, **choices)
    except BadInput as error:
        with translation.override("en"):
            raise BadInput(join_repeated(error.faults)) from None


def explain_file(path: Path, map_path: Path | None, options: ReadOptions, agency_code: str = "") -> Explanation:
    """Return the meaning of the headings of a file; nothing is imported.

    Raises BadInput where no heading is known: their texts can be those of a person.
    """
    explanation = explain_headings(path, _map(map_path, named_agency(AgencyLookup(), agency_code)), options)
    if explanation.headings and not any(heading.column for heading in explanation.headings):
        raise no_known_heading(path.name)
    return explanation
