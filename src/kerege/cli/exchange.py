"""`kerege import` and `kerege export`: case records and published figures in standard formats."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerege.base.errors import BadInput, Fault, Refused
from kerege.casework.exchange.form_definition import write_form
from kerege.casework.exchange.formats.options import ReadOptions
from kerege.cli.file_options import LanguageOption, check_language
from kerege.cli.load_django import setup

if TYPE_CHECKING:
    from kerege.casework.exchange.htcds.import_plan import Summary
    from kerege.publishing.storage.year_releases import YearReleases
    from kerege.vocabulary.population import Key, Population

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

MapOption = Annotated[
    Path | None, typer.Option("--map", help="TOML file that renames columns and values, or a saved map of --agency.")
]
AgencyOption = Annotated[str, typer.Option("--agency", help="Code of the agency that owns the records.")]
FormatOption = Annotated[
    str,
    typer.Option("--format", help="Read only: htcds, labels, iom, kobo or primero; default: recognise it."),
]
UnknownOption = Annotated[
    str, typer.Option("--unknown", help="Unknown columns: ask (on a terminal), drop them, or fail.")
]
DatesOption = Annotated[
    str, typer.Option("--dates", help="Order of 03/05/2025 where a column does not decide: dmy or mdy.")
]
EncodingOption = Annotated[str, typer.Option("--encoding", help="Encoding of a CSV file, such as cp1251.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Records: CSV, XLSX, XLSM or JSON; the format is recognised.")],
    map_: MapOption = None,
    agency: AgencyOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would change; write nothing.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print how the headings are read, as a map to edit; import nothing.")
    ] = False,
    format_: FormatOption = "",
    unknown: UnknownOption = "ask",
    dates: DatesOption = "",
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Import records; the whole file is checked first, and a file with a fault changes nothing."""
    check_language(lang)
    setup()
    from kerege.casework.exchange.file_import import explain_file, import_in_language
    from kerege.core.authorization import Actor

    options = ReadOptions(format=format_, unknown=unknown, days=dates, encoding=encoding)
    if unknown == "ask" and sys.stdin.isatty():
        options = replace(options, unknown=_ask_unknown(explain_file(file, map_, options, agency).unknown))
    if explain:
        print(explain_file(file, map_, options, agency).as_map())
        return
    summary = import_in_language(
        lang, Actor.system(), file, map_path=map_, agency_code=agency, dry_run=dry_run, options=options
    )
    if as_json:
        print(json.dumps(asdict(summary) | {"unchanged": summary.unchanged}, ensure_ascii=False))
    else:
        print("\n".join(summary_lines(summary)))


def _ask_unknown(columns: list[str]) -> str:
    """Return what happens to unknown columns: `drop` if the user says so, else `fail`."""
    if not columns:
        return "fail"
    print(f"unknown columns: {', '.join(columns)}", file=sys.stderr)
    return "drop" if typer.confirm("Leave them out?", err=True) else "fail"


def summary_lines(summary: Summary) -> list[str]:
    """Return the result of an import as lines of text."""
    notes = [f"{summary.file}: read as {summary.read_as}"] if summary.read_as else []
    notes += [f"note: {note}" for note in summary.notes]
    if summary.unchanged:
        return [*notes, f"{summary.file}: {summary.rows} rows; the register holds all of it already, nothing changes"]
    would = "would be " if summary.dry_run else ""
    lines = [
        *notes,
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


@app.command("xlsform")
def xlsform(
    out: Annotated[Path, typer.Option("--out", help="The workbook (XLSX) to write.")],
) -> None:
    """Write our form for KoboToolbox and ODK: names of HTCDS, labels in Kazakh, Russian and English."""
    print(f"{out}: {write_form(out)} questions")


@app.command("export")
def export(
    format_: Annotated[
        str,
        typer.Argument(metavar="FORMAT", help="ctdc, glotip, sdg or sdmx, from releases; htcds, from the register."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files; it is replaced as a whole.")],
    year: Annotated[
        int | None, typer.Option(help="Year of the releases; default: the newest year with a release.")
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="CSV of mid-year populations: year, sex, age_group, persons, source.")
    ] = None,
    agency: AgencyOption = "",
    with_identity: Annotated[
        bool, typer.Option("--with-identity", help="With names and other identity: for another agency's register only.")
    ] = False,
    records: Annotated[
        bool, typer.Option("--records", help="ctdc: exact rows of persons from the register, for a transfer only.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write what was published in a standard format, from releases; or the register's records, when asked."""
    options = {
        "--year": year,
        "--population": population,
        "--agency": agency,
        "--with-identity": with_identity,
        "--records": records,
    }
    check_options(format_, [name for name, value in options.items() if value])
    setup()
    if format_ == "htcds" or records:
        _from_register(format_, out, agency, with_identity, as_json)
    else:
        _from_releases(format_, out, year, population, as_json)


TAKES = {
    "htcds": {"--agency", "--with-identity"},
    "ctdc": {"--year", "--records"},
    "glotip": {"--year"},
    "sdg": {"--year", "--population"},
    "sdmx": {"--year", "--population"},
}


def check_options(format_: str, given: list[str]) -> None:
    """Raise BadInput for an unknown format and for options that it does not take."""
    if format_ not in TAKES:
        raise BadInput(Fault(f"there is no format {format_!r}", f"use {', '.join(TAKES)}"))
    for option in given:
        if option not in TAKES[format_]:
            formats = [name for name, options in TAKES.items() if option in options]
            raise BadInput(Fault(f"{format_} takes no {option}", f"leave it out; it is for {', '.join(formats)}"))
    if {"--records", "--year"} <= set(given):
        raise BadInput(Fault("--records exports the register, not the releases of a year", "leave one of the two out"))


def _from_register(format_: str, out: Path, agency: str, with_identity: bool, as_json: bool) -> None:
    from kerege.casework.exchange import ctdc_export
    from kerege.casework.exchange.htcds import export as htcds_export
    from kerege.core.authorization import Actor

    result: htcds_export.HtcdsExport | ctdc_export.CtdcExport
    if format_ == "htcds":
        result = htcds_export.export(Actor.system(), out, agency_code=agency, with_identity=with_identity)
    else:
        result = ctdc_export.export(Actor.system(), out)
        print("exact rows of persons: for a transfer under an agreement, never for publication", file=sys.stderr)
    if with_identity:
        warning = "this file names people: store and send it encrypted, delete it when it has arrived"
        print(warning, file=sys.stderr)
    print(json.dumps(asdict(result), ensure_ascii=False) if as_json else f"{result.rows} rows written to {result.file}")


def _from_releases(format_: str, out: Path, year: int | None, population: Path | None, as_json: bool) -> None:
    from kerege.publishing.exports import export_folder
    from kerege.vocabulary import population as populations
    from kerege.vocabulary import profile

    export_folder.check(out)
    country_profile = profile.active()
    national = country_profile.population
    national_population = populations.Population(national.persons, national.source, national.confirmed)
    people = populations.populations_of(country_profile.country, national_population, national.year)
    if population is not None:
        people |= populations.read(population, country_profile.country)
    year_releases = _year_releases(year)
    result: dict[str, Any] = {"out": str(out), "year": year_releases.year}
    with year_releases.kept_labels():
        result |= _write(format_, year_releases, out, country_profile.country, people)
    print(
        json.dumps(result, ensure_ascii=False)
        if as_json
        else f"{out}: {format_} from the releases of {year_releases.year}"
    )
    for table in [] if as_json else result.get("missing", []):
        print(
            f"{table} is not in the releases of {year_releases.year}; sheet T10 names what would supply it",
            file=sys.stderr,
        )


def _year_releases(year: int | None) -> YearReleases:
    from kerege.publishing.releases import queries

    newest = next(iter(queries.years()), None) if year is None else year
    year_releases = None if newest is None else queries.releases_of_year(newest)
    if year_releases is None:
        which = "release" if year is None else f"release of {year}"
        raise Refused(f"there is no {which}; build one with `kerege release` into the releases folder")
    return year_releases


def _write(
    format_: str, year_releases: YearReleases, out: Path, country: str, people: dict[Key, Population]
) -> dict[str, object]:
    if format_ == "sdg":
        from kerege.publishing.exports import sdg

        return sdg.export(year_releases, out, country, people)
    if format_ == "glotip":
        from kerege.publishing.exports import glotip_files

        return glotip_files.export(year_releases, out, country)
    if format_ == "sdmx":
        from kerege.publishing.exports import sdmx

        return sdmx.export(year_releases, out, country, people)
    from kerege.publishing.exports import ctdc

    return ctdc.export(year_releases, out)
