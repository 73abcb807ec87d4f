"""Answer of a panel in one language: the headline, its conditions, and the facts that would change it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN

from kerege.evidence.mse.headline.headline import Headline, round_digits
from kerege.evidence.mse.headline.known_lists import worst_known_list
from kerege.evidence.mse.headline.outlook import Outlook
from kerege.evidence.mse.panels.messages import MessageCatalogue, read_messages, rule_sentence
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import LEAST_REPEATED


def answer_lines(panel: Panel, lang: str, years: float | None = None) -> list[str]:
    """Return the answer, one line for each sentence: the headline first, then its conditions and remarks.

    `years` is the length of the period, for the time until the lists overlap enough.
    """
    catalogue = read_messages(lang)
    lines = headline_lines(panel.headline, lang)
    lines += _linkage_sentences(panel, catalogue)
    if panel.headline.kind == "none":
        return [*lines, explain_no_estimate(panel, lang), *_outlook_lines(panel, catalogue, years)]
    return [*lines, *_remarks(panel, catalogue)]


def _outlook_lines(panel: Panel, catalogue: MessageCatalogue, years: float | None) -> Iterator[str]:
    """Yield what could be said with other answers, and when the lists will be enough."""
    if panel.headline.reason == "few_lists":
        if panel.lists.number == 2:
            is_open = panel.settings.referrals_out is not False and panel.settings.lists_compete is not True
            yield catalogue.say("outlook.two_lists" if is_open else "outlook.no_floor")
        yield catalogue.say("outlook.third_list")
    if panel.headline.reason in ("few_lists", "few_overlaps") and panel.outlook and panel.lists.number > 1:
        yield _overlap_sentence(panel.outlook, catalogue, years)


def _overlap_sentence(outlook: Outlook, catalogue: MessageCatalogue, years: float | None) -> str:
    """Return the sentence how many more people, or years, it takes until the lists overlap enough."""
    if outlook.more is None or outlook.low is None or outlook.high is None or outlook.share is None:
        return catalogue.say("outlook.no_pace", needed=str(LEAST_REPEATED))
    facts = {
        name: catalogue.number(nearest_digits(people))
        for name, people in (("more", outlook.more), ("low", outlook.low), ("high", outlook.high))
    }
    if years is None:
        return catalogue.say("outlook.people", needed=str(LEAST_REPEATED), **facts)
    time = catalogue.number(outlook.share * years, 1)
    return catalogue.say("outlook.years", needed=str(LEAST_REPEATED), years=time, **facts)


def headline_lines(headline: Headline, lang: str) -> list[str]:
    """Return the lines of the headline alone; a line with a condition states it in the same sentence."""
    catalogue = read_messages(lang)
    detected = catalogue.number(headline.detected)
    if headline.kind == "none" or headline.floor is None:
        return [catalogue.say("headline.detected", detected=detected)]
    key = "headline.floor_detected" if headline.floor == headline.detected else "headline.floor"
    lines = [catalogue.say(key, floor=catalogue.number(headline.floor), detected=detected)]
    if headline.kind == "at_least":
        return [*lines, _no_top(headline, catalogue)]
    shares = headline.share_listed
    if headline.top is None or headline.least_chance is None or shares is None:
        return lines
    chance = one_in(headline.least_chance)
    top = catalogue.say("headline.top", top=catalogue.number(headline.top), chance=chance)
    if headline.differ:
        top = f"{top} {catalogue.say('headline.differ', chance=chance)}"
    low, high = (catalogue.percent(share, 0 if share >= 0.01 else 1) for share in shares)
    return [*lines, top, catalogue.say("headline.share", low=low, high=high), catalogue.say("headline.beyond")]


def _no_top(headline: Headline, catalogue: MessageCatalogue) -> str:
    """Return the sentence that there is no upper figure, and why."""
    if headline.reason in ("unanswered", "no_ladder", "strata", "two_lists"):
        return catalogue.say(f"headline.{headline.reason}")
    if headline.allowed is None or headline.least_chance is None:
        return catalogue.say("headline.unbounded")
    top = catalogue.number(headline.allowed[1])
    return catalogue.say("headline.wide", top=top, chance=one_in(headline.least_chance))


def one_in(chance: float) -> str:
    """Return N of "1 in N", rounded down: the stated condition is never weaker than that of the top."""
    return str(math.floor(1 / chance + 1e-9))


def _remarks(panel: Panel, catalogue: MessageCatalogue) -> Iterator[str]:
    """Yield the lines about the methods, the tipping point, the known lists and the conditions."""
    headline = panel.headline
    if headline.panel is not None and math.isfinite(headline.panel[1]):
        lower, upper = (catalogue.number(nearest_digits(limit)) for limit in headline.panel)
        yield catalogue.say("headline.methods", lower=lower, upper=upper)
    yield from _tipping_sentence(panel, catalogue)
    if worst := worst_known_list(list(headline.known)):
        yield catalogue.say(
            "headline.known",
            estimated=catalogue.number(round(worst.estimated)),
            known=catalogue.number(worst.known),
            list=worst.name,
        )
    yield catalogue.say("headline.condition" if headline.missed_links_allowed else "headline.condition_reviewed")


def _tipping_sentence(panel: Panel, catalogue: MessageCatalogue) -> Iterator[str]:
    """Yield the sentence on how far the overlaps would have to be wrong for half or twice the estimate."""
    headline = panel.headline
    if headline.estimate is None or not math.isfinite(headline.estimate):
        return
    facts = {
        "estimate": catalogue.number(nearest_digits(headline.estimate)),
        "repeated": catalogue.number(panel.lists.repeated),
    }
    if headline.doubles_at is None:
        yield catalogue.say("headline.steady", **facts)
    else:
        yield catalogue.say("headline.tipping", share=catalogue.percent(headline.doubles_at), **facts)


def nearest_digits(people: float) -> int:
    """Return a number of people rounded to two digits."""
    return round_digits(max(people, 1.0), ROUND_HALF_EVEN)


def _linkage_sentences(panel: Panel, catalogue: MessageCatalogue) -> Iterator[str]:
    """Yield the sentences on corrected error rates and their source, or on draws of the linkage."""
    if "draws" in panel.linkage:
        yield catalogue.say("headline.draws", draws=catalogue.number(panel.linkage["draws"]))
    elif panel.linkage:
        yield _correction_sentence(panel, catalogue)
        if panel.linkage.get("source"):
            yield catalogue.say("headline.rates_from", source=_name_source(panel.linkage["source"], catalogue))


def _name_source(source: str, catalogue: MessageCatalogue) -> str:
    """Return where error rates are from, in the language if the catalogue has it."""
    return catalogue.texts["sources"].get(source, source)


def _write_rate(rate: float, between: list[float] | None, catalogue: MessageCatalogue) -> str:
    """Return an error rate, with its interval if it has one."""
    text = catalogue.percent(rate, 1)
    if between is None:
        return text
    low, high = (catalogue.percent(limit, 1) for limit in between)
    return f"{text} ({low}–{high})"


def _correction_sentence(panel: Panel, catalogue: MessageCatalogue) -> str:
    """Return the sentence on the corrected error rates and the people after the correction."""
    linkage, between = panel.linkage, panel.linkage.get("miss_between", {})
    rates = [
        f"{name} {_write_rate(rate, between.get(name), catalogue)}".strip() for name, rate in linkage["miss"].items()
    ]
    miss = ", ".join(rates) or catalogue.percent(0.0, 1)
    false = _write_rate(linkage["false_link"], linkage.get("false_between"), catalogue)
    return catalogue.say("headline.corrected", miss=miss, false=false, people=catalogue.number(panel.lists.people))


def explain_no_estimate(panel: Panel, lang: str) -> str:
    """Return the sentence why there is no headline, by the rules that apply; "" if there is one."""
    if panel.headline.kind != "none":
        return ""
    catalogue = read_messages(lang)
    reasons = "; ".join(rule_sentence(rule, catalogue) for rule in panel.stops)
    if not reasons and panel.headline.reason == "partial":  # the lists might have a headline
        return catalogue.say("headline.partial", reason=catalogue.say("stop.partial"))
    return catalogue.say("headline.none", reason=reasons or catalogue.say(f"stop.{panel.headline.reason}"))
