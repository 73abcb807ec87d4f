"""Sandbox process that cleans one file, with limited time and memory.

It reads the file on stdin and writes the cleaned file to stdout.

A hostile image or document that breaks its reader breaks only this process.
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
        cleaned = CLEANERS[kind](data, kind)
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
