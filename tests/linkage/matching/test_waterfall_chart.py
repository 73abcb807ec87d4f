"""The waterfall chart draws every weight to scale: each bar begins where the one before it ends."""

from __future__ import annotations

import re
from itertools import accumulate

import pytest

from kerege.linkage.matching.waterfall_chart import ChartStep, chart

WEIGHTS = [
    pytest.param([-9.0, 0.9, 12.0], id="above zero"),
    pytest.param([-20.0, 3.0, -2.5, 0.5], id="below zero"),
    pytest.param([0.4, -0.2], id="less than one bit"),
]


def drawn_bars(picture: str) -> list[tuple[float, float, str]]:
    """Return left, right and kind of each bar, from top to bottom."""
    pattern = r'<rect x="([\d.-]+)" y="(\d+)" width="([\d.]+)" height="\d+" class="(\w+)"/>'
    rows = re.findall(pattern, picture)
    assert [int(y) for _x, y, _width, _kind in rows] == sorted({int(y) for _x, y, _width, _kind in rows})
    return [(float(x), float(x) + float(width), kind) for x, _y, width, kind in rows]


@pytest.mark.parametrize("bits", WEIGHTS)
def test_each_bar_spans_its_bits_and_the_last_one_their_sum(bits: list[float]) -> None:
    picture = chart([ChartStep(f"step {k}", "", value) for k, value in enumerate(bits)])
    bars = drawn_bars(picture)
    ends = list(accumulate(bits))
    spans = [(end - value, end) for value, end in zip(bits, ends, strict=True)] + [(0.0, ends[-1])]
    (zero,) = re.findall(r'<line x1="([\d.-]+)" x2="([\d.-]+)" y1="0" y2="\d+" class="zero"/>', picture)
    assert zero[0] == zero[1]
    origin = float(zero[0])
    longest = max(spans, key=lambda span: abs(span[1] - span[0]))
    left, right, _kind = bars[spans.index(longest)]
    scale = (right - left) / abs(longest[1] - longest[0])
    assert scale > 0
    for (start, end), (left, right, kind) in zip(spans, bars, strict=True):
        assert left == pytest.approx(origin + min(start, end) * scale, abs=0.2)
        assert right == pytest.approx(origin + max(start, end) * scale, abs=0.2)
        assert kind == ("sum" if (left, right, kind) == bars[-1] else "for" if end > start else "against")
    assert all(0 <= left <= right <= 720 for left, right, _kind in bars)


def test_a_bar_of_almost_no_bits_can_still_be_seen() -> None:
    bars = drawn_bars(chart([ChartStep("prior", "", -20.0), ChartStep("sex", "", 0.001)]))
    assert bars[1][1] - bars[1][0] == pytest.approx(1.5)


def test_names_are_escaped_and_every_bar_has_its_bits_beside_it() -> None:
    picture = chart([ChartStep("<b>", "", -9.0), ChartStep("sex", "", 0.94)])
    assert "&lt;b&gt;" in picture
    assert "<b>" not in picture
    texts = re.findall(r">([+−][\d.]+)<", picture)
    assert texts == ["−9.0", "+0.9", "−8.1"]
