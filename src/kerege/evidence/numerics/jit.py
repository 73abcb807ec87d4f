"""Compilation of numerical loops with Numba."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba as nb
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
ODD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: as a multiplier it spreads neighbouring keys
# Numba counts the references to each array that a function receives, slices or takes from a tuple. The counts are
# atomic operations and are needed only where an array is made or returned. The option has no public name.
UNCOUNTED = {"_nrt": False} if hasattr(nb.core.options.DefaultOptions, "_nrt") else {}
NJIT = cast(Callable[..., Callable[[object], object]], nb.njit)  # its type knows the public options only

USES_NUMBA = re.compile(r"^(?:import numba|from [\w.]+\.jit import) ?", re.M)
IMPORT = re.compile(r"^from ([\w.]+) import ?([\w, ]*)", re.M)


def compiled_sources(sources: Path) -> list[Path]:
    """Return the files of a package that compile functions, and its files that these import.

    Machine code depends on no other file: it holds the constants and classes that its file defines or imports.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in sources.rglob("*.py")}
    modules = {".".join((sources.name, *path.relative_to(sources).with_suffix("").parts)): path for path in texts}
    reached: set[Path] = set()
    added = {path for path, text in texts.items() if USES_NUMBA.search(text)}
    while added:
        reached |= added
        names = {name for path in added for name in _imported_names(texts[path])}
        imported = {path for module, path in modules.items() if any(name.endswith(module) for name in names)}
        added = imported - reached
    return sorted(reached)


def _imported_names(text: str) -> set[str]:
    """Return the modules from which a file imports, and the names in them, which can be modules too."""
    imports = IMPORT.findall(text)
    names = {f"{module}.{name.strip()}" for module, listed in imports for name in listed.split(",")}
    return names | {module for module, _ in imports}


def cache_folder(sources: Path) -> Path:
    """Return the cache folder of the machine code for these versions of the sources below a folder.

    Numba itself checks only the file of a function. Its cache also holds classes of other files by their names, so
    that a class renamed by an upgrade would raise AttributeError.
    """
    digest = hashlib.sha256()
    for path in compiled_sources(sources):
        digest.update(f"{path.relative_to(sources)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return sources / "__pycache__" / "numba" / digest.hexdigest()[:16]


CONFIG: Any = nb.config
if not CONFIG.CACHE_DIR:  # set by the environment variable NUMBA_CACHE_DIR
    CONFIG.CACHE_DIR = str(cache_folder(Path(__file__).parents[1]))


def compiled(function: F) -> F:
    """Compile a function; cache the machine code for the next process if a cache folder is writable."""
    return _compile(function, {})


def uncounted(function: F) -> F:
    """Compile a function as `compiled` does, without counts of references to arrays.

    The function must not make or return an array; Numba refuses one that makes an array.
    """
    return _compile(function, UNCOUNTED)


def _compile(function: F, options: dict[str, bool]) -> F:
    try:
        return cast(F, NJIT(nogil=True, cache=True, **options)(function))
    except RuntimeError:  # no writable cache folder
        return cast(F, NJIT(nogil=True, **options)(function))


def inlined(function: F) -> F:
    """Compile a function into its callers, which must be in the same file, without counts of references.

    The cached code of a caller in another file would not change with this function. It must not make or return an
    array.
    """
    return cast(F, NJIT(nogil=True, forceinline=True, **UNCOUNTED)(function))


def merged(function: F) -> F:
    """Insert a function into its callers in the same file before Numba infers their types.

    LLVM compiles an `inlined` function alone too, together with all functions that it calls. A merged function is
    compiled only with its callers, which shortens the first call of a long chain of functions.
    """
    return cast(F, NJIT(nogil=True, inline="always")(function))
