"""What `kerege synthesize --dry-run` prints."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from kerege.base.message_text import shown
from kerege.evidence.ledger.ledger import FILES

COUNTS = ("10", "50", "200", "1000")
VERDICTS = {True: "worth publishing", False: "not worth publishing", None: "worth is not known before"}


def tell(found: dict[str, Any], as_json: bool) -> None:
    """Print what was foreseen."""
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    print(_charge(found))
    print("the ledger allows it" if found["allowed"] else f"the ledger would refuse it: {found['refusal']}")
    print(_of_whom(found))
    Console(markup=False).print(_errors(found["expected"]))
    if found["unlisted_from"]:
        print(f"values that nobody listed are kept from about {found['unlisted_from']:,} people on")
    print(f"{VERDICTS[found['worth']]}: {found['advice']}")
    print("dry run: nothing was charged or written")


def _charge(found: dict[str, Any]) -> str:
    whom = "the budget that all files from elsewhere share" if found["period"] == FILES else found["period"]
    states = [
        f"{state}: {', '.join(map(shown, found[state]))}" for state in ("new", "revised", "kept") if found.get(state)
    ]
    if found["made_before"]:
        why = "revisions draw on what was set aside" if found.get("revised") else "made before"
        return "\n".join([f"{why}: nothing would be charged", *states])
    loss = f"epsilon {found['epsilon']:g} at delta {found['delta']:g} (rho {found['charge']:.4g})"
    told = f"would charge {loss} to {whom}"
    if found["cohorts"]:
        told += f", for each new {found['cohorts']}; its later revisions are paid by that"
    return "\n".join([told, *states])


def _of_whom(found: dict[str, Any]) -> str:
    """What the errors take as known of the records."""
    if found["reported"]:
        return f"if 65 of 100 people report {found['reported']} values or fewer:"
    most = found["reported_at_most"]
    return f"at worst, as if everybody reported {most} values; --reported N tells less where 65 of 100 do not pass N:"


def _errors(expected: list[dict[str, Any]]) -> Grid:
    """A row a length: error in people, and by true count how large it is beside that."""
    grid = Grid(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in ("values", "mean error", "stands out from", "to a fifth from", *(f"of {count}" for count in COUNTS)):
        grid.add_column(head, justify="right")
    for each in expected:
        shares = (each["relative"][count] for count in COUNTS)
        people = (f"{each[name]:,}" for name in ("error", "stands_out_from", "supported"))
        grid.add_row(str(each["length"]), *people, *("noise" if share >= 1 else f"{share:.0%}" for share in shares))
    return grid
