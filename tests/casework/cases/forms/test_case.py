"""Forms about a person: a mistyped national identity number is found, and no other number is checked."""

from __future__ import annotations

import pytest
from django.utils import translation

from kerege.casework.cases.forms.case import PersonForm

RIGHT, WRONG = "061211600012", "061211600013"


@pytest.mark.parametrize("country", ["", "KZ"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_mistyped_national_identity_number_is_refused(country: str, language: str) -> None:
    with translation.override(language):
        form = PersonForm({"document_kind": "national_id", "document_number": WRONG, "document_country": country})
        [fault] = form.errors["document_number"]
    assert {"kk": "(ЖСН)", "ru": "(ИИН)", "en": "(IIN)"}[language] in fault


@pytest.mark.parametrize(
    ("kind", "number", "country"),
    [
        ("national_id", RIGHT, "KZ"),
        ("national_id", "061211 600012", ""),
        ("national_id", "", "KZ"),
        ("national_id", "20101199912345", "KG"),  # the number of another country: its rule is not ours
        ("passport", WRONG, "KZ"),
    ],
)
def test_a_right_number_and_any_other_document_pass(kind: str, number: str, country: str) -> None:
    form = PersonForm({"document_kind": kind, "document_number": number, "document_country": country})
    assert "document_number" not in form.errors
