"""Attachments of the live cases, a legal hold, and an erasure request that awaits the coordinator."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, timedelta

from PIL import Image, ImageDraw

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services import attachments, erasure, legal_holds
from kerege.casework.cases.services.attachments import FileDraft
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.core.uploads import Cleaned, clean
from kerege.demo.programme.another_country import translate_note
from kerege.demo.programme.staff import HOME

PAPERS = (
    ("passport", "паспорт.png", "Паспорттың көшірмесі, бірінші бет."),
    ("medical_report", "справка.png", "Справка от терапевта."),
    ("statement", "arizh.pdf", ""),
    ("consular_letter", "письмо консульства.pdf", "Ответ консульства о проездном документе."),
)


def load_files(actor: Actor, cases: Mapping[str, Case], agencies: Mapping[str, Agency], today: date) -> None:
    """Draw some documents and attach them through the service; place a legal hold and request an erasure."""
    mine = [case for key, case in cases.items() if key.startswith("live-mine")][:6]
    drawn = {name: paper(name, kind) for kind, name, _note in PAPERS}
    for number, case in enumerate(mine):
        for kind, name, note in PAPERS[number % 3 : number % 3 + 2]:
            day = today - timedelta(days=20 + number)
            attachments.add_file(
                actor, case, FileDraft(drawn[name], kind, day, translate_note(name), translate_note(note))
            )
    legal_holds.place_hold(actor, mine[1], "claim", translate_note("Сотта өтемақы талабы қаралып жатыр."))
    over = next(case for case in cases.values() if case.agency == agencies[HOME] and case.status == "closed")
    erasure.request_erasure(actor, over, "person_asked", today - timedelta(days=2))


def paper(name: str, kind: str) -> Cleaned:
    """Return a drawn document with bars in place of text, so that it shows no person."""
    sheet = Image.new("RGB", (620, 440), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((20, 20, 600, 420), outline="#1d5c63", width=4)
    pen.rectangle((40, 60, 200, 260), fill="#dfe8e8")
    for line in range(7):
        pen.rectangle((230, 70 + 30 * line, 560 - 40 * (line % 3), 80 + 30 * line), fill="#9db4b6")
    pen.text((40, 380), f"INVENTED {kind.upper().replace('_', ' ')}", fill="#1d5c63")
    out = io.BytesIO()
    sheet.save(out, name.rpartition(".")[2].upper())
    return clean.clean(out.getvalue())
