"""Output of `kerege synthesize --dry-run`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table as Grid

from kerege.base.message_text import shown
from kerege.evidence.ledger.budgets import FILES

if TYPE_CHECKING:
    from kerege.evidence.synthesis.certificate import Facts

COUNTS = ("10", "50", "200", "1000")
VERDICTS = {True: "useful", False: "low utility", None: "the utility is not known in advance"}


def print_forecast(forecast: dict[str, Any], as_json: bool) -> None:
    """Print the predicted cost and errors."""
    if as_json:
        print(json.dumps(forecast, ensure_ascii=False))
        return
    print(_charge(forecast))
    print("the ledger allows it" if forecast["allowed"] else f"the ledger would refuse it: {forecast['refusal']}")
    if forecast.get("auto"):
        print("a tenth of the loss pays for the first look of --auto; the errors are those of all columns without it")
    print(_assumption(forecast))
    Console(markup=False).print(_error_table(forecast["expected"]))
    if forecast["unlisted_from"]:
        print(f"values that nobody listed are kept from about {forecast['unlisted_from']:,} people on")
    print(f"{VERDICTS[forecast['worth']]}: {forecast['advice']}")
    if choice := forecast.get("choice"):
        print(_describe_choice(choice, "" if forecast.get("auto") else " --auto finds what your people can give"))
    print("dry run: nothing was charged or written")


def _charge(forecast: dict[str, Any]) -> str:
    budget = "the budget that all external files share" if forecast["period"] == FILES else forecast["period"]
    states = [
        f"{state}: {', '.join(map(shown, forecast[state]))}"
        for state in ("new", "revised", "kept")
        if forecast.get(state)
    ]
    if forecast["made_before"]:
        reason = "revisions use the reserved budget" if forecast.get("revised") else "made before"
        return "\n".join([f"{reason}: nothing would be charged", *states])
    loss = f"epsilon {forecast['epsilon']:g} at delta {forecast['delta']:g} (rho {forecast['charge']:.4g})"
    sentence = f"would charge {loss} to {budget}"
    if forecast["cohorts"]:
        sentence += f", for each new {forecast['cohorts']}; its later revisions are paid by that"
    return "\n".join([sentence, *states])


def _assumption(forecast: dict[str, Any]) -> str:
    """Return the assumption about the records behind the expected errors."""
    if forecast["reported"]:
        return f"if 65 of 100 people report {forecast['reported']} values or fewer:"
    largest = forecast["reported_at_most"]
    return (
        f"at worst, as if everybody reported {largest} values; --values-p65 N gives less where 65 of 100 do not pass N:"
    )


def _describe_choice(choice: Facts, hint: str) -> str:
    """Return what so many people can give at the least, and a hint."""
    publish = "records" if choice["publish"] == "records" else "noisy counts without records"
    left_out = f"; leave out {', '.join(map(shown, choice['left_out']))}" if choice["left_out"] else ""
    return (
        f"if all values are equally frequent, which is the worst case, publish {publish} of "
        f"{', '.join(map(shown, choice['columns']))} with --order {choice['order']}, and counts from "
        f"{choice['counts_from']:,} on{left_out}.{hint}"
    )


def _error_table(expected: list[dict[str, Any]]) -> Grid:
    """Return a row for each combination length: error in persons, and relative to true counts."""
    grid = Grid(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for head in (
        "values",
        "mean error",
        "above noise from",
        "9 in 10 to 1/5 from",
        *(f"of {count}" for count in COUNTS),
    ):
        grid.add_column(head, justify="right")
    for row in expected:
        shares = (row["relative"][count] for count in COUNTS)
        persons = (f"{row[name]:,}" for name in ("error", "stands_out_from", "nine_in_ten"))
        grid.add_row(str(row["length"]), *persons, *("noise" if share >= 1 else f"{share:.0%}" for share in shares))
    return grid
