"""The gate signs what was checked and approved, and nothing else; embargoes and withdrawals hold."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from kerege.base.errors import BadInput, Refused
from kerege.core import audit
from kerege.core.audit import daily_root
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from kerege.evidence.release.build import verify
from kerege.publishing.gate import error_messages, messages, run_gate
from kerege.publishing.presenters import tables
from kerege.publishing.releases import ledger_entries, queries
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import approve, check, compose
from kerege.publishing.storage import release_files
from tests.publishing import release_driver
from tests.publishing.gate.gate_driver import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(house: Path, make_actor: Any) -> Actor:
    """Return the actor who approves."""
    return make_actor("publisher")  # type: ignore[no-any-return]


def findings(row: Release, lang: str) -> list[tuple[str, str, str]]:
    """Return the findings on a release in a language."""
    files = queries.get_files(row)
    assert files is not None
    with translation.override(lang):
        assert files.manifest.attack is not None
        entries = [entry.tree for entry in files.manifest.tables]
        new = messages.list_findings(files.manifest.attack.tree, entries, known=False)
        return [finding.sentences for finding in new]


def test_an_unprotected_table_is_refused_and_its_safe_variant_is_checked(house: Path, analyst: Actor) -> None:
    row = checked(analyst, release_driver.compose(analyst, release_driver.freeze(house), release_driver.SEX))
    assert row.state == "refused"
    [(figure, attack, remedy)] = findings(row, "en")
    assert figure == "These people could be found: Sex: Transgender – exactly 3, fewer than 10."
    assert "recognises them" in attack
    assert "Suppress" in remedy
    before = row.check_number
    check.adopt_safe_variant(analyst, row)
    row.refresh_from_db()
    assert (row.state, row.check_number) == ("ready", before + 1)
    assert row.spec["table"][0]["method"] == "suppress"
    files = queries.get_files(row)
    assert files is not None
    assert "transgender,3" not in files.tables["sex"].content.decode()


def test_a_finding_is_three_sentences_in_each_language(house: Path, analyst: Actor) -> None:
    row = checked(analyst, release_driver.compose(analyst, release_driver.freeze(house), release_driver.SEX))
    for lang in ("kk", "ru", "en"):
        [sentences] = findings(row, lang)
        assert all(sentence.endswith((".", "»")) and "%(" not in sentence for sentence in sentences), lang
        latin = [word for word in " ".join(sentences).split() if word.isascii() and word.isalpha()]
        assert latin == [] or lang == "en"


@pytest.mark.db
def test_an_approved_release_is_signed_recorded_public_and_verifiable(
    house: Path, analyst: Actor, publisher: Actor
) -> None:
    row = release_driver.published(analyst, publisher, release_driver.freeze(house))
    manifest = verify(release_files.folder() / row.directory).tree
    assert row.state == "published"
    assert queries.years() == [2025]
    assert row.ledger_entry == run_gate.open_ledger().entries()[-1].hash
    roles = [approval["role"] for approval in manifest["approvals"]]
    assert roles == ["preparer", "approver"]
    approvals = json.dumps(manifest["approvals"])
    assert "User" not in approvals
    assert str(analyst.user_id) not in approvals
    assert manifest["approvals"][0]["who"] != manifest["approvals"][1]["who"]


def test_manifest_audit_and_daily_root_state_the_ledger(house: Path, analyst: Actor, publisher: Actor) -> None:
    row = release_driver.published(analyst, publisher, release_driver.freeze(house))
    ledger = run_gate.open_ledger()
    before = verify(release_files.folder() / row.directory).ledger
    assert before is not None
    assert before.entries == 0
    event = AuditEvent.objects.get(action="releases.sign")
    assert event.details["ledger"] == row.ledger_entry == ledger.entries()[-1].hash
    daily_root.write(timezone.now())
    with ledger.locked():
        state = ledger.state()
    assert (state.entries, state.name) == (1, before.name)
    assert json.loads(daily_root.path().read_text())["ledger"] == state.tree
    assert audit.verify().ok
    ledger.head.unlink()
    ledger.path.write_text("{}\n")
    daily_root.write(timezone.now())
    assert json.loads(daily_root.path().read_text().splitlines()[-1])["ledger"] is None  # it cannot be read
    verification = audit.verify()
    assert (verification.ok, verification.is_outside) == (False, True)
    assert "the ledger is broken at line 1" in verification.fault


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_without_its_ledger_nothing_is_checked_or_approved(
    house: Path, analyst: Actor, publisher: Actor, lang: str
) -> None:
    release_driver.published(analyst, publisher, release_driver.freeze(house))
    second = release_driver.compose(analyst, release_driver.freeze(house, as_of="2026-06-30"))
    run_gate.open_ledger().folder.rename(house / "away")
    second = checked(analyst, second)
    assert second.state == "refused"
    with translation.override(lang):
        finding = error_messages.describe_refusal(second.faults[0]["what"], [])
        assert finding.sentences == error_messages.lost_ledger()
        assert (lang == "en") == finding.sentences[0].startswith("The ledger of the privacy budget is not the one")
        with pytest.raises(Refused) as refused:
            ledger_entries.require_all()
        assert str(refused.value) == " ".join(error_messages.lost_ledger())
    (house / "away").rename(run_gate.open_ledger().folder)
    assert checked(analyst, second).state == "ready"


def test_a_signing_waits_for_the_ledger_and_keeps_its_approval(house: Path, analyst: Actor, publisher: Actor) -> None:
    release_driver.published(analyst, publisher, release_driver.freeze(house))
    row = release_driver.ready(analyst, release_driver.freeze(house, as_of="2026-06-30"))
    run_gate.open_ledger().folder.rename(house / "away")
    with pytest.raises(Refused):
        approve.approve(publisher, row, row.draft_sha256, known_read=True)
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("ready", None)
    Release.objects.filter(pk=row.pk).update(
        state="approved", approved_by=publisher.user_id, approved_at=timezone.now() - timedelta(hours=1)
    )
    approve.finish_interrupted_signings(timezone.now())
    row.refresh_from_db()
    assert (row.state, row.manifest_sha256) == ("approved", "")
    (house / "away").rename(run_gate.open_ledger().folder)
    approve.finish_interrupted_signings(timezone.now())
    row.refresh_from_db()
    assert row.state == "published"


@pytest.mark.db
def test_a_daily_root_without_a_ledger_states_none_and_makes_none(house: Path, analyst: Actor) -> None:
    audit.record(analyst, "test.act")
    daily_root.write(timezone.now())
    assert "ledger" not in json.loads(daily_root.path().read_text())
    assert not run_gate.open_ledger().folder.exists()


@pytest.mark.db
def test_a_composer_cannot_approve_and_the_attempt_is_audited(house: Path, make_actor: Any) -> None:
    both, other_publisher = make_actor("analyst", "publisher"), make_actor("publisher")
    row = release_driver.ready(both, release_driver.freeze(house))
    with translation.override("en"), pytest.raises(Refused, match="never approved by the person who prepared it"):
        approve.approve(both, row, row.draft_sha256, known_read=True)
    assert AuditEvent.objects.filter(action="releases.approve", outcome="refused", target=f"release:{row.pk}").exists()
    # the other publisher becomes a composer too
    compose.set_about(other_publisher, row, {"title": release_driver.TITLE, "period": "2025", "threshold": 10}, None)
    row = checked(both, row)
    with pytest.raises(Refused):
        approve.approve(other_publisher, row, row.draft_sha256, known_read=True)
    assert Release.objects.get().state == "ready"


def test_a_draft_with_a_changed_manifest_is_not_signed(house: Path, analyst: Actor, publisher: Actor) -> None:
    row = release_driver.ready(analyst, release_driver.freeze(house))
    draft = run_gate.drafts(row.pk) / str(row.check_number) / run_gate.DRAFT
    draft.write_text(draft.read_text().replace('"invented": true', '"invented": false'))
    with pytest.raises(Refused):
        approve.approve(publisher, row, row.draft_sha256, known_read=True)
    assert queries.years() == []
    assert not (release_files.folder() / row.directory).exists()


def test_other_roles_cannot_approve(house: Path, analyst: Actor, make_actor: Any) -> None:
    row = release_driver.ready(analyst, release_driver.freeze(house))
    for role in ("analyst", "coordinator", "auditor", "administrator", "supervisor"):
        with pytest.raises(Denied):
            approve.approve(make_actor(role), row, row.draft_sha256, known_read=True)
        assert Release.objects.get().state == "ready", role


@pytest.mark.parametrize("role", ["coordinator", "auditor", "administrator", "caseworker"])
def test_other_roles_cannot_compose(house: Path, make_actor: Any, role: str) -> None:
    with pytest.raises(Denied):
        release_driver.compose(make_actor(role), "x")
    assert not Release.objects.exists()


def test_a_draft_changed_after_reading_is_not_approved(house: Path, analyst: Actor, publisher: Actor) -> None:
    row = release_driver.ready(analyst, release_driver.freeze(house))
    read = row.draft_sha256
    compose.put_table(analyst, row, release_driver.SEX | {"name": "sex2", "method": "suppress"})
    checked(analyst, row)
    with pytest.raises(BadInput, match="changed since you opened it"):
        approve.approve(publisher, row, read, known_read=True)


def test_a_draft_changed_on_disk_is_not_signed(house: Path, analyst: Actor, publisher: Actor) -> None:
    row = release_driver.ready(analyst, release_driver.freeze(house))
    table = run_gate.drafts(row.pk) / str(row.check_number) / "tables/sex.csv"
    table.write_text(table.read_text().replace("213", "214"))
    with pytest.raises(Refused):
        approve.approve(publisher, row, row.draft_sha256, known_read=True)
    row.refresh_from_db()
    assert row.approved_by is None
    assert queries.years() == []


@pytest.mark.db
def test_a_release_that_became_unsafe_since_its_check_loses_its_approval(
    house: Path, analyst: Actor, publisher: Actor
) -> None:
    """Check two snapshots of a revised register: their difference reveals two people."""
    earlier = release_driver.freeze(house, {"male": 120, "female": 90})
    revised = release_driver.freeze(house, {"male": 122, "female": 90}, "2026-01-31")
    table = release_driver.SEX
    earlier_release = release_driver.ready(analyst, earlier, table)
    later_release = release_driver.ready(analyst, revised, table, title=dict.fromkeys(release_driver.TITLE, "Later"))
    approve.approve(publisher, earlier_release, earlier_release.draft_sha256, known_read=True)
    with translation.override("en"), pytest.raises(Refused, match="Its approval is cancelled"):
        approve.approve(publisher, later_release, later_release.draft_sha256, known_read=True)
    later_release.refresh_from_db()
    assert (later_release.state, later_release.approved_by) == ("refused", None)
    [(figure, attack, _)] = findings(later_release, "en")
    assert figure == "No table shows the number of these people: “added between 1 January 2026 and 31 January 2026”."
    assert attack.endswith("an intruder finds the number of these people: exactly 2, fewer than 10.")
    assert not (release_files.folder() / later_release.directory).exists()


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_a_withdrawn_or_corrected_release_stays_known(
    house: Path, analyst: Actor, publisher: Actor, is_withdrawn: bool
) -> None:
    """Three men were added to a corrected cell: the earlier figure, although withdrawn, gives them away."""
    earlier = release_driver.published(
        analyst, publisher, release_driver.freeze(house, {"male": 120, "female": 90}), release_driver.SEX
    )
    if is_withdrawn:
        approve.withdraw(publisher, earlier, dict.fromkeys(("kk", "ru", "en"), "A cell was wrong."))
    corrected = release_driver.freeze(house, {"male": 123, "female": 90}, "2026-01-31")
    title = dict.fromkeys(release_driver.TITLE, "Corrected")
    row = checked(analyst, release_driver.compose(analyst, corrected, release_driver.SEX, title=title))
    assert row.state == "refused"
    [(figure, attack, _)] = findings(row, "en")
    assert "added between 1 January 2026 and 31 January 2026" in figure
    assert attack.endswith("exactly 3, fewer than 10.")
    safe = release_driver.ready(analyst, corrected, release_driver.SEX | {"method": "suppress"}, title=title)
    files = queries.get_files(safe)
    assert files is not None
    with translation.override("en"):
        [table] = tables.present_tables(files)
    assert sum(row.figures[0].withheld for row in table.rows) >= 2


# -- embargo -----------------------------------------------------------------------------------------------------------
@pytest.mark.db
def test_an_embargoed_release_becomes_public_without_any_job(house: Path, analyst: Actor, publisher: Actor) -> None:
    at = timezone.now() + timedelta(hours=3)
    row = release_driver.published(analyst, publisher, release_driver.freeze(house), embargo_at=at)
    assert (row.state, row.is_signed) == ("approved", True)
    just_before = at - timedelta(microseconds=1)
    assert row.directory in queries.non_public_folders(just_before)
    assert queries.public_files(just_before) == []
    assert row.directory not in queries.non_public_folders(at)
    assert [files.path.name for files in queries.public_files(at)] == [row.directory]
    assert queries.years() == []
    Release.objects.update(embargo_at=timezone.now())
    assert queries.years() == [2025]
    approve.record_publications(timezone.now())
    row.refresh_from_db()
    assert (row.state, row.published_at) == ("published", row.embargo_at)


def test_a_folder_of_the_operator_is_withheld_until_its_embargo_ends(house: Path) -> None:
    folder = release_files.folder() / "by-hand"
    folder.mkdir(parents=True)
    at = timezone.now() + timedelta(hours=1)
    (folder / "manifest.json").write_text(json.dumps({"embargo": at.isoformat()}))
    assert "by-hand" in queries.non_public_folders(at - timedelta(seconds=1))
    assert "by-hand" not in queries.non_public_folders(at)


def test_a_release_taken_back_before_its_embargo_ends_is_never_public(
    house: Path, analyst: Actor, publisher: Actor
) -> None:
    at = timezone.now() + timedelta(hours=3)
    row = release_driver.published(analyst, publisher, release_driver.freeze(house), embargo_at=at)
    with pytest.raises(Denied):
        approve.take_back(analyst, row)
    approve.take_back(publisher, row)
    assert queries.public_files(at + timedelta(days=1)) == []


# -- interruption ------------------------------------------------------------------------------------------------------
@pytest.mark.db
def test_an_interrupted_signing_is_withheld_and_finished_by_the_job(
    house: Path, analyst: Actor, publisher: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = release_driver.ready(analyst, release_driver.freeze(house))
    publish = run_gate.publish

    def publish_and_stop(*args: Any) -> str:
        publish(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(approve.run_gate, "publish", publish_and_stop)
    with pytest.raises(KeyboardInterrupt):
        approve.approve(publisher, row, row.draft_sha256, known_read=True)
    assert (release_files.folder() / row.directory / "manifest.json").is_file()
    assert queries.years() == []
    monkeypatch.setattr(approve.run_gate, "publish", publish)
    approve.finish_interrupted_signings(timezone.now() + timedelta(hours=1))
    row.refresh_from_db()
    assert row.state == "published"
    assert queries.years() == [2025]
    assert [entry.kind for entry in run_gate.open_ledger().entries()].count("release") == 1


def test_an_approved_release_cannot_be_changed(house: Path, analyst: Actor, publisher: Actor) -> None:
    row = release_driver.published(analyst, publisher, release_driver.freeze(house))
    with pytest.raises(BadInput):
        compose.put_table(analyst, row, release_driver.SEX | {"name": "more"})
    with pytest.raises(BadInput):
        compose.discard(analyst, row)
    assert queries.years() == [2025]
