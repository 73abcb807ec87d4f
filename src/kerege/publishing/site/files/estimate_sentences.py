"""Sentences on the estimates of a release.

"estimated", both ends, period, condition, and a mark of invented data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.evidence.release.prevalence.messages import estimate_sentence
from kerege.publishing.report.localiser import get_localiser
from kerege.vocabulary.languages import text_in

if TYPE_CHECKING:
    from kerege.publishing.storage.release_files import ReleaseFiles


def write_estimates(files: ReleaseFiles, lang: str) -> list[str]:
    """Return one text for each estimate of a release: title, period, range or reason, condition, notice."""
    number = get_localiser(lang).number
    texts = []
    for content in files.estimates.values():
        period = str(content["period"]).replace("/", "–")
        condition = "" if content["no_estimate"] else text_in(content["assumptions"], lang)
        notice = text_in(content["notice"], lang) if content.get("notice") else ""
        title = text_in(content["title"], lang)
        name = f"{title}." if period in title else f"{title}, {period}."
        parts = [name, estimate_sentence(content, lang, number), condition, notice]
        texts.append(" ".join(part for part in parts if part))
    return texts
