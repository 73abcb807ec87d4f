"""Notes and versions of an indicator: why a number is missing, and what each release changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site import indicator_chart as drawing
from kerege.publishing.site.series import DefinitionsDiffer, MissingNote, View
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.site.site_words import fill, join_sentences, mark_label, read_words, site_localiser
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary.languages import text_or


@dataclass(frozen=True)
class Version:
    """Release that holds the figure: its day and what changed with it."""

    name: str
    title: str
    day: str
    changes: tuple[str, ...]


def map_notes(view: View, state: SiteState, lang: str) -> list[str]:
    """Return one clear sentence for each reason why a number is missing or not joined."""
    ended = view.indicator.retired
    words = read_words(lang)
    notes = [fill(words["page"]["retired"], {"why": words["why"][ended]})] if ended else []
    return list(dict.fromkeys([*notes, *(_note(note, view, state, lang) for note in view.notices)]))


def _note(note: MissingNote, view: View, state: SiteState, lang: str) -> str:
    words, table = read_words(lang)["notice"], view.tables.get(note.table)
    labels = [mark_label(lang, table, view.indicator.axis, period) for period in note.periods]
    return fill(words[note.kind], {"release": title_of(state, note.release, lang), "periods": ", ".join(labels)})


def faulty_note(name: str, lang: str) -> str:
    """Return the sentence for a release that does not pass verification."""
    return fill(read_words(lang)["notice"]["faulty"], {"release": name})


def difference_note(problem: DefinitionsDiffer, state: SiteState, lang: str) -> str:
    """Return the sentence for two releases that count different things under one name."""
    titles = {"newer": title_of(state, problem.newer, lang), "older": title_of(state, problem.older, lang)}
    return fill(read_words(lang)["notice"]["differ"], titles)


def withdrawal_notes(view: View, state: SiteState, lang: str) -> list[str]:
    """Return a sentence for each withdrawn release that is newer than the one shown."""
    newest = next(iter(view.releases), None)
    shown = newest.manifest.period if newest else ""
    return [withdrawn_note(entry, lang) for entry in state.withdrawn if entry.period >= shown]


def withdrawn_note(entry: CatalogueEntry, lang: str) -> str:
    """Return the sentence for a withdrawn release: day and reason, no number."""
    day = site_localiser(lang).day(entry.withdrawn_on or entry.since)
    title, reason = text_or(entry.titles, lang, entry.name), text_or(entry.reasons, lang, "–")
    return fill(read_words(lang)["notice"]["withdrawn"], {"release": title, "day": day, "reason": reason})


def corrected_note(entry: CatalogueEntry, lang: str) -> str:
    """Return the sentence for a release that a newer one corrects."""
    newer = entry.corrected_by
    assert newer is not None  # noqa: S101 - the caller asks only for corrected releases
    day, note = site_localiser(lang).day(newer.since), newer.notes.get(lang, "")
    values = {"release": text_or(entry.titles, lang, entry.name), "day": day, "note": note}
    return fill(read_words(lang)["notice"]["corrected"], values)


def title_of(state: SiteState, name: str, lang: str) -> str:
    """Return the title of a release in a language; of one that cannot be read, the name of its folder."""
    for release in (*state.releases, *state.corrected):
        if release.path.name == name:
            return release.title.get(lang, name)
    return name


def versions_of(view: View, state: SiteState, lang: str) -> tuple[Version, ...]:
    """Return the releases that hold the figure, newest first, and what changed with each."""
    holders = _holders(view, state)
    return tuple(
        Version(
            name=release.path.name,
            title=release.title.get(lang, release.path.name),
            day=site_localiser(lang).day(state.published_on(release)),
            changes=tuple(_changes(view, state, lang, release, holders)),
        )
        for release in holders
    )


def _holders(view: View, state: SiteState) -> list[ReleaseFiles]:
    names = {part.table or part.estimate for part in view.indicator.series}
    both = [*state.releases, *state.corrected]
    held = [release for release in both if names & (release.tables.keys() | release.estimates.keys())]
    return sorted(held, key=lambda release: (release.as_of or release.created, release.manifest.created), reverse=True)


def _changes(
    view: View, state: SiteState, lang: str, release: ReleaseFiles, holders: Sequence[ReleaseFiles]
) -> list[str]:
    words, name = read_words(lang)["page"], release.path.name
    if release in state.corrected:
        return [words["corrected"]]
    changes = _revisions(view, lang, name)
    if view.indicator.is_timed:
        added = sorted({period for (_, period), cell in view.values.items() if cell.first_release == name})
        if added and release is not holders[-1]:
            labels = [mark_label(lang, drawing.newest_table(view), view.indicator.axis, period) for period in added]
            changes.insert(0, fill(words["added"], {"periods": ", ".join(labels)}))
    else:
        changes += _state_words(view, lang, release)
    return changes or [words["first"] if release is holders[-1] else words["unchanged"]]


def _revisions(view: View, lang: str, name: str) -> list[str]:
    """Return old and new number of each value that a release revised."""
    words, localiser = read_words(lang)["page"], site_localiser(lang)
    table = drawing.newest_table(view)
    return [
        fill(
            words["revised"],
            {
                "period": mark_label(lang, table, view.indicator.axis, period),
                "old": localiser.number(int(cell.revised_from)),
                "new": localiser.number(int(cell.value.count or 0)),
            },
        )
        for (_, period), cell in view.values.items()
        if cell.revised_from is not None and cell.release == name
    ]


def _state_words(view: View, lang: str, release: ReleaseFiles) -> list[str]:
    words, day = read_words(lang)["page"], site_localiser(lang).day(release.as_of or release.created)
    vintage = next((item for item in view.vintages if item.release == release.path.name), None)
    state_of = fill(words["state_of"], {"day": day})
    if vintage is not None and not vintage.same_definition:
        return [join_sentences(state_of, words["other_population"])]
    return [state_of]
