"""Message catalogues: complete, with the placeholders and plural forms of the source."""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import messages  # noqa: E402

LANGUAGES = ("kk", "ru")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")
KAZAKH = set("әғқңөұүһіӘҒҚҢӨҰҮҺІ")
# Equal Kazakh and Russian texts up to this length are shared words; longer ones were copied.
LONGEST_SHARED = 14
# A Russian date ends with the full stop of "г.".
DATE_AND_FULL_STOP = re.compile(r"%\((?:day|until|end|longest|arrived)\)s\.")
GETTEXT_ALIAS = re.compile(r"import [^\n]*gettext(?:_lazy|_noop)? as (\w+)")
MESSAGE_LINE = re.compile(r'^(?:msgctxt|msgid) (?:".*"\n)+(?:msgid (?:".*"\n)+)?', re.MULTILINE)


@cache
def messages_of_source() -> frozenset[str]:
    """Return the keys of all messages of the source, read once: it takes seconds."""
    return frozenset(messages.messages())


@cache
def strings(language: str) -> dict[str, tuple[str, ...]]:
    forms_by_key = {}
    for message in messages.read_catalogue(language):
        if message.id:
            assert not message.fuzzy, f"fuzzy: {message.id}"
            forms = message.string if isinstance(message.string, tuple) else (str(message.string),)
            forms_by_key[messages.key(message)] = forms
    return forms_by_key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    done = {key for key, forms in strings(language).items() if all(forms)}
    missing = sorted(messages_of_source() - done)
    assert not missing, f"{len(missing)} messages have no {language}: {missing[:20]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_obsolete(language: str) -> None:
    assert not sorted(set(strings(language)) - messages_of_source())


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_match_the_message(language: str) -> None:
    for key, forms in strings(language).items():
        expected = set(PLACEHOLDER.findall(key))
        for form in forms:
            assert set(PLACEHOLDER.findall(form)) == expected or not form, f"{language}: {key!r} -> {form!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_in_the_catalogue_twice(language: str) -> None:
    heads = MESSAGE_LINE.findall(messages.catalogue_path(language).read_text(encoding="utf-8"))
    assert len(heads) > 3000
    assert not [head for head, count in Counter(heads).items() if count > 1]


def test_messages_are_read_under_every_name_of_gettext() -> None:
    texts = [path.read_text(encoding="utf-8") for path in messages.SOURCE.rglob("*.py")]
    names = {name for text in texts for name in GETTEXT_ALIAS.findall(text)}
    assert names <= messages.SINGLE | messages.PLURAL | messages.WITH_CONTEXT


def test_no_full_stop_follows_a_russian_date() -> None:
    texts = [form for forms in strings("ru").values() for form in forms]
    assert not [text for text in texts if DATE_AND_FULL_STOP.search(text)]


def test_kazakh_is_not_copied_from_russian() -> None:
    russian = strings("ru")
    copied = [
        key for key, forms in strings("kk").items() if forms == russian.get(key) and len(forms[0]) > LONGEST_SHARED
    ]
    assert not copied


def test_kazakh_sentences_use_kazakh_letters() -> None:
    long = [forms[0] for forms in strings("kk").values() if len(forms[0]) > 40]
    assert not [text for text in long if not KAZAKH & set(text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_russian_has_three_plural_forms_and_kazakh_two(language: str) -> None:
    forms = 2 if language == "kk" else 3
    plurals = [message for message in messages.read_catalogue(language) if isinstance(message.id, tuple)]
    assert plurals
    assert not [message.id for message in plurals if len(message.string) != forms]


def test_the_compiled_catalogues_are_in_use() -> None:
    with translation.override("kk"):
        assert gettext("This field is required.") == "Бұл өрісті толтыру керек."
    with translation.override("ru"):
        assert gettext("Sign in") == "Войти"
