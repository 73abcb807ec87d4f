from django.db import migrations, models

from kerege.core.access import wall


def one_cyrillic(apps, schema_editor):
    """Which Cyrillic letters a name has says nothing of its language: Uzbek names counted as Kazakh."""
    with wall.beyond("a group of the quality board is named anew; no row is read"):
        apps.get_model("persons", "MatchCandidate").objects.filter(script="kazakh").update(script="cyrillic")


class Migration(migrations.Migration):
    dependencies = [("persons", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="matchcandidate", name="language", field=models.CharField(blank=True, max_length=10)
        ),
        migrations.RunPython(one_cyrillic, migrations.RunPython.noop),
    ]
