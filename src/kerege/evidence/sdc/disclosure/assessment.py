"""Disclosure risk assessment for callers of the library: feasible intervals and the report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED
from kerege.evidence.sdc.constraints.ties import tied_tables
from kerege.evidence.sdc.disclosure.intruder import THRESHOLD, report
from kerege.evidence.sdc.disclosure.population_attack import PopulationAssessment
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.evidence.sdc.populations.populations import assign_unstated, find_populations
from kerege.evidence.sdc.published_tables.publication import Publication

Keys = tuple[str, ...]
Interval = tuple[int, int]


def feasible_intervals(publication: Publication) -> dict[str, dict[Keys, Interval]]:
    """Find the feasible integers of each suppressed cell, given all published tables together.

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
    intervals: dict[str, dict[Keys, Interval]] = {}
    populations = find_populations(assign_unstated([publication]))
    for population in populations:
        tied = tied_tables(population, populations)
        bounds = PopulationAssessment(population, THRESHOLD, frozenset({publication.label}), tied).ledger
        for sheet in population.own:
            suppressed = np.flatnonzero(sheet.status.ravel() == SUPPRESSED).tolist()
            places = {flat: bounds.cell(sheet, flat) for flat in suppressed}
            by_keys = {sheet.keys(flat): bounds.exact(place) for flat, place in places.items() if place is not None}
            intervals[sheet.name] = by_keys
    return intervals


def assess_disclosure(
    publication: Publication, published: Sequence[Publication] = (), threshold: int = THRESHOLD
) -> AttackReport:
    """Report the small groups that an intruder finds in a publication and earlier ones together.

    Parameters
    ----------
    publication : Publication
        The tables that can still be changed.
    published : sequence of Publication
        Earlier publications, oldest first.
    threshold : int
        A group is found when its interval is narrower than the threshold and its count may be below it.

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
