"""Disclosure risk of a publication, for callers of the library: feasible intervals, and the report of the intruder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED
from kerege.evidence.sdc.constraints.populations import adopted, populations
from kerege.evidence.sdc.constraints.publication import Publication
from kerege.evidence.sdc.disclosure.intruder import THRESHOLD, report
from kerege.evidence.sdc.disclosure.population_attack import Register
from kerege.evidence.sdc.disclosure.report import AttackReport

Keys = tuple[str, ...]
Interval = tuple[int, int]


def feasible_intervals(publication: Publication) -> dict[str, dict[Keys, Interval]]:
    """Find the integers that each suppressed cell can have, given all published tables of a publication together.

    Parameters
    ----------
    publication : Publication
        As an intruder finds it: no true counts are needed.

    Returns
    -------
    dict of str to dict
        By name of the table, then by the codes of the cell: the smallest and the largest feasible count, in people. An
        upper limit without a bound in the publication is a very large number. Tables whose figures contradict one
        another are left out.

    Notes
    -----
    Feasibility intervals: Duncan, Elliot and Salazar 2011, "Statistical Confidentiality", chapter 4.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "sex.csv").write_text("sex,count,status\\n_T,70,ok\\nfemale,62,ok\\nmale,,suppressed\\n")
    ...     feasible_intervals(Publication.read(folder))
    {'sex': {('male',): (8, 8)}}
    """
    found: dict[str, dict[Keys, Interval]] = {}
    for population in populations(adopted([publication])):
        ledger = Register(population, THRESHOLD, frozenset({publication.label})).ledger
        for sheet in population.own:
            hidden = np.flatnonzero(sheet.status.ravel() == SUPPRESSED).tolist()
            places = {flat: ledger.cell(sheet, flat) for flat in hidden}
            told = {sheet.keys(flat): ledger.exact(place) for flat, place in places.items() if place is not None}
            found[sheet.name] = told
    return found


def assess_disclosure(
    publication: Publication, published: Sequence[Publication] = (), threshold: int = THRESHOLD
) -> AttackReport:
    """Report which small groups an intruder finds in a publication, also with what was published before.

    Parameters
    ----------
    publication : Publication
        The tables that can still be changed.
    published : sequence of Publication
        Public already, oldest first.
    threshold : int
        A group is found when it is known to within fewer people and may be below.

    Returns
    -------
    AttackReport
        `safe`: nothing can be learned and every figure was decided; `disclosures`: each with `kind`, `cell`, `lower`,
        `upper`, the published numbers it follows from, and a remedy; `undecided`: figures that took too long.

    Notes
    -----
    The kinds are those of the ESSnet handbook on statistical disclosure control: small counts, intervals, differencing,
    group disclosure.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "sex.csv").write_text("sex,count,status\\n_T,70,ok\\nfemale,62,ok\\nmale,,suppressed\\n")
    ...     found = assess_disclosure(Publication.read(folder))
    >>> found.safe, [(each.kind, each.cell, each.upper) for each in found.disclosures]
    (False, [('interval', {'sex': 'male'}, 8)])
    """
    return report(publication, list(published), threshold)
