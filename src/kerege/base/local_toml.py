"""TOML files that an installation adds under KEREGE_HOME: a wrong one is left out, and told, and breaks no page."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kerege.base import files
from kerege.base.errors import BadInput, Fault

Model = TypeVar("Model", bound=BaseModel)
Found = tuple[tuple[Path, int], ...]


def parse(kind: type[Model], text: str, name: str, whole: str) -> Model:
    """Read one; `whole` is what the file is. Raises BadInput with one fault for each thing wrong."""
    try:
        return kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=name)) from problem
    except ValidationError as problem:
        raise BadInput(_fault(dict(error), name, whole) for error in problem.errors()) from problem


def _fault(error: dict[str, Any], name: str, whole: str) -> Fault:
    where = ".".join(map(str, error["loc"])) or whole
    return Fault(f"{where}: {str(error['msg']).removeprefix('Value error, ')}", "correct it", file=name)


def found(folder: str) -> Found:
    """The files of a folder of KEREGE_HOME with when each was changed: what was read of them holds until then."""
    rows = sorted((files.home() / folder).glob("*.toml"))
    return tuple((path, path.stat().st_mtime_ns) for path in rows if path.is_file())


def read(there: Found, parse_one: Callable[[str, str], Model]) -> tuple[dict[str, Model], list[Fault]]:
    """Those that are right by the names of their files, and what is wrong with the others."""
    good: dict[str, Model] = {}
    wrong: list[Fault] = []
    for path, _ in there:
        try:
            good[path.stem] = parse_one(path.read_text(encoding="utf-8"), path.name)
        except BadInput as error:
            wrong += error.faults
        except (OSError, UnicodeDecodeError):
            wrong.append(Fault("cannot be read as UTF-8", "save it as UTF-8, readable by the program", file=path.name))
    return good, wrong
