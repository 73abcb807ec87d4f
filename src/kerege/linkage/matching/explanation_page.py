"""Page about the match weight of two rows: its waterfall chart and the level of each comparison."""

from __future__ import annotations

from html import escape

import numpy as np

from kerege.linkage.matching.batch_scorer import probability
from kerege.linkage.matching.labels import translate_label
from kerege.linkage.matching.link_files import Linked
from kerege.linkage.matching.waterfall_chart import chart, chart_steps, decimal, format_bits

PAGE_WORDS = ("page title", "page heading", "page verdict", "compared", "found", "bits", "page note")
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #0b0c0c }}
h1 {{ font-size: 1.6rem }} table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #b1b4b6 }} .n {{ text-align: right }}
svg {{ width: 100%; font-size: 14px }} .label {{ text-anchor: end }} .zero {{ stroke: #505a5f; stroke-dasharray: 3 3 }}
@media (max-width: 40rem) {{ svg {{ font-size: 22px }} }}
.for {{ fill: #1d70b8 }} .against {{ fill: #d4351c }} .sum {{ fill: #0b0c0c }}
</style></head><body>
<h1>{heading}</h1><p>{conclusion}</p>{chart}
<table><thead><tr><th>{compared}</th><th>{found}</th><th class="n">{bits}</th></tr></thead><tbody>{rows}</tbody></table>
<p>{note}</p></body></html>
"""


def explanation_page(linked: Linked, left: int, right: int, language: str = "en") -> str:
    """Return an HTML page that explains the match weight of two rows. It shows record ids and no names."""
    scores = linked.scores(np.array([left]), np.array([right]))
    names = [comparison.name for comparison in linked.model.comparisons]
    levels = dict(zip(names, scores.gammas[:, 0].tolist(), strict=True))
    parts = dict(zip(names, scores.parts[:, 0].tolist(), strict=True))
    bars = chart_steps(linked.model, levels, parts, language)
    odds = float(probability(scores.weights)[0])
    words = {key: escape(translate_label(key, language)) for key in PAGE_WORDS}
    ids = (escape(linked.ids[row]) for row in (left, right))
    rows = "".join(
        f"<tr><td>{escape(bar.comparison)}</td><td>{escape(bar.level)}</td>"
        f"<td class=n>{format_bits(bar.bits, language)}</td></tr>"
        for bar in bars
    )
    return PAGE.format(
        language=language,
        title=words["page title"],
        heading=words["page heading"].format(*ids),
        conclusion=words["page verdict"].format(
            format_bits(float(scores.weights[0]), language), decimal(odds, ".4f", language)
        ),
        chart=chart(bars, language),
        compared=words["compared"],
        found=words["found"],
        bits=words["bits"],
        rows=rows,
        note=words["page note"].format(escape(linked.model.version)),
    )
