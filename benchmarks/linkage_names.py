"""Names of further languages: pairs of one name that are found, and of two that are confused.

Run `python benchmarks/linkage_names.py [--list]`.

Both sets of pairs were written before the rules for their languages (`tests/linkage/data`). A pair agrees if a model
would see the same name, a short form of it, or nearly the same name. `--list` prints the pairs that are wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.linkage.name_agreement import SETS, agrees, read_pairs


def measure(name: str, is_listing: bool) -> None:
    """Print a row for each language of a set."""
    agreeing, every = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    wrong: dict[str, list[str]] = {}
    for pair in read_pairs(name):
        key, is_agreeing = (pair["language"], pair["same"]), agrees(pair["field"], pair["one"], pair["other"])
        every[key] += 1
        agreeing[key] += is_agreeing
        if is_agreeing != (pair["same"] == "1"):
            wrong.setdefault(pair["language"], []).append(f"{pair['one']} and {pair['other']}")
    print(f"\n{name:24} found of one name  confused of two names")
    for language in dict.fromkeys(language for language, _ in every):
        of_one_name, of_two_names = (f"{agreeing[language, same]} of {every[language, same]}" for same in ("1", "0"))
        print(
            f"{language:24} {of_one_name:>17} {of_two_names:>22}  {'; '.join(wrong.get(language, ())) if is_listing else ''}"
        )


def main() -> None:
    """Measure both sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    for name in SETS:
        measure(name, asked.list)


if __name__ == "__main__":
    main()
