"""`kerege tokens`: privacy-preserving record linkage of several agencies' lists."""

from __future__ import annotations

import getpass
import json
import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from kerege.base.errors import BadInput
from kerege.base.files import atomic_file, home, results_faults
from kerege.cli.file_options import PersonsEncodingOption
from kerege.cli.link import parse_columns
from kerege.vocabulary.pack.name_tables import use_name_tables

if TYPE_CHECKING:
    from kerege.linkage.tokens.study_key import Key

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def tokens() -> None:
    """Count the overlap of several agencies' lists; no agency discloses a name."""
    use_name_tables()


@app.command("key")
def key(
    out: Annotated[Path, typer.Option(help="The key file; for the agencies only, never for the broker.")],
    study: Annotated[str, typer.Option(help="Name of the study, such as overlap-2026.")],
    lists: Annotated[list[str], typer.Option("--list", help="Name of a list; repeat for each list.")],
    threshold: Annotated[float, typer.Option(help="Least probability of a link.")] = 0.5,
    epsilon: Annotated[float, typer.Option(help="Epsilon of the noise: a smaller value means more noise.")] = 1.0,
    exact: Annotated[bool, typer.Option("--exact", help="Exact counts: they can reveal one person.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the key and the terms of one study; all participating agencies get the same file."""
    from kerege.linkage.tokens import study_key

    made = study_key.new_study_key(study, study_key.Terms(tuple(lists), threshold, None if exact else epsilon))
    study_key.write(made, out)
    result = {"study": made.study, "key": made.fingerprint, "made": made.made, **asdict(made.terms)}
    print(
        json.dumps(result)
        if as_json
        else f"key {made.fingerprint} of {_study_text(made)}: do not give it to the broker"
    )


@app.command("encode")
def encode(
    records: Annotated[Path, typer.Argument(help="A table of persons: CSV, XLSX or Parquet.")],
    key_file: Annotated[Path, typer.Option("--key", help="The key of the study.")],
    out: Annotated[Path, typer.Option(help="The token file: .parquet or .csv.")],
    name: Annotated[str, typer.Option("--list", help="Name of the list: the column in the result.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=KIND where the header does not show the kind; an empty KIND: not used."),
    ] = None,
    id_column: Annotated[str, typer.Option("--id", help="Column of the record id, which is not sent.")] = "",
    rows: Annotated[
        Path | None, typer.Option(help="File for row,id: the record of each row of the token file. Do not send it.")
    ] = None,
    common: Annotated[
        float, typer.Option(help="A name that more than this share of the records have gets no token of its own.")
    ] = 0.005,
    encoding: PersonsEncodingOption = "",
    known: Annotated[
        str, typer.Option(help="Column with the codes of a reviewed sample: persons known to be on another list too.")
    ] = "",
    over_budget: Annotated[
        str, typer.Option(help="Reason to encode a list whose budget of the year is used up, for the agency's log.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Turn a list into keyed tokens: no name, no date and no id is in the file."""
    from kerege.linkage.tokens import encode_file, encoding_log, study_key, token_file
    from kerege.linkage.tokens.study_log import StudyLog

    _check_outputs([path for path in (out, rows) if path], [records, key_file])
    study = study_key.read(key_file)
    if study_key.is_open_to_others(key_file):
        print(f"{key_file.name} can be read by others on this machine: chmod 600 it", file=sys.stderr)
    encoded = encode_file.encode_file(
        records,
        study,
        name=name,
        given=parse_columns(mapping or []),
        id_column=id_column,
        share=common,
        encoding=encoding,
        note=lambda text: print(f"{records.name}: {text}", file=sys.stderr),
        known_column=known,
    )
    log = StudyLog(home() / "tokens" / "encoded")
    with log.locked():
        earlier = encoding_log.earlier_studies(log, study, name, encoded.people)
        encoding_log.check_budget(study, name, earlier, over_budget)
        encoding_log.log_encoding(log, study, name, encoded.people, over_budget)
    if earlier:
        print(encoding_log.repetition_warning(study, name, earlier), file=sys.stderr)
    token_file.write_token_file(out, encoded.header, encoded.frame)
    if rows:
        with atomic_file(rows) as part:  # readable by the owner only, as its temporary file
            lines = (f'{row},"{_quoted(record_id)}"' for row, record_id in enumerate(encoded.ids, 1))
            part.write_text("\n".join(["row,id", *lines]) + "\n", encoding="utf-8")
    loss = encoding_log.total_loss(study, earlier)
    result = {
        "study": study.study,
        "key": study.fingerprint,
        "list": name,
        "records": encoded.header.records,
        "left_out": encoded.header.left_out,
        "dropped": encoded.header.dropped,
        "columns": encoded.frame.columns,
        "terms": asdict(study.terms),
        "earlier": [study_key.study_of(entry) for entry in earlier],
        # privacy loss of each person over the studies of a year; null with exact counts
        "loss": loss if math.isfinite(loss) else None,
    }
    if encoded.header.left_out:
        print(f"{encoded.header.left_out} records without a name and a document number are left out", file=sys.stderr)
    print(
        json.dumps(result)
        if as_json
        else f"{encoded.header.records:,} records of {name} as tokens for {_study_text(study)}"
    )


@app.command("overlap")
def overlap(
    files: Annotated[list[Path], typer.Argument(help="Token files of all agencies of the study.")],
    out: Annotated[Path, typer.Option(help="LISTS.csv: a 0/1 column for each list, and count, for kerege estimate.")],
    keep: Annotated[bool, typer.Option("--keep", help="Do not delete the token files.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Count the persons on each combination of lists, once per study; log the run, and delete the tokens."""
    from kerege.linkage.tokens.run_study import run_study
    from kerege.linkage.tokens.study_log import StudyLog

    log = StudyLog(home() / "tokens")
    with log.locked(), Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=1.0)
        for path in log.left_behind():
            is_input = path.resolve() in {file.resolve() for file in files}
            todo = "they are part of this run" if is_input else "delete them"
            print(f"an earlier run left tokens at {path}: {todo}", file=sys.stderr)

        def progress(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what)

        result = run_study(files, out, log=log, by=f"cli:{getpass.getuser()}", keep=keep, progress=progress)
    if keep:
        print("the token files were kept: a person who gets them and the key can test any name", file=sys.stderr)
    print(json.dumps(result) if as_json else _sentence(result))


@app.command("runs")
def runs(as_json: JsonOption = False) -> None:
    """Check the hash chain of the log of the broker's runs, and name remaining token files."""
    from kerege.linkage.tokens.study_log import StudyLog

    log = StudyLog(home() / "tokens")
    entries = log.entries()
    leftover = [str(path) for path in log.left_behind()]
    if as_json:
        print(json.dumps({"entries": entries, "left_behind": leftover}, ensure_ascii=False))
        return
    for entry in entries:
        lists = ", ".join(f"{row['name']} {row['records']}" for row in entry.get("lists", []))
        study = entry.get("study", entry.get("exercise", ""))  # the entry of a deletion names no study
        print(entry["seq"], entry["at"], entry["kind"], entry.get("by", ""), study, lists)
    for path in leftover:
        print(f"tokens are still here: {path}", file=sys.stderr)


def _study_text(key: Key) -> str:
    terms = key.terms
    noise = "exact counts" if terms.epsilon is None else f"epsilon {terms.epsilon:g}"
    return f"{key.study} ({', '.join(terms.lists)}; threshold {terms.threshold:g}, {noise})"


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _check_outputs(outputs: list[Path], inputs: list[Path]) -> None:
    if faults := results_faults(outputs, inputs):
        raise BadInput(faults)


def _rate_text(pair: dict[str, Any], kind: str) -> str:
    interval = pair.get(f"{kind}_between")  # runs logged by earlier versions have no intervals
    return f"{pair[f'{kind}_links']:.1%}" + (f" ({interval[0]:.1%} to {interval[1]:.1%})" if interval else "")


def _sentence(result: dict[str, Any]) -> str:
    lines = [
        f"{result['persons']:,} persons on {len(result['lists'])} lists (run {result['run']} of {result['study']})"
    ]
    for pair in result["pairs"]:
        lines.append(
            f"{' and '.join(pair['lists'])}: about {_rate_text(pair, 'missed')} of the links missed, "
            f"{_rate_text(pair, 'false')} false"
        )
    lines.append("in brackets where they are at least 4 times of 5, on the invented lists of two authors")
    if not any(pair.get("reviewed_pairs") for pair in result["pairs"]):
        lines.append(
            "to measure the missed links of these lists, give about 300 people known to be on two lists a common code "
            "in a new study (kerege tokens encode --known)"
        )
    if result["noise"]:
        lines.append(f"noise: each count is off by at most {result['noise']}, 19 times of 20")
    if result["first"]:
        lines.append(f"the counts are those of run {result['first']}")
    deleted = result["deleted"]
    return "\n".join([*lines, *([f"deleted: {', '.join(deleted)}"] if deleted else [])])
