"""Generated records in the shape of the field's public data files.

They have 27 categorical columns, sparse and long-tailed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

FLAGS = (
    "meansDebtBondageEarnings", "meansThreats", "meansAbusePsyPhySex", "meansFalsePromises", "meansDrugsAlcohol",
    "meansDenyBasicNeeds", "meansExcessiveWorkHours", "meansWithholdDocs", "isForcedLabour", "isSexualExploit",
    "isOtherExploit", "isSexAndLabour", "isForcedMarriage", "isForcedMilitary", "isOrganRemoval",
    "typeOfLabourAgriculture", "typeOfLabourConstruction", "typeOfLabourDomesticWork", "typeOfLabourHospitality",
    "recruiterRelationIntimatePartner", "recruiterRelationFriend",
)  # fmt: skip
AGES = ("0--8", "9--17", "18--20", "21--23", "24--26", "27--29", "30--38", "39--47", "48+")
LABOUR = ("Construction", "Agriculture", "Domestic work", "Hospitality", "Manufacturing", "Begging", "Other")


def frame(rows: int, *, seed: int = 0, years: int = 22, citizenships: int = 131, countries: int = 140) -> pl.DataFrame:
    """Records; citizenship and country go together, small codes are many, most answers are not reported."""
    rng = np.random.default_rng(seed)
    citizenship = _tail(rng, rows, citizenships, 1.35)
    country = np.where(rng.random(rows) < 0.45, citizenship % countries, _tail(rng, rows, countries, 1.5))
    columns = {
        "yearOfRegistration": (2024 - _tail(rng, rows, years, 0.7)).astype(str),
        "gender": rng.choice(["Woman", "Man", "Trans/Transgender/NonConforming"], rows, p=[0.68, 0.318, 0.002]),
        "ageBroad": _some(rng, np.array(AGES)[_tail(rng, rows, len(AGES), 0.6)], 0.6),
        "citizenship": _some(rng, _codes(citizenship), 0.9),
        "CountryOfExploitation": _some(rng, _codes(country), 0.85),
        "typeOfLabour": _some(rng, np.array(LABOUR)[_tail(rng, rows, len(LABOUR), 1.2)], 0.3),
    }
    for number, name in enumerate(FLAGS):
        yes = rng.random(rows) < 0.4 / (number + 1)
        columns[name] = _some(rng, np.where(yes, "1", "0"), 0.3)
    return pl.DataFrame(columns)


def _tail(rng: np.random.Generator, rows: int, size: int, power: float) -> np.ndarray:
    weights = 1 / np.arange(1, size + 1) ** power
    return rng.choice(size, rows, p=weights / weights.sum())


def _codes(numbers: np.ndarray) -> np.ndarray:
    letters = [chr(65 + a) + chr(65 + b) for a in range(26) for b in range(26)]
    return np.array(letters)[numbers]


def _some(rng: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    """Values of which only a share is reported."""
    return np.where(rng.random(len(values)) < share, values, "")


if __name__ == "__main__":
    frame(int(sys.argv[2])).write_csv(Path(sys.argv[1]))
