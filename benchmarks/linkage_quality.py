"""Linkage quality: pairs and groups of records against the truth, and false merges by kind of person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
KINDS = ("twin", "sibling", "spouse")


@dataclass(frozen=True)
class Rates:
    """Precision, recall and their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Groups:
    """Figures of groups of records.

    They are pairs inside the groups, the largest group, and persons grouped with another person.
    """

    rates: Rates
    largest: int
    merged: float  # persons of 10,000 who share a group with another
    by_sex: dict[str, float]
    by_language: dict[str, float]
    kin: dict[str, tuple[int, int]]  # kind: pairs of relatives in one group, of all pairs of relatives
    others: int  # pairs of persons in one group who are not relatives


def _pairs(sizes: Numbers) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def truth_of(path: Path) -> pl.DataFrame:
    """The truth of a population, or of any table with `id` and `person`."""
    return pl.read_csv(path, schema_overrides={"id": pl.String, "notes": pl.String})


def pair_rates(pairs: Path, truth: pl.DataFrame, least: float = 0.5) -> tuple[Rates, Rates]:
    """At a least probability, and at the threshold above it that is best."""
    known = truth.select("id", "person")
    links = pl.read_csv(pairs, schema_overrides={"left": pl.String, "right": pl.String})
    links = links.filter(pl.col("probability") >= least)
    links = links.join(known, left_on="left", right_on="id").join(known, left_on="right", right_on="id", suffix="_2")
    right = (links["person"] == links["person_2"]).to_numpy()
    every = _pairs(truth.group_by("person").len()["len"].cast(pl.Int64).to_numpy())
    if not len(right):
        return Rates(0.0, 0.0), Rates(0.0, 0.0)
    order = np.argsort(-links["probability"].to_numpy(), kind="stable")
    hits = np.cumsum(right[order])
    count = np.arange(1, len(order) + 1)
    best = int(np.argmax(2 * hits / (count + every)))
    return Rates(hits[-1] / count[-1], hits[-1] / every), Rates(hits[best] / count[best], hits[best] / every)


def group_rates(clusters: Path, truth: pl.DataFrame) -> Groups:
    """Figures of groups.

    Records with a borrowed identity count in precision and recall, not in merged persons.
    """
    joined = truth.join(pl.read_csv(clusters, schema_overrides={"id": pl.String, "cluster": pl.String}), on="id")
    inside = _pairs(joined.group_by("cluster").len()["len"].cast(pl.Int64).to_numpy())
    both = _pairs(joined.group_by("cluster", "person").len()["len"].cast(pl.Int64).to_numpy())
    every = _pairs(joined.group_by("person").len()["len"].cast(pl.Int64).to_numpy())
    rates = Rates(both / inside if inside else 1.0, both / every if every else 1.0)
    largest = int(joined.group_by("cluster").len()["len"].max() or 0)  # type: ignore[call-overload]
    if "family" not in joined.columns:
        return Groups(rates, largest, _merged_of_10_000(joined), {}, {}, {}, 0)
    honest = joined.filter(~pl.col("notes").fill_null("").str.contains("borrowed"))
    members = honest.select("cluster", "person", "family", "relation", "sex", "language").unique()
    mixed = members.filter(pl.len().over("cluster") > 1)
    persons = honest.unique("person")
    merged = persons.with_columns(merged=pl.col("person").is_in(mixed["person"].implode()))
    kin, others = _kin(mixed, persons)
    return Groups(
        rates,
        largest,
        float(merged["merged"].mean() or 0) * 10_000,
        _shares(merged, "sex"),  # type: ignore[arg-type]
        _shares(merged, "language"),
        kin,
        others,
    )


def _merged_of_10_000(joined: pl.DataFrame) -> float:
    """Persons of 10,000 who share a group with another."""
    mixed = joined.filter(pl.col("person").n_unique().over("cluster") > 1)
    return mixed["person"].n_unique() / joined["person"].n_unique() * 10_000


def _shares(merged: pl.DataFrame, column: str) -> dict[str, float]:
    """Merged persons of 10,000, by the values of a column."""
    table = merged.group_by(column).agg(pl.col("merged").mean() * 10_000).sort(column)
    return dict(table.iter_rows())


def _couples(table: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Two persons of one group each."""
    return table.join(table, on=by, suffix="_2").filter(pl.col("person") < pl.col("person_2"))


def _kin(mixed: pl.DataFrame, persons: pl.DataFrame) -> tuple[dict[str, tuple[int, int]], int]:
    """Return how many relatives of each kind were merged, of how many; and the merged pairs of others."""
    small = mixed.filter(pl.len().over("cluster") <= 500)  # a group of thousands has millions of couples
    together = _couples(small, ["cluster"]).unique(["person", "person_2"])
    related = together.filter(pl.col("family") == pl.col("family_2"))
    relatives = _couples(persons.filter(pl.col("relation") != "single"), ["family"])
    kin = {
        kind: (related.filter(pl.col("relation") == kind).height, relatives.filter(pl.col("relation") == kind).height)
        for kind in KINDS
    }
    return kin, together.height - related.height
