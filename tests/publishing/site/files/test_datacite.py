"""Metadata of a release for DataCite."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from kerege.publishing.site.files import datacite
from tests.publishing.site.files.vendored_schemas import list_faults

CITABLE = datacite.Citable(
    name="annual-2025",
    titles={"kk": "Шығарылым", "ru": "Выпуск", "en": "Release"},
    publisher=dict.fromkeys(("kk", "ru", "en"), "Ministry"),
    address="https://stat.example/en/r/annual-2025/",
    day=date(2026, 7, 30),
    digest="ab" * 32,
    corrects="https://stat.example/en/r/annual-2025-1/",
)


def test_datacite_names_the_older_version_and_a_doi_only_with_a_prefix() -> None:
    tree = json.loads(datacite.write(CITABLE))
    assert tree["relatedIdentifiers"] == [
        {"relatedIdentifier": CITABLE.corrects, "relatedIdentifierType": "URL", "relationType": "IsNewVersionOf"}
    ]
    assert "doi" not in tree
    assert {"alternateIdentifier": "ab" * 32, "alternateIdentifierType": "SHA-256"} in tree["alternateIdentifiers"]
    assert json.loads(datacite.write(replace(CITABLE, doi_prefix="10.1234")))["doi"] == "10.1234/annual-2025"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"doi_prefix": "10.1234"},
        {"withdrawn_on": date(2026, 8, 1), "digest": ""},
        {"corrects": "", "corrected_by": "https://stat.example/en/r/annual-2025-2/", "lang": "kk"},
    ],
    ids=["plain", "doi", "withdrawn", "corrected"],
)
def test_the_schema_of_datacite_accepts_a_release(changes: dict[str, object]) -> None:
    assert list_faults("datacite-v4.5.json", datacite.write(replace(CITABLE, **changes))) == []  # type: ignore[arg-type]


def test_the_schema_of_datacite_refuses_a_relation_that_it_does_not_know() -> None:
    content = datacite.write(CITABLE).replace(b"IsNewVersionOf", b"Replaces")
    assert list_faults("datacite-v4.5.json", content) != []
