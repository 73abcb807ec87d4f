"""The oracle gives the ends that are computed by hand, and those of a plain enumeration."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from tests.evidence.sdc.oracle.comparison import make_instance
from tests.evidence.sdc.oracle.exact_ends import GroupEnds, PublishedSystem, find_ends, is_safe
from tests.evidence.sdc.oracle.groups import Group, list_groups, named_codes
from tests.evidence.sdc.oracle.planted import where_codes
from tests.evidence.sdc.oracle.random_unions import SCHEMES
from tests.evidence.sdc.oracle.registers import (
    NOT_REPORTED,
    OTHER,
    Atom,
    AtomSpace,
    TooManyRegisters,
    Variable,
    every_register,
    fitting_registers,
)
from tests.evidence.sdc.oracle.releases import (
    CHANGING,
    ENTERED,
    GROWING,
    Filter,
    Key,
    Person,
    PublishedCell,
    PublishedTable,
    ReleaseUnion,
    exact,
    is_inside,
    perturbed,
    suppressed,
)

SEX, REGION = Variable(("sex",)), Variable(("region",))
SERVICES = Variable(("s",), multi=True)
AGES = Variable(("age_a", "age_b"), bands=True)
FAR = float("inf")
U, V, UV = frozenset("u"), frozenset("v"), frozenset("uv")


def one_way(cells: dict[str, PublishedCell], column: str = "sex", *, complete: bool = True) -> PublishedTable:
    """Return a table by one column."""
    return PublishedTable(column, (column,), {}, {(code,): cell for code, cell in cells.items()}, complete)


def total(cell: PublishedCell, where: Filter) -> PublishedTable:
    """Return a table of one figure."""
    return PublishedTable("total", (), where, {(): cell})


def ends_of(variables: tuple[Variable, ...], *tables: PublishedTable) -> GroupEnds:
    """Return the ends of all groups of one folder."""
    return find_ends(ReleaseUnion(variables, {"release0": list(tables)}))


def sex(*codes: str) -> Group:
    """Return the group of people with one of these codes."""
    return frozenset({where_codes("sex", *codes)})


# -- by hand -----------------------------------------------------------------------------------------------------------
def test_two_suppressed_cells_share_their_total() -> None:
    ends = ends_of((SEX,), one_way({"_T": exact(12), "female": suppressed(), "male": suppressed()}))
    assert ends.of_group(sex("female")) == ends.of_group(sex("male")) == (1, 11)
    assert ends.findings(11).disclosed == {}
    assert sorted(ends.findings(12).disclosed.values()) == [(1, 11), (1, 11)]
    assert ends.registers == 11


def test_one_suppressed_cell_is_its_total_less_the_published_cell() -> None:
    ends = ends_of((SEX,), one_way({"_T": exact(12), "female": exact(9), "male": suppressed()}))
    assert ends.of_group(sex("male")) == (3, 3)
    assert list(ends.findings(4).disclosed.values()) == [(3, 3)]
    assert ends.findings(3).disclosed == {}


def test_the_values_that_nobody_names_have_no_upper_bound() -> None:
    ends = ends_of((SEX,), total(exact(5), {"sex": ("female",)}))
    assert ends.of_group(sex("female")) == (5, 5)
    assert ends.of_group(sex(OTHER)) == (0, FAR)


def test_a_filter_of_two_values_leaves_their_shares_open() -> None:
    ends = ends_of((SEX,), total(exact(5), {"sex": ("female", "male")}))
    assert ends.of_group(sex("female")) == (0, 5)
    assert ends.of_group(sex("female", "male")) == (5, 5)
    assert ends.of_group(sex("male", OTHER)) == (0, FAR)


def test_a_suppressed_total_is_at_least_one() -> None:
    ends = ends_of((SEX,), total(suppressed(), {"sex": ("female",)}))
    assert ends.of_group(sex("female")) == (1, FAR)


def test_a_stated_half_width_bounds_a_cell() -> None:
    ends = ends_of((SEX,), one_way({"_T": perturbed(6, 1), "female": perturbed(5, 2), "male": perturbed(0, 2)}))
    assert ends.of_group(sex("female")) == (3, 7)
    assert ends.of_group(sex("male")) == (0, 2)


def test_a_published_zero_and_a_complete_axis_leave_nobody() -> None:
    ends = ends_of((SEX,), one_way({"_T": exact(5), "female": exact(5), "male": exact(0)}))
    assert len(ends.space.atoms) == 2
    assert ends.possible.tolist() == [True, False]
    assert ends.findings(5).disclosed == {}


def test_an_incomplete_axis_leaves_the_rest_of_its_total() -> None:
    ends = ends_of((SEX,), one_way({"_T": exact(5), "female": exact(4)}, complete=False))
    assert ends.of_group(sex(OTHER)) == (1, 1)


def test_a_row_that_is_not_there_is_unknown() -> None:
    cells = {("_T", "_T"): exact(9), ("f", "_T"): exact(5), ("m", "_T"): exact(4), ("_T", "r"): exact(8)}
    cells |= {("_T", "q"): exact(1), ("f", "r"): exact(5)}
    ends = ends_of((SEX, REGION), PublishedTable("t", ("sex", "region"), {}, cells))
    assert ends.of_group(frozenset({where_codes("sex", "m"), where_codes("region", "q")})) == (1, 1)
    assert ends.of_group(frozenset({where_codes("sex", "m"), where_codes("region", "r")})) == (3, 3)


def test_value_sets_of_a_multi_valued_column_are_counted_once() -> None:
    ends = ends_of((SERVICES,), one_way({"_T": exact(10), "u": exact(7), "v": exact(6)}, "s"))
    assert ends.of_group(frozenset({where_codes("s", U, UV)})) == (7, 7)
    assert ends.of_group(frozenset({where_codes("s", V)})) == (3, 3)
    assert ends.of_group(frozenset({where_codes("s", U)})) == (4, 4)
    assert sorted(ends.findings(5).disclosed.values()) == [(3, 3), (3, 3), (4, 4)]  # both, v alone, u alone


def test_not_reported_is_the_empty_set() -> None:
    cells = {"_T": exact(10), "u": exact(6), "v": exact(5), NOT_REPORTED: suppressed()}
    ends = ends_of((SERVICES,), one_way(cells, "s"))
    assert ends.of_group(frozenset({where_codes("s", frozenset())})) == (1, 4)
    assert ends.of_group(frozenset({where_codes("s", V, frozenset())})) == (4, 4)


def test_people_who_came_are_the_difference_where_nobody_leaves() -> None:
    first = PublishedTable("t0", (), {ENTERED: ("old", "left")}, {(): exact(7)}, date="first")
    second = PublishedTable("t1", (), {ENTERED: ("old", "later")}, {(): exact(10)}, date="second")
    later, left = (frozenset({where_codes(ENTERED, code)}) for code in ("later", "left"))
    assert ends_of((GROWING,), first, second).of_group(later) == (3, 3)
    changing = ends_of((CHANGING,), first, second)
    assert changing.of_group(later) == (3, 10)
    assert changing.of_group(left) == (0, 7)


def test_overlapping_bands_are_cut_into_common_pieces() -> None:
    named = {"age_a": {"0-14", "15-24"}, "age_b": {"0-17", "18-29"}}
    pieces = [("0-14", "0-17"), ("15-24", "0-17"), ("15-24", "18-29"), (OTHER, "18-29"), (OTHER, OTHER)]
    assert AGES.labels(named) == pieces


def test_a_child_has_its_parent() -> None:
    tied = Variable(("quarter", "year"), parents={"2024-Q1": "2024", "2023-Q1": "2023"})
    labels = tied.labels({"quarter": {"2024-Q1", "2023-Q1"}, "year": {"2024"}})
    assert set(labels) == {("2024-Q1", "2024"), ("2023-Q1", OTHER), (OTHER, "2024"), (OTHER, OTHER)}


# -- groups ------------------------------------------------------------------------------------------------------------
def test_the_family_has_every_conjunction_once() -> None:
    tables = [one_way({"_T": exact(9), "f": exact(5), "m": exact(4)}), total(exact(3), {"region": ("r", "q")})]
    named = named_codes(tables)
    space = AtomSpace.of_columns((SEX, REGION), named)
    assert len(space.atoms) == 9
    sets_of_sex = sets_of_region = 2**3 - 2  # three labels: each value and its complement
    family = list_groups(space, tables)
    everybody = 1  # the total of the first table
    assert len(family.names) == sets_of_sex + sets_of_region + sets_of_sex * sets_of_region + everybody
    assert len(np.unique(family.members, axis=0)) == len(family.names)


def test_conditions_in_a_multi_valued_column_are_has_and_has_not() -> None:
    tables = [one_way({"_T": exact(9), "u": exact(5), "v": exact(6)}, "s")]
    space = AtomSpace.of_columns((SERVICES,), named_codes(tables))
    family = list_groups(space, tables)
    assert len(space.atoms) == 8
    # has and has not u, v and an unnamed value; two of them; all three; the total
    assert len(family.names) == 2 * 3 + 4 * 3 + 8 + 1


def test_every_cell_of_a_table_is_a_group_whatever_its_order() -> None:
    columns = ("a", "b", "c", "d")
    cells: dict[Key, PublishedCell] = {("x",) * 4: exact(2), ("y",) * 4: exact(5)}
    table = PublishedTable("t", columns, {}, cells, complete=False)
    ends = ends_of(tuple(Variable((column,)) for column in columns), table)
    assert (2, 2) in ends.findings(3).disclosed.values()


# -- enumeration -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("people", "atoms"), [(0, 1), (6, 1), (5, 3), (12, 5)])
def test_every_register_is_enumerated_once(people: int, atoms: int) -> None:
    registers = every_register(people, atoms)
    assert len(np.unique(registers, axis=0)) == len(registers) == comb(people + atoms - 1, atoms - 1)
    assert (registers.sum(axis=1) == people).all()


def test_too_many_registers_are_refused() -> None:
    with pytest.raises(TooManyRegisters):
        fitting_registers(np.ones((1, 6), dtype=bool), [12], [12], 1000)


def plain_ends(system: PublishedSystem, union: ReleaseUnion, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of all groups over every register of at most so many people, atom by atom."""
    registers = every_register(most, len(system.space.atoms) + 1)[:, 1:]  # the first unknown is who is not there
    figures = registers @ system.counted.T.astype(int)
    high = np.array([10**6 if bound is None else bound for bound in system.upper])
    registers = registers[((figures >= np.array(system.lower)) & (figures <= high)).all(axis=1)]
    counts = registers @ list_groups(system.space, union.tables).members.T.astype(int)
    return counts.min(axis=0), counts.max(axis=0)


def most_people(system: PublishedSystem) -> float:
    """Return a bound of the number of all people: the sum of figures that together count every atom."""
    counted, most = np.zeros(len(system.space.atoms), dtype=bool), 0
    for row, high in sorted(zip(system.counted, system.upper, strict=True), key=lambda pair: -pair[0].sum()):
        if high is not None and (row & ~counted).any():
            counted, most = counted | row, most + high
    return most if counted.all() else FAR


def atom_of(person: Person, space: AtomSpace, named: dict[str, set[str]]) -> Atom:
    """Return the atom of a person."""

    def code(column: str, *, is_fixed: bool) -> str | frozenset[str]:
        value = person[column]
        if isinstance(value, frozenset):
            return frozenset(code if code in named[column] else OTHER for code in value)
        return value if is_fixed or value in named[column] else OTHER

    return tuple(tuple(code(c, is_fixed=bool(v.fixed)) for c in v.columns) for v in space.variables)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_ends_are_those_of_a_plain_enumeration(scheme: str) -> None:
    compared = 0
    for seed in range(60):
        union, _ = make_instance(seed, scheme)
        system = PublishedSystem.of_union(union)
        most, atoms = most_people(system), len(system.space.atoms)
        if most == FAR or comb(int(most) + atoms, atoms) > 30_000:
            continue
        ends = find_ends_or_none(union)
        if ends is not None:
            lower, upper = plain_ends(system, union, int(most))
            assert (ends.lower == lower).all()
            assert (ends.upper == upper).all()
            compared += 1
    assert compared


def find_ends_or_none(union: ReleaseUnion) -> GroupEnds | None:
    """Return the ends of all groups, None where there are too many registers."""
    try:
        return find_ends(union)
    except TooManyRegisters:
        return None


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_the_true_register_lies_between_the_ends(scheme: str) -> None:
    for seed in range(12):
        union, _ = make_instance(seed, scheme)
        ends = find_ends_or_none(union)
        if ends is None:
            continue
        named = named_codes(union.tables)
        atom_of_person = [(person, atom_of(person, ends.space, named)) for person in union.people]
        # a person of a half-year without a table is not a part of what is published
        unlisted = [person for person, atom in atom_of_person if atom not in ends.space.atoms]
        assert not any(is_inside(person, table.where) for person in unlisted for table in union.tables)
        atoms = [atom for _, atom in atom_of_person if atom in ends.space.atoms]
        counts = np.bincount([ends.space.atoms.index(atom) for atom in atoms], minlength=len(ends.space.atoms))
        in_groups = ends.family.members @ counts
        assert (ends.lower <= in_groups).all()
        assert (in_groups <= ends.upper).all()


@pytest.mark.parametrize(
    ("ends", "threshold", "safe"),
    [
        ((4, 4), 4, True),
        ((3, 3), 4, False),
        ((0, 0), 4, True),
        ((1, 4), 4, True),
        ((2, 4), 4, False),
        ((0, 3), 4, False),
    ],
)
def test_a_group_is_safe_by_the_definition(ends: tuple[int, int], threshold: int, safe: bool) -> None:
    assert is_safe(*ends, threshold) is safe
