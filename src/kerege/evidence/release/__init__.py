"""Releases: from a specification to a signed folder of tables, synthetic records and estimates."""

from typing import Final

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public_key.pem"
LABELS: Final = "labels.json"
