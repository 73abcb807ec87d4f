"""Front of the report for a journalist: three figures, the estimate, sentences to quote."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.publishing.report.facts import Facts
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose, implied_claim
from kerege.publishing.storage.year_releases import YearReleases

COUNTED = ("helped", "crimes")


@dataclass(frozen=True)
class FrontTile:
    """One of the three figures: number, caption, and a line beneath; `kind` is counted or estimated."""

    kind: str
    value: Sentence
    caption: Sentence
    more: Sentence


@dataclass(frozen=True)
class EstimateBox:
    """Estimate with both ends, period, level and mark, or the sentence that there is none."""

    title: str
    headline: Sentence
    level: tuple[Sentence, ...]
    notice: str  # mark of invented lists, '' for real ones


@dataclass(frozen=True)
class PressQuote:
    """Whole sentence to quote, with the figure that shows it and the release that holds it."""

    sentence: Sentence
    cite: str
    figure: str
    release: str


def build_tiles(prose: Prose, facts: Facts) -> tuple[FrontTile, ...]:
    """Return the figures whose numbers are published: people helped, crimes recorded, the range."""
    tiles = []
    for name in COUNTED:
        text = prose.localiser.text["tile"][name]
        if facts.get(text["fact"]) is not None:
            value = Sentence.of(pieces := prose.number(facts[text["fact"]], text["noun"]), implied_claim(pieces))
            caption, more = prose.first(text["caption"], facts), prose.first(text["more"], facts)
            tiles.append(FrontTile("counted", value, caption, more))
    text = prose.localiser.text["estimate"]
    if value := prose.first(text["tile"], facts):
        tiles.append(FrontTile("estimated", value, prose.first(text["caption"], facts), Sentence.of([])))
    return tuple(tiles)


def build_estimate(prose: Prose, facts: Facts) -> EstimateBox:
    """Return the box of the estimate."""
    text = prose.localiser.text["estimate"]
    headline = prose.first([*text["headline"], text["none"]], facts)
    level = tuple(prose.sentences(text["level"], facts))
    return EstimateBox(text["title"], headline, level, str(prose.first("{est_notice}", facts)))


def build_quotes(prose: Prose, year_releases: YearReleases, facts: Facts) -> tuple[PressQuote, ...]:
    """Return three whole sentences: people helped, crimes recorded, and the estimate with its level."""
    text = prose.localiser.text
    lead = prose.first(text["front"]["lead"], facts)
    sentences = (
        ("assisted-by-year", lead.with_full_stop() if lead.claim else lead),
        ("crimes-by-half-year", prose.first(text["quote"]["crimes"], facts)),
        ("hidden-figure", prose.first(text["estimate"]["headline"], facts)),
    )
    return tuple(
        _quote(prose, year_releases, figure, sentence) for figure, sentence in sentences if sentence and sentence.claim
    )


def _quote(prose: Prose, year_releases: YearReleases, figure: str, sentence: Sentence) -> PressQuote:
    """Return a sentence with its release: that of its table, or of its estimate."""
    name = sentence.claim.table if sentence.claim else ""
    holders = [release for release in year_releases.releases if name in release.estimates or name in release.tables]
    release = holders[0] if holders else year_releases.releases[0]
    title = release.title.get(prose.localiser.lang, "")
    cite = f"{title}, {prose.localiser.day(release.created)}"
    return PressQuote(sentence, cite, figure, release.path.name)
