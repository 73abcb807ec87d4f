"""The model of a manifest and the published schema accept the same manifests; reading changes no byte."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from kerege.base import ed25519
from kerege.base.errors import BadInput, Refused
from kerege.evidence.ledger.entry import LedgerState
from kerege.evidence.release.build import publish, verify
from kerege.evidence.release.manifest import DraftManifest, Manifest, as_bytes, hash_content
from kerege.evidence.release.release_folder import json_path_of
from tests.evidence.reports import report_of

SCHEMA = Draft202012Validator(
    json.loads((files("kerege.evidence.release") / "manifest.schema.json").read_text(encoding="utf-8"))
)
KEY = b"k" * 32
HASH = "a" * 64
TEXT = {"kk": "а", "ru": "б", "en": "c"}
WHOLE: dict[str, Any] = {
    "format": "kerege-release/1", "title": TEXT, "period": "2025", "created": "2026-01-01T00:00:00Z", "invented": True,
    "code_version": "1", "embargo": "2026-07-30T10:00:00+05:00", "prose": TEXT, "revision_of": "annual-2025",
    "revision_note": TEXT, "ledger": {"name": HASH, "entries": 3, "hash": HASH},
    "snapshots": [{"unit": "victims", "as_of": "", "fingerprint": HASH}],
    "policy": {"threshold": 10, "sensitive": ["exploitation"]}, "privacy": {"rho": 0, "delta": 1e-9, "epsilon": 1.5},
    "attack": {"safe": True, "threshold": 10, "already_public": 0,
               "examined": {"releases": 1, "tables": 1, "cells": 4, "hidden": 0, "differences": 0}},
    "approvals": [{"role": "approver", "who": "agency/1", "at": "2026", "more": "words"}],
    "tables": [{"name": "sex", "file": "tables/sex.csv", "of": "victims", "by": ["sex"], "where": {"year": ["2025"]},
                "method": "dp", "params": {"rho": 0.5, "values": [1, 2.0, None]}, "sha256": HASH, "title": TEXT,
                "cells": {"published": 1, "suppressed": 0, "perturbed": 0, "noised": 2}, "notes": ["n"], "multi": []}],
    "microdata": [{"name": "people", "of": "victims", "title": TEXT, "columns": ["sex", "year"], "multi": [],
                   "cohorts": "year", "through": "2024", "method": "dp", "preset": "balanced", "rho": 1, "epsilon": 2.0,
                   "delta": 0, "unit": "one record", "rows": 3, "worth": True, "advice": "", "errors": [{"length": 1}],
                   "files": [{"file": "microdata/people.csv", "sha256": HASH}]}],
    "estimates": [{"name": "undetected", "of": "victims", "title": TEXT, "period": "2025", "where": {},
                   "lists": {"a": ["ngo"]}, "seed": 1, "bootstrap": 200, "lower": 1, "upper": 2, "planted": 5,
                   "detected": {"table": "sex", "count": 3, "status": "ok"},
                   "files": [{"file": "estimates/undetected.json", "sha256": HASH}]}],
}  # fmt: skip
OTHERS: list[Any] = [
    None, 0, 1, -1, 1.0, 10.0, 4, 5, 0.5, True, False, "", "x", "2025", HASH, f"{HASH}\n", [], ["a"], ["a", "a"], [1],
    {}, {"a": 1}, {"a": "b"}, {"a": ["b"]}, {"a": []}, TEXT, {"kk": "a"}, "tables/../x.csv", "tables/x.csv",
    "microdata/p.csv", "estimates/u.svg", "none", "balanced", "ok", 10**30, float("inf"),
]  # fmt: skip


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, child in children:
        yield from places(child, (*path, name))


def changed(path: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """Yield manifests with another value at a path, without it, and with an extra key beside it.

    Only every third value is used. All values were tried once; they take three times as long.
    """
    for other in [*OTHERS[sum(map(len, map(str, path))) % 3 :: 3], "delete", "extend"]:
        tree = copy.deepcopy(WHOLE)
        inside: Any = tree
        for step in path[:-1]:
            inside = inside[step]
        if other == "delete":
            del inside[path[-1]]
        elif other == "extend" and isinstance(inside, dict):
            inside["more"] = 1
        else:
            inside[path[-1]] = other
        yield tree


def test_the_model_and_the_schema_refuse_the_same_manifests_at_the_same_place() -> None:
    differ, refused, accepted = [], 0, 0
    for tree in (tree for path in places(WHOLE) for tree in changed(path)):
        errors = list(SCHEMA.iter_errors(tree))
        try:
            Manifest.model_validate(tree)
            where = ""
            accepted += 1
        except ValidationError as error:
            where = json_path_of(error)
            refused += 1
        if bool(errors) != bool(where) or (len(errors) == 1 and errors[0].json_path != where):
            differ.append((where, [(violation.json_path, violation.message[:60]) for violation in errors]))
    assert differ == []
    assert (refused > 1000, accepted > 200) == (True, True)


@pytest.mark.parametrize("rule", [{"no_estimate": "few_lists"}, {"no_estimate": "few_lists", "lower": 1}])
def test_an_estimate_is_a_range_or_a_rule(rule: dict[str, Any]) -> None:
    tree = copy.deepcopy(WHOLE)
    estimate = tree["estimates"][0]
    for name in ("detected", "lower", "upper"):
        del estimate[name]
    estimate |= rule
    assert not list(SCHEMA.iter_errors(tree))
    assert Manifest.model_validate(tree).estimates[0].no_estimate == "few_lists"
    estimate |= {"detected": WHOLE["estimates"][0]["detected"], "lower": 1, "upper": 2}
    assert [error.json_path for error in SCHEMA.iter_errors(tree)] == ["$.estimates[0]"]
    with pytest.raises(ValidationError):
        Manifest.model_validate(tree)


def test_a_manifest_of_a_version_without_attacks_is_read() -> None:
    old = {name: value for name, value in WHOLE.items() if name not in ("microdata", "estimates", "embargo", "prose")}
    old = old | {"attack": None, "policy": {"threshold": 10}, "snapshots": [{"unit": "victims", "as_of": ""}]}
    manifest = Manifest.model_validate(old)
    assert (manifest.attack, manifest.microdata, manifest.estimates, manifest.prose) == (None, [], [], None)
    assert manifest.tree == old


def test_reading_and_writing_gives_the_same_bytes() -> None:
    assert Manifest.model_validate(WHOLE).content == as_bytes(WHOLE)
    assert b'"rho": 0,' not in Manifest.model_validate(WHOLE | {"privacy": {"rho": 0.0, "delta": 0}}).content


def signed(folder: Path, tree: dict[str, Any]) -> Path:
    """Write a folder with a valid signature over any manifest."""
    (folder / "tables").mkdir(parents=True)
    content = as_bytes(tree)
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sig").write_text(ed25519.sign(content, KEY) + "\n")
    (folder / "public_key.pem").write_bytes(ed25519.public_pem(KEY))
    return folder


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"period": "soon"}, r"\$\.period"),
        ({"more": 1}, r"\$$"),
        ({"tables": []}, r"\$\.tables"),
        ({"tables": [WHOLE["tables"][0] | {"file": "../x.csv"}]}, r"\$\.tables\[0\]\.file"),
        ({"privacy": {"rho": "0", "delta": 0}}, r"\$\.privacy\.rho"),
    ],
)
def test_an_invalid_signed_manifest_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, Any], where: str
) -> None:
    with pytest.raises(Refused, match=rf"^out: the manifest does not match its schema, at {where}"):
        verify(signed(tmp_path / "out", WHOLE | change))


def test_another_format_is_refused_before_validation(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="not of the format kerege-release/1"):
        verify(signed(tmp_path / "out", {"format": "kerege-release/9"}))


def test_the_signature_is_checked_before_the_manifest_is_parsed(tmp_path: Path) -> None:
    folder = signed(tmp_path / "out", WHOLE)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(Refused, match="the signature does not fit"):
        verify(folder)


UNPUBLISHED = {name: value for name, value in WHOLE.items() if name != "ledger"}
DRAFT = UNPUBLISHED | {
    "attack": report_of(("sex", True)).tree,
    "request": HASH,
    "before": [],
    "hashes": {"victims": HASH},
}


def test_a_draft_becomes_a_manifest_without_internal_keys() -> None:
    draft = DraftManifest.model_validate(DRAFT)
    assert draft.content == as_bytes(DRAFT)
    manifest = draft.released(report_of(("sex", True)), [])
    summary = {name: DRAFT["attack"][name] for name in ("safe", "threshold", "already_public", "examined")}
    assert manifest.tree == UNPUBLISHED | {"approvals": [], "attack": summary}
    assert not list(SCHEMA.iter_errors(manifest.tree))
    state = LedgerState(name=HASH, entries=3, hash=HASH)
    assert draft.released(report_of(("sex", True)), [], state).tree == manifest.tree | {"ledger": state.tree}


def test_an_invalid_draft_gives_one_sentence_per_fault(tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_text(json.dumps({"format": "kerege-release/1", "tables": [1]}))
    with pytest.raises(BadInput, match=r"draft.json: title is missing, add it"):
        publish(tmp_path, tmp_path / "out", key=KEY)


def test_the_hash_of_the_ledger_is_of_the_signed_bytes() -> None:
    manifest = Manifest.model_validate(WHOLE)
    assert hash_content(manifest.content) == hash_content(as_bytes(WHOLE))
