"""`kerege snapshot`: coded rows of the register on a reference date, without names."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, file_hash
from kerege.cli.load_django import setup

PERSONS = "victims"  # the unit whose lists an estimate takes
RATES_FORMAT, RATES_SUFFIX = "kerege-linkage-rates/1", ".rates.json"
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def snapshot(
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="The file to write.")],
    of: Annotated[str, typer.Option(help="victims, services, crimes, suspects, contacts or campaigns.")] = "victims",
    as_of: Annotated[str, typer.Option(help="Reference date, such as 2025-12-31; default: today.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the register as coded rows without names. The file is exact and stays on the server."""
    day = day_of(as_of)
    if out.suffix != ".parquet":
        raise BadInput(Fault("a snapshot is a Parquet file", "give it a name that ends in .parquet", file=out.name))
    setup()
    from kerege.casework.exchange.snapshots import freeze
    from kerege.casework.persons.queries import quality
    from kerege.core.authorization import Actor

    rows = freeze.write(Actor.system(), of, out, day)
    if of == PERSONS:
        _write_rates(out, quality.count_rechecks(Actor.system()))
    result = {"file": str(out), "unit": of, "as_of": day.isoformat(), "rows": rows}
    print(json.dumps(result) if as_json else f"{out}: {rows} rows of {of} as of {day}")


def _write_rates(out: Path, rechecks: tuple[int, int]) -> None:
    """Write how many links were rechecked and false beside the snapshot, for `kerege estimate`."""
    checked, false = rechecks
    document = {"format": RATES_FORMAT, "table": file_hash(out), "rechecks": {"checked": checked, "false": false}}
    with atomic_file(out.with_name(out.stem + RATES_SUFFIX)) as part:
        part.write_text(json.dumps(document), encoding="utf-8")


def day_of(text: str) -> date:
    """Parse the reference date of `--as-of`; raises BadInput for a future date."""
    try:
        day = date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise BadInput(Fault("--as-of is not a day", "write it as 2025-12-31")) from None
    if day > date.today():
        raise BadInput(Fault("--as-of is in the future", "choose today or an earlier day"))
    return day
