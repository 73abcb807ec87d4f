"""Write a population as CSV files: `python -m benchmarks.people RECORDS FOLDER [--seed N]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.people.population import population

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    print(*population(asked.records, asked.seed).write(asked.folder))
