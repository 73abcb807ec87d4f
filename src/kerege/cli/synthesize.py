"""`kerege synthesize`: synthetic records of a snapshot, with a certificate."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, writable
from kerege.base.message_text import shown
from kerege.cli import dry_run_table
from kerege.cli.file_options import EncodingOption

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.ledger.ledger import Ledger
    from kerege.evidence.synthesis import Request
    from kerege.evidence.synthesis.certificate import Facts
    from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
    from kerege.evidence.synthesis.measurement.public_schema import Schema

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

KINDS = (".csv", ".parquet")
CERTIFICATE = ".certificate.json"
COUNTS = ".counts.csv"


@app.command()
def synthesize(
    snapshot: Annotated[Path, typer.Argument(help="A snapshot (Parquet) or any categorical CSV or Parquet.")],
    out: Annotated[Path | None, typer.Option(help="The file to write: .csv or .parquet.")] = None,
    epsilon: Annotated[float | None, typer.Option(help="The privacy loss, as epsilon at --delta.")] = None,
    delta: Annotated[float | None, typer.Option(help="For epsilon; 1e-9 when not given.")] = None,
    schema: Annotated[
        Path | None, typer.Option(help="TOML with the public values, bins and date precisions of columns.")
    ] = None,
    columns: Annotated[str, typer.Option(help="Columns, separated by commas; all when not given.")] = "",
    preset: Annotated[str, typer.Option(help="balanced, careful (fabricates less) or detailed.")] = "balanced",
    seed: Annotated[int, typer.Option(help="Random seed of the fit; the noise has none.")] = 0,
    order: Annotated[int, typer.Option(help="Longest combinations that are measured, 1 to 3.")] = 3,
    auto: Annotated[
        bool,
        typer.Option(
            "--auto",
            help="Choose columns, order, and records or noisy counts, by a first look that a tenth of the loss pays.",
        ),
    ] = False,
    cohorts: Annotated[
        str,
        typer.Option(
            help="Column with one permanent value per person, such as the year: "
            "each value is a cohort that is measured once."
        ),
    ] = "",
    through: Annotated[str, typer.Option(help="With --cohorts: the last closed cohort, such as 2024.")] = "",
    revise: Annotated[str, typer.Option(help="With --cohorts: cohorts to measure again, separated by commas.")] = "",
    series: Annotated[
        str,
        typer.Option(
            help="Name of the people of an external file, the same for all their files; "
            "with --cohorts or --k-anonymous."
        ),
    ] = "",
    k_anonymous: Annotated[
        int | None,
        typer.Option(
            "--k-anonymous", help="Instead of --epsilon: the fewest people who share each combination, for one release."
        ),
    ] = None,
    period: Annotated[
        str, typer.Option(help="Period whose budget is charged; default: microdata, or that of external files.")
    ] = "",
    ledger: Annotated[Path | None, typer.Option(help="Folder of the ledger; default: KEREGE_HOME/ledger.")] = None,
    multi: Annotated[list[str] | None, typer.Option(help="CSV column with several values, separated by ;.")] = None,
    encoding: EncodingOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the privacy loss and the expected errors; charge nothing.")
    ] = False,
    people: Annotated[
        int, typer.Option(help="With --dry-run: the publicly known number of people (of one cohort).")
    ] = 0,
    values_p65: Annotated[
        int,
        typer.Option(help="With --dry-run: the publicly known number of values that 65 of 100 people do not exceed."),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the certificate.")] = False,
) -> None:
    """Make synthetic records under differential privacy, with FILE.certificate.json and FILE.counts.csv."""
    from kerege.evidence.data import snapshot as snapshots
    from kerege.evidence.ledger.home_ledger import open_ledger
    from kerege.evidence.synthesis import Request
    from kerege.evidence.synthesis.measurement import public_schema, structural_limits

    if (epsilon is None) == (k_anonymous is None):
        problem = (
            "neither --epsilon nor --k-anonymous is given"
            if epsilon is None
            else "--epsilon and --k-anonymous are both given"
        )
        raise BadInput(Fault(problem, "give either --epsilon or --k-anonymous"))
    _check_cohorts(cohorts, bool(through or revise), bool(series), k_anonymous is not None)
    if epsilon is None and (cohorts or period or delta is not None or preset != "balanced" or dry_run or auto):
        misplaced = "--cohorts, --period, --delta, --preset, --auto and --dry-run apply to --epsilon only"
        raise BadInput(Fault(misplaced, "leave them out"))
    if people and not dry_run:
        raise BadInput(Fault("--people applies to --dry-run only", "leave it out: the records show it"))
    if values_p65 and not dry_run:
        raise BadInput(Fault("--values-p65 applies to --dry-run only", "leave it out: the records show it"))
    target = None if dry_run else _writable(out, [snapshot, *([schema] if schema else [])])
    public_columns = public_schema.read(schema) if schema else ()
    multi_columns = (
        []
        if is_parquet(snapshot)
        else sorted({*(multi or []), *(column.name for column in public_columns if column.multi)})
    )
    coded = [column.name for column in public_columns if column.coding]
    if coded and k_anonymous is not None:
        what, todo = "has bins or a date precision, which apply to --epsilon only", "put the values into bands first"
        raise BadInput([Fault(what, todo, str(schema), column=shown(name)) for name in coded])
    rows = snapshots.read(snapshot, multi=multi_columns, encoding=encoding, coded=coded)
    selected = tuple(name for name in columns.split(",") if name)
    left_out = {column.name for column in public_columns if column.source == public_schema.LEFT_OUT}
    if k_anonymous is not None and left_out:
        selected = tuple(column.name for column in public_schema.read_known_columns(rows, public_columns, selected))
    snapshots.check_value_sets(rows, selected or [name for name in rows.columns if name not in left_out])
    request = Request(selected, epsilon or 0.0, delta, preset, seed=seed, period=period, order=order, auto=auto)
    ledger_ = open_ledger(ledger)
    cohort_plan = _cohorts(cohorts, through, revise, series) if cohorts else None
    if target is None:
        from kerege.evidence.synthesis.dry_run import foresee

        certificate = foresee(
            rows, request, ledger_, cohort_plan, listed=public_columns, people=people, reported=values_p65
        )
        dry_run_table.print_forecast(certificate, as_json)
        return
    if epsilon is not None:
        known = public_schema.read_known_columns(rows, public_columns, selected)
        for line in [
            *public_schema.check(rows.frame, known),
            *structural_limits.list_contradictions(rows.frame, known),
        ]:
            print(f"note, for internal use only: {line}", file=sys.stderr)  # the notes contain exact counts
    with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
        if k_anonymous is not None:
            from kerege.evidence.synthesis.k_anonymity import single_use

            certificate = single_use.produce(
                rows, selected, k=k_anonymous, order=order, seed=seed, ledger=ledger_, folder=Path(inside), name=series
            )
        else:
            certificate = _generate(
                rows, request, cohorts=cohort_plan, listed=public_columns, ledger=ledger_, inside=Path(inside)
            )
        _place(Path(inside), certificate, target)
    _print_result(certificate, target, as_json)


def _check_cohorts(cohorts: str, has_selection: bool, has_series: bool, is_k_anonymous: bool) -> None:
    """Raise BadInput for options that require another option."""
    if has_selection and not cohorts:
        raise BadInput(Fault("--through and --revise apply to --cohorts only", "leave them out, or name the column"))
    if has_series and not (cohorts or is_k_anonymous):
        raise BadInput(
            Fault(
                "--series applies to --cohorts and --k-anonymous only",
                "leave it out; --period names whose budget is charged",
            )
        )


def _cohorts(column: str, through: str, revise: str, name: str) -> Cohorts:
    from kerege.evidence.synthesis.cohorts.budget_series import Cohorts

    return Cohorts(column, through, tuple(value for value in revise.split(",") if value), name)


def _generate(
    rows: Snapshot, request: Request, cohorts: Cohorts | None, listed: Schema, ledger: Ledger, inside: Path
) -> dict[str, Any]:
    """Generate the records in a folder, with a progress bar on a terminal."""
    from kerege.evidence import synthesis
    from kerege.evidence.synthesis.cohorts import cohort_releases

    if cohorts and (changed := cohort_releases.list_changed_cohorts(rows, request, cohorts, ledger, listed=listed)):
        changed_text = f"{shown(cohorts.column)} {', '.join(map(shown, changed))}"
        print(
            f"note, for internal use only: the rows of {changed_text} changed since they were measured; "
            "their records stay as published unless --revise names them",
            file=sys.stderr,
        )
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=1.0)

        def progress(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what)

        if cohorts:
            return cohort_releases.produce(
                rows, request, cohorts=cohorts, ledger=ledger, folder=inside, progress=progress, listed=listed
            )
        return synthesis.synthesize(rows, request, ledger, inside, progress, listed=listed)


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, which marks its multi-valued columns itself."""
    return path.suffix.lower() == ".parquet"


def _writable(out: Path | None, inputs: list[Path]) -> Path:
    """Return the output file; raise BadInput before any charge if it is an input or cannot be written."""
    if out is None:
        raise BadInput(Fault("no file is named", "give --out FILE, or --dry-run"))
    if out.suffix not in KINDS:
        raise BadInput(Fault(f"--out {shown(out.name)} is neither .csv nor .parquet", "end it in .csv or .parquet"))
    outputs = (out, *(out.with_name(f"{out.name}{suffix}") for suffix in (CERTIFICATE, COUNTS)))
    if {path.resolve() for path in outputs} & {path.resolve() for path in inputs}:
        raise BadInput(Fault(f"--out {shown(out.name)} is an input", "name another"))
    if not all(map(writable, outputs)):
        raise BadInput(Fault(f"--out {shown(out.name)} cannot be written there", "name another file or folder"))
    return out


def _place(inside: Path, certificate: dict[str, Any], out: Path) -> None:
    """Write the records to the output file, then the noisy counts and the certificate beside it."""
    if (inside / f"records{out.suffix}").exists():  # chosen tables have no records
        with atomic_file(out) as part:
            shutil.copyfile(inside / f"records{out.suffix}", part)
    if (inside / f"records{COUNTS}").exists():
        with atomic_file(out.with_name(f"{out.name}{COUNTS}")) as part:
            shutil.copyfile(inside / f"records{COUNTS}", part)
    with atomic_file(out.with_name(f"{out.name}{CERTIFICATE}")) as part:
        part.write_text(json.dumps(certificate, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _describe_choice(choice: Facts) -> list[str]:
    """Return the chosen columns, order and counts in words, nothing without a choice."""
    if not choice:
        return []
    left_out = f"; left out: {', '.join(map(shown, choice['left_out']))}" if choice["left_out"] else ""
    return [
        f"chosen by noisy counts: {', '.join(map(shown, choice['columns']))}{left_out}",
        f"combinations of up to {choice['order']}, counts from {choice['counts_from']:,} on",
    ]


def _print_result(certificate: dict[str, Any], out: Path, as_json: bool) -> None:
    if certificate["advice"]:
        print(f"{'note' if certificate['worth'] else 'low utility'}: {certificate['advice']}", file=sys.stderr)
    if as_json:
        print(json.dumps(certificate, ensure_ascii=False))
        return
    choice = certificate.get("choice", {})
    if choice.get("publish") == "tables":
        print(f"noisy counts, and no records, in {out.name}{COUNTS}")
    else:
        print(f"{certificate['rows']:,} records of {len(certificate['columns'])} columns in {out.name}")
    for line in _describe_choice(choice):
        print(line)
    claim = certificate["guarantee"]
    if "k" in claim:
        print(f"k-anonymous: no combination of up to {claim['order']} values of fewer than {claim['k']} people")
        print(claim["warning"], file=sys.stderr)
        return
    for state in ("new", "revised", "kept"):
        if values := [shown(cohort["value"]) for cohort in certificate.get("cohorts", []) if cohort["state"] == state]:
            print(f"{certificate['request']['cohorts']}, {state}: {', '.join(values)}")
    print(f"epsilon {claim['epsilon']:g} at delta {claim['delta']:g} (rho {claim['rho']:.4g})")
    counts_from = {entry["length"]: entry["nine_in_ten"] for entry in certificate.get("accuracy", [])}
    for entry in certificate["expected"]:
        nine_in_ten = counts_from.get(entry["length"], entry.get("nine_in_ten"))  # earlier versions do not state it
        sure = f"; nine in ten counts from {nine_in_ten:,} on are accurate to within a fifth" if nine_in_ten else ""
        print(f"combinations of {entry['length']}: mean error about {entry['error']:g} people{sure}")
