"""Write the page on OWASP ASVS 5.0 from its data file.

    .venv/bin/python scripts/asvs_table.py

A test fails when the page is not current, and for every fault that `find_faults` names.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wrap_markdown import wrap_markdown

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "security"
PAGE, ENTRIES, REQUIREMENTS = FOLDER / "asvs.md", FOLDER / "asvs.toml", FOLDER / "asvs_requirements.toml"
STATES = {"met": "met", "no": "not applicable", "gap": "gap", "open": "open"}
FIELDS = {"short", "state", "why", "proof", "setting", "level_3"}
LEVELS = (1, 2, 3)
AIM = 2
HIGHER = frozenset({"V8", "V14", "V16"})  # chapters in which level 3 is the aim

INTRODUCTION = """# ASVS 5.0

This page compares Kerege with all {total} requirements of the
[OWASP Application Security Verification Standard](https://owasp.org/asvs) 5.0.0 (© OWASP Foundation,
CC BY-SA 4.0). Ids, levels and chapter names are those of OWASP. The short descriptions are ours and do not replace
the text of OWASP. The aim is level 2 in all chapters, and level 3 in V8, V14 and V16.

We assessed the requirements ourselves. No independent body has verified them.

- **met**: a test or a file of this repository shows it. A test is named as `path::function`. A file without a test is
  weaker: it shows a setting, a decision or a document.
- **not applicable**: Kerege does not have the function that the requirement restricts.
- **gap**: the requirement is not met, or only in a part, or only after the operator has set something.

A requirement counts as met at its own level. Where OWASP asks for more at level 3, the row says in bold what is
missing.

`scripts/asvs_table.py` writes this page from `docs/security/asvs.toml`.
`tests/scripts/test_asvs_table.py` fails when a requirement is missing, when a named test or file
does not exist, or when this page is not current."""


@dataclass(frozen=True)
class Entry:
    """One requirement with its assessment."""

    id: str
    level: int
    short: str
    state: str
    why: str = ""
    proof: tuple[str, ...] = ()
    setting: str = ""
    level_3: str = ""

    @property
    def chapter(self) -> str:
        """Return the id of the chapter, such as V8."""
        return self.id.split(".")[0]

    @property
    def is_aim(self) -> bool:
        """Return whether the aim includes this requirement."""
        return self.level <= AIM or self.chapter in HIGHER


def chapter_names() -> dict[str, str]:
    """Return the names of the chapters by id, in the order of OWASP."""
    return {chapter: facts["name"] for chapter, facts in _read(REQUIREMENTS).items()}


def requirement_levels() -> dict[str, int]:
    """Return the level of every requirement by id, in the order of OWASP."""
    return {
        f"{section}.{number}": int(level)
        for facts in _read(REQUIREMENTS).values()
        for section, levels in facts["sections"].items()
        for number, level in enumerate(levels, start=1)
    }


def read_entries() -> list[Entry]:
    """Return the assessment of every requirement; one that the data file does not name is open."""
    written = _read(ENTRIES)
    return [build_entry(number, level, written.get(number, {})) for number, level in requirement_levels().items()]


def build_entry(number: str, level: int, fields: Mapping[str, object]) -> Entry:
    """Return the entry of a requirement from its fields in the data file."""
    texts = {name: str(fields.get(name, "")) for name in ("short", "why", "setting", "level_3")}
    proof = fields.get("proof", [])
    places = tuple(map(str, proof)) if isinstance(proof, list) else ()
    return Entry(id=number, level=level, state=str(fields.get("state", "open")), proof=places, **texts)


def find_faults(written: Mapping[str, Mapping[str, object]], levels: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for every fault of the data file."""
    for number in written.keys() - levels.keys():
        yield f"{number} is not a requirement of OWASP"
    for number in levels.keys() - written.keys():
        yield f"{number} is missing"
    for number in written.keys() & levels.keys():
        for name in written[number].keys() - FIELDS:
            yield f"{number} has an unknown field: {name}"
        yield from entry_faults(build_entry(number, levels[number], written[number]))


def entry_faults(entry: Entry) -> Iterator[str]:
    """Yield a sentence for every fault of one entry."""
    if entry.state not in STATES:
        yield f"{entry.id} has an unknown state: {entry.state}"
    if not entry.short:
        yield f"{entry.id} has no description"
    if entry.state == "met" and not entry.proof:
        yield f"{entry.id} is met without a proof"
    if entry.state in {"no", "gap"} and not entry.why:
        yield f"{entry.id} is {STATES[entry.state]} without a reason"
    if entry.setting and entry.state != "gap":
        yield f"{entry.id} names a setting, but is not a gap"
    for place in entry.proof:
        if fault := proof_fault(place):
            yield f"{entry.id}: {fault}"


@cache
def proof_fault(place: str) -> str:
    """Return the fault of a proof, which is `path` or `path::test`, or an empty text."""
    path, _, function = place.partition("::")
    file = ROOT / path
    if not file.is_file():
        return f"there is no file {path}"
    if function and not re.search(rf"^def {re.escape(function)}\(", file.read_text(encoding="utf-8"), re.MULTILINE):
        return f"{path} has no test {function}"
    return ""


def page(entries: list[Entry]) -> str:
    """Return the whole page."""
    parts = [INTRODUCTION.format(total=len(entries)), "## Counts", counts(entries), "## Gaps in the aim"]
    gaps = [entry for entry in entries if entry.state == "gap" and entry.is_aim]
    parts += ["### In the program or its documents", gap_list(entry for entry in gaps if not entry.setting)]
    parts += ["### Closed by a setting of the operator", gap_list(entry for entry in gaps if entry.setting)]
    higher = [entry for entry in entries if entry.level_3 and entry.chapter in HIGHER]
    parts += ["### Parts of level 3 in V8, V14 and V16", level_3_list(higher)]
    for chapter, name in chapter_names().items():
        rows = [entry for entry in entries if entry.chapter == chapter]
        parts += [f"## {chapter} {name}", table(["id", "level", "requirement", "state", "shown by"], map(row, rows))]
    return wrap_markdown("\n\n".join(parts) + "\n")


def counts(entries: list[Entry]) -> str:
    """Return the table of counts by chapter and level: met / not applicable / gap."""
    head = ["chapter", *(f"level {level}" for level in LEVELS), "all"]
    lines = [
        [f"{chapter} {name}", *count_cells([entry for entry in entries if entry.chapter == chapter])]
        for chapter, name in chapter_names().items()
    ]
    lines.append(["**all**", *count_cells(entries)])
    left = sum(entry.state == "open" for entry in entries)
    note = f"\n\n{left} requirements are **open**: nobody has assessed them yet." if left else ""
    return "Each cell counts met / not applicable / gap.\n\n" + table(head, lines) + note


def count_cells(entries: list[Entry]) -> list[str]:
    """Return the cells of a row of counts, one for each level and one for all."""
    groups = [[entry for entry in entries if entry.level == level] for level in LEVELS]
    return [count_cell(group) for group in (*groups, entries)]


def count_cell(entries: list[Entry]) -> str:
    """Return the counts of a group, or an empty text."""
    states = Counter(entry.state for entry in entries)
    return f"{states['met']} / {states['no']} / {states['gap']}" if entries else ""


def gap_list(entries: Iterable[Entry]) -> str:
    """Return a list of gaps with their reasons."""
    lines = [f"- **{entry.id}** (level {entry.level}) {entry.short}: {reason(entry)}" for entry in entries]
    return "\n".join(lines) or "None."


def level_3_list(entries: Iterable[Entry]) -> str:
    """Return a list of requirements that are met at their level and not at level 3."""
    return "\n".join(f"- **{entry.id}** {entry.short}: {entry.level_3}" for entry in entries) or "None."


def row(entry: Entry) -> list[str]:
    """Return a row of the table of requirements."""
    shown = [reason(entry)] if entry.why else []
    shown += [f"`{place}`" for place in entry.proof]
    shown += [f"**Level 3:** {entry.level_3}"] if entry.level_3 else []
    return [entry.id, str(entry.level), entry.short, STATES.get(entry.state, entry.state), "<br>".join(shown)]


def reason(entry: Entry) -> str:
    """Return the reason of an entry, with the setting that closes a gap."""
    return f"{entry.why} Set `{entry.setting}`." if entry.setting else entry.why


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


@cache
def _read(path: Path) -> dict[str, dict[str, object]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(read_entries()), encoding="utf-8")
