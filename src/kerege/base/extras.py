"""Optional dependencies: the modules of each extra, and the extra that each part of Kerege needs.

`guard` installs an import finder that checks every part of Kerege before it is imported. If the extra is missing, the
import raises one sentence that names the extra instead of an error about some library.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

_NAMES = ("anyascii", "rapidfuzz", "sqlglot")
_LINKAGE = (*_NAMES, "numpy", "scipy", "polars", "openpyxl")
_SNAPSHOTS = ("numpy", "polars")
_SDC = ("numpy", "scipy", "polars", "highspy", "openpyxl")
_MSE = ("numpy", "scipy", "numba", "highspy")
_SYNTHESIS = (*_SNAPSHOTS, "pyarrow", "scipy", "numba", "opendp")
_WITNESS = ("cryptography",)
_RELEASE = (*_SDC, "pyarrow", "numba", "opendp", *_WITNESS, "duckdb", "ibis")
MODULES: dict[str, tuple[str, ...]] = {
    "names": _NAMES,
    "linkage": _LINKAGE,
    "tokens": (*_LINKAGE, "pyarrow"),
    "witness": _WITNESS,
    "snapshots": _SNAPSHOTS,
    "sdc": _SDC,
    "mse": _MSE,
    "dp": (*_SDC, "opendp"),
    "synthesis": _SYNTHESIS,
    "release": _RELEASE,
    "server": (
        *_LINKAGE, *_RELEASE, "django", "allauth", "django_cotton", "csp", "django_htmx", "ninja",
        "django_tasks", "django_tasks_db", "dj_database_url", "argon2", "granian", "whitenoise", "structlog", "psycopg",
        "pysdmx", "typst", "docx", "filetype", "PIL", "pypdf", "babel", "certifi",
    ),
}  # fmt: skip
# A module needs the extra of its package. Any one of several extras is enough; the message names the first.
PARTS: dict[str, tuple[str, ...]] = {
    "kerege.base.countersignatures": ("witness",),
    "kerege.base.ed25519": ("witness",),
    "kerege.base.ciphers": ("witness",),
    "kerege.base.key_cipher": ("witness",),
    "kerege.base.signing": ("witness",),
    "kerege.vocabulary.pack.signature": ("witness",),
    "kerege.vocabulary.pack.store": ("witness",),
    "kerege.linkage.names": ("names",),
    "kerege.linkage.input.comparison_columns": ("linkage",),
    "kerege.linkage.input.read_tables": ("linkage",),
    "kerege.linkage.input.role_assignment": ("linkage",),
    "kerege.linkage.input.workbooks": ("linkage",),
    "kerege.linkage.matching": ("names",),
    "kerege.linkage.matching.batch_scorer": ("linkage",),
    "kerege.linkage.matching.blocking": ("linkage",),
    "kerege.linkage.matching.calibrate": ("linkage",),
    "kerege.linkage.matching.clusters": ("linkage",),
    "kerege.linkage.matching.column_store": ("linkage",),
    "kerege.linkage.matching.comparison_sql": ("linkage",),
    "kerege.linkage.matching.dependence": ("linkage",),
    "kerege.linkage.matching.explanation_page": ("linkage",),
    "kerege.linkage.matching.link_files": ("linkage",),
    "kerege.linkage.matching.linked_lists": ("linkage",),
    "kerege.linkage.matching.links": ("linkage",),
    "kerege.linkage.matching.model_charts": ("linkage",),
    "kerege.linkage.matching.train": ("linkage",),
    "kerege.linkage.matching.uninformative_values": ("linkage",),
    "kerege.linkage.register_guards": ("names",),
    "kerege.linkage.register_matching": ("names",),
    "kerege.linkage.review": ("linkage",),
    "kerege.linkage.tokens": ("tokens",),
    "kerege.evidence.data.content_hash": ("snapshots",),
    "kerege.evidence.data.person_numbers": ("snapshots",),
    "kerege.evidence.data.record_frames": ("snapshots",),
    "kerege.evidence.data.snapshot": ("snapshots",),
    "kerege.evidence.data.text_frames": ("snapshots",),
    "kerege.evidence.counting": ("snapshots",),
    "kerege.evidence.counting.address_layout": ("synthesis",),
    "kerege.evidence.counting.array_engine": ("synthesis",),
    "kerege.evidence.counting.bitmaps": ("synthesis",),
    "kerege.evidence.counting.counters": ("synthesis",),
    "kerege.evidence.counting.encoder": ("synthesis",),
    "kerege.evidence.counting.ibis_engine": ("release",),
    "kerege.evidence.counting.kernels": ("synthesis",),
    "kerege.evidence.counting.sources": ("synthesis",),
    "kerege.evidence.counting.text_kernels": ("synthesis",),
    "kerege.evidence.numerics.jit": ("mse", "synthesis"),
    "kerege.evidence.numerics.quiet_solver": ("sdc", "mse"),
    "kerege.evidence.sdc": ("sdc",),
    "kerege.evidence.mse": ("mse",),
    "kerege.evidence.mse.by_stratum": ("snapshots",),
    "kerege.evidence.mse.covariates": ("snapshots",),
    "kerege.evidence.mse.detections": ("snapshots",),
    "kerege.evidence.mse.panels.frames": ("snapshots",),
    "kerege.evidence.dp.consistency": ("dp",),
    "kerege.evidence.dp.gaussian_noise": ("dp", "synthesis"),
    "kerege.evidence.dp.column_domains": ("dp",),
    "kerege.evidence.dp.tables": ("dp",),
    "kerege.evidence.synthesis": ("synthesis",),
    "kerege.evidence.release.build": ("release",),
    "kerege.evidence.release.build_tables": ("release",),
    "kerege.evidence.release.dp_tables": ("dp",),
    "kerege.evidence.release.manifest": ("release",),
    "kerege.evidence.release.microdata": ("release",),
    "kerege.evidence.release.prevalence": ("release",),
    "kerege.evidence.release.public_releases": ("release",),
    "kerege.evidence.release.release_folder": ("release",),
    "kerege.evidence.release.unit_ties": ("release",),
    "kerege.casework": ("server",),
    "kerege.config": ("server",),
    "kerege.coordination": ("server",),
    "kerege.core": ("server",),
    "kerege.demo": ("server",),
    "kerege.publishing": ("server",),
    "kerege.web": ("server",),
}


class MissingExtra(ImportError):
    """Import error of a command or module whose extra is not installed.

    The message says how to install it.
    """

    def __init__(self, name: str, extra: str) -> None:
        super().__init__(f'{name} needs the extra "{extra}": pip install "kerege[{extra}]"')
        self.extra = extra


def need(name: str, extras: Sequence[str]) -> None:
    """Raise MissingExtra unless all modules of one of these extras are installed; loads none of them."""
    if extras and not any(map(_is_complete, extras)):
        raise MissingExtra(name, extras[0])


@cache
def _is_complete(extra: str) -> bool:
    return all(map(_is_installed, MODULES[extra]))


def _is_installed(module: str) -> bool:
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


class _ExtraFinder(MetaPathFinder):
    """Import finder that finds no module: it raises MissingExtra before a part of Kerege is searched for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        need(fullname, PARTS.get(fullname, ()))
        return None


def guard() -> None:
    """Install the import check for the parts of Kerege; further calls change nothing."""
    if not any(isinstance(finder, _ExtraFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _ExtraFinder())
