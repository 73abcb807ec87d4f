"""JSON as files write it: UTF-8, one indent, keys in the order in which they are given."""

from __future__ import annotations

import json

Tree = dict[str, object]
KIND = "application/json; charset=utf-8"


def write_json(tree: Tree | list[Tree]) -> bytes:
    """Return a tree as a JSON file."""
    return (json.dumps(tree, ensure_ascii=False, indent=1) + "\n").encode()
