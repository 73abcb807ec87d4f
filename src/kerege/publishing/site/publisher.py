"""Publisher of the statistics: name, contact and DOI prefix from the country profile."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.vocabulary import profile


@dataclass(frozen=True)
class SitePublisher:
    """Publisher in one language."""

    name: str
    contact: str
    doi_prefix: str


def get_publisher(lang: str) -> SitePublisher:
    """Return the publisher in a language; the country where the profile names nobody."""
    country = profile.active()
    site = country.statistics_site
    if site is None:
        return SitePublisher(country.name.in_language(lang), "", "")
    return SitePublisher(site.publisher.in_language(lang), site.contact, site.doi_prefix)
