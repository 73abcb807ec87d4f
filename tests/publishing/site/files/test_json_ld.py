"""Data blocks for search engines."""

from __future__ import annotations

from kerege.publishing.site.files import citation, json_ld
from tests.publishing.site.files.hand_made import COUNTED, ESTIMATED


def test_an_estimate_is_called_estimated_in_every_citation_and_description() -> None:
    for content in (
        citation.write_bibtex(ESTIMATED),
        citation.write_ris(ESTIMATED),
        citation.sentence(ESTIMATED).encode(),
    ):
        assert b"(estimated, invented data)" in content
    tree = json_ld.dataset(ESTIMATED, "https://stat.example/en/data/")
    assert ESTIMATED.level in tree["description"]
    assert tree["variableMeasured"]["measurementTechnique"] == "estimate"
    assert tree["temporalCoverage"] == "2021/2025"


def test_the_dataset_has_the_required_and_the_recommended_fields() -> None:
    tree = json_ld.dataset(COUNTED, "https://stat.example/en/data/")
    required = {"name", "description"}
    recommended = {"license", "creator", "temporalCoverage", "spatialCoverage", "variableMeasured", "distribution"}
    recommended |= {"version", "dateModified", "identifier", "isAccessibleForFree", "includedInDataCatalog", "url"}
    assert required | recommended <= {name for name, value in tree.items() if value}
    assert 50 <= len(tree["description"]) <= 5000
