"""Invented lists for the benchmarks of tokens, with who is who, and how the tokens link them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import villages
from benchmarks.linkage_quality import Rates
from benchmarks.people import Rates as Mistakes
from benchmarks.people import population
from kerege.linkage.tokens import encode_file, estimate_overlap, frequent_names, study_key, token_file

LISTS = {"police": "police", "shelter": "crisis_centre"}
OUT_OF = 75_000
EXACT = 2.0  # a share that no name reaches: nothing is dropped
ERRORS = ("year_off", "day_and_month", "typo_family", "typo_given", "typo_patronymic", "alias", "short", "married",
          "swapped", "initial", "no_given", "no_family", "split", "together", "mixed_script", "digits")  # fmt: skip
POLICE, HELP, ABROAD = ("police", "border"), ("crisis_centre", "hotline"), ("consulate", "migration", "international")


@dataclass(frozen=True)
class Sample:
    """Two lists, in files without identifiers, who is who, and the column of a reviewed sample, if any."""

    paths: dict[str, Path]
    who: dict[str, int]
    known: str = ""

    def persons(self, ids: list[str]) -> NDArray[np.int64]:
        """(ids,) the number of the person of each record."""
        return np.array([self.who[record] for record in ids])


def review(lists: Sample, persons: int, seed: int) -> Sample:
    """Give this number of persons on both lists, drawn at random, a common code; others have none."""
    tables = {name: pl.read_csv(path, infer_schema=False) for name, path in lists.paths.items()}
    on_lists = [{lists.who[record] for record in table["id"]} for table in tables.values()]
    both = np.array(sorted(set.intersection(*on_lists)))
    chosen = np.random.default_rng([seed, 1]).permutation(both)[:persons].tolist()
    codes = {person: f"R-{place}" for place, person in enumerate(chosen)}
    for name, table in tables.items():
        reviewed = [codes.get(lists.who[record]) for record in table["id"]]
        table.with_columns(reviewed=pl.Series(reviewed, dtype=pl.String)).write_csv(lists.paths[name])
    return replace(lists, known="reviewed")


def sample(records: int, seed: int, folder: Path) -> Sample:
    """Lists of this number of records each; about a fifth of them are of persons on both."""
    made = population(OUT_OF * records // 10_000, seed)
    table = made.records.join(made.truth.select("id", "person"), on="id")
    lists = {name: table.filter(pl.col("agency") == agency) for name, agency in LISTS.items()}
    both = set(lists["police"]["person"]) & set(lists["shelter"]["person"])
    shared = set(sorted(both)[: records * 14 // 100])
    paths = {}
    for name, people in lists.items():
        first = people.filter(pl.col("person").is_in(list(shared)))
        rest = people.filter(~pl.col("person").is_in(list(both)))
        paths[name] = folder / f"{name}.csv"
        chosen = pl.concat([first, rest]).head(records).sort("id")
        chosen.drop("agency", "document", "phone", "region", "person").write_csv(paths[name])
    return Sample(paths, dict(table.select("id", "person").iter_rows()))


@dataclass(frozen=True)
class Exercise:
    """Two lists out of this number of records, of the agencies of each.

    Each list has `records` records if given (else all), of which the share `both` is of persons on both. Errors happen
    `errors` times as often, and `more` are other rates.
    """

    name: str
    out_of: int
    one: tuple[str, ...]
    two: tuple[str, ...]
    records: int | None = None
    both: float = 0.0
    errors: float = 1.0
    more: tuple[tuple[str, float], ...] = ()
    identifiers: bool = False

    def mistakes(self) -> Mistakes:
        """Return the rate of each mistake."""
        usual = Mistakes()
        return replace(usual, **{name: getattr(usual, name) * self.errors for name in ERRORS}, **dict(self.more))


EXERCISES = (
    Exercise("1,500, a sixth on both", 15_000, POLICE, HELP, 1_500, 0.17),
    Exercise("3,000, a twelfth on both", 24_000, POLICE, ABROAD, 3_000, 0.08),
    Exercise("5,000, a third on both", 40_000, POLICE, HELP, 5_000, 0.33),
    Exercise("12,000, an eighth on both", 100_000, ("police",), ("crisis_centre",), 12_000, 0.12),
    Exercise("half the errors", 35_000, POLICE, ABROAD, 5_000, 0.18, errors=0.5),
    Exercise("errors and a half more", 35_000, POLICE, HELP, 5_000, 0.18, errors=1.5),
    Exercise("twice the errors", 35_000, ("police", "health"), HELP, 4_000, 0.22, errors=2.0),
    Exercise(
        "hardly any brother or sister", 35_000, POLICE, ABROAD, 5_000, 0.2, more=(("siblings", 0.04), ("twins", 0.005))
    ),
    Exercise("many brothers and sisters", 35_000, POLICE, HELP, 5_000, 0.2, more=(("siblings", 0.3), ("twins", 0.04))),
    Exercise("the day of birth often unknown", 35_000, POLICE, ABROAD, 5_000, 0.16, more=(("no_day", 0.45),)),
    Exercise("a document or telephone at times", 35_000, POLICE, HELP, 5_000, 0.2, identifiers=True),
    Exercise("people repeat, all records", 14_000, POLICE, ("crisis_centre", "hotline", "health")),
)


def exercise(kind: Exercise, seed: int, folder: Path) -> Sample:
    """Two lists of a kind."""
    made = population(kind.out_of, seed, kind.mistakes())
    table = made.records.join(made.truth.select("id", "person"), on="id")
    lists = [table.filter(pl.col("agency").is_in(agencies)) for agencies in (kind.one, kind.two)]
    both, paths = sorted(set(lists[0]["person"]) & set(lists[1]["person"])), {}
    size = kind.records or 0
    shared = np.random.default_rng(seed).permutation(both)[: int(size * kind.both)].tolist()
    for name, people in zip(LISTS, lists, strict=True):
        if size:
            first, rest = (
                people.filter(pl.col("person").is_in(some)) for some in (shared, set(people["person"]) - set(both))
            )
            people = pl.concat([first, rest]).head(size).sort("id")
        hidden = ["agency", "region", "person", *([] if kind.identifiers else ["document", "phone"])]
        paths[name] = folder / f"{name}.csv"
        people.drop(hidden).write_csv(paths[name])
    return Sample(paths, dict(table.select("id", "person").iter_rows()))


OFFICES = villages.OFFICES
HIDDEN = ["office", "person", "street", "house", "town"]


@dataclass(frozen=True)
class Kind:
    """Offices of each list, records of all, typing errors as a multiple, and whether there are documents."""

    name: str
    one: tuple[str, ...]
    two: tuple[str, ...]
    out_of: int
    typos: float = 1.0
    documents: bool = True


KINDS = (
    Kind("clinic, school", ("clinic",), ("school",), 12_000),
    Kind("clinic, consulate", ("clinic",), ("consulate",), 12_000),
    Kind("clinic, charity", ("clinic",), ("charity",), 8_000),
    Kind("school, consulate, three times the errors", ("school",), ("consulate",), 12_000, 3.0),
    Kind("clinic, all others", ("clinic",), ("school", "charity", "consulate"), 8_000),
    Kind("clinic, all others, three times the errors", ("clinic",), ("school", "charity", "consulate"), 8_000, 3.0),
    Kind("clinic, school, no documents", ("clinic",), ("school",), 12_000, documents=False),
    Kind("clinic, all others, no documents", ("clinic",), ("school", "charity", "consulate"), 8_000, documents=False),
)


def draw_lists(kind: Kind, seed: int, folder: Path) -> Sample:
    """Write two lists of a kind."""
    villages.OFFICES = tuple(replace(office, typo=office.typo * kind.typos) for office in OFFICES)
    records, truth = villages.villages(kind.out_of, seed)
    villages.OFFICES = OFFICES
    table, paths = records.join(truth.select("id", "person"), on="id"), {}
    hidden = HIDDEN if kind.documents else [*HIDDEN, "iin", "phone"]
    for name, offices in zip(LISTS, (kind.one, kind.two), strict=True):
        paths[name] = folder / f"{name}.csv"
        table.filter(pl.col("office").is_in(offices)).drop(hidden).write_csv(paths[name])
    return Sample(paths, dict(table.select("id", "person").iter_rows()))


@dataclass(frozen=True)
class Truth:
    """Persons on both lists, how many of them are linked, links, and links of nobody who is on both sides."""

    both: int
    hit: int
    links: int
    wrong: int


def true(overlap: estimate_overlap.Overlap, persons: NDArray[np.int64], first: int) -> Truth:
    """Return how the persons on both of two lists were linked."""
    sides = [
        pl.DataFrame({"group": overlap.groups[part], "person": persons[part]}).unique()
        for part in (slice(first), slice(first, None))
    ]
    links = len(set(sides[0]["group"]) & set(sides[1]["group"]))
    right = sides[0].join(sides[1], on=["group", "person"])
    both = len(set(persons[:first]) & set(persons[first:]))
    return Truth(both, right["person"].n_unique(), links, links - right["group"].n_unique())


def rates(left: NDArray[np.int64], right: NDArray[np.int64], persons: NDArray[np.int64], first: int) -> Rates:
    """Precision and recall of pairs across the two lists."""
    across = (left < first) != (right < first)
    right_ones = int((persons[left[across]] == persons[right[across]]).sum())
    sizes = [np.bincount(part, minlength=persons.max() + 1) for part in (persons[:first], persons[first:])]
    return Rates(right_ones / max(1, int(across.sum())), right_ones / int((sizes[0] * sizes[1]).sum()))


def encoded(lists: Sample, folder: Path, share: float) -> tuple[list[token_file.Tokens], list[str]]:
    """Both token files as the broker reads them, and the ids of their rows as only the agencies know them."""
    key, read, ids = study_key.new_study_key("benchmark", study_key.Terms(tuple(LISTS))), [], []
    listed = frequent_names.find_common_names
    if share == EXACT:
        frequent_names.find_common_names = lambda _: (frozenset(), frozenset())
    limit, frequent_names.compute_frequency_limit = (
        frequent_names.compute_frequency_limit,
        (lambda records, _: frequent_names.AT_LEAST + int(share * records)),
    )
    for name, path in lists.paths.items():
        made = encode_file.encode_file(path, key, name, {}, "id", known_column=lists.known)
        token_file.write_token_file(folder / f"{name}.parquet", made.header, made.frame)
        read.append(token_file.read(folder / f"{name}.parquet"))
        known = dict(zip(token_file._write_texts(made.frame), made.ids, strict=True))
        ids += [known[text] for text in read[-1].rows]
    frequent_names.compute_frequency_limit, frequent_names.find_common_names = limit, listed
    return read, ids
