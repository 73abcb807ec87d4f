"""Attack field-like releases: `python benchmarks/attack.py [ROWS] [RELEASE...]`.

Three yearly snapshots of a growing register, each protected table by table, then attacked together, the last as the new
one. With folders of releases, these are attacked instead, oldest first. Prints seconds by stage and the memory used.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ctdc_like import frame
from kerege.evidence.counting.frequency_table import tabulate, to_csv
from kerege.evidence.data.snapshot import read
from kerege.evidence.sdc.disclosure.intruder import public, report
from kerege.evidence.sdc.suppression.protection import protect

YEAR, SEX, FROM, TO, AGE, WORK = (
    "yearOfRegistration",
    "gender",
    "citizenship",
    "CountryOfExploitation",
    "ageBroad",
    "typeOfLabour",
)
TABLES = (
    [SEX], [TO], [FROM], [YEAR], [AGE], [WORK], [AGE, SEX], [YEAR, WORK], [TO, SEX], [FROM, TO], [YEAR, AGE, WORK],
    [YEAR, SEX, FROM],
)  # fmt: skip


def release(folder: Path, rows: int, share: float, as_of: str) -> Path:
    """The tables of the first rows of the register, each protected by itself."""
    (folder / "tables").mkdir(parents=True)
    frame(rows).head(int(rows * share)).write_csv(folder / "records.txt")
    source = (folder / "records.txt").rename(folder / "records.csv")
    snapshot, entries = read(source), []
    source.unlink()
    for by in TABLES:
        name, shown = "_".join(by), protect(tabulate(snapshot, by), threshold=10)
        (folder / "tables" / f"{name}.csv").write_text(to_csv(shown))
        entries.append({"name": name, "of": "records", "by": by, "where": {}, "params": shown.params, "multi": []})
    origin = {"unit": "records", "fingerprint": snapshot.origin, "as_of": as_of}
    (folder / "manifest.json").write_text(json.dumps({"title": folder.name, "snapshots": [origin], "tables": entries}))
    return folder


def attack(folders: list[Path]) -> None:
    """Time one attack."""
    start = time.perf_counter()
    *old, new = public(folders)
    loaded = time.perf_counter()
    assessment = report(new, old, 10)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    kinds = Counter(disclosure.kind for disclosure in assessment.disclosures)
    print(
        f"{len(folders)} releases, {assessment.examined.tree}: read {loaded - start:.1f} s, attacked"
        f" {time.perf_counter() - loaded:.1f} s, {memory} MB"
    )
    print(
        f"  safe {assessment.safe}, {dict(kinds)}, {assessment.already_public} public already, notes {assessment.notes}"
    )


def main(rows: int, folders: list[Path]) -> None:
    """Run all."""
    with tempfile.TemporaryDirectory() as root:
        if not folders:
            start = time.perf_counter()
            for number, share in enumerate((0.8, 0.9, 1.0)):
                folders.append(release(Path(root) / f"y{number}", rows, share, f"{2023 + number}-12-31"))
            print(f"{rows:,} rows, {len(TABLES)} tables a release, protected in {time.perf_counter() - start:.1f} s")
            attack(folders[-1:])
        attack(folders)


if __name__ == "__main__":
    numbers = [arg for arg in sys.argv[1:] if arg.isdigit()]
    main(int(numbers[0]) if numbers else 20_000, [Path(arg) for arg in sys.argv[1:] if not arg.isdigit()])
