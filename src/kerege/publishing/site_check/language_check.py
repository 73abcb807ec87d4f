"""Languages of an exported site: every page in each of them, and no English left in the others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerege.publishing.site_check.site_pages import Site, address_of

HELP_TEXT = re.compile(r"[a-z]{2}/help/([a-z]+)/")
LONGEST_RUN = 3  # words
RUN = re.compile(r"(?:\b[A-Za-z][A-Za-z'’-]*[ ,;:]*){4,}")
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
# a run without one of them is a name, such as that of a law or an organisation
ENGLISH = re.compile(
    r"^(?:a|and|are|at|be|by|for|from|has|have|in|is|it|no|"
    r"not|of|on|or|that|the|their|they|this|to|was|were|who|with)$"
)


def check_languages(site: Site) -> Iterator[str]:
    """Yield one sentence for each page without translation, and each English sentence elsewhere."""
    for name in site.page_names:
        language = site.language_of(name)
        help_text = HELP_TEXT.match(name)  # in a language that the site itself does not have
        if site.page(name).language != (help_text[1] if help_text else language):
            yield f"{name} says that its language is {site.page(name).language or 'unknown'}"
        for other in site.manifest.languages:
            translation = other + name.removeprefix(language)
            if translation not in site.manifest.files:
                yield f"/{address_of(name)} has no page in {other}"
        if language != "en":
            yield from _find_english(site, name)


def _find_english(site: Site, name: str) -> Iterator[str]:
    page = site.page(name)
    for language, words in [*page.texts, *page.spoken]:
        if not language.startswith("en"):
            yield from (f"{name} says in English: {run!r}" for run in english_runs(words))


def english_runs(text: str) -> list[str]:
    """Return the runs of more than three English words that are no name.

    Examples
    --------
    >>> english_runs("Источник: the number of people who were helped, 2025")
    ['the number of people who were helped']
    >>> english_runs("по данным International Organization for Migration")
    []
    """
    return [run for match in RUN.finditer(text) if _is_english(run := match[0].strip(" ,;:"))]


def _is_english(run: str) -> bool:
    words = WORD.findall(run)
    plain = [word for word in words if word.islower()]
    return (
        len(words) > LONGEST_RUN and any(map(ENGLISH.match, plain)) and any(not ENGLISH.match(word) for word in plain)
    )
