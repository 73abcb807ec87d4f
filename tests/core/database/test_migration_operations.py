"""Migrations: tables created together, and no migration skipped silently."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState

from kerege.base.errors import Refused
from kerege.core import health
from kerege.core.database.migration_operations import CreateTables

pytestmark = pytest.mark.db

TENT = migrations.CreateModel("Tent", [("id", models.BigAutoField(primary_key=True))])
POLE = migrations.CreateModel(
    "Pole",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("tent", models.ForeignKey("steppe.Tent", models.CASCADE, related_name="poles")),
        ("number", models.PositiveIntegerField()),
        ("beside", models.ManyToManyField("steppe.Pole")),
    ],
    {
        "indexes": [models.Index(fields=["number"], name="poles_by_number")],
        "constraints": [models.UniqueConstraint(fields=["tent", "number"], name="one_pole_per_number")],
    },
)


def started() -> ProjectState:
    """Return the project state with its models built, as during a migration."""
    state = ProjectState()
    assert not state.apps.get_models()
    return state


def said(operations: list[Any], state: ProjectState) -> list[str]:
    """Return the SQL of the operations; `state` becomes the state after them."""
    with connection.schema_editor(collect_sql=True) as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("steppe", state)
            operation.database_forwards("steppe", editor, before, state)
    return list(editor.collected_sql)


@pytest.mark.django_db(transaction=True)
def test_create_tables_creates_the_same_tables_and_drops_them_again() -> None:
    apart, together, operation = started(), started(), CreateTables([TENT, POLE])
    assert said([operation], together) == said([TENT, POLE], apart)
    assert together == apart
    before = set(connection.introspection.table_names())
    with connection.schema_editor() as editor:
        operation.database_forwards("steppe", editor, started(), together)
    assert set(connection.introspection.table_names()) - before == {"steppe_tent", "steppe_pole", "steppe_pole_beside"}
    with connection.schema_editor() as editor:
        operation.database_backwards("steppe", editor, together, started())
    assert set(connection.introspection.table_names()) == before


def test_create_tables_builds_the_models_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state, built, render = started(), [], ModelState.render

    def counted(self: ModelState, apps: Any) -> Any:
        built.append(self.name)
        return render(self, apps)

    monkeypatch.setattr(ModelState, "render", counted)
    CreateTables([TENT, POLE]).state_forwards("steppe", state)
    assert state.apps.get_model("steppe", "Tent").poles.rel.related_model._meta.model_name == "pole"
    assert sorted(built) == ["Pole", "Tent"]


@pytest.mark.django_db
def test_a_half_applied_squash_is_refused() -> None:
    assert health.pending() == []
    MigrationRecorder(connection).record_unapplied("cases", "0008_removed_files")
    with pytest.raises(Refused, match="migrated this database in part"):
        health.pending()
    assert health.database().state == "fail"


@pytest.mark.django_db
def test_every_model_is_as_its_migrations_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
