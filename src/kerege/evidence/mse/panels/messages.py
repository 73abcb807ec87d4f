"""What a panel says, in one language: the sentences of `messages.LANG.toml`, with numbers as they are written there."""

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
from kerege.evidence.mse.panels.method_result import Limits, Method
from kerege.evidence.mse.panels.panel import Panel
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE, Stop, interval_in_headline, two_digits

GAP = "\u00a0"  # between thousands, and before a per cent sign in Russian
SPARSE = 0.5
AS_COUNTED = ("decomposable", "lcmcr", "thresholding")  # methods that are not resampled
ASSUMPTIONS = ("closed", "linkage", "reach", "order")


class Words:
    """One language."""

    def __init__(self, lang: str, texts: dict[str, dict[str, str]]) -> None:
        self.lang, self.texts = lang, texts

    def say(self, key: str, **facts: str) -> str:
        """The sentence `part.name`, its holes filled with facts that are words already."""
        part, _, name = key.partition(".")
        return self.texts[part][name].format(**facts)

    def number(self, value: float, digits: int = 0) -> str:
        """With the thousands and the decimals of the language; ∞ where there is no end."""
        if not math.isfinite(value):
            return "∞"
        told = f"{value:,.{digits}f}"
        return told if self.lang == "en" else told.replace(",", GAP).replace(".", ",")

    def percent(self, share: float, digits: int = 0) -> str:
        """A share in per cent."""
        return f"{self.number(100 * share, digits)}{GAP if self.lang == 'ru' else ''}%"

    def reach(self, limits: Limits | None) -> str:
        """An interval for a table; empty for none."""
        return "" if limits is None else f"{self.number(limits[0])}–{self.number(limits[1])}"


@cache
def words(lang: str) -> Words:
    """The words of a language; raises BadInput for one that there is not."""
    if lang not in LANGUAGES:
        raise BadInput(Fault(f"there are no words in {lang!r}", f"give --lang {', '.join(LANGUAGES)}"))
    text = (resources.files(__package__) / f"messages.{lang}.toml").read_text("utf-8")
    return Words(lang, tomllib.loads(text))


def method_name(key: str, lang: str) -> str:
    """A method at the head of a line."""
    name = words(lang).say(f"methods.{key}")
    return name[:1].upper() + name[1:]


def answer(found: Panel, lang: str) -> list[str]:
    """The headline, a sentence each: what was detected first, then the range, or why there is none."""
    say = words(lang)
    told = [say.say("headline.detected", detected=say.number(found.detected))]
    if found.linkage:
        told.append(_corrected(found, say))
    if found.headline:
        lower, upper = map(say.number, found.headline)
        return [*told, say.say("headline.range", lower=lower, upper=upper), say.say("headline.leaning")]
    if found.stops:
        return [*told, say.say("headline.none", reason=reason(found, lang))]
    return [*told, say.say("headline.partial")]


def _corrected(found: Panel, say: Words) -> str:
    rates = [f"{name} {say.percent(rate, 1)}".strip() for name, rate in found.linkage["miss"].items()]
    miss, false = ", ".join(rates) or say.percent(0.0, 1), say.percent(found.linkage["false_link"], 1)
    return say.say("headline.corrected", miss=miss, false=false, people=say.number(found.lists.people))


def reason(found: Panel, lang: str) -> str:
    """Why there is no headline, by the rules that apply; empty where there is one."""
    say = words(lang)
    if found.headline:
        return ""
    return "; ".join(_stop(stop, say) for stop in found.stops) or say.say("stop.partial")


def _stop(stop: Stop, say: Words) -> str:
    told = {}
    for name, value in stop.facts.items():
        if name in ("recurrence", "share"):
            told[name] = say.percent(value, 1)
        elif name == "ratio":
            told[name] = say.number(value, 1)
        else:
            told[name] = say.number(two_digits(value) if name in ("lower", "upper") and math.isfinite(value) else value)
    return say.say(f"stop.{stop.rule}", **told)


def assumptions(lang: str, corrected: bool = False) -> list[str]:
    """What the range rests on, in plain words; of lists corrected for errors of linkage, that the rates are right."""
    say = words(lang)
    told = ["linkage_corrected" if corrected and name == "linkage" else name for name in ASSUMPTIONS]
    return [say.say(f"assumptions.{name}") for name in told]


def why_none(method: Method, lang: str) -> str:
    """Why a method has no estimate."""
    say, about = words(lang), method.about
    if method.key != "lcmcr" or not about:
        return _translated(method.no_estimate, say)
    if not about["r_hat"] <= R_HAT:
        return say.say("why.r_hat", r_hat=say.number(about["r_hat"], 2))
    least = min(about["ess_bulk"], about["ess_tail"])
    if least < ESS:
        return say.say("why.ess", ess=say.number(least))
    return say.say("why.bound", share=say.percent(about["bound_share"]), bound=say.number(about["bound"]))


def _translated(told: str, say: Words) -> str:
    """A reason of a method in another language; in English where nobody translated it."""
    start, _, name = told.rpartition(" ")
    if start in say.texts["reasons"]:  # of a list, whose name is the last word
        return f"{say.texts['reasons'][start]} {name}"
    return say.texts["reasons"].get(told, told)


def method_rows(found: Panel, lang: str) -> list[list[str]]:
    """Rows of the panel: method, estimate, 80% and 95% interval; BCa in a row of its own, with ! where it is unsure."""
    say = words(lang)
    rows = []
    for key, method in found.methods.items():
        name = say.say(f"methods.{key}")
        if method.estimate is None:
            rows.append([name, say.say("table.none"), "", ""])
            continue
        counted = "*" if IN_HEADLINE.get(key) == "interval80" else " "
        rows.append(
            [
                name,
                say.number(method.estimate),
                _marked(say, method.interval80, counted),
                _marked(say, method.interval95, " "),
            ]
        )
        if method.bca95 and key in ("stepwise", "bic"):
            rows.append(_bca_row(method, say))
    return rows


def _bca_row(method: Method, say: Words) -> list[str]:
    counted = "*" if IN_HEADLINE[method.key] == "bca80" else ""
    cells = []
    for level, limits, mark in (("80", method.bca80, counted), ("95", method.bca95, "")):
        unsure = any(warning.startswith(f"BCa {level}%") for warning in method.warnings)
        cells.append(_marked(say, limits, ("!" if unsure else "") + mark))
    return [say.say("methods.bca"), "", *cells]


def _marked(say: Words, limits: Limits | None, mark: str) -> str:
    return f"{say.reach(limits)}{mark:2}" if limits else ""


def notes(found: Panel, lang: str) -> list[str]:
    """What stands beneath the table: marks, methods without an estimate, warnings."""
    say = words(lang)
    told = []
    if any(method.key in IN_HEADLINE and method.estimate is not None for method in found.methods.values()):
        told.append(say.say("table.counted"))
    if any(
        "BCa" in warning
        for key in ("stepwise", "bic")
        if key in found.methods
        for warning in found.methods[key].warnings
    ):
        told.append(say.say("table.warned"))
    for key, method in found.methods.items():
        name = say.say(f"methods.{key}")
        if method.estimate is None:
            told.append(say.say("table.why_none", method=name, why=why_none(method, lang)))
        warnings = [*_warnings(method, say), *_of_what_counts(method, say), *_above_the_range(method, found, say)]
        told += [say.say("table.warning", method=name, warning=each) for each in warnings]
    if found.given.noise:
        told.append(say.say("warnings.noise", noise=say.number(found.given.noise, 1)))
    return told + _of_the_correction(found, say)


def _of_what_counts(method: Method, say: Words) -> list[str]:
    """That the interval with which a method enters the headline is odd."""
    counted = interval_in_headline(method)
    if counted is None or method.estimate is None:
        return []
    told = [] if counted[0] <= method.estimate <= counted[1] else [say.say("warnings.outside")]
    if counted == method.bca80 and any(warning.startswith("BCa 80%") for warning in method.warnings):
        told.append(say.say("warnings.unsure"))
    return told


def _above_the_range(method: Method, found: Panel, say: Words) -> list[str]:
    """That the lower bound lies above the low end of the range."""
    reach, bound = found.envelope, method.estimate
    if method.key != "lower_bound" or bound is None or reach is None or bound <= reach[0]:
        return []
    return [say.say("warnings.bound_above", bound=say.number(bound), lower=say.number(reach[0]))]


def _of_the_correction(found: Panel, say: Words) -> list[str]:
    told = []
    removed = found.linkage.get("removed", 0.0)
    if removed >= 1:
        told.append(say.say("warnings.removed", removed=say.number(removed)))
    if found.linkage and any(found.methods[key].interval80 for key in AS_COUNTED if key in found.methods):
        told.append(say.say("warnings.as_counted"))
    return told


def _warnings(method: Method, say: Words) -> list[str]:
    if method.key == "chapman":
        return [say.say("warnings.chapman")]
    if method.key == "thresholding":
        near = method.about.get("by_a_hair", {})
        return [say.say("warnings.hair", pair=pair, other=say.number(other)) for pair, other in near.items()]
    if method.key == "decomposable" and method.warnings:
        return [say.say("warnings.largest", bound=say.number(method.about["largest_tried"]))]
    failed = method.about.get("resamples_without_estimate", 0)
    return [say.say("warnings.failed", failed=say.number(failed))] if failed else []


def models(found: Panel, lang: str) -> list[str]:
    """Which ties between lists each method chose."""
    say = words(lang)
    return [
        f"{say.say(f'methods.{key}')}: {say.say('table.independence') if m.model == 'independence' else m.model}"
        for key, m in found.methods.items()
        if m.model and key != "independence"
    ]


def errors(found: Panel, lang: str) -> list[str]:
    """The Monte Carlo error of each limit of the methods that are resampled."""
    say = words(lang)
    told = []
    for key in ("stepwise", "bic"):
        method = found.methods.get(key)
        if method is None or not method.monte_carlo:
            continue
        names: list[tuple[str, dict[str, str]]] = []
        for kind, name in (("interval", f"methods.{key}"), ("bca", "methods.bca")):
            if kind == "bca" and not method.bca95:
                continue  # nor has it a row in the table
            facts: dict[str, str] = {}
            for level in ("80", "95"):
                low, high = method.monte_carlo[f"{kind}{level}"]
                facts |= {f"low{level}": _error(low, say), f"high{level}": _error(high, say)}
            names.append((say.say(name), facts))
        told += [say.say("table.error_of", method=name, **facts) for name, facts in names]
    return told


def _error(value: float, say: Words) -> str:
    return say.number(value, 0 if value >= 10 else 1)


def odds_rows(found: Panel, lang: str) -> list[list[str]]:
    """Interaction of all lists at once, stepwise estimate, range of the intervals that count."""
    say = words(lang)
    if found.sensitivity is None:
        return []
    shown = {0.5: "1/2"}
    return [
        [shown.get(ratio, f"{ratio:g}"), say.number(estimate), say.reach(reach)]
        for ratio, (estimate, reach) in found.sensitivity.odds_ratios.items()
    ]


def variant_rows(found: Panel, lang: str, kind: str) -> list[list[str]]:
    """The stepwise estimate `without` a list, or with two `merged`: name, detected, estimate."""
    say = words(lang)
    if found.sensitivity is None:
        return []
    variants: Sequence[Any] = getattr(found.sensitivity, kind)
    return [
        [
            each.what.removeprefix("without ").removesuffix(" as one list"),
            say.number(each.people),
            say.say("table.none") if math.isnan(each.estimate) else say.number(each.estimate),
        ]
        for each in variants
        if not each.why_not or each.people
    ]


def merged_range(found: Panel, lang: str) -> str:
    """The range of the estimates with two lists as one; empty where there are none."""
    say = words(lang)
    if found.sensitivity is None:
        return ""
    values = [each.estimate for each in found.sensitivity.merged if not math.isnan(each.estimate)]
    if not values:
        return say.say("sensitivity.none_left")
    return say.say(
        "sensitivity.merged_range",
        number=say.number(len(values)),
        lower=say.number(min(values)),
        upper=say.number(max(values)),
    )


def footing(found: Panel, lang: str) -> list[str]:
    """Recurrence of the model, coverage, overlap."""
    say, told = words(lang), []
    here = found.sensitivity
    if here is None:
        return []
    if here.recurrence is not None and here.models is not None:
        models_found = say.number(here.models)
        told.append(say.say("sensitivity.recurrence", share=say.percent(here.recurrence), models=models_found))
    sparse = say.say("sensitivity.sparse") if here.coverage < SPARSE else ""
    told.append(
        say.say(
            "sensitivity.coverage",
            coverage=say.number(here.coverage, 2),
            sparse=sparse,
            repeated=say.number(found.lists.repeated),
            share=say.percent(here.repeated_share, 1),
        )
    )
    return told


def made(found: Panel, lang: str) -> str:
    """Version, resamples and seed."""
    say = words(lang)
    times = say.number(found.options.times)
    return say.say("made.how", version=__version__, times=times, seed=str(found.options.seed))
