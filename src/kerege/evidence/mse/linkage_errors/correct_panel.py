"""Correction of the lists of a panel for the errors of their linkage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kerege.evidence.mse.linkage_errors.corrected_lists import without_errors
from kerege.evidence.mse.linkage_errors.error_rates import LinkageRates, make_uncertain, use_draws
from kerege.evidence.mse.lists import Lists, lists_error
from kerege.evidence.mse.loglinear.integer_tables import Undo

LEAST_LISTS = 3


@dataclass(frozen=True)
class LinkageFacts:
    """Facts about the linkage of lists: error rates, or draws of the linkage itself."""

    miss: Mapping[str, float]
    false_link: float
    rates: LinkageRates | None = None
    draws: Sequence[Lists] = ()

    @classmethod
    def of(
        cls, miss: Mapping[str, float], false_link: float, rates: LinkageRates | None, draws: Sequence[Lists]
    ) -> LinkageFacts:
        """Return the facts; rates with intervals replace those without. Raises BadLists for draws too."""
        if rates is not None:
            miss, false_link = rates.miss_values, rates.false.value
        if draws and (any(miss.values()) or false_link):
            raise lists_error("there are draws of the linkage and error rates", "give one of the two")
        return cls(miss, false_link, rates, draws)


@dataclass(frozen=True)
class CorrectedPanelLists:
    """Lists without linkage errors, the correction for resamples, and facts for JSON."""

    lists: Lists
    undo: Undo | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def correct_for_linkage(lists: Lists, linkage: LinkageFacts, seed: int) -> CorrectedPanelLists:
    """Return lists corrected for linkage errors; the lists themselves without rates and draws.

    Raises BadLists if such errors cannot have made the lists, or fewer than three lists are to be corrected.
    """
    if linkage.draws:
        drawn = use_draws(lists, linkage.draws, seed)
        return CorrectedPanelLists(lists, drawn, {"draws": len(linkage.draws)})
    if not any(linkage.miss.values()) and not linkage.false_link and linkage.rates is None:
        return CorrectedPanelLists(lists)
    if lists.number < LEAST_LISTS:
        raise lists_error("errors of linkage are corrected only with three lists or more", "leave their rates out")
    corrected = without_errors(lists, linkage.miss, linkage.false_link)
    facts: dict[str, object] = {
        "miss": dict(linkage.miss),
        "false_link": linkage.false_link,
        "removed": corrected.removed,
    }
    if linkage.rates is None:
        return CorrectedPanelLists(corrected.lists, corrected.undo, facts)
    undo = make_uncertain(corrected.undo, linkage.rates, seed)
    return CorrectedPanelLists(corrected.lists, undo, facts | linkage.rates.as_dict())
