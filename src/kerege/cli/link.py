"""`kerege link`: linkage and deduplication of files."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, results_faults
from kerege.base.multilingual_titles import LANGUAGES
from kerege.cli.file_options import PersonsEncodingOption
from kerege.linkage.input.column_roles import ROLES
from kerege.vocabulary.pack.name_tables import use_name_tables

if TYPE_CHECKING:
    from kerege.linkage.matching.link_files import Linked, Progress

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

KINDS = ", ".join(ROLES).replace("full,", "full (a whole name),")

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILE", help="Tables of persons: CSV, XLSX or Parquet.")]
IdOption = Annotated[
    list[str] | None, typer.Option("--id", help="COLUMN or FILE:COLUMN of the record id; default: the row number.")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="COLUMN=KIND or FILE:COLUMN=KIND where the header does not show the kind; an empty KIND: not used. "
        f"The kinds: {KINDS}.",
    ),
]


def probability(text: str) -> float:
    """Parse a probability between 0 and 1 from the command line."""
    try:
        value = float(text)
    except ValueError:
        point = text.replace(",", ".")
        todo = f"write {point}" if re.fullmatch(r"0?\.\d+", point) else "give for example 0.9"
        raise BadInput(Fault(f"--threshold {text} is not a number", todo)) from None
    if not 0 < value < 1:
        raise BadInput(Fault(f"--threshold {text} is not a probability between 0 and 1", "give for example 0.9"))
    return value


@app.command("tables")
def link(
    files: FilesArgument,
    out: Annotated[Path, typer.Option(help="File for the pairs: left,right,probability.")],
    clusters: Annotated[Path | None, typer.Option(help="File for the clusters: id,cluster.")] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="STORE of earlier runs: link one new file to all its records, and keep its cluster numbers."),
    ] = None,
    changes: Annotated[
        Path | None, typer.Option(help="File for what --against changed: id,change,group,earlier_group.")
    ] = None,
    id_columns: IdOption = None,
    mapping: MapOption = None,
    threshold: Annotated[
        float, typer.Option(parser=probability, metavar="<float>", help="Least probability of a pair that is written.")
    ] = 0.5,
    model: Annotated[Path | None, typer.Option(help="A model in Splink's JSON; default: the bundled model.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Answers of `kerege link review`: fit the probabilities to them.")
    ] = None,
    fixed: Annotated[bool, typer.Option("--no-training", help="Use the model without training.")] = False,
    save_model: Annotated[Path | None, typer.Option(help="Write the trained model.")] = None,
    spark: Annotated[
        bool, typer.Option("--spark", help="Write --save-model in Spark's SQL: for Splink, not for --model.")
    ] = False,
    save_columns: Annotated[
        Path | None, typer.Option(help="Write the comparison columns (Parquet), as Splink reads them.")
    ] = None,
    pair: Annotated[str, typer.Option(help="LEFT,RIGHT: explain these two ids on the page --html.")] = "",
    lists: Annotated[
        Path | None, typer.Option(help="LISTS.csv: a 0/1 column for each file, and count, for kerege estimate.")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, max=1000, help="Draws of the linkage beside --lists, for its uncertainty.")
    ] = 50,
    html: Annotated[Path | None, typer.Option(help="The page that explains --pair.")] = None,
    lang: Annotated[str, typer.Option(help="The language of that page: kk, ru or en.")] = "en",
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the pairs for training.")] = 0,
    encoding: PersonsEncodingOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find the records of one person, in one file or across several; names may be in any script.

    `kerege link FILE...` is short for this command. The others are `kerege link review` and `kerege link charts`.
    """
    use_name_tables()
    from kerege.cli import link_against, link_review
    from kerege.linkage.matching import explanation_page, link_files, linked_lists, model_file

    outputs = [path for path in (out, clusters, save_model, save_columns, lists, html, against, changes) if path]
    _check(files, outputs, pair=pair, html=html, lang=lang, is_spark_unsaved=spark and not save_model)
    unusable = {"--lists": lists, "--html": html, "--save-model": save_model, "--save-columns": save_columns}
    unusable["--answers"] = answers
    link_against.check_options(files, unusable, changes, against)
    names = linked_lists.name_lists(files) if lists else []
    notes: list[str] = []
    columns = parse_columns(mapping or [], id_columns or [])
    if against:
        results = link_against.Outputs(against, out, clusters, changes)
        with _show_progress() as progress:
            added = link_against.link_against(
                files[0],
                results,
                columns,
                model=model,
                threshold=threshold,
                train=not fixed,
                seed=seed,
                note=notes.append,
                encoding=encoding,
                progress=progress,
            )
        link_against.print_results(added, notes, changes, as_json=as_json)
        return
    used_model = model_file.read(model) if model else model_file.load_bundled_model()
    labels = link_review.read_labels(answers)
    with _show_progress() as progress:
        ids, frame = link_files.gather(files, columns, "", notes.append, encoding=encoding)
        least = min(threshold, linked_lists.LEAST) if lists else threshold
        all_linked = link_files.link_records(
            ids, frame, used_model, least=least, train=not fixed, seed=seed, labels=labels, progress=progress
        )
        linked = all_linked.from_probability(threshold)
        rows = _pair(pair, ids) if pair else None
        groups = linked.groups() if clusters or lists else None
    with atomic_file(out) as part:
        link_files.pairs_frame(linked).write_csv(part)
    if clusters and groups is not None:
        with atomic_file(clusters) as part:
            link_files.clusters_frame(linked, groups).write_csv(part)
    if lists and groups is not None:
        owners = linked_lists.find_owners(files, encoding)
        drawn = linked_lists.draw_groups(all_linked, draws, seed)
        linked_lists.write_lists(lists, names, owners=owners, groups=groups, draws=drawn)
    if save_model:
        with atomic_file(save_model) as part:
            document = linked.model.for_spark() if spark else linked.model.as_dict()
            part.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if save_columns:
        with atomic_file(save_columns) as part:
            link_files.columns_frame(linked).write_parquet(part)
    if html and rows:
        with atomic_file(html) as part:
            part.write_text(explanation_page.explanation_page(linked, *rows, lang), encoding="utf-8")
    for text in notes:
        print(text, file=sys.stderr)
    summary = _summary(linked, None if groups is None else len(set(groups.tolist())))
    print(json.dumps(summary) if as_json else _sentence(summary))


@app.command("review")
def review(
    files: FilesArgument,
    answers: Annotated[Path, typer.Option(help="File for the answers; give it again to continue.")],
    id_columns: IdOption = None,
    mapping: MapOption = None,
    model: Annotated[Path | None, typer.Option(help="A trained model; default: train the bundled one.")] = None,
    size: Annotated[int, typer.Option(min=10, max=5000, help="Pairs to judge.")] = 100,
    lang: Annotated[str, typer.Option(help="The language of the questions: kk, ru or en.")] = "en",
    seed: Annotated[int, typer.Option(min=0, help="Random seed of the sample.")] = 0,
    encoding: PersonsEncodingOption = "",
) -> None:
    """Judge a sample of pairs in a terminal: one person or two; each answer is saved at once."""
    use_name_tables()
    from kerege.cli import link_review

    link_review.check_terminal(lang)
    with _show_progress() as progress:
        sampled = link_review.draw_review(
            files,
            answers,
            parse_columns(mapping or [], id_columns or []),
            model=model,
            size=size,
            seed=seed,
            encoding=encoding,
            progress=progress,
        )
    count, missing = link_review.judge(sampled, answers, lang)
    print(f"{answers}: {count} pairs judged, {missing} are left")


@app.command("charts")
def charts(
    html: Annotated[Path, typer.Option(help="File for the page.")],
    model: Annotated[Path | None, typer.Option(help="A model in Splink's JSON; default: the bundled model.")] = None,
    answers: Annotated[Path | None, typer.Option(help="Answers of `kerege link review`: precision and recall.")] = None,
    lang: Annotated[str, typer.Option(help="The language of the page: kk, ru or en.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print precision and recall as JSON.")] = False,
) -> None:
    """Draw the weights of a model, and precision and recall on judged pairs."""
    use_name_tables()
    from kerege.cli import link_charts

    version, quality = link_charts.write_charts(html, model, answers, lang)
    print(json.dumps([] if quality is None else quality.to_dicts()) if as_json else f"{html}: {version}")


@contextmanager
def _show_progress() -> Iterator[Progress]:
    """Yield a receiver of the progress, which a terminal shows as a bar."""
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=1.0)
        yield lambda share, step: bar.update(task, completed=share, description=step)


def _check(
    files: list[Path], outputs: list[Path], pair: str, html: Path | None, lang: str, is_spark_unsaved: bool
) -> None:
    faults = [Fault("--spark applies to --save-model only", "give --save-model too")] if is_spark_unsaved else []
    if lang not in LANGUAGES:
        faults.append(Fault(f"there is no language {lang!r}", f"choose from {', '.join(LANGUAGES)}", "--lang"))
    if bool(pair) != bool(html):
        faults.append(Fault("--pair and --html are not both given", "give both or none"))
    faults += results_faults(outputs, files)
    if faults:
        raise BadInput(faults)


def parse_columns(options: list[str], id_columns: Sequence[str] = ()) -> dict[str, str]:
    """Return column to role from COLUMN=KIND options and id columns; raises BadInput for contradictions."""
    roles: dict[str, str] = {}
    for text in [*options, *(f"{column}=id" for column in id_columns if column)]:
        column, sign, kind = (part.strip() for part in text.rpartition("="))
        if not sign:
            raise BadInput(Fault(f"--map {text} has no =", "write --map COLUMN=KIND"))
        if not column:
            raise BadInput(Fault(f"--map {text} names no column", "write --map COLUMN=KIND"))
        if roles.setdefault(column, kind) != kind:
            kinds = " and ".join(name or "unused" for name in (roles[column], kind))
            raise BadInput(Fault(f"is declared to be {kinds}", "give it one kind", column=column))
    return roles


def _pair(text: str, ids: list[str]) -> tuple[int, int]:
    names = next(csv.reader([text]), [])  # in the format of the pairs file: an id with a comma is quoted
    rows = [ids.index(name) for name in names if name in set(ids)]
    if len(names) != 2 or len(rows) != 2 or rows[0] == rows[1]:
        raise BadInput(Fault("--pair does not name two records", "give two ids of the files: --pair LEFT,RIGHT"))
    return min(rows), max(rows)


def _summary(linked: Linked, persons: int | None) -> dict[str, Any]:
    summary = {
        "records": len(linked.ids),
        "compared": linked.compared,
        "pairs": len(linked.left),
        "prior": linked.model.prior,
        "model": linked.model.version,
        "columns": linked.frame.columns,
    }
    return summary if persons is None else {**summary, "clusters": persons}


def _sentence(summary: dict[str, Any]) -> str:
    text = f"{summary['records']:,} records, {summary['compared']:,} pairs compared, {summary['pairs']:,} of one person"
    return text + (f", {summary['clusters']:,} different persons" if "clusters" in summary else "")
