"""Rounds: values of releases enter as intervals, public figures as numbers, and nothing else enters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.base.errors import BadInput
from kerege.coordination.risk import queries, services
from kerege.coordination.risk.models import RiskFactor, RiskRound
from tests.publishing import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
CRIMES = {"10": 40, "11": 12, "15": None, "35": 80, "75": 120}


@pytest.fixture
def analyst(make_actor: Any, bodies: dict[str, Any]) -> Any:
    """Return an analyst of the ministry."""
    return make_actor("analyst", agency=bodies["mlsp"])


@pytest.fixture
def assessment(analyst: Any, bodies: dict[str, Any]) -> RiskRound:
    """Return a round with two public figures, of which one region lacks the second."""
    row = services.set_up_round(analyst, RiskRound(agency=bodies["mlsp"], year=2025))
    regions = queries.list_regions()
    for group, numbers in (
        ("vulnerability", {region: float(place) for place, region in enumerate(regions)}),
        ("exposure", {region: float(place**2) for place, region in enumerate(regions[1:])}),
    ):
        factor = services.add_factor(
            analyst, RiskFactor(round=row, labels={"ru": group}, group=group, source="stat.gov.kz")
        )
        services.set_values(analyst, factor, numbers)
    return row


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the folder name of a public release with a table by region."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    given = made.tables()
    given["crimes_by_region"] = ("crimes", ["region"], {}, made.one({**CRIMES}, 260))
    monkeypatch.setattr(made, "tables", lambda: given)
    made.make(tmp_path)
    return "annual-2025"


def test_a_withheld_count_of_a_release_enters_as_the_interval_that_its_total_leaves(
    assessment: RiskRound, analyst: Any, release: str
) -> None:
    factor = RiskFactor(
        round=assessment, labels={"ru": "Преступления"}, group="threat", release=release, table="crimes_by_region"
    )
    services.add_factor(analyst, factor)
    values = queries.list_factors(analyst, assessment)[-1].values
    assert values == {"10": (40, 40), "11": (12, 12), "15": (0, 8), "35": (80, 80), "75": (120, 120)}


def test_a_table_that_is_not_by_region_or_not_public_is_refused(
    assessment: RiskRound, analyst: Any, release: str
) -> None:
    for folder, table in ((release, "sex"), ("annual-2020", "crimes_by_region")):
        with pytest.raises(BadInput):
            factor = RiskFactor(round=assessment, labels={"ru": "x"}, group="threat", release=folder, table=table)
            services.add_factor(analyst, factor)
    assert assessment.factors.count() == 2


def test_the_page_shows_intervals_of_ranks_the_method_and_what_is_missing(
    assessment: RiskRound, analyst: Any, bodies: dict[str, Any], make_user: Any, sign_in: Any
) -> None:
    result = queries.assess(analyst, assessment)
    first_region = queries.list_regions()[0]
    [line] = [line for line in result.lines if line.rank.region == first_region]
    assert line.missing == ["exposure"]
    assert result.lines[0].rank.region == queries.list_regions()[-1]
    assert {line.quadrant for line in result.lines} == {"unclear"}  # without detection no side is clear
    client = sign_in(make_user("secretary", agency=bodies["akimat-35"]))
    page = client.get(reverse("risk:round", args=[assessment.pk])).content.decode()
    assert page.count("<svg") == 2
    assert client.get(reverse("risk:file", args=[assessment.pk]), {"as": "xlsx"}).content[:2] == b"PK"


def test_counts_are_compared_per_head_and_a_region_without_its_people_has_no_value(
    assessment: RiskRound, analyst: Any
) -> None:
    regions = queries.list_regions()
    assessment.factors.all().delete()
    row = RiskFactor(round=assessment, labels={"ru": "x"}, group="threat", source="stat.gov.kz", per_population=True)
    services.add_factor(analyst, row)
    # the largest count is that of the largest region, which has the smallest rate
    counts = {region: 100.0 + place for place, region in enumerate(regions)}
    people = {region: 100_000 * (place + 1) for place, region in enumerate(regions)}
    services.set_values(analyst, row, counts)
    services.set_population(analyst, assessment, people, "stat.gov.kz, 2025")
    lines = queries.assess(analyst, assessment).lines
    assert [line.rank.region for line in lines] == regions
    services.set_population(analyst, assessment, {region: people[region] for region in regions[1:]}, "x")
    assert len(queries.assess(analyst, assessment).lines) == len(regions) - 1
    with pytest.raises(BadInput):
        services.set_population(analyst, assessment, people, " ")


def test_the_page_of_the_population_keeps_the_figures_and_marks_counts(
    assessment: RiskRound, bodies: dict[str, Any], release: str, analyst: Any, make_user: Any, sign_in: Any
) -> None:
    cited = {"labels": {"ru": "Преступления"}, "group": "threat", "release": release, "table": "crimes_by_region"}
    services.add_factor(analyst, RiskFactor(round=assessment, **cited))
    client = sign_in(make_user("analyst", agency=bodies["mlsp"]))
    address = reverse("risk:population", args=[assessment.pk])
    region = queries.list_regions()[0]
    assert client.post(address, {region: "250000", "source": "stat.gov.kz"}).status_code == 302
    assessment.refresh_from_db()
    assert (assessment.populations, assessment.population_source) == ({region: 250000}, "stat.gov.kz")
    assert 'value="250000"' in client.get(address).content.decode()
    with translation.override("en"):
        page = client.get(reverse("risk:round", args=[assessment.pk])).content.decode()
    assert "a number, not a rate" in page
