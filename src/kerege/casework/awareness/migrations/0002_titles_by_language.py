"""Themes of campaigns are stored by language."""

from __future__ import annotations

from django.db import migrations, models

import kerege.core.database.fields

LANGUAGES = ("kk", "ru", "en")


def join_titles(apps, schema_editor):
    """Fill the titles from the three columns; an empty title stays away."""
    campaign = apps.get_model("awareness", "Campaign")
    for row in list(campaign.objects.all()):
        titles = {language: getattr(row, f"title_{language}") for language in LANGUAGES}
        row.titles = {language: title for language, title in titles.items() if title}
        row.save(update_fields=["titles"])


def part_titles(apps, schema_editor):
    """Fill the three columns from the titles; a missing language has another one."""
    campaign = apps.get_model("awareness", "Campaign")
    for row in list(campaign.objects.all()):
        other = row.titles.get("en") or next(iter(row.titles.values()), "")
        for language in LANGUAGES:
            setattr(row, f"title_{language}", row.titles.get(language, other))
        row.save(update_fields=[f"title_{language}" for language in LANGUAGES])


class Migration(migrations.Migration):
    """Put `titles` in the place of `title_kk`, `title_ru` and `title_en`."""

    dependencies = [("awareness", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="titles",
            field=kerege.core.database.fields.TextsField(default=dict),
            preserve_default=False,
        ),
        *(
            migrations.AlterField("campaign", f"title_{language}", models.CharField(max_length=200, default=""))
            for language in LANGUAGES
        ),
        migrations.RunPython(join_titles, part_titles),
        *(migrations.RemoveField("campaign", f"title_{language}") for language in LANGUAGES),
    ]
