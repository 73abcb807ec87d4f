"""`kerege release`: signed folders of protected tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerege.base.errors import BadInput, Fault
from kerege.base.files import home
from kerege.base.message_text import count_noun
from kerege.cli.file_options import (
    CumulativeOption,
    DashOption,
    EncodingOption,
    HierarchyOption,
    LanguageOption,
    MultiOption,
    NotSensitiveOption,
    SingleOption,
    check_language,
    reading_options,
)
from kerege.evidence.ledger.home_ledger import open_ledger
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import MANIFEST
from kerege.evidence.release import spec as specs

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.release.manifest import Manifest, PrevalenceEntry

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("release")
def release(
    snapshots: Annotated[list[Path], typer.Argument(help="Snapshots, one for each unit.")],
    spec: Annotated[Path, typer.Option(help="SPEC.toml: title, period, tables, microdata.")],
    out: Annotated[Path, typer.Option(help="Folder of the release; it is written completely or not at all.")],
    published: Annotated[
        list[Path] | None, typer.Option(help="An earlier publication that the ledger does not hold; repeat for more.")
    ] = None,
    dash: DashOption = "",
    multi: MultiOption = None,
    single: SingleOption = None,
    hierarchy: HierarchyOption = None,
    not_sensitive: NotSensitiveOption = None,
    cumulative: CumulativeOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
    ledger: Annotated[Path | None, typer.Option(help="Folder of the ledger; default: KEREGE_HOME/ledger.")] = None,
    created: Annotated[str | None, typer.Option(help="Creation time to state, ISO 8601; default: now.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Assess a release with all earlier ones and sign it; an equal request returns the earlier release.

    The options about files apply to what was published before. --multi, --cumulative and --encoding apply to the CSV
    files of the release too, unless the specification says it.
    """
    from kerege.base.signing import release_key
    from kerege.evidence.data.snapshot import read
    from kerege.evidence.release import build as evidence
    from kerege.evidence.sdc.perturbation.record_keys import secret_of

    if out.exists() and not (out / MANIFEST).exists() and any(out.iterdir() if out.is_dir() else [out]):
        raise BadInput(Fault("exists and is not a release", "name another folder", file=str(out)))
    check_language(lang)
    reading = reading_options(dash, multi, hierarchy, not_sensitive, cumulative, encoding=encoding, single=single)
    request = specs.read(spec, multi or [], is_cumulative=cumulative)
    account = open_ledger(ledger)
    if warning := account.torn():
        print(warning, file=sys.stderr)
    rows = [
        read(path, multi=request.multi if path.suffix.lower() != ".parquet" else (), encoding=encoding)
        for path in snapshots
    ]
    _print_budget(request, rows, account)
    try:
        manifest = evidence.build(
            rows,
            request,
            out,
            key=release_key(home()),
            prior=published or [],
            reading=reading,
            created=created,
            ledger=account,
            secret=secret_of(home()),
            progress=_progress,
        )
    except (evidence.Disclosed, evidence.Unexamined) as refused:
        answer = evidence.objection(refused.report, lang) or refused
        if as_json:
            print(json.dumps({"refused": True, "attack": answer.report.tree}, ensure_ascii=False))
        raise answer from None
    _report(manifest, out, as_json)


def _print_budget(request: specs.ReleaseSpec, rows: list[Snapshot], account: Ledger) -> None:
    """Print the remaining privacy budget and the charge of this release, if any."""
    from kerege.evidence.release.dp_tables import compute_needed_loss
    from kerege.evidence.release.microdata import build as microdata

    by_unit = specs.units(rows)
    if not (request.rho or request.microdata) or microdata.check(request.microdata, by_unit):
        return  # no charge, or faults that the build reports
    charge = compute_needed_loss(by_unit, request.tables, account)
    charge += microdata.compute_needed_loss(request.microdata, by_unit, account, request.period)
    if charge:
        remaining = account.left(request.period)
        message = f"privacy budget of {request.period}: rho {remaining:.4g} left, this release takes {charge:.4g}"
        print(message, file=sys.stderr)


def _progress(share: float, text: str) -> None:
    """Print the progress as one line on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{share:4.0%} {text[:60]:60}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)


def _report(manifest: Manifest, out: Path, as_json: bool) -> None:
    if as_json:
        print(json.dumps(manifest.tree, ensure_ascii=False, sort_keys=True))
        return
    for table in manifest.tables:
        cells = table.cells
        other = {"suppressed": cells.suppressed, "perturbed": cells.perturbed, "noised": cells.noised}
        rest = ", ".join(f"{number} {name}" for name, number in other.items() if number)
        print(f"{table.name}: {cells.published} cells published{', ' if rest else ''}{rest}")
    for records in manifest.microdata:
        caution = f"; low utility: {records.advice}" if not records.worth else ""
        what = "synthetic records" if records.has_records else "noisy counts without records"
        left_out = [name for name in records.asked_columns or [] if name not in records.columns]
        chosen = f"; left out by noisy counts: {', '.join(left_out)}" if left_out else ""
        print(f"{records.name}: {what}, epsilon {records.epsilon:.3g}{chosen}{caution}")
    for estimate in manifest.estimates:
        print(f"{estimate.name}: {_interval(estimate)}")
    print(f"{out}: {contents_in_words(manifest)}, signed")


def _interval(entry: PrevalenceEntry) -> str:
    """Return the interval of an estimate with the number detected, or the rule that prevents an estimate."""
    if entry.detected is None or entry.no_estimate is not None:
        return f"no estimate ({entry.no_estimate})"
    span = f"at least {entry.lower:,}" if entry.upper is None else f"{entry.lower:,} to {entry.upper:,}"
    return f"detected {entry.detected.count:,}; estimated with the undetected {span}"


def contents_in_words(manifest: Manifest) -> str:
    """Return the counted contents of a release."""
    counts = {"table": len(manifest.tables), "set": len(manifest.microdata), "estimate": len(manifest.estimates)}
    suffixes = {"set": " of synthetic records", "estimate": " of the undetected"}
    parts = [count_noun(count, name) + suffixes.get(name, "") for name, count in counts.items() if count]
    return ", ".join(parts[:-1]) + (" and " if parts[:-1] else "") + parts[-1]
