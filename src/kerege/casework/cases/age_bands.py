"""Age bands of children, by the code list."""

from __future__ import annotations

from kerege.vocabulary import codes


def list_child_bands() -> list[str]:
    """Return the age bands below 18."""
    return [code for code, band in codes.code_list("age_band").codes.items() if band.parent == "child"]
