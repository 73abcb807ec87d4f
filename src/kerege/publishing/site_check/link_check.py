"""Links, anchors and language pairs of an exported site."""

from __future__ import annotations

from collections.abc import Iterator

from kerege.publishing.site_check.references import Reference
from kerege.publishing.site_check.site_pages import Site, address_of


def check_links(site: Site) -> Iterator[str]:
    """Yield one sentence for each link that leads nowhere, and for each file of another host."""
    judged: set[tuple[str, str]] = set()
    for name, reference in site.references():
        if (name, reference.address) not in judged:
            judged.add((name, reference.address))
            yield from _judge(site, name, reference)


def _judge(site: Site, name: str, reference: Reference) -> Iterator[str]:
    place = site.split(name, reference.address)
    if place is None:
        if reference.kind != "link":
            yield f"{name} loads or names {reference.address} of another host"
        return
    path, fragment = place
    file = site.file_at(path)
    if file is None:
        if not site.is_gone(path):
            yield f"{name} leads to {path}, which does not exist"
    elif fragment and file.endswith(".html") and fragment not in site.page(file).anchors:
        yield f"{name} leads to {path}#{fragment}, and the page has no such anchor"


def check_languages_of_links(site: Site) -> Iterator[str]:
    """Yield one sentence for each translation that is missing, wrong, or does not lead back."""
    for name in site.page_names:
        yield from _judge_pairs(site, name)


def _judge_pairs(site: Site, name: str) -> Iterator[str]:
    address = f"/{address_of(name)}"
    for reference in site.page(name).references:
        if reference.kind != "alternate" or reference.language not in site.manifest.languages:
            continue
        place = site.split(name, reference.address)
        file = site.file_at(place[0]) if place else None
        if file is None:
            continue  # a broken link, which is reported as such
        if site.page(file).language != reference.language:
            yield f"{name} names /{address_of(file)} as its page in {reference.language}, which is in another language"
        elif file != name and address not in _alternates(site, file):
            yield f"{name} leads to its translation /{address_of(file)}, which does not lead back"


def _alternates(site: Site, name: str) -> set[str]:
    places = [site.split(name, ref.address) for ref in site.page(name).references if ref.kind == "alternate"]
    return {place[0] for place in places if place}
