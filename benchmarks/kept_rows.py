"""Rows that a benchmark keeps for the one table of `make bench`."""

from __future__ import annotations

import json
import os
from pathlib import Path

VARIABLE = "KEREGE_BENCHMARK_ROWS"


def keep_row(case: str, tool: str, cpu: float | None, *, error: str, ratios: tuple[float, float] | None = None) -> None:
    """Append a row to the file that `make bench` names; nothing without it.

    `cpu` are CPU seconds, None without a result; `error` is a figure with its unit, or the reason why there is none.
    `ratios` are the CPU seconds and the error of this tool divided by ours; None for our own row.
    """
    if path := os.environ.get(VARIABLE):
        row = {"case": case, "tool": tool, "cpu": cpu, "error": error, "ratios": ratios}
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
