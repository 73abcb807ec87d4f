"""The users of stored names become makers and registrars; a user has one answer to a pair."""

from django.db import migrations
from django.utils import timezone


def fill_makers(apps, schema_editor):
    """Find the user of every stored name."""
    merges = apps.get_model("persons", "Merge").objects
    for pk, name in list(apps.get_model("accounts", "User").objects.values_list("pk", "username")):
        merges.filter(maker=None, made_by=f"user:{name}").update(maker=pk)


def fill_registrars(apps, schema_editor):
    """Set the registrar of pairs whose two records one user registered."""
    firsts = apps.get_model("vault", "IdentityVersion").objects.filter(number=1, author__isnull=False)
    authors = dict(firsts.values_list("record", "author"))
    pairs = apps.get_model("persons", "MatchCandidate").objects
    for pk, left, right in list(pairs.values_list("pk", "left", "right")):
        if left in authors and authors[left] == authors.get(right):
            pairs.filter(pk=pk).update(registrar=authors[left])


def withdraw_second_answers(apps, schema_editor):
    """Withdraw the later of two answers that a user gave to one pair under two names."""
    reviews, answered = apps.get_model("persons", "PairReview").objects, set()
    for row in list(reviews.filter(withdrawn_at=None, reviewer__isnull=False).order_by("at", "pk")):
        if (row.candidate_id, row.reviewer_id) in answered:
            reviews.filter(pk=row.pk).update(withdrawn_at=timezone.now())
        answered.add((row.candidate_id, row.reviewer_id))


class Migration(migrations.Migration):
    dependencies = [("persons", "0006_reviewers"), ("vault", "0004_fill_authors")]

    operations = [
        migrations.RunPython(fill_makers, migrations.RunPython.noop),
        migrations.RunPython(fill_registrars, migrations.RunPython.noop),
        migrations.RunPython(withdraw_second_answers, migrations.RunPython.noop),
    ]
