"""Names of authors in comments, tracked changes and lists of persons of an Office document.

Their texts stay. Each author becomes the same neutral name, also in OpenDocument. The path under which a workbook was
saved, which names its user, becomes empty.
"""

from __future__ import annotations

import re

NAME, INITIALS = b"Author", b"A"
# a part without any of these words holds no author: most parts are not searched further
WORDS = re.compile(rb"author|initials|creator|person|presence|username|userinfo|lastmodifiedby|abspath", re.I)
TAG = re.compile(rb"<(?![?!/])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
ATTRIBUTE = re.compile(rb"(\s(?:[\w.-]+:)?([\w.-]+)\s*=\s*)(\"[^\"]*\"|'[^']*')")
ELEMENT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
# attributes (local names in lower case) that name an author in any element, with the text that takes their place
NAMING = {b"author": NAME, b"username": NAME, b"lastmodifiedby": NAME, b"initials": INITIALS}
# elements that describe a person, and their further attributes
PERSONS = {b"cmauthor", b"author", b"person", b"presenceinfo", b"userinfo"}
DESCRIBING = {b"name": NAME, b"displayname": NAME, b"userid": b"", b"providerid": b""}
SAVED_UNDER = {b"abspath": {b"url": b""}}  # element, and its attributes with a path of the author's machine
# elements whose text is the name of an author
TEXTS = re.compile(
    rb"(<(?:[\w.-]+:)?(author|creator|creator-initials|sender-initials)(?:\s[^<>]*)?(?<!/)>)[^<]*(</)", re.I
)


def remove_authors(content: bytes) -> bytes:
    """Return an XML part without the names of the people who commented on the document or changed it."""
    if not WORDS.search(content):
        return content
    return TEXTS.sub(_neutral_text, TAG.sub(_neutral_tag, content))


def _neutral_text(match: re.Match[bytes]) -> bytes:
    name = INITIALS if match[2].lower().endswith(b"initials") else NAME
    return match[1] + name + match[3]


def _neutral_tag(match: re.Match[bytes]) -> bytes:
    tag = match[0]
    if not WORDS.search(tag):
        return tag
    element = ELEMENT.match(tag)
    name = element[1].lower() if element else b""
    texts = NAMING | (DESCRIBING if name in PERSONS else SAVED_UNDER.get(name, {}))

    def neutral(attribute: re.Match[bytes]) -> bytes:
        text = texts.get(attribute[2].lower())
        return attribute[0] if text is None else attribute[1] + b'"' + text + b'"'

    return ATTRIBUTE.sub(neutral, tag)
