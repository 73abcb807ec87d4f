"""Plug-in modules of apps: fixed names, imported when Django starts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.dispatch import Signal

import kerege
from kerege.core.apps import PLUGIN_MODULES, RoomConfig
from kerege.core.jobs import jobs
from kerege.core.jobs.requests import queued_work


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Yield an app with plug-in modules in two places; each module records its import."""
    note = "import sys\nsys.modules['a_room'].LOADED.append(__name__)\n"
    for folder, names in {"a_room": ("timeline_lines", "rules", "views"), "a_room/pages": ("rules", "jobs")}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("LOADED = []\n")
        for name in names:
            (tmp_path / folder / f"{name}.py").write_text(note)
    monkeypatch.syspath_prepend(str(tmp_path))
    import a_room  # type: ignore[import-not-found]

    yield a_room
    for name in [name for name in sys.modules if name.partition(".")[0] == "a_room"]:
        del sys.modules[name]


def test_plugin_modules_are_imported_in_order_also_from_plugin_packages(package: ModuleType) -> None:
    class Room(RoomConfig):
        plugin_packages = ("a_room.pages",)

    Room("a_room", package).ready()
    assert package.LOADED == ["a_room.rules", "a_room.pages.rules", "a_room.pages.jobs", "a_room.timeline_lines"]


def test_a_missing_plugin_package_stops_the_start(package: ModuleType) -> None:
    class Room(RoomConfig):
        plugin_packages = ("a_room.page",)

    with pytest.raises(ModuleNotFoundError, match=r"a_room\.page"):
        Room("a_room", package).ready()


def test_every_app_loads_its_plugin_modules() -> None:
    ours = [config for config in apps.get_app_configs() if config.name.startswith("kerege.")]
    assert [config.name for config in ours if not isinstance(config, RoomConfig)] == ["kerege.web"]
    rooms = [config for config in ours if isinstance(config, RoomConfig)]
    loaded = [name for room in rooms for name in room.plugins()]
    assert [name for name in loaded if name not in sys.modules] == []
    assert {name.rpartition(".")[2] for name in loaded} == set(PLUGIN_MODULES)


def test_no_other_code_searches_apps_for_modules() -> None:
    """A second scan would be a second plug-in mechanism."""
    scans = ("module_has_submodule", "autodiscover_modules", "get_app_configs", "iter_modules", "walk_packages")
    source = Path(kerege.__file__).parent
    files = {
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if any(scan in path.read_text(encoding="utf-8") for scan in scans)
    }
    assert files == {"core/apps.py"}


def test_every_signal_has_a_receiver_and_every_receiver_a_unique_name() -> None:
    signals = {
        (name, value)
        for name, module in list(sys.modules.items())
        if name.startswith("kerege.") and name.rpartition(".")[2] in {"events", "key_events"}
        for value in vars(module).values()
        if isinstance(value, Signal)
    }
    assert len(signals) > 10
    assert [name for name, signal in signals if not signal.receivers] == []
    # without a dispatch_uid, Django's keys are pairs of numbers
    unnamed = [name for name, signal in signals for key, *_rest in signal.receivers if not isinstance(key[0], str)]
    assert unnamed == []


def test_no_two_receivers_share_a_dispatch_uid() -> None:
    """Django silently skips a second receiver with the same dispatch_uid."""
    source = Path(kerege.__file__).parent
    named = [
        name
        for path in source.rglob("*.py")
        for name in re.findall(r'dispatch_uid="([^"]*)"', path.read_text(encoding="utf-8"))
    ]
    assert len(named) > 15
    assert sorted(named) == sorted(set(named))


def test_stored_names_do_not_change() -> None:
    """Rows of the schedule and the task queue hold the names; due jobs run in this order."""
    assert [job.name for job in jobs.all()] == [
        "releases.settle",
        "ledger.record_losses",
        "tasks.plan",
        "persons.match",
        "persons.rematch",
        "referrals.chase",
        "consents.watch",
        "stays.plan",
        "files.destroy",
        "retention.run",
        "drafts.purge",
        "uploads.sweep",
        "erasures.log",
        "sessions.clear",
        "access.forbidden",
        "access.review",
        "facts.write",
        "audit.forward",
        "audit.root",
        "audit.verify",
        "messages.deliver",
        "messages.forget",
        "backup.drill",
        "systems.deliver",
        "systems.forget",
        "measures.remind",
        "commissions.remind",
        "accounts.hash_codes",
    ]
    assert {work.name for work in queued_work.all()} == {
        "accounts.confirm_address",
        "messages.deliver",
        "notices.send",
        "persons.match",
        "register.freeze",
        "releases.check",
    }


def test_no_plugin_module_lies_in_a_package_that_no_app_names() -> None:
    """A plug-in module in a package that no app names is never imported."""
    source = Path(kerege.__file__).parent
    named = {
        ".".join(("kerege", *path.relative_to(source).with_suffix("").parts))
        for layer in ("casework", "core", "publishing")
        for path in (source / layer).rglob("*.py")
        if path.stem in PLUGIN_MODULES
    }
    mechanisms = {
        "kerege.casework.cases.services.retention_rules",
        "kerege.core.authorization.rules",
        "kerege.core.row_security.policies",
    }
    loaded = {name for config in apps.get_app_configs() if isinstance(config, RoomConfig) for name in config.plugins()}
    assert {name.removesuffix(".__init__") for name in named} - mechanisms - loaded == set()
