"""The demo programme of another country has only codes, bodies and languages of its pack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kerege.demo.programme import another_country, generate, sources
from kerege.demo.programme.world import World
from kerege.vocabulary import codes
from kerege.vocabulary.languages import offered
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.pack.pack import read_pack
from kerege.vocabulary.profile import active

XANADU = Path(__file__).parents[2] / "packs" / "xanadu"
TODAY = date(2026, 11, 4)
KAZAKHSTAN = re.compile(r"Kazakh|Казахстан|Қазақстан|Алмат|Almaty|арағанд|араганд|11616", re.IGNORECASE)


@pytest.fixture(scope="module", params=["kg", "xanadu"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Yield the programme of a country, while its pack is in use."""
    pack = find_pack("kg") if request.param == "kg" else read_pack(XANADU, "folder")
    with using(pack):
        yield generate.build(TODAY)


def test_its_codes_are_those_of_the_pack(world: World) -> None:
    regions, offences = another_country.own_regions(), codes.code_list("offence").codes
    assert {row.region for row in world.agencies if row.region} <= regions.keys()
    assert {row.region for row in world.contacts if row.region} <= regions.keys()
    assert {row.offence for row in world.crimes} <= offences.keys()
    assert {row.source for row in world.crimes} <= active().crime_sources.keys()
    assert {user.language for user in world.users} <= set(offered())
    assert {tag for campaign in world.campaigns for tag in campaign.titles} <= set(offered())
    episodes = [episode for case in world.cases for episode in case.exploitations]
    assert {row["exploitation_region"] for row in episodes if "exploitation_region" in row} <= regions.keys()


def test_its_own_people_are_the_largest_group_that_the_state_helps(world: World) -> None:
    origins = [case.origin for case in world.cases if case.key.startswith("state-")]
    assert max(set(origins), key=origins.count) == another_country.pack_country()


def test_nothing_names_kazakhstan(world: World) -> None:
    texts = [text for row in world.agencies for text in row.names.values()]
    texts += [row.register_code for row in world.agencies]
    texts += [text for row in world.campaigns for text in row.titles.values()]
    texts += [text for _key, text in world.live.notes] + [row.narrative for row in world.live.signals]
    texts += [row.message for row in world.live.referrals]
    named = codes.label("country", "KZ", "en"), codes.label("country", "KZ", "ru")
    assert [text for text in texts if KAZAKHSTAN.search(text) and not text.endswith(named)] == []


def test_an_agency_has_one_case_of_a_person(world: World) -> None:
    pairs = [(case.person, case.agency) for case in world.cases]
    assert len(pairs) == len(set(pairs))


def test_every_register_code_and_name_is_its_own(world: World) -> None:
    assert len({row.register_code for row in world.agencies}) == len(world.agencies)
    assert len({row.names["en"] for row in world.agencies}) == len(world.agencies)


def test_phone_numbers_belong_to_no_country(world: World) -> None:
    numbers = [phone for case in world.cases for phone in case.identity.get("phones", ())]
    assert numbers
    assert {number[:4] for number in numbers} == {another_country.NO_COUNTRY}


def test_a_smaller_country_has_fewer_people(world: World) -> None:
    assert 0.2 * 3400 < len(world.cases) < 0.7 * 3400


def test_every_note_is_in_russian_and_english() -> None:
    assert all(row["ru"] and row["en"] and not re.search("[а-я]", row["en"]) for row in sources.texts().values())
