"""`kerege link`: who stands in one or several files twice, under whatever spelling."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, results_faults
from kerege.cli.report import LANGUAGES

if TYPE_CHECKING:
    from kerege.linkage.matching.link_files import Linked

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

# a list of its own: the one that counts (`reading.ROLES`) loads Polars, which nobody needs for --help
KINDS = (
    "id, full (a whole name), given, middle, family, birth_date, birth_year, birth_month, birth_day, sex, document, "
    "contact, street, house, place, postcode"
)


def probability(text: str) -> float:
    """A number between 0 and 1 as it is told on the command line."""
    try:
        found = float(text)
    except ValueError:
        point = text.replace(",", ".")
        todo = f"write {point}" if re.fullmatch(r"0?\.\d+", point) else "give for example 0.9"
        raise BadInput(Fault(f"--threshold {text} is no number", todo)) from None
    if not 0 < found < 1:
        raise BadInput(Fault(f"--threshold {text} is no probability between 0 and 1", "give for example 0.9"))
    return found


@app.command()
def link(
    files: Annotated[list[Path], typer.Argument(help="Tables of persons: CSV or Parquet.")],
    out: Annotated[Path, typer.Option(help="The pairs to write: left,right,probability.")],
    clusters: Annotated[Path | None, typer.Option(help="Write id,cluster: who belongs together.")] = None,
    id_columns: Annotated[
        list[str] | None,
        typer.Option("--id", help="COLUMN or FILE:COLUMN of the record id; else the number of the row."),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="COLUMN=KIND or FILE:COLUMN=KIND where the header does not say it; KIND empty: unused. "
            f"The kinds: {KINDS}.",
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(parser=probability, metavar="<float>", help="Least probability of a pair that is written.")
    ] = 0.5,
    model: Annotated[Path | None, typer.Option(help="A model in Splink's JSON; else the one that comes along.")] = None,
    fixed: Annotated[bool, typer.Option("--no-training", help="Take the model as it is.")] = False,
    save_model: Annotated[Path | None, typer.Option(help="Write the model as it was used.")] = None,
    spark: Annotated[
        bool, typer.Option("--spark", help="Write --save-model in Spark's SQL: for Splink, not for --model.")
    ] = False,
    save_columns: Annotated[
        Path | None, typer.Option(help="Write the compared columns (Parquet): with the model, what Splink needs.")
    ] = None,
    pair: Annotated[str, typer.Option(help="LEFT,RIGHT: explain these two ids on the page --html.")] = "",
    html: Annotated[Path | None, typer.Option(help="The page that explains --pair.")] = None,
    lang: Annotated[str, typer.Option(help="The language of that page: kk, ru or en.")] = "en",
    seed: Annotated[int, typer.Option(min=0, help="Of the random pairs that training looks at.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find the records of one person, in one file or across several; names may be in any script."""
    from kerege.linkage.matching import link_files as linking
    from kerege.linkage.matching import model_file as models

    written = [path for path in (out, clusters, save_model, save_columns, html) if path]
    _check(files, written, pair, html, lang, spark and not save_model)
    told_of: list[str] = []
    used = models.read(model) if model else models.shipped()
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=1.0)

        def progress(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what)

        ids, frame = linking.gather(files, columns_told(mapping or [], id_columns or []), "", told_of.append)
        found = linking.link_records(ids, frame, used, least=threshold, train=not fixed, seed=seed, progress=progress)
        two = _pair(pair, ids) if pair else None
        groups = found.groups() if clusters else None
    with atomic_file(out) as part:
        linking.pairs_frame(found).write_csv(part)
    if clusters and groups is not None:
        with atomic_file(clusters) as part:
            linking.clusters_frame(found, groups).write_csv(part)
    if save_model:
        with atomic_file(save_model) as part:
            document = found.model.for_spark() if spark else found.model.as_dict()
            part.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if save_columns:
        with atomic_file(save_columns) as part:
            linking.columns_frame(found).write_parquet(part)
    if html and two:
        from kerege.linkage.matching.waterfall_chart import explanation_page

        with atomic_file(html) as part:
            part.write_text(explanation_page(found, *two, lang), encoding="utf-8")
    for text in told_of:
        print(text, file=sys.stderr)
    told = _told(found, None if groups is None else len(set(groups.tolist())))
    print(json.dumps(told) if as_json else _sentence(told))


def _check(files: list[Path], written: list[Path], pair: str, html: Path | None, lang: str, unsaved: bool) -> None:
    faults = [Fault("--spark says how --save-model is written", "give --save-model too")] if unsaved else []
    if lang not in LANGUAGES:
        faults.append(Fault(f"no language {lang!r}", f"choose from {', '.join(LANGUAGES)}", "--lang"))
    if bool(pair) != bool(html):
        faults.append(Fault("--pair and --html belong together", "give both or none"))
    faults += results_faults(written, files)
    if faults:
        raise BadInput(faults)


def columns_told(told: list[str], id_columns: Sequence[str] = ()) -> dict[str, str]:
    """COLUMN=KIND as it is told on the command line, and the columns of ids: column to kind."""
    found: dict[str, str] = {}
    for text in [*told, *(f"{column}=id" for column in id_columns if column)]:
        column, sign, kind = (part.strip() for part in text.rpartition("="))
        if not sign:
            raise BadInput(Fault(f"--map {text} has no =", "write --map COLUMN=KIND"))
        if not column:
            raise BadInput(Fault(f"--map {text} names no column", "write --map COLUMN=KIND"))
        if found.setdefault(column, kind) != kind:
            kinds = " and ".join(each or "unused" for each in (found[column], kind))
            raise BadInput(Fault(f"is told to be {kinds}", "give it one kind", column=column))
    return found


def _pair(text: str, ids: list[str]) -> tuple[int, int]:
    names = next(csv.reader([text]), [])  # as they stand in a line of the pairs, quoted if they hold a comma
    rows = [ids.index(name) for name in names if name in set(ids)]
    if len(names) != 2 or len(rows) != 2 or rows[0] == rows[1]:
        raise BadInput(Fault("--pair does not name two records", "give two ids of the files: --pair LEFT,RIGHT"))
    return min(rows), max(rows)


def _told(found: Linked, persons: int | None) -> dict[str, Any]:
    told = {
        "records": len(found.ids),
        "compared": found.compared,
        "pairs": len(found.left),
        "prior": found.model.prior,
        "model": found.model.version,
        "columns": found.frame.columns,
    }
    return told if persons is None else {**told, "clusters": persons}


def _sentence(told: dict[str, Any]) -> str:
    text = f"{told['records']:,} records, {told['compared']:,} pairs compared, {told['pairs']:,} of one person"
    return text + (f", {told['clusters']:,} different persons" if "clusters" in told else "")
