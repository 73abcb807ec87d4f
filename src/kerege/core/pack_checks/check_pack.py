"""All checks of a pack together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.resources import files

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import count_noun
from kerege.core.pack_checks import check_catalogues as catalogues
from kerege.core.pack_checks.check_files import check_files
from kerege.core.pack_checks.check_lists import check_labels, check_lists
from kerege.core.pack_checks.check_names import check_names
from kerege.core.pack_checks.check_profile import (
    calendar_notes,
    check_profile,
    check_tiles,
    check_version,
    list_languages,
)
from kerege.core.pack_checks.check_report_texts import check_report_texts
from kerege.core.pack_checks.check_translations import missing_labels, untranslated_notes
from kerege.core.pack_checks.public_messages import public_messages
from kerege.vocabulary import screening
from kerege.vocabulary.pack import Pack, using
from kerege.vocabulary.pack.pack import list_files
from kerege.vocabulary.profile import parse_toml, read_profile


@dataclass(frozen=True)
class PackReport:
    """Result of the checks: faults, which forbid to install the pack, and notes for its author.

    `missing` are the messages of the pages without a translation, by language; `missing_labels` the codes
    without a label, by language and list.
    """

    faults: Sequence[Fault]
    notes: Sequence[str]
    missing: dict[str, list[str]]
    missing_labels: dict[str, dict[str, list[str]]]


def check_pack(pack: Pack, today: date) -> PackReport:
    """Check a pack and return every fault at once.

    Examples
    --------
    >>> from kerege.vocabulary.pack import find_pack
    >>> check_pack(find_pack("kz"), date(2026, 11, 30)).faults
    []
    """
    with using(pack):
        faults = list_faults(pack)
        translated = [] if faults else catalogues.languages_of(pack)
        missing = {language: catalogues.missing_messages(pack, language) for language in translated}
        notes = [] if faults else [*_notes(pack, missing), *untranslated_notes(pack), *calendar_notes(pack, today)]
        labels = {} if faults else {language: missing_labels(language) for language in list_languages(pack)}
    return PackReport(faults, notes, missing, labels)


def list_faults(pack: Pack) -> list[Fault]:
    """Return every fault of a pack; a pack with one cannot be installed."""
    with using(pack):
        languages = list_languages(pack) if pack.has("profile.toml") else ["en"]
        checks: list[Callable[[], Iterator[Fault]]] = [
            lambda: check_files(pack),
            lambda: check_version(pack),
            lambda: check_lists(pack, languages),
            lambda: check_labels(pack),
            lambda: check_profile(pack),
            lambda: check_tiles(pack),
            lambda: _programme_faults(pack),
            lambda: _questionnaire_faults(pack),
            lambda: check_names(pack),
            lambda: catalogues.check_catalogues(pack),
            lambda: check_report_texts(pack),
        ]
        faults = [fault for check in checks for fault in _collected(check)]
    return list(dict.fromkeys(faults))


def _collected(check: Callable[[], Iterator[Fault]]) -> Iterator[Fault]:
    """Yield the faults of one check; a file that cannot be read ends it, and the others go on."""
    try:
        yield from check()
    except BadInput as problem:
        yield from problem.faults


def _programme_faults(pack: Pack) -> Iterator[Fault]:
    for path in (f"programme/{name}" for name in pack.names("programme")):
        yield from _collected(partial(_toml_faults, pack, path))


def _toml_faults(pack: Pack, path: str) -> Iterator[Fault]:
    parse_toml(pack.read_text(path), path)
    return iter(())


def _questionnaire_faults(pack: Pack) -> Iterator[Fault]:
    for name in pack.names(screening.FOLDER):
        path = f"{screening.FOLDER}/{name}"
        try:
            tool = screening.parse(pack.read_text(path), path)
        except BadInput as problem:
            yield from problem.faults
            continue
        if tool.id in screening.shipped():
            yield Fault(f"{tool.id} is a questionnaire of Kerege", "give yours another id", path)
        if f"{tool.id}.toml" != name:
            yield Fault(f"holds the questionnaire {tool.id}", f"name the file {tool.id}.toml", path)


def _notes(pack: Pack, missing: dict[str, list[str]]) -> Iterator[str]:
    whole = len(catalogues.base_messages())
    for language, messages in missing.items():
        if messages:
            yield f"locale/{language}: {count_noun(len(messages), 'message')} of {whole:,} not translated"
        if public := public_messages().intersection(messages):
            number = count_noun(len(public), "message")
            yield f"locale/{language}: {number} of {len(public_messages())} on public pages and sheets not translated"
    stated = pack.description.vocabulary
    if stated and stated != f"sha256:{vocabulary_hash()}":
        yield "the pack was written against other code lists of Kerege: check its labels and lists"
    if not read_profile(pack).law:
        yield "the pack holds no law, and the page of the law lists no article"


def vocabulary_hash() -> str:
    """Return the SHA-256 of the code lists that Kerege has in every country."""
    folder = files("kerege.vocabulary") / "data"
    digest = hashlib.sha256((folder / "lists.csv").read_bytes())
    for name in sorted(list_files(folder / "codes")):
        digest.update((folder / "codes" / name).read_bytes())
    return digest.hexdigest()
