"""Words beside a figure: how it differs from a year before, and whether it meets its target."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kerege.casework.desk.models import Target
from kerege.casework.desk.targets import CurrentTarget, is_reached
from kerege.charts import Value
from kerege.web.templatetags.kerege import day, number


def compare_words(now: Value, before: Value, threshold: int) -> str:
    """Return how a count differs from an earlier one; no difference below the threshold is printed.

    Masked counts are compared only where their limits leave one answer.
    """
    if now.lower > before.upper or now.upper < before.lower:
        is_more = now.lower > before.upper
        if now.count is None or before.count is None:
            return _("more") if is_more else _("fewer")
        return _difference(abs(int(now.count - before.count)), threshold, is_more=is_more)
    return _("as many") if now.count is not None and now.count == before.count else _("not compared: masked")


def _difference(difference: int, threshold: int, *, is_more: bool) -> str:
    if difference < threshold:
        text = _("more, by less than %(n)s") if is_more else _("fewer, by less than %(n)s")
        return text % {"n": number(threshold)}
    text = _("%(n)s more") if is_more else _("%(n)s fewer")
    return text % {"n": number(difference)}


def target_number(target: Target) -> str:
    """Return the number of a target with its side, such as "at least 30"."""
    if target.value is None:
        return _("no target")
    return f"{target.get_direction_display()} {number(target.value)}"


def target_words(current: CurrentTarget | None, value: Value) -> str:
    """Return a target and whether a value meets it; a masked one that may or may not is not judged."""
    if current is None:
        return "–"
    answer = None if value.status == "absent" else is_reached(current.target, value.lower, value.upper)
    words = {True: _("met"), False: _("not met"), None: _("not compared")}[answer]
    return f"{target_number(current.target)}: {words}"


def source_words(current: Iterable[CurrentTarget]) -> list[str]:
    """Return a line for each source of targets, then one for each replaced number and its reason."""
    rows = list(current)
    figures: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        target = row.target
        key = (day(target.from_month, "month"), target.source, day(target.source_on))
        figures.setdefault(key, []).append(target.get_figure_display())
    lines = [
        _("Targets from %(month)s: %(source)s, %(day)s (%(figures)s).")
        % {"month": month, "source": source, "day": on, "figures": ", ".join(names)}
        for (month, source, on), names in figures.items()
    ]
    return lines + [_change_words(row.target, row.replaced) for row in rows if row.replaced]


def _change_words(target: Target, replaced: Target) -> str:
    return _("%(figure)s: %(target)s, before %(before)s. Changed on %(day)s: %(reason)s.") % {
        "figure": target.get_figure_display(),
        "target": target_number(target),
        "before": target_number(replaced),
        "day": day(target.set_at),
        "reason": target.reason.rstrip("."),
    }
