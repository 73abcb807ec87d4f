"""Lazy loading of the public names of a package."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any


def load(package: str, homes: Mapping[str, str], name: str, renamed: Mapping[str, str] = MappingProxyType({})) -> Any:
    """Return a public name of a package from the module that defines it.

    `homes` maps each public name to its module, written with dots: ".lists" is a module of the package. A package calls
    this from its `__getattr__`, so that importing the package imports no solver and no compiler. A public name must not
    be the name of a module or a package directly inside `package`: Python would return that module instead.
    `renamed` maps each deprecated name to its present one; its use warns.

    Raises AttributeError for a name that is not public.
    """
    if name in renamed:
        warnings.warn(f"{package}.{name} is now {package}.{renamed[name]}", DeprecationWarning, stacklevel=3)
        name = renamed[name]
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(import_module(homes[name], package), name)
