"""Compare a new subject row with the head of the chain: row security hides the events from the trigger."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from kerege.core.audit import triggers


def replace_function(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Build the function of the trigger again, on PostgreSQL."""
    if editor.connection.vendor == "postgresql":
        editor.execute(triggers.IN_TIME)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(replace_function, migrations.RunPython.noop)]
