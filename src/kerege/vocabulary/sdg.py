"""SDG indicator 16.2.2: victims of human trafficking per 100,000 population.

The indicator is broken down by sex, age and form of exploitation.

Custodian UNODC; metadata of 31 March 2023, https://worldbank.github.io/sdg-metadata/metadata/en/16-2-2. Only detected
victims are counted: a rise can mean better detection. Series codes as in the UN Global SDG Database; rates end in `R`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from kerege.vocabulary import codes
from kerege.vocabulary.languages import Texts

GOAL, TARGET, INDICATOR = "16", "16.2", "16.2.2"
# our codes -> codes of the UN's database and of its SDMX structure; persons with another code are in the total only
SEX = {"_T": "BOTHSEX", "female": "FEMALE", "male": "MALE"}
AGE = {"_T": "ALLAGE", "child": "<18Y", "adult": "18+Y"}
SDMX_SEX = {"_T": "_T", "female": "F", "male": "M"}
SDMX_AGE = {"_T": "_T", "child": "Y0T17", "adult": "Y_GE18"}
COUNT, RATE = "NUMBER", "PER_100000_POP"  # units
NATIONAL, COUNTRY_DATA = "N", "C"  # reporting type and nature of a country's own figures
# status of an observation, SDMX CL_OBS_STATUS: normal, break in the series, estimated, missing, suppressed
NORMAL, BREAK, ESTIMATED, MISSING, SUPPRESSED = "A", "B", "E", "O", "Q"
STATUSES = {
    NORMAL: "Normal value",
    BREAK: "Time series break",
    ESTIMATED: "Estimated value",
    MISSING: "Missing value",
    SUPPRESSED: "Missing value; suppressed",
}
# SDMX CL_CONF_STATUS: one code for primary and complementary suppression, because the difference is confidential
FREE, CONFIDENTIAL = "F", "C"
CONFIDENTIALITY = {FREE: "Free for publication", CONFIDENTIAL: "Confidential statistical information"}
CAVEAT = Texts(
    kk="Тек анықталған құрбандар есептелген: санның өсуі анықтаудың жақсарғанын білдіруі мүмкін.",
    ru="Учтены только выявленные жертвы: рост может означать улучшение выявления.",
    en="Only detected victims are counted: a rise can mean better detection.",
)


PER = Texts(
    kk="(100 000 тұрғынға шаққанда)",
    ru="(на 100 000 населения)",
    en="(per 100,000 population)",
)


@dataclass(frozen=True)
class SdgSeries:
    """Series: codes of its count and its rate, the forms of exploitation counted, and its definition."""

    code: str
    rate: str
    forms: frozenset[str]
    titles: Mapping[str, str]

    def title(self, lang: str, *, per: bool = False) -> str:
        """Return the title of the count; with `per`, of the rate."""
        return f"{self.titles[lang]} {PER[lang]}" if per else self.titles[lang]


@cache
def series() -> tuple[SdgSeries, ...]:
    """Return the five series of SDG indicator 16.2.2.

    Returns
    -------
    tuple of SdgSeries
        The total first, then labour, sexual exploitation, organ removal and other purposes. All forms of exploitation
        of a person count: a person can be in several series, but only once in the total.

    Notes
    -----
    United Nations, metadata of SDG indicator 16.2.2 (custodian UNODC), 31 March 2023.

    Examples
    --------
    >>> [row.code for row in series()][:2], series()[3].forms
    (['VC_HTF_DETV', 'VC_HTF_DETVFL'], frozenset({'organ_removal'}))
    """
    groups: dict[str, set[str]] = {"": set(), "labour": set(), "sexual": set(), "organs": set(), "other": set()}
    for form in codes.code_list("exploitation_form").codes.values():
        group = "organs" if form.code == "organ_removal" else form.parent
        groups[group].add(form.code)
        groups[""].add(form.code)
    return tuple(
        SdgSeries(f"VC_HTF_DETV{suffix}", f"VC_HTF_DETV{suffix}R", frozenset(groups[group]), Texts(titles))
        for group, suffix, titles in _SERIES
    )


_SERIES = (
    ("", "", {
        "kk": "Адам саудасының анықталған құрбандары",
        "ru": "Выявленные жертвы торговли людьми",
        "en": "Detected victims of human trafficking",
    }),
    ("labour", "FL", {
        "kk": "Мәжбүрлі еңбек, кіріптарлық және құлдық мақсатындағы адам саудасының анықталған құрбандары",
        "ru": "Выявленные жертвы торговли людьми в целях принудительного труда, подневольного состояния и рабства",
        "en": "Detected victims of human trafficking for forced labour, servitude and slavery",
    }),
    ("sexual", "SX", {
        "kk": "Сексуалдық қанау мақсатындағы адам саудасының анықталған құрбандары",
        "ru": "Выявленные жертвы торговли людьми в целях сексуальной эксплуатации",
        "en": "Detected victims of human trafficking for sexual exploitation",
    }),
    ("organs", "OG", {
        "kk": "Ағзаларды алу мақсатындағы адам саудасының анықталған құрбандары",
        "ru": "Выявленные жертвы торговли людьми в целях изъятия органов",
        "en": "Detected victims of human trafficking for removal of organs",
    }),
    ("other", "OP", {
        "kk": "Өзге мақсаттардағы адам саудасының анықталған құрбандары",
        "ru": "Выявленные жертвы торговли людьми в других целях",
        "en": "Detected victims of human trafficking for other purposes",
    }),
)  # fmt: skip


def series_of(forms: Iterable[str]) -> list[SdgSeries]:
    """Return the series that count a person with these forms of exploitation, the total first.

    Parameters
    ----------
    forms : iterable of str
        Codes of the list `exploitation_form`. Unknown codes count in the total only.

    Returns
    -------
    list of SdgSeries
        The total, and each series with at least one of the forms.

    Notes
    -----
    United Nations, metadata of SDG indicator 16.2.2 (custodian UNODC), 31 March 2023.

    Examples
    --------
    >>> [row.code for row in series_of(["organ_removal"])]
    ['VC_HTF_DETV', 'VC_HTF_DETVOG']
    """
    known = set(forms)
    return [row for row in series() if row.code == "VC_HTF_DETV" or row.forms & known]


def rate(victims: int, population: int) -> float:
    """Return victims per 100,000 of the population of the same sex and age (SDG indicator 16.2.2).

    Parameters
    ----------
    victims : int
        Detected victims of a year, in persons.
    population : int
        Mid-year population of the same sex and age, in persons, above 0.

    Returns
    -------
    float
        Victims per 100,000 population: 100,000 * victims / population.

    Raises
    ------
    ValueError
        If the population is not above 0.

    Notes
    -----
    United Nations, metadata of SDG indicator 16.2.2 (custodian UNODC), 31 March 2023.

    Examples
    --------
    >>> rate(120, 20_000_000)
    0.6
    """
    if population <= 0:
        raise ValueError("a rate needs a population")
    return 100_000 * victims / population
