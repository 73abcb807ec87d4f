"""Meetings and decisions: no reference, no typed figure, released tables only, each region alone."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from kerege.base.errors import BadInput
from kerege.coordination.commissions import queries, services
from kerege.coordination.commissions.meeting_paper import build_paper
from kerege.coordination.commissions.models import AgendaItem, Commission, CommissionMember, Meeting, Resolution
from kerege.coordination.papers import to_pdf
from kerege.core.authorization import Denied
from kerege.publishing.releases import queries as releases
from kerege.vocabulary.law_parts import Quorum
from kerege.vocabulary.profile import active
from tests.publishing import made

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2026, 3, 2)  # a Monday


@pytest.fixture
def secretary(make_actor: Any, bodies: dict[str, Any]) -> Any:
    """Return the secretary of the commission of Karaganda Region."""
    return make_actor("secretary", agency=bodies["akimat-35"])


@pytest.fixture
def meeting(operator: Any, secretary: Any, bodies: dict[str, Any]) -> Meeting:
    """Return a meeting of that commission, of which the ministry is a member."""
    commission = services.set_up(operator, Commission(agency=bodies["akimat-35"], region="35"))
    services.add_member(operator, CommissionMember(commission=commission, agency=bodies["mlsp"], from_on=DAY))
    return services.save_meeting(secretary, Meeting(commission=commission, number="1", on=DAY))


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the folder name of a public release."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path))
    made.make(tmp_path)
    return "annual-2025"


def test_a_regional_commission_sees_its_own_region_alone(
    meeting: Meeting, bodies: dict[str, Any], make_user: Any, sign_in: Any
) -> None:
    other = sign_in(make_user("secretary", agency=bodies["akimat-61"]))
    assert other.get(reverse("commissions:meeting", args=[meeting.pk])).status_code == 404
    assert "Караган" not in other.get(reverse("commissions:list")).content.decode()
    member = sign_in(make_user("secretary", agency=bodies["mlsp"]))
    assert member.get(reverse("commissions:meeting", args=[meeting.pk])).status_code == 200
    assert member.get(reverse("commissions:change-meeting", args=[meeting.pk])).status_code == 404


@pytest.mark.parametrize(
    "text",
    ["Дело KZ-2025-00417", "ИИН 990101300123", "Выявлено 17 жертв", "17 victims were found", "барлығы жиырма адам"],
)
def test_minutes_and_decisions_refuse_references_identity_numbers_and_typed_figures(
    meeting: Meeting, secretary: Any, bodies: dict[str, Any], text: str
) -> None:
    meeting.minutes = {"ru": text}
    with pytest.raises(BadInput):
        services.save_meeting(secretary, meeting)
    with pytest.raises(BadInput):
        services.add_item(secretary, AgendaItem(meeting=meeting, titles={"ru": text}))
    decision = Resolution(meeting=meeting, number="1", texts={"ru": text}, due_on=DAY)
    with pytest.raises(BadInput):
        services.add_resolution(secretary, decision, [bodies["mlsp"]])
    assert (Resolution.objects.count(), AgendaItem.objects.count()) == (0, 0)


def test_an_item_shows_the_figures_of_a_public_release_as_published_and_cites_no_other(
    meeting: Meeting, secretary: Any, release: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput):
        services.add_item(secretary, AgendaItem(meeting=meeting, titles={"ru": "a"}, release=release, table="secret"))
    item = AgendaItem(meeting=meeting, titles={"ru": "Итоги"}, release=release, table="destination")
    services.add_item(secretary, item)
    [(_item, cited)] = queries.list_items(secretary, meeting)
    assert cited is not None
    assert cited.table is not None
    words = [figure.words for row in cited.table.rows for figure in row.figures]
    assert "61" in words
    assert "suppressed" in words or "скрыто" in words or "жасырылған" in words
    monkeypatch.setattr(releases, "superseded_folders", lambda: frozenset({release}))
    assert queries.cite(release, "destination").mark == "corrected"
    monkeypatch.setattr(releases, "public_files", list)
    assert (queries.cite(release, "destination").mark, queries.cite(release, "destination").table) == ("gone", None)


def test_the_state_of_a_decision_follows_the_reports_of_its_bodies(
    meeting: Meeting, secretary: Any, bodies: dict[str, Any], make_actor: Any
) -> None:
    row = Resolution(meeting=meeting, number="1", texts={"ru": "Провести обучение"}, due_on=date(2026, 4, 1))
    services.add_resolution(secretary, row, [bodies["mlsp"], bodies["education"]])
    before, after = date(2026, 3, 20), date(2026, 4, 2)
    assert [line.state for line in queries.list_resolutions(secretary, before)] == ["open"]
    assert [line.state for line in queries.list_resolutions(secretary, after)] == ["overdue"]
    own = {body.agency_id: body for body in row.bodies.all()}
    for code in ("mlsp", "education"):
        services.report(make_actor("secretary", agency=bodies[code]), own[bodies[code].pk], "Сделано")
    assert [line.state for line in queries.list_resolutions(secretary, after)] == ["reported"]
    with pytest.raises(Denied):
        services.decide(make_actor("secretary", agency=bodies["mlsp"]), own[bodies["mlsp"].pk], accept=True)
    for body in own.values():
        services.decide(secretary, body, accept=True)
    assert [line.state for line in queries.list_resolutions(secretary, after)] == ["done"]


def test_papers_and_minutes_are_due_in_business_days_and_a_paper_holds_agenda_and_decisions(
    meeting: Meeting, secretary: Any, bodies: dict[str, Any]
) -> None:
    assert (queries.papers_due_on(meeting), queries.minutes_due_on(meeting)) == (date(2026, 2, 23), date(2026, 3, 9))
    saturday = Meeting(on=date(2026, 10, 31))  # the Sunday before it is a holiday: members have Monday to Friday
    assert queries.papers_due_on(saturday) == date(2026, 10, 23)
    services.add_item(
        secretary, AgendaItem(meeting=meeting, titles={"ru": "О плане мероприятий"}, speaker=bodies["mlsp"])
    )
    row = Resolution(meeting=meeting, number="1", texts={"ru": "Провести обучение"}, due_on=date(2026, 4, 1))
    services.add_resolution(secretary, row, [bodies["mlsp"]])
    with translation.override("ru"):
        lines = queries.list_resolutions(secretary, DAY)
        quorum = queries.quorum_of(secretary, meeting)
        paper = build_paper(meeting, queries.list_items(secretary, meeting), lines, quorum)
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(to_pdf(paper))).pages)
    assert "О плане мероприятий" in text
    assert "Провести обучение" in text


def test_no_quorum_is_invented_and_one_of_the_installation_is_marked_until_a_lawyer_confirms_it(
    meeting: Meeting, secretary: Any, bodies: dict[str, Any], operator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("mia", "education"):
        member = CommissionMember(commission=meeting.commission, agency=bodies[code], from_on=DAY)
        services.add_member(operator, member)
    meeting.present = 1
    assert quorum_page(meeting, secretary) == (None, False)
    for corrected, needed in (((1, 2, True), 2), ((2, 3, False), 2), ((1, 1, False), 3)):
        values = dict(zip(("parts", "whole", "above"), corrected, strict=True))
        unconfirmed = Quorum(confirmed=False, source="x", **values)
        held = active().model_copy(update={"commission_quorum": unconfirmed})
        monkeypatch.setattr("kerege.coordination.commissions.queries.active", lambda held=held: held)
        monkeypatch.setattr("kerege.coordination.commissions.meeting_paper.active", lambda held=held: held)
        assert quorum_page(meeting, secretary) == (needed, True)
        with translation.override("en"):
            paper = build_paper(meeting, [], [], queries.quorum_of(secretary, meeting))
        assert f"Quorum: {needed} of 3 (not confirmed by a lawyer)" in paper.lines


def quorum_page(meeting: Meeting, actor: Any) -> tuple[int | None, bool]:
    quorum = queries.quorum_of(actor, meeting)
    return quorum.needed, quorum.is_missed
