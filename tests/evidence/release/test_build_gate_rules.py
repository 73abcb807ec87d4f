"""Rules of the gate around an assessment: refusals, safe variants, targets and earlier releases."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.build import Disclosed, made_from, objection, safe_variant
from kerege.evidence.release.manifest import hash_content
from kerege.evidence.release.spec import parse
from tests.evidence.reports import report_of

# -- refusals ----------------------------------------------------------------------------------------------------------


def test_a_report_without_new_disclosures_is_no_objection() -> None:
    assert objection(report_of()) is None
    assert objection(report_of(("sex", True))) is None  # already public


def test_a_disclosure_is_refused_with_its_words_and_the_number_of_others() -> None:
    one, three = (objection(report_of(*[("sex", False)] * times)) for times in (1, 3))
    assert isinstance(one, Disclosed)
    assert isinstance(three, Disclosed)
    assert not str(one)  # the words of the test report are empty
    assert str(three) == " And 2 more."
    assert len(three.report.added) == 3


def test_figures_that_could_not_be_examined_are_refused() -> None:
    refused = objection(report_of(undecided=4))
    assert refused is not None
    assert not isinstance(refused, Disclosed)
    assert str(refused) == (
        "4 figures could not be examined, so nobody knows whether they are safe: take fewer or coarser tables"
    )
    assert isinstance(objection(report_of(("sex", False), undecided=4)), Disclosed)  # the certain one is named


# -- safe variants -----------------------------------------------------------------------------------------------------

PLAIN = {"name": "plain", "of": "victims", "method": "none", "params": {"threshold": 20}}
KEYED = {"name": "keyed", "of": "victims", "method": "cellkey", "params": {"D": 5, "sensitive": ["form"], "V": 2}}
HIDDEN = {"name": "hidden", "of": "victims"}


def variant(*advised: str, **more: Any) -> list[dict[str, Any]]:
    tree = {"title": "T", "period": "2025", "table": [PLAIN, KEYED, HIDDEN]} | more
    return list(safe_variant(tree, report_of(*[(name, False) for name in advised]))["table"])


def test_an_advised_table_is_suppressed_and_keeps_the_parameters_of_suppression() -> None:
    assert variant("plain", "keyed") == [
        PLAIN | {"method": "suppress", "params": {"threshold": 20}},
        KEYED | {"method": "suppress", "params": {"sensitive": ["form"]}},
        HIDDEN,
    ]


def test_a_suppressed_table_is_left_out() -> None:
    assert variant("hidden") == [PLAIN, KEYED]


@pytest.mark.parametrize(
    ("tables", "advised", "sentence"),
    [
        ([HIDDEN], ["hidden"], "no table would remain: none of them can be published safely"),
        ([PLAIN], [], "the risk assessment proposes no change of this release: take fewer or coarser tables"),
        ([PLAIN], ["another"], "the risk assessment proposes no change of this release: take fewer or coarser tables"),
    ],
)
def test_a_release_without_a_safe_variant_is_refused(
    tables: list[dict[str, Any]], advised: list[str], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        variant(*advised, table=tables)
    assert str(refused.value) == sentence


def test_advice_on_figures_that_are_public_already_changes_nothing() -> None:
    with pytest.raises(Refused, match="proposes no change"):
        safe_variant({"table": [PLAIN]}, report_of(("plain", True)))


# -- the request -------------------------------------------------------------------------------------------------------


def snapshot(unit: str = "victims", sha256: str = "a", as_of: str = "2025-12-31") -> Snapshot:
    frame = pl.DataFrame({"sex": ["male"], "year": ["2025"]})
    return Snapshot(frame, unit, as_of, True, sha256, path=f"{unit}.parquet")


def spec(*units: str) -> Any:
    tables = [{"name": unit, "of": unit} for unit in units or ("victims",)]
    return parse({"title": "T", "period": "2025", "table": tables})


def test_a_request_is_its_specification_and_its_files_in_any_order() -> None:
    one, other = snapshot(), snapshot("services", "b")
    digest = gate._request_digest(spec(), [one, other])
    assert digest == gate._request_digest(spec(), [other, one])
    assert digest != gate._request_digest(spec(), [one])
    assert digest != gate._request_digest(spec("victims", "services"), [one, other])


# -- folders -----------------------------------------------------------------------------------------------------------


def folder(path: Path, manifest: Any = None, *, signed: bool = False) -> Path:
    path.mkdir(parents=True)
    if manifest is not None:
        (path / "manifest.json").write_text(json.dumps(manifest))
    if signed:
        (path / "manifest.sig").write_text("x")
    return path


def test_another_release_is_not_overwritten_and_the_same_may_be(tmp_path: Path) -> None:
    out, same = folder(tmp_path / "out", {"a": 1}), folder(tmp_path / "same", {"a": 1})
    gate._check_target(tmp_path / "new", None)
    gate._check_target(out, same)
    for other in (None, folder(tmp_path / "other", {"a": 2})):
        with pytest.raises(Refused, match="out holds another release, name another folder or move that one away"):
            gate._check_target(out, other)


def test_errors_of_the_target_are_bad_input_and_others_are_not_hidden(tmp_path: Path) -> None:
    out = tmp_path / "file" / "out"
    (tmp_path / "file").write_text("no folder")
    with (
        pytest.raises(BadInput, match="out: cannot be written, choose a folder you may write to"),
        gate._report_unwritable(out),
    ):
        out.mkdir(parents=True)
    with pytest.raises(FileNotFoundError), gate._report_unwritable(tmp_path / "deep" / "out"):
        Path("/a/path/of/another/folder").read_bytes()


def test_a_release_was_made_from_the_files_that_the_ledger_knows(tmp_path: Path) -> None:
    ledger, file = Ledger(tmp_path / "ledger"), tmp_path / "rows.parquet"
    file.write_bytes(b"rows")
    with ledger.locked():
        name = ledger.fingerprint(hash_content(b"rows"))
    released: Any = SimpleNamespace(snapshots=[SimpleNamespace(fingerprint=name)])
    made_from(released, file, ledger)
    other = tmp_path / "other.parquet"
    other.write_bytes(b"other rows")
    with pytest.raises(
        Refused, match=r"other\.parquet: according to this ledger, the release was not made from this file"
    ):
        made_from(released, other, ledger)
    with pytest.raises(Refused):
        made_from(released, file, Ledger(tmp_path / "another ledger"))
    with pytest.raises(BadInput, match="cannot be read, give a snapshot"):
        made_from(released, tmp_path / "gone", ledger)
