"""Length of a consent form when it is read aloud, compared with the forms that Kerege has.

A translation that is much shorter leaves something out; a much longer one adds something.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from django.utils import translation

from kerege.base.errors import Fault
from kerege.casework.assistance.services import consent_text
from kerege.casework.assistance.services.consent_forms import FOLDER, POINTS, read_pack_forms
from kerege.vocabulary import codes
from kerege.vocabulary.languages import BUILT_IN
from kerege.vocabulary.pack import Pack

MARGIN = 0.3  # share by which a form may be shorter than the shortest of ours, or longer than the longest
# letters of an alphabet that are spoken for one sign, estimated; Arabic and Hebrew leave out short vowels
WEIGHTS = {"CJK": 3.4, "HIRAGANA": 2.0, "KATAKANA": 2.0, "HANGUL": 2.4, "ARABIC": 1.3, "HEBREW": 1.3}


def spoken_length(texts: Iterable[str]) -> float:
    """Return how long texts are when they are read aloud, in letters of an alphabet.

    Examples
    --------
    >>> spoken_length(["You decide."]), spoken_length(["由你决定。"])
    (9.0, 13.6)
    """
    return round(sum(_weight(sign) for text in texts for sign in text if sign.isalpha()), 1)


def _weight(sign: str) -> float:
    return WEIGHTS.get(unicodedata.name(sign, "").split(" ")[0], 1.0)


def list_length_faults(pack: Pack) -> Iterator[Fault]:
    """Yield a fault for each consent form of a pack that is not about as long as ours."""
    forms = read_pack_forms(pack)
    ours = [_built_in_length(language) for language in BUILT_IN] if forms else []
    for language, form in forms.items():
        length = spoken_length([*form.paragraphs, form.kept, *form.points.values()])
        if not min(ours) * (1 - MARGIN) <= length <= max(ours) * (1 + MARGIN):
            longer = "longer" if length > max(ours) else "shorter"
            what = f"read aloud, the form is more than {MARGIN:.0%} {longer} than ours in {', '.join(BUILT_IN)}"
            yield Fault(what, "translate what ours says, no more and no less", file=f"{FOLDER}/{language}.toml")


def _built_in_length(language: str) -> float:
    with translation.override(language):
        points = [codes.label(POINTS, point, language) for point in codes.code_list(POINTS).codes]
        return spoken_length([*consent_text.list_paragraphs(), *points])
