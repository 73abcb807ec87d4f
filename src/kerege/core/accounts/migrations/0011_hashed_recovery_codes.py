"""Recovery codes are stored as password hashes: until now an encrypted seed gave all of them.

An earlier form of this migration computed the ten hashes of every user in one transaction: 47 minutes for 1,000 users,
in which nobody else could write. Now the worker does it (`recovery_codes.hash_seeds`), and the seeds work until then.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_forbidden_roles"), ("mfa", "0003_authenticator_type_uniq")]

    operations = []
