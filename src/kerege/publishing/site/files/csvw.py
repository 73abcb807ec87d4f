"""CSV on the Web: metadata that lets a machine read the CSV for people."""

from __future__ import annotations

from kerege.publishing.site.files.figure_file import LICENCE, STATUSES, FigureFile
from kerege.publishing.site.files.file_words import get_words
from kerege.publishing.site.files.json_text import Tree, write_json
from kerege.publishing.site.files.people_csv import columns

KIND = "application/csvm+json"
NUMBERS = ("value", "lower", "upper")


def write(figure: FigureFile) -> bytes:
    """Return the metadata of the file `NAME.csv` beside it."""
    tree: Tree = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": figure.lang}],
        "@id": figure.twin(".csv-metadata.json"),
        "url": figure.twin(".csv").rpartition("/")[2],
        "dc:title": figure.title,
        "dc:description": figure.scope,
        "dc:publisher": figure.publisher,
        "dc:license": {"@id": LICENCE},
        "dc:source": [release.address for release in figure.releases],
        "dialect": {"header": True, "encoding": "utf-8", "delimiter": ","},
        "tableSchema": {"columns": [_column(name, figure) for name in columns(figure)], "primaryKey": key(figure)},
    }
    if figure.day:
        tree["dc:modified"] = {"@value": figure.day.isoformat(), "@type": "xsd:date"}
    return write_json(tree)


def key(figure: FigureFile) -> list[str]:
    """Return the columns that name a value."""
    return ["period", *(f"{dimension.code}_code" for dimension in figure.dimensions)]


def _column(name: str, figure: FigureFile) -> Tree:
    column: Tree = {"name": name, "titles": name, "dc:description": describe(name, figure)}
    if name in NUMBERS:
        return column | {"datatype": "number", "required": False}
    if name == "status":
        return column | {"datatype": {"base": "string", "format": "|".join(STATUSES)}, "required": True}
    return column | {"datatype": "string", "required": name == "period" or name.endswith("_code")}


def describe(name: str, figure: FigureFile) -> str:
    """Return the description of a column."""
    words = get_words(figure.lang)["describe"]
    labels = {dimension.code: dimension.label for dimension in figure.dimensions}
    if name in labels:
        return labels[name]
    if name.removesuffix("_code") in labels:
        return words["code"].replace("{label}", labels[name.removesuffix("_code")])
    return words[name]
