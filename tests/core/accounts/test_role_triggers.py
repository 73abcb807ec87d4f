"""The triggers on roles survive migrations that alter the tables which they name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, connections, models
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations import Migration
from django.db.models.signals import post_migrate, pre_migrate

from kerege.core.accounts import role_triggers
from kerege.core.accounts.models import Agency, RoleAssignment, RolePermission, User

pytestmark = [pytest.mark.db, pytest.mark.django_db]
NAMES = sorted(role_triggers.MOMENTS)


@pytest.fixture
def small_database() -> Iterator[DatabaseWrapper]:
    """Return a database of its own, in memory, with the tables that the triggers name."""
    options = connection.settings_dict | {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}
    database = connections["small"] = DatabaseWrapper(options, "small")
    with database.schema_editor() as editor:
        for model in (User, Agency, RolePermission, RoleAssignment):
            editor.create_model(model)
    yield database
    database.close()
    del connections["small"]


@pytest.mark.parametrize(("model", "name"), [(Agency, "kind"), (RoleAssignment, "role")])
def test_a_migration_may_alter_a_table_that_the_triggers_name(
    small_database: DatabaseWrapper, model: type[models.Model], name: str
) -> None:
    role_triggers.install_after("small")
    assert role_triggers.missing(small_database) == []
    role_triggers.drop_before("small", [(Migration("0013_altered", "accounts"), False)])
    field, longer = model._meta.get_field(name), models.CharField(max_length=99, null=True)
    longer.set_attributes_from_name(name)
    longer.model = model
    with small_database.schema_editor() as editor:
        editor.alter_field(model, field, longer)
    role_triggers.install_after("small")
    assert role_triggers.missing(small_database) == []


def test_a_database_of_an_earlier_version_gets_no_triggers(small_database: DatabaseWrapper) -> None:
    with small_database.schema_editor() as editor:
        editor.delete_model(RolePermission)
    role_triggers.install_after("small")
    assert role_triggers.missing(small_database) == NAMES


def test_migrate_drops_the_triggers_and_installs_them() -> None:
    assert role_triggers.missing(connection) == []
    accounts = apps.get_app_config("accounts")
    signal = {"sender": accounts, "app_config": accounts, "using": "default", "verbosity": 0, "interactive": False}
    pre_migrate.send(**signal, apps=apps, plan=[(Migration("0013_altered", "cases"), False)])
    assert role_triggers.missing(connection) == []
    pre_migrate.send(**signal, apps=apps, plan=[(Migration("0013_altered", "accounts"), False)])
    assert role_triggers.missing(connection) == NAMES
    post_migrate.send(**signal, apps=apps, plan=[])
    assert role_triggers.missing(connection) == []
