#!/usr/bin/env python3
"""Check that the Kazakh and Russian catalogues hold every message of the code and templates.

`--missing` lists them.
"""

from __future__ import annotations

import sys

from babel.messages.catalog import Catalog
from django.conf import settings
from messages import PLURALS, key, messages, read_catalogue


def translated(catalogue: Catalog) -> set[str]:
    """Return the keys of a catalogue that have a complete translation and are not fuzzy."""
    done = set()
    for message in catalogue:
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and not message.fuzzy and all(strings):
            done.add(key(message))
    return done


def main(argv: list[str]) -> int:
    """Print the missing messages of each language; exit 1 if there are any."""
    settings.configure(USE_I18N=True)
    required, short = set(messages()), 0
    for language in PLURALS:
        missing = sorted(required - translated(read_catalogue(language)))
        print(f"{language}: {len(required) - len(missing)} of {len(required)} messages translated")
        for message in missing if "--missing" in argv else missing[:10]:
            print(f"  missing: {message!r}")
        short += len(missing)
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
