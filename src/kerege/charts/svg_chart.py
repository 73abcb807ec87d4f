"""Chart as the text of an SVG file, which notebooks show as an image."""

from __future__ import annotations


class SvgChart(str):
    """SVG file as text. A notebook shows it as an image.

    Examples
    --------
    >>> chart = SvgChart("<svg></svg>")
    >>> chart._repr_svg_(), chart
    ('<svg></svg>', <SvgChart of 11 characters>)
    """

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<SvgChart of {len(self):,} characters>"
