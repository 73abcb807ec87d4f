"""The release record, its rules and the catalogue."""
