"""Training: identifiers are labels, fixed values stay, the prior follows the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.people.population import population
from kerege.linkage.matching import link_files, train
from kerege.linkage.matching.batch_scorer import frequencies
from kerege.linkage.matching.column_store import TextColumn, Values, of_frame
from kerege.linkage.matching.comparisons import Comparison
from kerege.linkage.matching.dependence import NAME
from kerege.linkage.matching.model_file import Model, load_bundled_model, prior_weight


def bundled_comparisons(model: Model) -> list[Comparison]:
    """Return the comparisons that the bundled model has too: without that of names that go together."""
    return [comparison for comparison in model.comparisons if comparison.name != NAME]


def by_name(model: Model, name: str) -> Comparison:
    return next(comparison for comparison in model.comparisons if comparison.name == name)


@pytest.fixture(scope="module", autouse=True)
def _fewer_random_pairs() -> Iterator[None]:
    """Estimate u from a fifth of the random pairs; the proofs of training take all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train, "RANDOM_PAIRS", 100_000)
        yield


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> link_files.Linked:
    return link_people(tmp_path_factory.mktemp("people"), 2_000)


def link_people(folder: Path, records: int) -> link_files.Linked:
    population(records, 3).write(folder)
    ids, frame = link_files.gather([folder / "records.csv"], {}, "id")
    return link_files.link_records(ids, frame, load_bundled_model())


def test_fixed_values_of_the_model_stay(linked: link_files.Linked) -> None:
    for comparison in bundled_comparisons(linked.model):
        before = by_name(load_bundled_model(), comparison.name)
        for level, old in zip(comparison.levels, before.levels, strict=True):
            assert not level.fixed_u or level.u == old.u
            assert not level.fixed_m or level.m == old.m


def test_m_of_equal_names_follows_the_identifiers(linked: link_files.Linked) -> None:
    check_equal_names(linked)


def check_equal_names(linked: link_files.Linked) -> None:
    """Estimated from pairs that blocking on names chose, m would be near 1."""
    family = by_name(linked.model, "family")
    equal = max(family.levels, key=lambda level: level.gamma)
    assert 0.45 < equal.m < 0.85


def test_the_prior_follows_the_size_of_the_file(linked: link_files.Linked, tmp_path: Path) -> None:
    check_prior(linked, tmp_path)


def check_prior(linked: link_files.Linked, folder: Path) -> None:
    """Check the prior: a quarter of the records has a sixteenth of the pairs and a quarter of the matches."""
    records = len(linked.ids)
    few = link_people(folder, records // 4)
    assert prior_weight(few.model.prior) - prior_weight(linked.model.prior) == pytest.approx(2.0, abs=0.4)
    expected = linked.model.prior * records * (records - 1) / 2
    expected_matches = linked.scores(linked.left, linked.right).probabilities.sum()
    assert 0.5 < expected_matches / expected < 1.5


def test_two_files_without_matches_get_no_pair(tmp_path: Path) -> None:
    """In a table without duplicates the prior falls to its lower bound, and no pair is written."""
    population(2_000, 4).write(tmp_path)
    ids, frame = link_files.gather([tmp_path / "records.csv"], {}, "id")
    truth = pl.read_csv(tmp_path / "truth.csv", infer_schema_length=0)
    first = ~truth["person"].is_duplicated()
    alone = link_files.link_records(
        [i for i, keep in zip(ids, first, strict=True) if keep], frame.filter(first), load_bundled_model()
    )
    assert len(alone.left) <= 0.004 * first.sum()


def test_the_same_seed_gives_the_same_model(linked: link_files.Linked) -> None:
    second = link_files.link_records(linked.ids, linked.frame, load_bundled_model(), seed=0)
    assert second.model.comparisons == linked.model.comparisons
    assert np.array_equal(second.weights, linked.weights)


def test_shuffled_rows_give_the_same_model_pairs_and_groups(linked: link_files.Linked) -> None:
    """Two thousand records have more pairs than training draws, and the pairs of a group compete."""
    order = np.random.default_rng(5).permutation(len(linked.ids))
    ids = [linked.ids[row] for row in order]
    shuffled = link_files.link_records(ids, linked.frame[order], load_bundled_model())
    assert shuffled.model == linked.model
    assert sorted_pairs(shuffled) == sorted_pairs(linked)
    assert sorted_groups(shuffled) == sorted_groups(linked)


def sorted_pairs(linked: link_files.Linked) -> list[tuple[str, str, float]]:
    rows = zip(linked.left, linked.right, linked.weights, strict=True)
    return sorted((*sorted((linked.ids[one], linked.ids[other])), float(weight)) for one, other, weight in rows)


def sorted_groups(linked: link_files.Linked) -> list[list[str]]:
    groups = linked.groups()
    assert np.array_equal(groups[groups], groups)  # a group is named by its first record
    assert (groups <= np.arange(len(groups))).all()
    return sorted(sorted(np.array(linked.ids)[groups == first]) for first in np.unique(groups))


def test_u_of_equal_names_is_the_share_of_all_pairs_that_do_not_match(tmp_path: Path) -> None:
    """The truth is counted over all 1,124,250 pairs, of which training draws half a million."""
    population(1_500, 7).write(tmp_path)
    ids, frame = link_files.gather([tmp_path / "records.csv"], {}, "id")
    truth = pl.read_csv(tmp_path / "truth.csv", infer_schema_length=0)
    person = dict(zip(truth["id"], truth["person"], strict=True))
    trained = link_files.link_records(ids, frame, load_bundled_model()).model
    for name, column in (("family", "family"), ("patronymic", "patronymic"), ("sex", "sex")):
        values = frame[column].to_numpy()
        known = np.flatnonzero(frame[column].is_not_null().to_numpy())
        left, right = (known[rows] for rows in np.triu_indices(len(known), 1))
        owners = np.array([person[record] for record in ids])
        apart = owners[left] != owners[right]
        share = (values[left] == values[right])[apart].mean()
        equal = by_name(trained, name).levels[1]
        assert equal.u == pytest.approx(share, rel=0.1)


def test_a_distant_start_ends_near_the_same_values(linked: link_files.Linked) -> None:
    check_distant_start(linked)


def check_distant_start(linked: link_files.Linked) -> None:
    """m of equal names starts at 0.2 instead of 0.8: the pairs that share an identifier correct it."""

    def bent(comparison: Comparison) -> Comparison:
        if comparison.name != "family":
            return comparison
        top = max(level.gamma for level in comparison.levels)
        levels = tuple(replace(x, m=0.2) if x.gamma == top else x for x in comparison.levels)
        return replace(comparison, levels=levels)

    start = replace(load_bundled_model(), comparisons=tuple(map(bent, load_bundled_model().comparisons)))
    mended = by_name(link_files.link_records(linked.ids, linked.frame, start).model, "family")
    right = by_name(linked.model, "family")
    top = max(level.gamma for level in right.levels)
    assert mended.level(top).m == pytest.approx(right.level(top).m, abs=0.15)


def test_an_empty_table_leaves_the_model_unchanged() -> None:
    nothing = link_files.link_records(["1", "2"], pl.DataFrame(), load_bundled_model())
    assert nothing.model.prior == load_bundled_model().prior
    assert len(nothing.left) == 0


GIVEN = "Айгүл Жанар Сәуле Динара Гүлнар Меруерт Шолпан Жібек Айнұр Мәдина Ерлан Қайрат Нұрлан Серік Болат Асхат Темір"
FAMILY = "Ахметов Касымов Искаков Смагулов Ибраев Сулейменов Жумабаев Оспанов Омаров Нургалиев Сеитов Токаев"


def test_namesakes_do_not_lower_the_weight_of_different_birthdays(tmp_path: Path) -> None:
    """One person in four has a cousin of the same name, and one in four a father of the same name."""
    random = np.random.default_rng(5)
    lines = ["given,family,birth_date"]

    def write(name: str, year: int) -> None:
        day = f"-{random.integers(1, 13):02}-{random.integers(1, 29):02}"
        lines.extend(
            f"{name},{year + (random.random() < 0.06)}{day if random.random() < 0.7 else ''}"
            for _ in range(random.integers(1, 4))
        )

    for person in range(400):
        name = f"{random.choice(GIVEN.split())},{random.choice(FAMILY.split())}"
        year = int(random.integers(1955, 2000))
        for born in {0: (year, year + 1), 1: (year, year - 25)}.get(person % 4, (year,)):
            write(name, born)
    (tmp_path / "town.csv").write_text("\n".join(lines) + "\n", "utf-8")
    town = link_files.link_records(*link_files.gather([tmp_path / "town.csv"], {}, ""), load_bundled_model())
    for own, learnt in zip(
        by_name(load_bundled_model(), "birth").levels, by_name(town.model, "birth").levels, strict=True
    ):
        assert own.weight >= 0 or learnt.weight < own.weight / 2


def test_smoothing_does_not_fade_with_the_rounds(linked: link_files.Linked) -> None:
    """m keeps 200 pseudo-counts at the model's own value, after 25 rounds as after one."""
    assert not unsmoothed_levels(linked, linked.model.prior * len(linked.ids) * (len(linked.ids) - 1))


def test_smoothing_holds_with_identifiers(linked: link_files.Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a level without labelled pairs would get m near 0 and outweigh all agreement."""
    monkeypatch.setattr(train, "ENOUGH_LABELS", 5)
    assert not unsmoothed_levels(
        link_files.link_records(linked.ids, linked.frame, load_bundled_model()), labels(linked) * 1.2
    )


def labels(linked: link_files.Linked) -> int:
    """Return how many pairs share a document, counted in the file."""
    numbers = linked.frame["document"].drop_nulls().value_counts()["count"]
    return int((numbers * (numbers - 1) // 2).sum())


def unsmoothed_levels(linked: link_files.Linked, pairs: float) -> list[str]:
    """Return the levels with a lower m than smoothing with `pairs` pairs allows."""
    return [
        f"{comparison.name}: {level.label}"
        for comparison in bundled_comparisons(linked.model)
        for level, own in zip(comparison.levels, by_name(load_bundled_model(), comparison.name).levels, strict=True)
        if not level.is_null and level.m < own.m * 200 / (200 + pairs)
    ]


def test_a_missing_day_carries_no_evidence(linked: link_files.Linked) -> None:
    check_missing_day(linked)


def check_missing_day(linked: link_files.Linked) -> None:
    """Check that an equal year carries at most 5.6 bits with about fifty years of birth."""
    alone = pl.col("birth_date").is_null()
    dayless = {name: pl.lit(None, pl.String) for name in ("birth_date", "birth_day", "birth_turned")}
    numbered = linked.frame.with_columns(id=pl.Series(linked.ids))
    few = pl.concat([numbered.filter(~alone), numbered.filter(alone).head(40)])
    bits = [
        by_name(
            link_files.link_records(frame["id"].to_list(), frame.drop("id"), load_bundled_model()).model, "birth_year"
        )
        .levels[1]
        .weight
        for frame in (few, numbered, numbered.with_columns(**dayless))
    ]
    assert max(bits) < 5.8
    assert max(bits) - min(bits) < 1


def test_a_person_with_four_records_has_no_frequent_name() -> None:
    others = [(f"n{place}", f"k{place}", f"19{50 + place % 40}-02-0{1 + place % 9}") for place in range(96)]
    rare, common = ("rare", "k", "1990-05-12"), [("common", "k", f"1990-05-1{place}") for place in range(4)]
    rows = [*others, *[rare] * 4, *common]
    table = of_frame(pl.DataFrame(rows, orient="row", schema=["family", "name_key", "birth_date"]))
    shares = dict(zip(table["family"].values, frequencies(table, load_bundled_model())["family"], strict=True))
    assert shares["rare"] == shares["n0"]
    assert shares["common"] > 3 * shares["rare"]


def test_names_of_a_large_file_are_counted() -> None:
    """60,000 different names: the product of names and records exceeds 2^31."""
    column = TextColumn(np.arange(60_000, dtype=np.int32), Values(map(str, range(60_000))))
    assert len(set(frequencies({"family": column}, load_bundled_model())["family"])) == 1
