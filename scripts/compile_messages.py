#!/usr/bin/env python3
"""Compile the translation catalogues (.po to .mo) without gettext's programs."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent.parent / "src" / "kerege" / "web" / "locale"


def compile_catalogue(source: Path) -> Path:
    """Write the .mo beside its .po; untranslated and fuzzy messages are left out."""
    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3])
    target = source.with_suffix(".mo")
    with target.open("wb") as file:
        write_mo(file, catalogue)
    return target


def main() -> None:
    """Compile every catalogue; raise FileNotFoundError when there is none."""
    sources = sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))
    if not sources:
        raise FileNotFoundError(f"no translation catalogue (*/LC_MESSAGES/*.po) in {LOCALES}")
    for source in sources:
        compile_catalogue(source)


if __name__ == "__main__":
    main()
