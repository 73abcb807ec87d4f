"""Flow map."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from kerege.charts import NARROW, WIDE, Chart, Period, Series, Value, draw_svg
from kerege.charts.atlas import clip, frame_around, read_places
from kerege.charts.scales import Box
from tests.charts.given_charts import SVG, marks, read, texts

NAMES = {"KZ": "Kazakhstan", "UZ": "Uzbekistan", "RU": "Russia", "AE": "Emirates", "KG": "Kyrgyzstan", "TR": "Türkiye"}
PAIRS = {"KZ>KZ": 800, "UZ>KZ": 400, "KZ>RU": 100, "KZ>AE": 20, "KG>KZ": 60, "KZ>TR": 11}


def flow(pairs: dict[str, int], origins: dict[str, int] | None = None) -> Chart:
    corridors = [Period(code, " → ".join(NAMES.get(end, end) for end in code.split(">"))) for code in pairs]
    places = [Period(code, NAMES.get(code, code)) for code in origins or ()]
    values = {("people", code): Value.exact(n) for code, n in pairs.items()}
    values |= {("origin", code): Value.exact(n) for code, n in (origins or {}).items()}
    series = (Series("people", ""), Series("origin", ""), Series("target", ""))
    return Chart("flow", "Routes", series, (*corridors, *places), values, home="KZ")


def test_arrows_are_as_wide_as_their_numbers() -> None:
    strokes = {
        key: float(path.get("stroke-width", ""))
        for key, group in marks(draw_svg(flow(PAIRS)))
        if (path := group.find(f"{SVG}path")) is not None
    }
    assert strokes["people UZ>KZ"] / strokes["people KZ>RU"] == pytest.approx(4, abs=0.1)


def test_only_the_twelve_largest_flows_have_an_arrow() -> None:
    pairs = {f"KZ>{code}": n + 1 for n, code in enumerate(code for code in read_places() if code != "KZ")}
    drawn = {key.removeprefix("people ") for key, _ in marks(draw_svg(flow(pairs)))}
    assert drawn == set(sorted(pairs, key=lambda pair: -pairs[pair])[:12])


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_labels_do_not_overlap_and_stay_inside(width: int) -> None:
    root = read(draw_svg(flow(PAIRS, {"UZ": 859, "KG": 57}), width))
    boxes = []
    for text in root.iter(f"{SVG}text"):
        if text.find(f"{SVG}tspan") is not None:
            name, size = "".join(text.itertext()), float(text.get("font-size", 12))
            x, y = float(text.get("x", "")), float(text.get("y", ""))
            assert 0 <= x <= width
            half = len(name) * size * 0.2
            boxes.append(Box(x - half, y - size, x + half, y + size))
    assert len(boxes) == len(NAMES)
    assert not any(one.meets([other]) for one, other in combinations(boxes, 2))


def test_both_ends_of_every_arrow_are_named_also_abroad() -> None:
    drawn = texts(draw_svg(flow(PAIRS | {"UZ>AE": 17, "KG>TR": 12, "TJ>RU": 11})))
    labelled = {name for name in [*NAMES.values(), "TJ"] if any(text.startswith(name) for text in drawn)}
    assert labelled == {*NAMES.values(), "TJ"}
    assert "TJ" in drawn  # no number of its own


def test_the_map_is_cropped_to_its_flows() -> None:
    near, far = frame_around(["KZ", "UZ"], 700), frame_around(["KZ", "UZ", "AE", "RU"], 700)
    assert near.scale > 1.5 * far.scale
    for frame, codes in ((near, ("KZ", "UZ")), (far, ("KZ", "UZ", "AE", "RU"))):
        for code in codes:
            x, y = frame.at(read_places()[code].lon, read_places()[code].lat)
            assert 0.05 * frame.width < x < 0.95 * frame.width
            assert 0.05 * frame.height < y < 0.95 * frame.height


def test_outlines_outside_the_window_are_cut_off() -> None:
    numbers = [float(number) for number in re.findall(r'<path d="M(\d+)', draw_svg(flow(PAIRS)))]
    assert all(number <= 708 for number in numbers)
    square = [(-100.0, -100.0), (50.0, -100.0), (50.0, 50.0), (-100.0, 50.0)]
    assert {(round(x), round(y)) for x, y in clip(square, 40, 40)} == {(-8, -8), (48, -8), (48, 48), (-8, 48)}


def test_people_who_stayed_are_a_ring_with_words() -> None:
    assert any("within the country: 800" in text for text in texts(draw_svg(flow(PAIRS))))
