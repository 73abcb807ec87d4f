"""Check of an exported site without a network: signatures, links, figures, weights, languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kerege.base.errors import Refused
from kerege.base.message_text import count_noun
from kerege.evidence.release import signed_site
from kerege.publishing.site_check.figure_check import check_figures
from kerege.publishing.site_check.language_check import check_languages
from kerege.publishing.site_check.link_check import check_languages_of_links, check_links
from kerege.publishing.site_check.plan_check import check_plans
from kerege.publishing.site_check.release_check import check_releases
from kerege.publishing.site_check.site_pages import Site
from kerege.publishing.site_check.weight_check import check_weights

CHECKS: dict[str, Callable[[Site], Iterator[str]]] = {
    "releases": check_releases,
    "links": check_links,
    "translations": check_languages_of_links,
    "figures and claims": check_figures,
    "plan of measures": check_plans,
    "weights": check_weights,
    "languages": check_languages,
}


@dataclass(frozen=True)
class SiteReport:
    """Result of the check: one sentence for each fault by check, and notes."""

    faults: dict[str, list[str]]
    notes: list[str]
    pages: int


def check_site(folder: Path) -> SiteReport:
    """Return the faults of a site. Raise BadInput if the folder is none."""
    site = Site(folder, signed_site.read_list(folder))
    faults = {"signature": _check_signature(folder)}
    faults |= {name: list(check(site)) for name, check in CHECKS.items()}
    faults["policy"] = list(_check_policy(site))
    return SiteReport(faults, _notes(site), len(site.page_names))


def _check_signature(folder: Path) -> list[str]:
    try:
        signed_site.verify(folder)
    except Refused as refused:
        return [str(refused)]
    return []


def _check_policy(site: Site) -> Iterator[str]:
    """Yield one sentence for each page without the policy, or with parts that it forbids."""
    for name in site.page_names:
        page = site.page(name)
        if not page.policy.startswith("default-src 'none'"):
            yield f"{name} states no content security policy"
        if page.forms:
            yield f"{name} holds a form, which no static site answers"
        if page.inline_code:
            yield f"{name} holds a style or script inside the page, which the policy forbids"


def _notes(site: Site) -> list[str]:
    """Return what the operator should know, though it is no fault."""
    if not site.manifest.gone:
        return []
    pages = count_noun(len(site.manifest.gone), "page")
    server = f"{pages} of withdrawn releases must answer 410, as the files in server/ say"
    return [f"{server}; a host that cannot send 410 shows the reasons with status 200 and noindex"]
