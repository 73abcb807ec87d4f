"""DataCite metadata of a release (kernel 4.5), for a DOI when there is a contract.

Without a DOI, the address and the hash of the manifest identify the release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kerege.publishing.site.files.figure_file import LICENCE, LICENCE_NAME, clean
from kerege.publishing.site.files.json_text import Tree, write_json

KIND = "application/vnd.datacite.datacite+json"
SCHEMA = "http://datacite.org/schema/kernel-4"


@dataclass(frozen=True)
class Citable:
    """A release as DataCite describes it.

    `corrects` is the address of the release that it corrects, or "".
    `withdrawn_on` is None unless the release is withdrawn; then it has no hash.
    """

    name: str
    titles: Mapping[str, str]
    publisher: Mapping[str, str]
    address: str
    day: date
    digest: str = ""
    as_of: date | None = None
    corrects: str = ""
    corrected_by: str = ""
    doi_prefix: str = ""
    withdrawn_on: date | None = None
    lang: str = "en"


def write(release: Citable) -> bytes:
    """Return the metadata."""
    publisher = clean(release.publisher[release.lang])
    identifiers = [{"alternateIdentifier": release.address, "alternateIdentifierType": "URL"}]
    if release.digest:
        identifiers.append({"alternateIdentifier": release.digest, "alternateIdentifierType": "SHA-256"})
    tree: Tree = {
        "alternateIdentifiers": identifiers,
        "creators": [{"name": publisher, "nameType": "Organizational"}],
        "titles": _titles(release),
        "publisher": {"name": publisher},
        "publicationYear": str(release.day.year),
        "subjects": [{"subject": "trafficking in persons"}],
        "dates": _dates(release),
        "language": release.lang,
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Statistical release"},
        "relatedIdentifiers": _related(release),
        "version": release.name,
        "rightsList": [
            {
                "rights": "Creative Commons Attribution 4.0 International",
                "rightsUri": LICENCE,
                "rightsIdentifier": LICENCE_NAME,
            }
        ],
        "schemaVersion": SCHEMA,
    }
    if release.doi_prefix:
        doi = f"{release.doi_prefix}/{release.name}"
        tree |= {"doi": doi, "prefix": release.doi_prefix, "suffix": release.name, "url": release.address}
    return write_json({name: value for name, value in tree.items() if value})


def _titles(release: Citable) -> list[Tree]:
    """Return the titles: that of the language first, the others as translations."""
    others = [lang for lang in release.titles if lang != release.lang and release.titles[lang]]
    first: Tree = {"title": clean(release.titles.get(release.lang) or release.name), "lang": release.lang}
    return [first] + [
        {"title": clean(release.titles[lang]), "lang": lang, "titleType": "TranslatedTitle"} for lang in others
    ]


def _dates(release: Citable) -> list[Tree]:
    days = {"Issued": release.day, "Collected": release.as_of, "Withdrawn": release.withdrawn_on}
    return [{"date": day.isoformat(), "dateType": kind} for kind, day in days.items() if day]


def _related(release: Citable) -> list[Tree]:
    links = {"IsNewVersionOf": release.corrects, "IsPreviousVersionOf": release.corrected_by}
    return [
        {"relatedIdentifier": address, "relatedIdentifierType": "URL", "relationType": relation}
        for relation, address in links.items()
        if address
    ]
