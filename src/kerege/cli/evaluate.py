"""`kerege evaluate`: utility and disclosure risk of synthetic records."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from kerege.base.errors import BadInput
from kerege.base.files import atomic_file, output_faults
from kerege.cli.file_options import EncodingOption
from kerege.cli.text_grid import build_grid

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.synthesis.evaluation.evaluate import Evaluation
    from kerege.evidence.synthesis.evaluation.risk_ratings import Verdict

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

INSIDE = "for internal use only: the evaluation uses real records, and its figures are not protected"


@app.command()
def evaluate(
    original: Annotated[Path, typer.Argument(help="The rows that the synthetic ones were made from.")],
    synthetic: Annotated[Path, typer.Argument(help="The synthetic rows, of the same columns.")],
    control: Annotated[
        Path | None, typer.Option(help="Real rows that were not used to make them; default: a fifth of the original.")
    ] = None,
    order: Annotated[
        int | None, typer.Option(help="The longest combinations to compare; default: 4, or 3 if there are too many.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Random seed of the attacks; records made anew have noise of their own.")
    ] = 1,
    multi: Annotated[list[str] | None, typer.Option(help="CSV column with several values, separated by ;.")] = None,
    encoding: EncodingOption = "",
    html: Annotated[Path | None, typer.Option(help="Write a report page with charts, as one HTML file.")] = None,
    lang: Annotated[str, typer.Option(help="Language of the page: kk, ru or en.")] = "en",
    no_privacy: Annotated[bool, typer.Option("--no-privacy", help="Only compare, do not attack.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare synthetic records with the original ones: counts, models, subgroups, years, risks."""
    from kerege.evidence import synthesis
    from kerege.evidence.data.snapshot import check_value_sets, read
    from kerege.evidence.synthesis.evaluation.evaluate import certificate, check_order, list_coded_columns
    from kerege.evidence.synthesis.evaluation.evaluate import evaluate as evaluate_records
    from kerege.evidence.synthesis.evaluation.messages import words

    check_order(order)
    words(lang)  # rejects an unknown language before the work begins
    inputs = [path for path in (original, synthetic, control) if path]
    if html and (faults := output_faults(html, inputs, str(html))):
        raise BadInput(faults)
    coded = list_coded_columns(certificate(synthetic))
    rows = read(original, multi=multi or _certified_multi(original, synthetic), encoding=encoding, coded=coded)
    records = _read_like(rows, synthetic)
    control_rows = _read_like(rows, control, encoding, coded) if control else None
    for snapshot in (rows, records, control_rows):
        if snapshot is not None:
            check_value_sets(snapshot, records.columns)
    print(INSIDE, file=sys.stderr)
    refit = None if control or no_privacy else synthesis.refit
    evaluation = evaluate_records(
        rows, records, order=order, seed=seed, control=control_rows, refit=refit, private=not no_privacy
    )
    if evaluation.unmeasured and not no_privacy:
        print(f"note: privacy was not measured: {evaluation.unmeasured}", file=sys.stderr)
    if len(evaluation.quality.columns) < len(rows.columns):
        print(f"note: compared are the {len(evaluation.quality.columns)} columns of {synthetic.name}", file=sys.stderr)
    if html:
        _write(evaluation, html, lang)
    if as_json:
        print(json.dumps(evaluation.as_dict(), ensure_ascii=False))
    else:
        _show(evaluation)


def _certified_multi(original: Path, synthetic: Path) -> list[str]:
    """Return the multi-valued columns from the certificate, if the original is a CSV."""
    from kerege.evidence.synthesis.evaluation.evaluate import certificate

    certified = certificate(synthetic) or {}
    names = [column["name"] for column in certified.get("columns", []) if column.get("multi")]
    return names if original.suffix.lower() != ".parquet" else []


def _read_like(original: Snapshot, path: Path, encoding: str = "", coded: Sequence[str] = ()) -> Snapshot:
    """Read a file with the multi-valued columns of the original."""
    from kerege.evidence.data.snapshot import read

    rows = read(path, encoding=encoding, coded=coded)
    multi_columns = sorted(original.multi & set(rows.columns))
    return read(path, multi=multi_columns, encoding=encoding, coded=coded) if multi_columns else rows


def _write(evaluation: Evaluation, path: Path, lang: str) -> None:
    from kerege.evidence.synthesis.evaluation.report_page import page

    with atomic_file(path) as part:
        part.write_text(page(evaluation, lang), encoding="utf-8")
    print(f"{path} is written", file=sys.stderr)


def _show(evaluation: Evaluation) -> None:
    from kerege.evidence.synthesis.evaluation import comparison_section, messages, report_page

    lengths = evaluation.quality.lengths
    console = Console(markup=False)
    console.print(build_grid(report_page.HEADS, [report_page.list_figures(row) for row in lengths]))
    console.print(f"\n{report_page.describe_lost_values(lengths[0])}")
    console.print(comparison_section.describe_others(evaluation.comparison))
    if evaluation.uncounted:
        console.print(comparison_section.describe_untried_length(evaluation.uncounted))
    bands = zip(*(row.bands for row in lengths), strict=True)
    rows = [[messages.band_name(band[0].least, band[0].most), *map(report_page.format_error, band)] for band in bands]
    console.print()
    console.print(
        build_grid(["mean error by true count", *(messages.name_combinations(row.length) for row in lengths)], rows)
    )
    for part in comparison_section.list_parts(evaluation.comparison):
        console.print(f"\n{part.heading}: {part.sentence}")
        if part.is_tried:
            console.print(build_grid(part.heads, part.rows))
    if evaluation.verdicts:
        console.print()
        console.print(
            build_grid(["risk", "", "estimate", "95% interval"], [_risk(verdict) for verdict in evaluation.verdicts])
        )
    for verdict in evaluation.verdicts:
        if not verdict.is_clear:
            console.print(f"\n{verdict.risk}: {verdict.sentence}")


def _risk(verdict: Verdict) -> list[str]:
    from kerege.evidence.synthesis.evaluation.messages import ENGLISH

    if verdict.value is None or verdict.low is None:
        return [verdict.risk, verdict.level]
    if verdict.high is None:  # an epsilon has a lower bound only
        return [verdict.risk, verdict.level, f"{verdict.value:.2f}", f"from {verdict.low:.2f}"]
    low, value, high = (ENGLISH.percent(max(0.0, share)) for share in (verdict.low, verdict.value, verdict.high))
    return [verdict.risk, verdict.level, value, f"{low} to {high}"]
