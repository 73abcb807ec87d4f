"""Fellegi-Sunter model in Splink's JSON format: one file for Kerege, DuckDB and Spark.

The match weight of a pair is log2 of the prior odds plus the sum of its partial match weights. A comparison contributes
log2(m/u) of the level that the pair reaches, plus a term frequency adjustment for the value in agreement. `m` is the
probability of a level among matches, `u` among non-matches.

Sources: Fellegi and Sunter 1969; Enamorado, Fifield and Imai 2019; Linacre et al., Splink, 2022.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from kerege.base import lazy_names
from kerege.base.errors import BadInput, Fault
from kerege.base.files import input_fault
from kerege.charts.svg_chart import SvgChart
from kerege.linkage.input.person_fields import COLUMNS
from kerege.linkage.matching import spark_sql
from kerege.linkage.matching.comparisons import ELSE, BlockingRule, Comparison, Level
from kerege.linkage.matching.sql_terms import parse_condition

if TYPE_CHECKING:
    import polars as pl

# drawing needs Polars and NumPy, scoring a pair needs neither
HOMES = {"draw_model_weights": ".model_charts", "model_records": ".model_charts"}

SHIPPED = "persons-1.json"
NAMESAKES = "namesakes"  # the column of `uninformative_values.add_namesakes`
# Splink's link types that also compare records within one file, as Kerege does
LINK_TYPES = ("dedupe_only", "link_and_dedupe")


@dataclass(frozen=True)
class Model:
    """Linkage model: prior match probability, comparisons, blocking rules and the source JSON."""

    prior: float
    comparisons: tuple[Comparison, ...]
    rules: tuple[BlockingRule, ...]
    document: Mapping[str, Any]

    @classmethod
    def bundled(cls) -> Model:
        """Return the model for persons that comes with Kerege.

        Examples
        --------
        >>> len(Model.bundled().comparisons) > 5
        True
        """
        return load_bundled_model()

    @classmethod
    def load(cls, path: Path | str) -> Model:
        """Read a model from a JSON file that Splink or Kerege saved.

        Parameters
        ----------
        path : Path or str
            JSON file in the format of Splink 4.

        Returns
        -------
        Model
            Prior match probability, comparisons with m and u, and blocking rules.

        Raises
        ------
        BadInput
            If the file is not such a model, is written for Spark, lacks an m or a u, or reads a column that no table
            has.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     file = Path(folder, "model.json")
        ...     _ = file.write_text(json.dumps(Model.bundled().as_dict()))
        ...     Model.load(file).version == Model.bundled().version
        True
        """
        return read(Path(path))

    @property
    def version(self) -> str:
        """Return the name in the document (`linker_uid`)."""
        return str(self.document.get("linker_uid", ""))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return every column that a comparison or a blocking rule reads, sorted."""
        compared = {name for comparison in self.comparisons for name in comparison.columns}
        return tuple(sorted(compared | {name for rule in self.rules for name in rule.columns}))

    def as_dict(self) -> dict[str, Any]:
        """Return the model in Splink's JSON format, with the current m, u and prior.

        Returns
        -------
        dict
            A JSON value; `Model.load` reads it back.

        Examples
        --------
        >>> model = Model.bundled()
        >>> model.as_dict()["probability_two_random_records_match"] == model.prior
        True
        """
        document: dict[str, Any] = json.loads(json.dumps(self.document))
        document["probability_two_random_records_match"] = self.prior
        for stored, comparison in zip(document["comparisons"], self.comparisons, strict=True):
            for row, level in zip(stored["comparison_levels"], comparison.levels, strict=True):
                if not level.is_null:
                    row["m_probability"], row["u_probability"] = level.m, level.u
                if level.tf_column:
                    row["tf_adjustment_weight"] = level.tf_weight
        return document

    def for_spark(self) -> dict[str, Any]:
        """Return the model for Splink's Spark backend: equivalent conditions in Spark SQL.

        Returns
        -------
        dict
            A JSON value for Splink. `Model.load` refuses it: Spark's similarity functions treat missing values
            differently.

        Examples
        --------
        >>> Model.bundled().for_spark()["sql_dialect"]
        'spark'
        """
        document = {**self.as_dict(), "sql_dialect": "spark"}
        for comparison in document["comparisons"]:
            for level in comparison["comparison_levels"]:
                if level["sql_condition"].upper() != ELSE:
                    level["sql_condition"] = spark_sql.condition(level["sql_condition"])
        for rule in document["blocking_rules_to_generate_predictions"]:
            rule["sql_dialect"] = "spark"
        return document

    def only(self, columns: set[str]) -> Model:
        """Return the model for a table with values in these columns only.

        Parameters
        ----------
        columns : set of str
            Comparison columns with values.

        Returns
        -------
        Model
            Without the comparisons and blocking rules that need another column.

        Examples
        --------
        >>> sorted(comparison.name for comparison in Model.bundled().only({"sex"}).comparisons)
        ['sex']
        """
        kept_comparisons = [bool(comparison.subject & columns) for comparison in self.comparisons]
        kept_rules = [set(rule.columns) <= columns for rule in self.rules]
        document = dict(self.document)
        for key, flags in (("comparisons", kept_comparisons), ("blocking_rules_to_generate_predictions", kept_rules)):
            document[key] = [row for row, is_kept in zip(document[key], flags, strict=True) if is_kept]
        return replace(
            self,
            comparisons=tuple(c for c, is_kept in zip(self.comparisons, kept_comparisons, strict=True) if is_kept),
            rules=tuple(r for r, is_kept in zip(self.rules, kept_rules, strict=True) if is_kept),
            document=document,
        )

    def plot(self, lang: str = "en") -> SvgChart:
        """Return the chart of the weights of all levels.

        Parameters
        ----------
        lang : str
            Language of the words: kk, ru or en.

        Returns
        -------
        SvgChart
            A complete SVG file as text; a notebook shows it as an image.

        Raises
        ------
        BadInput
            If there is no such language.

        Examples
        --------
        >>> Model.bundled().only({"sex"}).plot().count("<rect")
        2
        """
        return SvgChart(lazy_names.load(__package__ or "", HOMES, "draw_model_weights")(self, lang))

    def to_frame(self) -> pl.DataFrame:
        """Return a row for each level.

        Returns
        -------
        polars.DataFrame
            Columns comparison, level, m, u, and weight: log2(m / u), in bits.

        Examples
        --------
        >>> Model.bundled().only({"sex"}).to_frame().columns
        ['comparison', 'level', 'm', 'u', 'weight']
        """
        frame: pl.DataFrame = lazy_names.load(__package__ or "", HOMES, "model_records")(self)
        return frame


def prior_weight(prior: float) -> float:
    """Return the log2 of the prior odds.

    Parameters
    ----------
    prior : float
        Prior match probability, between 0 and 1.

    Returns
    -------
    float
        log2(prior / (1 - prior)), in bits.

    Raises
    ------
    ValueError
        If the prior is 0 or below, or above 1.
    ZeroDivisionError
        If the prior is 1.

    Notes
    -----
    Fellegi and Sunter 1969, "A theory for record linkage"; weights in bits as in Splink.

    Examples
    --------
    >>> prior_weight(0.5), round(prior_weight(1e-6), 1)
    (0.0, -19.9)
    """
    return math.log2(prior / (1.0 - prior))


def digest(content: Any) -> str:
    """Return eight hexadecimal digits of the SHA-256 hash of a JSON value."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


@lru_cache
def load_bundled_model() -> Model:
    """Return the bundled model for persons."""
    return of_dict(json.loads((resources.files(__package__) / "models" / SHIPPED).read_text("utf-8")))


def read(path: Path) -> Model:
    """Read a model from a JSON file; raises BadInput for another format, Spark SQL or an unknown column."""
    if fault := input_fault(path):
        raise BadInput(fault)
    try:
        document = json.loads(path.read_text("utf-8"))
        # Spark's similarity functions treat missing values differently: the weights would be wrong
        if document.get("sql_dialect") == "spark":
            todo = "give the one that --save-model writes without --spark"
            raise BadInput(Fault("this model is written for Splink on Spark and cannot be read", todo, path.name))
        model = of_dict(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadInput(
            Fault("this is not a linkage model", "give a model that Splink or Kerege saved", path.name)
        ) from wrong
    adjusted = {level.tf_column for comparison in model.comparisons for level in comparison.levels if level.tf_column}
    if unknown := sorted({*model.columns, *adjusted} - {*COLUMNS, NAMESAKES}):
        todo = f"choose from {', '.join(COLUMNS)}"
        raise BadInput(Fault("the model reads a column that no table has", todo, path.name, column=unknown[0]))
    return model


def of_dict(document: Mapping[str, Any]) -> Model:
    """Return the model of a JSON object that Splink saved; raises BadInput when a level lacks m or u."""
    prior = float(document["probability_two_random_records_match"])
    comparisons = tuple(map(_comparison, document["comparisons"]))
    if not 0 < prior < 1:
        raise BadInput(Fault("the prior of the model is not a probability between 0 and 1", "give for example 1e-6"))
    if (kind := document.get("link_type", LINK_TYPES[0])) not in LINK_TYPES:
        what = f"the model is {kind}, and records of one file are always compared too"
        raise BadInput(Fault(what, f"write link_type {' or '.join(LINK_TYPES)}"))
    rules = tuple(_parse_rule(row) for row in document["blocking_rules_to_generate_predictions"])
    if not rules or not comparisons:
        raise BadInput(Fault("the model compares nothing", "give it comparisons and blocking rules"))
    return Model(
        prior=prior,
        comparisons=comparisons,
        rules=rules,
        document=document,
    )


def _comparison(row: Mapping[str, Any]) -> Comparison:
    name = row["output_column_name"]
    gamma = sum(not level.get("is_null_level", False) for level in row["comparison_levels"])
    levels = []
    for stored in row["comparison_levels"]:
        is_null = stored.get("is_null_level", False)
        gamma -= not is_null
        levels.append(_level(name, stored, -1 if is_null else gamma))
    return Comparison(name, tuple(levels))


def _level(name: str, row: Mapping[str, Any], gamma: int) -> Level:
    m, u = (1.0, 1.0) if gamma < 0 else (_check_share(name, row.get(key)) for key in ("m_probability", "u_probability"))
    return Level(
        gamma=gamma,
        condition=row["sql_condition"],
        label=row.get("label_for_charts", row["sql_condition"]),
        m=m,
        u=u,
        fixed_m=bool(row.get("fix_m_probability", False)),
        fixed_u=bool(row.get("fix_u_probability", False)),
        tf_column=row.get("tf_adjustment_column"),
        tf_weight=float(row.get("tf_adjustment_weight", 1.0)),
        tf_minimum=float(row.get("tf_minimum_u_value", 0.0)),
    )


def _check_share(name: str, value: object) -> float:
    # Splink would default to 0.95 and 0.05 without a warning: equal document numbers would carry almost no evidence
    if not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise BadInput(Fault(f"a level of the comparison {name} has no m or no u", "train it or fix the value by hand"))
    return float(value)


def _parse_rule(row: Mapping[str, Any] | str) -> BlockingRule:
    stored: Mapping[str, Any] = {"blocking_rule": row} if isinstance(row, str) else row
    tree = parse_condition(stored["blocking_rule"])
    names = []
    for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        name = _find_equal_column(part.unnest())
        if name is None:
            raise BadInput(
                Fault("a blocking rule has a condition other than equal columns", "write it as l.x = r.x AND l.y = r.y")
            )
        names.append(name)
    return BlockingRule(tuple(names), tuple(stored.get("arrays_to_explode") or ()))


def _find_equal_column(part: exp.Expr) -> str | None:
    """Return x for `l.x = r.x`, and None for any other condition, such as a function of x."""
    if not isinstance(part, exp.EQ):
        return None
    left, right = part.this, part.expression
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)) or left.name != right.name:
        return None
    return str(left.name) if {left.table, right.table} == {"l", "r"} else None
