"""Text of CSV files: UTF-8, UTF-16 with a byte order mark, or an encoding that the user names."""

from __future__ import annotations

import codecs

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown

BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
UTF_8 = "utf-8-sig"
ASK = "name its encoding with --encoding, such as --encoding cp1251"


def encoding_of(head: bytes, named: str = "") -> str:
    """Return the encoding of a file by its first bytes: the one that the user named, UTF-16 or UTF-8.

    Raises BadInput for a name that no encoding of text has.

    Examples
    --------
    >>> encoding_of("sex".encode("utf-16")), encoding_of(b"sex"), encoding_of(b"sex", "cp1251")
    ('utf-16', 'utf-8-sig', 'cp1251')
    """
    if not named:
        return "utf-16" if head.startswith(BYTE_ORDER_MARKS) else UTF_8
    try:
        "".encode(named)
    except LookupError:
        what = f"--encoding: no encoding has the name {shown(named)}"
        raise BadInput(Fault(what, "use a name such as cp1251, koi8-r or utf-16")) from None
    return UTF_8 if codecs.lookup(named).name == "utf-8" else named


def decoded(content: bytes, file: str, encoding: str = "") -> str:
    """Return the text of a file without a byte order mark.

    Parameters
    ----------
    content : bytes
        All bytes of the file.
    file : str
        Its name, for messages.
    encoding : str, default ""
        The encoding that the user named; '' for UTF-8, or UTF-16 with a byte order mark.

    Returns
    -------
    str
        The text.

    Raises
    ------
    BadInput
        If the bytes are no text in this encoding. One sentence says what to do.

    Examples
    --------
    >>> decoded("область;число".encode("cp1251"), "area.csv", "cp1251")
    'область;число'
    """
    used = encoding_of(content[:2], encoding)
    try:
        text = content.decode(used)
    except UnicodeDecodeError:
        what = f"is not text in {encoding}" if encoding else "is not UTF-8 text"
        raise BadInput(Fault(what, ASK, file)) from None
    if "\0" in text[:100_000]:
        raise BadInput(Fault("is not a text file", f"give a CSV, or {ASK}", file))
    return text.removeprefix("\ufeff")
