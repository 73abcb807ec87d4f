"""Waterfall chart of a match weight: the bits of each comparison, from the prior to the sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import accumulate

from kerege.linkage.matching.labels import translate_label
from kerege.linkage.matching.model_file import Model, prior_weight

PRIOR = "prior"
WIDTH, ROW, LABEL = 720, 34, 320


@dataclass(frozen=True)
class ChartStep:
    """One bar of the chart: name of the comparison, text of its level, and bits."""

    comparison: str
    level: str
    bits: float


def chart_steps(
    model: Model, levels: Mapping[str, int], parts: Mapping[str, float], language: str = "en"
) -> list[ChartStep]:
    """Return the prior and each comparison with non-zero bits, in model order.

    Parameters
    ----------
    model : Model
        Model that scored the pair.
    levels : mapping of str to int
        Level (gamma) of each comparison.
    parts : mapping of str to float
        Weight of each comparison, in bits.
    language : str
        Language of the words: kk, ru or en.

    Returns
    -------
    list of ChartStep
        Name of the comparison, text of its level, and bits. The sum of the bits is the match weight.

    Raises
    ------
    KeyError
        If a comparison of the model has no level.

    Notes
    -----
    log2 of the posterior odds = log2 of the prior odds + sum of log2(m / u): Fellegi and Sunter 1969, "A theory for
    record linkage"; the chart is that of Splink.

    Examples
    --------
    >>> from kerege.linkage import Model
    >>> model = Model.bundled().only({"sex"})
    >>> [step.comparison for step in chart_steps(model, {"sex": 1}, {"sex": 0.9})]
    ['how rare a match is', 'sex']
    """
    result = [ChartStep(translate_label(PRIOR, language), "", prior_weight(model.prior))]
    for comparison in model.comparisons:
        level = comparison.level(levels[comparison.name])
        if not level.is_null and parts[comparison.name]:
            result.append(
                ChartStep(
                    translate_label(comparison.name, language),
                    translate_label(level.label, language),
                    parts[comparison.name],
                )
            )
    return result


def chart(steps_: list[ChartStep], language: str = "en") -> str:
    """Return the waterfall of a match weight as SVG: each bar begins where the previous one ends.

    Parameters
    ----------
    steps_ : list of ChartStep
        Result of `chart_steps`, the prior first.
    language : str
        Language of the words: kk, ru or en.

    Returns
    -------
    str
        SVG for a page: a bar for each step, in bits, and one for the sum.

    Examples
    --------
    >>> chart([ChartStep("prior", "", -9.0), ChartStep("sex", "same sex", 0.9)]).count("<rect")
    3
    """
    ends = list(accumulate(step.bits for step in steps_))
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = (WIDTH - LABEL - 80) / max(high - low, 1.0)

    def x(bits: float) -> float:
        return LABEL + (bits - low) * scale

    rectangles = [
        _draw_bar(position, step, x(end - step.bits), x(end), language)
        for position, (step, end) in enumerate(zip(steps_, ends, strict=True))
    ]
    total = ChartStep("", "", ends[-1])
    rectangles.append(
        _draw_bar(
            len(steps_), total, start=x(0), end=x(ends[-1]), language=language, label=translate_label("sum", language)
        )
    )
    height = ROW * (len(steps_) + 1) + 10
    zero = f'<line x1="{x(0):.1f}" x2="{x(0):.1f}" y1="0" y2="{height}" class="zero"/>'
    box = f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(translate_label("picture", language))}"'
    return f"<svg {box}>{zero}{''.join(rectangles)}</svg>"


def format_bits(bits: float, language: str) -> str:
    """Return bits with their sign and one decimal, in the form of a language."""
    return decimal(bits, "+.1f", language)


def decimal(number: float, form: str, language: str) -> str:
    """Return a number with the minus sign and decimal mark of a language, rounded half to even."""
    text = format(Decimal(str(number)), form).replace("-", "−")
    return text if language == "en" else text.replace(".", ",")


def _draw_bar(position: int, step: ChartStep, start: float, end: float, language: str, label: str = "") -> str:
    y = position * ROW + 6
    kind = "sum" if label else "for" if step.bits >= 0 else "against"
    # the level text is in the table only: it is too long for the chart
    text = label or step.comparison
    left, width = min(start, end), max(abs(end - start), 1.5)
    return (
        f'<text x="{LABEL - 12}" y="{y + 16}" class="label">{escape(text)}</text>'
        f'<rect x="{left:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 12}" class="{kind}"/>'
        f'<text x="{left + width + 6:.1f}" y="{y + 16}">{format_bits(step.bits, language)}</text>'
    )
