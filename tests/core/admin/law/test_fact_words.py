"""Words of facts on the pages of the law."""

from __future__ import annotations

import pytest
from django.utils import translation

from kerege.core.admin.law.fact_words import label_of
from kerege.vocabulary import profile


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("pack", profile.available())
def test_every_fact_of_a_bundled_profile_has_a_label_and_not_its_path(pack: str, language: str) -> None:
    with translation.override(language):
        paths = [fact.path for fact in profile.load_profile(pack).facts() if label_of(fact) == fact.path]
    assert paths == []
