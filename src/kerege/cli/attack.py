"""`kerege attack`: what an outsider can work out from a publication and from what was public before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerege.base.errors import BadInput, Refused
from kerege.base.extras import MissingExtra
from kerege.evidence.release import SIGNATURE
from kerege.evidence.sdc.suppression.protection import check_threshold

if TYPE_CHECKING:
    from kerege.evidence.sdc.disclosure.report import AttackReport, Finding

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

MOST = 20  # disclosures in words; --json gives all


@app.command()
def attack(
    folder: Annotated[Path, typer.Argument(help="A release, or any folder of CSV tables.")],
    prior: Annotated[list[Path] | None, typer.Option(help="What was public before; repeat for more.")] = None,
    threshold: Annotated[int, typer.Option(help="Fewer people than this are a small group, never below 5.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Attack published tables from the outside; exit 1 when people can be found."""
    from kerege.evidence.sdc.disclosure.intruder import examine

    check_threshold(threshold)
    for each in (folder, *(prior or [])):
        _say_if_changed(each)
    found = examine(folder, prior or [], threshold)
    if as_json:
        print(json.dumps(found.tree, ensure_ascii=False))
    else:
        print("\n".join(words(found)))
    raise typer.Exit(0 if found.safe else 1)


def _say_if_changed(folder: Path) -> None:
    """An attacker takes whatever is there; its reader should know that it is not what was signed."""
    if (folder / SIGNATURE).is_file():
        try:
            from kerege.evidence.release.release_folder import verify

            verify(folder)
        except (BadInput, Refused, MissingExtra) as wrong:
            print(f"note: {wrong}", file=sys.stderr)


def words(found: AttackReport) -> list[str]:
    """A report in plain words."""
    seen = found.examined
    size = f"{seen.tables} tables of {seen.releases} publications: {seen.cells:,} figures"
    lines = [f"{size}, {seen.hidden:,} of them hidden or rough, {seen.differences:,} differences"]
    lines += [f"note: {note}" for note in found.notes]
    if found.safe:
        return [*lines, f"safe: nobody learns of a group of fewer than {found.threshold} people"]
    if found.undecided:
        lines.append(f"not safe: {found.undecided} figures could not be examined, nobody knows whether they are")
    told = found.disclosures
    if not told:
        return lines
    lines.append(f"not safe: {len(told)} disclosures, {found.already_public} of them public already")
    groups = people(told)
    for first, more in groups[:MOST]:
        lines += ["", *first.words]
        if more:
            lines.append(f"The same people stand in {', '.join(each.table for each in more)} too.")
    return [*lines, f"and {len(groups) - MOST} more: --json gives all"] if len(groups) > MOST else lines


def people(told: list[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Disclosures by the people they are about: the first of each, and those in other tables."""
    groups: dict[Any, list[Finding]] = {}
    for each in told:
        where = {name: " or ".join(values) for name, values in each.where.items()} | each.cell
        key = (each.release, each.kind, each.lower, each.upper, tuple(sorted(where.items())))
        groups.setdefault(key, []).append(each)
    return [(each[0], each[1:]) for each in groups.values()]
