"""The register frozen into a snapshot."""
