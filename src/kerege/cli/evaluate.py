"""`kerege evaluate`: how good synthetic records are, and what they give away."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table as Grid

from kerege.base.errors import BadInput
from kerege.base.files import atomic_file, output_faults

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.synthesis.evaluation.evaluate import Evaluation
    from kerege.evidence.synthesis.evaluation.risk_ratings import Verdict

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

INSIDE = "for inside use only: the evaluation looks at real records, and its figures are not protected"


@app.command()
def evaluate(
    original: Annotated[Path, typer.Argument(help="The rows that the synthetic ones were made from.")],
    synthetic: Annotated[Path, typer.Argument(help="The synthetic rows, of the same columns.")],
    control: Annotated[
        Path | None, typer.Option(help="Real rows they were not made from; else a fifth of the original is held back.")
    ] = None,
    order: Annotated[int, typer.Option(help="The longest combinations to compare.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the attacks; records made anew have noise of their own.")] = 1,
    multi: Annotated[list[str] | None, typer.Option(help="CSV column with several values, separated by ;.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with plots, one file.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the page: kk, ru or en.")] = "en",
    no_privacy: Annotated[bool, typer.Option("--no-privacy", help="Only compare, do not attack.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare synthetic records with the original ones by length of combination, and attack them."""
    from kerege.evidence import synthesis
    from kerege.evidence.data.snapshot import read
    from kerege.evidence.synthesis.evaluation.evaluate import check_order
    from kerege.evidence.synthesis.evaluation.evaluate import evaluate as evaluated
    from kerege.evidence.synthesis.evaluation.messages import words

    check_order(order)
    words(lang)  # one that there is not is refused before the work begins
    given = [path for path in (original, synthetic, control) if path]
    if html and (wrong := output_faults(html, given, str(html))):
        raise BadInput(wrong)
    rows = read(original, multi=multi or _told_multi(original, synthetic))
    records = _like(rows, synthetic)
    others = _like(rows, control) if control else None
    print(INSIDE, file=sys.stderr)
    refit = None if control or no_privacy else synthesis.refit
    found = evaluated(rows, records, order=order, seed=seed, control=others, refit=refit, private=not no_privacy)
    if found.unmeasured and not no_privacy:
        print(f"note: privacy was not measured: {found.unmeasured}", file=sys.stderr)
    if len(found.quality.columns) < len(rows.columns):
        print(f"note: compared are the {len(found.quality.columns)} columns of {synthetic.name}", file=sys.stderr)
    if html:
        _write(found, html, lang)
    if as_json:
        print(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        _show(found)


def _told_multi(original: Path, synthetic: Path) -> list[str]:
    """The columns of several values that the certificate names, if the original is a CSV."""
    from kerege.evidence.synthesis.evaluation.evaluate import certificate

    told = certificate(synthetic) or {}
    names = [column["name"] for column in told.get("columns", []) if column.get("multi")]
    return names if original.suffix.lower() != ".parquet" else []


def _like(original: Snapshot, path: Path) -> Snapshot:
    """Read a file that has several values in the columns in which the original has."""
    from kerege.evidence.data.snapshot import read

    found = read(path)
    several = sorted(original.multi & set(found.columns))
    return read(path, multi=several) if several else found


def _write(found: Evaluation, path: Path, lang: str) -> None:
    from kerege.evidence.synthesis.evaluation.report_page import page

    with atomic_file(path) as part:
        part.write_text(page(found, lang), encoding="utf-8")
    print(f"{path} is written", file=sys.stderr)


def _show(found: Evaluation) -> None:
    from kerege.evidence.synthesis.evaluation.report_page import HEADS, band_name, both, figures, named
    from kerege.evidence.synthesis.evaluation.risk_ratings import NONE

    lengths = found.quality.lengths
    console = Console(markup=False)
    console.print(_grid(HEADS, [figures(each) for each in lengths]))
    bands = zip(*(each.bands for each in lengths), strict=True)
    rows = [[band_name(each[0].least, each[0].most), *map(both, each)] for each in bands]
    console.print()
    console.print(_grid(["mean error by true count", *(named(each.length) for each in lengths)], rows))
    if found.verdicts:
        console.print()
        console.print(_grid(["risk", "", "estimate", "95% interval"], [_risk(each) for each in found.verdicts]))
    for verdict in found.verdicts:
        if verdict.level != NONE:
            console.print(f"\n{verdict.risk}: {verdict.sentence}")


def _risk(verdict: Verdict) -> list[str]:
    from kerege.evidence.synthesis.evaluation.messages import ENGLISH

    if verdict.value is None or verdict.low is None:
        return [verdict.risk, verdict.level]
    if verdict.high is None:  # an epsilon
        return [verdict.risk, verdict.level, f"{verdict.value:.2f}", f"from {verdict.low:.2f}"]
    low, value, high = (ENGLISH.percent(max(0.0, each)) for each in (verdict.low, verdict.value, verdict.high))
    return [verdict.risk, verdict.level, value, f"{low} to {high}"]


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Grid:
    grid = Grid(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for place, name in enumerate(heads):
        grid.add_column(name, justify="right" if place else "left", no_wrap=not place)
    for row in rows:
        grid.add_row(*row)
    return grid
