"""Waterfall chart of a match weight: the bits of each comparison, from the prior to the sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kerege.charts.waterfall import draw_waterfall
from kerege.linkage.matching.labels import translate_label
from kerege.linkage.matching.model_file import Model, prior_weight

PRIOR = "prior"


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
    # the level text is in the table only: it is too long for the chart
    return draw_waterfall(
        [(step.comparison, step.bits) for step in steps_],
        total=translate_label("sum", language),
        alt=translate_label("picture", language),
        number=lambda bits: format_bits(bits, language),
    )


def format_bits(bits: float, language: str) -> str:
    """Return bits with their sign and one decimal, in the form of a language."""
    return decimal(bits, "+.1f", language)


def decimal(number: float, form: str, language: str) -> str:
    """Return a number with the minus sign and decimal mark of a language, rounded half to even."""
    text = format(Decimal(str(number)), form).replace("-", "−")
    return text if language == "en" else text.replace(".", ",")
