"""Users of the demo programme: one a role, named after it, and some colleagues."""

from __future__ import annotations

from kerege.demo.world import User

HOME = "crisis-karaganda"
OFFICE = "social-35"

USERS = [
    User("first-responder", "Жанна Сабитова", "first_responder", "hotline", "ru"),
    User("caseworker", "Айнұр Бекенова", "caseworker", HOME, "kk"),
    User("supervisor", "Гүлжан Омарова", "supervisor", HOME, "kk"),
    User("identifying-officer", "Қанат Сейітов", "identifying_officer", OFFICE, "kk"),
    User("justice-officer", "Марат Жақыпов", "justice_officer", "mia", "ru"),
    User("coordinator", "Сәуле Нұрпейісова", "coordinator", "mlsp", "kk"),
    User("analyst", "Тимур Досов", "analyst", "mlsp", "ru"),
    User("publisher", "Динара Ермекова", "publisher", "mlsp", "kk"),
    User("auditor", "Ольга Лебедева", "auditor", "pgo", "ru"),
    User("administrator", "Данияр Касенов", "administrator", "mlsp", "ru"),
    User("caseworker2", "Марина Цветкова", "caseworker", HOME, "ru"),
    User("coordinator2", "Бақыт Әбенова", "coordinator", "mlsp", "ru"),
    User("caseworker3", "Ерлан Тілеубаев", "caseworker", HOME, "kk"),
]
