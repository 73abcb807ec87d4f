"""An estimate in a release: rounded, signed, without overlaps, and withheld under a publication rule."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerege.base.errors import Refused
from kerege.evidence.mse.headline.headline import HeadlineSettings, make_headline
from kerege.evidence.mse.lists import Counts, build_unchecked_lists
from kerege.evidence.mse.panels import panel as panels
from kerege.evidence.mse.panels.panel import panel
from kerege.evidence.release.build import safe_variant, verify
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.published_figures import Total, range_figures
from tests.evidence.release.prevalence.made import (
    CHANCES,
    DETECTED,
    ESTIMATE,
    VICTIMS,
    build,
    histories,
    lists,
    snapshot,
    spec,
)
from tests.evidence.reports import report_of


@pytest.fixture(autouse=True, scope="module")
def short_chains() -> Iterator[None]:
    """Shorten the chains of the latent class model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panels, "panel", partial(panel, sweeps=200))
        yield


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """Return a release about people who are not invented. Tests do not change it."""
    folder = tmp_path_factory.mktemp("real")
    request = spec(ESTIMATE | {"lists": list(CHANCES)})
    out = folder / "release"
    return out, build(snapshot(folder, invented=False), request, out, folder / "ledger")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    """Return a release with an estimate, and its manifest. Tests do not change it."""
    folder = tmp_path_factory.mktemp("made")
    out = folder / "release"
    return out, build(snapshot(folder), spec(ESTIMATE | {"planted": VICTIMS}), out, folder / "ledger")


@pytest.fixture
def own_copy(made: tuple[Path, Manifest], tmp_path: Path) -> Path:
    """Return a copy of the release that a test may change."""
    return shutil.copytree(made[0], tmp_path / "release")


def content(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "estimates" / "undetected.json").read_bytes()))


def test_the_estimate_is_signed_with_the_release(made: tuple[Path, Manifest], own_copy: Path) -> None:
    out, manifest = own_copy, made[1]
    entry = manifest.estimates[0]
    assert [file.file for file in entry.files] == [f"estimates/undetected.{p}" for p in ("json", "csv", "svg")]
    assert verify(out).estimates == manifest.estimates
    (out / "estimates" / "undetected.csv").write_text("x")
    with pytest.raises(Refused, match=r"estimates/undetected.csv is missing or differs"):
        verify(out)


def test_an_unlisted_file_is_refused(own_copy: Path) -> None:
    (own_copy / "estimates" / "overlaps.csv").write_text("x")
    with pytest.raises(Refused, match="not in the manifest"):
        verify(own_copy)


def test_the_range_contains_the_truth_and_starts_at_the_total_of_the_table(made: tuple[Path, Manifest]) -> None:
    out, manifest = made
    estimate = content(out)
    there = sum(map(bool, histories())) + 3
    assert estimate["detected"] == {"table": "detected", "count": there, "status": "ok"}
    assert there <= estimate["lower"] <= VICTIMS <= estimate["upper"]
    assert (manifest.estimates[0].lower, manifest.estimates[0].upper) == (estimate["lower"], estimate["upper"])


def test_every_figure_except_the_total_has_two_digits(made: tuple[Path, Manifest]) -> None:
    estimate = content(made[0])
    figures = [estimate["lower"], estimate["upper"], *(row["estimate"] for row in estimate["sensitivity"])]
    for method in estimate["methods"].values():
        figures += [method["estimate"], *(method["interval80"] or []), *(method["interval95"] or [])]
    assert all(figure % 100 == 0 for figure in figures if figure is not None and figure >= 1000)
    total = estimate["detected"]["count"]  # no published figure is lower, even after rounding
    assert all(figure % 10 == 0 or figure == total for figure in figures if figure is not None)
    assert all(limit >= total for method in estimate["methods"].values() for limit in method["interval80"] or [])


def test_list_sizes_and_overlaps_are_not_published(made: tuple[Path, Manifest], tmp_path: Path) -> None:
    listed = lists(tmp_path)
    small = {int(n) for n, w in zip(listed.counts, listed.histories, strict=True) if w & (w - 1)} | {listed.people}
    for suffix in ("json", "csv"):
        text = (made[0] / "estimates" / f"undetected.{suffix}").read_text(encoding="utf-8")
        assert not any(f"{n}" in text.replace(",", " ").replace(":", " ").split() for n in small if n > 10)


def test_invented_lists_say_so_in_every_file_in_three_languages(made: tuple[Path, Manifest]) -> None:
    out, _ = made
    for suffix in ("json", "csv", "svg"):
        text = (out / "estimates" / f"undetected.{suffix}").read_text(encoding="utf-8")
        assert all(messages.INVENTED[lang] in text for lang in ("kk", "ru", "en")), suffix
    rows = list(csv.DictReader(io.StringIO((out / "estimates" / "undetected.csv").read_text(encoding="utf-8"))))
    assert {row["notice_en"] for row in rows} == {messages.INVENTED["en"]}
    assert next(row for row in rows if row["row"] == "planted")["estimate"] == str(VICTIMS)


def test_real_people_have_no_notice_of_invention(real: tuple[Path, Manifest]) -> None:
    text = (real[0] / "estimates" / "undetected.svg").read_text(encoding="utf-8")
    assert "Invented" not in text
    assert "notice" not in content(real[0])


def test_for_real_people_only_a_coarse_range_is_published(real: tuple[Path, Manifest]) -> None:
    estimate = content(real[0])
    assert (estimate["methods"], estimate["sensitivity"], estimate["notes"]) == ({}, [], [])
    assert (estimate["lower"], estimate["upper"]) == (1000, 5000)
    rows = list(csv.DictReader(io.StringIO((real[0] / "estimates" / "undetected.csv").read_text(encoding="utf-8"))))
    assert [row["row"] for row in rows] == ["detected", "between"]


@pytest.mark.parametrize("embassy", [0, 1, 2])
def test_the_presence_of_one_person_on_a_list_is_not_disclosed(tmp_path: Path, embassy: int) -> None:
    """One person detected by an embassy changes neither the lists nor their order nor the notes."""
    source = snapshot(tmp_path, invented=False, embassy=embassy)
    build(source, spec(ESTIMATE | {"lists": [*CHANCES, "border_service"]}), tmp_path / "out", tmp_path / "ledger")
    told_of = content(tmp_path / "out")
    assert told_of["lists"] == {name: [name] for name in [*CHANCES, "border_service"]}
    assert told_of["notes"] == []


@pytest.mark.parametrize(
    ("victims", "lists_", "rule"),
    [(VICTIMS, ["ngo"], "few_lists"), (60, ["ngo", "hotline", "crisis_centre", "internal_affairs"], "few_overlaps")],
)
def test_under_a_publication_rule_only_the_reason_is_published(
    tmp_path: Path, victims: int, lists_: list[str], rule: str
) -> None:
    source = snapshot(tmp_path, victims=victims, unlisted=0)
    request = spec(ESTIMATE | {"lists": {"one": lists_} if len(lists_) == 1 else lists_, "planted": victims})
    manifest = build(source, request, tmp_path / "release", tmp_path / "ledger")
    estimate = content(tmp_path / "release")
    assert manifest.estimates[0].no_estimate == estimate["no_estimate"]["rule"] == rule
    assert not {"lower", "upper"} & set(manifest.estimates[0].tree)
    assert (estimate["methods"], estimate["sensitivity"], estimate["lower"], estimate["upper"]) == ({}, [], None, None)
    picture = (tmp_path / "release" / "estimates" / "undetected.svg").read_text(encoding="utf-8")
    assert "circle" not in picture
    assert messages.RULES[rule]["kk"] in picture


def test_a_suppressed_total_withholds_the_estimate(tmp_path: Path) -> None:
    source = snapshot(tmp_path, victims=12, unlisted=0)
    build(source, spec(), tmp_path / "release", tmp_path / "ledger")
    estimate = content(tmp_path / "release")
    assert estimate["detected"] is None
    assert estimate["no_estimate"]["rule"] == "detected_withheld"


def test_the_same_seed_gives_the_same_files(made: tuple[Path, Manifest], tmp_path: Path) -> None:
    other = tmp_path / "again"
    other.mkdir()
    again = build(snapshot(other), spec(ESTIMATE | {"planted": VICTIMS}), other / "release", other / "ledger")
    assert again.estimates == made[1].estimates


def test_known_list_sizes_do_not_reveal_the_overlaps(tmp_path: Path) -> None:
    """Overlaps with the same list sizes and total, but other small cells, give the same range.

    Each small cell can have at most 1 person or at least the threshold: no cell is known to be small.
    """
    given, threshold = lists(tmp_path), 10
    true = given.dense
    small = [history for history in range(1, len(true)) if true[history] < threshold]
    assert len(small) > 2
    rng = np.random.default_rng(3)
    for history in small:
        for possible in ((0, 1), (threshold,)):
            others = (_other(true, history, people, rng) for _ in range(20) for people in possible)
            assert any(_range_of(other) == _range_of(true) for other in others), (history, possible)


def _range_of(dense: Counts) -> dict[str, Any]:
    there = np.flatnonzero(dense)
    changed = build_unchecked_lists(tuple(CHANCES), there, dense[there])
    # all but the latent classes, which would take the time
    methods = panel(changed, methods=["stepwise", "bic", "decomposable"], times=200, seed=7)
    assert methods.envelope is not None
    answered = HeadlineSettings(referrals_out=True, linkage_reviewed=True)
    headline = make_headline(changed, methods.envelope, answered, detected=changed.people, times=200, seed=7)
    return range_figures(replace(methods, headline=headline), Total("detected", changed.people, "ok"))


def _other(true: Counts, place: int, people: int, rng: np.random.Generator) -> Counts:
    """Return a table with the same total and list sizes in which one cell has the given number of people."""
    alike: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for pair in combinations(range(1, len(true)), 2):
        on = tuple(sum(history >> j & 1 for history in pair) for j in range(len(CHANCES)))
        alike.setdefault(on, []).append(pair)
    moves = [move for pairs in alike.values() for move in permutations(pairs, 2)]
    other = true.copy()
    while other[place] != people:
        gone, come = (np.bincount(pair, minlength=len(true)) for pair in moves[rng.integers(len(moves))])
        changed = other - gone + come
        if (changed >= 0).all() and abs(changed[place] - people) <= abs(other[place] - people):
            other = changed
    return other


def test_a_rounded_table_gives_a_rounded_total(tmp_path: Path) -> None:
    rounded = DETECTED | {"method": "cellkey"}
    build(snapshot(tmp_path), spec(tables=[rounded]), tmp_path / "release", tmp_path / "ledger")
    assert content(tmp_path / "release")["detected"]["status"] != "ok"


def test_a_safe_variant_leaves_out_estimates_without_a_table() -> None:
    other = {"name": "sex", "of": "victims", "by": ["sex"], "method": "none"}
    tree = spec(tables=[DETECTED, other])
    safe = safe_variant(tree, report_of(("detected", False)))
    assert ([table["name"] for table in safe["table"]], safe["estimate"]) == (["sex"], [])
    kept = safe_variant(tree, report_of(("sex", False)))
    assert kept["estimate"] == tree["estimate"]
