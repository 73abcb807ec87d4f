"""An upgrade keeps every name of an agency and every title of a campaign, and goes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.migrations import AddField, Migration, RemoveField
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from kerege.casework.awareness.models import Campaign
from kerege.core.accounts import role_triggers
from kerege.core.accounts.models import Agency

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
UPGRADES = [("accounts", "0016_names_by_language"), ("awareness", "0002_titles_by_language")]
ROWS = 300
AWKWARD = {0: ("Ұ«»", "ё'\"", "a\\b"), 1: ("Құқық", "", "Law")}  # an empty name was possible in the database


def names_of(number: int) -> tuple[str, str, str]:
    return AWKWARD.get(number, (f"Орталық {number}", f"Центр {number}", f"Centre {number}"))


class Schema:
    """The schema before and after the upgrades; the signals of `migrate` do not run.

    Columns of later migrations stay: SQLite builds a changed table again from the state, and would lose them.
    """

    def __init__(self) -> None:
        loader = MigrationLoader(connection)
        self.migrations = [loader.graph.nodes[key] for key in UPGRADES]
        parents = [parent for migration in self.migrations for parent in migration.dependencies]
        earlier = loader.graph.make_state(nodes=parents, real_apps=loader.unmigrated_apps)
        self.before: ProjectState = loader.project_state()
        for migration in self.migrations:
            self._go_back(earlier, migration)

    def _go_back(self, earlier: ProjectState, migration: Migration) -> None:
        """Take the columns that the migration adds out of the state, and put back those that it removes."""
        app = migration.app_label
        for operation in migration.operations:
            if isinstance(operation, AddField):
                self.before.remove_field(app, operation.model_name_lower, operation.name)
            elif isinstance(operation, RemoveField):
                field = earlier.models[app, operation.model_name_lower].fields[operation.name]
                self.before.add_field(app, operation.model_name_lower, operation.name, field, preserve_default=True)

    def go(self, *, back: bool) -> None:
        role_triggers.remove(connection)
        states = [self.before]
        for migration in self.migrations[:-1]:
            states.append(migration.mutate_state(states[-1], preserve=True))
        steps = list(zip(self.migrations, states, strict=True))
        for migration, state in reversed(steps) if back else steps:
            with connection.schema_editor() as editor:
                (migration.unapply if back else migration.apply)(state.clone(), editor)
        role_triggers.install_after("default")


@pytest.fixture
def schema() -> Iterator[Schema]:
    schema = Schema()
    schema.go(back=True)
    yield schema
    schema.go(back=False)


def test_an_upgrade_keeps_every_name_and_every_title(schema: Any) -> None:
    agency = schema.before.apps.get_model("accounts", "Agency")
    agency.objects.bulk_create(
        agency(code=f"a{number}", kind="ngo", name_kk=kk, name_ru=ru, name_en=en)
        for number in range(ROWS)
        for kk, ru, en in [names_of(number)]
    )
    titles = {"title_kk": "Тақырып", "title_ru": "Тема", "title_en": "Theme"}
    campaign = schema.before.apps.get_model("awareness", "Campaign")
    campaign.objects.create(agency_id=agency.objects.get(code="a0").pk, starts_on=date(2025, 7, 30), **titles)

    schema.go(back=False)
    upgraded = {row.code: row.names for row in Agency.objects.all()}
    assert upgraded == {f"a{number}": _by_language(names_of(number)) for number in range(ROWS)}
    assert Campaign.objects.get().titles == {"kk": "Тақырып", "ru": "Тема", "en": "Theme"}

    Agency.objects.filter(code="a2").update(names={"ky": "Борбор", "ru": "Центр"})
    schema.go(back=True)
    columns = agency.objects.values_list("code", "name_kk", "name_ru", "name_en")
    back = {code: tuple(names) for code, *names in columns}
    assert (back["a0"], back["a3"]) == (names_of(0), names_of(3))
    assert back["a1"] == ("Құқық", "Law", "Law")
    assert back["a2"] == ("Борбор", "Центр", "Борбор")


def _by_language(names: tuple[str, str, str]) -> dict[str, str]:
    return {language: name for language, name in zip(("kk", "ru", "en"), names, strict=True) if name}
