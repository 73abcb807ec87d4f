"""Labels of comparisons and levels in Kazakh, Russian and English: `data/labels.csv`."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import LANGUAGES


def check_language(language: str) -> None:
    """Raise BadInput for a language without words."""
    if language not in LANGUAGES:
        raise BadInput(Fault(f"there is no language {language!r}", f"choose from {', '.join(LANGUAGES)}"))


def translate_label(text: str, language: str) -> str:
    """Return the label of a comparison or level in a language, else in English, else the text itself."""
    return _read_labels().get(text, {}).get(language) or text


@lru_cache
def _read_labels() -> dict[str, dict[str, str]]:
    text = (resources.files(__package__) / "data" / "labels.csv").read_text("utf-8")
    return {row["key"]: row for row in csv.DictReader(text.splitlines())}
