"""The series of SDG indicator 16.2.2: detected victims of trafficking, by form; rates per 100,000 carry an `R`.

Custodian UNODC; metadata of 31 March 2023. Only detected victims are counted: a rise can mean better detection.
"""

from __future__ import annotations

from dataclasses import dataclass

INDICATOR = "16.2.2"


@dataclass(frozen=True)
class Series:
    """A series: its code, the code of its rate, and which forms of exploitation it counts (empty: all)."""

    code: str
    rate: str
    forms: frozenset[str]


LABOUR = frozenset({"forced_labour", "child_labour", "servitude"})
SEXUAL = frozenset({"sexual_exploitation"})
ORGANS = frozenset({"organ_removal"})
OTHER = frozenset({"begging", "surrogacy", "armed_conflict", "forced_marriage", "criminality", "forced_adoption"})

SERIES = (
    Series("VC_HTF_DETV", "VC_HTF_DETVR", frozenset()),
    Series("VC_HTF_DETVFL", "VC_HTF_DETVFLR", LABOUR),
    Series("VC_HTF_DETVSX", "VC_HTF_DETVSXR", SEXUAL),
    Series("VC_HTF_DETVOG", "VC_HTF_DETVOGR", ORGANS),
    Series("VC_HTF_DETVOP", "VC_HTF_DETVOPR", OTHER | {"other_form"}),
)


def rate(victims: int, population: int) -> float:
    """Victims per 100,000 of the population."""
    if population <= 0:
        raise ValueError("a rate needs a population")
    return 100_000 * victims / population
