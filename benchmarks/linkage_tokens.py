"""Linkage without names beside plain text, and what an intruder learns.

Run `python benchmarks/linkage_tokens.py`.

Two lists of an invented population (`benchmarks/people`), police and a crisis centre, 10,000 records each, document and
telephone hidden. The same records are linked by name (`kerege link`), by keyed tokens with and without tokens for
common names, and by CLKs: 1,024-bit Bloom filters of the pairs of letters of folded names and of the date of birth,
Dice coefficient, at the threshold that is best by the truth. Pairs count from a probability of a half.

Then three attacks. By rank: a broker who knows how common given names are (from another population of the same kind)
and reads the given names off the tokens of the police list by how often they come, alone, and after gluing together
all records that any token that holds a given name ties to one another. By pairing: a broker who has one list under
the keys of two studies, a part of it exchanged, and decides which rows are one person by year and sex (which the
broker reads off), by what is missing, and by how often each token comes. By probing: an agency that sends a list of its
own with persons who it knows are on the list of the police, and one whom it wants to know of; how often it guesses
right from LISTS.csv under noise, where a half is guessing and the sizes of both lists are known.

`--rates N` instead shows, for N populations of each of twelve kinds that nothing was learned from, which rates of
missed and false links are estimated under noise (epsilon 1) and which are true.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_quality import Rates
from benchmarks.people import Rates as Mistakes
from benchmarks.people import population
from kerege.linkage.input.person_fields import given_columns
from kerege.linkage.matching import link_files, model_file
from kerege.linkage.tokens import (
    encode_file,
    estimate_overlap,
    frequent_names,
    link_error_rates,
    published_counts,
    run_study,
    study_key,
    token_file,
)

LISTS = {"police": "police", "shelter": "crisis_centre"}
OUT_OF = 75_000
EXACT = 2.0  # a share that no name reaches: nothing is dropped
ERRORS = ("year_off", "day_and_month", "typo_family", "typo_given", "typo_patronymic", "alias", "short", "married",
          "swapped", "initial", "no_given", "no_family", "split", "together", "mixed_script", "digits")  # fmt: skip
POLICE, HELP, ABROAD = ("police", "border"), ("crisis_centre", "hotline"), ("consulate", "migration", "international")


@dataclass(frozen=True)
class Sample:
    """Two lists, in files without identifiers, and who is who."""

    paths: dict[str, Path]
    who: dict[str, int]

    def persons(self, ids: list[str]) -> NDArray[np.int64]:
        """(ids,) the number of the person of each record."""
        return np.array([self.who[record] for record in ids])


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


def by_rates(times: int) -> None:
    """Print the estimated rates beside the true ones.

    Print also in how many runs the true rates are within the estimated bounds.
    """
    print(f"{'':34} {'both':>6} {'missed':>7} {'true':>6} {'false':>7} {'true':>6}   est. / true   in brackets")
    ratios, inside = [], []
    for place, kind in enumerate(EXERCISES):
        rows = []
        for seed in range(500 + 20 * place, 500 + 20 * place + times):
            with tempfile.TemporaryDirectory() as temporary:
                lists = exercise(kind, seed, Path(temporary))
                read, ids = encoded(lists, Path(temporary), frequent_names.SHARE)
            overlap = estimate_overlap.overlap(read)
            was = true(overlap, lists.persons(ids), len(read[0].frame))
            counts = published_counts.noisy_counts(overlap.names, overlap.histories, 1.0, str(seed).encode())
            estimated = run_study._add_noise(link_error_rates.rates(overlap, counts)[0], 2, 1.0, str(seed).encode())
            missed, false = 1 - was.hit / was.both, was.wrong / was.links
            inside.append(
                [
                    low <= is_ <= high
                    for (low, high), is_ in ((estimated.missed_between, missed), (estimated.false_between, false))
                ]
            )
            rows.append((was.both, estimated.missed, missed, estimated.false, false))
        both, *mean = np.mean(rows, axis=0)
        ratios.append((mean[0] / mean[1], mean[2] / mean[3]))
        some = np.mean(inside[-times:], axis=0)
        print(
            f"{kind.name:34} {both:6.0f} {mean[0]:7.3f} {mean[1]:6.3f} {mean[2]:7.3f} {mean[3]:6.3f}   "
            f"{ratios[-1][0]:.2f} {ratios[-1][1]:.2f}    {some[0]:.0%} {some[1]:.0%}",
            flush=True,
        )
    mean, spread, whole = np.mean(ratios, axis=0), np.std(ratios, axis=0), np.mean(inside, axis=0)
    print(
        f"estimated / true, mean of the kinds: missed {mean[0]:.2f} (sd {spread[0]:.2f}), false {mean[1]:.2f} "
        f"(sd {spread[1]:.2f}); in brackets: {whole[0]:.0%}, {whole[1]:.0%} of {len(inside)}"
    )


def rates(left: NDArray[np.int64], right: NDArray[np.int64], persons: NDArray[np.int64], first: int) -> Rates:
    """Precision and recall of pairs across the two lists."""
    across = (left < first) != (right < first)
    right_ones = int((persons[left[across]] == persons[right[across]]).sum())
    sizes = [np.bincount(part, minlength=persons.max() + 1) for part in (persons[:first], persons[first:])]
    return Rates(right_ones / max(1, int(across.sum())), right_ones / int((sizes[0] * sizes[1]).sum()))


def line(what: str, result: Rates, seconds: float, more: str = "") -> None:
    """One row of the table."""
    print(f"{what:44} {result.precision:6.3f} {result.recall:6.3f} {result.f1:6.3f} {seconds:7.1f}  {more}", flush=True)


def plain(lists: Sample) -> float:
    """Names in plain text."""
    start = time.perf_counter()
    ids, frame = link_files.gather(list(lists.paths.values()), {}, "id")
    linked = link_files.link_records(ids, frame, model_file.load_bundled_model())
    first = sum(1 for _ in lists.paths["police"].open()) - 1
    result = rates(linked.left, linked.right, lists.persons(ids), first)
    line("plain text", result, time.perf_counter() - start)
    return result.f1


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
        made = encode_file.encode_file(path, key, name, {}, "id")
        token_file.write_token_file(folder / f"{name}.parquet", made.header, made.frame)
        read.append(token_file.read(folder / f"{name}.parquet"))
        known = dict(zip(token_file._write_texts(made.frame), made.ids, strict=True))
        ids += [known[text] for text in read[-1].rows]
    frequent_names.compute_frequency_limit, frequent_names.find_common_names = limit, listed
    return read, ids


def by_tokens(what: str, lists: Sample, folder: Path, share: float, base: float) -> tuple[token_file.Tokens, list[str]]:
    """Tokens in the place of names, with the estimated errors beside the true ones."""
    start = time.perf_counter()
    read, ids = encoded(lists, folder, share)
    overlap = estimate_overlap.overlap(read)
    seconds = time.perf_counter() - start
    persons, first = lists.persons(ids), len(read[0].frame)
    taken = overlap.linked.weights >= 0
    result = rates(overlap.linked.left[taken], overlap.linked.right[taken], persons, first)
    line(what, result, seconds, f"{result.f1 - base:+.3f}")
    estimated, was = link_error_rates.rates(overlap, overlap.histories)[0], true(overlap, persons, first)
    print(
        f"{'':6} of persons linked: missed {estimated.missed:.3f} estimated, {1 - was.hit / was.both:.3f} true; false "
        f"{estimated.false:.3f} estimated, {was.wrong / was.links:.3f} true; persons on both: {was.links} "
        f"counted, {estimated.real:.0f} corrected, {was.both} true"
    )
    return read[0], ids[:first]


def clk(lists: Sample) -> None:
    """Bloom filters of folded names and dates, compared by their Dice coefficient."""
    start = time.perf_counter()
    ids, frame = link_files.gather(list(lists.paths.values()), {}, "id")
    bits = np.zeros((len(frame), 1024), np.float32)
    columns = [frame[name].to_list() for name in ("given", "family", "patronymic", "birth_date", "birth_year")]
    for row, values in enumerate(zip(*columns, strict=True)):
        for field, value in enumerate(values):
            text = f"^{value}$" if value is not None else ""
            for place in range(len(text) - 1):
                drawn = hashlib.sha256(f"{field}{text[place : place + 2]}".encode()).digest()
                bits[row, np.frombuffer(drawn[:30], "<u2") % 1024] = 1
    first, size = sum(1 for _ in lists.paths["police"].open()) - 1, bits.sum(1)
    pairs = []
    for begin in range(0, first, 1000):
        part = slice(begin, min(first, begin + 1000))
        dice = 2 * (bits[part] @ bits[first:].T) / (size[part, None] + size[None, first:] + 1e-9)
        one, two = np.nonzero(dice >= 0.7)
        pairs.append((one + begin, two + first, dice[one, two]))
    left, right, dice = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    persons = lists.persons(ids)
    best = max(
        (rates(left[dice >= t], right[dice >= t], persons, first) for t in np.arange(0.7, 1, 0.02)),
        key=lambda result: result.f1,
    )
    line("CLK of folded names, best threshold", best, time.perf_counter() - start)


def by_rank(what: str, read: token_file.Tokens, names: NDArray[np.object_], public: list[str]) -> None:
    """Print how many given names of a list are read off its tokens; `names` (records,) are the true ones."""
    for how, classes in (
        ("alone", _classes(read.frame, ["given"])),
        ("all tokens glued", _classes(read.frame, ["given", "name", "given_year"])),
    ):
        sizes = np.bincount(classes[classes >= 0])
        rank = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
        guess = np.array([public[place] if place < len(public) else "" for place in rank], dtype=object)
        seen = classes >= 0
        hit = (guess[classes] == names) & seen
        top = np.isin(names, public[:20])
        print(f"{what:44} {how:18} {seen.mean():6.1%} {hit.mean():6.2%} {hit[top].mean():6.2%}  largest {sizes.max()}")


def _classes(frame: pl.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    """Return (records,) a number for records that some of these tokens link, -1 for those without any."""
    size, links = len(frame), []
    for name in columns:
        table = pl.DataFrame({"row": np.arange(size), "token": frame[name]}).drop_nulls()
        first = table.with_columns(first=pl.col("row").first().over("token"))
        links.append((first["row"].to_numpy(), first["first"].to_numpy()))
    one, two = (np.concatenate(rows) for rows in zip(*links, strict=True))
    _, labels = connected_components(coo_array((np.ones(len(one)), (one, two)), shape=(size, size)), directed=False)
    classes = np.full(size, -1)
    classes[one] = labels[one]
    known = classes >= 0
    classes[known] = np.unique(classes[known], return_inverse=True)[1]
    return classes


@dataclass(frozen=True)
class View:
    """Columns of a token file that one broker has, and whether these tell them year and sex."""

    name: str
    columns: frozenset[str] | None = None
    dated: bool = True


def by_pairing(lists: Sample, folder: Path, view: View = View("all tokens")) -> None:
    """Print how many records of a list are found under another key, and how many of these rightly."""
    table = pl.read_csv(lists.paths["police"], infer_schema_length=0)
    size, chance = len(table) * 2 // 3, np.random.default_rng(1)
    first, others = table.head(size), table.tail(len(table) - size)
    attributes = {row["id"]: ((row["birth_date"] or "")[:4], row["sex"]) for row in table.iter_rows(named=True)}
    for share in (0.02, 0.1, 0.3):
        gone = chance.random(size) < share
        second = pl.concat([first.filter(~gone), others.head(int(gone.sum()))])
        (ids, known, often), (ids2, known2, often2) = (
            _profile(rows, folder, attributes, view) for rows in (first, second)
        )
        like: dict[tuple[object, ...], list[int]] = {}
        for row, profile in enumerate(known2):
            like.setdefault(profile, []).append(row)
        paired = right = 0
        for row, profile in enumerate(known):
            if profile in like:
                apart = np.abs(often2[like[profile]] - often[row]).sum(1)
                order = np.argsort(apart)
                if apart[order[0]] <= 1 and (len(order) == 1 or apart[order[1]] - apart[order[0]] >= 0.3):
                    paired += 1
                    right += ids[row] == ids2[like[profile][order[0]]]
        print(
            f"{view.name:16} {share:4.0%} exchanged: {paired:6,} of {len(set(ids) & set(ids2)):6,} paired, "
            f"{right / max(1, paired):6.1%} right",
            flush=True,
        )


def _profile(
    rows: pl.DataFrame, folder: Path, attributes: dict[str, tuple[str, str]], view: View
) -> tuple[list[str], list[tuple[object, ...]], NDArray[np.float64]]:
    """Return ids (for the truth), what the broker is sure of for each record, and token counts.

    A count is log(1 + how often) each token of the person comes.
    """
    rows.write_csv(folder / "pairing.csv")
    made = encode_file.encode_file(
        folder / "pairing.csv", study_key.new_study_key("benchmark", study_key.Terms(tuple(LISTS))), "police", {}, "id"
    )
    single = [
        name
        for name in made.frame.columns
        if made.frame[name].dtype == pl.String
        and name not in ("sex", "birth_year")
        and (view.columns is None or name in view.columns)
    ]
    often = made.frame.select(
        pl.when(pl.col(name).is_null()).then(0).otherwise(pl.len().over(name)).log1p().alias(name) for name in single
    ).to_numpy()
    known = [(*(attributes[record] if view.dated else ()), *(often[row] > 0)) for row, record in enumerate(made.ids)]
    return made.ids, known, often


def by_probing(epsilon: float | None, draws: int = 20_000) -> float:
    """Return how often the counts disclose that a person is on the list of the police.

    The person moves all three counts by one.
    """
    if epsilon is None:
        return 1.0
    chance, right = np.random.default_rng(1), 0.0
    for _ in range(draws):
        inside, secret = bool(chance.integers(2)), chance.bytes(32)
        # as (both, only the police, only the lie) with the person would be one more, one less, one less
        far = [
            sign * inside + published_counts.draw_noise(secret, str(place), epsilon)
            for place, sign in enumerate((1, -1, -1))
        ]
        without = sum(abs(count) for count in far)
        with_her = sum(abs(count - sign) for count, sign in zip(far, (1, -1, -1), strict=True))
        right += 0.5 if with_her == without else (with_her < without) == inside
    return right / draws


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rates", type=int, metavar="N", help="the estimated rates, for N populations of each kind")
    asked = parser.parse_args()
    if asked.rates:
        by_rates(asked.rates)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        lists = sample(asked.records, asked.seed, folder)
        print(f"{asked.records:,} records a list, seed {asked.seed}\n{'':44} {'P':>6} {'R':>6} {'F1':>6} {'wall s':>7}")
        base = plain(lists)
        every = by_tokens("tokens, every name", lists, folder, EXACT, base)
        usual = by_tokens("tokens, none for common names", lists, folder, frequent_names.SHARE, base)
        clk(lists)
        public = population(60_000, asked.seed + 1_000).records["given_name"]
        folded = pl.Series([given_columns(name)["given"] for name in public]).drop_nulls()
        ranked = folded.value_counts(sort=True)[folded.name].to_list()
        print(f"\nby rank, of {asked.records:,} police records{'':22}seen guessed  of the 20 most common")
        table = pl.read_csv(lists.paths["police"], infer_schema_length=0)
        given = dict(
            zip(table["id"], [given_columns(name or "")["given"] for name in table["given_name"]], strict=True)
        )
        for what, (read, ids) in (("tokens, every name", every), ("tokens, none for common names", usual)):
            names = np.array([given[record] for record in ids], dtype=object)
            by_rank(what, read, names, ranked)
        best = (names == ranked[0]).mean()
        print(f"{'always the most common name, without tokens':44} {'':18} {'':6} {best:6.2%}")
    print("\nby pairing: the police list under two keys")
    with tempfile.TemporaryDirectory() as temporary:
        by_pairing(sample(asked.records, asked.seed, Path(temporary)), Path(temporary))
    print("\nby probing: how often the guess is right")
    for epsilon in (None, 2.0, 1.0, 0.5):
        print(f"{'exact' if epsilon is None else f'epsilon {epsilon}':12} {by_probing(epsilon):6.3f}")


if __name__ == "__main__":
    main()
