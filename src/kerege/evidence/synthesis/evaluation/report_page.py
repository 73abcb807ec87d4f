"""Report page of an evaluation: one self-contained HTML file for decisions on publication."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template

from kerege import __version__
from kerege.charts import agreement_charts
from kerege.evidence.synthesis.evaluation.attacks import Inference
from kerege.evidence.synthesis.evaluation.comparison_section import (
    describe_others,
    describe_untried_length,
    write_section,
    write_table,
)
from kerege.evidence.synthesis.evaluation.count_spread import SpreadBin
from kerege.evidence.synthesis.evaluation.evaluate import Evaluation, epsilon_of, guarantee
from kerege.evidence.synthesis.evaluation.messages import (
    ENGLISH,
    PageMessages,
    band_name,
    name_combinations,
    words,
)
from kerege.evidence.synthesis.evaluation.risk_ratings import HIGH, SOME, UNTRIED, Verdict, rate_risks
from kerege.evidence.synthesis.evaluation.utility import CountErrors, LengthComparison

HERE = Path(__file__)
PLAIN = ("inside", "exact", "exact_note", "figures", "figures_note", "bands_note", "read", "made")
HEADS = tuple(ENGLISH.texts["heads"].values())  # table heads for the terminal, in English


def page(evaluation: Evaluation, lang: str = "en") -> str:
    """Return the page as HTML in kk, ru or en, without scripts or external resources.

    Raise BadInput for another language.
    """
    messages = words(lang)
    ratings = rate_risks(evaluation.privacy, epsilon_of(evaluation.certificate), messages) if evaluation.privacy else []
    lengths_with_combinations = [length for length in evaluation.quality.lengths if length.errors.combinations]
    facts = (
        _describe_guarantee(evaluation, messages),
        _describe_attacks(evaluation, ratings, messages),
        _describe_errors(evaluation, messages),
    )
    name = _name(evaluation.synthetic.path)
    return Template(HERE.with_suffix(".html").read_text(encoding="utf-8")).substitute(
        {part: escape(messages.say(f"page.{part}"), quote=False) for part in PLAIN},
        lang=lang,
        style=HERE.with_suffix(".css").read_text(encoding="utf-8"),
        title=messages.say("page.title", name=name),
        heading=messages.say("page.heading", name=name),
        what=_write_introduction(evaluation, messages),
        facts="\n".join(map(_write_fact_card, facts)),
        risks=_write_risk_section(evaluation, ratings, messages),
        lengths="\n".join(
            _write_length_section(length, evaluation.spread[length.length], messages)
            for length in lengths_with_combinations
        ),
        by_length=_write_length_table(evaluation, messages),
        lost_values=escape(describe_lost_values(evaluation.quality.lengths[0], messages)),
        beside=escape(_describe_beside(evaluation, messages)),
        comparison=write_section(evaluation.comparison, messages),
        by_count=_count_table(evaluation, messages),
        explained="\n".join(
            f"<dt>{escape(term)}</dt>\n<dd>{escape(explanation)}</dd>"
            for term, explanation in messages.texts["read"].items()
        ),
        how=_write_provenance(evaluation, messages),
    )


def _name(path: str) -> str:
    return escape(Path(path).name)


def _write_introduction(evaluation: Evaluation, messages: PageMessages) -> str:
    quality = evaluation.quality
    text = messages.say(
        "page.what",
        synthetic=messages.count(quality.synthetic_rows),
        columns=messages.count(len(quality.columns)),
        rows=messages.count(quality.rows),
        original=_name(evaluation.original.path),
    )
    claimed = evaluation.certificate or {}
    if advice := claimed.get("advice"):
        lead = messages.say("page.advice" if claimed.get("worth") else "page.not_worth")
        text += f"</p>\n<p><b>{lead}</b> {escape(messages.translated('advised', str(advice)))}."
    return text


def _write_fact_card(fact: tuple[str, str, str]) -> str:
    title, number, text = (escape(part) for part in fact)
    return f'<div class="card fact"><h2>{title}</h2><b>{number}</b>{text}</div>'


def _describe_guarantee(evaluation: Evaluation, messages: PageMessages) -> tuple[str, str, str]:
    """Return title, number and text of the card on the guarantee."""
    title, claimed, epsilon = (
        messages.say("promise.title"),
        guarantee(evaluation.certificate),
        epsilon_of(evaluation.certificate),
    )
    if epsilon is None:
        return title, messages.say("promise.none"), messages.say("promise.none_words")
    if claimed.get("holds") is not True:
        return title, messages.say("promise.not_private"), messages.say("promise.not_private_words")
    delta = claimed.get("delta")
    delta_text = messages.say("promise.but", delta=f"{delta:.1g}") if isinstance(delta, float) else ""
    unit = messages.translated("unit", str(claimed.get("unit", "one record")))
    text = messages.say("promise.odds", times=messages.count(math.exp(min(epsilon, 50)), 1), but=delta_text, unit=unit)
    return title, f"ε = {messages.trimmed(epsilon)}", text


def _describe_attacks(
    evaluation: Evaluation, ratings: Sequence[Verdict], messages: PageMessages
) -> tuple[str, str, str]:
    """Return title, number and text of the card on all attacks."""
    title, levels = messages.say("attacks.title"), [rating.level for rating in ratings]
    if evaluation.privacy is None:
        why = messages.translated("unmeasured", evaluation.unmeasured)
        return title, messages.say("attacks.not_run"), messages.say("attacks.not_run_words", why=why)
    risks, untried = sum(rating in (SOME, HIGH) for rating in levels), levels.count(UNTRIED)
    tests = str(len(levels) - untried)
    nothing_to_try = messages.say("attacks.untried", untried=str(untried), tests=str(len(levels))) if untried else ""
    if untried == len(levels):
        return title, messages.say("attacks.not_run"), nothing_to_try
    if not risks:
        words = messages.say("attacks.nothing_words", tests=tests)
        return title, messages.say("attacks.nothing"), f"{words} {nothing_to_try}".strip()
    number = messages.say("attacks.some", shown=str(risks), tests=tests)
    return title, number, f"{messages.say('attacks.some_words', high=str(levels.count(HIGH)))} {nothing_to_try}".strip()


def _describe_errors(evaluation: Evaluation, messages: PageMessages) -> tuple[str, str, str]:
    """Return title, number and text of the card on the errors of the longest combinations."""
    title, last = messages.say("counts.title"), evaluation.quality.lengths[-1]
    if last.errors.mean is None:
        return title, messages.say("counts.none"), messages.say("counts.none_words")
    text = messages.say(
        "counts.mean", name=name_combinations(last.length, messages), missing=messages.share(last.missing_share)
    )
    return title, f"± {messages.people(last.errors.mean)}", text


def _write_risk_section(evaluation: Evaluation, ratings: Sequence[Verdict], messages: PageMessages) -> str:
    if evaluation.privacy is None:
        return ""
    note = messages.say("attacks.refitted" if evaluation.privacy.refitted else "attacks.on_this")
    rows = messages.say(
        "attacks.rows",
        rows=messages.count(evaluation.privacy.rows),
        controls=messages.count(evaluation.privacy.controls),
    )
    cards = "\n".join(_write_risk_card(rating, messages) for rating in ratings)
    head = f'<h2>{messages.say("attacks.heading")}</h2>\n<p class="note">{note} {rows}</p>'
    return (
        f'{head}\n<div class="cards risks">\n{cards}\n</div>\n'
        f"{_write_inference_table(evaluation.privacy.inference, messages)}"
    )


def _write_inference_table(inference: Inference | None, messages: PageMessages) -> str:
    """Return the collapsed table of attribute inference risks by column."""
    if inference is None:
        return ""
    heads = [messages.say(f"attacks.{name}") for name in ("column", "inside", "others", "risk", "interval")]
    rows = [
        (
            name,
            *(messages.percent(share) for share in (risk.attack.share, risk.control.share, max(0.0, risk.risk))),
            messages.say(
                "attacks.to", low=messages.percent(max(0.0, risk.low)), high=messages.percent(max(0.0, risk.high))
            ),
        )
        for name, risk in sorted(inference.columns.items(), key=lambda item: -item[1].low)
    ]
    note = messages.say("attacks.by_column_note", rows=str(len(rows)))
    return (
        f'<details><summary>{messages.say("attacks.by_column")}</summary><p class="note">{note}</p>'
        f"{write_table(messages.say('attacks.by_column_table'), heads, rows)}</details>"
    )


def _write_risk_card(rating: Verdict, messages: PageMessages) -> str:
    picture = ""
    if rating.value is not None and rating.low is not None and rating.high is not None:
        value, low, high = (messages.percent(max(0.0, share)) for share in (rating.value, rating.low, rating.high))
        what = messages.say("attacks.picture", value=value, low=low, high=high)
        picture = agreement_charts.draw_interval(rating.low, rating.value, rating.high, what)
    level = escape(messages.translated("level", rating.level))
    badge = f'<span class="badge {rating.level.replace(" ", "-")}">{level}</span>'
    return f'<div class="card">{badge}<h3>{escape(rating.risk)}</h3>{picture}<p>{escape(rating.sentence)}</p></div>'


def _write_length_section(comparison: LengthComparison, steps: Sequence[SpreadBin], messages: PageMessages) -> str:
    name, errors = name_combinations(comparison.length, messages), comparison.errors
    points = [(step.true, step.low, step.middle, step.high) for step in steps]
    rows = [
        (band_name(band.least, band.most, messages), band.relative_mean, messages.share(band.relative_mean))
        for band in comparison.bands
        if band.relative_mean is not None
    ]
    missing = messages.say("counts.missing", share=messages.share(comparison.missing_share))
    made_up = messages.say("counts.made_up", share=messages.share(comparison.fabricated_share))
    shares = [
        (messages.say("counts.real"), comparison.missing_share or 0.0, missing),
        (messages.say("counts.synthetic"), comparison.fabricated_share or 0.0, made_up),
    ]
    in_data = messages.say(
        "counts.in_data", count=messages.count(errors.combinations), error=messages.people(errors.mean)
    )
    names = messages.say("counts.along"), messages.say("counts.up")
    return "\n".join(
        [
            f'<section class="card"><h3>{name.capitalize()}</h3><p class="note">{in_data}</p>',
            agreement_charts.agreement(points, messages.say("counts.agreement", name=name), names),
            f'<p class="note">{messages.say("counts.relative_note")}</p>',
            agreement_charts.draw_bars(rows, messages.say("counts.relative", name=name)),
            agreement_charts.draw_shares(shares, f"{name}: {missing}, {made_up}"),
            "</section>",
        ]
    )


def _describe_beside(evaluation: Evaluation, messages: PageMessages) -> str:
    """Return sentences on the error of other real people and on combinations that were not compared."""
    untried = describe_untried_length(evaluation.uncounted, messages)
    return f"{describe_others(evaluation.comparison, messages)} {untried}".strip()


def _write_length_table(evaluation: Evaluation, messages: PageMessages) -> str:
    rows = (list_figures(comparison, messages) for comparison in evaluation.quality.lengths)
    return write_table(messages.say("counts.by_length"), messages.texts["heads"].values(), rows)


def _count_table(evaluation: Evaluation, messages: PageMessages) -> str:
    names = [name_combinations(comparison.length, messages) for comparison in evaluation.quality.lengths]
    bands = zip(*(comparison.bands for comparison in evaluation.quality.lengths), strict=True)
    rows = (
        [
            band_name(same_band[0].least, same_band[0].most, messages),
            *(format_error(band, messages) for band in same_band),
        ]
        for same_band in bands
    )
    return write_table(messages.say("counts.by_count"), (messages.say("counts.people"), *names), rows)


def _write_provenance(evaluation: Evaluation, messages: PageMessages) -> str:
    real, synthetic = (
        f"<code>{_name(snapshot.path)}</code>" for snapshot in (evaluation.original, evaluation.synthetic)
    )
    files = (
        f"<br>{messages.say('page.real_rows')}: {real}"
        f"<br>{messages.say('page.synthetic_records')}: {synthetic}, SHA-256 <code>{evaluation.synthetic.sha256}</code>"
    )
    return messages.say("page.how", version=__version__, order=str(evaluation.order), seed=str(evaluation.seed)) + files


# ---- formatted text, used by the command line too


def list_figures(comparison: LengthComparison, messages: PageMessages = ENGLISH) -> list[str]:
    """Return the errors of one length of combinations as a table row, in the order of HEADS."""
    errors = comparison.errors
    return [
        name_combinations(comparison.length, messages),
        messages.count(errors.combinations),
        messages.people(errors.mean),
        messages.people(errors.median),
        messages.share(errors.relative_mean),
        messages.share(errors.relative_median),
        messages.share(comparison.missing_share),
        messages.share(comparison.fabricated_share),
        "" if comparison.distance is None else messages.count(comparison.distance, 3),
    ]


def describe_lost_values(singles: LengthComparison, messages: PageMessages = ENGLISH) -> str:
    """Return a sentence on the lost single values, how many of them were rare, and the invented ones."""
    rare = singles.bands[0]
    return messages.say(
        "counts.lost_values",
        lost=messages.count(singles.missing),
        values=messages.count(singles.errors.combinations),
        rare=messages.count(rare.missing),
        most=messages.count(rare.most or 0),
        invented=messages.count(singles.fabricated),
    )


def format_error(errors: CountErrors, messages: PageMessages = ENGLISH) -> str:
    """Return an error in people and as a share; '' without combinations."""
    return f"{messages.people(errors.mean)} ({messages.share(errors.relative_mean)})" if errors.combinations else ""
