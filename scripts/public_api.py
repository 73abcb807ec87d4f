"""Write the public names of each part, with their signatures, from the code.

    .venv/bin/python scripts/public_api.py
A test fails when a file does not say what the code says. A public name is deprecated two minor versions before it goes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

PARTS = {
    "vocabulary": "kerege.vocabulary",
    "mse": "kerege.evidence.mse",
    "sdc": "kerege.evidence.sdc",
    "dp": "kerege.evidence.dp",
    "synthesis": "kerege.evidence.synthesis",
    "linkage": "kerege.linkage",
}
FOLDER = Path(__file__).parent.parent / "docs" / "reference" / "api"
PLAIN = (str, bytes, int, float, type(None))


class _Written(str):
    """An annotation that prints as written in the code, without quotation marks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def signature(function: Callable[..., Any]) -> str:
    """Return the signature of a function; a default that is not a plain value becomes `...`."""
    try:
        parameters = inspect.signature(function)
    except ValueError:  # an exception class without a signature of its own
        return "(*arguments)"
    arguments = [
        parameter.replace(annotation=_annotation(parameter.annotation), default=_default(parameter.default))
        for parameter in parameters.parameters.values()
    ]
    return str(parameters.replace(parameters=arguments, return_annotation=_annotation(parameters.return_annotation)))


def _annotation(annotation: Any) -> Any:
    return _Written(annotation) if isinstance(annotation, str) else annotation


def _default(default: Any) -> Any:
    if default is inspect.Parameter.empty or isinstance(default, PLAIN) or default in ((), frozenset()):
        return default
    return _Written("...")


def lines(name: str, value: Any) -> Iterator[str]:
    """Yield a line for a name; for a class also a line for each of its public methods and properties."""
    if not inspect.isclass(value):
        yield f"{name}{signature(value)}" if callable(value) else f"{name}: {type(value).__name__}"
        return
    yield f"class {name}{signature(value)}"
    for member, attribute in sorted(members(value).items()):
        if member.startswith("_"):
            continue
        if isinstance(attribute, classmethod | staticmethod):
            yield f"{name}.{member}{signature(getattr(value, member))}"
        elif isinstance(attribute, property | cached_property):
            yield f"{name}.{member}"
        elif inspect.isfunction(attribute):
            yield f"{name}.{member}{signature(attribute)}"


def members(value: type) -> dict[str, Any]:
    """Return the members of a class, with those that it inherits from classes of Kerege."""
    own = [base for base in reversed(value.__mro__) if base.__module__.startswith("kerege.")]
    return {name: member for base in own for name, member in vars(base).items()}


def pages() -> dict[str, str]:
    """Return the text of each file by its name."""
    texts = {}
    for part, package in PARTS.items():
        module = import_module(package)
        written = [line for name in module.__all__ for line in lines(name, getattr(module, name))]
        texts[f"{part}.txt"] = "\n".join(written) + "\n"
    return texts


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
