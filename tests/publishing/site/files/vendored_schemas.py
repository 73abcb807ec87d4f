"""JSON Schemas of DataCite and of Data Package, as their packages carry them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema
from jsonschema.protocols import Validator

VENDOR = Path(__file__).resolve().parents[3] / "web/vendor"


@cache
def validator(name: str) -> Validator:
    """Return the validator of a schema by its file name; it also checks dates and addresses."""
    [path] = VENDOR.glob(f"*/{name}")
    schema = json.loads(path.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())


def list_faults(name: str, content: bytes) -> list[str]:
    """Return one line for each fault of a file."""
    faults = validator(name).iter_errors(json.loads(content))
    return [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in faults]
