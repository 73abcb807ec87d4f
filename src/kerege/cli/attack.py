"""`kerege attack`: disclosure risk of a publication together with what was public before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.extras import MissingExtra
from kerege.cli.file_options import (
    CumulativeOption,
    DashOption,
    EncodingOption,
    HierarchyOption,
    LanguageOption,
    MultiOption,
    NotSensitiveOption,
    SingleOption,
    check_language,
    reading_options,
)
from kerege.evidence.data.publication_threshold import check_threshold
from kerege.evidence.release import SIGNATURE

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def attack(
    folder: Annotated[Path, typer.Argument(help="A release, a workbook, or any folder of CSV tables and workbooks.")],
    published: Annotated[list[Path] | None, typer.Option(help="An earlier publication; repeat for more.")] = None,
    threshold: Annotated[int, typer.Option(help="A group of fewer people is a disclosure; at least 5.")] = 10,
    dash: DashOption = "",
    multi: MultiOption = None,
    single: SingleOption = None,
    hierarchy: HierarchyOption = None,
    not_sensitive: NotSensitiveOption = None,
    cumulative: CumulativeOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
    plan: Annotated[bool, typer.Option("--plan", help="Add one plan that stops all disclosures together.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Assess the disclosure risk of published tables; exit 1 when people can be found."""
    from kerege.cli import attack_files, attack_report

    check_threshold(threshold)
    check_language(lang)
    options = reading_options(dash, multi, hierarchy, not_sensitive, cumulative, encoding=encoding, single=single)
    for path in (folder, *(published or [])):
        _warn_if_changed(path)
    report = attack_files.assess_files(folder, published or [], threshold, options, is_planned=plan)
    if not report.examined.cells:
        raise BadInput(Fault("holds no figure, so there is nothing to assess", "give tables with counts", str(folder)))
    translated = attack_report.in_language(report, lang)
    if as_json:
        print(json.dumps(translated.tree, ensure_ascii=False))
    else:
        print("\n".join(attack_report.report_lines(translated, lang)))
    raise typer.Exit(0 if report.safe else 1)


def _warn_if_changed(folder: Path) -> None:
    """Print a note if a release does not match its signature; the assessment uses the files as they are."""
    if (folder / SIGNATURE).is_file():
        try:
            from kerege.evidence.release.release_folder import verify

            verify(folder)
        except (BadInput, Refused, MissingExtra) as wrong:
            print(f"note: {wrong}", file=sys.stderr)
