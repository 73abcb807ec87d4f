"""`kerege import` and `kerege export`: records in and out in standard formats."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerege.cli.django import setup
from kerege.standard.faults import BadInput, Fault

if TYPE_CHECKING:
    from kerege.casework.exchange.htcds_import import Summary

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

MapOption = Annotated[Path | None, typer.Option("--map", help="TOML file that renames columns and values.")]
AgencyOption = Annotated[str, typer.Option("--agency", help="Code of the agency that the records are of.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
LATER = {"glotip": "GLOTIP tables", "sdg": "SDG 16.2.2 series", "sdmx": "SDMX"}


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="HTCDS records: CSV, XLSX (first sheet) or a JSON array.")],
    map_: MapOption = None,
    agency: AgencyOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read HTCDS records; everything is checked first, and a file with a fault changes nothing."""
    setup()
    from kerege.casework.exchange.htcds_import import import_file
    from kerege.core.access import Actor

    summary = import_file(Actor.system(), file, map_path=map_, agency_code=agency, dry_run=dry_run)
    if as_json:
        print(json.dumps(asdict(summary) | {"unchanged": summary.unchanged}, ensure_ascii=False))
    else:
        print("\n".join(sentences(summary)))


def sentences(summary: Summary) -> list[str]:
    """What happened, in words."""
    if summary.unchanged:
        return [f"{summary.file}: {summary.rows} rows; the register holds all of it already, nothing changes"]
    would = "would be " if summary.dry_run else ""
    lines = [
        f"{summary.file}: {summary.rows} rows, {summary.rows_unchanged} of them known and unchanged",
        f"persons: {summary.persons_new} {would}new, {summary.persons_known} known",
        f"cases: {summary.cases_new} {would}new, {summary.cases_known} known, {summary.cases_changed} {would}changed",
        f"{would or 'were '}added: {summary.services} services, {summary.decisions} decisions, "
        f"{summary.comments} comments".capitalize(),
    ]
    if summary.agencies_new:
        lines.append(f"agencies {would}made: {', '.join(summary.agencies_new)}")
    if summary.dry_run:
        lines.append("dry run: nothing was written")
    return lines


@app.command("export")
def export(
    format_: Annotated[
        str, typer.Argument(metavar="FORMAT", help="htcds or ctdc; glotip, sdg and sdmx are not written yet.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files; it is replaced as a whole.")],
    agency: AgencyOption = "",
    with_identity: Annotated[
        bool, typer.Option("--with-identity", help="With names and other identity: for another agency's register only.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the register's records in a standard format: without identity unless asked."""
    if format_ in LATER:
        raise BadInput(Fault(f"{LATER[format_]} cannot be written yet", "use htcds or ctdc"))
    if format_ not in {"htcds", "ctdc"}:
        raise BadInput(Fault(f"no format {format_!r}", "use htcds or ctdc"))
    if with_identity and format_ == "ctdc":
        raise BadInput(Fault("CTDC rows hold no identity", "leave --with-identity out"))
    setup()
    from kerege.casework.exchange import ctdc_export, htcds_export
    from kerege.core.access import Actor

    result: htcds_export.Export | ctdc_export.Export
    if format_ == "htcds":
        result = htcds_export.export(Actor.system(), out, agency_code=agency, with_identity=with_identity)
    else:
        result = ctdc_export.export(Actor.system(), out)
    if with_identity:
        warning = "this file names people: keep it sealed, send it encrypted, delete it when it has arrived"
        print(warning, file=sys.stderr)
    print(json.dumps(asdict(result), ensure_ascii=False) if as_json else f"{result.rows} rows written to {result.file}")
