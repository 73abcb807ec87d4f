"""Headers that name people or records one by one are told from those of categories and counts."""

from __future__ import annotations

import pytest

from kerege.linkage.input.identifying_headers import identifies


@pytest.mark.parametrize(
    "header",
    [
        "ID",
        "Case No.",
        "caseNo",
        "№ дела",
        "номер дела",
        "іс нөмірі",
        "№ п/п",
        "_uuid",
        "victimID",
        "ФИО",
        "ИИН",
        "phone",
    ],
)
def test_names_documents_contacts_and_numbers_of_records_identify(header: str) -> None:
    assert identifies(header)


@pytest.mark.parametrize(
    "header", ["sex", "number of children", "numberOfChildren", "country code", "case type", "region", "birth year"]
)
def test_categories_and_counts_do_not_identify(header: str) -> None:
    assert not identifies(header)
