"""Checks of the profile of a pack: its facts, its country, its calendar, and files that hang on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kerege import __version__
from kerege.base.errors import BadInput, Fault
from kerege.vocabulary import profile
from kerege.vocabulary.languages import LAST_RESORT
from kerege.vocabulary.pack import Pack
from kerege.vocabulary.pack.description import is_in_range
from kerege.vocabulary.region_tiles import FILE_NAME, read_tiles


def check_version(pack: Pack) -> Iterator[Fault]:
    """Yield a fault if the pack is for other versions of Kerege."""
    bounds = pack.description.needs_kerege
    if not is_in_range(__version__, bounds):
        yield Fault(f"is for Kerege {bounds}, and this is {__version__}", "get the pack for this version", "pack.toml")


def check_profile(pack: Pack) -> Iterator[Fault]:
    """Yield the faults of the profile."""
    if not pack.has("profile.toml"):
        yield Fault("the pack has no profile", "write one", "profile.toml")
        return
    read = profile.read_profile(pack)
    if read.country != pack.country:
        yield Fault("is of another country than pack.toml", "correct one of them", "profile.toml")
    for fact in read.facts():
        if fact.confirmed:
            what = f"{fact.path}: a pack confirms no fact; a lawyer of the installation does"
            yield Fault(what, "write confirmed = false", "profile.toml")


def check_tiles(pack: Pack) -> Iterator[Fault]:
    """Yield the fault of the tiles of the regions."""
    try:
        read_tiles()
    except (ValueError, KeyError) as problem:
        yield Fault(f"{problem}", "correct it", FILE_NAME)


def list_languages(pack: Pack) -> list[str]:
    """Return the languages in which the labels of a pack are complete; English is the last resort."""
    try:
        tree = profile.parse_toml(pack.read_text("profile.toml"), "profile.toml")
    except BadInput:
        return [LAST_RESORT]
    named, partial = (_texts(tree.get(key)) for key in ("languages", "partial_languages"))
    return list(dict.fromkeys([*(language for language in named if language not in partial), LAST_RESORT]))


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def calendar_notes(pack: Pack, today: date) -> Iterator[str]:
    """Yield the years from this one to the next for which no moving holiday is given."""
    known = {day.year for day in profile.read_profile(pack).holidays.moving}
    for year in (today.year, today.year + 1):
        if year not in known:
            yield f"calendar: no moving holiday of {year} is given; business days of that year do not skip any"
