"""Section of the report page on models, subgroups and trends, beside figures of other real people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import compress
from statistics import mean, median

from kerege.evidence.synthesis.evaluation.comparison.compare import PREDICTIONS, PROFILES, TREND, SideComparison
from kerege.evidence.synthesis.evaluation.comparison.predictions import Prediction
from kerege.evidence.synthesis.evaluation.comparison.profiles import LEAST_GROUP
from kerege.evidence.synthesis.evaluation.messages import ENGLISH, PageMessages

MOST_SHOWN = 10  # subgroups of a table
MODEL_HEADS = ("column", "answers", "commonest", "real", "synthetic", "real_auc", "synthetic_auc")
PROFILE_HEADS = ("column", "value", "people", "synthetic_people", "difference", "others")
TREND_HEADS = ("period", "people", "synthetic_people", "others")


@dataclass(frozen=True)
class ComparedPart:
    """A part of the section: a heading, a sentence, and a table; `is_tried` is False without a table."""

    heading: str
    sentence: str
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def is_tried(self) -> bool:
        """Return whether there was something to compare."""
        return bool(self.rows)


def list_parts(comparison: SideComparison, messages: PageMessages = ENGLISH) -> list[ComparedPart]:
    """Return the parts on models, subgroups and the trend, in this order."""
    return [
        _describe_models(comparison, messages),
        _describe_profiles(comparison, messages),
        _describe_trend(comparison, messages),
    ]


def describe_others(comparison: SideComparison, messages: PageMessages = ENGLISH) -> str:
    """Return a sentence on the errors of the counts of other real people, or why there are none."""
    if not comparison.sampling_errors:
        why = messages.translated("unmeasured", comparison.untried["others"])
        return messages.say("counts.others_untried", why=why)
    errors = (messages.people(error) for error in comparison.sampling_errors if error is not None)
    return messages.say("counts.others", people=messages.count(comparison.others), errors=" / ".join(errors))


def describe_untried_length(uncounted: str, messages: PageMessages = ENGLISH) -> str:
    """Return a sentence on why combinations of four values were not compared; '' if they were."""
    why = messages.translated("unmeasured", uncounted)
    return messages.say("counts.four_untried", why=why) if uncounted else ""


def _explain_untried(comparison: SideComparison, part: str, messages: PageMessages) -> str:
    return messages.say("comparison.untried_words", why=messages.translated("unmeasured", comparison.untried[part]))


def _say_heads(messages: PageMessages, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(messages.say(f"comparison.{name}") for name in names)


def _describe_models(comparison: SideComparison, messages: PageMessages) -> ComparedPart:
    heading, predictions = messages.say("comparison.models"), comparison.predictions
    if not predictions:
        return ComparedPart(heading, _explain_untried(comparison, PREDICTIONS, messages))
    sentence = messages.say(
        "comparison.models_note",
        people=messages.count(max(prediction.people for prediction in predictions)),
        synthetic=messages.percent(mean(prediction.synthetic for prediction in predictions)),
        real=messages.percent(mean(prediction.real for prediction in predictions)),
        majority=messages.percent(mean(prediction.majority for prediction in predictions)),
    )
    heads = _say_heads(messages, MODEL_HEADS)
    rows = (
        (prediction.column, messages.count(prediction.answers), *_format_shares(_list_shares(prediction), messages))
        for prediction in predictions
    )
    return ComparedPart(heading, sentence, *_drop_empty_columns(heads, tuple(rows)))


def _list_shares(prediction: Prediction) -> list[float]:
    accuracies = [prediction.majority, prediction.real, prediction.synthetic]
    return [*accuracies, prediction.real_auc, prediction.synthetic_auc]


def _format_shares(shares: Iterable[float | None], messages: PageMessages) -> list[str]:
    return ["" if share is None else messages.percent(share) for share in shares]


def _drop_empty_columns(
    heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return a table without columns that no row fills, such as that of other real people."""
    filled = [any(cells) for cells in zip(*rows, strict=True)]
    return tuple(compress(heads, filled)), tuple(tuple(compress(row, filled)) for row in rows)


def _describe_profiles(comparison: SideComparison, messages: PageMessages) -> ComparedPart:
    heading, profiles = messages.say("comparison.profiles"), comparison.profiles
    if not profiles:
        return ComparedPart(heading, _explain_untried(comparison, PROFILES, messages))
    sentence = messages.say(
        "comparison.profiles_note",
        groups=messages.count(len(profiles)),
        least=str(LEAST_GROUP),
        median=messages.percent(median(group.difference for group in profiles)),
    )
    others = [group.others for group in profiles if group.others is not None]
    if others:
        beside = messages.say("comparison.profiles_others", median=messages.percent(median(others)))
        sentence = f"{sentence} {beside}"
    sentence += " " + messages.say("comparison.profiles_shown", shown=str(min(MOST_SHOWN, len(profiles))))
    rows = (
        (
            group.column,
            group.value,
            messages.count(group.people),
            messages.count(group.synthetic_people),
            *_format_shares((group.difference, group.others), messages),
        )
        for group in profiles[:MOST_SHOWN]
    )
    heads = _say_heads(messages, PROFILE_HEADS)
    return ComparedPart(heading, sentence, *_drop_empty_columns(heads, tuple(rows)))


def _describe_trend(comparison: SideComparison, messages: PageMessages) -> ComparedPart:
    over_time = comparison.trend
    column = over_time.column if over_time else messages.say("comparison.period")
    heading = messages.say("comparison.trend", column=column)
    if over_time is None or over_time.kept is None:
        return ComparedPart(heading, _explain_untried(comparison, TREND, messages))
    changes, kept = messages.count(over_time.changes), messages.percent(over_time.kept)
    sentence = messages.say("comparison.trend_note", changes=changes, kept=kept)
    if over_time.others_kept is not None:
        beside = messages.say("comparison.trend_others", kept=messages.percent(over_time.others_kept))
        sentence = f"{sentence} {beside}"
    rows = (
        (count.period, messages.count(count.people), messages.count(count.synthetic), messages.people(count.others))
        for count in over_time.periods
    )
    heads = _say_heads(messages, TREND_HEADS)
    return ComparedPart(heading, sentence, *_drop_empty_columns(heads, tuple(rows)))


def write_section(comparison: SideComparison, messages: PageMessages) -> str:
    """Return the section as HTML; a part that was not tried bears the mark of that."""
    parts = "\n".join(_write_part(part, messages) for part in list_parts(comparison, messages))
    return f"<h2>{escape(messages.say('comparison.heading'))}</h2>\n{parts}"


def _write_part(part: ComparedPart, messages: PageMessages) -> str:
    badge = escape(messages.say("comparison.untried"))
    mark = "" if part.is_tried else f'<span class="badge not-tried">{badge}</span>'
    heading = f'<h3>{mark}{escape(part.heading)}</h3>\n<p class="note">{escape(part.sentence)}</p>'
    return f"{heading}\n{write_table(part.heading, part.heads, part.rows)}" if part.is_tried else heading


def write_table(label: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as HTML that scrolls by itself, with a label for a screen reader."""
    head = "".join(f'<th scope="col">{escape(head_text)}</th>' for head_text in heads)
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'
