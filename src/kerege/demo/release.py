"""The demo's annual releases.

Built once from snapshots, approved by a person other than their preparer.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils import timezone

from kerege.base.files import file_hash
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.models import Role, RoleAssignment
from kerege.core.security.keyring import keyring
from kerege.demo.programme.another_country import WRITTEN_FOR, pack_country
from kerege.demo.programme.world import RELEASE_YEARS
from kerege.evidence.data import snapshot
from kerege.evidence.ledger.home_ledger import LAST_STATE, HomeLedger
from kerege.evidence.release import build as evidence_release
from kerege.evidence.release.stated_release import StatedRelease
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import check
from kerege.publishing.releases.services import compose as compose_services
from kerege.publishing.releases.services.compose import Spec
from kerege.publishing.storage.release_files import folder, read
from kerege.vocabulary.languages import offered, text_in
from kerege.vocabulary.profile import active

SPEC = Path(str(resources.files("kerege.publishing"))) / "specs" / "annual.toml"
# tables of the earlier releases: STANDING ones never change or have one row per year; those OF_THE_YEAR count that year
# alone, so that a later total minus an earlier one discloses nothing
STANDING = (
    "assisted", "assisted_by_year", "destination", "origin", "corridor", "sex", "age_band", "exploitation",
    "exploitation_form", "services", "state_assisted_by_year", "payer_by_year", "crimes_by_half", "crimes_by_source",
    "crimes_by_offence", "contacts_by_year", "contacts_by_region", "campaigns_by_year", "region",
    "state_region_2021_2023",
)  # fmt: skip
OF_THE_YEAR = ("state_sex", "state_age_group", "state_citizenship", "state_exploitation", "services_by_kind")
ARTICLE: dict[str, Any] = {
    "title": {"kk": "Мақаладағы жыныс кестесі", "ru": "Таблица по полу, как в статье",
              "en": "The table of sex as in the article"},
    "period": "2025",
    "threshold": 10,
    "table": [{"name": "sex_as_printed", "of": "victims", "by": ["sex"], "where": {"programme": ["iom"]},
               "method": "none", "title": {"kk": "Жыныс", "ru": "Пол", "en": "Sex"}}],
}  # fmt: skip


def name(year: int) -> str:
    """Return the folder name of a year's release."""
    return f"annual-{year}"


def discard_unassessed(home: Path) -> None:
    """Remove all releases below `home` if an older version built them without a risk assessment."""
    if _has_no_risk_assessment(folder(home) / name(RELEASE_YEARS[-1])):
        Release.objects.all().delete()
        for part in (folder(home), home / "ledger"):
            shutil.rmtree(part, ignore_errors=True)
        (home / LAST_STATE).unlink(missing_ok=True)


def record(snapshots: Mapping[int, list[Path]], home: Path, planted: int | None = None) -> None:
    """Record the releases of these years unless they are recorded.

    `snapshots` maps a year to the snapshots from which its release was built. `planted` is the number of generated
    victims, detected and undetected.
    """
    for year, paths in snapshots.items():
        out = folder(home) / name(year)
        if not Release.objects.filter(directory=out.name).exists():
            _record(out, specification(year, planted), paths)


def build_year(year: int, snapshots: list[Path], home: Path, planted: int | None = None) -> None:
    """Build the release of a year below `home` unless it exists. No query goes to the database.

    Build releases oldest first, because each is checked together with the earlier ones.
    """
    out = folder(home) / name(year)
    if (out / "manifest.json").is_file():
        return
    rows = [snapshot.read(path) for path in snapshots]
    key = keyring().current("release")[1]
    evidence_release.build(rows, specification(year, planted), out, key=key, ledger=HomeLedger(home))


def _has_no_risk_assessment(out: Path) -> bool:
    stated = StatedRelease.read(out)
    return stated is not None and not stated.is_assessed


def specification(year: int, planted: int | None = None) -> Spec:
    """Return the specification of a year's release; the newest adds the estimate and the number `planted`."""
    tree = _in_country(tomllib.loads(SPEC.read_text(encoding="utf-8")))
    estimates = tree.pop("estimate")
    if year == RELEASE_YEARS[-1]:
        known = {} if planted is None else {"planted": planted}
        return tree | {"estimate": [entry | known for entry in estimates]}
    title = {lang: text.replace(str(RELEASE_YEARS[-1]), str(year)) for lang, text in tree["title"].items()}
    tables = [_in_year(entry, year) for entry in tree["table"] if entry["name"] in STANDING + OF_THE_YEAR]
    return tree | {"title": title, "period": str(year), "table": tables}


def _in_country(tree: Spec) -> Spec:
    """Return a specification with the country and the main source of crimes of the pack, in its languages."""
    main = next(code for code, source in active().crime_sources.items() if source.main)
    here = {WRITTEN_FOR: pack_country(), "mia": main}

    def adapt(name: str, value: object) -> object:
        if name == "title" and isinstance(value, dict):
            return {language: text_in(value, language) for language in offered()}
        if name == "where" and isinstance(value, dict):
            return {column: here.get(code, code) if isinstance(code, str) else code for column, code in value.items()}
        if isinstance(value, dict):
            return {key: adapt(key, entry) for key, entry in value.items()}
        return [adapt("", entry) for entry in value] if isinstance(value, list) else value

    return {key: adapt(key, value) for key, value in tree.items()}


def _in_year(entry: dict[str, Any], year: int) -> dict[str, Any]:
    where = entry.get("where", {})
    if entry["name"] in OF_THE_YEAR or isinstance(where.get("year"), str):  # a list of years stays
        return entry | {"where": where | {"year": str(year)}}
    return entry


def ready(home: Path) -> bool:
    """Return whether all releases are built and recorded, so that no snapshot is needed."""
    are_built = all((folder(home) / name(year) / "manifest.json").is_file() for year in RELEASE_YEARS)
    return are_built and Release.objects.filter(directory__in=map(name, RELEASE_YEARS)).count() == len(RELEASE_YEARS)


def _record(out: Path, specified: dict[str, Any], snapshots: list[Path]) -> None:
    release = read(out)
    preparer = _first_user(Role.ANALYST)
    approver = _first_user(Role.PUBLISHER, but=preparer)
    if preparer is None or approver is None:
        return  # without an analyst and a publisher, the folder alone counts as published
    now = timezone.now()
    Release.objects.create(
        title=release.title["en"],
        period=release.manifest.period,
        directory=out.name,
        manifest_sha256=file_hash(out / "manifest.json"),
        state=Release.State.PUBLISHED,
        spec=specified,
        snapshots=[path.name for path in snapshots],
        prepared_by_id=preparer,
        approved_by_id=approver,
        approved_at=now,
        published_at=now,
    )


def request_article_table(snapshots: list[Path]) -> None:
    """Request the check of a release with an article's unprotected table of sex.

    The release gate refuses it.
    """
    row = RoleAssignment.objects.filter(role=Role.ANALYST, user__is_active=True).order_by("user__username").first()
    if row is None or Release.objects.filter(title=ARTICLE["title"]["en"]).exists():
        return
    analyst = actor_for(row.user, row.agency)
    release = compose_services.create(analyst, _in_country(ARTICLE))
    # the releases before it have services of the same people, so their snapshot is needed too
    of_article = ("victims.parquet", "services.parquet")
    compose_services.set_data(analyst, release, [path.name for path in snapshots if path.name in of_article])
    check.ask_check(analyst, release)


def _first_user(role: Role, but: UUID | None = None) -> UUID | None:
    rows = RoleAssignment.objects.filter(role=role, user__is_active=True)
    if but is not None:
        rows = rows.exclude(user_id=but)
    return rows.order_by("user__username").values_list("user_id", flat=True).first()
