#!/usr/bin/env python3
"""Compare the known faults of the locked packages with the times of SECURITY.md.

    pip-audit --format json ... | scripts/fault_times.py

The clock of a fault begins on the day on which it was first shown: `requirements/faults.toml` holds that day and the
severity, and `--write` adds new faults with today's day. A fault without a severity, and one that is `exploited`, has
the shortest time. Exit code 1 when a fault is older than its time, is not in the file, or is in it and no longer shown,
and when the packages were not renewed within six months. `--renewed` writes today as the day of their renewal.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kerege.base import renewal

ROOT = Path(__file__).resolve().parent.parent
RENEWAL = Path(renewal.__file__)
POLICY, STORED = ROOT / "SECURITY.md", ROOT / "requirements" / "faults.toml"
ROW = re.compile(r"^\| (critical|high|medium|low)\b[^|]*\|[^|\n]*?(\d+) days \|$", re.MULTILINE)
UNKNOWN = "critical"  # a fault whose severity nobody has entered yet
HEAD = "# Known faults of locked packages: day on which make audit first showed each, and its severity.\n"


@dataclass(frozen=True)
class KnownFault:
    """A fault that was shown: package, first day, severity ("" if unknown), and whether it is exploited."""

    package: str
    first: date
    severity: str = ""
    exploited: bool = False

    @property
    def urgency(self) -> str:
        """Return the severity whose time counts."""
        return UNKNOWN if self.exploited or not self.severity else self.severity


def read_times(policy: str) -> dict[str, timedelta]:
    """Return the time to a fix for each severity, from the table of SECURITY.md."""
    return {severity: timedelta(days=int(days)) for severity, days in ROW.findall(policy)}


def read_shown(reports: str) -> dict[str, str]:
    """Return the package of every fault in one or more reports of pip-audit, by the id of the fault."""
    shown: dict[str, str] = {}
    decoder, text = json.JSONDecoder(), reports.strip()
    while text:
        report, end = decoder.raw_decode(text)
        for package in report["dependencies"]:
            shown |= {fault["id"]: package["name"] for fault in package.get("vulns", ())}
        text = text[end:].strip()
    return shown


def read_stored(text: str) -> dict[str, KnownFault]:
    """Return the faults of the file, by their ids."""
    return {name: KnownFault(**fields) for name, fields in tomllib.loads(text).items()}


def list_violations(
    shown: Mapping[str, str], stored: Mapping[str, KnownFault], times: Mapping[str, timedelta], today: date
) -> Iterator[str]:
    """Yield a sentence for every fault that breaks the policy."""
    for name, package in sorted(shown.items()):
        if name not in stored:
            yield f"{package}: {name} is new; add it with --write, and enter its severity"
            continue
        fault = stored[name]
        last = fault.first + times[fault.urgency]
        if today > last:
            reason = "exploited" if fault.exploited else fault.severity or "unknown severity"
            yield f"{package}: {name} should have been closed by {last} ({reason})"
    for name in sorted(stored.keys() - shown.keys()):
        yield f"{stored[name].package}: {name} is closed; remove it from {STORED.name}"
    if renewal.is_due(today):
        yield f"the packages were last renewed on {renewal.RENEWED}: run make renew"


def add_new(shown: Mapping[str, str], stored: Mapping[str, KnownFault], today: date) -> str:
    """Return the text of the file with the faults that are shown: the first day of a known one stays."""
    lines = []
    for name, package in sorted(shown.items()):
        fault = stored.get(name, KnownFault(package, today))
        lines.append(
            f'"{name}" = {{ package = "{fault.package}", first = {fault.first}, severity = "{fault.severity}"'
            f"{', exploited = true' if fault.exploited else ''} }}"
        )
    return HEAD + "".join(f"{line}\n" for line in lines)


def write_renewal(text: str, today: date) -> str:
    """Return the module of the renewal with today's day."""
    return re.sub(r"date\(\d+, \d+, \d+\)", f"date({today.year}, {today.month}, {today.day})", text, count=1)


def main() -> int:
    """Check the reports of standard input, or write a file."""
    if "--renewed" in sys.argv[1:]:
        text = write_renewal(RENEWAL.read_text(encoding="utf-8"), datetime.now(UTC).date())
        RENEWAL.write_text(text, encoding="utf-8")
        return 0
    shown, stored = read_shown(sys.stdin.read()), read_stored(STORED.read_text(encoding="utf-8"))
    today = datetime.now(UTC).date()
    if "--write" in sys.argv[1:]:
        STORED.write_text(add_new(shown, stored, today), encoding="utf-8")
        return 0
    violations = list(list_violations(shown, stored, read_times(POLICY.read_text(encoding="utf-8")), today))
    print("\n".join(violations) or f"{len(shown)} known faults, none older than its time")
    return int(bool(violations))


if __name__ == "__main__":
    sys.exit(main())
