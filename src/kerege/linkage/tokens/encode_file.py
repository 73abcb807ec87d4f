"""Encoding at the agency: turns a table of persons into a token file without names."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.linkage.input import comparison_columns, read_tables, role_assignment
from kerege.linkage.names import FOLD_VERSION
from kerege.linkage.tokens import encoding_log, frequent_names, tokenise
from kerege.linkage.tokens.study_key import Key
from kerege.linkage.tokens.token_file import Header

# least records of a list: an overlap with a shorter list can identify a person
LEAST_RECORDS = 50
# comparison columns of which a record needs at least one to be linked
NAMING = ("given", "family", "documents")


@dataclass(frozen=True)
class Encoded:
    """Token file before it is written, and the agency's own ids in the order of its rows.

    `people` holds one text per record, the same for equal records. It is for the agency's own log and is not sent.
    """

    header: Header
    frame: pl.DataFrame
    ids: list[str]
    people: list[str]


def encode_file(
    path: Path,
    key: Key,
    name: str,
    given: Mapping[str, str],
    id_column: str = "",
    share: float = frequent_names.SHARE,
    encoding: str = "",
    note: read_tables.Note = read_tables.ignore_note,
    known_column: str = "",
) -> Encoded:
    """Turn a table of persons into keyed tokens, in random order and without its ids.

    Parameters
    ----------
    path : Path
        CSV, XLSX or Parquet file of the agency, a row for each record.
    key : Key
        Key of the study (`new_study_key`).
    name : str
        The list of the study that the file is.
    given : mapping of str to str
        Roles of columns whose header is not recognised, such as {"nom": "family"}.
    id_column : str
        The column of the record id. Default: row numbers.
    share : float
        Names borne by more than this share of the records get no token of their own; above 0, at most 0.05.
    encoding : str, default ""
        Encoding of a CSV, such as cp1251; it is recognised by the content otherwise.
    note : function of str, optional
        Receives sentences on a guessed encoding and on rows that cannot be read well. Default: they are dropped.
    known_column : str, default ""
        Column with the codes of a reviewed sample: persons who are known to be on another list too, with the same code
        there. They measure missed links, and no code links two records.

    Returns
    -------
    Encoded
        `header` and `frame` for `write_token_file`; `ids` and `people` for the agency's own log.

    Raises
    ------
    BadInput
        If the table has no names or document numbers, or fewer than 50 records with one; if the list is not in the
        study; if the share is out of range; if there is no such column of codes.

    Notes
    -----
    A token is the first 64 bits of HMAC-SHA256 (RFC 2104, FIPS 180-4) of a folded value. Names with a typing error
    agree by MinHash of their bigrams: Broder 1997, "On the resemblance and containment of documents".

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from kerege.linkage import Terms, new_study_key
    >>> key = new_study_key("2026", Terms(("police", "shelter")))
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "police.csv")
    ...     _ = file.write_text("id,passport\\n" + "".join(f"{n},N{n * 7919 + 1000000}\\n" for n in range(60)))
    ...     encoded = encode_file(file, key, "police", {})
    >>> encoded.header.records, encoded.frame.columns
    (60, ['documents'])
    """
    if name not in key.terms.lists:
        todo = f"give one of {', '.join(key.terms.lists)}, or begin a study with another key"
        raise BadInput(Fault(f"the study {key.study} has no list of the name in --list", todo))
    if not 0 < share <= 0.05:
        raise BadInput(
            Fault("the share of a common name is not a number above 0, at most 0.05", "give for example 0.005")
        )
    table = read_tables.read_table(path, note, encoding)
    roles = role_assignment.assign_roles(table, path.name, given, id_column)
    ids, frame = read_tables.record_ids(table, roles, path.name), comparison_columns.comparison_columns(table, roles)
    is_kept = _has_name(frame, len(table))
    if is_kept.sum() < LEAST_RECORDS:
        problem = (
            f"has {is_kept.sum()} records with a name or a document number, and overlaps of so few disclose individuals"
        )
        raise BadInput(Fault(problem, f"give a list of at least {LEAST_RECORDS}", path.name))
    people = frame.filter(is_kept)
    if known_column:
        frame = frame.with_columns(_read_codes(table, known_column, path.name))
    frame, ids = frame.filter(is_kept), ids.filter(is_kept)
    order = np.random.default_rng(secrets.randbits(128)).permutation(len(frame))
    frame, people = frame[order], people[order]
    token_frame = tokenise.tokens(frame, key.tokens, share)
    header = Header(
        study=key.study,
        key=key.fingerprint,
        terms=key.terms,
        fold=FOLD_VERSION,
        list=name,
        records=len(token_frame),
        left_out=len(table) - len(token_frame),
        dropped=_count_dropped(frame, token_frame),
        made=datetime.now(UTC).date().isoformat(),
    )
    return Encoded(header, token_frame, ids[order].to_list(), encoding_log.people(people))


def _read_codes(table: pl.DataFrame, column: str, name: str) -> pl.Series:
    """Return the codes of the reviewed sample, null where a record has none."""
    if column not in table.columns:
        raise BadInput(Fault(f"has no column {column}", "name the column with the codes of the sample", name))
    codes = table[column].cast(pl.String).str.strip_chars()
    return codes.set(codes == "", None).alias(tokenise.KNOWN)


def _has_name(frame: pl.DataFrame, records: int) -> pl.Series:
    is_present = [pl.col(name).is_not_null() for name in NAMING if name in frame.columns]
    if not is_present:
        return pl.Series([False] * records)
    return frame.select(pl.any_horizontal(is_present)).to_series()


def _count_dropped(frame: pl.DataFrame, token_frame: pl.DataFrame) -> dict[str, int]:
    """Return by name column how many records have a name without a token of its own."""
    return {
        name: int(frame[name].count() - (token_frame[name].count() if name in token_frame.columns else 0))
        for name in frequent_names.NAMES
        if name in frame.columns
    }
