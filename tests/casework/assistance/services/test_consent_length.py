"""A consent form of a pack takes about as long to read aloud as ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from kerege.casework.assistance.services import consent_text
from kerege.casework.assistance.services.consent_length import list_length_faults, spoken_length
from kerege.vocabulary import codes
from kerege.vocabulary.pack import using
from kerege.vocabulary.pack.pack import read_pack
from tests.vocabulary.pack.pack_folder import copy_pack

# the first article of the Universal Declaration of Human Rights, in the translations of the United Nations
ARTICLE_1 = {
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience"
    " and should act towards one another in a spirit of brotherhood.",
    "fa": "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. همه دارای عقل و وجدان می‌باشند و"
    " باید نسبت به یکدیگر با روح برادری رفتار کنند.",
    "zh": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
}


def write_form(folder: Path, share: float) -> None:
    """Write a form of our paragraphs and points in English, with this share of the letters."""
    with translation.override("en"):
        *paragraphs, kept = consent_text.list_paragraphs()
    points = {code: codes.label("consent_point", code, "en") for code in codes.code_list("consent_point").codes}
    lines = [
        *('name = "N"', 'version = "1"', f'text = "{consent_text.VERSION}"', "confirmed = false", 'source = "test"'),
        f"kept_months = {consent_text.get_retention_months()}",
        f'kept = "{stretched(kept, share)}"',
        f"paragraphs = {[stretched(text, share) for text in paragraphs]}",
        *("[points]", *(f'{code} = "{stretched(text, share)}"' for code, text in points.items())),
        *("[labels]", *(f'{code} = "label"' for code in consent_text.LABELS)),
    ]
    (folder / "consent").mkdir()
    (folder / "consent" / "uz.toml").write_text("\n".join(lines), encoding="utf-8")


def stretched(text: str, share: float) -> str:
    """Return a text with this share of its length, repeated or cut."""
    return (text.replace("'", " ") * 3)[: round(len(text) * share)]


@pytest.mark.parametrize(
    ("share", "faults"),
    [
        (1.0, []),
        (1.25, []),
        (0.5, ["consent/uz.toml: read aloud, the form is more than 30% shorter than ours in kk, ru, en, "]),
        (2.0, ["consent/uz.toml: read aloud, the form is more than 30% longer than ours in kk, ru, en, "]),
    ],
)
def test_a_form_that_is_much_shorter_or_longer_than_ours_is_a_fault(
    share: float, faults: list[str], tmp_path: Path
) -> None:
    folder = copy_pack(tmp_path / "pack")
    write_form(folder, share)
    pack = read_pack(folder, "folder")
    with using(pack):
        words = [str(fault) for fault in list_length_faults(pack)]
    assert [text.removesuffix("translate what ours says, no more and no less") for text in words] == faults


@pytest.mark.parametrize("language", ["fa", "zh"])
def test_one_text_is_about_as_long_in_every_script(language: str) -> None:
    ratio = spoken_length([ARTICLE_1[language]]) / spoken_length([ARTICLE_1["en"]])
    assert 0.7 < ratio < 1.3


def test_the_forms_of_kerege_are_within_the_margin_of_each_other() -> None:
    lengths = []
    for language in ("kk", "ru", "en"):
        with translation.override(language):
            lengths.append(spoken_length(consent_text.list_paragraphs()))
    assert max(lengths) < 1.3 * min(lengths)
