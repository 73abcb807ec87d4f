"""Driver of `test_core_recovery_codes.py`: fills an older database, upgrades it, and checks it.

    python benchmarks/proofs/upgrade_driver.py USERS SEED CODE

DATABASE_URL and KEREGE_HOME name an empty database and an empty home folder. SEED is a seed of allauth, and CODE the
second code that it computed from it.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime

from kerege.cli.load_django import setup

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def fill(users: int, seed: str) -> None:
    """Migrate every app to its first state, as version 0.1 left it, and store rows.

    These are users with both factors, the second factor of the last one torn, and an approval of a disposal.
    """
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from kerege.core.accounts.sealed_secrets import seal

    executor = MigrationExecutor(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("kerege.")}
    firsts = [node for node in executor.loader.graph.nodes if node[1] == "0001_initial" and node[0] in ours]
    model_of = executor.migrate([*firsts, ("mfa", "0003_authenticator_type_uniq")]).apps.get_model
    user_model, factor = model_of("accounts", "User"), model_of("mfa", "Authenticator")
    names = [f"user{number}" for number in range(users)]
    user_model.objects.bulk_create([user_model(username=name, full_name="x", password="!") for name in names])
    rows = []
    for user in user_model.objects.order_by("username"):
        rows.append(factor(user=user, type="totp", data={"secret": seal("ABCDEFGH")}, created_at=NOW))
        codes = {"seed": seal(seed), "used_mask": 1}
        rows.append(factor(user=user, type="recovery_codes", data=codes, created_at=NOW))
    rows[-1].data["seed"] = rows[-1].data["seed"][:-8]
    factor.objects.bulk_create(rows)
    model_of("cases", "RetentionApproval").objects.create(
        kind="signal", due_until=date(2026, 1, 1), found=1, approved_at=NOW, approved_by="user:user0"
    )


def upgrade() -> float:
    """Migrate to the newest state; return the seconds."""
    from django.core.management import call_command

    began = time.perf_counter()
    call_command("migrate", verbosity=0, interactive=False)
    return time.perf_counter() - began


def describe(code: str) -> dict[str, object]:
    """Return what became of the rows."""
    from allauth.mfa.models import Authenticator

    from kerege.casework.cases.models.records import RetentionApproval
    from kerege.core.accounts import recovery_codes, sealed_secrets
    from kerege.core.audit.models import AuditEvent

    totp = Authenticator.objects.filter(type="totp")
    codes = Authenticator.objects.filter(type="recovery_codes").order_by("pk")
    first, *_others, torn = codes
    accepts = [recovery_codes.RecoveryCodes(first).validate_code(code) for _ in range(2)]
    hashed = recovery_codes.hash_seeds(limit=2)
    return {
        "bound": sum(sealed_secrets.opens(row.data["secret"], sealed_secrets.place_of(row, "secret")) for row in totp),
        "codes": [len(recovery_codes.list_unused(row)) for row in codes],
        "accepts": accepts,
        "hashed": hashed,
        "old_hashes": len(Authenticator.objects.get(pk=first.pk).data.get("old_hashes", [])),
        "torn": bool(recovery_codes.list_unused(torn)),
        "unreadable": AuditEvent.objects.filter(action="accounts.unreadable_factor").count(),
        "open_approvals": RetentionApproval.objects.filter(run_at=None).count(),
        "ended_by": list(RetentionApproval.objects.values_list("run_by", "removed", "originator")),
    }


if __name__ == "__main__":
    setup()
    fill(int(sys.argv[1]), sys.argv[2])
    seconds = upgrade()
    print(json.dumps(describe(sys.argv[3]) | {"seconds": seconds}))
