"""Display of results in notebooks: charts, tables of HTML and data frames.

The modules that draw and write import the results. So a result loads them at the first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.base import lazy_names
from kerege.base.extras import need
from kerege.charts.svg_chart import SvgChart

if TYPE_CHECKING:
    import polars as pl

HOMES = {
    "draw_panel": ".panel_tables",
    "panel_html": ".panel_tables",
    "method_records": ".panel_tables",
    "to_polars": ".frames",
}
FRAMES = ("snapshots",)  # the extra that installs Polars


def make_frame(name: str, records: list[dict[str, object]]) -> pl.DataFrame:
    """Return records as a Polars frame. Raises MissingExtra for `name` without Polars."""
    need(name, FRAMES)
    frame: pl.DataFrame = lazy_names.load(__package__ or "", HOMES, "to_polars")(records)
    return frame


class PanelDisplay:
    """Methods by which a panel shows itself in a notebook."""

    def plot(self, lang: str = "en", *, methods: bool = False) -> SvgChart:
        """Return the chart of the headline, or that of the methods.

        Parameters
        ----------
        lang : str
            Language of the words: kk, ru or en.
        methods : bool, default False
            Draw the methods with their intervals instead, for analysts.

        Returns
        -------
        SvgChart
            A complete SVG file as text; `Path("chart.svg").write_text(chart)` saves it.

        Raises
        ------
        BadInput
            If there is no such language.

        Examples
        --------
        >>> from kerege.evidence.mse import Lists, panel
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> panel(lists, ["stepwise"], times=100).plot()[:4]
        '<svg'
        """
        return SvgChart(lazy_names.load(__package__ or "", HOMES, "draw_panel")(self, lang, methods=methods))

    def to_frame(self) -> pl.DataFrame:
        """Return one row for each method.

        Returns
        -------
        polars.DataFrame
            Columns method, model, estimate, lower80, upper80, lower95, upper95 and no_estimate (the reason). Numbers
            are people, observed and unobserved.

        Raises
        ------
        MissingExtra
            If Polars is not installed.

        Examples
        --------
        >>> from kerege.evidence.mse import Lists, panel
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> panel(lists, ["stepwise"], times=100).to_frame().select("method", "model").rows()
        [('stepwise', 'A:C')]
        """
        return make_frame("Panel.to_frame", lazy_names.load(__package__ or "", HOMES, "method_records")(self))

    def _repr_html_(self) -> str:
        return str(lazy_names.load(__package__ or "", HOMES, "panel_html")(self, "en"))
