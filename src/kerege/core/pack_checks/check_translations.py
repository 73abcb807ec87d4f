"""Texts of a pack that a language lacks: catalogues, labels, letters and questionnaires."""

from __future__ import annotations

from collections.abc import Iterator

from kerege.base.message_text import count_noun
from kerege.core.pack_checks import check_catalogues
from kerege.vocabulary import codes, screening
from kerege.vocabulary.languages import BUILT_IN, offered
from kerege.vocabulary.pack import Pack
from kerege.vocabulary.profile import HELP_PAGE, read_profile
from kerege.vocabulary.profile_facts import list_texts

# file of a language in a pack, and its name
FILES = {
    "report/{}.toml": "public report",
    "site/{}.toml": "public site",
    "site-files/{}.toml": "files of the public site",
    "consent/{}.toml": "consent form",
}


def untranslated_notes(pack: Pack) -> Iterator[str]:
    """Yield a note for each kind of text that a language of the pack lacks."""
    for language in offered():
        if language not in BUILT_IN:
            yield from _missing_files(pack, language)
        if lacking := [
            path for path, written in read_profile(pack).texts() if path != HELP_PAGE and language not in written
        ]:
            yield f"profile.toml: {count_noun(len(lacking), 'text')} not in {language}: {', '.join(lacking)}"
        if lists := missing_labels(language):
            number = count_noun(sum(map(len, lists.values())), "label")
            yield f"labels/{language}.csv: {number} in {count_noun(len(lists), 'list')} not translated: see --missing"
        for tool in screening.tools().values():
            if asked := [path for path, written in list_texts("", tool) if language not in written]:
                yield f"{language}: {count_noun(len(asked), 'text')} of the questionnaire {tool.id} not translated"


def missing_labels(language: str) -> dict[str, list[str]]:
    """Return the codes without a label in a language, by code list in the order of the lists."""
    by_list = {
        name: [code for code, row in codes.code_list(name).codes.items() if not row.labels.get(language)]
        for name in codes.names()
    }
    return {name: missing for name, missing in by_list.items() if missing}


def _missing_files(pack: Pack, language: str) -> Iterator[str]:
    if not pack.has(f"locale/{language}/django.po"):
        number = count_noun(len(check_catalogues.base_messages()), "message")
        yield f"locale/{language}/django.po: there is no such file, {number} of pages and mails not translated"
    for place, name in FILES.items():
        path = place.format(language)
        if not pack.has(path):
            yield f"{path}: there is no such file, so readers get the {name} in another language"
