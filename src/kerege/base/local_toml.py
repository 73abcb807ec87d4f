"""TOML files that an installation adds under KEREGE_HOME.

An invalid file is skipped and reported; no page fails.
"""

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
    """Return the model of a TOML text. Raise BadInput with one fault for each error.

    `name` is the file name in messages. `whole` names the document where an error has no place of its own.
    """
    try:
        return kind.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=name)) from problem
    except ValidationError as problem:
        raise BadInput(_fault(dict(error), name, whole) for error in problem.errors()) from problem


def _fault(error: dict[str, Any], name: str, whole: str) -> Fault:
    where = ".".join(map(str, error["loc"])) or whole
    return Fault(f"{where}: {str(error['msg']).removeprefix('Value error, ')}", "correct it", file=name)


def list_files(folder: str) -> Found:
    """Return the TOML files of a folder of KEREGE_HOME with their modification times, as a cache key."""
    paths = sorted((files.home() / folder).glob("*.toml"))
    return tuple((path, path.stat().st_mtime_ns) for path in paths if path.is_file())


def read(versions: Found, parse_one: Callable[[str, str], Model]) -> tuple[dict[str, Model], list[Fault]]:
    """Return the valid models by file name without suffix, and the faults of the invalid files.

    `parse_one` takes the text and the file name; `versions` is the result of `found`.
    """
    models: dict[str, Model] = {}
    faults: list[Fault] = []
    for path, _ in versions:
        try:
            models[path.stem] = parse_one(path.read_text(encoding="utf-8"), path.name)
        except BadInput as error:
            faults += error.faults
        except (OSError, UnicodeDecodeError):
            faults.append(Fault("cannot be read as UTF-8", "save it as UTF-8, readable by the program", file=path.name))
    return models, faults
