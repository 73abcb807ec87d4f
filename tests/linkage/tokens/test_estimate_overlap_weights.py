"""The weight of a pair depends on its two records alone: one person changes the weight of no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kerege.linkage.tokens import encode_file, estimate_overlap, token_file
from kerege.linkage.tokens.study_key import Key
from tests.linkage.invented_lists import new_key, person, table

BOTH, SIZE, OTHERS = 60, 100, range(900, 1_000)


def weights_of_shared(folder: Path, key: Key, others: list[dict[str, str]]) -> dict[str, float]:
    """Return the weight of the link of each person on both lists, by id."""
    read, ids = [], []
    shared = [person(number) for number in range(BOTH)]
    for name, people in (("police", [*shared, *map(person, range(500, 500 + SIZE - BOTH))]), ("shelter", shared)):
        rest = others if name == "shelter" else []
        made = encode_file.encode_file(table(folder, name, [*people, *rest]), key, name, {}, "id")
        token_file.write_token_file(folder / f"{name}.parquet", made.header, made.frame)
        read.append(token_file.read(folder / f"{name}.parquet"))
        known = dict(zip(token_file._write_texts(made.frame), made.ids, strict=True))
        ids += [known[text] for text in read[-1].rows]
    linked = estimate_overlap.overlap(read).linked
    left, right = np.array(ids)[linked.left], np.array(ids)[linked.right]
    return {one: weight for one, other, weight in zip(left, right, linked.weights, strict=True) if one == other}


def test_namesakes_on_a_list_change_no_weight_of_other_pairs(tmp_path: Path) -> None:
    """Before, a name that more records bore weighed less: one person moved the links of all namesakes."""
    names = ("given_name", "family_name", "patronymic")
    strangers = [person(number) for number in OTHERS[: SIZE - BOTH]]
    namesakes = [
        {**stranger, **{name: person(number % 8)[name] for name in names}} for number, stranger in enumerate(strangers)
    ]
    key = new_key("x", ("police", "shelter"))
    before, after = (weights_of_shared(tmp_path, key, others) for others in (strangers, namesakes))
    assert len(before) == BOTH
    assert after == before
