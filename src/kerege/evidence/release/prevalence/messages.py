"""Texts of the files of an estimate in three languages: methods, rows, notices and publication rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerege.base.multilingual_titles import LANGUAGES, Title
from kerege.evidence.mse.detections import OTHER
from kerege.evidence.mse.panels import messages
from kerege.evidence.release.spec.prevalence import METHODS
from kerege.vocabulary import codes

INVENTED: Title = {
    "kk": "Ойдан шығарылған тізімдер: әдісті көрсетеді, Қазақстан туралы ештеңе айтпайды.",
    "ru": "Вымышленные списки: показывают метод и ничего не говорят о Казахстане.",
    "en": "Invented lists: shows the method, says nothing about Kazakhstan.",
}
# in the order of the panel; the first four define the headline range
NAMES: dict[str, Title] = {key: {lang: messages.method_name(key, lang) for lang in LANGUAGES} for key in METHODS}
ROWS: dict[str, Title] = {
    "detected": {"kk": "Анықталғандар", "ru": "Выявлено", "en": "Detected"},
    "between": {"kk": "Барлығы, аралық", "ru": "Всего, от и до", "en": "In all, between"},
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
    "wide": {
        "kk": "Әдістер бір-бірінен тым алшақ: жоғарғы шек төменгі шектен төрт еседен артық.",
        "ru": "Методы слишком расходятся: верхняя граница более чем вчетверо выше нижней.",
        "en": "The methods disagree too much: the upper limit is more than four times the lower one.",
    },
    "unsure": {
        "kk": "Таңдалған модель қайталап іріктегенде сирек шығады, ал басқалары екі еседен артық өзгеше сан береді.",
        "ru": "Выбранная модель редко повторяется при повторных выборках, а другие расходятся с ней более чем вдвое.",
        "en": "The chosen model hardly recurs when people are resampled, and others differ more than twofold.",
    },
    "bound": {
        "kk": "Бағаны деректер емес, әдістің өз шегі ұстап тұр.",
        "ru": "Оценку удерживают не данные, а предел самого метода.",
        "en": "The estimate is held by a limit of the method, not by the data.",
    },
    "detected_withheld": {
        "kk": "Анықталғандардың саны адамдарды қорғау үшін жарияланбайды, сондықтан оның қасында баға да жоқ.",
        "ru": "Число выявленных скрыто для защиты людей, поэтому и оценка рядом с ним не публикуется.",
        "en": "The number detected is withheld to protect people, so no estimate is published beside it.",
    },
}
ASSUMPTIONS: Title = {
    "kk": "Кезең жабық, бір адамның жазбалары бір-бірімен байланыстырылған және әр зардап шеккен адам кем дегенде"
    " бір тізімге түсе алар еді деп саналады. Ешбір тізім жете алмайтын топты модель көрмейді, сондықтан сан нақты"
    " санынан төмен болуы мүмкін.",
    "ru": "Предполагается, что период закрыт, записи об одном человеке связаны между собой и каждый пострадавший"
    " мог попасть хотя бы в один список. Группу, до которой не дотягивается ни один список, модель не видит, поэтому"
    " число скорее занижено.",
    "en": "It is assumed that the period is closed, that the records of one person are linked, and that every victim"
    " could have come onto at least one list. A group that no list can reach is not seen by the model: the number leans"
    " low.",
}
OTHERS: Title = {"kk": "басқалар", "ru": "прочие", "en": "others"}


def in_order(methods: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return methods in the order of the panel."""
    return [(key, methods[key]) for key in NAMES if key in methods]


def list_name(name: str, lang: str) -> str:
    """Return the label of a list: the kind of agency, the label of the other lists, or its given name."""
    if name == OTHER:
        return OTHERS[lang]
    try:
        return codes.label("agency_kind", name, lang)
    except LookupError:
        return name
