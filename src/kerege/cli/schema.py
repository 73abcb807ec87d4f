"""`kerege schema`: schema files with the public values of columns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, writable
from kerege.base.message_text import shown
from kerege.cli.file_options import EncodingOption
from kerege.linkage.input.identifying_headers import identifies

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def schema() -> None:
    """Write the public values of the columns of a file."""


@app.command("draft")
def draft(
    records: Annotated[Path, typer.Argument(help="Any categorical CSV or Parquet.")],
    out: Annotated[Path | None, typer.Option(help="The schema file to write; without it the draft is printed.")] = None,
    multi: Annotated[list[str] | None, typer.Option(help="Column with several values, separated by ;.")] = None,
    encoding: EncodingOption = "",
) -> None:
    """Draft a schema from the column names alone: no row is read, and nothing learnt from rows is written."""
    from kerege.evidence.synthesis.measurement.schema_draft import draft_for_file

    text = draft_for_file(records, multi or (), encoding, identifies)
    if out is None:
        print(text, end="")
        return
    if out.exists():
        raise BadInput(Fault(f"--out {shown(out.name)} exists, perhaps with your changes", "name another file"))
    if not writable(out):
        raise BadInput(Fault(f"--out {shown(out.name)} cannot be written there", "name another file or folder"))
    with atomic_file(out) as part:
        part.write_text(text, encoding="utf-8")
    print(f"{out} is written: check each column", file=sys.stderr)
