"""`validate()`: no fault in the bundled vocabulary, and a sentence for every fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege import vocabulary
from kerege.vocabulary import codes, self_check


def test_the_bundled_vocabulary_is_consistent() -> None:
    assert vocabulary.validate() == []


def spoiled(name: str, code: str, **changes: object) -> codes.CodeList:
    """Return a list with one changed code."""
    code_list = codes.code_list(name)
    return replace(code_list, codes={**code_list.codes, code: replace(code_list.codes[code], **changes)})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (spoiled("sex", "male", labels={"kk": "", "ru": "а", "en": "b"}), "label in kk is missing"),
        (spoiled("sex", "male", labels={"kk": "Ер", "ru": "Женский", "en": "Male"}), "ru labels occur twice: Женский"),
        (spoiled("sex", "male", labels={"kk": "Ер", "ru": "Мужскои\u0306", "en": "Male"}), "normal form C"),
        (spoiled("age_band", "0_8", parent="baby"), "parents that age_group does not have: baby"),
        (spoiled("gender", "masculine", htcds="Feminine"), "declared one to one"),
        (spoiled("sex", "male", parent="x"), "has parents but no parent list"),
        (replace(codes.code_list("sex"), codes={}), "has no codes"),
        (
            replace(codes.code_list("answer"), name="reply"),
            "no, not_asked, refused, unknown are codes of answer states",
        ),
    ],
)
def test_a_faulty_list_is_reported(broken: codes.CodeList, words: str) -> None:
    assert any(words in sentence for sentence in self_check.problems_of(broken))


def test_reading_the_vocabulary_needs_no_django() -> None:
    import subprocess
    import sys

    script = (
        "import sys; from kerege.vocabulary import self_check; self_check.validate(); print('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
