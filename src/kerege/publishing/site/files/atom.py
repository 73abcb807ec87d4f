"""Atom feed (RFC 4287) of the public site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from kerege.publishing.site.files.figure_file import clean

# a file server knows types by suffix, and feed.xml shares its suffix with the site map
KIND = "application/xml; charset=utf-8"


@dataclass(frozen=True)
class FeedEntry:
    """Entry of the feed. `id` never changes; `updated` changes when the entry is rewritten."""

    id: str
    title: str
    summary: str
    link: str
    category: str
    published: datetime
    updated: datetime


@dataclass(frozen=True)
class Feed:
    """The feed of a language."""

    id: str
    lang: str
    title: str
    author: str
    address: str
    page: str
    rights: str
    entries: Sequence[FeedEntry]


def write(feed: Feed) -> bytes:
    """Return the feed; entries in the given order."""
    updated = max((entry.updated for entry in feed.entries), default=datetime(1980, 1, 1, tzinfo=UTC))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(feed.lang)}>',
        f"<id>{_text(feed.id)}</id>",
        f"<title>{_text(feed.title)}</title>",
        f"<updated>{_moment(updated)}</updated>",
        f"<author><name>{_text(feed.author)}</name></author>",
        f"<rights>{_text(feed.rights)}</rights>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.address)}/>',
        f'<link rel="alternate" type="text/html" hreflang={quoteattr(feed.lang)} href={quoteattr(feed.page)}/>',
        *(line for entry in feed.entries for line in _entry(entry)),
        "</feed>",
        "",
    ]
    return "\n".join(lines).encode()


def _entry(entry: FeedEntry) -> list[str]:
    return [
        "<entry>",
        f"<id>{_text(entry.id)}</id>",
        f"<title>{_text(entry.title)}</title>",
        f"<published>{_moment(entry.published)}</published>",
        f"<updated>{_moment(entry.updated)}</updated>",
        f"<category term={quoteattr(entry.category)}/>",
        f'<link rel="alternate" type="text/html" href={quoteattr(entry.link)}/>',
        f"<summary>{_text(entry.summary)}</summary>",
        "</entry>",
    ]


def _text(text: str) -> str:
    return escape(clean(text))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
