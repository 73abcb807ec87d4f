"""Our attacks beside anonymeter 1.1.0.

Run `python benchmarks/anonymeter_check.py [--rows N] [--only NAME...]`.

Invented rows of one process in three equal parts: the people, the controls, and others who are published as if they
were synthetic records. Also published: the people themselves, and a file in which blocks of columns were shuffled.
anonymeter runs in an environment of its own, made in the folder. Singling out: it counts equal rows once, so ours is
printed both for rows made unique, which is its question, and for people. Inference: single columns, all targets whether
they report the secret or not, as it asks; its neighbours count what is not reported as a value like any other.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.field_like import T50, table, values
from benchmarks.peer_environments import environment
from kerege.evidence.synthesis import refit
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Risk, rate, risk
from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import guesses
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Coded, coded, draw_rows
from kerege.evidence.synthesis.evaluation.attacks.singling_out import measure_singling_out

SECRETS = ("ageBroad", "citizenship", "meansThreats")
PUBLISHED = ("people", "others", "shuffled", "kerege")
ATTACKS, TARGETS, BLOCKS = 400, 1_000, 6
PEER = """
import json, sys, time, warnings
import numpy as np, pandas as pd
from anonymeter.evaluators import InferenceEvaluator, SinglingOutEvaluator
warnings.filterwarnings("ignore")
folder, name, attacks, targets, *secrets = sys.argv[1:]
ori, syn, control = (pd.read_csv(f"{folder}/{each}.csv", dtype=str, keep_default_na=False)
                     for each in ("people", name, "controls"))
np.random.seed(1)
def rates(evaluator):
    start = time.process_time()
    evaluator.evaluate(**({"mode": "multivariate"} if isinstance(evaluator, SinglingOutEvaluator) else {"n_jobs": 1}))
    result, value = evaluator.results(), evaluator.risk()
    return {"attack": result.attack_rate.value, "control": result.control_rate.value, "risk": value.value,
            "low": value.ci[0], "high": value.ci[1], "seconds": time.process_time() - start}
figures = {"singling out": rates(SinglingOutEvaluator(ori, syn, n_attacks=int(attacks), n_cols=4, control=control,
                                                   max_attempts=300_000, seed=1))}
for secret in secrets:
    aux = [column for column in ori.columns if column != secret]
    figures[secret] = rates(InferenceEvaluator(ori, syn, aux_cols=aux, secret=secret, regression=False,
                                            n_attacks=int(targets), control=control))
print(json.dumps(found))
"""


def shuffled(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The rows with blocks of their columns shuffled apart."""
    rng = np.random.default_rng(seed)
    parts = [rows.select(names.tolist()) for names in np.array_split(np.array(rows.columns), BLOCKS)]
    return pl.concat([part[rng.permutation(part.height)] for part in parts], how="horizontal")


def synthetic(rows: pl.DataFrame) -> pl.DataFrame:
    """Kerege's records of the rows."""
    columns = {name: {"values": listed} for name, listed in values(T50).items()}
    request = {"epsilon": 4.0, "delta": 1e-9, "preset": "balanced", "order": 3}
    certificate = {"request": request, "schema": {"columns": columns}}
    return refit(rows.with_columns(pl.all().replace({"": None})), certificate, 1)


def line(what: str, figures: dict[str, float]) -> None:
    """One row of the table."""
    interval = f"[{figures['low']:6.3f}, {figures['high']:6.3f}]"
    print(
        f"{what:44} {figures['attack']:7.3f} {figures['control']:7.3f} {figures['risk']:7.3f} {interval}"
        f" {figures['seconds']:7.1f}",
        flush=True,
    )


def ours(what: str, risk: Risk | None, start: float) -> None:
    """One row of the table, of an attack of ours."""
    if risk is not None:
        rates = {"attack": risk.attack.share, "control": risk.control.share}
        values = {"risk": risk.risk, "low": risk.low, "high": risk.high, "seconds": time.process_time() - start}
        line(f"ours, {what}", rates | values)


def infer(secret: int, original: Coded, synthetic: Coded, control: Coded) -> Risk:
    """Our guesses of one column, of targets that report it and of others."""
    chance = np.random.default_rng(1)
    rates = []
    for people in (original, control):
        targets = draw_rows(people, TARGETS, chance)
        right = guesses(synthetic, targets)[secret] == targets[secret]
        rates.append(rate(float(right.mean()), TARGETS))
    return risk(*rates)


def main() -> None:
    """Run both on three files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=40_000, help="of each part")
    parser.add_argument("--only", nargs="*", choices=PUBLISHED, default=PUBLISHED)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    python = environment(asked.folder / "anonymeter", "anonymeter==1.1.0")
    made = table(replace(T50, rows=3 * asked.rows))
    people, controls, others = (made[part * asked.rows : (part + 1) * asked.rows] for part in range(3))
    files = {
        "people": people,
        "controls": controls,
        "others": others,
        "shuffled": shuffled(people, 1),
        "kerege": synthetic(people).fill_null(""),
    }
    for name, rows in files.items():
        rows.write_csv(asked.folder / f"{name}.csv")
    infer(0, *(np.ones((2, 2), dtype=np.uint8) for _ in range(3)))  # compiles
    for name in asked.only:
        print(f"\npublished: {name}, {asked.rows:,} rows x {made.width} columns")
        print(f"{'':44} {'attack':>7} {'control':>7} {'risk':>7} {'95% interval':>16} {'CPU s':>7}")
        rows = coded([people, files[name], controls])
        for what, among in (("people", rows), ("unique rows", [np.unique(columns, axis=1) for columns in rows])):
            start = time.process_time()
            ours(f"singling out, 4 columns, {what}", measure_singling_out(*among, np.random.default_rng(1)), start)
        command = [str(python), "-c", PEER, str(asked.folder), name, str(ATTACKS), str(TARGETS), *SECRETS]
        figures = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        )
        line("anonymeter, singling out", figures["singling out"])
        for secret in SECRETS:
            start = time.process_time()
            ours(f"inference of {secret}", infer(made.columns.index(secret), *rows), start)
            line(f"anonymeter, inference of {secret}", figures[secret])


if __name__ == "__main__":
    main()
