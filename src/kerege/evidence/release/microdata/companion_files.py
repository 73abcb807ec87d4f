"""Companion files of synthetic records: a data dictionary and a Python example."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from kerege.base import csv_cells
from kerege.base.multilingual_titles import Title
from kerege.evidence.data.record_frames import SEPARATOR
from kerege.evidence.data.text_frames import remove_guards
from kerege.vocabulary import codes, languages
from kerege.vocabulary import snapshot_columns as standard
from kerege.vocabulary.codes import MARGINS, NOT_REPORTED


def build_dictionary(records: pl.DataFrame, unit: str) -> str:
    """Return the data dictionary as CSV: one row per value of a column, with labels by language.

    records: synthetic records with columns of text. Values are those of the code list in its order, then further values
    of the records.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    titles, labels = ([f"{column}_{lang}" for lang in languages.offered()] for column in ("column", "value"))
    writer.writerow(["column", *titles, "several", "value", *labels])
    for name in records.columns:
        column = _column(unit, name)
        several = "yes" if column is not None and column.multi else "no"
        titles = [column.title(lang) if column else name for lang in languages.offered()]
        for value, words in _values(column, records[name]):
            writer.writerow(map(csv_cells.guarded, [name, *titles, several, value, *words]))
    return out.getvalue()


def _column(unit: str, name: str) -> standard.SnapshotColumn | None:
    try:
        return standard.column(unit, name)
    except LookupError:
        return None


def _values(column: standard.SnapshotColumn | None, records: pl.Series) -> Iterator[tuple[str, list[str]]]:
    parts = column.list.split(":") if column else []
    code_values = list(codes.code_list(parts[0]).codes) if len(parts) == 1 and parts[0] in codes.names() else []
    for value in dict.fromkeys([*code_values, *_occurring(records, several=bool(column and column.multi))]):
        yield value, [_value_label(parts, value, lang) for lang in languages.offered()]
    yield "", [MARGINS[NOT_REPORTED][lang] for lang in languages.offered()]


def _occurring(records: pl.Series, *, several: bool) -> list[str]:
    text = records.cast(pl.String).drop_nulls()
    if several:
        text = text.str.split(SEPARATOR).explode()
    return sorted(str(value) for value in text.unique() if value)


def _value_label(lists: Sequence[str], value: str, lang: str) -> str:
    """Return the label of a value; the value itself if no code list contains it."""
    if not lists:
        return value
    pairs = zip(lists, value.split(":"), strict=False) if len(lists) > 1 else [(lists[0], value)]
    return ", ".join(_label(name, code, lang) for name, code in pairs)


def _label(name: str, code: str, lang: str) -> str:
    try:
        return codes.label(name, code, lang)
    except LookupError:
        return code


EXAMPLE = '''"""{title}: a first look at the synthetic records. Needs Python with polars; runs in a notebook too.

The records are invented: none of them is a person. They were made so that COUNTS of them come near the counts of
real people, so every number below is an estimate. {name}.certificate.json says how near: `guarantee` bounds what the
file reveals of any one person (the smaller epsilon, the less), and `expected` gives the usual error of a count. Do not
rely on a count that is not clearly larger than its error, and do not look for a person: there are none in here. Rare
combinations are too low in the records: {name}.counts.csv has their counts with 95% intervals.
"""

# %%
import json
from pathlib import Path

import polars as pl

here = Path(__file__).parent if "__file__" in globals() else Path()
records = pl.read_csv(here / "{name}.csv", infer_schema=False)
dictionary = pl.read_csv(here / "{name}.dictionary.csv", infer_schema=False)
certificate = json.loads((here / "{name}.certificate.json").read_text(encoding="utf-8"))
promise = certificate["guarantee"]
print(f"{{records.height}} synthetic records, epsilon {{promise['epsilon']:g}} at delta {{promise['delta']:g}}")
for length in certificate["expected"]:
    print(f"counts of {{length['length']}} value(s) together: usually within {{length['error']:.0f}} of the truth")
if not certificate["worth"]:
    print("Caution:", certificate["advice"])
for each in certificate.get("cohorts", []):  # measured one by one: each has errors of its own
    errors = ", ".join(f"{{length['error']:.0f}}" for length in each["expected"])
    by = certificate["request"]["cohorts"]
    print(f"{{by}} {{each['value']}}: {{each['records']}} records, usual errors by length {{errors}}")
for sentence in certificate.get("beside", {{}}).get("words", []):  # what the promise does not cover
    print(sentence)

# %% How many people, by each value of one column? An estimate. `;` separates several values of one record.
column = "{first}"
counts = records.select(pl.col(column).fill_null("").str.split(";")).explode(column).group_by(column).len("estimate")
words = dictionary.filter(pl.col("column") == column).select(value=pl.col("value").fill_null(""), label="value_{label}")
print(counts.join(words, left_on=column, right_on="value", how="left").sort("estimate", descending=True))

# %% The same from the noisy counts. `estimate` has no bias, `low` and `high` are its 95% interval.
if (noisy := here / "{name}.counts.csv").exists():  # records of earlier versions have none beside them
    table = pl.read_csv(noisy, infer_schema=False)
    alone = [pl.col(name).is_null() for name in ("column_2", "column_3") if name in table.columns]
    print(table.filter(pl.col("column_1") == column, *alone))
'''


COUNTS_EXAMPLE = '''"""{title}: a first look at the noisy counts. Needs Python with polars; runs in a notebook too.

There are no records: of so few people they would be mostly noise. Every count is an estimate, with a 95% interval in
`low` and `high`. {name}.certificate.json says what they reveal of any one person (`guarantee`: the smaller epsilon,
the less), and which columns were chosen by noisy counts (`choice`).
"""

# %%
import json
from pathlib import Path

import polars as pl

here = Path(__file__).parent if "__file__" in globals() else Path()
counts = pl.read_csv(here / "{name}.counts.csv", infer_schema=False)
dictionary = pl.read_csv(here / "{name}.dictionary.csv", infer_schema=False)
certificate = json.loads((here / "{name}.certificate.json").read_text(encoding="utf-8"))
promise = certificate["guarantee"]
print(f"{{counts.height}} noisy counts, epsilon {{promise['epsilon']:g}} at delta {{promise['delta']:g}}")
print("Caution:", certificate["advice"])
for sentence in certificate.get("beside", {{}}).get("words", []):  # what the promise does not cover
    print(sentence)

# %% How many people, by each value of one column? `estimate` has no bias.
column = "{first}"
alone = [pl.col(name).is_null() for name in ("column_2", "column_3") if name in counts.columns]
table = counts.filter(pl.col("column_1") == column, *alone).select("value_1", "estimate", "low", "high")
words = dictionary.filter(pl.col("column") == column).select(value_1="value", label="value_{label}")
print(table.join(words, on="value_1", how="left"))
'''


def build_example(name: str, title: Title, column: str, example: str = EXAMPLE) -> str:
    """Return a short program that reads the records or noisy counts and prints a table by one column."""
    plain = " ".join(languages.text_in(title, "en").split()).replace("\\", "/").replace('"', "'")
    label = languages.nearest("en", languages.offered())
    return example.format(title=plain or name, name=name, first=csv_cells.guarded(column), label=label)


def write_companions(folder: Path, name: str, unit: str, title: Title) -> None:
    """Write the dictionary and the example beside the records, or the noisy counts, in `folder`."""
    has_records = (folder / f"{name}.csv").exists()
    values = _read_records(folder / f"{name}.csv") if has_records else _read_values(folder / f"{name}.counts.csv")
    (folder / f"{name}.dictionary.csv").write_text(build_dictionary(values, unit), encoding="utf-8")
    example = build_example(name, title, _example_column(values), EXAMPLE if has_records else COUNTS_EXAMPLE)
    (folder / f"{name}.example.py").write_text(example, encoding="utf-8")


def _read_records(path: Path) -> pl.DataFrame:
    return remove_guards(pl.read_csv(path, infer_schema=False)).rename(csv_cells.plain)


def _read_values(path: Path) -> pl.DataFrame:
    """Return the values of noisy counts by column; the columns are filled up with *not reported*."""
    counts = _read_records(path)
    columns = counts["column_1"].unique(maintain_order=True).to_list()
    values = [counts.filter(column_1=name)["value_1"].unique(maintain_order=True) for name in columns]
    most = max(map(len, values))
    return pl.DataFrame(
        {name: listed.extend_constant(None, most - len(listed)) for name, listed in zip(columns, values, strict=True)}
    )


def _example_column(records: pl.DataFrame) -> str:
    """Return a column for the example table: the first with 3 to 12 values, otherwise the first column."""
    few = (name for name in records.columns if 3 <= records[name].n_unique() <= 12)
    return next(few, records.columns[0])
