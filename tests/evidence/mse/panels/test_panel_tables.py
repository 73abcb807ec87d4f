"""HTML tables escape their texts."""

from __future__ import annotations

from kerege.evidence.mse.panels.panel_tables import html_table


def test_headers_cells_and_caption_are_escaped() -> None:
    document = html_table(["<b>"], [["a & b", " c* "]], '"<i>"')
    assert document == (
        "<table><caption>&quot;&lt;i&gt;&quot;</caption><thead><tr>"
        '<th scope="col">&lt;b&gt;</th></tr></thead><tbody><tr><td>a &amp; b</td><td>c*</td></tr></tbody></table>'
    )
