"""Numbers of an estimate as its signed JSON file states them."""

from __future__ import annotations

import json

ENDS = ("lower", "upper", "planted")
INTERVALS = ("interval80", "interval95")


def read_estimate(content: bytes) -> dict[str, int]:
    """Return the numbers of an estimate by key: ends, methods, intervals, other assumptions.

    Examples
    --------
    >>> read_estimate(b'{"lower": 2000, "upper": 5600, "least_chance": 0.1, "methods": {}, "sensitivity": []}')
    {'lower': 2000, 'upper': 5600, 'least_chance': 10}
    """
    tree = json.loads(content)
    numbers = {key: tree[key] for key in ENDS if tree.get(key) is not None}
    if tree.get("least_chance"):
        numbers["least_chance"] = int(1 / tree["least_chance"] + 1e-9)
    numbers |= {entry["key"]: entry["estimate"] for entry in tree.get("sensitivity") or () if entry["estimate"]}
    for name, method in (tree.get("methods") or {}).items():
        numbers[name] = method["estimate"]
        for interval in INTERVALS:
            numbers |= {f"{name}/{interval}/{place}": end for place, end in enumerate(method[interval] or ())}
    return numbers
