"""The users of stored names become the authors."""

from django.db import migrations


def fill_authors(apps, schema_editor):
    """Find the user of every stored name."""
    versions = apps.get_model("vault", "IdentityVersion").objects
    for pk, name in list(apps.get_model("accounts", "User").objects.values_list("pk", "username")):
        versions.filter(author=None, created_by=f"user:{name}").update(author=pk)


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_authors")]

    operations = [migrations.RunPython(fill_authors, migrations.RunPython.noop)]
