"""Page about a model: its weights, and precision and recall on judged pairs."""

from __future__ import annotations

from html import escape

import polars as pl

from kerege.linkage.matching.labels import translate_label
from kerege.linkage.matching.model_charts import draw_model_weights, draw_rates
from kerege.linkage.matching.model_file import Model
from kerege.linkage.matching.waterfall_chart import decimal

PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #0b0c0c }}
h1 {{ font-size: 1.6rem }} h2 {{ font-size: 1.2rem }} .scroll {{ overflow-x: auto }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ text-align: right; padding: .3rem .5rem; border-bottom: 1px solid #b1b4b6; white-space: nowrap }}
svg {{ width: 100%; height: auto }}
</style></head><body>
<h1>{title}: {version}</h1>{quality}
<h2>{weights_title}</h2><p>{weights_note}</p>{weights}
</body></html>
"""
COLUMNS = ("threshold", "pairs", "judged", "precision", "recall")


def charts_page(model: Model, quality: pl.DataFrame | None, language: str = "en") -> str:
    """Return an HTML page with the charts of a model. It holds no name and no record id."""
    return PAGE.format(
        language=language,
        title=escape(translate_label("page charts", language)),
        version=escape(model.version),
        quality="" if quality is None else _draw_quality(quality, language),
        weights_title=escape(translate_label("chart weights", language)),
        weights_note=escape(translate_label("chart weights note", language)),
        weights=draw_model_weights(model, language),
    )


def _draw_quality(quality: pl.DataFrame, language: str) -> str:
    head = "".join(f'<th scope="col">{escape(translate_label(name, language))}</th>' for name in COLUMNS)
    rows = "".join(f"<tr>{_draw_cells(row, language)}</tr>" for row in quality.iter_rows(named=True))
    return (
        f"<h2>{escape(translate_label('chart quality', language))}</h2>{draw_rates(quality, 'chart quality', language)}"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"<p>{escape(translate_label('page charts note', language))}</p>"
    )


def _draw_cells(row: dict[str, float], language: str) -> str:
    texts = [decimal(row["threshold"], "g", language), *(f"{int(row[name])}" for name in ("pairs", "judged"))]
    for name in ("precision", "recall"):
        low, high = (decimal(round(row[f"{name}_{end}"], 3), ".3f", language) for end in ("lower", "upper"))
        texts.append(f"{decimal(round(row[name], 3), '.3f', language)} [{low}–{high}]")
    return "".join(f"<td>{text}</td>" for text in texts)
