"""Generated records in the structure of the field's public files.

Run `python benchmarks/field_like.py t50 FILE.csv`.

Nobody's records: contributors, their programmes, kinds of case and records are drawn one from the other, so that
columns go together in blocks and by more than pairs. Beside 50,000 rows x 24 columns of the k-anonymised file of July
2021 (real / t50 at seed 0):

- agrees: sizes of the columns; year always reported; attributes a row 6.26 / 6.08, 99th percentile 15 / 14, most
  20 / 22; combinations of one 190 / 190, two 3,027 / 3,061, three 20,578 / 20,661; values of under 170 rows 107 / 102;
  pac-synth 0.0.8 at epsilon 4, Toolkit settings: mean error of one-, two-, three-way counts 33.9, 52.4, 32.5 /
  30.0, 56.2, 34.0, fabricated 24% / 25%, missing 59% / 58%;
- does not: groups of year, gender, age, citizenship and country 1,172 in the whole file / 732, fewer and larger;
  three-way error at pac-synth's defaults 65 / 48, of MST 95 / 72; other seeds draw other programmes, and their facts
  are less near: 5.5 to 7 attributes a row, 2,900 to 3,400 pairs.

t50even spreads as many records over more kinds of case, a second opinion for what was tuned on t50: 6.4 attributes a
row, 99th percentile 15, most 20; 3,302 pairs and 20,285 threes; 1,044 groups. Three-way errors at epsilon 4 are nearer
to the real ones for pac-synth's defaults (65) and MST (102), less near for the Toolkit (37.5).

t150 has 5.45 attributes a row (real 5.52) and is harder: pac-synth's errors are 51, 65, 36 where the real table
has 40.5, 53, 30, missing 65% (51%), fabricated 41% (42%). t2 is of no published table.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import norm

Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]

CITIZENSHIPS = (
    "UA PH MD ID US KH MM BY TH VN UZ BG RO NP KG HT GH MX NG CN IN LA BD AF ET UG GT HN SV CO LK KZ TJ TM RU AL "
    "RS MK BA HU PL SK CZ LT LV EE GE AM AZ TR IR IQ SY LB JO EG MA TN DZ SN ML BF NE CI GN SL LR TG BJ CM TD CF "
    "CD CG GA AO ZM ZW MZ MW TZ KE RW BI SO DJ ER SD SS MG MU ZA NA BW LS SZ PE BO BR AR CL EC VE PY UY DO CU JM "
    "NI CR PA BZ KR JP MN TW HK MY SG BN TL PG FJ IL SA AE QA KW OM BH YE CY GR IT ES PT FR BE NL DE AT CH GB IE "
    "DK SE NO FI SI HR ME CA AU NZ IS"
)
USUAL_COUNTRIES = (
    "UA MY US RU ID TH PL PH MD KZ AE TR CZ KH BY SA IT CY KW GR DE GH HT QA SG LB JO IL ES FR GB BA MK AL RS BG "
    "RO HU SK PT"
)
GENDERS = ("Female", "Male", "Transgender")
AGES = ("0--8", "9--17", "18--20", "21--23", "24--26", "27--29", "30--38", "39--47", "48+")
STATUS = ("Minor", "Adult")
DURATIONS = ("0--12 months", "13--24 months", "25--60 months", "61+ months")
FORMS = ("labour", "sex", "both", "other")
# Answer, then by form: how usual a yes is (on the scale of a logit) in a record that reports such things at all.
USUAL: dict[str, tuple[float, float, float, float]] = {
    "isForcedLabour": (2.5, -9, 2, -9),
    "isSexualExploit": (-9, 2.5, 2, -9),
    "isOtherExploit": (-9, -9, -3, 1.5),
    "meansDebtBondageEarnings": (0.4, -0.8, 0.2, -2),
    "meansThreats": (-0.6, 0.1, 0.4, -1),
    "meansAbusePsyPhySex": (-0.4, 0.8, 0.9, -0.5),
    "meansFalsePromises": (0.8, -0.4, 0.4, -1.5),
    "meansDrugsAlcohol": (-3.0, -1.0, -1.2, -3),
    "meansDenyBasicNeeds": (0.0, -1.5, 0.2, -1),
    "meansExcessiveWorkHours": (0.9, -2.4, 0.6, -2),
    "meansWithholdDocs": (0.1, -1.6, 0.0, -2.5),
    "typeOfLabourAgriculture": (-1.0, -9, -1.5, -9),
    "typeOfLabourConstruction": (-0.6, -9, -2.5, -9),
    "typeOfLabourDomesticWork": (-0.6, -9, 0.5, -9),
    "typeOfSexProstitution": (-9, 1.2, 0.8, -9),
    "typeOfSexPornography": (-9, -2.0, -2.0, -9),
    "recruiterRelationIntimatePartner": (-4.0, -0.6, -1.0, -3),
    "recruiterRelationFriend": (-0.9, -0.9, -0.8, -1.5),
    "meansRestrictsMovement": (0.0, 0.2, 0.5, -1),
    "typeOfLabourHospitality": (-1.6, -9, -0.8, -9),
    "recruiterRelationFamily": (-2.2, -1.4, -1.2, 0.4),
}
BLOCKS = ("is", "means", "typeOf", "recruiter")
STATES = CITIZENSHIPS.split()
DESTINATIONS = [*USUAL_COUNTRIES.split(), *(state for state in STATES if state not in USUAL_COUNTRIES.split())]


@dataclass(frozen=True)
class Source:
    """A contributor: its share of the records and of the programmes, its habits.

    `years`: the first, the usual, the last, as shares of all years; `homes`: first place and number of its
    citizenships; `home`: the share exploited in their own country; `women` and `sex`: shares; `tells`: the share of its
    programmes that report gender, age, citizenship, country of exploitation; `blocks`: the share that report form,
    means, type and recruiter; `open_handed`: how much a record reports, on the scale of a logit.
    """

    share: float
    programmes: float
    years: tuple[float, float, float]
    homes: tuple[int, int]
    home: float
    women: float
    sex: float
    tells: tuple[float, float, float, float]
    blocks: tuple[float, float, float, float]
    open_handed: float


SOURCES = (
    Source(0.34, 0.38, years=(0.0, 0.75, 1.0), homes=(0, 40), home=0.25, women=0.50, sex=0.25,
           tells=(0.98, 0.75, 0.9, 0.85), blocks=(0.9, 0.45, 0.7, 0.4), open_handed=-0.6),
    Source(0.14, 0.20, years=(0.55, 0.7, 1.0), homes=(1, 25), home=0.15, women=0.55, sex=0.15,
           tells=(0.96, 0.75, 0.9, 0.8), blocks=(0.9, 0.5, 0.7, 0.25), open_handed=-0.2),
    Source(0.38, 0.12, years=(0.65, 0.85, 1.0), homes=(4, 30), home=0.85, women=0.85, sex=0.75,
           tells=(0.93, 0.5, 0.5, 0.85), blocks=(0.35, 0.15, 0.12, 0.2), open_handed=-1.2),
    Source(0.09, 0.15, years=(0.7, 0.8, 0.9), homes=(7, 45), home=0.5, women=0.75, sex=0.6,
           tells=(0.9, 0.6, 0.7, 0.7), blocks=(0.6, 0.3, 0.3, 0.15), open_handed=-0.9),
    Source(0.05, 0.15, years=(0.35, 0.5, 0.8), homes=(12, 49), home=0.35, women=0.80, sex=0.55,
           tells=(0.95, 0.9, 0.9, 0.8), blocks=(0.9, 0.6, 0.6, 0.6), open_handed=0.6),
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Shape of a table.

    Numbers of rows, values and flags; of the programmes and kinds of case its records come from; `asking` scales what
    programmes ask, `openness` how much people report; `spread` and `row_spread` are how far programmes and records
    differ in that; `never` is the share of flags that a programme never raises; `skew` and `tail` make few programmes
    and kinds large; no kind is expected to have fewer rows than `least`, since the field's file was k-anonymised;
    `draw` is the draw of programmes whose facts, at seed 0, are near the real ones.
    """

    rows: int
    years: int
    citizenships: int
    countries: int
    flags: int
    programmes: int
    kinds: int
    asking: float
    skew: float
    tail: float
    least: float
    draw: int
    duration: bool = False
    openness: float = 0.1
    spread: float = 1.6
    row_spread: float = 2.0
    never: float = 0.17


T50 = Shape(50_000, years=20, citizenships=61, countries=77, flags=18, programmes=95, kinds=1_100, asking=0.48,
            skew=2.6, tail=1.4, least=4, draw=8)  # fmt: skip
T50_EVEN = replace(T50, programmes=100, kinds=1_600, asking=0.31, skew=1.9, tail=0.9, least=3, draw=462, openness=0.4,
                   spread=0.8, row_spread=1.5, never=0.09)  # fmt: skip
T150 = Shape(150_000, years=20, citizenships=128, countries=141, flags=21, programmes=160, kinds=4_000, asking=0.34,
             skew=1.8, tail=1.6, least=2, draw=9, duration=True)  # fmt: skip
T2 = Shape(1_891, years=5, citizenships=9, countries=12, flags=6, programmes=40, kinds=200, asking=0.8, skew=1.2,
           tail=1.6, least=2, draw=0)  # fmt: skip
TABLES = {"t50": T50, "t50even": T50_EVEN, "t150": T150, "t2": T2}
LAST_YEAR = 2021


def values(shape: Shape) -> dict[str, list[str]]:
    """The codebook: the values of every column of a table of this shape, without *not reported*."""
    listed = {
        "yearOfRegistration": [str(LAST_YEAR - shape.years + 1 + year) for year in range(shape.years)],
        "gender": list(GENDERS),
        "ageBroad": list(AGES),
        "majorityStatus": list(STATUS),
        "citizenship": STATES[: shape.citizenships],
        "CountryOfExploitation": DESTINATIONS[: shape.countries],
    }
    if shape.duration:
        listed["traffickMonths"] = list(DURATIONS)
    return listed | {name: ["1"] for name in list(USUAL)[: shape.flags]}


def t50(seed: int = 0) -> pl.DataFrame:
    """50,000 records x 24 columns; '' is not reported."""
    return table(T50, seed)


def t150(seed: int = 0) -> pl.DataFrame:
    """150,000 records x 28 columns; '' is not reported."""
    return table(T150, seed)


def t2(seed: int = 0) -> pl.DataFrame:
    """1,891 records x 12 columns, as of one national programme; '' is not reported."""
    return table(T2, seed)


def table(shape: Shape, seed: int = 0) -> pl.DataFrame:
    """Records: each is of a kind of case, and kinds are of a contributor.

    A kind fixes year, gender, age, citizenship and country, and whether they are reported, as the k-anonymised file
    has some 1,172 such groups and no more. Form, means, type and recruiter vary within a kind: by its form of
    exploitation, what its contributor asks about, what is usual for the kind, and how open the record is.
    """
    rng = np.random.default_rng([seed, shape.draw])
    kinds = _Kinds(shape, rng)
    kind = rng.choice(shape.kinds, shape.rows, p=kinds.weights)
    kind[: shape.kinds] = np.arange(shape.kinds)  # every kind is there, as every value is
    form = _pick(rng, kinds.forms[kind])
    codebook = values(shape)
    columns = {name: _text(codebook[name], codes[kind]) for name, codes in kinds.codes.items()}
    if shape.duration:
        months = np.where(rng.random(shape.rows) < kinds.asks[kind, 1] * 0.4, rng.integers(0, 4, shape.rows), -1)
        columns["traffickMonths"] = _text(codebook["traffickMonths"], np.where(form == 1, months // 2, months))
    openness = kinds.openness[kind] + rng.normal(0, shape.row_spread, shape.rows)
    for number, name in enumerate(list(USUAL)[: shape.flags]):
        block = next(at for at, start in enumerate(BLOCKS) if name.startswith(start))
        logit = np.array(USUAL[name])[form] + kinds.usual[kind, number] + (0 if block == 0 else openness)
        reported = (rng.random(shape.rows) < 1 / (1 + np.exp(-logit))) & kinds.asks[kind, block]
        columns[name] = np.where(reported, "1", "")
    return pl.DataFrame(columns)[rng.permutation(shape.rows)]


class _Programmes:
    """Programmes of the contributors: one corridor and some years each.

    A programme has people whom it meets, questions that it asks and a way to report.
    """

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        size = shape.programmes
        source = rng.choice(len(SOURCES), size, p=[contributor.programmes for contributor in SOURCES])
        self.source = source

        def of(name: str) -> NDArray[np.float64]:
            return np.array([getattr(SOURCES[number], name) for number in source])

        low, usual, high = of("years").T
        self.middle = rng.triangular(low, usual, high + 1e-9) * shape.years
        self.width = rng.exponential(1.2, size) + 0.4
        first, many = of("homes").T.astype(np.int64)
        self.citizenship = (first + _zipf(rng, many, 1.1)) % shape.citizenships
        # Each citizenship has an order of destinations of its own, which moves every few years.
        place = _zipf(rng, np.full(size, shape.countries), 1.5) * (1 + self.citizenship % 5) + self.middle // 5
        places = DESTINATIONS[: shape.countries]
        own = np.array([places.index(state) if state in places else 0 for state in STATES[: shape.citizenships]])
        stays = rng.random(size) < of("home")
        self.country = np.where(stays, own[self.citizenship], place.astype(np.int64) % shape.countries)
        self.tells = rng.random((size, 4)) < of("tells")
        # Every value is there, so some programme must tell of it.
        self.citizenship[: shape.citizenships] = np.arange(shape.citizenships)
        self.country[-shape.countries :] = np.arange(shape.countries)
        self.tells[: shape.citizenships, 2] = self.tells[-shape.countries :, 3] = True
        self.women = np.clip(of("women") + rng.normal(0, 0.3, size), 0.02, 0.98)
        self.sex = np.clip(of("sex") + rng.normal(0, 0.3, size), 0.02, 0.98)
        # Who has the long form asks everything: what is asked goes together.
        asked = norm.cdf(0.8 * rng.normal(0, 1, (size, 1)) + 0.6 * rng.normal(0, 1, (size, 4)))
        self.asks = asked < of("blocks") * shape.asking
        self.openness = of("open_handed") + shape.openness + rng.normal(0, shape.spread, size)
        never = rng.random((size, shape.flags)) < shape.never
        self.usual = np.where(never, -9, rng.normal(0, 1.0, (size, shape.flags)))
        self.weights = (np.argsort(rng.random(size)) + 3.0) ** -shape.skew


class _Kinds:
    """Kinds of case: codes of the five fixed columns, weights, and what their records report.

    The code -1 is not reported.
    """

    def __init__(self, shape: Shape, rng: np.random.Generator) -> None:
        size = shape.kinds
        made = _Programmes(shape, rng)
        root = np.sqrt(made.weights)  # a larger programme has more kinds of case, and more records of each
        at = rng.choice(shape.programmes, size, p=root / root.sum())
        at[: shape.programmes] = np.arange(shape.programmes)
        year = np.rint(made.middle[at] + rng.normal(0, 1, size) * made.width[at]).astype(np.int64)
        year = year.clip(0, shape.years - 1)
        year[: shape.years] = np.arange(shape.years)
        gender = np.where(rng.random(size) < 0.004, 2, np.where(rng.random(size) < made.women[at], 0, 1))
        lean = rng.random(size) < np.clip(made.sex[at] + np.where(gender == 1, -0.25, 0.1), 0.02, 1)
        age = np.rint(rng.normal(np.where(lean, 2.2, 4.8), 2.0, size)).astype(np.int64).clip(0, 8)
        self.forms = _forms(rng, lean, age)
        tells = made.tells[at] & (rng.random((size, 4)) < (1, 0.93, 1, 1))
        gender[0], tells[0, 0] = 2, True
        status = np.where(tells[:, 1] | (rng.random(size) < 0.2), (age >= 2).astype(int), -1)
        codes = (year, gender, age, status, made.citizenship[at], made.country[at])
        always = np.ones(size, dtype=bool)
        recorded = (always, tells[:, 0], tells[:, 1], always, tells[:, 2], tells[:, 3])
        names = list(values(shape))[:6]
        self.codes = {name: np.where(here, code, -1) for name, code, here in zip(names, codes, recorded, strict=True)}
        self.asks, self.usual = made.asks[at], made.usual[at]
        self.openness = made.openness[at] + rng.normal(0, 0.4, size)
        weights = rng.lognormal(0, shape.tail, size) * root[at]
        for number, contributor in enumerate(SOURCES):
            here = made.source[at] == number
            weights[here] *= contributor.share / weights[here].sum()
        weights = np.maximum(weights, shape.least / shape.rows)
        self.weights: Shares = weights / weights.sum()


def _forms(rng: np.random.Generator, lean: NDArray[np.bool_], age: Numbers) -> Shares:
    """Shares of the forms of exploitation of each kind of case: nearly all of one form."""
    forms = np.where(lean[:, None], [0.02, 0.93, 0.04, 0.01], [0.93, 0.02, 0.03, 0.02])
    forms[age < 1] = [0.3, 0.3, 0.05, 0.35]
    forms = forms * rng.exponential(1.0, forms.shape)
    return np.asarray(forms / forms.sum(axis=1, keepdims=True))


def _zipf(rng: np.random.Generator, many: Numbers, power: float) -> Numbers:
    """Places 0 to many - 1, the first the most usual."""
    low = (many + 1.0) ** (1 - power)
    drawn = (low + rng.random(len(many)) * (1 - low)) ** (1 / (1 - power)) - 1
    return np.minimum(drawn.astype(np.int64), many - 1)


def _pick(rng: np.random.Generator, shares: Shares) -> Numbers:
    """One place of each row, by its shares."""
    return np.asarray((shares.cumsum(axis=1) < rng.random((len(shares), 1))).sum(axis=1).clip(max=shares.shape[1] - 1))


def _text(words: list[str], codes: Numbers) -> NDArray[np.str_]:
    return np.array([*words, ""])[codes]


if __name__ == "__main__":
    table(TABLES[sys.argv[1]]).write_csv(Path(sys.argv[2]))
