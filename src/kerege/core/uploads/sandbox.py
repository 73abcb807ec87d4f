"""Sandbox process that cleans one file, with limited time and memory.

It reads the file on stdin and writes the cleaned file to stdout.

A hostile image or document that breaks its reader breaks only this process.
"""

from __future__ import annotations

import json
import resource
import sys
from importlib import import_module

from kerege.core.uploads import file_types

# the module that cleans a kind; only this one is loaded, because the libraries take longer to load than most files
# take to clean
CLEANERS = dict.fromkeys(file_types.EXTENSIONS, "office_cleaner") | {
    "jpg": "image_cleaner",
    "png": "image_cleaner",
    "webp": "image_cleaner",
    "pdf": "pdf_cleaner",
}
SECONDS, MEMORY, OPEN_FILES = 20, 1_500_000_000, 64


def confine() -> None:
    """Limit CPU time, memory and open files, and forbid writing to files."""
    for limit, value in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def main() -> None:
    """Write one line of JSON (kind or reason of refusal), then the cleaned bytes."""
    confine()
    data, out = sys.stdin.buffer.read(), sys.stdout.buffer
    try:
        kind = file_types.recognise(data)
        cleaner = import_module(f"kerege.core.uploads.{CLEANERS[kind]}")
        cleaned: bytes = cleaner.clean(data, kind)
    except file_types.RefusedFile as why:
        out.write(json.dumps({"unwelcome": why.code}).encode() + b"\n")
        return
    except (MemoryError, RecursionError):
        out.write(json.dumps({"unwelcome": "bomb"}).encode() + b"\n")
        return
    out.write(json.dumps({"kind": kind}).encode() + b"\n")
    out.write(cleaned)


if __name__ == "__main__":
    main()
