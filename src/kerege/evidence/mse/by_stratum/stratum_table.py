"""Table and sentences of answers by stratum in one language."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.evidence.mse.by_stratum.answer_by import UNKNOWN, CovariateShift, StratifiedAnswer
from kerege.evidence.mse.by_stratum.stratum import Stratum
from kerege.evidence.mse.panels.answer import nearest_digits, one_in
from kerege.evidence.mse.panels.messages import MessageCatalogue, read_messages
from kerege.evidence.mse.panels.panel_tables import html_table

COLUMNS = ("listed", "floor", "top", "chance")
RATES = ("rate", "population")


def stratum_headers(answers: StratifiedAnswer, lang: str) -> list[str]:
    """Return the headers of the table: the covariates, then people and, with denominators, rates."""
    say = read_messages(lang).say
    return [*answers.by, *(say(f"strata.{name}") for name in (*COLUMNS, *_rate_columns(answers)))]


def stratum_rows(answers: StratifiedAnswer, lang: str) -> list[list[str]]:
    """Return one row for each stratum; the last one is that of all people."""
    catalogue = read_messages(lang)
    rows = []
    for stratum in [*answers.strata, answers.whole]:
        rates = [_write_rates(stratum, catalogue), _write_number(stratum.population, catalogue)]
        cells = [*_write_levels(answers, stratum, catalogue), *_write_people(stratum, catalogue)]
        rows.append([*cells, *(rates if _rate_columns(answers) else [])])
    return rows


def stratum_sentences(answers: StratifiedAnswer, lang: str) -> list[str]:
    """Return the sentences below the table: how strata are estimated and joined, and where rates are from."""
    catalogue = read_messages(lang)
    sentences = [catalogue.say("strata.method")]
    if any(len(levels) > 1 for stratum in answers.strata for levels in stratum.levels.values()):
        sentences.append(catalogue.say("strata.joined"))
    if _rate_columns(answers):
        sources = "; ".join(answers.sources) or catalogue.say("strata.no_source")
        sentences.append(catalogue.say("strata.rates", columns=", ".join(answers.divided_by), sources=sources))
    return sentences


def shift_sentence(answers: StratifiedAnswer, lang: str) -> str:
    """Return the sentence how covariates move the methods' figure; "" if they were not compared."""
    shift, catalogue = answers.shift, read_messages(lang)
    if shift is None:
        return ""
    covariates = ", ".join(answers.by)
    if shift.reason:
        return catalogue.say("strata.no_shift", covariates=covariates)
    return catalogue.say(_shift_key(shift), covariates=covariates, **_shift_facts(shift, catalogue))


def _shift_key(shift: CovariateShift) -> str:
    return "strata.shift_far" if shift.is_far else "strata.shift"


def _shift_facts(shift: CovariateShift, catalogue: MessageCatalogue) -> dict[str, str]:
    return {
        "before": catalogue.number(nearest_digits(shift.before)),
        "after": catalogue.number(nearest_digits(shift.after)),
    }


def _rate_columns(answers: StratifiedAnswer) -> Sequence[str]:
    """Return the columns of rates; none without denominators."""
    return RATES if answers.divided_by else ()


def _write_levels(answers: StratifiedAnswer, stratum: Stratum, catalogue: MessageCatalogue) -> list[str]:
    """Return the levels of each covariate; the row of all people has one word."""
    if not stratum.levels:
        return [catalogue.say("strata.all"), *([""] * (len(answers.by) - 1))]
    unknown = catalogue.say("strata.unknown")
    return [", ".join(unknown if level == UNKNOWN else level for level in stratum.levels[name]) for name in answers.by]


def _write_people(stratum: Stratum, catalogue: MessageCatalogue) -> list[str]:
    """Return the people on the lists, floor, top and the chance in the condition of the top."""
    listed = catalogue.number(stratum.detected)
    if stratum.kind == "none":
        return [listed, catalogue.say("strata.none"), "", ""]
    chance = (
        "" if stratum.least_chance is None else catalogue.say("strata.chance_of", number=one_in(stratum.least_chance))
    )
    return [listed, catalogue.number(stratum.floor), _write_number(stratum.top, catalogue), chance]


def _write_number(people: int | None, catalogue: MessageCatalogue) -> str:
    return "" if people is None else catalogue.number(people)


def _write_rates(stratum: Stratum, catalogue: MessageCatalogue) -> str:
    """Return the rates of floor and top; the one of the floor alone has an open end."""
    lower, upper = stratum.lower_rate, stratum.upper_rate
    if lower is None:
        return ""
    low = _write_rate(lower, catalogue)
    return f"{low}–{_write_rate(upper, catalogue)}" if upper is not None else f"≥ {low}"


def _write_rate(rate: float, catalogue: MessageCatalogue) -> str:
    """Return a rate of two digits without needless zeros."""
    digits = max(1 - int(f"{rate:e}".partition("e")[2]), 0)
    return catalogue.number(rate, digits)


def strata_html(answers: StratifiedAnswer, lang: str = "en") -> str:
    """Return the table of the strata as HTML; all texts are escaped."""
    return html_table(stratum_headers(answers, lang), stratum_rows(answers, lang))
