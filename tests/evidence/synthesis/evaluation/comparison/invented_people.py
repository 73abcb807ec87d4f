"""Invented people with dependent answers, several values and gaps."""

from __future__ import annotations

import numpy as np
import polars as pl


def people(number: int, seed: int, dependence: float = 0.8) -> pl.DataFrame:
    """Return people whose form follows from their sex with a probability, in ever larger years."""
    chance = np.random.default_rng(seed)
    sex = chance.choice(["f", "m"], number, p=[0.6, 0.4])
    follows = chance.random(number) < dependence
    form = np.where(follows, np.where(sex == "f", "sexual", "labour"), chance.choice(["sexual", "labour"], number))
    means = [
        chance.choice(["debt", "threats", "docs"], size, replace=False).tolist()
        for size in chance.integers(0, 3, number)
    ]
    frame = pl.DataFrame(
        {
            "sex": sex,
            "form": form,
            "year": chance.choice(["2020", "2021", "2022", "2023", "2024"], number, p=[0.05, 0.1, 0.2, 0.25, 0.4]),
            "means": pl.Series(means, dtype=pl.List(pl.String)),
        }
    )
    return frame.with_columns(pl.when(pl.Series(chance.random(number) < 0.9)).then("sex"))
