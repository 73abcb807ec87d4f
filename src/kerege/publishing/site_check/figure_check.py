"""Numbers and claims of an exported site, judged against the signed files in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from kerege.evidence.release import MANIFEST
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.release.signed_site import SiteRelease
from kerege.publishing.site_check.declared_words import declare
from kerege.publishing.site_check.judge import judge_page
from kerege.publishing.site_check.plan_check import quoted_numbers
from kerege.publishing.site_check.release_check import folder_of
from kerege.publishing.site_check.signed_estimate import read_estimate
from kerege.publishing.site_check.signed_table import SignedTable, read_table
from kerege.publishing.site_check.site_pages import Site
from kerege.vocabulary.kept_labels import KeptLabels

YEAR = re.compile(r"^[a-z]{2}/(?:report/)?(\d{4})/")  # a page of the report of a year


@dataclass(frozen=True)
class SignedFigures:
    """The signed figures of a release, read from its files in the site."""

    site: Site
    release: SiteRelease
    folder: PurePosixPath

    @cached_property
    def manifest(self) -> Manifest:
        """Return the manifest of the release."""
        return Manifest.model_validate(json.loads(self.site.read(str(self.folder / MANIFEST))))

    @cached_property
    def labels(self) -> KeptLabels | None:
        """Return the labels that the release keeps, None where it keeps none."""
        labels = self.manifest.labels
        content = self.site.read(str(self.folder / labels.file)) if labels else b""
        return KeptLabels.parsed(json.loads(content), labels.file) if labels else None

    @cached_property
    def tables(self) -> dict[str, SignedTable]:
        """Return the tables by name."""
        return {
            entry.name: read_table(
                self.site.read(str(self.folder / entry.file)), entry.params.get("half_width"), entry.multi
            )
            for entry in self.manifest.tables
        }

    @cached_property
    def estimates(self) -> dict[str, dict[str, int]]:
        """Return the numbers of the estimates by name."""
        names = [entry.name for entry in self.manifest.estimates]
        return {name: read_estimate(self.site.read(str(self.folder / f"estimates/{name}.json"))) for name in names}


def check_figures(site: Site) -> Iterator[str]:
    """Yield one sentence for each number that no signed file holds, and each claim that is not true."""
    judge = PageJudge(site)
    for name in site.page_names:
        yield from (f"{name}: {fault}" for fault in judge.find_faults(name))


class PageJudge:
    """Judge of pages: a table without a release is that of the newest one of the page's year."""

    def __init__(self, site: Site) -> None:
        self.site = site
        pairs = [(release, folder_of(site, release)) for release in site.manifest.releases]
        read = [SignedFigures(site, release, folder) for release, folder in pairs if folder]
        declared = declare([one.manifest for one in read], [one.labels for one in read if one.labels])
        self.declared = replace(declared, quoted={**declared.quoted, **quoted_numbers(site)})
        self.releases = sorted(read, key=lambda one: (one.release.state == "standing", one.manifest.created))

    def find_faults(self, name: str) -> list[str]:
        """Return the faults of the numbers and claims of a page."""
        year = YEAR.match(name)
        newest = [one for one in self.releases if year is None or one.manifest.period.startswith(year[1])]
        tables = {f"{one.release.name}/{key}": table for one in self.releases for key, table in one.tables.items()}
        estimates = {f"{one.release.name}/{key}": file for one in self.releases for key, file in one.estimates.items()}
        tables |= {key: table for one in newest for key, table in one.tables.items()}
        estimates |= {key: file for one in newest for key, file in one.estimates.items()}
        return judge_page(self.site.text(name), tables, estimates, self.declared).faults
