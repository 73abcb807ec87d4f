"""Scan and sanitising of an uploaded file, and the messages for files that are not accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from threading import BoundedSemaphore

from django.conf import settings
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core.uploads import clamav
from kerege.core.uploads.file_types import Cleaned, RefusedFile

SECONDS = 60
# at most two files at a time: each cleaning may take more than a gigabyte of memory
_turns = BoundedSemaphore(2)
ANEW = gettext_noop("open the file, save it again, and choose the new file")
WHY = {
    "empty": (gettext_noop("the file is empty"), gettext_noop("choose it again")),
    "large": (gettext_noop("the file is too large"), gettext_noop("make the file smaller, or split it")),
    "kind": (
        gettext_noop("files of this kind are not accepted"),
        gettext_noop("save the file as JPEG, PNG, WEBP, PDF, DOCX, XLSX or ODT"),
    ),
    "moving": (gettext_noop("the image is animated"), gettext_noop("save one frame of the image")),
    "damaged": (gettext_noop("the file is damaged, or not of the stated type"), ANEW),
    "hidden": (gettext_noop("something else is hidden in the file"), ANEW),
    "locked": (
        gettext_noop("the file is protected by a password"),
        gettext_noop("remove the password: the register encrypts the file itself"),
    ),
    "bomb": (gettext_noop("the file unpacks to far more than a document holds"), ANEW),
    "slow": (gettext_noop("the file could not be checked in time"), gettext_noop("try again later")),
    "active": (
        gettext_noop("the file holds a macro, a script or another file"),
        gettext_noop("print the file to a new PDF, and choose that PDF"),
    ),
    "linked": (
        gettext_noop("the file loads external data when it is opened"),
        gettext_noop("print the file to a new PDF, and choose that PDF"),
    ),
    "infected": (
        gettext_noop("the virus scanner found something in the file, so it is not stored"),
        gettext_noop("do not open the file, and inform the administrator"),
    ),
    "unscanned": (
        gettext_noop("the virus scanner does not answer, so nothing is stored"),
        gettext_noop("try again later, or inform the administrator"),
    ),
}


def clean(data: bytes) -> Cleaned:
    """Scan, recognise and rewrite a file; return the version to store or raise BadInput."""
    try:
        if len(data) > settings.UPLOAD_LIMIT:
            raise RefusedFile("large")
        if data:
            clamav.scan(data)
        return apart(data)
    except RefusedFile as why:
        raise refusal(why.code) from None


def refusal(code: str) -> BadInput:
    """Return the error for a refused file: the reason and the remedy."""
    return BadInput(Fault(*WHY[code]))


def apart(data: bytes) -> Cleaned:
    """Recognise and clean a file in a separate process.

    The process has no environment, no keys and no write access to the disk.
    """
    command = [sys.executable, "-I", "-m", "kerege.core.uploads.sandbox"]
    if not _turns.acquire(timeout=SECONDS):
        raise RefusedFile("slow")
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False, env={}, cwd="/")
    except subprocess.TimeoutExpired:
        raise RefusedFile("slow") from None
    finally:
        _turns.release()
    line, _, cleaned = done.stdout.partition(b"\n")
    if done.returncode != 0 or not line:
        raise RefusedFile("damaged")
    answer = json.loads(line)
    if "unwelcome" in answer:
        raise RefusedFile(str(answer["unwelcome"]))
    return Cleaned(str(answer["kind"]), cleaned)
