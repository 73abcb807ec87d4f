"""Readings of published files: an intruder uses any reading that fits the figures.

The usual reading takes columns of different names for different variables, and a value without the label of a total for
a group. Every other reading makes one assumption more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kerege.evidence.sdc.populations.populations import assign_unstated
from kerege.evidence.sdc.published_tables.publication import Publication, together
from kerege.evidence.sdc.published_tables.shared_variables import SharedVariable, shared_variables
from kerege.evidence.sdc.reading.options import PossibleTotal

Assumption = SharedVariable | PossibleTotal
MOST = 8  # assumptions that are examined


def assumptions(publications: Sequence[Publication], usual: Sequence[Publication]) -> list[Assumption]:
    """Return the pairs of columns that can be one, and the values that can be totals."""
    totals = dict.fromkeys(total for publication in publications for total in publication.possible_totals)
    variables = shared_variables([sheet for publication in usual for sheet in publication.sheets])
    return [*totals, *variables]


def read_under(publications: Sequence[Publication], assumed: Sequence[Assumption] = ()) -> list[Publication]:
    """Return publications as they are read under some assumptions.

    Without one, this is the usual reading. The figures are copies: an assessment may change them.
    """
    totals = [assumption for assumption in assumed if isinstance(assumption, PossibleTotal)]
    read = _named_alike([_copied(publication.with_totals(totals)) for publication in publications])
    for assumption in assumed:
        if isinstance(assumption, SharedVariable):
            read = _named_alike([replace(item, sheets=assumption.joined(item.sheets)) for item in read])
    return read


def _named_alike(publications: Sequence[Publication]) -> list[Publication]:
    return assign_unstated(together(publications))


def _copied(publication: Publication) -> Publication:
    sheets = [replace(sheet, lower=sheet.lower.copy(), upper=sheet.upper.copy()) for sheet in publication.sheets]
    return replace(publication, sheets=sheets)
