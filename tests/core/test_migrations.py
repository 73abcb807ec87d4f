"""A register is built in few steps, and none is left out in silence."""

from __future__ import annotations

from typing import Any

import pytest
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
    """The state of a project while it migrates: its models are built."""
    state = ProjectState()
    assert not state.apps.get_models()
    return state


def said(operations: list[Any], state: ProjectState) -> list[str]:
    """What the operations would tell the database; the state is the one after them."""
    with connection.schema_editor(collect_sql=True) as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("steppe", state)
            operation.database_forwards("steppe", editor, before, state)
    return list(editor.collected_sql)


@pytest.mark.django_db(transaction=True)
def test_tables_made_at_once_are_the_same_tables_and_are_dropped_again() -> None:
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


def test_tables_made_at_once_are_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    state, built, render = started(), [], ModelState.render

    def counted(self: ModelState, apps: Any) -> Any:
        built.append(self.name)
        return render(self, apps)

    monkeypatch.setattr(ModelState, "render", counted)
    CreateTables([TENT, POLE]).state_forwards("steppe", state)
    assert state.apps.get_model("steppe", "Tent").poles.rel.related_model._meta.model_name == "pole"
    assert sorted(built) == ["Pole", "Tent"]


@pytest.mark.django_db
def test_a_register_that_an_unreleased_version_left_half_way_is_not_called_ready() -> None:
    assert health.pending() == []
    MigrationRecorder(connection).record_unapplied("cases", "0008_removed_files")
    with pytest.raises(Refused, match="half-way"):
        health.pending()
    assert health.database().state == "fail"
