"""`kerege report`: public report of a year, from its releases only."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.errors import BadInput, Fault, Refused
from kerege.cli.load_django import setup
from kerege.vocabulary import languages

LanguagesOption = Annotated[str, typer.Option(help="Languages, separated by commas; by default those of the country.")]
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def report(
    year: Annotated[int, typer.Option(help="The year of the releases.")],
    out: Annotated[Path, typer.Option(help="The folder to write; it is written completely or not at all.")],
    lang: LanguagesOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the public report: HTML, PDF, press release and the article, sentence by sentence."""
    tags = chosen_languages(lang)
    _check_folder(out)
    setup()
    from kerege.publishing.releases import queries
    from kerege.publishing.report.write_folder import compose, write

    year_releases = queries.releases_of_year(year)
    if year_releases is None:
        raise Refused(f"there is no release of {year}; build one with `kerege release` into the releases folder")
    files = write(year_releases, tags, out)
    notes = list(compose(year_releases, "en").omissions)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    result = {"out": str(out), "year": year, "languages": list(tags), "files": [str(path) for path in files]}
    result |= {"notes": notes} if notes else {}
    print(json.dumps(result) if as_json else f"{out}: the report of {year} in {', '.join(tags)}, {len(files)} files")


def chosen_languages(text: str) -> tuple[str, ...]:
    """Return the languages of an option. Raises BadInput for an unknown one."""
    offered = languages.offered()
    chosen = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip())) if text else offered
    unknown = [lang for lang in chosen if lang not in offered]
    if unknown or not chosen:
        problem = f"there is no language {unknown[0]!r}" if unknown else "no language is given"
        raise BadInput(Fault(problem, f"choose from {', '.join(offered)}", file="--lang"))
    return chosen


def _check_folder(out: Path) -> None:
    """Raise BadInput for an existing folder that is neither empty nor an older report."""
    is_report = (out / "assets" / "report.css").is_file()
    if out.exists() and not (out.is_dir() and (is_report or not any(out.iterdir()))):
        raise BadInput(Fault("exists and is not a report", "name a new folder", file=str(out)))
