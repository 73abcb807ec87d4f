"""Parts of a manifest follow from the specification, the tables and the snapshots."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from kerege.evidence.counting.frequency_table import Table, tabulate, to_csv
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.release.manifest import (
    DraftManifest,
    Manifest,
    Policy,
    ReleaseApproval,
    SnapshotRef,
    attack_summary,
    hash_content,
    ledger_entry,
)
from kerege.evidence.release.manifest_contents import contents_of, privacy
from kerege.evidence.release.spec import ReleaseSpec, parse
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from tests.evidence.release.test_manifest import WHOLE
from tests.evidence.reports import report_of

FRAMES = {
    "victims": pl.DataFrame({"sex": ["male", "female"]}),
    "crimes": pl.DataFrame({"article": ["128", "134"]}),
    "contacts": pl.DataFrame({"channel": ["phone", "chat"]}),
    "campaigns": pl.DataFrame({"kind": ["a", "b"]}),
}
COLUMN = {unit: frame.columns[0] for unit, frame in FRAMES.items()}


def snapshot(unit: str, **more: Any) -> Snapshot:
    return Snapshot(FRAMES[unit], unit, "2025-12-31", **({"invented": False, "sha256": unit} | more))


def counted(unit: str) -> Table:
    axes = (("_T", *FRAMES[unit][COLUMN[unit]].sort().to_list()),)
    counts = np.array([2, 1, 1])
    return Table(unit, unit, (COLUMN[unit],), {}, axes, counts, np.zeros(3, np.uint8), params={"threshold": 10})


def spec(*units: str, **more: Any) -> ReleaseSpec:
    tables = [{"name": unit, "of": unit, "by": [COLUMN[unit]]} for unit in units]
    return parse({"title": "T", "period": "2025", "table": tables} | more)


def contents(*units: str, sources: list[Snapshot] | None = None, ties: Any = (), **more: Any) -> dict[str, Any]:
    tables = [counted(unit) for unit in units]
    return contents_of(spec(*units, **more), tables, sources or [snapshot(units[0])], "2026-01-01", ties=ties)


# -- the loss ----------------------------------------------------------------------------------------------------------


def test_without_noise_there_is_no_loss_and_no_epsilon() -> None:
    assert privacy(0).tree == {"rho": 0, "delta": 0}


@pytest.mark.parametrize("unlisted", [0.0, 5e-10])
def test_epsilon_is_at_the_default_delta_and_delta_for_values_is_added(unlisted: float) -> None:
    """The deltas of the noise and of finding values add up."""
    loss = privacy(0.3, unlisted)
    assert (loss.rho, loss.epsilon, loss.delta) == (0.3, rho_to_epsilon(0.3, DELTA), DELTA + unlisted)


def test_the_losses_of_several_tables_add_up() -> None:
    tables = [
        {"name": f"t{number}", "of": "victims", "method": "dp", "params": {"rho": rho}}
        for number, rho in enumerate((0.1, 0.2))
    ]
    both = parse({"title": "T", "period": "2025", "table": [*tables, {"name": "plain", "of": "victims"}]})
    assert both.rho == pytest.approx(0.3)


# -- the policy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "applies_to"),
    [
        (("victims",), None),
        (("victims", "crimes"), {"crimes": "people"}),
        (("contacts",), {"contacts": "rows"}),
        (("campaigns",), None),  # counts no people
        (("crimes", "contacts", "campaigns"), {"contacts": "rows", "crimes": "people"}),
    ],
)
def test_the_threshold_applies_to_people_where_the_register_records_them(
    units: tuple[str, ...], applies_to: dict[str, str] | None
) -> None:
    policy = contents(*units)["policy"]
    assert isinstance(policy, Policy)
    assert policy.tree.get("applies_to") == applies_to


def test_sensitive_columns_of_all_tables_are_named_once() -> None:
    policy = contents("victims", "crimes", sensitive=["b", "a"])["policy"]
    assert policy.sensitive == ["a", "b"]
    assert contents("victims", threshold=20)["policy"].threshold == 20


# -- snapshots and tables ----------------------------------------------------------------------------------------------


def test_a_snapshot_is_named_by_its_fingerprint_and_never_by_its_hash() -> None:
    known = snapshot("victims", fingerprint="a" * 64)
    first, second = contents("victims", sources=[known, snapshot("crimes")])["snapshots"]
    assert first == SnapshotRef(unit="victims", as_of="2025-12-31", fingerprint="a" * 64)
    assert second.tree == {"unit": "crimes", "as_of": "2025-12-31"}
    assert "sha256" not in first.tree


@pytest.mark.parametrize(("invented", "expected"), [((False, False), False), ((False, True), True)])
def test_a_release_is_invented_if_any_of_its_snapshots_is(invented: tuple[bool, bool], expected: bool) -> None:
    sources = [snapshot("victims", invented=invented[0]), snapshot("crimes", invented=invented[1])]
    assert contents("victims", sources=sources)["invented"] is expected


def test_a_table_has_the_hash_of_its_file_and_its_cells_by_status() -> None:
    table = tabulate(snapshot("victims"), ["sex"], name="victims")
    (entry,) = contents_of(spec("victims"), [table], [snapshot("victims")], "2026-01-01")["tables"]
    assert entry.file == "tables/victims.csv"
    assert entry.sha256 == hashlib.sha256(to_csv(table).encode()).hexdigest()
    assert (entry.cells.published, entry.cells.suppressed) == (3, 0)
    assert entry.method == "suppress"


def test_texts_that_are_not_given_are_absent() -> None:
    assert not {"embargo", "prose", "revision_of", "revision_note", "ties"} & set(contents("victims"))
    note = {"kk": "a", "ru": "b", "en": "c"}
    given = contents("victims", revision_of="annual-2024", revision_note=note)
    assert (given["revision_of"], given["revision_note"]) == ("annual-2024", note)


def test_a_tie_is_stated_as_it_is_assumed() -> None:
    tie = PeopleTie("services", "victims", ("sex",), {"service": "service_kinds"}, False, ("service",))
    (entry,) = contents("victims", ties=[tie])["ties"]
    assert entry.tree == {
        "rows": "services",
        "people": "victims",
        "same": ["sex"],
        "values": {"service": "service_kinds"},
        "every_row_counted": False,
        "one_row_per_value": ["service"],
    }


# -- from a draft to the ledger ----------------------------------------------------------------------------------------


def test_a_manifest_holds_the_report_in_short_and_the_approvals() -> None:
    report = report_of(("sex", True))
    draft = DraftManifest(
        **contents("victims"), request="r", before=["b"], hashes={"victims": "secret"}, pending=["people"]
    )
    manifest = draft.released(report, [ReleaseApproval(role="approver", who="agency/1", at="2026")])
    assert isinstance(manifest, Manifest)
    assert manifest.attack == attack_summary(report)
    assert manifest.tree["attack"].keys() == {"safe", "threshold", "already_public", "examined"}
    assert not {"request", "before", "hashes", "pending", "ledger"} & set(manifest.tree)
    assert manifest.approvals[0].who == "agency/1"


def test_the_ledger_has_the_hash_of_the_manifest_and_those_of_the_snapshots() -> None:
    manifest = Manifest.model_validate(WHOLE)
    entry = ledger_entry(manifest, {"victims": "secret hash"})
    assert (entry.kind, entry.period, entry.at) == ("release", "2025", "2026-01-01T00:00:00Z")
    assert entry.manifest == hash_content(manifest.content)
    assert [item.sha256 for item in entry.snapshots] == ["secret hash"]
    assert (entry.tables, entry.microdata, entry.estimates, entry.methods) == (
        ["sex"],
        ["people"],
        ["undetected"],
        ["dp"],
    )
    assert (entry.rho, entry.delta) == (0, 0)  # noise is charged when it is drawn


def test_an_entry_of_tables_alone_names_no_other_part() -> None:
    tree = {key: value for key, value in WHOLE.items() if key not in ("microdata", "estimates")}
    entry = ledger_entry(Manifest.model_validate(tree), {"victims": "secret hash"})
    assert not {"microdata", "estimates"} & set(entry.tree)


def test_a_manifest_without_tables_is_no_manifest() -> None:
    with pytest.raises(ValidationError):
        Manifest.model_validate(WHOLE | {"tables": []})
