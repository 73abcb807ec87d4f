"""`kerege site`: the public site as signed files, checked without a network, published at its minute."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.clock_sync import measure_error
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import count_noun
from kerege.cli.load_django import setup
from kerege.cli.report import LanguagesOption, chosen_languages
from kerege.publishing.site_check.check_site import check_site

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def build(
    out: Annotated[Path, typer.Argument(help="The folder to write; it is written completely or not at all.")],
    at: Annotated[str | None, typer.Option(help="Moment of the state, ISO 8601 with offset; default: now.")] = None,
    base: Annotated[str | None, typer.Option(help="Origin of the site, such as https://stat.example.kz.")] = None,
    lang: LanguagesOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write the public site of a moment: pages, data, images, and files for web servers. Signed."""
    languages, moment = chosen_languages(lang), _moment(at)
    setup()
    from kerege.publishing.export_site.build import default_base, export

    site = export(out, moment, (base or default_base()).rstrip("/"), languages, warn=_print_note)
    size = sum(entry.size for entry in site.files.values())
    if as_json:
        print(json.dumps({"out": str(out), "moment": site.moment, "files": len(site.files), "bytes": size}))
        return
    releases = count_noun(len(site.releases), "release")
    print(f"{out}: {len(site.files)} files, {size / 1e6:.1f} MB, {releases} at {site.moment}, signed")
    if base is None:
        print(f"note: absolute addresses name {site.base}; --base names another host", file=sys.stderr)


def _print_note(note: str) -> None:
    print(f"note: {note}", file=sys.stderr)


def _moment(text: str | None) -> datetime | None:
    """Return the moment of --at. Raises BadInput without a time zone offset."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadInput(Fault(f"{text!r} is no moment", "write it as 2026-07-30T10:00+05:00", file="--at"))
    return moment


@app.command()
def check(out: Annotated[Path, typer.Argument(help="The exported site.")], as_json: JsonOption = False) -> None:
    """Check a site without a network: signatures, links, figures, claims, weights, languages."""
    report = check_site(out)
    faults = [f"{name}: {fault}" for name, faults in report.faults.items() for fault in faults]
    for note in report.notes:
        print(f"note: {note}", file=sys.stderr)
    if as_json:
        print(json.dumps({"ok": not faults, "pages": report.pages, "faults": report.faults}, ensure_ascii=False))
    else:
        print("\n".join([*faults, f"{out}: {report.pages} pages, {count_noun(len(faults), 'fault')}"]))
    if faults:
        raise typer.Exit(1)


@app.command()
def publish(
    out: Annotated[Path, typer.Argument(help="The exported site.")],
    target: Annotated[
        str,
        typer.Argument(help="The link that the web server serves, also ssh://USER@HOST/LINK; it is switched at once."),
    ],
    time_server: Annotated[
        str, typer.Option(help="Time server (SNTP) to compare the clock with.", envvar="KEREGE_TIME_SERVER")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Copy a site beside TARGET and switch the link; refuses before the moment of the site."""
    setup()
    from kerege.publishing.export_site import publish_remote as publication

    done = publication.publish_to(out, target, datetime.now(UTC), time_server)
    if not time_server and measure_error() is None:
        print("note: no time service keeps this clock; --time-server compares it with one", file=sys.stderr)
    if as_json:
        print(json.dumps({"target": target, "folder": str(done.folder), "purge": list(done.purge)}))
        return
    print(f"{target}: shows {done.folder.name} now")
    for address in done.purge:
        print(f"purge {address}")
