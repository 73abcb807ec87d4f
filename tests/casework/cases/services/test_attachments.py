"""Attachments belong to the owner of the case, are audited when opened, and destroyed after removal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.cases.events import collect_legal_holds
from kerege.casework.cases.models.records import CaseFile
from kerege.casework.cases.services import attachments, legal_holds, shares
from kerege.casework.cases.services.attachments import FileDraft
from kerege.casework.vault.crypto.envelope import Erased
from kerege.casework.vault.services import files
from kerege.core import audit
from kerege.core.audit.models import AuditEvent, AuditSubject
from kerege.core.authorization import Denied
from kerege.core.uploads import Cleaned
from tests.casework.conftest import identity
from tests.casework.vault.test_vault import every_stored_value
from tests.registries import connected

pytestmark = pytest.mark.db
BODY, NAME = b"%PDF-body", "Канарейкина паспорт.pdf"


def draft(**more: Any) -> FileDraft:
    return FileDraft(Cleaned("pdf", BODY), **({"kind": "passport", "name": NAME, "note": "екінші бет"} | more))


@pytest.fixture
def worker(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


@pytest.fixture
def row(make_case: Any, worker: Any) -> CaseFile:
    return attachments.add_file(worker, make_case(), draft())


def open_audited(actor: Any, row: CaseFile) -> Any:
    with audit.act(actor, "test"):
        return attachments.open_file(actor, row)


def test_a_download_has_a_name_without_personal_data(row: CaseFile, worker: Any) -> None:
    attachment = open_audited(worker, row)
    assert (attachment.data, attachment.media) == (BODY, "application/pdf")
    assert attachment.name == f"file-{str(row.id)[:8]}.pdf"
    assert attachments.read_file_details(row) == {"name": NAME, "note": "екінші бет"}


def test_no_table_holds_the_name_or_the_note_of_a_file(row: CaseFile) -> None:
    for value in every_stored_value():
        raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        assert "Канарейкина".encode() not in raw
        assert "екінші".encode() not in raw


def test_adding_and_opening_name_the_person_in_the_audit(row: CaseFile, worker: Any) -> None:
    open_audited(worker, row)
    seqs = AuditSubject.objects.filter(subject=row.case.record_id).values("seq")
    assert {"files.add", "test"} <= set(AuditEvent.objects.filter(seq__in=seqs).values_list("action", flat=True))
    assert AuditEvent.objects.filter(details__file=str(row.id)).count() == 2


@pytest.mark.parametrize("role", ["first_responder", "justice_officer", "coordinator", "auditor", "administrator"])
def test_other_roles_open_no_file(role: str, row: CaseFile, make_actor: Any, make_agency: Any) -> None:
    with pytest.raises(Denied):
        open_audited(make_actor(role, agency=make_agency()), row)


def test_a_share_opens_no_file(row: CaseFile, operator: Any, make_actor: Any, make_agency: Any) -> None:
    other_agency = make_agency("other", "ngo")
    shares.share(operator, row.case, other_agency, "legal", categories=["identity", "health", "exploitation"])
    for act in (lambda actor: open_audited(actor, row), lambda actor: attachments.add_file(actor, row.case, draft())):
        with pytest.raises(Denied):
            act(make_actor("supervisor", agency=other_agency))


def remove_and_reload(row: CaseFile, worker: Any) -> CaseFile:
    attachments.remove_file(worker, row, "duplicate")
    return CaseFile.objects.select_related("case__record__data_key").get(pk=row.pk)


def day_after_kept_until(row: CaseFile, days: int) -> date:
    assert row.kept_until is not None
    return row.kept_until + timedelta(days=days)


def test_a_removed_file_cannot_be_opened_and_is_destroyed_after_its_days(
    row: CaseFile, worker: Any, operator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    blob, row = files.path(row.stored.blob), remove_and_reload(row, worker)
    assert (row.removed_by, row.removal_reason) == (worker.label, "duplicate")
    for actor in (worker, operator):
        with pytest.raises(Erased):
            open_audited(actor, row)
    with pytest.raises(BadInput):
        attachments.remove_file(worker, row, "duplicate")
    assert attachments.destroy_removed(operator, day_after_kept_until(row, 0)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.destroy_removed(operator, day_after_kept_until(row, 1)) == 1
    row = CaseFile.objects.get(pk=row.pk)
    assert (row.about, row.stored.wrapped) == (None, None)
    assert not blob.exists()
    assert attachments.destroy_removed(operator, day_after_kept_until(row, 1)) == 0


def test_a_removal_can_be_undone_until_its_day_and_not_by_others(
    row: CaseFile, worker: Any, make_actor: Any, make_agency: Any
) -> None:
    removed_row = remove_and_reload(row, worker)
    with pytest.raises(Denied):
        attachments.restore_file(make_actor("caseworker", agency=make_agency("other")), removed_row)
    attachments.restore_file(worker, removed_row)
    assert open_audited(worker, row).data == BODY
    with pytest.raises(BadInput):
        attachments.restore_file(worker, removed_row)  # it is not removed
    removed_row = remove_and_reload(row, worker)
    CaseFile.objects.filter(pk=row.pk).update(kept_until=date(2020, 1, 1))
    with pytest.raises(BadInput):
        attachments.restore_file(worker, removed_row)


def test_a_held_file_is_not_destroyed_and_its_removal_looks_like_any_other(
    row: CaseFile, worker: Any, operator: Any, make_case: Any
) -> None:
    def proceedings(sender: Any, case_ids: Any, **kwargs: Any) -> set[Any]:
        return {row.case_id} & set(case_ids)  # no user sees this hold

    second_file = attachments.add_file(operator, make_case(person=identity(given="Болат")), draft())
    with connected(collect_legal_holds, proceedings):
        held_file, free_file = remove_and_reload(row, worker), remove_and_reload(second_file, worker)
        visible_fields = ("removal_reason", "removed_by", "kept_until", "may_be_put_back")
        assert [getattr(held_file, name) for name in visible_fields] == [
            getattr(free_file, name) for name in visible_fields
        ]
        assert attachments.destroy_removed(operator, day_after_kept_until(held_file, 1)) == 1
    held_file, free_file = (CaseFile.objects.get(pk=file.pk) for file in (held_file, free_file))
    assert (held_file.stored.wrapped is None, free_file.stored.wrapped is None) == (False, True)
    assert held_file.kept_until == free_file.kept_until
    assert attachments.destroy_removed(operator, day_after_kept_until(held_file, 1)) == 1


def test_only_the_operator_destroys_removed_files(row: CaseFile, worker: Any) -> None:
    removed_row = remove_and_reload(row, worker)
    with pytest.raises(Denied):
        attachments.destroy_removed(worker, day_after_kept_until(removed_row, 1))


def test_nothing_is_removed_while_a_hold_runs(row: CaseFile, worker: Any, make_actor: Any, make_agency: Any) -> None:
    supervisor = make_actor("supervisor", agency=make_agency())
    with pytest.raises(Denied):
        legal_holds.place_hold(worker, row.case, "claim")
    hold = legal_holds.place_hold(supervisor, row.case, "claim", "сот")
    with pytest.raises(BadInput):
        attachments.remove_file(worker, row, "duplicate")
    legal_holds.end_hold(supervisor, hold)
    attachments.remove_file(worker, row, "duplicate")


def test_a_hold_ends_by_itself_after_its_day(row: CaseFile, operator: Any, worker: Any) -> None:
    with pytest.raises(BadInput):
        legal_holds.place_hold(operator, row.case, "claim", until=date(2020, 1, 1))
    hold = legal_holds.place_hold(operator, row.case, "claim", until=date(2090, 1, 1))
    type(hold).objects.filter(pk=hold.pk).update(until=date(2020, 1, 1))
    attachments.remove_file(worker, row, "duplicate")
