"""Confirmed facts of an installation: bound to the value, read at once, not by a publisher."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kerege.vocabulary import codes, confirmations, profile

KZ = profile.load_profile("kz")
ON = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    monkeypatch.delenv("KEREGE_COUNTRY", raising=False)
    return tmp_path


def confirmation(path: str, digest: str = "") -> confirmations.Confirmation:
    fact = next(fact.fact for fact in KZ.facts() if fact.path == path)
    digest = digest or confirmations.digest_of(fact)
    return confirmations.Confirmation(path=path, digest=digest, lawyer='А. "Б"', document="Z24, art. 16", on=ON)


@pytest.mark.parametrize(
    "path", ["hotline", "clocks.host_notice", "stay.visa_free", "legal_basis.order-844-406", "law.art-16"]
)
def test_a_confirmed_fact_is_confirmed_and_no_other(path: str) -> None:
    confirmations.write([confirmation(path)])
    before, after = ({fact.path for fact in read.unconfirmed()} for read in (KZ, profile.active()))
    assert before - after == {path}
    assert after < before


def test_what_is_written_is_read_back() -> None:
    rows = [confirmation("hotline"), confirmation("emergency")]
    confirmations.write(rows)
    assert dict(confirmations.read_home()) == {row.path: row for row in rows}


def test_a_confirmation_of_another_value_counts_for_nothing() -> None:
    confirmations.write([confirmation("hotline", "0" * 64)])
    assert not profile.active().hotline.confirmed


def test_another_value_or_source_has_another_digest() -> None:
    hotline = KZ.hotline
    changed = [hotline.model_copy(update={name: "116"}) for name in ("number", "source")]
    assert len({confirmations.digest_of(fact) for fact in (hotline, *changed)}) == 3
    assert confirmations.digest_of(hotline.model_copy(update={"confirmed": True})) == confirmations.digest_of(hotline)


def test_without_confirmations_the_profile_is_that_of_the_package(home: Path) -> None:
    assert profile.active() is KZ
    confirmations.write([])
    assert profile.active() is KZ


def test_each_article_names_clocks_and_acts_of_the_profile() -> None:
    facts = {fact.path for fact in KZ.facts()}
    for article in KZ.law:
        assert set(article.clocks) | {f"legal_basis.{basis}" for basis in article.acts} <= facts, article.id
        assert not article.confirmed, "no package confirms law"
    assert [article.number for article in KZ.law][-1] == "25"


def test_no_article_names_a_kind_of_agency_that_has_no_label() -> None:
    assert {kind for article in KZ.law for kind in article.actors} <= codes.code_list("agency_kind").codes.keys()
