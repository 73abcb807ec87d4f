"""Report section on the unobserved population: the estimate, its figures and their condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kerege.evidence.mse.panels.answer import one_in
from kerege.evidence.release.prevalence import chart, messages
from kerege.publishing.report.facts import CountFact, Facts, TextFact
from kerege.publishing.report.figure_drawing import Caption, Drawing, draw_chart
from kerege.publishing.report.localiser import Localiser
from kerege.publishing.report.views import FigureView, TableRow, csv_name
from kerege.publishing.storage.year_releases import YearReleases

ID = "hidden-figure"
IDS: dict[chart.Part, str] = {"answer": ID, "methods": f"{ID}-methods"}
Content = Mapping[str, Any]


@dataclass(frozen=True)
class DetectedView:
    """Section on people not detected: its text, and where an estimate is published its answer and methods."""

    title: str
    paragraphs: tuple[str, ...]
    method: str
    figures: tuple[FigureView, ...] = ()


def estimate_facts(year_releases: YearReleases, localiser: Localiser) -> Facts:
    """Return the facts of the estimate.

    Where the publication rule forbids an estimate, only its reason is a fact; without an estimate, its absence.
    """
    content = year_releases.estimate
    if content is None:
        return {"if_no_estimate": TextFact(""), "if_never_estimated": TextFact("")}
    if content["no_estimate"]:
        return {
            "if_no_estimate": TextFact(""),
            "est_reason": TextFact(content["no_estimate"]["reason"][localiser.lang]),
        }
    detected, notice = content["detected"], content.get("notice")
    return {
        "if_estimate": TextFact(""),
        "if_panel": TextFact("") if content["methods"] else None,
        f"if_{content.get('kind') or 'methods'}": TextFact(""),
        "est_period": TextFact(_period(localiser, content["period"])),
        "est_detected": CountFact(detected["count"], detected["status"] != "ok"),
        "est_lower": CountFact(content["lower"]),
        "est_upper": None if content["upper"] is None else CountFact(content["upper"]),
        "est_chance": TextFact(one_in(content["least_chance"])) if "least_chance" in content else None,
        "est_least": TextFact(localiser.text["words"]["at_least"].replace("{x}", localiser.number(content["lower"]))),
        "est_planted": CountFact(content["planted"]) if "planted" in content else None,
        "est_notice": TextFact(notice[localiser.lang]) if notice else None,
        "est_resamples": CountFact(content["bootstrap"]),
    }


def _period(localiser: Localiser, period: str) -> str:
    """Return a year or years as sentences use them."""
    years = period.replace("/", "–").replace("-", "–")
    words_of = localiser.text["words"]["period_many" if "–" in years else "period_one"]
    return str(words_of).replace("{x}", years)


def build_section(localiser: Localiser, year_releases: YearReleases, known: Facts) -> DetectedView:
    """Return the section in words; `known` are the facts of the whole report."""
    text = localiser.text["detected"]
    paragraphs = (*text["paragraphs"], *localiser.sentences(text["sentences_of_figures"], known))
    method = localiser.first(text["method"], known)
    content = year_releases.estimate
    figures = () if content is None or content["no_estimate"] else _figures(localiser, year_releases, content, known)
    return DetectedView(text["title"], tuple(paragraphs), method, figures)


def _figures(
    localiser: Localiser, year_releases: YearReleases, content: Content, known: Facts
) -> tuple[FigureView, ...]:
    """Return the answer and, for analysts, the methods if they are published."""
    parts: list[chart.Part] = ["answer", "methods"] if content["methods"] else ["answer"]
    return tuple(_figure(localiser, year_releases, content, known, part) for part in parts)


def _figure(
    localiser: Localiser, year_releases: YearReleases, content: Content, known: Facts, part: chart.Part
) -> FigureView:
    text, name, lang = localiser.text["figure"][IDS[part]], str(content["name"]), localiser.lang
    heading, alt = localiser.first(text["finding"], known), localiser.first(text["alt"], known)
    release = next(release for release in year_releases.releases if name in release.estimates)
    assumptions = [content["assumptions"][lang]] if part == "answer" else []
    rows = _answer_rows(localiser, content) if part == "answer" else _method_rows(localiser, content)
    return FigureView(
        id=IDS[part],
        heading=heading,
        published=True,
        alt=alt,
        note=localiser.first(text["note"], known),
        unit=localiser.text["units"]["people"],
        cohort=content["title"][lang],
        source=f"{release.title.get(lang, '')}, {localiser.day(release.created)} ({name})",
        sentences=(*localiser.sentences(text["sentences"], known), *assumptions),
        columns=tuple(text["columns"]),
        rows=tuple(rows),
        drawing=draw_estimate(content, localiser, Caption(heading, alt, year_releases.invented), part),
        csv=((csv_name(year_releases, name), name),),
    )


def draw_estimate(content: Content, localiser: Localiser, caption: Caption, part: chart.Part = "answer") -> Drawing:
    """Return the chart of the answer or of the methods at both widths and once with its heading.

    On invented lists it says so.
    """
    lang = localiser.lang
    drawn = chart.answer_chart(content, lang) if part == "answer" else chart.methods_chart(content, lang)
    notes = (content["notice"][lang],) if "notice" in content else ()
    return draw_chart(replace(drawn, title=caption.heading, description=caption.alt, notes=notes, name=IDS[part]))


def _answer_rows(localiser: Localiser, content: Content) -> list[TableRow]:
    """Return the people detected, estimated and, of invented lists, planted: number, or from and to."""
    lang, detected = localiser.lang, content["detected"]
    total = localiser.fact(CountFact(detected["count"], detected["status"] != "ok"))
    lower, upper = content["lower"], content["upper"]
    row, figures = ("at_least", (localiser.number(lower), ""))
    if upper is not None:
        row, figures = ("between", ("", _between(localiser, [lower, upper])))
    rows = [
        TableRow(messages.ROWS["detected"][lang], (total, "")),
        TableRow(messages.ROWS[row][lang], figures, total=True),
    ]
    if "planted" in content:
        rows.append(TableRow(messages.ROWS["planted"][lang], (localiser.number(content["planted"]), "")))
    return rows


def _method_rows(localiser: Localiser, content: Content) -> list[TableRow]:
    """Return estimate and intervals of each method, and the estimates under other assumptions."""
    lang, rows = localiser.lang, []
    for key, method in messages.in_order(content["methods"]):
        intervals = [_between(localiser, method[name]) for name in ("interval80", "interval95")]
        rows.append(TableRow(messages.NAMES[key][lang], (localiser.number(method["estimate"]), *intervals)))
    for variant in content["sensitivity"]:
        estimate = "–" if variant["estimate"] is None else localiser.number(variant["estimate"])
        rows.append(TableRow(variant["label"][lang], (estimate, "", "")))
    return rows


def _between(localiser: Localiser, interval: list[int] | None) -> str:
    return f"{localiser.number(interval[0])} – {localiser.number(interval[1])}" if interval else ""
