"""Upgrade of a pack over 10,000 records: a retired code, one with another label, a divided region.

No record changes, every code keeps a label, and the counts by region are the same before and after.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from kerege.base.files import home
from kerege.casework.awareness.models import HotlineContact
from kerege.casework.exchange.snapshots import freeze
from kerege.core.authorization import Actor
from kerege.evidence.data import snapshot
from kerege.vocabulary import codes
from kerege.vocabulary.pack import Pack, find_pack, using
from kerege.web.forms import CodeChoiceField, Form
from tests.cli.test_table import run
from tests.vocabulary.pack.pack_folder import copy_pack, replace_text
from tests.vocabulary.pack.test_store import states as installed

pytest_plugins = ["tests.casework.conftest"]
pytestmark = pytest.mark.django_db

RETIRED, RELABELLED, DIVIDED, SAME = "10", "11", "15", "71"
RECORDS = {RETIRED: 4000, RELABELLED: 3000, DIVIDED: 2000, SAME: 1000}
TABLE = "code,parent,htcds,from,until,succeeds,old_records"
ENDED = "2026-01-31"
NEW_ROWS = """a15,KZ,,2026-02-01,,15,ask,Ақтөбе солтүстік,Северный Актюбинск,North Aktobe
b15,KZ,,2026-02-01,,15,ask,Ақтөбе оңтүстік,Южный Актюбинск,South Aktobe
"""


class Place(Form):
    region = CodeChoiceField("region")


@pytest.fixture
def contacts(make_agency: Any) -> None:
    """Store 10,000 contacts of four regions."""
    agency, now = make_agency(), timezone.now()
    rows = [region for region, number in RECORDS.items() for _ in range(number)]
    HotlineContact.objects.bulk_create(
        HotlineContact(agency=agency, at=now - timedelta(hours=number % 900), region=region)
        for number, region in enumerate(rows)
    )


def next_version(folder: Path) -> Path:
    """Write the pack of the next version."""
    copy_pack(folder)
    path = folder / "lists" / "region.csv"
    heading, *rows = path.read_text(encoding="utf-8").splitlines()
    assert heading.startswith("code,parent,htcds,label:kk")
    ended = {RETIRED, DIVIDED}
    dated = [
        ",".join([*row.split(",", 3)[:3], "", ENDED if row[:2] in ended else "", "", "", row.split(",", 3)[3]])
        for row in rows
    ]
    path.write_text(
        "\n".join([heading.replace("htcds,", "htcds,from,until,succeeds,old_records,"), *dated, NEW_ROWS]), "utf-8"
    )
    replace_text(path, "Akmola Region", "Akmola Oblast")
    return folder


def states(pack: Pack, out: Path) -> tuple[Counter[str], dict[str, str], Any]:
    """Return counts and labels of regions as the database has them, and the snapshot under a pack."""
    with using(pack):
        freeze.write(Actor.system(), "contacts", out)
        counts = Counter(HotlineContact.objects.values_list("region", flat=True))
        return counts, {code: codes.label("region", code, "en") for code in counts}, snapshot.read(out)


def test_an_upgrade_changes_no_record(
    contacts: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    folder = next_version(tmp_path / "kerege-pack-kz")
    assert run("pack", "sign", folder, "--key", tmp_path / "publisher.key") == 0
    spoken = capsys.readouterr().out.strip().rpartition(": ")[2]
    assert run("pack", "trust", tmp_path / "publisher.pem", "--fingerprint", spoken) == 0
    counts, labels, before = states(find_pack("kz"), tmp_path / "before.parquet")
    assert counts == RECORDS

    assert run("pack", "diff", folder) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"region {RETIRED}: is retired after {ENDED}; 4,000 records have it" in lines
    assert f"region {DIVIDED}: is retired after {ENDED}; 2,000 records have it" in lines
    assert (
        f'region {RELABELLED}: has another label in en: "Akmola Region", now "Akmola Oblast"; 3,000 records have it'
        in lines
    )
    assert f"region a15: is new from 2026-02-01, succeeds {DIVIDED}, old records: ask; 0 records have it" in lines

    assert run("pack", "install", folder) == 0
    upgraded = find_pack("kz")
    assert upgraded.version == "2027.1"
    assert "2027.1" in installed(home())[0]
    new_counts, new_labels, after = states(upgraded, tmp_path / "after.parquet")
    assert new_counts == counts
    assert after.frame.equals(before.frame)
    assert before.pack != after.pack
    assert new_labels == labels | {RELABELLED: "Akmola Oblast"}
    check_forms(upgraded)

    assert run("pack", "back", "kz") == 0
    assert states(find_pack("kz"), tmp_path / "again.parquet")[:2] == (counts, labels)


def check_forms(pack: Pack) -> None:
    """Check that new records get the new codes, and that every old record can still be saved."""
    with using(pack), translation.override("en"):
        offered = {code for code, _label in codes.choices("region", "en")}
        assert {"a15", "b15", RELABELLED, SAME} <= offered
        assert not {RETIRED, DIVIDED} & offered
        for region in RECORDS:
            assert Place({"region": region}, initial={"region": region}).is_valid()
            HotlineContact.objects.filter(region=region)[0].clean_fields()
        assert "divided" in str(Place(initial={"region": DIVIDED}).fields["region"].help_text)
