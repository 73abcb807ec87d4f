"""Synthetic records of unusual tables.

Run `python benchmarks/synthesis_shapes.py [means] [2000x200x200] ...`.

`means` is an invented table with a column of eleven means of control that go together strongly. It prints the error
of single values, pairs and triples within that column, by a plain count. ROWSxCOLUMNSxREPORTED is a table whose records
report so many of so many columns. It prints seconds and memory of measuring and of making the records. Epsilon is 4;
the noise is repeatable.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from itertools import combinations
from statistics import mean

import numpy as np
import polars as pl

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.generation.records import decode_records
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from kerege.evidence.synthesis.presets import PRESETS

MEANS = (
    "threats", "debt", "violence", "drugs", "documents", "wages", "movement", "promises", "needs", "hours", "other"
)  # fmt: skip
FORMS = ("labour", "sex", "begging", "other")
USUAL = (  # how often a record of a form has each of the means
    (0.7, 0.7, 0.02, 0.02, 0.3, 0.5, 0.2, 0.5, 0.1, 0.6, 0.02),
    (0.1, 0.02, 0.8, 0.3, 0.05, 0.02, 0.6, 0.1, 0.3, 0.05, 0.02),
    (0.02, 0.02, 0.02, 0.02, 0.02, 0.6, 0.05, 0.8, 0.02, 0.7, 0.02),
    (0.05,) * 11,
)


def means(rows: int = 20_000) -> tuple[pl.DataFrame, Schema]:
    """Return records in which forced labour nearly always has threats and debt; a quarter reports nothing."""
    chance = np.random.default_rng(3)
    form = chance.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    has = chance.random((rows, 11)) < np.array(USUAL)[form]
    both = (form == 0) & (chance.random(rows) < 0.9)
    has[both, 1] = has[both, 0]
    has[chance.random(rows) < 0.25] = False
    frame = pl.DataFrame(
        {
            "form": np.array(FORMS)[form],
            "sex": np.where(chance.random(rows) < np.array([0.3, 0.9, 0.4, 0.5])[form], "female", "male"),
            "region": [f"R{min(16, region):02}" for region in chance.geometric(0.15, rows)],
            "means": pl.Series([[MEANS[at] for at in np.flatnonzero(line)] or None for line in has]),
        }
    )
    regions = tuple(f"R{number:02}" for number in range(1, 17))
    return frame, (
        Column("form", FORMS),
        Column("sex", ("female", "male")),
        Column("region", regions),
        Column("means", MEANS, True),
    )


def full(rows: int, columns: int, reported: int) -> tuple[pl.DataFrame, Schema]:
    """Columns of three values by six kinds of record, of which each reports about `reported`."""
    chance = np.random.default_rng(1)
    kind = chance.integers(0, 6, rows)
    values = ("v0", "v1", "v2")
    often = chance.dirichlet(np.full(3, 0.7), (6, columns)).cumsum(axis=-1)[..., :2]
    code = (chance.random((rows, columns))[..., None] > often[kind]).sum(axis=-1)
    rank = chance.random((rows, columns)).argsort(axis=1).argsort(axis=1)
    is_reported = rank < (columns if reported == columns else chance.poisson(reported, rows)[:, None])
    frame = pl.DataFrame(
        {
            f"c{at}": pl.Series(np.where(is_reported[:, at], np.array(values)[code[:, at]], "")).replace({"": None})
            for at in range(columns)
        }
    )
    return frame, tuple(Column(name, values) for name in frame.columns)


def timed(name: str, frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Generate the records; print time and memory."""
    preset = PRESETS["balanced"]
    wall, cpu = time.perf_counter(), time.process_time()
    noisy, kept = measure(frame, schema, plan(epsilon_to_rho(4.0, 1e-9), 3, preset.thresholds), repeatable(1))
    counted, used = time.perf_counter() - wall, time.process_time() - cpu
    records = fit_records(noisy, preset.charge, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{name}: measured in {counted:.1f} s ({used:.1f} s of CPU), with records {time.perf_counter() - wall:.1f} s "
        f"({time.process_time() - cpu:.1f} s of CPU), peak {peak:.2f} GB; K {noisy.clip}, noise "
        f"{', '.join(f'{level.spread:.0f}' for level in noisy.levels)}, distance of the fit "
        f"{', '.join(f'{distance:.0f}' for distance in records.apart)} people",
        flush=True,
    )
    return decode_records(records, kept)


def within(frame: pl.DataFrame, length: int) -> Counter[tuple[str, ...]]:
    """Return the combinations within a column, counted by a plain loop."""
    counts: Counter[tuple[str, ...]] = Counter()
    for values in frame["means"].to_list():
        counts.update(combinations(sorted(values or []), length))
    return counts


def main() -> None:
    """Run the requested parts."""
    for asked in sys.argv[1:] or ["means", "2000x200x200"]:
        if asked != "means":
            timed(asked, *full(*map(int, asked.split("x"))))
            continue
        frame, schema = means()
        out = timed(asked, frame, schema)
        for length in (1, 2, 3):
            true, synthetic = within(frame, length), within(out, length)
            errors = [abs(synthetic[cell] - count) for cell, count in true.items()]
            print(
                f"  {length} within the column: mean error {mean(errors):.1f} people over {len(errors)}, most "
                f"{max(errors)}"
            )


if __name__ == "__main__":
    main()
