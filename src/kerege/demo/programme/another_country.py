"""The demo programme in a country other than Kazakhstan.

The generator writes the programme of Kazakhstan, whose margins were published. For another country its records get
the regions, bodies, offences, languages and names of that country's pack, and volumes that fit its population.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TypeVar, cast

from kerege.demo.programme import names
from kerege.demo.programme.draw import stream
from kerege.demo.programme.justice import OFFENCES
from kerege.demo.programme.sources import agencies, texts
from kerege.demo.programme.world import DemoAgency, DemoCase, DemoUser, Live, World
from kerege.vocabulary import codes
from kerege.vocabulary.languages import offered
from kerege.vocabulary.pack import Pack, active_pack
from kerege.vocabulary.profile import active

WRITTEN_FOR = "KZ"
OWN_LANGUAGE = "kk"
SMALLEST = 0.3  # share of the volumes that every country has, so that its pages and charts hold something
Record = TypeVar("Record")
NO_COUNTRY = "+999"  # a calling code that no country has


def pack_country() -> str:
    """Return the country of the pack in use."""
    return active_pack().country


def is_another() -> bool:
    """Return whether the pack in use is of a country other than Kazakhstan."""
    return pack_country() != WRITTEN_FOR


def translate_note(text: str) -> str:
    """Return a note in a language of the pack: Russian where it offers Russian, otherwise English."""
    if not is_another() or not text:
        return text
    row = texts()[text]
    return row["ru"] if "ru" in offered() else row["en"]


def select_texts(**by_language: str) -> dict[str, str]:
    """Return the texts in languages of the pack, at least the English one."""
    return {tag: text for tag, text in by_language.items() if tag in {*offered(), "en"}}


def adapt_code(code: str) -> str:
    """Return the pack's code for a written country, language, region or offence."""
    return _codes_here().get(code, code)


def adapt(world: World, seed: int) -> World:
    """Return the programme for the country of the pack; that of Kazakhstan is unchanged."""
    if not is_another():
        return world
    world.agencies = [_agency(row) for row in world.agencies if _codes_here().get(row.code, row.code) == row.code]
    world.users = [_user(row, seed) for row in world.users]
    duplicates = {key for pair in world.truth for key in pair}
    world.cases = _one_of_an_agency(
        _case(case, _codes_here()) for case in world.cases if case.person in duplicates or _is_kept(case.person)
    )
    sources = active().crime_sources
    world.crimes = [
        _in_country(row, _codes_here())
        for row in world.crimes
        if row.source in sources and _is_kept(f"{row.source}{row.number}")
    ]
    world.contacts = [_in_country(row, _codes_here()) for row in world.contacts if _is_kept(str(row.at))]
    world.campaigns = [
        _in_country(replace(row, titles=select_texts(**row.titles)), _codes_here()) for row in world.campaigns
    ]
    world.live = _live(world.live)
    return world


def _live(live: Live) -> Live:
    live = _in_country(live, _codes_here())
    live.cases = _one_of_an_agency(_phoned(case) for case in live.cases)
    live.notes = [(key, translate_note(text)) for key, text in live.notes]
    live.signals = [replace(row, narrative=translate_note(row.narrative)) for row in live.signals]
    live.referrals = [
        replace(row, message=translate_note(row.message), legal_basis=basis_of_referral() if row.legal_basis else "")
        for row in live.referrals
    ]
    live.crimes = [row for row in live.crimes if row.source in active().crime_sources]
    return live


def basis_of_referral() -> str:
    """Return the act on which a referral rests: on sharing, services or identification, else the first."""
    bases = active().legal_basis
    for subject in ("sharing", "services", "identification"):
        for basis in bases:
            if subject in basis.covers:
                return basis.id
    return bases[0].id


def volume_share() -> float:
    """Return the share of the written volumes that the country has, by its population."""
    return min(1.0, max(SMALLEST, active().population.persons / 20_000_000))


def _is_kept(key: str) -> bool:
    return zlib.crc32(key.encode()) % 1000 < 1000 * volume_share()


def _one_of_an_agency(cases: Iterable[DemoCase]) -> list[DemoCase]:
    """Return the cases without a second one of the same person at the same agency."""
    return list({(case.person, case.agency): case for case in reversed(list(cases))}.values())[::-1]


def _case(case: DemoCase, here: Mapping[str, str]) -> DemoCase:
    return _phoned(_in_country(case, here))


def _phoned(case: DemoCase) -> DemoCase:
    if phones := case.identity.get("phones"):
        case.identity["phones"] = [NO_COUNTRY + phone.removeprefix("+7") for phone in phones]
    if way := case.identity.get("safe_contact"):
        case.identity["safe_contact"] = translate_note(way)
    for name in case.identity.get("names", ()):
        if name["kind"] == "alias":
            name["given"] = translate_note(name["given"])
    return case


def _in_country(record: Record, here: Mapping[str, str]) -> Record:
    """Return a record with the codes of the country, in every field that holds codes."""
    return cast("Record", _with_codes(record, here))


def _with_codes(value: object, here: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return here.get(value, value)
    if isinstance(value, list | tuple):
        return type(value)(_with_codes(entry, here) for entry in value)
    if isinstance(value, dict):
        return {key: _with_codes(entry, here) for key, entry in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _with_codes(getattr(value, field.name), here) for field in fields(value)})
    return value


def _codes_here() -> dict[str, str]:
    """Return the pack's codes by written code; countries and languages are exchanged."""
    return _codes_of(active_pack()) if is_another() else {}


@cache
def _codes_of(_pack: Pack) -> dict[str, str]:
    own = own_language()
    here = {WRITTEN_FOR: pack_country(), pack_country(): WRITTEN_FOR, OWN_LANGUAGE: own, own: OWN_LANGUAGE}
    regions, offences = list(own_regions()), list(codes.code_list("offence").codes)
    here |= _dealt(sorted({row.region for row in agencies() if row.region}), regions)
    here |= _dealt(_written_offences(), offences)
    return here | _police_here(here)


def _police_here(here: Mapping[str, str]) -> dict[str, str]:
    """Return one police department for each region of the pack, by written department."""
    first: dict[str, str] = {}
    departments = [row for row in agencies() if row.code.startswith("police-")]
    for row in sorted(departments, key=lambda row: row.code != "police-35"):  # the live work needs this one
        first.setdefault(here[row.region], row.code)
    return {row.code: first[here[row.region]] for row in departments}


def _dealt(written: Iterable[str], own: list[str]) -> dict[str, str]:
    return {code: own[number % len(own)] for number, code in enumerate(written)} if own else {}


def _written_offences() -> list[str]:
    return list(dict.fromkeys(code for weights in OFFENCES.values() for code in weights))


def own_regions() -> dict[str, codes.Code]:
    """Return the regions of the pack's country."""
    return {code: row for code, row in codes.code_list("region").codes.items() if row.parent == pack_country()}


def own_language() -> str:
    """Return the people's language: the first of the pack that Kerege has not, else its default."""
    return next((tag for tag in offered() if tag not in {"ru", "en"}), active().default_language)


def _agency(row: DemoAgency) -> DemoAgency:
    here = _codes_here()
    place = _place_of(row)
    kept = [other for other in agencies() if here.get(other.code, other.code) == other.code]
    alike = [other.code for other in kept if other.kind == row.kind and _place_of(other) == place]
    number = f" {alike.index(row.code) + 1}" if len(alike) > 1 else ""
    names = {
        tag: f"{codes.label('agency_kind', row.kind, tag)}{number}, {codes.label(*place, tag)}"
        for tag in {*offered(), "en"}
    }
    kind = [other.code for other in kept if other.kind == row.kind]
    return replace(
        row,
        region=here.get(row.region, row.region),
        country=here.get(row.country, row.country),
        languages=tuple(dict.fromkeys(here.get(tag, tag) for tag in row.languages)),
        names=names,
        register_code=f"{row.kind.replace('_', '-')}-{kind.index(row.code) + 1}",
    )


def _place_of(row: DemoAgency) -> tuple[str, str]:
    """Return code list and code of the place in the name: a country for a central body or embassy."""
    here = _codes_here()
    is_central = row.national or row.kind == "consulate" or (row.kind == "internal_affairs" and not row.parent)
    place = ("country", row.country) if is_central or not row.region else ("region", row.region)
    return place[0], here.get(place[1], place[1])


def _user(row: DemoUser, seed: int) -> DemoUser:
    rng = stream(seed, row.username)
    named = names.compose(rng, WRITTEN_FOR, rng.random() < 0.5)
    language = adapt_code(row.language)
    if language not in offered():
        language = active().default_language
    return replace(row, full_name=f"{named.given} {named.family}", language=language)
