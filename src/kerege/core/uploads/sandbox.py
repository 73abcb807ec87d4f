"""Run as a process of its own, with little time and memory: reads a file, writes the cleaned one, knows nothing else.

A hostile picture or document that breaks its reader breaks only this.
"""

from __future__ import annotations

import json
import resource
import sys

from kerege.core.uploads import file_types, image_cleaner, office_cleaner, pdf_cleaner

CLEANERS = dict.fromkeys(file_types.EXTENSIONS, office_cleaner.clean) | {
    "jpg": image_cleaner.clean,
    "png": image_cleaner.clean,
    "webp": image_cleaner.clean,
    "pdf": pdf_cleaner.clean,
}
SECONDS, MEMORY, OPEN_FILES = 20, 1_500_000_000, 64


def confine() -> None:
    """Little time, little memory, no file written."""
    for limit, value in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def main() -> None:
    """One line of JSON, then the bytes."""
    confine()
    data, out = sys.stdin.buffer.read(), sys.stdout.buffer
    try:
        kind = file_types.recognise(data)
        cleaned = CLEANERS[kind](data, kind)
    except file_types.Unwelcome as why:
        out.write(json.dumps({"unwelcome": why.code}).encode() + b"\n")
        return
    except (MemoryError, RecursionError):
        out.write(json.dumps({"unwelcome": "bomb"}).encode() + b"\n")
        return
    out.write(json.dumps({"kind": kind}).encode() + b"\n")
    out.write(cleaned)


if __name__ == "__main__":
    main()
