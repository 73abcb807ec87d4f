"""Differentially private tables, and accounting in zero-concentrated differential privacy (zCDP).

The public names load their modules when they are first asked for. A loss is rho; the unit of privacy is one row.
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

if not TYPE_CHECKING:  # a type checker sees the imports above, and no other name

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
