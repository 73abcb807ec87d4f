"""Draft of a schema file from the column names of a file; no row is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.data.record_frames import read_column_names
from kerege.evidence.synthesis.measurement.public_schema import CTDC_LIST
from kerege.vocabulary import codes, ctdc_files

HEAD = """\
# Schema of {file}, drafted from its column names alone: no row was read, so nothing here was learnt from people.
# Check each column. Write `values = ["A", "B"]` where the possible values are public, for example in a codebook.
# `open = true` finds the values that many people have: this takes half of delta, and rare values are lost.
# Write `bins = [0, 18, 60]` for a column of numbers, and `date = "month"` for one of dates.
# A column with `leave_out = true` is not in the records: nobody needs the names and numbers of people there.
"""
IDENTIFYING = "leave_out = true  # its name is that of an identifier"


def draft_for_file(
    path: Path, multi: Collection[str] = (), encoding: str = "", identifies: Callable[[str], bool] = lambda name: False
) -> str:
    """Return the draft for a CSV or Parquet file. Raises BadInput for a bad header and columns not in it.

    `identifies` says by a name whether the column identifies people or records; it is then left out.
    """
    names = read_column_names(path, encoding)
    if unknown := [name for name in multi if name not in names]:
        todo = "name one of the header"
        raise BadInput([Fault("there is no such column", todo, str(path), column=shown(name)) for name in unknown])
    return draft_schema(path.name, names, multi, [name for name in names if identifies(name)])


def draft_schema(
    file: str, names: Sequence[str], multi: Collection[str] = (), identifying: Collection[str] = ()
) -> str:
    """Return the text of a schema file for the columns of a file.

    Parameters
    ----------
    file : str
        Name of the file, for the heading.
    names : sequence of str
        Its column names.
    multi : collection of str
        Columns in which a record can have several values.
    identifying : collection of str
        Columns that identify people or records, such as a case reference: they are left out.

    Returns
    -------
    str
        TOML. CTDC's variables get their public lists if the file is named as CTDC's files are. A column that bears the
        name of a code list gets a remark: its codes can be others.

    Examples
    --------
    >>> print(draft_schema("people.csv", ["sex"]).splitlines()[-1])
    open = true  # or list = "sex", if its codes are those of this list
    """
    is_ctdc = ctdc_files.is_like(names)
    several = {*multi, *(ctdc_files.several(names) if is_ctdc else [])}
    parts = [HEAD.format(file=file)]
    for name in names:
        values = IDENTIFYING if name in identifying else _draft_values(name, is_ctdc)
        lines = [f"[columns.{json.dumps(name, ensure_ascii=False)}]", values]
        is_several = name in several and name not in identifying
        parts.append("\n".join([*lines, *(["multi = true"] if is_several else []), ""]))
    return "\n".join(parts)


def _draft_values(name: str, is_ctdc: bool) -> str:
    if is_ctdc and ctdc_files.values(name):
        return f'list = "{CTDC_LIST}{name}"'
    if name in codes.names():
        return f'open = true  # or list = "{name}", if its codes are those of this list'
    return "open = true"
