"""Multiple systems estimates of a release for its pages: sentence, picture, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kerege.evidence.release.prevalence import messages
from kerege.publishing.report.figure_chart import Caption, Drawing
from kerege.publishing.report.localiser import get_localiser
from kerege.publishing.report.prevalence_section import draw_estimate
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary.languages import text_in, text_or
from kerege.web.templatetags.kerege import language, number


@dataclass(frozen=True)
class DisplayedEstimate:
    """Estimate on a page; `drawing` is None when no figure is published."""

    name: str
    title: str
    sentence: str
    assumptions: str
    notice: str
    drawing: Drawing | None
    files: tuple[str, ...]


def present_estimates(release: ReleaseFiles) -> list[DisplayedEstimate]:
    """Return every estimate of a release, in the reader's language."""
    return [_shown(name, content) for name, content in release.estimates.items()]


def _shown(name: str, content: Mapping[str, Any]) -> DisplayedEstimate:
    lang = language()
    title, notice = text_in(content["title"], lang), text_or(content.get("notice"), lang, "")
    sentence = _sentence(content, lang)
    caption = Caption(title, sentence, bool(content["invented"]))
    drawing = None if content["no_estimate"] else draw_estimate(content, get_localiser(lang), caption)
    files = tuple(f"estimates/{name}.{suffix}" for suffix in ("csv", "svg", "json"))
    return DisplayedEstimate(
        name=name,
        title=title,
        sentence=sentence,
        assumptions=text_in(content["assumptions"], lang),
        notice=notice,
        drawing=drawing,
        files=files,
    )


def _sentence(content: Mapping[str, Any], lang: str) -> str:
    if content["no_estimate"]:
        return " ".join([_("No estimate is published."), messages.estimate_sentence(content, lang, number)])
    return messages.estimate_sentence(content, lang, number)
