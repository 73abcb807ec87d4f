"""`kerege link charts`: a page about a model, and its precision and recall on judged pairs."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kerege.base.errors import BadInput
from kerege.base.files import atomic_file, results_faults
from kerege.linkage.matching import model_file
from kerege.linkage.review.answers import read_answers
from kerege.linkage.review.charts_page import charts_page
from kerege.linkage.review.quality import measure_quality


def write_charts(
    html: Path, model: Path | None, answers: Path | None, language: str
) -> tuple[str, pl.DataFrame | None]:
    """Write the page; return the version of the model, and the rates if there are answers."""
    if faults := results_faults([html], [path for path in (model, answers) if path]):
        raise BadInput(faults)
    used_model = model_file.read(model) if model else model_file.load_bundled_model()
    quality = measure_quality(read_answers(answers)) if answers else None
    with atomic_file(html) as part:
        part.write_text(charts_page(used_model, quality, language), encoding="utf-8")
    return used_model.version, quality
