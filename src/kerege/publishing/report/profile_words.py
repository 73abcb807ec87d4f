"""Words of the profile in text files: names of the country and of the bodies that count crimes.

`{country}` is the short name of the country, `{country:genitive}` its genitive. `{main_source}` is the code of the body
whose count of crimes the figures lead with, `{main_source:genitive}` a form of its name, and `{main_source:Nominative}`
begins a sentence. `{other_source}` is the next body; both are empty where there is none. `{hotline_hours}` is what the
profile states of the hours and the price of the hotline.
"""

from __future__ import annotations

import json
import re

from kerege.vocabulary.profile import active

HOLE = re.compile(r"\{(country|main_source|other_source|hotline_hours)(?::(\w+))?\}")
SOURCES = ("main_source", "other_source")


def write_profile_words(text: str, lang: str) -> str:
    """Return the text of a TOML file with the words of the active profile."""
    return HOLE.sub(lambda hole: _escape(_words(hole[1], hole[2], lang)), text)


def _words(name: str, form: str | None, lang: str) -> str:
    profile = active()
    if name == "hotline_hours":
        return profile.hotline.hours.in_language(lang)
    if name == "country":
        return profile.name_in(lang, form or "nominative")
    source = next(iter(profile.source_order[SOURCES.index(name) :]), "")
    if not form or not source:
        return source
    words = profile.source_name_in(source, lang, form.lower())
    return words[:1].upper() + words[1:] if form[0].isupper() else words


def _escape(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)[1:-1]  # TOML escapes as JSON does
