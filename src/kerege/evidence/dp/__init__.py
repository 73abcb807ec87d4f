"""Differentially private tables, and privacy accounting in rho-zCDP.

A privacy loss is the rho of zero-concentrated differential privacy (zCDP). The unit of privacy is one row: neighbouring
data sets differ by one row more or less. The package imports the module of a public name at the first use of the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.base.errors import BadInput
    from kerege.evidence.counting.frequency_table import Table
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.dp.column_domains import public_domains
    from kerege.evidence.dp.consistency import consistent
    from kerege.evidence.dp.gaussian_noise import discrete_gaussian, gaussian_loss, gaussian_scale
    from kerege.evidence.dp.tables import noised_table
    from kerege.evidence.dp.zcdp import compose, epsilon_to_rho, rho_to_epsilon

_HOMES = {
    "BadInput": "kerege.base.errors",
    "Snapshot": "kerege.evidence.data.snapshot",
    "Table": "kerege.evidence.counting.frequency_table",
    "compose": ".zcdp",
    "consistent": ".consistency",
    "discrete_gaussian": ".gaussian_noise",
    "epsilon_to_rho": ".zcdp",
    "gaussian_loss": ".gaussian_noise",
    "gaussian_scale": ".gaussian_noise",
    "noised_table": ".tables",
    "public_domains": ".column_domains",
    "rho_to_epsilon": ".zcdp",
}

__all__ = [
    "BadInput",
    "Snapshot",
    "Table",
    "compose",
    "consistent",
    "discrete_gaussian",
    "epsilon_to_rho",
    "gaussian_loss",
    "gaussian_scale",
    "noised_table",
    "public_domains",
    "rho_to_epsilon",
]

if not TYPE_CHECKING:  # type checkers read the imports above; with `__getattr__` they would accept any name

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
