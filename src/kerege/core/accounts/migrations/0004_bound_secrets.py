"""Secrets of second factors are bound to their user and type: until now all had one value of associated data."""

from django.conf import settings
from django.db import migrations


def bind(apps, schema_editor):
    """Encrypt every secret again for its place. One that does not open stays: the audit log names its user."""
    from kerege.core.accounts.sealed_secrets import UNBOUND, UNREADABLE, record_unreadable, seal, unseal

    for row in apps.get_model("mfa", "Authenticator").objects.all().iterator():
        names = [name for name in ("secret", "seed") if str(row.data.get(name, "")).startswith("kek-")]
        for name in names:
            place = f"mfa_authenticator.data.{name}:{row.user_id}:{row.type}"
            try:
                row.data[name] = seal(unseal(row.data[name], UNBOUND), place)
            except UNREADABLE:
                record_unreadable(row.user_id, row.type)
            else:
                row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_attempts"),
        ("mfa", "0003_authenticator_type_uniq"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
