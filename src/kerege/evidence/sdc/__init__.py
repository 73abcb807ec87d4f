"""Statistical disclosure control of frequency tables, and disclosure risk assessment of publications.

A count is a number of people. A public name loads its module at its first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.base.errors import BadInput, Refused
    from kerege.evidence.counting.frequency_table import Table
    from kerege.evidence.data.snapshot import Snapshot
    from kerege.evidence.sdc.disclosure.assessment import assess_disclosure, feasible_intervals
    from kerege.evidence.sdc.perturbation.cell_key import cell_key
    from kerege.evidence.sdc.perturbation.ptable import ptable
    from kerege.evidence.sdc.published_tables.publication import Publication
    from kerege.evidence.sdc.reading.options import ReadingOptions
    from kerege.evidence.sdc.several_tables.protected_tables import protect_tables
    from kerege.evidence.sdc.suppression.audit import audit
    from kerege.evidence.sdc.suppression.exact import suppress_exact
    from kerege.evidence.sdc.suppression.protection import protect
    from kerege.evidence.sdc.suppression.recoding import recode
    from kerege.evidence.sdc.suppression.rounding import round_table

_HOMES = {
    "BadInput": "kerege.base.errors",
    "Publication": ".published_tables.publication",
    "ReadingOptions": ".reading.options",
    "Refused": "kerege.base.errors",
    "Snapshot": "kerege.evidence.data.snapshot",
    "Table": "kerege.evidence.counting.frequency_table",
    "assess_disclosure": ".disclosure.assessment",
    "audit": ".suppression.audit",
    "cell_key": ".perturbation.cell_key",
    "feasible_intervals": ".disclosure.assessment",
    "protect": ".suppression.protection",
    "protect_tables": ".several_tables.protected_tables",
    "ptable": ".perturbation.ptable",
    "recode": ".suppression.recoding",
    "round_table": ".suppression.rounding",
    "suppress_exact": ".suppression.exact",
}

__all__ = [
    "BadInput",
    "Publication",
    "ReadingOptions",
    "Refused",
    "Snapshot",
    "Table",
    "assess_disclosure",
    "audit",
    "cell_key",
    "feasible_intervals",
    "protect",
    "protect_tables",
    "ptable",
    "recode",
    "round_table",
    "suppress_exact",
]

if not TYPE_CHECKING:  # a type checker sees the imports above, and no other name

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
