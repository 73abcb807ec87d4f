"""Rewriting of the committed records: `python -m tests.golden.write [NAME ...]`; without a name all."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.golden import compare, record
from tests.golden.scenarios import SCENARIOS, SLOW


def main(names: list[str]) -> None:
    """Write the records of these names, or all of them."""
    scenarios = [scenario for scenario in (*SCENARIOS, *SLOW) if not names or scenario.name in names]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in record.record(Path(folder), scenarios).items():
            compare.write(name, text)
        if not names or set(names) & {*record.SYSTEM, *record.REGISTERED}:
            for name, text in record.record_register(Path(folder)).items():
                if not names or name in names:
                    compare.write(name, text)
    if not names or "options" in names:
        compare.write("options", record.options())
    compare.write_environment()


if __name__ == "__main__":
    main(sys.argv[1:])
