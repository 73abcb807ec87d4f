"""Linkage of tables from Python: the links, the groups and the trained model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import polars as pl

from kerege.charts.svg_chart import SvgChart
from kerege.linkage.matching.link_files import clusters_frame, gather, link_records, pairs_frame
from kerege.linkage.matching.model_charts import draw_rates, expected_rates, labelled_rates
from kerege.linkage.matching.model_file import Model, load_bundled_model


@dataclass(frozen=True)
class Links:
    """Result of `link`.

    pairs: `left`, `right`, `probability`, the most probable first. clusters: `id`, `cluster`, a row for each record,
    from pairs with match probability of at least 0.9. model: the trained model.
    """

    pairs: pl.DataFrame
    clusters: pl.DataFrame
    model: Model

    def plot(self, lang: str = "en", labels: pl.DataFrame | None = None) -> SvgChart:
        """Return the chart of precision and recall by threshold: the expected ones, or those of labels.

        Parameters
        ----------
        lang : str
            Language of the words: kk, ru or en.
        labels : DataFrame, optional
            Labelled pairs: `left`, `right` and `is_match`. The chart shows precision and recall on them, with
            intervals (95%), instead of what the match probabilities promise.

        Returns
        -------
        SvgChart
            A complete SVG file as text; `Path("chart.svg").write_text(chart)` saves it. It is drawn from the match
            probabilities of `pairs`: link with `min_probability=0.05` for the whole curve.

        Raises
        ------
        BadInput
            If there is no such language.

        Examples
        --------
        >>> pairs = pl.DataFrame({"left": ["1"], "right": ["2"], "probability": [0.9]})
        >>> Links(pairs, pl.DataFrame(), Model.bundled()).plot()[:4]
        '<svg'
        """
        if labels is not None:
            return draw_rates(labelled_rates(self.pairs, labels), "chart quality", lang)
        return draw_rates(expected_rates(self.pairs["probability"].to_numpy()), "chart thresholds", lang)


def link(
    paths: Sequence[Path | str],
    model: Model | None = None,
    *,
    min_probability: float = 0.5,
    train: bool = True,
    seed: int = 0,
    columns: Mapping[str, str] = MappingProxyType({}),
    id_column: str = "",
    labels: pl.DataFrame | None = None,
) -> Links:
    """Link the records of one or more tables of persons, across spellings and scripts.

    Parameters
    ----------
    paths : sequence of Path or str
        CSV, XLSX or Parquet files with a header. One file is deduplicated.
    model : Model, optional
        Default: the bundled model.
    min_probability : float
        Least match probability of a returned pair, between 0 and 1.
    train : bool
        Whether to estimate m, u and the prior from these records first, without labels.
    seed : int
        Random seed of the pairs that training samples.
    columns : mapping of str to str
        Roles of columns whose header is not recognised, such as {"nom": "family"}.
    id_column : str
        The column of the record id. Default: row numbers.
    labels : DataFrame, optional
        Judged pairs: `left`, `right` (ids) and `is_match`, at least five of each kind. They fit the probabilities
        after training. `read_answers(file).labels()` are those of `kerege link review`.

    Returns
    -------
    Links

    Raises
    ------
    BadInput
        If a file is unreadable, no column holds a name, there are fewer than two records, or the labels are too few.

    Notes
    -----
    Fellegi and Sunter 1969; expectation-maximisation as in Enamorado, Fifield and Imai 2019; labels by logistic
    calibration (Platt 1999).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> rows = ["id,given,family,birth date", "1,Айгүл,Серікова,1990-03-07", "2,Aigul,Serikova,07.03.1990",
    ...         "3,Dana,Omarova,1985-01-02"]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "people.csv")
    ...     _ = file.write_text("\\n".join(rows), encoding="utf-8")
    ...     links = link([file], train=False)
    >>> links.pairs.select("left", "right").rows(), links.clusters["cluster"].to_list()
    ([('1', '2')], [1, 1, 2])
    """
    ids, frame = gather([Path(path) for path in paths], columns, id_column)
    linked = link_records(
        ids, frame, model or load_bundled_model(), least=min_probability, train=train, seed=seed, labels=labels
    )
    return Links(pairs_frame(linked), clusters_frame(linked, linked.groups()), linked.model)
