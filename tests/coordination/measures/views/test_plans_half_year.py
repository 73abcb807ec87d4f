"""A year of a plan with 55 measures, through the pages alone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kerege.coordination.measures.models import Measure, MeasurePlan, MeasureReport, PlanPublication
from tests.casework.rights.views.moving_clock import FIRST, Clock, Pages
from tests.coordination.conftest import act_rows, as_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.db]
CODES = ("mia", "mlsp", "education")
NAMES = {"mia": "МВД", "mlsp": "МТСЗН", "education": "Управление образования области"}
RETURNED, MISSED, MOVED = 4, 9, 15  # numbers of measures: June, June, fourth quarter
REPORTED = set(range(1, 13)) - {MISSED}  # in the second half-year


def body_of(number: int) -> str:
    return CODES[number % 3]


def table() -> bytes:
    """Return the table of an act of 2027: one body a measure, five kinds of term in turn."""
    rows = act_rows()
    for row in rows[2:]:
        if row[1]:
            row[3] = NAMES[body_of(int(row[0].rstrip(".")))]
            row[4] = row[4].replace("2026", "2028").replace("2025", "2027")
    return as_xlsx(rows).content


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("act.xlsx", content)


def completes(number: int, half: str) -> bool:
    """Return whether the body completed the measure: of June or the half-year, later all but permanent."""
    return number % 5 in ({2, 4} if half == "2027-H1" else {0, 1, 2, 4})


def report(desk: Pages, number: int, half: str, agency: Any) -> str:
    row = Measure.objects.get(number=f"{number}.").responsible.get(agency=agency)
    done = {"completes": "on"} if completes(number, half) else {}
    return desk.send(f"measures/bodies/{row.pk}/?half={half}", half=half, text="Сделано", do="submit", **done)


def counts(page: str) -> dict[str, int]:
    """Return the numbers of measures by state that the page of a plan shows."""
    return {state: page.count(f'data-plan-state="{state}"') for state in set(re.findall(r'plan-state="(\w+)"', page))}


def states(desk: Pages, plan: MeasurePlan) -> Counter[str]:
    """Return the states of the measures in the table of the plan's page."""
    labels = ("Done", "Under way", "Overdue", "Not reported", "Cancelled")
    rows = desk.html(f"measures/plans/{plan.pk}/").split("<tbody")[-1].split("</tr>")
    return Counter(label for row in rows for label in labels if re.search(rf">\s*{label}\s*</strong>", row))


def decide_all(keeper: Pages) -> None:
    """Accept every report that waits, and return that of one measure."""
    for row in MeasureReport.objects.filter(state="submitted").select_related("body__measure"):
        sent = {"do": "accept", "remark": ""}
        if (row.body.measure.number, row.half) == (f"{RETURNED}.", "2027-H1"):
            sent = {"do": "return", "remark": "Нет акта"}
        assert keeper.send(f"measures/reports/{row.pk}/", **sent) == ""


def test_a_year_of_fifty_five_measures_through_the_pages(
    monkeypatch: pytest.MonkeyPatch, bodies: dict[str, Any], make_user: Any, sign_in: Any
) -> None:
    users = [make_user("coordinator", agency=bodies["mlsp"]), make_user("publisher", agency=bodies["mlsp"])]
    users += [make_user("secretary", agency=bodies[code]) for code in CODES]
    clock = Clock(monkeypatch, *((user, sign_in(user, Client())) for user in users))
    keeper, publisher, *others = clock.desks
    desks = dict(zip(CODES, others, strict=True))

    def move_to(day: date) -> None:
        clock.move((day - FIRST).days)

    # March: the plan, the names of the act, its table
    move_to(FIRST)
    days = {"starts_on": date(2027, 1, 1), "ends_on": date(2028, 12, 31)}
    assert keeper.send("measures/new/", titles_ru="План на 2027-2028 годы", act="Постановление 5", **days) == ""
    plan = MeasurePlan.objects.get()
    page = f"measures/plans/{plan.pk}/"
    for code in ("mia", "mlsp"):
        assert keeper.send("measures/names/", name=NAMES[code], agency=bodies[code].pk, kind="") == ""
    act = table()
    checked = keeper.client.post(f"/en/work/{page}import/", {"file": upload(act), "lang": "ru", "do": "check"})
    digest = re.search(r'name="checked" value="(\w+)"', checked.content.decode())
    assert digest is not None
    assert not Measure.objects.exists()
    assert keeper.send(f"{page}import/", file=upload(act), lang="ru", do="import", checked=digest[1]) == ""
    assert states(keeper, plan) == {"Under way": 55}
    assert "No half-year is complete yet" in keeper.read(f"{page}publish/")

    # June: each body reports on its measures, but one forgets one; the keeper returns one report
    move_to(date(2027, 6, 28))
    assert "56" not in desks["mia"].read("measures/reports/")
    for number in set(range(1, 56)) - {MISSED}:
        assert report(desks[body_of(number)], number, "2027-H1", bodies[body_of(number)]) == ""
    decide_all(keeper)
    move_to(date(2027, 7, 16))
    assert states(keeper, plan) == {"Done": 9, "Overdue": 2, "Under way": 44}
    assert "Нет акта" in desks[body_of(RETURNED)].read(f"measures/{Measure.objects.get(number='4.').pk}/")

    # August: an act cancels the measure that was forgotten, and moves the day of another
    move_to(date(2027, 8, 2))
    for number, changes in ((MISSED, {"cancelled": "on"}), (MOVED, {"due_on": date(2027, 9, 30)})):
        row = Measure.objects.get(number=f"{number}.")
        kept = {"texts_ru": row.texts["ru"], "direction": row.direction, "term": row.term, "due_on": row.due_on}
        later = {"act": "Постановление 9", "on": date(2027, 8, 1)}
        assert keeper.send(f"measures/{row.pk}/change/", **kept | later | changes) == ""
        assert "Постановление 9" in keeper.read(f"measures/{row.pk}/")
    assert states(keeper, plan) == {"Done": 9, "Overdue": 1, "Under way": 44, "Cancelled": 1}
    move_to(date(2027, 10, 1))
    assert states(keeper, plan) == {"Done": 9, "Overdue": 2, "Under way": 43, "Cancelled": 1}
    assert f">{MISSED}. " not in desks[body_of(MISSED)].html("measures/reports/")

    # January: eleven measures are reported again, the others are not
    move_to(date(2028, 1, 10))
    for number in REPORTED:
        assert report(desks[body_of(number)], number, "2027-H2", bodies[body_of(number)]) == ""
    decide_all(keeper)
    move_to(date(2028, 1, 17))
    after = {"Done": 12, "Under way": 8, "Overdue": 25, "Not reported": 9, "Cancelled": 1}
    assert states(keeper, plan) == after
    summary = keeper.read(f"{page}summary/?half=2027-H2")
    assert "All measures 12 8 25 9 1 55" in summary

    # the summary becomes public by two people, with these numbers and without a report
    for other in ("2028-H1", "none"):  # an address never asks for another half-year than it names
        assert keeper.send(f"{page}publish/?half={other}") != ""
    assert keeper.send(f"{page}publish/?half=2027-H2") == ""
    waiting = PlanPublication.objects.get()
    assert f"publications/{waiting.pk}/" in publisher.html("measures/")
    assert publisher.send(f"measures/publications/{waiting.pk}/", do="accept", remark="") == ""
    public = Client().get(f"/ru/plan/{plan.pk}/2027-H2/").content.decode()
    names = {"done": 12, "under_way": 8, "overdue": 25, "not_reported": 9, "cancelled": 1}
    assert counts(public) == names
    assert {state: int(n) for state, n in re.findall(r'data-plan-count="(\w+)">(\d+)<', public)} == names
    assert "Сделано" not in public
