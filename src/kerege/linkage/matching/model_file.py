"""A Fellegi-Sunter model in the JSON format of Splink, so that one file runs here, in DuckDB and on a Spark cluster.

The weight of a pair is log2 of the prior odds plus, for each comparison, log2(m/u) of the level that the pair reaches,
plus the adjustment for how common the agreeing value is (Fellegi and Sunter 1969; Enamorado, Fifield and Imai 2019;
Linacre et al., Splink, 2022). `m` is the share of true matches that reach a level, `u` of two different persons.
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

from kerege.base.errors import BadInput, Fault
from kerege.base.files import input_fault
from kerege.linkage.input.person_fields import COLUMNS
from kerege.linkage.matching import spark_sql
from kerege.linkage.matching.sql_terms import parsed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ELSE = "ELSE"
SHIPPED = "persons-1.json"
NAMESAKES = "namesakes"  # the column of `uninformative_values.with_namesakes`
# of Splink's, those that compare every two records, also of one file
LINK_TYPES = ("dedupe_only", "link_and_dedupe")


@dataclass(frozen=True)
class Level:
    """One level of a comparison. `gamma` counts down to 0 (everything else); -1 says nothing is known."""

    gamma: int
    condition: str
    label: str
    m: float
    u: float
    fixed_m: bool = False
    fixed_u: bool = False
    tf_column: str | None = None
    tf_weight: float = 1.0
    tf_minimum: float = 0.0

    @property
    def is_null(self) -> bool:
        """Whether the level says that nothing is known."""
        return self.gamma < 0

    @property
    def weight(self) -> float:
        """log2(m/u); 0 for a null level."""
        return 0.0 if self.is_null else math.log2(self.m / self.u)


@dataclass(frozen=True)
class Comparison:
    """The levels of one comparison, in the order in which they are tried."""

    name: str
    levels: tuple[Level, ...]

    def level(self, gamma: int) -> Level:
        """The level with this number."""
        return next(level for level in self.levels if level.gamma == gamma)

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that its conditions read."""
        return frozenset(name for level in self.levels for name in columns_of(level.condition))

    @property
    def subject(self) -> frozenset[str]:
        """The columns without which it has nothing to say: those that its null level asks for."""
        null = [columns_of(level.condition) for level in self.levels if level.is_null]
        return null[0] if null else self.columns

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """(levels + 1, 2) by number of the level, the null one last: log2(m/u), and log2 of the u of equality."""
        import numpy as np  # a pair alone is weighed without

        table = np.zeros((len(self.levels) + 1, 2))
        for level in self.levels:
            table[level.gamma] = self.bits(level)
        return table

    def bits(self, level: Level) -> tuple[float, float]:
        """log2(m/u) of a level, and log2 of the u of equality where the level weighs how common a value is."""
        base = self.exact_u(level.tf_column) if level.tf_column else None
        return level.weight, level.tf_weight * math.log2(base) if base else 0.0

    def exact_u(self, column: str) -> float | None:
        """The u of the level 'the column is equal', against which a frequency is weighed."""
        return next(
            (level.u for level in self.levels if level.condition.replace('"', "") == f"{column}_l = {column}_r"), None
        )


@dataclass(frozen=True)
class Rule:
    """A blocking rule: pairs that agree in every one of `columns` are compared; `exploded` columns are lists."""

    columns: tuple[str, ...]
    exploded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """Comparisons, prior and blocking rules; `document` is the JSON that it came from."""

    prior: float
    comparisons: tuple[Comparison, ...]
    rules: tuple[Rule, ...]
    document: Mapping[str, Any]

    @classmethod
    def bundled(cls) -> Model:
        """Return the model for persons that comes with Kerege.

        Examples
        --------
        >>> len(Model.bundled().comparisons) > 5
        True
        """
        return shipped()

    @classmethod
    def load(cls, path: Path | str) -> Model:
        """Read a model from a JSON file that Splink or Kerege saved; raises BadInput for what is no such model."""
        return read(Path(path))

    @property
    def version(self) -> str:
        """The name that the model gives itself."""
        return str(self.document.get("linker_uid", ""))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Every column that comparisons or rules read."""
        compared = {name for comparison in self.comparisons for name in comparison.columns}
        return tuple(sorted(compared | {name for rule in self.rules for name in rule.columns}))

    def as_dict(self) -> dict[str, Any]:
        """The model as Splink reads it, with its present m, u and prior."""
        document: dict[str, Any] = json.loads(json.dumps(self.document))
        document["probability_two_random_records_match"] = self.prior
        for stored, comparison in zip(document["comparisons"], self.comparisons, strict=True):
            for row, level in zip(stored["comparison_levels"], comparison.levels, strict=True):
                if not level.is_null:
                    row["m_probability"], row["u_probability"] = level.m, level.u
        return document

    def for_spark(self) -> dict[str, Any]:
        """The model for Splink's Spark backend: the same conditions in Spark's SQL."""
        document = {**self.as_dict(), "sql_dialect": "spark"}
        for comparison in document["comparisons"]:
            for level in comparison["comparison_levels"]:
                if level["sql_condition"].upper() != ELSE:
                    level["sql_condition"] = spark_sql.condition(level["sql_condition"])
        for rule in document["blocking_rules_to_generate_predictions"]:
            rule["sql_dialect"] = "spark"
        return document

    def only(self, columns: set[str]) -> Model:
        """The model for a table in which only these columns hold values: what cannot say anything is left out."""
        kept = [bool(comparison.subject & columns) for comparison in self.comparisons]
        rules = [set(rule.columns) <= columns for rule in self.rules]
        document = dict(self.document)
        for key, keep in (("comparisons", kept), ("blocking_rules_to_generate_predictions", rules)):
            document[key] = [row for row, wanted in zip(document[key], keep, strict=True) if wanted]
        return replace(
            self,
            comparisons=tuple(c for c, wanted in zip(self.comparisons, kept, strict=True) if wanted),
            rules=tuple(r for r, wanted in zip(self.rules, rules, strict=True) if wanted),
            document=document,
        )


def prior_weight(prior: float) -> float:
    """The weight of prior odds, in bits."""
    return math.log2(prior / (1.0 - prior))


def digest(content: Any) -> str:
    """Eight signs that change with a JSON value."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


@lru_cache
def shipped() -> Model:
    """The model for persons that comes with Kerege."""
    return of_dict(json.loads((resources.files(__package__) / "models" / SHIPPED).read_text("utf-8")))


def read(path: Path) -> Model:
    """A model from a JSON file. Raises BadInput for what is no such model, or asks for columns that there are not."""
    if fault := input_fault(path):
        raise BadInput(fault)
    try:
        document = json.loads(path.read_text("utf-8"))
        # in Spark's SQL the same measures say something else of what is not known
        if document.get("sql_dialect") == "spark":
            todo = "give the one that --save-model writes without --spark"
            raise BadInput(Fault("this model is written for Splink on Spark, and is not read back", todo, path.name))
        found = of_dict(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadInput(
            Fault("this is no linkage model", "give a model that Splink or Kerege saved", path.name)
        ) from wrong
    weighed = {level.tf_column for each in found.comparisons for level in each.levels if level.tf_column}
    if unknown := sorted({*found.columns, *weighed} - {*COLUMNS, NAMESAKES}):
        todo = f"choose from {', '.join(COLUMNS)}"
        raise BadInput(Fault("the model reads a column that no table has", todo, path.name, column=unknown[0]))
    return found


def of_dict(document: Mapping[str, Any]) -> Model:
    """A model from the JSON object that Splink saves. Raises BadInput when a level has no m or u."""
    prior = float(document["probability_two_random_records_match"])
    comparisons = tuple(map(_comparison, document["comparisons"]))
    if not 0 < prior < 1:
        raise BadInput(Fault("the prior of the model is no probability between 0 and 1", "give for example 1e-6"))
    if (kind := document.get("link_type", LINK_TYPES[0])) not in LINK_TYPES:
        what = f"the model is {kind}, and records of one file are always compared too"
        raise BadInput(Fault(what, f"write link_type {' or '.join(LINK_TYPES)}"))
    rules = tuple(_rule(row) for row in document["blocking_rules_to_generate_predictions"])
    if not rules or not comparisons:
        raise BadInput(Fault("the model compares nothing", "give it comparisons and blocking rules"))
    return Model(
        prior=prior,
        comparisons=comparisons,
        rules=rules,
        document=document,
    )


@lru_cache(maxsize=1024)
def columns_of(condition: str) -> frozenset[str]:
    """The columns that a condition reads, without _l and _r."""
    if condition.upper() == ELSE:
        return frozenset()
    return frozenset(column.name[:-2] for column in parsed(condition).find_all(exp.Column))


def _comparison(row: Mapping[str, Any]) -> Comparison:
    name = row["output_column_name"]
    gamma = sum(not level.get("is_null_level", False) for level in row["comparison_levels"])
    levels = []
    for stored in row["comparison_levels"]:
        null = stored.get("is_null_level", False)
        gamma -= not null
        levels.append(_level(name, stored, -1 if null else gamma))
    return Comparison(name, tuple(levels))


def _level(name: str, row: Mapping[str, Any], gamma: int) -> Level:
    m, u = (1.0, 1.0) if gamma < 0 else (_share(name, row.get(key)) for key in ("m_probability", "u_probability"))
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


def _share(name: str, value: object) -> float:
    # Splink would quietly put 0.95 and 0.05 here: identical documents would then say next to nothing
    if not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise BadInput(Fault(f"a level of the comparison {name} has no m or no u", "train it or fix the value by hand"))
    return float(value)


def _rule(row: Mapping[str, Any] | str) -> Rule:
    stored: Mapping[str, Any] = {"blocking_rule": row} if isinstance(row, str) else row
    tree = parsed(stored["blocking_rule"])
    names = []
    for part in tree.flatten() if isinstance(tree, exp.And) else [tree]:
        name = _equal_column(part.unnest())
        if name is None:
            raise BadInput(Fault("a blocking rule is more than equal columns", "write it as l.x = r.x AND l.y = r.y"))
        names.append(name)
    return Rule(tuple(names), tuple(stored.get("arrays_to_explode") or ()))


def _equal_column(part: exp.Expr) -> str | None:
    """x of `l.x = r.x`; of anything done to x, such as SUBSTR(l.x, 1, 2), nothing."""
    if not isinstance(part, exp.EQ):
        return None
    one, two = part.this, part.expression
    if not (isinstance(one, exp.Column) and isinstance(two, exp.Column)) or one.name != two.name:
        return None
    return str(one.name) if {one.table, two.table} == {"l", "r"} else None
