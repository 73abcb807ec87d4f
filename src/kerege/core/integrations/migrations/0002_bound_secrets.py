"""Secrets of webhooks are bound to their row: until now all had one value of associated data."""

from django.db import migrations


def bind(apps, schema_editor):
    """Encrypt every secret again for its place."""
    from kerege.core.accounts.sealed_secrets import UNBOUND, seal, unseal

    for row in apps.get_model("systems", "Webhook").objects.all().iterator():
        row.secret = seal(unseal(row.secret, UNBOUND), f"systems_webhook.secret:{row.pk}")
        row.save(update_fields=["secret"])


class Migration(migrations.Migration):
    dependencies = [("systems", "0001_initial"), ("accounts", "0004_bound_secrets")]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
