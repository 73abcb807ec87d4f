"""Users of the demo programme: one for each role, named after it, and some colleagues."""

from __future__ import annotations

from kerege.demo.programme.world import DemoUser

HOME = "crisis-karaganda"
OFFICE = "social-35"
SPOKEN = ("kk", "ru", "en")  # languages in which each of them works without an interpreter

USERS = [
    DemoUser("first-responder", "Жанна Сабитова", "first_responder", "hotline", "ru"),
    DemoUser("caseworker", "Айнұр Бекенова", "caseworker", HOME, "kk"),
    DemoUser("supervisor", "Гүлжан Омарова", "supervisor", HOME, "kk"),
    DemoUser("identifying-officer", "Қанат Сейітов", "identifying_officer", OFFICE, "kk"),
    DemoUser("justice-officer", "Марат Жақыпов", "justice_officer", "mia", "ru"),
    DemoUser("coordinator", "Сәуле Нұрпейісова", "coordinator", "mlsp", "kk"),
    DemoUser("analyst", "Тимур Досов", "analyst", "mlsp", "ru"),
    DemoUser("publisher", "Динара Ермекова", "publisher", "mlsp", "kk"),
    DemoUser("minister", "Асқар Бейсенов", "minister", "mlsp", "kk"),
    DemoUser("auditor", "Ольга Лебедева", "auditor", "pgo", "ru"),
    DemoUser("administrator", "Данияр Касенов", "administrator", "mlsp", "ru"),
    DemoUser("secretary", "Асель Муканова", "secretary", OFFICE, "ru"),
    DemoUser("caseworker2", "Марина Цветкова", "caseworker", HOME, "ru"),
    DemoUser("coordinator2", "Бақыт Әбенова", "coordinator", "mlsp", "ru"),
    DemoUser("caseworker3", "Ерлан Тілеубаев", "caseworker", HOME, "kk"),
]
