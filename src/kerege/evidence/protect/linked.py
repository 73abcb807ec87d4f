"""Several tables of one population: a figure that two of them share may not give away what one of them hides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from kerege.evidence.protect.audit import audit
from kerege.evidence.protect.suppress import Repair, weights
from kerege.evidence.protect.system import Ints, Knowledge, Rules, knowledge, rules_of, table_truth
from kerege.evidence.tables import OTHER, SUPPRESSED, TOTAL, WITHHELD, Table
from kerege.standard.faults import Refused

Key = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Joint:
    """Every distinct cell of several tables once, with all rules. `places` gives each table's cells among them."""

    tables: list[Table]
    places: list[Ints]
    rules: Rules
    size: int

    def known(self) -> Knowledge:
        """What all tables together tell: of a cell in two tables, the narrower bounds."""
        lower, upper = np.zeros(self.size), np.full(self.size, np.inf)
        truth = np.zeros(self.size, dtype=np.int64)
        for table, place in zip(self.tables, self.places, strict=True):
            rules = Rules(sp.csr_matrix((0, table.counts.size)), np.zeros(0), np.zeros(0))
            half = int(table.params.get("half_width", 0))
            view = knowledge(table, rules, half=half, tight=int(table.params.get("rounded_to", 1)) % 2 == 0)
            np.maximum.at(lower, place, view.lower)
            np.minimum.at(upper, place, view.upper)
            truth[place] = table_truth(table)
        return Knowledge(self.rules, lower, upper, truth)


def join(tables: Sequence[Table]) -> Joint:
    """Tie tables of one unit together by the cells they share."""
    index: dict[Key, int] = defaultdict(lambda: len(index))
    places = [np.array([index[_key(table, flat)] for flat in range(table.counts.size)]) for table in tables]
    size = len(index)
    matrices, lows, highs = [], [], []
    for table, place in zip(tables, places, strict=True):
        rules = rules_of(table)
        entries = rules.matrix.tocoo()
        matrices.append(sp.csr_matrix((entries.data, (entries.row, place[entries.col])), (entries.shape[0], size)))
        lows.append(rules.low)
        highs.append(rules.high)
    joined = Rules(sp.vstack(matrices).tocsr(), np.concatenate(lows), np.concatenate(highs))
    return Joint(list(tables), places, joined, size)


def _key(table: Table, flat: int) -> Key:
    """Who is counted in a cell: the same persons have the same key in every table and filter."""
    pairs = {(name, "|".join(sorted(values))) for name, values in table.where.items()}
    for name, code in zip(table.by, table.keys(flat), strict=True):
        if code == OTHER:
            pairs.add((name, f"{OTHER}:{table.name}"))
        elif code != TOTAL and table.where.get(name) != [code]:
            pairs.add((name, code))
    return frozenset(pairs)


def protect_together(tables: Sequence[Table], threshold: int) -> list[Table]:
    """Safe tables made safe together: hides further cells until the joint audit finds none."""
    result = list(tables)
    for unit in sorted({table.of for table in tables}):
        mine = [i for i, table in enumerate(tables) if table.of == unit]
        for i, table in zip(mine, _one_unit([tables[i] for i in mine], threshold), strict=True):
            result[i] = table
    return result


def _one_unit(tables: list[Table], threshold: int) -> list[Table]:
    joint = join(tables)
    repair: Repair | None = None
    while True:
        known = joint.known()
        state = audit(known, threshold)
        if state.safe:
            return [_noted(before, after) for before, after in zip(tables, joint.tables, strict=True)]
        repair = repair or _repair(joint, known, threshold)
        if not repair.protect(state):
            if repair.hidden[repair.cells].sum() >= len(repair.cells) - len(repair.totals):
                raise Refused("these tables cannot be published together: a cell can be found from their totals")
            repair.give_up()
        joint = replace(joint, tables=_hide(joint, repair))


def _repair(joint: Joint, known: Knowledge, threshold: int) -> Repair:
    cost, totals = np.zeros(joint.size), []
    for table, place in zip(joint.tables, joint.places, strict=True):
        np.maximum.at(cost, place, weights(table))
        totals.append(int(place[0]))
    hidden = np.zeros(joint.size, dtype=bool)
    for table, place in zip(joint.tables, joint.places, strict=True):
        hidden[place[(table.status.ravel() == SUPPRESSED) | (table.status.ravel() == WITHHELD)]] = True
    hidden &= known.open
    return Repair(known.truth, cost, joint.rules, threshold, hidden, np.unique(totals))


def _hide(joint: Joint, repair: Repair) -> list[Table]:
    """Suppress in every table what the repair hides."""
    tables = []
    for table, place in zip(joint.tables, joint.places, strict=True):
        hide = repair.hidden[place].reshape(table.status.shape) & (table.status != WITHHELD)
        tables.append(replace(table, status=np.where(hide, SUPPRESSED, table.status).astype(np.uint8)))
    return tables


def _noted(before: Table, after: Table) -> Table:
    more = int((before.status != after.status).sum())
    note = f"{more} more cells are suppressed because other tables of this release would give a cell away."
    return replace(after, notes=[*before.notes, note]) if more else after
