"""JSON-LD for search engines, as data blocks: `Dataset` and `DataCatalog` of schema.org."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kerege.publishing.site.files.figure_file import LICENCE, FigureFile
from kerege.publishing.site.files.json_text import Tree

CONTEXT = "https://schema.org"
# characters that could end a data block or a line of a script
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
ENCODINGS = {".csv": "text/csv", ".ods": "application/vnd.oasis.opendocument.spreadsheet", ".json": "application/json"}


def data_block(tree: Tree) -> str:
    """Return a tree as the text of `<script type="application/ld+json">`; it cannot end the element."""
    text = json.dumps(tree, ensure_ascii=False)
    return "".join(_ESCAPES.get(char, char) for char in text)


def dataset(figure: FigureFile, catalogue: str) -> Tree:
    """Return the dataset of an indicator; `catalogue` is the address of the data page."""
    publisher = organisation(figure)
    tree: Tree = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": figure.address,
        "url": figure.address,
        "name": figure.title,
        "description": description(figure),
        "inLanguage": figure.lang,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": publisher,
        "publisher": publisher,
        "identifier": [figure.address, *(f"sha256:{release.digest}" for release in figure.releases[:1])],
        "temporalCoverage": coverage(figure),
        "spatialCoverage": {"@type": "Place", "name": figure.place},
        "variableMeasured": _variable(figure),
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": catalogue, "url": catalogue},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": kind, "contentUrl": figure.twin(suffix)}
            for suffix, kind in ENCODINGS.items()
        ],
    }
    if figure.releases and figure.day:
        first = min(release.day for release in figure.releases)
        tree |= {"version": figure.releases[0].name, "datePublished": first.isoformat()}
        tree["dateModified"] = figure.day.isoformat()
    return tree


def description(figure: FigureFile) -> str:
    """Return the description of a dataset: what is found, what is counted, and how sure it is."""
    return " ".join(part for part in (figure.finding, figure.scope, figure.level, *figure.notes[:3]) if part)


def _variable(figure: FigureFile) -> Tree:
    kind = {"counted": "count", "estimated": "estimate", "quoted": "quoted count"}[figure.kind]
    return {"@type": "PropertyValue", "name": figure.title, "unitText": figure.unit, "measurementTechnique": kind}


def organisation(figure: FigureFile) -> Tree:
    """Return the publisher."""
    tree: Tree = {"@type": "GovernmentOrganization", "name": figure.publisher}
    return tree | ({"email": figure.contact} if "@" in figure.contact else {})


def coverage(figure: FigureFile) -> str:
    """Return the covered time as an ISO 8601 interval of years."""
    years = sorted(
        year for period in figure.periods for year in period.split("/") for year in [year[:4]] if year.isdigit()
    )
    if not years:
        return ""
    return years[0] if years[0] == years[-1] else f"{years[0]}/{years[-1]}"


@dataclass(frozen=True)
class CitedReport:
    """Report of a year, as search engines cite it: its addresses, its news, and its releases."""

    address: str
    lang: str
    title: str
    news: str
    year: int
    published: date
    publisher: str
    contact: str
    chapters: tuple[tuple[str, str], ...]  # address and title
    releases: tuple[tuple[str, str], ...]  # address and title
    pdf: str
    place: str


def report(cited: CitedReport) -> Tree:
    """Return the report of a year; its description is the sentence that the page proves."""
    publisher = {"@type": "GovernmentOrganization", "name": cited.publisher}
    if "@" in cited.contact:
        publisher["email"] = cited.contact
    return {
        "@context": CONTEXT,
        "@type": "Report",
        "@id": cited.address,
        "url": cited.address,
        "name": f"{cited.title}, {cited.year}",
        "headline": cited.news,
        "description": cited.news,
        "inLanguage": cited.lang,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "author": publisher,
        "publisher": publisher,
        "datePublished": cited.published.isoformat(),
        "temporalCoverage": str(cited.year),
        "spatialCoverage": {"@type": "Place", "name": cited.place},
        "hasPart": [{"@type": "Chapter", "url": page, "name": title} for page, title in cited.chapters],
        "isBasedOn": [{"@type": "Dataset", "url": page, "name": title} for page, title in cited.releases],
        "encoding": {"@type": "MediaObject", "encodingFormat": "application/pdf", "contentUrl": cited.pdf},
    }


def data_catalogue(address: str, name: str, publisher: str, figures: Sequence[tuple[str, str]]) -> Tree:
    """Return the catalogue of all indicators, given as (address, name)."""
    datasets = [{"@type": "Dataset", "@id": page, "url": page, "name": title} for page, title in figures]
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "@id": address,
        "url": address,
        "name": name,
        "license": LICENCE,
        "publisher": {"@type": "GovernmentOrganization", "name": publisher},
        "dataset": datasets,
    }
