"""Services of a release beside people whom an earlier release counted give away other people."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kerege.evidence.data.person_numbers import PERSON_NUMBERS
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release import build
from kerege.evidence.release.spec import parse

TITLE = {"kk": "x", "ru": "x", "en": "x"}
IN_PROGRAMME = {"name": "people", "of": "victims", "by": ["service_kinds"], "where": {"programme": ["iom"]}}
EARLIER = parse({"title": TITLE, "period": "2024", "table": [IN_PROGRAMME]})
NEW = parse(
    {
        "title": TITLE,
        "period": "2025",
        "table": [
            {"name": "programmes", "of": "victims", "by": ["programme"]},
            {"name": "rows", "of": "services", "by": ["service"]},
        ],
    }
)


def snapshots(outside: int) -> list[Snapshot]:
    """Return victims and their services: 13 of a programme and some outside it had interpretation."""
    holders = {("iom", "interpretation"): 13, ("state", "interpretation"): outside}
    holders |= {(programme, kind): 30 for programme in ("iom", "state") for kind in ("shelter", "food")}
    attributes = {"region": "19", "sex": "male", "age_group": "adult", "citizenship": "KZ"}
    services = [(programme, kind) for (programme, kind), people in holders.items() for _ in range(people)]
    people = [attributes | {"programme": p, "service_kinds": [kind], "payers": ["state"]} for p, kind in services]
    rows = [
        attributes | {"service": kind, "payer": "state", PERSON_NUMBERS: [number]}
        for number, (_, kind) in enumerate(services)
    ]
    of_rows = pl.DataFrame(rows, schema_overrides={PERSON_NUMBERS: pl.List(pl.UInt32)})
    multi = frozenset({"service_kinds", "payers"})
    return [
        Snapshot(pl.DataFrame(people), "victims", "2025-12-31", True, "v", multi, fingerprint="a" * 64),
        Snapshot(of_rows, "services", "2025-12-31", True, "s", fingerprint="b" * 64),
    ]


@pytest.mark.parametrize(("outside", "is_hidden"), [(2, True), (10, False)])
def test_services_that_give_away_people_beside_an_earlier_release_are_hidden(
    tmp_path: Path, outside: int, is_hidden: bool
) -> None:
    """15 services of one kind, one for each person, minus 13 people of the programme leave 2 people."""
    people, rows = snapshots(outside)
    build.build([people], EARLIER, tmp_path / "earlier", key=b"k" * 32)
    draft = build.prepare([people, rows], NEW, tmp_path / "new", prior=[tmp_path / "earlier"])
    assert draft.attack is not None
    assert not draft.attack.added
    assert not draft.attack.undecided
    lines = (tmp_path / "new" / "tables" / "rows.csv").read_text().splitlines()
    interpretation = next(line for line in lines if line.startswith("interpretation,"))
    assert ("suppressed" in interpretation) is is_hidden
