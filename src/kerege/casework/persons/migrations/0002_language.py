from django.db import migrations, models

from kerege.core.authorization import session_scope


def one_cyrillic(apps, schema_editor):
    """Which Cyrillic letters a name has says nothing of its language: Uzbek names counted as Kazakh."""
    with session_scope.bypass_row_security("a group of the quality board is named anew; no row is read"):
        apps.get_model("persons", "MatchCandidate").objects.filter(script="kazakh").update(script="cyrillic")


def draw_earlier_ties(apps, schema_editor):
    """Ties of the machine and of one worker were not looked at again: those of before are drawn as new ones are."""
    with session_scope.bypass_row_security("ties are drawn by their number; no row is read"):
        pairs = apps.get_model("persons", "MatchCandidate").objects
        tied = pairs.filter(state__in=["same", "linked"], sample_answer="").values_list("pk", flat=True)
        for pk in [pk for pk in tied.iterator() if pk.int % 10 == 0]:
            pairs.filter(pk=pk).update(sampled=True)


class Migration(migrations.Migration):
    dependencies = [("persons", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="matchcandidate", name="language", field=models.CharField(blank=True, max_length=10)
        ),
        migrations.RunPython(one_cyrillic, migrations.RunPython.noop),
        migrations.RunPython(draw_earlier_ties, migrations.RunPython.noop),
    ]
