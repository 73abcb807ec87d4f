"""Atom feed: read back as XML, with titles that try to break it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

from kerege.publishing.site.files import atom
from tests.publishing.site.files.hand_made import HOSTILE

ATOM = "{http://www.w3.org/2005/Atom}"
AT = datetime(2026, 7, 30, 5, tzinfo=UTC)
ENTRY = atom.FeedEntry(
    id="tag:stat.example,2026:r/annual-2025",
    title="Release: 2025",
    summary="Period: 2025.",
    link="https://stat.example/en/r/annual-2025/",
    category="release",
    published=AT,
    updated=AT,
)
FEED = atom.Feed(
    id="tag:stat.example,2026:feed/en",
    lang="en",
    title="Releases",
    author="Ministry",
    address="https://stat.example/en/feed.xml",
    page="https://stat.example/en/r/",
    rights="CC-BY-4.0",
    entries=[ENTRY, replace(ENTRY, id="tag:stat.example,2026:r/other", title=HOSTILE, summary=HOSTILE)],
)


def test_every_entry_has_the_required_elements_and_a_hostile_title_stays_text() -> None:
    tree = ElementTree.fromstring(atom.write(FEED))
    assert {f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated", f"{ATOM}author"} <= {child.tag for child in tree}
    entries = tree.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [entry.id for entry in FEED.entries]
    for entry in entries:
        assert {f"{ATOM}{name}" for name in ("id", "title", "updated", "published", "summary", "link")} <= {
            child.tag for child in entry
        }
    assert "</script><b>" in (entries[1].findtext(f"{ATOM}title") or "")


def test_the_feed_is_as_old_as_its_newest_change() -> None:
    later = replace(ENTRY, updated=datetime(2026, 8, 1, tzinfo=UTC))
    tree = ElementTree.fromstring(atom.write(replace(FEED, entries=[ENTRY, later])))
    assert tree.findtext(f"{ATOM}updated") == "2026-08-01T00:00:00Z"
    assert atom.write(FEED) == atom.write(FEED)
