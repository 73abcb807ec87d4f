"""Known faults of packages are compared with the times of SECURITY.md."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from kerege.base import renewal
from scripts import fault_times
from scripts.fault_times import KnownFault, list_violations

DAY = date(2026, 11, 1)
TIMES = fault_times.read_times(fault_times.POLICY.read_text(encoding="utf-8"))


def report(**faults: str) -> str:
    """Return a report of pip-audit with these faults by package."""
    packages = [{"name": name, "version": "1", "vulns": [{"id": fault}]} for name, fault in faults.items()]
    return json.dumps({"dependencies": [*packages, {"name": "clean", "version": "1", "vulns": []}], "fixes": []})


def violations(fault: KnownFault, after: int) -> list[str]:
    return list(list_violations({"PYSEC-1": "x"}, {"PYSEC-1": fault}, TIMES, DAY + timedelta(days=after)))


def test_the_times_are_those_of_the_policy() -> None:
    days = {name: time.days for name, time in TIMES.items()}
    assert days == {"critical": 3, "high": 14, "medium": 30, "low": 90}


def test_a_fault_is_reported_on_the_day_after_its_time() -> None:
    for severity, time in TIMES.items():
        assert violations(KnownFault("x", DAY, severity), time.days) == []
        [line] = violations(KnownFault("x", DAY, severity), time.days + 1)
        assert "PYSEC-1 should have been closed by" in line


def test_a_fault_without_a_severity_has_the_shortest_time() -> None:
    assert violations(KnownFault("x", DAY), 3) == []
    assert "unknown severity" in violations(KnownFault("x", DAY), 4)[0]


def test_an_exploited_fault_has_the_shortest_time() -> None:
    assert violations(KnownFault("x", DAY, "low", exploited=True), 3) == []
    assert "closed by 2026-11-04 (exploited)" in violations(KnownFault("x", DAY, "low", exploited=True), 4)[0]


def test_packages_that_nobody_renews_are_reported_after_six_months() -> None:
    last = renewal.RENEWED + renewal.LONGEST
    assert list(list_violations({}, {}, TIMES, last)) == []
    assert "run make renew" in next(list_violations({}, {}, TIMES, last + timedelta(days=1)))
    text = Path(renewal.__file__).read_text(encoding="utf-8")
    assert "RENEWED = date(2027, 3, 1)" in fault_times.write_renewal(text, date(2027, 3, 1))
    assert "at least every six months" in " ".join(fault_times.POLICY.read_text(encoding="utf-8").split())


def test_a_release_is_written_only_after_the_audit() -> None:
    makefile = (fault_times.ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\ninventory: audit ##" in makefile


def test_a_new_fault_and_a_closed_one_are_reported() -> None:
    shown = fault_times.read_shown(report(django="PYSEC-2") + "\n" + report(pillow="PYSEC-3"))
    assert shown == {"PYSEC-2": "django", "PYSEC-3": "pillow"}
    stored = {"PYSEC-1": KnownFault("x", DAY), "PYSEC-3": KnownFault("pillow", DAY)}
    lines = list(list_violations(shown, stored, TIMES, DAY))
    assert [line.split()[1] for line in lines] == ["PYSEC-2", "PYSEC-1"]


def test_the_file_keeps_the_first_day_and_drops_closed_faults() -> None:
    stored = {"PYSEC-1": KnownFault("x", DAY, "low"), "PYSEC-3": KnownFault("pillow", DAY, "high", exploited=True)}
    text = fault_times.add_new({"PYSEC-2": "django", "PYSEC-3": "pillow"}, stored, DAY + timedelta(days=9))
    written = fault_times.read_stored(text)
    assert written == {
        "PYSEC-2": KnownFault("django", DAY + timedelta(days=9)),
        "PYSEC-3": KnownFault("pillow", DAY, "high", exploited=True),
    }


def test_the_committed_file_is_readable() -> None:
    fault_times.read_stored(fault_times.STORED.read_text(encoding="utf-8"))
