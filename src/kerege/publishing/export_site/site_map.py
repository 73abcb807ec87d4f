"""Site map and `robots.txt` of the exported site."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from kerege.publishing.export_site.crawl import Crawl
from kerege.publishing.export_site.policy import EMBED_ADDRESS
from kerege.publishing.export_site.public_answer import language_of

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


def site_map(crawled: Crawl) -> bytes:
    """Return the site map: every page that is not an embedded picture."""
    lines = [f"<url><loc>{escape(crawled.base + address)}</loc></url>\n" for address in _pages(crawled)]
    return (HEAD + "".join(lines) + "</urlset>\n").encode()


def _pages(crawled: Crawl) -> Iterator[str]:
    for address, answer in sorted(crawled.pages.items()):
        if answer.is_page and language_of(address) and not EMBED_ADDRESS.match(address):
            yield address


def robots(base: str) -> bytes:
    """Return `robots.txt`, which names the site map."""
    return f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n".encode()
