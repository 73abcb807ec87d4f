"""Recovery codes are stored as password hashes: until now an encrypted seed gave all of them."""

import hmac
import time

from django.contrib.auth.hashers import make_password
from django.db import migrations

COUNT, DIGITS = 10, 8


def codes_of(seed):
    """Return the codes that allauth computes from a seed."""
    mac, codes = hmac.new(seed.encode("ascii"), digestmod="sha1"), []
    for number in range(COUNT):
        mac.update(f"{number:3},".encode())
        value = int.from_bytes(mac.digest()[: DIGITS // 2], "big") % 10**DIGITS
        codes.append(str(value).zfill(DIGITS))
    return codes


def hash_codes(apps, schema_editor):
    """Hash the unused codes of every user, and delete the seed. The codes on paper stay valid.

    A seed that does not open in its row, for instance a copied one, gives no codes: the audit log names the user.
    """
    from kerege.core.accounts.sealed_secrets import UNREADABLE, record_unreadable, unseal

    for row in apps.get_model("mfa", "Authenticator").objects.filter(type="recovery_codes").iterator():
        if "seed" not in row.data:
            continue
        try:
            seed = unseal(row.data["seed"], f"mfa_authenticator.data.seed:{row.user_id}:{row.type}")
        except UNREADABLE:
            record_unreadable(row.user_id, row.type)
            row.data = {"hashes": {}}
            row.save(update_fields=["data"])
            continue
        used = row.data.get("used_mask", 0)
        old = [make_password(code) for number, code in enumerate(codes_of(seed)) if not used & (1 << number)]
        row.data = {"hashes": {}, "old_hashes": old, "viewed_at": row.data.get("viewed_at") or time.time()}
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_forbidden_roles"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(hash_codes, migrations.RunPython.noop)]
