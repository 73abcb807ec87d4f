"""Hierarchies of codes: `.hrc` files of tau-ARGUS, and TOML files with the children of each code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown

Hierarchies = dict[str, dict[str, str]]  # column -> code -> parent code
LEVEL = "@"
STEP = " › "  # between the codes of a path, such as North › Groningen


def read_hierarchies(argument: str) -> Hierarchies:
    """Return the parents of the codes by column from `FILE` or `COLUMN=FILE`; raises BadInput.

    A `.hrc` file holds one column: that of the argument, or the one with the file's name. A TOML file names its own.
    """
    column, _, name = argument.rpartition("=")
    path = Path(name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(Fault("cannot be read", "give a .hrc or a TOML file in UTF-8", str(path))) from None
    if path.suffix.lower() == ".toml":
        return parse_toml(text, str(path))
    return {column or path.stem: parse_hrc(text, str(path))}


def parse_hrc(text: str, file: str) -> dict[str, str]:
    """Return the parent of each code that has one; raises BadInput.

    Each line is a code, with as many `@` before it as it is deep.
    """
    parents: dict[str, str] = {}
    path: list[str] = []
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        code = line.strip().lstrip(LEVEL).strip()
        depth = len(line.strip()) - len(line.strip().lstrip(LEVEL))
        if not code and not depth:
            continue
        if not code or depth > len(path):
            raise BadInput(Fault("is deeper than the line above allows", "add one @ for each level", file, number))
        if code in seen:
            raise BadInput(Fault(f"names {shown(code)} again", "name each code once", file, number))
        seen.add(code)
        path = [*path[:depth], code]
        if depth:
            parents[code] = path[-2]
    return parents


def parse_toml(text: str, file: str) -> Hierarchies:
    """Return the parents of a TOML text with a table `parent = ["child", ...]` for each column.

    Raises BadInput.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(Fault(f"is not TOML ({error})", "correct it", file)) from None
    return {column: _parents(column, children, file) for column, children in tree.items()}


def _parents(column: str, children: object, file: str) -> dict[str, str]:
    parents: dict[str, str] = {}
    for parent, codes in children.items() if isinstance(children, dict) else [("", None)]:
        if not isinstance(codes, list):
            raise BadInput(
                Fault("holds no lists of codes", 'write PARENT = ["CHILD", ...]', file, column=shown(column))
            )
        for code in map(str, codes):
            if code in parents:
                raise BadInput(Fault(f"names {shown(code)} again", "name each code once", file, column=shown(column)))
            parents[code] = str(parent)
    for code in parents:
        if len(code_path(code, parents)) > len(parents) + 1:
            raise BadInput(Fault(f"{shown(code)} is its own parent", "remove it", file, column=shown(column)))
    return parents


def code_path(code: str, parents: Mapping[str, str]) -> list[str]:
    """Return a code and its parents, the highest first.

    When parents form a circle, the path has more codes than there are parents.
    """
    path = [code]
    while path[0] in parents and len(path) <= len(parents) + 1:
        path.insert(0, parents[path[0]])
    return path


def with_path(code: str, parents: Mapping[str, str]) -> str:
    """Return a code with its parents before it, such as North › Groningen."""
    return STEP.join(code_path(code, parents))


def is_within(code: str, other: str) -> bool:
    """Return whether a code with its path is another one, or one of its descendants."""
    return code == other or code.startswith(other + STEP)
