"""Subtotals and parts of a whole: a planted leak, and a twin that is safe by one person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.counting.frequency_table import OK
from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions
from kerege.evidence.sdc.reading.published_rows import PublishedRows
from kerege.evidence.sdc.reading.subtotals import read_subtotals

# files with `{}` in place of a figure: the figure that leaks, and the next one that does not
LAYOUTS = {
    "only the figures": ("Area,count\nNorth,100\nG,{}\nF,c\nSouth,80\nB,40\nL,40\nTotal,180\n", 91, 90),
    "subtotals below": ("Area,count\nG,{}\nF,c\nNorth,100\nB,40\nL,40\nSouth,80\nTotal,180\n", 91, 90),
    "without a total": ("Area,M,W\nNorth,100,70\nG,{},40\nF,c,30\nSouth,80,90\nB,40,50\nL,40,40\n", 91, 90),
    "in headings": ("sex,North,G,F,South,Total\nM,100,{},c,50,150\nW,100,50,50,50,150\n", 91, 90),
    "dashes": ("Area,count\nNorth,100\n- G,{}\n- F,c\nSouth,80\n- B,40\n- L,40\nTotal,180\n", 91, 90),
    "indents": ("Area,M,W\nNorth,100,70\n  G,{},40\n  F,c,30\nSouth,80,90\n", 91, 90),
    "parts of a part": ("Area,count\nNorth,100\n- G,60\n-- City,{}\n-- Rest,c\n- F,40\nSouth,80\n", 51, 50),
    "some of the parts": ("Area,count\nNorth,100\n- G,40\n- F,{}\nSouth,80\nTotal,180\n", 51, 50),
    "a single part": ("Area,count\nNorth,100\nof which G,{}\nSouth,80\nTotal,180\n", 91, 90),
    "a part in Russian": ("Область,всего\nСевер,100\nв том числе А,{}\nЮг,80\nВсего,180\n", 91, 90),
    "ages and a word": ("Age,count\nMinors,60\n0-14,{}\n15-17,c\nAdults,80\n", 51, 50),
    "a band within a band": ("Age,M,W\n0-17,60,60\nunder 15,{},40\n18+,80,70\n", 51, 50),
    "a part of a whole": ("region,Victims,of which children\nA,50,20\nB,60,{}\n", 51, 50),
    "a part in headings": ("Область,Число жертв,из них детей\nА,50,20\nБ,60,{}\n", 51, 50),
    "a part in Kazakh": ("Облыс,Құрбандар саны,оның ішінде балалар\nА,50,20\nБ,60,{}\n", 51, 50),
}
UNDECIDED = {
    "some of the parts": "Area,count\nNorth,100\nG,91\nF,3\nSouth,80\nTotal,180\n",
    "no order": "Area,count\nTotal,300\nNorth,180\nSouth,120\nA,176\nB,x\nC,60\nD,60\n",
    "several values": "form,count\nlabour,60\nsexual,50\nother,20\nTotal,100\n",
    "more than the whole": "area,count\nTotal,300\nNorth,100\n- G,91\n- F,20\nSouth,200\n",
    "a part first": "Area,count\n- G,91\nNorth,100\nSouth,80\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_parts_and_their_whole_are_levels(tmp_path: Path, layout: str) -> None:
    text, leak, twin = LAYOUTS[layout]
    safe = []
    for figure in (leak, twin):
        (tmp_path / "t.csv").write_text(text.format(figure), encoding="utf-8")
        report = assess_files(tmp_path, [], 10, PLAIN)
        assert not report.undecided
        safe.append(report.safe)
    assert safe == [False, True]


@pytest.mark.parametrize("layout", UNDECIDED)
def test_parts_whose_whole_is_not_known_are_undecided(tmp_path: Path, layout: str) -> None:
    (tmp_path / "t.csv").write_text(UNDECIDED[layout], encoding="utf-8")
    report = assess_files(tmp_path, [], 10, PLAIN)
    assert report.undecided
    assert any(note.startswith("undecided: column") for note in report.notes)


def test_several_values_are_decided_if_the_user_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(UNDECIDED["several values"], encoding="utf-8")
    assert assess_files(tmp_path, [], 10, ReadingOptions(multi=frozenset({"form"}))).safe


def trees(size: int) -> Iterator[tuple[int | None, ...]]:
    """Yield the parents of values in which each whole comes directly before its parts."""
    for parents in product(*[[None, *range(place)] for place in range(size)]):
        spans = [[place for place in range(size) if is_below(place, top, parents)] for top in range(size)]
        if all(span == list(range(top + 1, top + 1 + len(span))) for top, span in enumerate(spans)):
            yield parents


def is_below(place: int, top: int, parents: tuple[int | None, ...]) -> bool:
    """Return whether a value is a part of another one, directly or not."""
    above = parents[place]
    return above is not None and (above == top or is_below(above, top, parents))


TREES = list(trees(4))


def fits(parents: tuple[int | None, ...], figures: tuple[int, ...], total: int) -> bool:
    """Return whether each whole is the sum of its parts, and the total that of the highest values."""
    sums = {top: [f for f, above in zip(figures, parents, strict=True) if above == top] for top in (None, *parents)}
    return all(sum(parts) == (total if top is None else figures[top]) for top, parts in sums.items())


@pytest.mark.parametrize("figures", list(combinations((9, 5, 4, 4, 2, 2, 0), 4)))
def test_the_only_hierarchy_that_fits_is_read(figures: tuple[int, ...]) -> None:
    """Every order of four values is compared with all hierarchies of them."""
    codes = ["a", "b", "c", "d"]
    for order in {figures, figures[::-1], (*figures[1:], figures[0])}:
        for total in range(max(order), sum(order)):
            forwards = [parents for parents in TREES if fits(parents, order, total)]
            backwards = [parents for parents in TREES if fits(parents, order[::-1], total)]
            rows = PublishedRows(
                ("area",),
                [["_T", *codes]],
                [PublishedCount(n, OK, n, n) for n in (total, *order)],
                [*range(5)],
            )
            read = read_subtotals(rows, frozenset()).codes[0][1:]
            is_proved = sum(len(ways) == 1 for ways in (forwards, backwards)) == 1
            assert any(STEP in code for code in read) == is_proved
