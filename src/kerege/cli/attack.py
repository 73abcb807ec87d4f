"""`kerege attack`: disclosure risk of a publication together with what was public before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.extras import MissingExtra
from kerege.base.message_text import count_noun
from kerege.cli.file_options import (
    CumulativeOption,
    DashOption,
    EncodingOption,
    HierarchyOption,
    MultiOption,
    NotSensitiveOption,
    SingleOption,
    reading_options,
)
from kerege.evidence.data.publication_threshold import check_threshold
from kerege.evidence.release import SIGNATURE

if TYPE_CHECKING:
    from kerege.evidence.sdc.disclosure.report import AttackReport, Finding

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

MOST = 20  # most disclosures in the text output; --json gives all


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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Assess the disclosure risk of published tables; exit 1 when people can be found."""
    from kerege.cli.attack_files import assess_files

    check_threshold(threshold)
    options = reading_options(dash, multi, hierarchy, not_sensitive, cumulative, encoding=encoding, single=single)
    for path in (folder, *(published or [])):
        _warn_if_changed(path)
    report = assess_files(folder, published or [], threshold, options)
    if not report.examined.cells:
        raise BadInput(Fault("holds no figure, so there is nothing to assess", "give tables with counts", str(folder)))
    if as_json:
        print(json.dumps(report.tree, ensure_ascii=False))
    else:
        print("\n".join(report_lines(report)))
    raise typer.Exit(0 if report.safe else 1)


def _warn_if_changed(folder: Path) -> None:
    """Print a note if a release does not match its signature; the assessment uses the files as they are."""
    if (folder / SIGNATURE).is_file():
        try:
            from kerege.evidence.release.release_folder import verify

            verify(folder)
        except (BadInput, Refused, MissingExtra) as wrong:
            print(f"note: {wrong}", file=sys.stderr)


def report_lines(report: AttackReport) -> list[str]:
    """Return a report as lines of text."""
    examined = report.examined
    where = f"{count_noun(examined.tables, 'table')} of {count_noun(examined.releases, 'publication')}"
    figures, groups = count_noun(examined.cells, "figure"), count_noun(examined.groups, "group")
    lines = [f"{where}: {figures}, {examined.hidden:,} of them suppressed or rounded, {groups}"]
    lines += [f"note: {note}" for note in report.notes]
    if report.safe:
        text = f"no intruder learns of fewer than {report.threshold} people"
        return [*lines, f"safe: {text} in the groups examined, which have up to three conditions"]
    if report.undecided:
        open_figures = count_noun(report.undecided, "figure")
        lines.append(f"not safe: {open_figures} could not be examined, so the risk is unknown")
    disclosures = report.disclosures
    if not disclosures:
        return lines
    number = count_noun(len(disclosures), "disclosure")
    lines.append(f"not safe: {number}, {report.already_public} of them public already")
    by_persons = group_by_persons(disclosures)
    for first, more in by_persons[:MOST]:
        lines += ["", *first.words]
        if more:
            lines.append(f"The same people are counted in {', '.join(finding.table for finding in more)} too.")
    return [*lines, f"and {len(by_persons) - MOST} more: --json gives all"] if len(by_persons) > MOST else lines


def group_by_persons(disclosures: list[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Group disclosures by the persons they concern: the first of each group, and those in other tables."""
    groups: dict[Any, list[Finding]] = {}
    for finding in disclosures:
        where = {name: " or ".join(values) for name, values in finding.where.items()} | finding.cell
        key = (finding.release, finding.kind, finding.lower, finding.upper, tuple(sorted(where.items())))
        groups.setdefault(key, []).append(finding)
    return [(findings[0], findings[1:]) for findings in groups.values()]
