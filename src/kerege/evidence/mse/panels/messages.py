"""Sentences of the panel in one language, from `messages.LANG.toml`, with formatted numbers."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from kerege import __version__
from kerege.base.errors import BadInput, Fault
from kerege.base.multilingual_titles import LANGUAGES
from kerege.evidence.mse.bayes.lcmcr import ESS, R_HAT
from kerege.evidence.mse.panels.further_methods import PROFILED
from kerege.evidence.mse.panels.method_result import Limits, Method
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE, AppliedRule, interval_in_headline

GAP = "\u00a0"  # no-break space between thousands, and before the per cent sign in Russian
AS_COUNTED = ("decomposable", "lcmcr", "thresholding", *PROFILED)  # methods without resamples
ASSUMPTIONS = ("closed", "linkage", "reach", "order")


class MessageCatalogue:
    """Message catalogue of one language."""

    def __init__(self, lang: str, texts: dict[str, dict[str, str]]) -> None:
        self.lang, self.texts = lang, texts

    def say(self, key: str, **facts: str) -> str:
        """Return the sentence `part.name` with its placeholders replaced by formatted facts."""
        part, _, name = key.partition(".")
        return self.texts[part][name].format(**facts)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with the thousands and decimal separators of the language; ∞ if it is not finite."""
        if not math.isfinite(value):
            return "∞"
        text = f"{value:,.{digits}f}"
        return text if self.lang == "en" else text.replace(",", GAP).replace(".", ",")

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share as a percentage."""
        return f"{self.number(100 * share, digits)}{GAP if self.lang == 'ru' else ''}%"

    def format_interval(self, limits: Limits | None) -> str:
        """Return an interval for a table; "" for None."""
        return "" if limits is None else f"{self.number(limits[0])}–{self.number(limits[1])}"


@cache
def read_messages(lang: str) -> MessageCatalogue:
    """Return the message catalogue of a language. Raises BadInput if the language does not exist."""
    if lang not in LANGUAGES:
        raise BadInput(Fault(f"there is no translation for {lang!r}", f"give --lang {', '.join(LANGUAGES)}"))
    text = (resources.files(__package__) / f"messages.{lang}.toml").read_text("utf-8")
    return MessageCatalogue(lang, tomllib.loads(text))


def method_name(key: str, lang: str) -> str:
    """Return the name of a method with a capital letter, for the start of a line."""
    name = read_messages(lang).say(f"methods.{key}")
    return name[:1].upper() + name[1:]


def rule_sentence(rule: AppliedRule, catalogue: MessageCatalogue) -> str:
    """Return the sentence of a rule or remark with its facts formatted."""
    facts = {}
    for name, value in rule.facts.items():
        if name in ("recurrence", "share"):
            facts[name] = catalogue.percent(value, 1)
        else:
            facts[name] = catalogue.number(value, 1 if name == "ratio" else 0)
    return catalogue.say(f"stop.{rule.rule}", **facts)


def assumptions(lang: str, corrected: bool = False) -> list[str]:
    """Return the assumptions of the range; for corrected lists, that the error rates are right."""
    catalogue = read_messages(lang)
    names = ["linkage_corrected" if corrected and name == "linkage" else name for name in ASSUMPTIONS]
    return [catalogue.say(f"assumptions.{name}") for name in names]


def why_no_estimate(method: Method, lang: str) -> str:
    """Return the reason why a method has no estimate."""
    catalogue, about = read_messages(lang), method.about
    if method.key != "lcmcr" or not about:
        return _translate_reason(method.no_estimate, catalogue)
    if not about["r_hat"] <= R_HAT:
        return catalogue.say("why.r_hat", r_hat=catalogue.number(about["r_hat"], 2))
    least = min(about["ess_bulk"], about["ess_tail"])
    if least < ESS:
        return catalogue.say("why.ess", ess=catalogue.number(least))
    return catalogue.say(
        "why.bound", share=catalogue.percent(about["bound_share"]), bound=catalogue.number(about["bound"])
    )


def _translate_reason(reason: str, catalogue: MessageCatalogue) -> str:
    """Return a method's reason in the language; in English if the catalogue has no translation."""
    start, _, name = reason.rpartition(" ")
    if start in catalogue.texts["reasons"]:  # the last word is the name of a list
        return f"{catalogue.texts['reasons'][start]} {name}"
    return catalogue.texts["reasons"].get(reason, reason)


def method_rows(panel: Panel, lang: str) -> list[list[str]]:
    """Return the table rows: method, estimate, 80% and 95% interval.

    BCa has a row of its own, with ! if its level is far from the requested one.
    """
    catalogue = read_messages(lang)
    rows = []
    for key, method in panel.methods.items():
        name = catalogue.say(f"methods.{key}")
        if method.estimate is None:
            rows.append([name, catalogue.say("table.none"), "", ""])
            continue
        of_model = "p" if key in PROFILED else " "
        mark = "*" if IN_HEADLINE.get(key) == "interval80" else of_model
        rows.append(
            [
                name,
                catalogue.number(method.estimate),
                _mark_interval(catalogue, method.interval80, mark),
                _mark_interval(catalogue, method.interval95, of_model),
            ]
        )
        if method.bca95 and key in ("stepwise", "bic"):
            rows.append(_write_bca_row(method, catalogue))
        if method.profile95:
            rows.append(_write_profile_row(method, catalogue))
    return rows


def _write_profile_row(method: Method, catalogue: MessageCatalogue) -> list[str]:
    """Return the row of the profile-likelihood intervals of the model that a method chose."""
    cells = [_mark_interval(catalogue, limits, "p") for limits in (method.profile80, method.profile95)]
    return [catalogue.say("methods.profile"), "", *cells]


def _write_bca_row(method: Method, catalogue: MessageCatalogue) -> list[str]:
    """Return the row of the BCa intervals of a method."""
    headline_mark = "*" if IN_HEADLINE[method.key] == "bca80" else ""
    cells = []
    for level, limits, mark in (("80", method.bca80, headline_mark), ("95", method.bca95, "")):
        is_unsure = any(warning.startswith(f"BCa {level}%") for warning in method.warnings)
        cells.append(_mark_interval(catalogue, limits, ("!" if is_unsure else "") + mark))
    return [catalogue.say("methods.bca"), "", *cells]


def _mark_interval(catalogue: MessageCatalogue, limits: Limits | None, mark: str) -> str:
    """Return an interval followed by its mark; "" for None."""
    return f"{catalogue.format_interval(limits)}{mark:2}" if limits else ""


def notes(panel: Panel, lang: str) -> list[str]:
    """Return the notes below the table: marks, methods without an estimate, warnings."""
    catalogue = read_messages(lang)
    sentences = []
    if any(method.key in IN_HEADLINE and method.estimate is not None for method in panel.methods.values()):
        sentences.append(catalogue.say("table.counted"))
    if any(
        "BCa" in warning
        for key in ("stepwise", "bic")
        if key in panel.methods
        for warning in panel.methods[key].warnings
    ):
        sentences.append(catalogue.say("table.warned"))
    if any(method.profile95 or (key in PROFILED and method.estimate) for key, method in panel.methods.items()):
        sentences.append(catalogue.say("table.profiled"))
    for key, method in panel.methods.items():
        name = catalogue.say(f"methods.{key}")
        if method.estimate is None:
            sentences.append(catalogue.say("table.why_none", method=name, why=why_no_estimate(method, lang)))
        warnings = [
            *_list_method_warnings(method, catalogue),
            *_list_interval_warnings(method, catalogue),
            *_list_bound_warnings(method, panel, catalogue),
        ]
        sentences += [catalogue.say("table.warning", method=name, warning=text) for text in warnings]
    sentences += [rule_sentence(remark, catalogue) for remark in panel.remarks]
    if panel.given.noise:
        sentences.append(catalogue.say("warnings.noise", noise=catalogue.number(panel.given.noise, 1)))
    return sentences + _list_correction_warnings(panel, catalogue)


def _list_interval_warnings(method: Method, catalogue: MessageCatalogue) -> list[str]:
    """Return warnings about the interval with which a method enters the headline."""
    interval = interval_in_headline(method)
    if interval is None or method.estimate is None:
        return []
    warnings = [] if interval[0] <= method.estimate <= interval[1] else [catalogue.say("warnings.outside")]
    if interval == method.bca80 and any(warning.startswith("BCa 80%") for warning in method.warnings):
        warnings.append(catalogue.say("warnings.unsure"))
    return warnings


def _list_bound_warnings(method: Method, panel: Panel, catalogue: MessageCatalogue) -> list[str]:
    """Return a warning if the lower bound is above the lower limit of the range."""
    limits, bound = panel.envelope, method.estimate
    if method.key != "lower_bound" or bound is None or limits is None or bound <= limits[0]:
        return []
    return [catalogue.say("warnings.bound_above", bound=catalogue.number(bound), lower=catalogue.number(limits[0]))]


def _list_correction_warnings(panel: Panel, catalogue: MessageCatalogue) -> list[str]:
    """Return warnings about the correction of linkage errors."""
    warnings = []
    removed = panel.linkage.get("removed", 0.0)
    if removed >= 1:
        warnings.append(catalogue.say("warnings.removed", removed=catalogue.number(removed)))
    if "miss" in panel.linkage and any(_takes_table_as_counted(method) for method in panel.methods.values()):
        warnings.append(catalogue.say("warnings.as_counted"))
    return warnings


def _takes_table_as_counted(method: Method) -> bool:
    """Return whether a method has limits that leave out the uncertainty of a correction."""
    return method.profile80 is not None or (method.key in AS_COUNTED and method.interval80 is not None)


def _list_method_warnings(method: Method, catalogue: MessageCatalogue) -> list[str]:
    """Return the warnings of a method in the language."""
    if method.key == "chapman":
        return [catalogue.say("warnings.chapman")]
    if method.key == "thresholding":
        near = method.about.get("by_a_hair", {})
        return [
            catalogue.say("warnings.hair", pair=pair, other=catalogue.number(opposite))
            for pair, opposite in near.items()
        ]
    if method.key == "lower_bound" and "limit10" in method.about:
        return [catalogue.say("warnings.limit", limit=catalogue.number(method.about["limit10"]))]
    if method.key == "decomposable" and method.warnings:
        return [catalogue.say("warnings.largest", bound=catalogue.number(method.about["largest_tried"]))]
    by_lists = list(method.about.get("by_lists", {}).values())
    if by_lists:
        return [_describe_choices(by_lists, catalogue)]
    failed = method.about.get("resamples_without_estimate", 0)
    return [catalogue.say("warnings.failed", failed=catalogue.number(failed))] if failed else []


def _describe_choices(estimates: Sequence[float], catalogue: MessageCatalogue) -> str:
    """Return the sentence on the smallest and the largest estimate over the choices of lists."""
    lower, upper = (catalogue.number(limit) for limit in (min(estimates), max(estimates)))
    return catalogue.say("warnings.choices", lower=lower, upper=upper, number=catalogue.number(len(estimates)))


def models(panel: Panel, lang: str) -> list[str]:
    """Return the model that each method chose."""
    texts = read_messages(lang)
    return [
        f"{texts.say(f'methods.{key}')}: {texts.say('table.independence') if m.model == 'independence' else m.model}"
        for key, m in panel.methods.items()
        if m.model and key != "independence"
    ]


def errors(panel: Panel, lang: str) -> list[str]:
    """Return the Monte Carlo error of each limit of the methods with resamples."""
    catalogue = read_messages(lang)
    sentences = []
    for key in ("stepwise", "bic"):
        method = panel.methods.get(key)
        if method is None or not method.monte_carlo:
            continue
        rows: list[tuple[str, dict[str, str]]] = []
        for kind, name in (("interval", f"methods.{key}"), ("bca", "methods.bca")):
            if kind == "bca" and not method.bca95:
                continue  # without BCa limits the table has no such row
            facts: dict[str, str] = {}
            for level in ("80", "95"):
                low, high = method.monte_carlo[f"{kind}{level}"]
                facts |= {f"low{level}": _format_error(low, catalogue), f"high{level}": _format_error(high, catalogue)}
            rows.append((catalogue.say(name), facts))
        sentences += [catalogue.say("table.error_of", method=name, **facts) for name, facts in rows]
    return sentences


def _format_error(value: float, catalogue: MessageCatalogue) -> str:
    """Return a Monte Carlo error, with one decimal below 10."""
    return catalogue.number(value, 0 if value >= 10 else 1)


def odds_rows(panel: Panel, lang: str) -> list[list[str]]:
    """Return rows: factor of the interaction of all lists, stepwise estimate, range of the intervals."""
    catalogue = read_messages(lang)
    if panel.sensitivity is None:
        return []
    fractions = {0.5: "1/2"}
    return [
        [fractions.get(ratio, f"{ratio:g}"), catalogue.number(estimate), catalogue.format_interval(limits)]
        for ratio, (estimate, limits) in panel.sensitivity.odds_ratios.items()
    ]


def variant_rows(panel: Panel, lang: str, kind: str) -> list[list[str]]:
    """Return rows of the stepwise estimate for each variant: name, detected, estimate.

    `kind` is `without` (a list left out) or `merged` (two lists merged).
    """
    catalogue = read_messages(lang)
    if panel.sensitivity is None:
        return []
    variants: Sequence[Any] = getattr(panel.sensitivity, kind)
    return [
        [
            variant.what.removeprefix("without ").removesuffix(" as one list"),
            catalogue.number(variant.people),
            catalogue.say("table.none") if math.isnan(variant.estimate) else catalogue.number(variant.estimate),
        ]
        for variant in variants
        if not variant.why_not or variant.people
    ]


def merged_range(panel: Panel, lang: str) -> str:
    """Return the sentence on the range of the estimates with two lists merged; "" without an analysis."""
    catalogue = read_messages(lang)
    if panel.sensitivity is None:
        return ""
    values = [variant.estimate for variant in panel.sensitivity.merged if not math.isnan(variant.estimate)]
    if not values:
        return catalogue.say("sensitivity.none_left")
    return catalogue.say(
        "sensitivity.merged_range",
        number=catalogue.number(len(values)),
        lower=catalogue.number(min(values)),
        upper=catalogue.number(max(values)),
    )


def describe_stability(panel: Panel, lang: str) -> list[str]:
    """Return the sentences on the recurrence of the model, the sample coverage and the overlap."""
    catalogue, sentences = read_messages(lang), []
    analysis = panel.sensitivity
    if analysis is None:
        return []
    if analysis.recurrence is not None and analysis.models is not None:
        models_found = catalogue.number(analysis.models)
        sentences.append(
            catalogue.say("sensitivity.recurrence", share=catalogue.percent(analysis.recurrence), models=models_found)
        )
    sentences.append(
        catalogue.say(
            "sensitivity.coverage",
            coverage=catalogue.number(analysis.coverage, 2),
            repeated=catalogue.number(panel.lists.repeated),
            share=catalogue.percent(analysis.repeated_share, 1),
        )
    )
    return sentences


def name_lists(panel: Panel, lang: str) -> str:
    """Return the sentence with the names of the lists, so that a column that is no list is seen."""
    return read_messages(lang).say("made.lists", lists=", ".join(panel.given.names))


def describe_run(panel: Panel, lang: str) -> str:
    """Return the sentence on version, resamples and seed."""
    catalogue = read_messages(lang)
    times = catalogue.number(panel.options.times)
    return catalogue.say("made.how", version=__version__, times=times, seed=str(panel.options.seed))
