"""Content security policy of the exported pages, in their headers and as a `meta` element."""

from __future__ import annotations

import re

PARTS = (
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
)
PAGES = "; ".join((*PARTS, "frame-ancestors 'none'"))
# an embedded picture runs no script, and any site may frame it
EMBEDS = "; ".join((*(part for part in PARTS if not part.startswith(("script", "connect"))), "frame-ancestors *"))
HEAD = re.compile(r"<head[^>]*>(?:\s*<meta charset=[^>]*>)?", re.IGNORECASE)
EMBED_ADDRESS = re.compile(r"^/(?:[a-z]{2}/)?embed/")


def policy_of(address: str) -> str:
    """Return the policy of the page at an address."""
    return EMBEDS if EMBED_ADDRESS.match(address) else PAGES


def with_meta(address: str, text: str) -> str:
    """Return a page with its policy as `meta`; `frame-ancestors` works in a header only."""
    policy = policy_of(address).partition("; frame-ancestors")[0]
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return HEAD.sub(lambda match: f"{match[0]}\n{meta}", text, 1)


def with_noindex(text: str) -> str:
    """Return a page that search engines do not list, also if a host sends it with status 200."""
    text = re.sub(r'<meta name="robots"[^>]*>', "", text)
    return HEAD.sub(lambda match: f'{match[0]}\n<meta name="robots" content="noindex">', text, 1)
