"""Chapter on the unobserved population: the estimate, its figures and their condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kerege.evidence.mse.panels.answer import one_in
from kerege.evidence.release.prevalence import chart, messages
from kerege.publishing.report.facts import CountFact, Facts, NumberSource, TextFact, address
from kerege.publishing.report.figure_chart import Caption, Drawing, draw_chart
from kerege.publishing.report.localiser import NBSP, Localiser
from kerege.publishing.report.proof import Sentence
from kerege.publishing.report.prose import Prose
from kerege.publishing.report.views import FigureView, TableRow, csv_name
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.languages import text_in

ID = "hidden-figure"
CHAPTER = "undetected"
IDS: dict[chart.Part, str] = {"answer": ID, "methods": f"{ID}-methods"}
Content = Mapping[str, Any]


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
    notice = content.get("notice")
    return {
        "if_estimate": TextFact(""),
        "if_panel": TextFact("") if content["methods"] else None,
        f"if_{content.get('kind') or 'methods'}": TextFact(""),
        "est_period": TextFact(_period(localiser, content["period"])),
        "est_detected": _detected(content),
        "est_lower": _end(content, "lower"),
        "est_upper": _end(content, "upper"),
        "est_chance": _chance(content),
        "est_planted": _end(content, "planted"),
        "est_notice": TextFact(text_in(notice, localiser.lang)) if notice else None,
        "est_resamples": CountFact(content["bootstrap"]),
    }


def _detected(content: Content) -> CountFact:
    detected = content["detected"]
    at = address(str(detected["table"]))
    return CountFact(detected["count"], detected["status"] != "ok", NumberSource("cell", (at,)))


def _end(content: Content, key: str) -> CountFact | None:
    """Return a number of an estimate, None where it is not published."""
    n = content.get(key)
    return None if n is None else CountFact(n, source=NumberSource("estimate", (f"{content['name']}/{key}",)))


def _chance(content: Content) -> CountFact | None:
    """Return N of "one chance in N", the condition of the upper end."""
    if "least_chance" not in content:
        return None
    source = NumberSource("estimate", (f"{content['name']}/least_chance",))
    return CountFact(int(one_in(content["least_chance"])), source=source)


def _period(localiser: Localiser, period: str) -> str:
    """Return a year or years as sentences use them."""
    years = period.replace("/", "–").replace("-", "–")
    words_of = localiser.text["words"]["period_many" if "–" in years else "period_one"]
    return str(words_of).replace("{x}", years)


def build_paragraphs(prose: Prose, known: Facts) -> tuple[Sentence, ...]:
    """Return why there is no estimate, () where there is one; `known` are the facts of the whole report."""
    return tuple(prose.sentences(prose.localiser.text["detected"]["none"], known))


def build_figures(prose: Prose, year_releases: YearReleases, known: Facts) -> tuple[FigureView, ...]:
    """Return the answer and, for analysts, the methods if they are published; () without an estimate."""
    content = year_releases.estimate
    return () if content is None or content["no_estimate"] else _figures(prose, year_releases, content, known)


def _figures(prose: Prose, year_releases: YearReleases, content: Content, known: Facts) -> tuple[FigureView, ...]:
    """Return the answer and, for analysts, the methods if they are published."""
    parts: list[chart.Part] = ["answer", "methods"] if content["methods"] else ["answer"]
    return tuple(_figure(prose, year_releases, content, known, part) for part in parts)


def _figure(prose: Prose, year_releases: YearReleases, content: Content, known: Facts, part: chart.Part) -> FigureView:
    localiser, name = prose.localiser, str(content["name"])
    text, lang = localiser.text["figure"][IDS[part]], localiser.lang
    heading, alt = prose.first(text["finding"], known), prose.first(text["alt"], known)
    release = next(release for release in year_releases.releases if name in release.estimates)
    assumptions = [Sentence.of([text_in(content["assumptions"], lang)])] if part == "answer" else []
    rows = _answer_rows(prose, content) if part == "answer" else _method_rows(prose, content)
    return FigureView(
        id=IDS[part],
        heading=heading,
        published=True,
        alt=alt,
        note=prose.first(text["note"], known),
        unit=localiser.text["units"]["people"],
        cohort=text_in(content["title"], lang),
        source=f"{release.title.get(lang, '')}, {localiser.day(release.created)} ({name})",
        sentences=(*prose.sentences(text["sentences"], known), *assumptions),
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
    notes = (text_in(content["notice"], lang),) if "notice" in content else ()
    return draw_chart(replace(drawn, title=caption.heading, description=caption.alt, notes=notes, name=IDS[part]))


def _answer_rows(prose: Prose, content: Content) -> list[TableRow]:
    """Return the people detected, estimated and, of invented lists, planted: number, or from and to."""
    lang, none = prose.localiser.lang, Sentence.of([])
    lower, upper = _end(content, "lower"), _end(content, "upper")
    row, figures = "at_least", (_told(prose, lower), none)
    if upper is not None:
        row, figures = "between", (none, _told(prose, lower, upper))
    rows = [
        TableRow(text_in(messages.ROWS["detected"], lang), (_told(prose, _detected(content)), none)),
        TableRow(text_in(messages.ROWS[row], lang), figures, total=True),
    ]
    if "planted" in content:
        rows.append(TableRow(text_in(messages.ROWS["planted"], lang), (_told(prose, _end(content, "planted")), none)))
    return rows


def _method_rows(prose: Prose, content: Content) -> list[TableRow]:
    """Return estimate and intervals of each method, and the estimates under other assumptions."""
    lang, rows, name = prose.localiser.lang, [], content["name"]
    for key, method in messages.in_order(content["methods"]):
        intervals = [_interval(prose, method[part], f"{name}/{key}/{part}") for part in ("interval80", "interval95")]
        rows.append(
            TableRow(text_in(messages.NAMES[key], lang), (_of(prose, method["estimate"], f"{name}/{key}"), *intervals))
        )
    for variant in content["sensitivity"]:
        cells = (_of(prose, variant["estimate"], f"{name}/{variant['key']}"), Sentence.of([]), Sentence.of([]))
        rows.append(TableRow(text_in(variant["label"], lang), cells))
    return rows


def _told(prose: Prose, *facts: CountFact | None) -> Sentence:
    """Return one number, or two as from and to."""
    pieces = [piece for fact in facts if fact for piece in (f"{NBSP}– ", *prose.number(fact))]
    return Sentence.of(pieces[1:])


def _of(prose: Prose, n: int | None, at: str) -> Sentence:
    return Sentence.of(["–"]) if n is None else _told(prose, CountFact(n, source=NumberSource("estimate", (at,))))


def _interval(prose: Prose, interval: list[int] | None, at: str) -> Sentence:
    sources = [NumberSource("estimate", (f"{at}/{place}",)) for place in (0, 1)]
    return _told(prose, *(CountFact(n, source=source) for n, source in zip(interval or (), sources, strict=False)))
