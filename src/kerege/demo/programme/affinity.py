"""Weights of likely combinations.

They are form with sex, age and destination, origin, and changes over the years.

The combinations are simulated; only the margins match a published source.
"""

from __future__ import annotations

from itertools import product

from kerege.demo.programme.draw import NEVER, Affinity

SEXES = ("male", "female", "transgender")
AGES = ("0_8", "9_17", "18_25", "26_30", "31_40", "41_50", "51_plus", "")
ABROAD = ("AE", "TR", "RU", "IR", "BH", "KR", "BR", "IL", "CN", "GE", "MY")
FOREIGN = ("UZ", "KG", "RU", "TJ", "MN", "UA", "PH", "TM", "CN", "AZ", "MD", "BY", "AM", "GE")
LATE = ("2015b", "2016", "2017", "2018", "2019", "2020")

FORM_SEX = {
    ("forced_labour", "female"): 0.25,
    ("servitude", "male"): 0.3,
    ("sexual_exploitation", "male"): 0.01,
    ("surrogacy", "male"): NEVER,
    ("surrogacy", "transgender"): NEVER,
    ("armed_conflict", "female"): 0.1,
    ("forced_marriage", "male"): NEVER,
    ("forced_labour", "transgender"): 0.2,
    ("begging", "transgender"): 0.05,
    ("child_labour", "transgender"): NEVER,
    ("armed_conflict", "transgender"): NEVER,
}

# weights by form, in the order of AGES
FORM_AGE = {
    "forced_labour": (NEVER, 0.05, 0.8, 1.0, 1.3, 1.4, 1.4, 1.0),
    "servitude": (NEVER, 0.4, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "child_labour": (2.0, 30.0, *[NEVER] * 6),
    "sexual_exploitation": (0.02, 0.9, 2.0, 1.2, 0.5, 0.08, 0.01, 1.0),
    "begging": (8.0, 2.0, 0.3, 0.3, 0.6, 1.0, 4.0, 1.0),
    "surrogacy": (NEVER, NEVER, 2.0, 2.0, 1.0, NEVER, NEVER, NEVER),
    "armed_conflict": (NEVER, 0.05, 2.0, 1.0, 0.5, NEVER, NEVER, NEVER),
    "forced_marriage": (NEVER, 2.0, 2.0, 0.2, 0.1, NEVER, NEVER, NEVER),
    "criminality": (0.2, 3.0, 1.0, 0.5, 0.3, 0.1, 0.1, 1.0),
}

FORM_DESTINATION = {
    **{("forced_labour", country): 0.08 for country in ABROAD},
    ("forced_labour", "RU"): 1.0,
    ("forced_labour", "KR"): 0.6,
    **{("child_labour", country): 0.02 for country in ABROAD},
    **{("begging", country): 0.1 for country in ABROAD},
    **{("armed_conflict", country): 0.5 for country in ABROAD},
    ("armed_conflict", "KZ"): 0.01,
    ("sexual_exploitation", "KZ"): 0.8,
}

ORIGIN_DESTINATION = {
    **dict.fromkeys(product(FOREIGN, ABROAD), 0.004),
    **{(country, country): NEVER for country in FOREIGN if country in ABROAD},
    ("UZ", "RU"): 0.04,
    ("KG", "RU"): 0.06,
    ("KG", "TR"): 0.03,
    ("UZ", "AE"): 0.01,
}

ORIGIN_FORM = {
    ("UZ", "sexual_exploitation"): 0.6,
    ("KZ", "forced_labour"): 0.6,
    ("PH", "servitude"): 6.0,
    ("RU", "sexual_exploitation"): 1.3,
    ("KG", "child_labour"): 2.0,
}

PERIOD_FORM = {
    **{(str(year), "sexual_exploitation"): 1.8 for year in range(2004, 2013)},
    **{(period, "sexual_exploitation"): 0.35 for period in LATE},
    ("2017", "sexual_exploitation"): 0.12,
}
# the source names three transgender persons, all in 2016
PERIOD_SEX = {
    **{(str(year), "transgender"): NEVER for year in range(2004, 2021) if year != 2016},
    **{(period, "transgender"): NEVER for period in ("2015a", "2015b")},
}
PERIOD_ORIGIN = {(period, "UZ"): 1.6 for period in LATE}

IOM: Affinity = {
    ("form", "sex"): FORM_SEX,
    ("form", "age"): {(form, age): w for form, ws in FORM_AGE.items() for age, w in zip(AGES, ws, strict=True)},
    ("form", "destination"): FORM_DESTINATION,
    ("origin", "destination"): ORIGIN_DESTINATION,
    ("origin", "form"): ORIGIN_FORM,
    ("period", "form"): PERIOD_FORM,
    ("period", "sex"): PERIOD_SEX,
    ("period", "origin"): PERIOD_ORIGIN,
}
STATE: Affinity = {pair: IOM[pair] for pair in (("form", "sex"), ("form", "age"), ("origin", "form"))}
