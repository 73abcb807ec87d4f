"""Quick exit: the harmless page to which a reader in danger leaves."""

from __future__ import annotations


def exit_address(lang: str) -> str:
    """Return the address of the front page of Wikipedia in a language."""
    return f"https://{lang}.wikipedia.org/"
