"""Texts of the files of an estimate in three languages: methods, rows, notices and publication rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kerege.base.multilingual_titles import LANGUAGES, Title
from kerege.evidence.mse.detections import OTHER
from kerege.evidence.mse.panels import messages
from kerege.evidence.mse.panels.answer import one_in
from kerege.evidence.release.spec.prevalence import METHODS
from kerege.vocabulary import codes
from kerege.vocabulary.languages import text_in

INVENTED: Title = {
    "kk": "Ойдан шығарылған тізімдер: әдісті көрсетеді, елдегі жағдай туралы ештеңе айтпайды.",
    "ru": "Вымышленные списки: показывают метод и ничего не говорят о стране.",
    "en": "Invented lists: shows the method, says nothing about the country.",
}
# in the order of the panel; the first four define the headline range
NAMES: dict[str, Title] = {key: {lang: messages.method_name(key, lang) for lang in LANGUAGES} for key in METHODS}
ROWS: dict[str, Title] = {
    "detected": {"kk": "Анықталғандар", "ru": "Выявлено", "en": "Detected"},
    "between": {
        "kk": "Бағалау: барлығы, аралық",
        "ru": "По оценке всего, от и до",
        "en": "Estimated in all, between",
    },
    "at_least": {
        "kk": "Бағалау: барлығы, кемінде",
        "ru": "По оценке всего, не менее",
        "en": "Estimated in all, at least",
    },
    "planted": {"kk": "Шын саны (ойдан шығарылған)", "ru": "Истинное число (вымышлено)", "en": "Planted truth"},
    "referrals": {
        "kk": "Қайта бағыттауды анықтау деп санаса",
        "ru": "Если считать перенаправление выявлением",
        "en": "If a referral counted as a detection",
    },
    "odds": {
        "kk": "Барлық тізімнің көрінбейтін өзара әсері: {x}",
        "ru": "Невидимое взаимодействие всех списков: {x}",
        "en": "Unseen interaction of all lists: {x}",
    },
    "without": {"kk": "«{x}» тізімінсіз", "ru": "Без списка «{x}»", "en": "Without the list “{x}”"},
}
AXIS: Title = {
    "kk": "адам; қалың сызық 80%, жіңішке сызық 95%",
    "ru": "человек; толстая линия 80%, тонкая 95%",
    "en": "people; thick line 80%, thin line 95%",
}
AXIS_ALONE: Title = {"kk": "адам", "ru": "человек", "en": "people"}  # for a range without methods
# publication rules without the counts that triggered them, since those counts may be of a few people
RULES: dict[str, Title] = {
    "few_lists": {
        "kk": "Бір-бірімен қиылысатын үш тізімнен аз: әдіске кемінде үшеуі керек.",
        "ru": "Пересекающихся списков меньше трёх, а методу нужны по крайней мере три.",
        "en": "There are fewer than three overlapping lists, and the method needs at least three.",
    },
    "few_overlaps": {
        "kk": "Екі немесе одан да көп тізімде тым аз адам бар.",
        "ru": "Слишком мало людей стоят в двух и более списках.",
        "en": "Too few people are on two or more lists.",
    },
    "no_model": {
        "kk": "Тізімдерге ешбір модель сенімді сәйкес келмейді.",
        "ru": "Ни одна модель не описывает списки надёжно.",
        "en": "No model fits the lists reliably.",
    },
    "detected_withheld": {
        "kk": "Анықталғандардың саны адамдарды қорғау үшін жарияланбайды, сондықтан оның қасында баға да жоқ.",
        "ru": "Число выявленных скрыто для защиты людей, поэтому и оценка рядом с ним не публикуется.",
        "en": "The number detected is withheld to protect people, so no estimate is published beside it.",
    },
}
ASSUMPTIONS: Title = {
    "kk": "Кезең жабық және бір адамның жазбалары бір-бірімен байланыстырылған деп саналады. Төменгі сан тізімдерді"
    " адамдарды бір-бірінен алыстатпайтын екі топқа бөлуге болса дұрыс. Ешбір тізім жете алмайтын адамдар саналмаған.",
    "ru": "Предполагается, что период закрыт и записи об одном человеке связаны между собой. Нижняя граница верна,"
    " если списки можно разделить на две группы, которые не отталкивают людей друг от друга. Люди, до которых не"
    " дотягивается ни один список, не сосчитаны.",
    "en": "It is assumed that the period is closed and that the records of one person are linked. The lower figure"
    " holds if the lists can be sorted into two groups that do not keep people away from each other. People whom no"
    " list can reach are not counted.",
}
# sentences about the figures of a file, by its kind; an older file has the range of the methods
SENTENCES: dict[str, Title] = {
    "range": {
        "kk": "Анықталғаны: {detected}. Бағалау бойынша барлығы кемінде {lower} адам, ал әр адам {chance} жағдайдың"
        " кемінде бірінде анықтала алса, көп дегенде {upper}.",
        "ru": "Выявлено: {detected}. По оценке, всего не менее {lower} человек и не более {upper}, если у каждого был"
        " хотя бы один шанс из {chance} быть выявленным.",
        "en": "Detected: {detected}. Estimated in all: at least {lower} people, and at most {upper} if nobody had less"
        " than one chance in {chance} of being detected.",
    },
    "at_least": {
        "kk": "Анықталғаны: {detected}. Бағалау бойынша барлығы кемінде {lower} адам; жоғарғы шек жарияланбайды.",
        "ru": "Выявлено: {detected}. По оценке, всего не менее {lower} человек; верхняя граница не публикуется.",
        "en": "Detected: {detected}. Estimated in all: at least {lower} people; no upper figure is published.",
    },
    "methods": {
        "kk": "Анықталғаны: {detected}. Бірнеше әдістің бағалауы бойынша барлығы {lower} мен {upper} аралығында.",
        "ru": "Выявлено: {detected}. По оценке нескольких методов, всего от {lower} до {upper}.",
        "en": "Detected: {detected}. Estimated in all by several methods: between {lower} and {upper}.",
    },
}
OTHERS: Title = {"kk": "басқалар", "ru": "прочие", "en": "others"}


def in_order(methods: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return methods in the order of the panel."""
    return [(key, methods[key]) for key in NAMES if key in methods]


def list_name(name: str, lang: str) -> str:
    """Return the label of a list: the kind of agency, the label of the other lists, or its given name."""
    if name == OTHER:
        return text_in(OTHERS, lang)
    try:
        return codes.label("agency_kind", name, lang)
    except LookupError:
        return name


def estimate_sentence(content: Mapping[str, Any], lang: str, number: Callable[[int], str]) -> str:
    """Return the sentence about the figures of a file, or the reason why there are none."""
    if content["no_estimate"]:
        return str(text_in(content["no_estimate"]["reason"], lang))
    detected, upper = content["detected"], content["upper"]
    return text_in(SENTENCES[content.get("kind") or "methods"], lang).format(
        detected=f"{'' if detected['status'] == 'ok' else '≈ '}{number(detected['count'])}",
        lower=number(content["lower"]),
        upper="" if upper is None else number(upper),
        chance=one_in(content["least_chance"]) if "least_chance" in content else "",
    )
