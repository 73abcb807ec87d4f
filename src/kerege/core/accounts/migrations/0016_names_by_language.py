"""Names of agencies are stored by language, and users may have any language of the country."""

from __future__ import annotations

from django.db import migrations, models

import kerege.core.database.fields
import kerege.vocabulary.languages

LANGUAGES = ("kk", "ru", "en")


def join_names(apps, schema_editor):
    """Fill the names from the three columns; an empty name stays away."""
    agency = apps.get_model("accounts", "Agency")
    for row in list(agency.objects.all()):
        names = {language: getattr(row, f"name_{language}") for language in LANGUAGES}
        row.names = {language: name for language, name in names.items() if name}
        row.save(update_fields=["names"])


def part_names(apps, schema_editor):
    """Fill the three columns from the names; a missing language has another one."""
    agency = apps.get_model("accounts", "Agency")
    for row in list(agency.objects.all()):
        other = row.names.get("en") or next(iter(row.names.values()), "")
        for language in LANGUAGES:
            setattr(row, f"name_{language}", row.names.get(language, other))
        row.save(update_fields=[f"name_{language}" for language in LANGUAGES])


class Migration(migrations.Migration):
    """Put `names` in the place of `name_kk`, `name_ru` and `name_en`."""

    dependencies = [("accounts", "0015_secretary")]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="names",
            field=kerege.core.database.fields.TextsField(default=dict),
            preserve_default=False,
        ),
        *(
            migrations.AlterField("agency", f"name_{language}", models.CharField(max_length=200, default=""))
            for language in LANGUAGES
        ),
        migrations.RunPython(join_names, part_names),
        *(migrations.RemoveField("agency", f"name_{language}") for language in LANGUAGES),
        migrations.AlterField(
            model_name="user",
            name="language",
            field=models.CharField(
                choices=kerege.vocabulary.languages.choices,
                default=kerege.vocabulary.languages.default,
                max_length=12,
                verbose_name="language",
            ),
        ),
    ]
