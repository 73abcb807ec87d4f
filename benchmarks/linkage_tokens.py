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
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_quality import Rates
from benchmarks.people import population
from benchmarks.tokens_lists import EXACT, LISTS, Sample, encoded, rates, sample, true
from kerege.linkage.input.person_fields import given_columns
from kerege.linkage.matching import link_files, model_file
from kerege.linkage.tokens import (
    encode_file,
    estimate_overlap,
    frequent_names,
    link_error_rates,
    published_counts,
    study_key,
    token_file,
)


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
    asked = parser.parse_args()
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
