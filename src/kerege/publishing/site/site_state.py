"""State of the public site at a moment: the releases that stand, and the view of each indicator."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.utils.translation import get_language

from kerege.publishing.releases import catalogue, public_clock, queries
from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site import standing
from kerege.publishing.site.indicators import SiteIndicator, list_counted
from kerege.publishing.site.kept_results import KeptResults
from kerege.publishing.site.series import DefinitionsDiffer, View, build_view
from kerege.publishing.site.standing import FaultyRelease
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary.profile import active_state

_views = KeptResults[View | DefinitionsDiffer](most=200)
_states = KeptResults["SiteState"](most=12)


@dataclass(frozen=True)
class SiteState:
    """Releases at a moment: those that stand, those that were corrected, those that fail verification.

    `identity` names the set of releases, the profile and the language, so that what is derived from them can be kept.
    """

    moment: datetime
    releases: Sequence[ReleaseFiles]
    corrected: Sequence[ReleaseFiles] = ()
    faulty: Sequence[FaultyRelease] = ()
    entries: dict[str, CatalogueEntry] = field(default_factory=dict)
    identity: Hashable = None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is published."""
        return not self.releases

    @property
    def invented(self) -> bool:
        """Return whether any release depends on invented data."""
        return any(release.invented for release in self.releases)

    @property
    def withdrawn(self) -> list[CatalogueEntry]:
        """Return the withdrawn releases, the last withdrawn first."""
        entries = [entry for entry in self.entries.values() if entry.files is None]
        return sorted(entries, key=lambda entry: entry.withdrawn_on or date.min, reverse=True)

    def view(self, indicator: SiteIndicator) -> View:
        """Return the newest state of an indicator. Raises DefinitionsDiffer."""
        return _kept_view(indicator, self.releases, self.corrected, self.faulty)

    def find_view(self, indicator: SiteIndicator) -> View | None:
        """Return the newest state of an indicator, None where it has no value or its definitions differ."""
        try:
            view = self.view(indicator)
        except DefinitionsDiffer:
            return None
        return view if view.values else None

    def views_with_values(self) -> list[tuple[SiteIndicator, View]]:
        """Return every indicator that has a value of the releases, and its newest state."""
        return [(indicator, view) for indicator in list_counted() if (view := self.find_view(indicator))]

    def pinned_view(self, indicator: SiteIndicator, release: ReleaseFiles) -> View:
        """Return an indicator as one release told it."""
        return _kept_view(indicator, [release], [], [])

    def published_on(self, release: ReleaseFiles) -> date:
        """Return the day on which a release became public."""
        entry = self.entries.get(release.path.name)
        return entry.since if entry else release.created


def current_state() -> SiteState:
    """Return the state at the moment that the public pages show."""
    moment = public_clock.now()
    return public_clock.remember(("state", moment, get_language()), lambda: _kept_state(moment))


def _kept_state(moment: datetime) -> SiteState:
    """Return the state at a moment, from memory while the releases and the profile are the same."""
    identity = (queries.identity_at(moment), active_state(), get_language())
    state = _states.get(identity, lambda: replace(state_at(moment), identity=identity))
    return replace(state, moment=moment)


def state_at(moment: datetime) -> SiteState:
    """Return the state at a moment."""
    with public_clock.fixed_at(moment):
        return SiteState(
            moment=moment,
            releases=standing.standing_releases(moment),
            corrected=standing.corrected_releases(moment),
            faulty=standing.faulty_releases(moment),
            entries={entry.name: entry for entry in catalogue.list_releases()},
        )


def _kept_view(
    indicator: SiteIndicator,
    releases: Sequence[ReleaseFiles],
    corrected: Sequence[ReleaseFiles],
    faulty: Sequence[FaultyRelease],
) -> View:
    """Return a view from memory, building it when it is missing; other releases give another key."""
    digests = [tuple(release.digest for release in group) for group in (releases, corrected)]
    key = (indicator.model_dump_json(), *digests, tuple(faulty), active_state())
    view = _views.get(key, lambda: _built(indicator, releases, corrected, faulty, identity=key))
    if isinstance(view, DefinitionsDiffer):
        raise view
    return view


def _built(
    indicator: SiteIndicator,
    releases: Sequence[ReleaseFiles],
    corrected: Sequence[ReleaseFiles],
    faulty: Sequence[FaultyRelease],
    identity: Hashable,
) -> View | DefinitionsDiffer:
    try:
        return replace(build_view(indicator, releases, corrected, faulty), identity=identity)
    except DefinitionsDiffer as problem:
        return problem
