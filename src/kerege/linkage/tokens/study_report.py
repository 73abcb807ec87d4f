"""Result of a study: the published counts and error rates, as a table and as a picture."""

from __future__ import annotations

from typing import Any

import polars as pl

from kerege.charts.svg_chart import SvgChart
from kerege.linkage.tokens import study_charts


class StudyReport(dict[str, Any]):
    """Result of `run_study`: its entries are those of `kerege tokens overlap --json`."""

    def to_frame(self, *, rates: bool = False) -> pl.DataFrame:
        """Return the counts of all combinations of lists, or the rates of missed and false links.

        Parameters
        ----------
        rates : bool, default False
            Return a row for each two lists instead.

        Returns
        -------
        DataFrame
            A 0/1 column for each list, `count` in persons, and `lower95` and `upper95`, the limits by noise. With
            `rates`: `first` and `second`, `missed` and `false` with their intervals (80%), and `reviewed`, the pairs
            of a reviewed sample.

        Examples
        --------
        >>> report = StudyReport(lists=[{"name": "a"}, {"name": "b"}], counts=[40, 30, 20], noise=6, pairs=[])
        >>> report.to_frame().rows()[-1]
        (1, 1, 20, 14, 26)
        """
        if rates:
            return study_charts.tabulate_rates(self["pairs"])
        return study_charts.tabulate_counts(self._names, self["counts"], self["noise"])

    def plot(self, lang: str = "en", *, rates: bool = False) -> SvgChart:
        """Return the chart of the counts with the limits by noise, or that of the error rates.

        Parameters
        ----------
        lang : str
            Language of the words: kk, ru or en.
        rates : bool, default False
            Draw the rates of missed and false links with their intervals (80%) instead.

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
        >>> report = StudyReport(lists=[{"name": "a"}, {"name": "b"}], counts=[40, 30, 20], noise=6, pairs=[])
        >>> report.plot()[:4]
        '<svg'
        """
        if rates:
            return study_charts.draw_error_rates(self.to_frame(rates=True), lang)
        return study_charts.draw_counts(self.to_frame(), self._names, self["noise"] == 0, lang)

    @property
    def _names(self) -> list[str]:
        return [entry["name"] for entry in self["lists"]]
