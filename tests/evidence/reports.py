"""Reports of attacks for tests that look at what follows from one."""

from __future__ import annotations

from kerege.evidence.sdc.disclosure.report import AttackReport, Examined, Finding, Remedy


def report_of(*disclosed: tuple[str, bool], undecided: int = 0) -> AttackReport:
    """Return a report with one disclosure for each table; each pair says whether it is already public."""
    disclosures = [
        Finding(
            kind="small",
            release="Release",
            table=table,
            where={},
            cell={},
            lower=3,
            upper=3,
            people=3,
            sources=[],
            remedy="",
            words=[""],
            already_public=known,
            advice=[] if known else [Remedy(table=table, action="drop", cells=[])],
        )
        for table, known in disclosed
    ]
    return AttackReport(
        safe=not (disclosed or undecided),
        undecided=undecided,
        threshold=10,
        disclosures=disclosures,
        groups=[],
        already_public=sum(known for _, known in disclosed),
        notes=[],
        examined=Examined(releases=1, tables=1, cells=4, hidden=0, differences=0),
    )
