"""Charts of a published estimate: its answer, and its methods for analysts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from kerege.charts import Break, Chart, Period, Series, Value, draw_svg
from kerege.charts.chart_words import format_number
from kerege.evidence.release.prevalence import messages
from kerege.vocabulary.languages import text_in

Content = Mapping[str, Any]  # published figures, as in the JSON file of the release
Part = Literal["answer", "methods"]
BOTH: tuple[Part, ...] = ("answer", "methods")
SERIES = tuple(Series(code, "") for code in ("count", "outer", "inner", "point"))


def answer_chart(content: Content, lang: str) -> Chart:
    """Return the chart of the answer: people detected beside people estimated.

    Parameters
    ----------
    content : mapping
        Published figures, as in the JSON file of the release. No other figure is drawn.
    lang : str
        Language: kk, ru or en.

    Returns
    -------
    Chart
        Detected and estimated people on one axis from zero; of invented lists the planted number is a line.

    Examples
    --------
    >>> content = {"lower": 700, "upper": 800, "methods": {}, "detected": {"count": 626}, "title": {"en": "People"}}
    >>> answer_chart(content, "en").value("estimated", "people").upper
    800
    """
    detected, upper = content["detected"], content["upper"]
    row = "at_least" if upper is None else "between"
    values = {
        ("detected", "people"): _detected(detected),
        ("estimated", "people"): Value.estimated(content["lower"], float("inf") if upper is None else upper),
    }
    return Chart(
        kind="estimate",
        title=text_in(content["title"], lang),
        series=(
            Series("detected", text_in(messages.ROWS["detected"], lang)),
            Series("estimated", text_in(messages.ROWS[row], lang)),
        ),
        periods=(Period("people", text_in(messages.AXIS_ALONE, lang)),),
        values=values,
        breaks=_planted(content, lang),
        words={"at_least": "{x}"},  # the name of the row says that it is the least
        lang=lang,
        name="answer",
    )


def methods_chart(content: Content, lang: str, parts: Sequence[Part] = ("methods",)) -> Chart:
    """Return the chart of the methods: a point with its 80% and 95% intervals in each row.

    Parameters
    ----------
    content : mapping
        Published figures, as in the JSON file of the release. No other figure is drawn.
    lang : str
        Language: kk, ru or en.
    parts : sequence of {"answer", "methods"}
        With "answer", rows for people detected and estimated come first.

    Returns
    -------
    Chart
        Rows on one axis from zero.

    Examples
    --------
    >>> methods = {"bic": {"estimate": 740, "interval80": [700, 800], "interval95": None}}
    >>> methods_chart({"methods": methods, "title": {"en": "People"}}, "en").value("point", "bic").count
    740
    """
    rows, values = list[Period](), dict[tuple[str, str], Value]()
    if "answer" in parts:
        rows, values = _answer_rows(content, lang)
    for key, method in messages.in_order(content["methods"]) if "methods" in parts else ():
        rows.append(Period(key, text_in(messages.NAMES[key], lang)))
        values["point", key] = Value(method["estimate"], "estimated", method["estimate"], method["estimate"])
        for series, name in (("inner", "interval80"), ("outer", "interval95")):
            if method[name]:
                values[series, key] = Value.estimated(*method[name])
    lines = "methods" in parts and content["methods"]
    return Chart(
        kind="intervals",
        title=text_in(content["title"], lang),
        series=SERIES,
        periods=tuple(rows),
        values=values,
        breaks=_planted(content, lang),
        axis=text_in(messages.AXIS if lines else messages.AXIS_ALONE, lang),
        lang=lang,
        name="methods",
    )


def _answer_rows(content: Content, lang: str) -> tuple[list[Period], dict[tuple[str, str], Value]]:
    upper = content["upper"]
    row = "at_least" if upper is None else "between"
    values = {
        ("count", "detected"): _detected(content["detected"]),
        ("inner", row): Value.estimated(content["lower"], float("inf") if upper is None else upper),
    }
    return [Period(code, text_in(messages.ROWS[code], lang)) for code in ("detected", row)], values


def _detected(detected: Content) -> Value:
    """Return the people detected; a perturbed total reads "about"."""
    count = detected["count"]
    return Value.exact(count) if detected.get("status", "ok") == "ok" else Value(count, "rounded", count, count)


def _planted(content: Content, lang: str) -> tuple[Break, ...]:
    """Return the line of the planted number of invented lists."""
    if "planted" not in content:
        return ()
    number = content["planted"]
    return (Break(str(number), f"{text_in(messages.ROWS['planted'], lang)}: {format_number(number, lang)}"),)


def svg(content: Content) -> str:
    """Return the chart as an SVG file in English, or the reason why there is no estimate.

    The notice about invented lists is in three languages.
    """
    notes = tuple(content["notice"].values()) if "notice" in content else ()
    if content["no_estimate"]:
        reasons = tuple(content["no_estimate"]["reason"].values())
        chart = Chart("intervals", content["title"]["en"], series=(), periods=(), values={})
        notes = (*reasons, *notes)
    else:
        chart = methods_chart(content, "en", BOTH)
    drawn = replace(chart, notes=notes, description=described(content), name="estimate")
    return draw_svg(drawn, titled=True) + "\n"


def described(content: Content) -> str:
    """Return the text alternative of the chart in English."""
    notice = f" {content['notice']['en']}" if "notice" in content else ""
    if content["no_estimate"]:
        return f"No estimate is published. {messages.estimate_sentence(content, 'en', '{:,}'.format)}{notice}"
    rows = "; ".join([*_describe_answer(content), *_describe_methods(content)])
    return f"{messages.estimate_sentence(content, 'en', '{:,}'.format)} {rows}.{notice}"


def _describe_answer(content: Content) -> list[str]:
    names, lower, upper = messages.ROWS, content["lower"], content["upper"]
    rows = [f"{names['detected']['en']}: {content['detected']['count']:,}"]
    rows.append(
        f"{names['at_least']['en']}: {lower:,}"
        if upper is None
        else f"{names['between']['en']}: {lower:,} to {upper:,}"
    )
    return rows + ([f"{names['planted']['en']}: {content['planted']:,}"] if "planted" in content else [])


def _describe_methods(content: Content) -> list[str]:
    return [f"{messages.NAMES[key]['en']}: {_result(method)}" for key, method in messages.in_order(content["methods"])]


def _result(method: Content) -> str:
    """Return the estimate of a method with its 80% interval; the estimate alone without one."""
    interval = method["interval80"]
    return f"{method['estimate']:,}" + (f" ({interval[0]:,} to {interval[1]:,})" if interval else "")
