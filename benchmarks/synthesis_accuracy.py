"""The accuracy of records by their certificate, beside the truth.

Run `python benchmarks/synthesis_accuracy.py [--tables t2,t50] [--epsilon 1,4,12] [--orders 2,3] [--seeds 1,2]`.

Tables are those of field_like.py; `NAME:ROWS` takes so many rows of one. For each run and length: the relative error
that the repetition states and the true one (with made-up combinations), their ratio, the stated and true shares of
made-up and missing combinations, and of the counts from `nine_in_ten` on the share that is accurate to within a fifth,
just above it (to half as much again) and in all. Then, by band of true counts, the true bias of the records between the
two that are stated. The last line sums up. With `--auto` each table is also offered to the choice within the budget.
The noise is repeatable: the figures are the same on every machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.field_like import TABLES, table, values
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.accuracy import FIFTH, WINDOW, RepeatedCounts, compare_counts, measure_accuracy
from kerege.evidence.synthesis.first_look import look
from kerege.evidence.synthesis.generation.records import decode_records
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from kerege.evidence.synthesis.presets import LOOK, PRESETS
from kerege.evidence.synthesis.request import Request

DELTA = 1e-9


def prepared(name: str) -> tuple[pl.DataFrame, Schema]:
    """Return a table with null for *not reported*, and its public values."""
    name, _, rows = name.partition(":")
    frame = table(TABLES[name]).with_columns(pl.when(pl.all() != "").then(pl.all()))
    schema = tuple(Column(column, tuple(listed)) for column, listed in values(TABLES[name]).items())
    return (frame.sample(int(rows), seed=1) if rows else frame), schema


def run(frame: pl.DataFrame, schema: Schema, epsilon: float, order: int, seed: int, preset: str) -> list[list[float]]:
    """Print the lines of one run; return the figures of each length."""
    chosen, rho = PRESETS[preset], epsilon_to_rho(epsilon, DELTA)
    spending = measure.plan(rho, order, chosen.thresholds[:order])
    noisy, public = measure.measure(frame, schema, spending, repeatable(seed))
    records = fit_and_repeat(noisy, chosen.charge, seed, repeat=True)
    truth = compare_counts(frame, decode_records(records, public), order)
    return [line(entry, counts) for entry, counts in zip(measure_accuracy(noisy, records), truth, strict=False)]


def line(entry: dict, counts: RepeatedCounts) -> list[float]:
    """Print stated and true figures of one length; return ratio, accurate counts and held biases."""
    has_source, is_made = counts.source > 0, counts.made > 0
    true = counts.errors.sum() / counts.source.sum()
    fabricated = (~has_source).sum() / max(1, is_made.sum())
    missing = (has_source & ~is_made).sum() / has_source.sum()
    is_accurate, start = counts.errors <= FIFTH * counts.source, entry["nine_in_ten"]
    near = is_accurate[(counts.source >= start) & (counts.source < WINDOW * start)]
    above = is_accurate[counts.source >= start]
    held = [held_bias(band, counts) for band in entry["bias"]]
    held = [value for value in held if value is not None]
    ratio = true / max(entry["relative"], 1e-9)
    print(f"  {entry['length']}: relative {entry['relative']:6.3f} {true:6.3f} x{ratio:5.2f}", end="   made up ")
    print(f"{entry['fabricated']:4.0%} {fabricated:4.0%}   missing {entry['missing']:4.0%} {missing:4.0%}", end="   ")
    print(f"from {start:5}: {share(near):>4} of {len(near):4}, {share(above):>4} of {len(above):5}", end="   ")
    print(f"bias held {sum(held)} of {len(held)}", flush=True)
    return [entry["length"], ratio, near.sum(), len(near), above.sum(), len(above), sum(held), len(held)]


def share(flags: np.ndarray) -> str:
    """Return the share of true flags."""
    return f"{flags.mean():.0%}" if len(flags) else "-"


def held_bias(band: dict, counts: RepeatedCounts) -> bool | None:
    """Return whether the true bias is between the stated ones, to within a person or a tenth."""
    inside = (counts.source >= band["least"]) & (counts.source <= band["most"])
    if inside.sum() < 20 or "alone" not in band:
        return None
    bias = float((counts.made - counts.source)[inside].mean())
    slack = max(1.0, band["least"] / 10)
    return min(band["alone"], band["repeated"]) - slack <= bias <= max(band["alone"], band["repeated"]) + slack


def offered(frame: pl.DataFrame, schema: Schema, epsilon: float, seed: int) -> None:
    """Print the choice within the budget, and the true error of the chosen records."""
    rho, request = epsilon_to_rho(epsilon, DELTA), Request(epsilon=epsilon, auto=True)
    choice = look(frame, request, schema, rho, repeatable(seed)).choice
    print(f"  --auto: {choice.publish} of {len(choice.columns)} of {len(schema)} columns, order {choice.order}, "
          f"counts from {choice.counts_from}")  # fmt: skip
    kept = tuple(column for column in schema if column.name in choice.columns)
    spending = measure.plan(rho * (1 - LOOK), choice.order, PRESETS["balanced"].thresholds[: choice.order])
    rows = frame.select(choice.columns)
    noisy, public = measure.measure(rows, kept, spending, repeatable(seed + 1))
    records = fit_and_repeat(noisy, PRESETS["balanced"].charge, seed, repeat=True)
    counts = compare_counts(rows, decode_records(records, public), choice.order)[-1]
    print(f"    forecast {choice.relative:.3f}, true error {counts.errors.sum() / counts.source.sum():.3f}")


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="t2,t2:600,t50", help=f"of {', '.join(TABLES)}")
    parser.add_argument("--epsilon", default="1,4,12")
    parser.add_argument("--orders", default="2,3")
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--presets", default="balanced")
    parser.add_argument("--auto", action="store_true")
    asked = parser.parse_args()
    lines: list[list[float]] = []
    print("stated, true")
    for name in asked.tables.split(","):
        frame, schema = prepared(name)
        for epsilon in map(float, asked.epsilon.split(",")):
            for seed in map(int, asked.seeds.split(",")):
                for order in map(int, asked.orders.split(",")):
                    for preset in asked.presets.split(","):
                        print(f"{name} epsilon {epsilon:g} order {order} seed {seed} {preset}")
                        lines += run(frame, schema, epsilon, order, seed, preset)
                if asked.auto:
                    offered(frame, schema, epsilon, seed)
    summary(np.array(lines))


def summary(lines: np.ndarray) -> None:
    """Print the figures over all runs by length."""
    for length in sorted(set(lines[:, 0])):
        rows = lines[lines[:, 0] == length]
        near, near_all, above, above_all, held, bands = rows[:, 2:].sum(axis=0)
        print(f"combinations of {length:.0f}: ratio {rows[:, 1].min():.2f} to {rows[:, 1].max():.2f}", end="; ")
        print(f"within a fifth just above {near / max(1, near_all):.1%} of {near_all:.0f}", end=", ")
        print(f"in all {above / max(1, above_all):.1%} of {above_all:.0f}", end="; ")
        print(f"bias held in {held:.0f} of {bands:.0f} bands")


if __name__ == "__main__":
    main()
