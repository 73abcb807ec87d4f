"""Releases: from a specification to a signed folder of tables, synthetic records and estimates."""

MANIFEST, SIGNATURE, PUBLIC_KEY = "manifest.json", "manifest.sig", "public_key.pem"
