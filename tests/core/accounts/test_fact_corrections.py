"""Correction of a fact: two people, a value that the profile can have, taken back by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kerege.base.errors import BadInput, Refused
from kerege.core.accounts import fact_corrections as services
from kerege.core.accounts.actors import actor_for
from kerege.core.accounts.fact_confirmations import find_fact
from kerege.core.accounts.fact_corrections import CorrectionDraft
from kerege.core.accounts.models import Agency, FactCorrection
from kerege.core.authorization import Actor, Denied
from kerege.vocabulary import confirmations, corrections
from kerege.vocabulary.profile import active, load_profile

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
DAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no correction and no confirmation but those of the test."""
    for module in (confirmations, corrections):
        monkeypatch.setattr(module, "FILE_NAME", f"{module.__name__}-{tmp_path.name}.toml")


@pytest.fixture
def ministry(make_agency: Any) -> Agency:
    agency: Agency = make_agency("ministry", "social_protection")
    Agency.objects.filter(pk=agency.pk).update(national=True)
    return agency


@pytest.fixture
def two(make_user: Any, ministry: Agency) -> list[Actor]:
    names = {"administrator": "adam", "coordinator": "saule"}
    return [actor_for(make_user(role, agency=ministry, username=name), ministry) for role, name in names.items()]


def draft(path: str = "hotline", lawyer: str = "A. Lawyer", **values: object) -> CorrectionDraft:
    fact = find_fact(path).fact
    base, new_values = confirmations.digest_of(fact), corrections.values_of(fact) | values
    return CorrectionDraft(path, base, new_values, "letter 12", DAY, lawyer, "letter 12, point 1" if lawyer else "")


def test_two_people_correct_a_fact_and_one_takes_it_back(
    two: list[Actor], ministry: Agency, django_capture_on_commit_callbacks: Any
) -> None:
    row = services.request_correction(two[0], ministry, draft(number="150"))
    assert active().hotline.number == load_profile("kz").hotline.number
    with django_capture_on_commit_callbacks(execute=True):
        services.decide_correction(two[1], row, give=True)
    hotline = active().hotline
    assert (hotline.number, hotline.source, hotline.confirmed) == ("150", "letter 12", True)
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_correction(two[0], row)
    assert active() == load_profile("kz")


def test_nobody_corrects_alone(two: list[Actor], ministry: Agency) -> None:
    row = services.request_correction(two[0], ministry, draft(number="150"))
    with pytest.raises(Refused):
        services.decide_correction(two[0], row, give=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        FactCorrection.objects.filter(pk=row.pk).update(outcome="given", decided_by=two[0].label)


def test_only_people_of_national_agencies_ask_or_decide(
    two: list[Actor], ministry: Agency, make_user: Any, make_agency: Any
) -> None:
    centre = make_agency("centre")
    local = actor_for(make_user("administrator", agency=centre, username="local"), centre)
    with pytest.raises(Denied):
        services.request_correction(local, centre, draft(number="150"))
    row = services.request_correction(two[0], ministry, draft(number="150"))
    with pytest.raises(Denied):
        services.decide_correction(local, row, give=True)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("hotline", {"number": "call us"}),
        ("clocks.referral_answer", {"business_days": 0}),
        ("clocks.referral_answer", {"business_days": "soon"}),
        ("clocks.referral_answer", {"hours": 5}),
        ("services", {"catalogue": ["no such service"]}),
        ("publication", {"minimum_cell": 4}),  # the model forbids it; below the package is forbidden too
        ("stay.victim_permit", {"steps": ["no such step"]}),
    ],
)
def test_a_value_that_the_profile_cannot_have_is_refused(
    path: str, values: dict[str, object], two: list[Actor], ministry: Agency
) -> None:
    with pytest.raises(BadInput):
        services.request_correction(two[0], ministry, draft(path, **values))
    assert not FactCorrection.objects.exists()


def test_a_threshold_is_raised_and_never_lowered(two: list[Actor], ministry: Agency, monkeypatch: Any) -> None:
    own = active().publication.minimum_cell
    services.request_correction(two[0], ministry, draft("publication", minimum_cell=own + 5))
    high = load_profile("kz").model_copy(
        update={"publication": active().publication.model_copy(update={"minimum_cell": own + 5})}
    )
    FactCorrection.objects.all().delete()
    for module in ("kerege.core.accounts.fact_corrections", "kerege.core.accounts.fact_confirmations"):
        monkeypatch.setattr(f"{module}.active", lambda: high)
    with pytest.raises(BadInput, match="not lowered"):
        services.request_correction(two[0], ministry, draft("publication", minimum_cell=own))


@pytest.mark.parametrize("change", [{"base": "0" * 64}, {"path": "clocks.invented"}, {"lawyer": ""}, {"document": " "}])
def test_an_old_page_an_unknown_fact_and_half_a_lawyer_are_refused(
    change: dict[str, str], two: list[Actor], ministry: Agency
) -> None:
    with pytest.raises(BadInput):
        services.request_correction(two[0], ministry, replace(draft(number="150"), **change))  # type: ignore[arg-type]  # texts


def test_a_correction_without_a_change_or_beside_another_one_is_refused(two: list[Actor], ministry: Agency) -> None:
    same = replace(draft(), source=find_fact("hotline").source)
    with pytest.raises(BadInput, match="as before"):
        services.request_correction(two[0], ministry, same)
    services.request_correction(two[0], ministry, draft(number="150"))
    with pytest.raises(BadInput):
        services.request_correction(two[1], ministry, draft(number="151"))


def test_a_fact_that_changed_in_between_is_not_corrected(two: list[Actor], ministry: Agency) -> None:
    row = services.request_correction(two[0], ministry, draft(number="150"))
    FactCorrection.objects.filter(pk=row.pk).update(base="0" * 64)
    row.refresh_from_db()
    with pytest.raises(BadInput):
        services.decide_correction(two[1], row, give=True)


def test_a_lost_file_is_written_again(two: list[Actor], ministry: Agency) -> None:
    services.decide_correction(two[1], services.request_correction(two[0], ministry, draft(number="150")), give=True)
    assert active().hotline.number != "150"  # the transaction of the test never ends
    services.write_file()
    assert active().hotline.number == "150"
