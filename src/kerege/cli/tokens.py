"""`kerege tokens`: linkage of agencies that share no names."""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from kerege.base.errors import BadInput
from kerege.base.files import atomic_file, home, results_faults

if TYPE_CHECKING:
    from kerege.linkage.tokens.study_key import Key

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def tokens() -> None:
    """Find out how lists of several agencies overlap, without any of them telling a name."""


@app.command("key")
def key(
    out: Annotated[Path, typer.Option(help="The key file; for the agencies only, never for the broker.")],
    exercise: Annotated[str, typer.Option(help="Name of the exercise, such as overlap-2026.")],
    lists: Annotated[list[str], typer.Option("--list", help="Name of a list that is counted; once for each.")],
    threshold: Annotated[float, typer.Option(help="Least probability of a link.")] = 0.5,
    epsilon: Annotated[float, typer.Option(help="Noise of the counts: the smaller, the more.")] = 1.0,
    exact: Annotated[bool, typer.Option("--exact", help="Counts without noise: they can prove one person.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the key of one exercise, and fix what it asks; all agencies that take part get the same file."""
    from kerege.linkage.tokens import study_key

    made = study_key.new_study_key(exercise, study_key.Terms(tuple(lists), threshold, None if exact else epsilon))
    study_key.write(made, out)
    told = {"exercise": made.exercise, "key": made.fingerprint, "made": made.made, **asdict(made.terms)}
    print(json.dumps(told) if as_json else f"key {made.fingerprint} of {_asked(made)}: give it to no broker")


@app.command("encode")
def encode(
    records: Annotated[Path, typer.Argument(help="A table of persons: CSV or Parquet.")],
    key_file: Annotated[Path, typer.Option("--key", help="The key of the exercise.")],
    out: Annotated[Path, typer.Option(help="The token file: .parquet or .csv.")],
    name: Annotated[str, typer.Option("--list", help="Name of the list: the column in the result.")],
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=KIND where the header does not say it; KIND empty: unused."),
    ] = None,
    id_column: Annotated[str, typer.Option("--id", help="Column of the record id; it does not leave.")] = "",
    rows: Annotated[
        Path | None, typer.Option(help="Keep row,id here, for yourself: which record is which row of the token file.")
    ] = None,
    common: Annotated[
        float, typer.Option(help="A name of more than this share of the records gets no token of its own.")
    ] = 0.005,
    as_json: JsonOption = False,
) -> None:
    """Turn a list into keyed tokens: no name, no date and no id is in the file."""
    from kerege.cli.link import columns_told
    from kerege.linkage.tokens import encode_file, encoding_log, study_key, token_file
    from kerege.linkage.tokens.study_log import StudyLog

    _writable([path for path in (out, rows) if path], [records, key_file])
    held = study_key.read(key_file)
    if study_key.is_open_to_others(key_file):
        print(f"{key_file.name} can be read by others on this machine: chmod 600 it", file=sys.stderr)
    made = encode_file.encode_file(records, held, name, columns_told(mapping or []), id_column, common)
    log = StudyLog(home() / "tokens" / "encoded")
    with log.locked():
        earlier = encoding_log.log_encoding(log, held, name, made.people)
    if earlier:
        print(encoding_log.repetition_warning(held, name, earlier), file=sys.stderr)
    token_file.write_token_file(out, made.header, made.frame)
    if rows:
        with atomic_file(rows) as part:  # its temporary file is for the owner only, and so is the file
            lines = (f'{row},"{_quoted(each)}"' for row, each in enumerate(made.ids, 1))
            part.write_text("\n".join(["row,id", *lines]) + "\n", encoding="utf-8")
    told = {
        "exercise": held.exercise,
        "key": held.fingerprint,
        "list": name,
        "records": made.header.records,
        "left_out": made.header.left_out,
        "dropped": made.header.dropped,
        "columns": made.frame.columns,
        "terms": asdict(held.terms),
        "earlier": [each["exercise"] for each in earlier],
    }
    if made.header.left_out:
        print(f"{made.header.left_out} records without a name and a document number are left out", file=sys.stderr)
    print(json.dumps(told) if as_json else f"{made.header.records:,} records of {name} as tokens for {_asked(held)}")


@app.command("overlap")
def overlap(
    files: Annotated[list[Path], typer.Argument(help="Token files of all agencies of the exercise.")],
    out: Annotated[Path, typer.Option(help="LISTS.csv: a 0/1 column a list and count, for kerege estimate.")],
    keep: Annotated[bool, typer.Option("--keep", help="Do not delete the token files.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Count how many persons are on which lists, once an exercise; log the run, and delete the tokens."""
    from kerege.linkage.tokens.run_study import run_study
    from kerege.linkage.tokens.study_log import StudyLog

    log = StudyLog(home() / "tokens")
    with log.locked(), Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=1.0)
        for path in log.left_behind():
            again = path.resolve() in {each.resolve() for each in files}
            todo = "they are part of this run" if again else "delete them"
            print(f"an earlier run left tokens at {path}: {todo}", file=sys.stderr)

        def progress(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what)

        told = run_study(files, out, log, f"cli:{getpass.getuser()}", keep, progress)
    if keep:
        print("the token files were kept: whoever gets them and the key can test any name", file=sys.stderr)
    print(json.dumps(told) if as_json else _sentence(told))


@app.command("runs")
def runs(as_json: JsonOption = False) -> None:
    """Walk the log of the broker's runs; a broken chain is refused."""
    from kerege.linkage.tokens.study_log import StudyLog

    log = StudyLog(home() / "tokens")
    entries = log.entries()
    left = [str(path) for path in log.left_behind()]
    if as_json:
        print(json.dumps({"entries": entries, "left_behind": left}, ensure_ascii=False))
        return
    for each in entries:
        lists = ", ".join(f"{one['name']} {one['records']}" for one in each.get("lists", []))
        print(each["seq"], each["at"], each["kind"], each.get("by", ""), each.get("exercise", ""), lists)
    for path in left:
        print(f"tokens are still here: {path}", file=sys.stderr)


def _asked(key: Key) -> str:
    terms = key.terms
    how = "exact counts" if terms.epsilon is None else f"epsilon {terms.epsilon:g}"
    return f"{key.exercise} ({', '.join(terms.lists)}; threshold {terms.threshold:g}, {how})"


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _writable(written: list[Path], read: list[Path]) -> None:
    if faults := results_faults(written, read):
        raise BadInput(faults)


def _rate(pair: dict[str, Any], what: str) -> str:
    between = pair.get(f"{what}_between")  # runs of earlier versions, whose counts are told again, have none
    return f"{pair[f'{what}_links']:.1%}" + (f" ({between[0]:.1%} to {between[1]:.1%})" if between else "")


def _sentence(told: dict[str, Any]) -> str:
    lines = [f"{told['persons']:,} persons on {len(told['lists'])} lists (run {told['run']} of {told['exercise']})"]
    for pair in told["pairs"]:
        lines.append(
            f"{' and '.join(pair['lists'])}: about {_rate(pair, 'missed')} of the links missed, "
            f"{_rate(pair, 'false')} false"
        )
    lines.append(
        "in brackets where they are 4 times of 5, if people are written down as in the invented lists of the tests"
    )
    if told["noise"]:
        lines.append(f"noise: each count is off by at most {told['noise']}, 19 times of 20")
    if told["first"]:
        lines.append(f"the counts are those of run {told['first']}")
    deleted = told["deleted"]
    return "\n".join([*lines, *([f"deleted: {', '.join(deleted)}"] if deleted else [])])
