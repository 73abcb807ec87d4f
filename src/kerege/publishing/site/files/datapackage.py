"""Data Package 2.0 of Frictionless: the CSV for people with its schema, hash and licence."""

from __future__ import annotations

import hashlib

from kerege.publishing.site.files import people_csv
from kerege.publishing.site.files.csvw import NUMBERS, describe, key
from kerege.publishing.site.files.figure_file import LICENCE, LICENCE_NAME, STATUSES, FigureFile
from kerege.publishing.site.files.json_text import Tree, write_json

PROFILES = "https://datapackage.org/profiles/2.0"


def write(figure: FigureFile) -> bytes:
    """Return the descriptor."""
    content = people_csv.write(figure)
    tree: Tree = {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": figure.name,
        "title": figure.title,
        "description": figure.scope,
        "homepage": figure.address,
        "version": figure.releases[0].name if figure.releases else "0",
        "licenses": [{"name": LICENCE_NAME, "path": LICENCE}],
        "contributors": [{"title": figure.publisher, "roles": ["publisher"]}],
        "sources": [{"title": release.title, "path": release.address} for release in figure.releases],
        "resources": [_resource(figure, content)],
    }
    if figure.day:
        tree["created"] = f"{figure.day.isoformat()}T00:00:00Z"
    return write_json({name: value for name, value in tree.items() if value})


def _resource(figure: FigureFile, content: bytes) -> Tree:
    fields = [_field(name, figure) for name in people_csv.columns(figure)]
    return {
        "$schema": f"{PROFILES}/dataresource.json",
        "name": figure.name,
        "path": figure.twin(".csv").rpartition("/")[2],
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"$schema": f"{PROFILES}/tabledialect.json", "delimiter": ",", "header": True},
        "schema": {"$schema": f"{PROFILES}/tableschema.json", "fields": fields, "primaryKey": key(figure)},
    }


def _field(name: str, figure: FigureFile) -> Tree:
    field: Tree = {"name": name, "type": "number" if name in NUMBERS else "string"}
    field["description"] = describe(name, figure)
    if name == "status":
        field |= {"categories": list(STATUSES), "constraints": {"required": True, "enum": list(STATUSES)}}
    return field
