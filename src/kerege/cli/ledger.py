"""`kerege ledger`: publications, privacy loss, and the remaining privacy budget of each period."""

from __future__ import annotations

import getpass
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import home
from kerege.cli.operator_account import operator_account
from kerege.cli.text_grid import build_grid
from kerege.evidence.dp.zcdp import DELTA, MOST_RHO, epsilon_to_rho, rho_to_epsilon
from kerege.evidence.ledger.budgets import ALL
from kerege.evidence.ledger.entry import LedgerEntry
from kerege.evidence.ledger.home_ledger import HomeLedger, open_ledger
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.ledger.losses import LOSS_REQUEST, LOST, find_request
from kerege.evidence.ledger.statements import read_statements
from kerege.evidence.ledger.verification import compare

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

LedgerOption = Annotated[
    Path | None, typer.Option("--ledger", help="Folder of the ledger; default: KEREGE_HOME/ledger.")
]
LOSSES = {LOSS_REQUEST: "asked to give up", LOST: "lost entries"}
BUDGETS = {"budget": "budget", "budget_request": "requested"}
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback(invoke_without_command=True)
def ledger(context: typer.Context, folder: LedgerOption = None, as_json: JsonOption = False) -> None:
    """List publications, their privacy losses, and the remaining budget of each period."""
    if context.invoked_subcommand is not None:
        context.obj = folder
        return
    ledger_ = _open_ledger(folder)
    for sentence in ledger_.faults() if isinstance(ledger_, HomeLedger) else []:
        print(f"warning: nothing can be charged: {sentence}", file=sys.stderr)
    accounts = account(ledger_)
    if as_json:
        entries = [json.loads(entry.line) for entry in accounts["entries"]]
        print(json.dumps(accounts | {"entries": entries}, ensure_ascii=False))
    else:
        _print_accounts(accounts)


@app.command("budget")
def budget(
    context: typer.Context,
    period: Annotated[
        str, typer.Argument(metavar="PERIOD", help="Period, such as 2025 or tables; all means all periods together.")
    ],
    rho: Annotated[float | None, typer.Argument(metavar="[RHO]", help="The ceiling (zCDP).")] = None,
    epsilon: Annotated[float | None, typer.Option(help="The ceiling as epsilon at delta 1e-9, instead of RHO.")] = None,
    reason: Annotated[str, typer.Option(help="Reason; required to raise the budget, and above epsilon 12.")] = "",
    folder: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the privacy budget of a period, or of all periods together; this is an entry of the ledger too.

    A higher budget than before, or one above epsilon 12, needs a reason and is only requested: another person approves
    it with `kerege ledger approve`.
    """
    ledger_, ceiling = _open_ledger(folder or context.obj), _ceiling(rho, epsilon)
    with ledger_.locked():
        if reason.strip() and ledger_.needs_approval(period, ceiling):
            entry = ledger_.request_budget(period, ceiling, f"cli:{operator_account()}", reason)
            _print_request(entry, as_json)
            return
        entry = ledger_.set_budget(period, ceiling, f"cli:{getpass.getuser()}", reason)
        _print_budget(entry, ledger_.left(period), as_json)


@app.command("approve")
def approve(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Number of the entry that requests a budget.")],
    folder: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a request of another person: set the budget, or give up the lost entries."""
    ledger_ = _open_ledger(folder or context.obj)
    if isinstance(ledger_, HomeLedger) and _requests_loss(ledger_, number):
        with ledger_.locked_for_reading():
            lost = ledger_.approve_loss(number, f"cli:{operator_account()}")
        text = f"entry {lost.seq}: the lost entries count as rho {lost.rho:.4g}, the rest of the budget of all periods"
        print(json.dumps({"seq": lost.seq, "rho": lost.rho}) if as_json else text)
        return
    with ledger_.locked():
        entry = ledger_.approve_budget(number, f"cli:{operator_account()}")
        _print_budget(entry, ledger_.left(entry.period), as_json)


def _requests_loss(ledger: HomeLedger, number: int) -> bool:
    if not ledger.folder.is_dir():
        return False
    with ledger.locked_for_reading():
        return find_request(ledger.entries(), number) is not None


@app.command("give-up")
def give_up(
    reason: Annotated[str, typer.Option(help="Why no backup has the lost entries; the second person reads it.")],
    as_json: JsonOption = False,
) -> None:
    """Request to continue without entries that no backup has; the remaining budget is then spent."""
    ledger_ = HomeLedger(home())
    with ledger_.locked_for_reading():
        entry = ledger_.request_loss(f"cli:{operator_account()}", reason)
    text = f"requested as entry {entry.seq}; another person approves it with kerege ledger approve {entry.seq}"
    print(json.dumps({"seq": entry.seq}) if as_json else text)


@app.command("verify")
def verify(
    context: typer.Context,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A manifest, the folder of a release, or roots.jsonl."),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="[MANIFEST]...", help="Further ones.")] = None,
    folder: LedgerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the hash chain of the ledger, and that manifests and daily roots name this ledger."""
    ledger_, statements = _open_ledger(folder or context.obj), read_statements([*(against or []), *(more or [])])
    with ledger_.locked_for_reading() if ledger_.folder.is_dir() else nullcontext():
        results = compare(ledger_, statements)
        number = len(ledger_.entries())
        warnings = ledger_.warnings() if isinstance(ledger_, HomeLedger) else []
    faults = [result.sentence for result in results if result.is_fault]
    if as_json:
        compared = [{"source": item.source, "result": item.kind, "sentence": item.sentence} for item in results]
        facts = {"ok": not faults, "entries": number, "compared": compared, "warnings": warnings}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        print(f"{ledger_.path}: the chain of {number} entries is unbroken")
        for sentence in warnings:
            print(f"warning: {sentence}", file=sys.stderr)
        for result in results:
            if not result.is_fault:
                print(result.sentence)
        if not results:
            print("compared with nothing: give manifests with --against", file=sys.stderr)
    if faults:
        raise Refused("\nrefused: ".join(faults))


def _print_request(entry: LedgerEntry, as_json: bool) -> None:
    result = {"period": entry.period, "requested": entry.ceiling, "seq": entry.seq}
    text = f"requested as entry {entry.seq}; another person approves it with kerege ledger approve {entry.seq}"
    print(json.dumps(result) if as_json else text)


def _print_budget(entry: LedgerEntry, remaining: float, as_json: bool) -> None:
    result = {"period": entry.period, "ceiling": entry.ceiling, "left": remaining, "seq": entry.seq}
    text = f"privacy budget of {entry.period}: rho {entry.ceiling:.4g}, {remaining:.4g} left"
    print(json.dumps(result) if as_json else text)


def _ceiling(rho: float | None, epsilon: float | None) -> float:
    """Return the ceiling in rho, from RHO or --epsilon."""
    if (rho is None) == (epsilon is None):
        raise BadInput(Fault("RHO and --epsilon are both given", "give either RHO or --epsilon"))
    if epsilon is None:
        return float(rho or 0)
    if not 0 < epsilon <= MOST_RHO:
        raise BadInput(Fault(f"epsilon is not a number above 0, at most {MOST_RHO:g}", "give one such as 4"))
    return epsilon_to_rho(epsilon)


def _open_ledger(folder: Path | None) -> Ledger:
    if folder is not None and folder.exists() and not folder.is_dir():
        raise BadInput(Fault("is not a folder", "name the folder of the ledger", file=str(folder)))
    return open_ledger(folder)


def account(ledger: Ledger) -> dict[str, Any]:
    """Return the entries, and the account of each period and of all periods together."""
    if not ledger.folder.is_dir():
        return {"entries": [], "periods": [], "composed": _composed(ledger, []), "dropped": ""}
    with ledger.locked_for_reading():
        entries, periods = ledger.entries(), [_period(ledger, period) for period in ledger.periods()]
        return {
            "entries": entries,
            "periods": periods,
            "composed": _composed(ledger, entries),
            "dropped": ledger.torn(),
        }


def _period(ledger: Ledger, period: str) -> dict[str, Any]:
    """Return the account of a period in rho: spent, and reserved for cohorts and their revisions."""
    spent = ledger.spent(period)
    return {
        "period": period,
        "budget": ledger.budget(period),
        "spent": spent,
        "reserved": max(0.0, ledger.held(period) - spent),
        "left": ledger.left(period),
    }


def _composed(ledger: Ledger, entries: list[LedgerEntry]) -> dict[str, float]:
    """Return the account of all periods together.

    Values outside the public lists add to delta. k-anonymous files have no epsilon and are counted as unbounded.
    """
    rho, ceiling, committed = ledger.composed(), ledger.budget(ALL), ledger.held(ALL)
    unbounded = sum("k-anonymous" in entry.methods for entry in entries)
    return {
        "rho": rho,
        "epsilon": rho_to_epsilon(rho),
        "delta": DELTA + ledger.unlisted(),
        "unbounded": unbounded,
        "reserved": max(0.0, committed - rho),
        "budget": ceiling,
        "epsilon_of_budget": rho_to_epsilon(ceiling),
        "left": max(0.0, ceiling - committed),
    }


def _print_accounts(accounts: dict[str, Any]) -> None:
    if accounts["dropped"]:
        print(accounts["dropped"], file=sys.stderr)
    console = Console(markup=False)
    console.print(
        build_grid(
            ["", "at", "what", "period", "rho", ""], [_row(entry) for entry in accounts["entries"]], figures=False
        )
    )
    rows = [
        [row["period"], *(f"{row[name]:.4g}" for name in ("budget", "spent", "reserved", "left"))]
        for row in accounts["periods"]
    ]
    console.print(build_grid(["period", "budget", "spent", "set aside", "left"], rows, figures=False))
    total = accounts["composed"]
    print(f"all periods together: rho {total['rho']:.4g}, epsilon {total['epsilon']:.3g} at delta {total['delta']:g}")
    aside = f", {total['reserved']:.4g} set aside" if total["reserved"] else ""
    print(
        f"at most: rho {total['budget']:.4g}, epsilon {total['epsilon_of_budget']:.3g}; {total['left']:.4g} left{aside}"
    )
    if total["unbounded"]:
        print(f"and {total['unbounded']} k-anonymous files, which have no such bound")


def _row(entry: LedgerEntry) -> list[str]:
    if entry.kind in LOSSES:
        people = ", requested by ".join(name for name in (entry.by, entry.requested_by) if name)
        return [str(entry.seq), entry.at, LOSSES[entry.kind], "all", f"{entry.rho:.4g}", f"{people}: {entry.reason}"]
    if entry.kind in BUDGETS:
        people = ", requested by ".join(name for name in (entry.by, entry.requested_by) if name)
        what = f"{people}: {entry.reason}" if entry.reason else people
        return [str(entry.seq), entry.at, BUDGETS[entry.kind], entry.period, f"at most {entry.ceiling:.4g}", what]
    tables = entry.tables
    if not tables and entry.cohort:
        tables = [f"{entry.cohort.column} {value}" for value in entry.cohort.values]
    what = ", ".join(tables[:5]) + (f" and {len(tables) - 5} more" if len(tables) > 5 else "")
    if entry.kind == "reserve":
        what = f"{entry.reserved:.4g} set aside for each: {what}"
    return [str(entry.seq), entry.at, entry.kind, entry.period, f"{entry.rho:.4g}", what]
