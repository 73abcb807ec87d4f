"""Receivers that record sign-ins and changes of credentials in the audit log.

After a key rotation they re-encrypt second-factor secrets. After a migration they install the triggers on roles.
"""

from __future__ import annotations

from allauth.account.signals import authentication_step_completed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.apps import apps
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_migrate, pre_migrate, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from kerege.core.accounts import invitations, recovery_codes, role_triggers, sealed_secrets, sign_in_events
from kerege.core.accounts.events import collect_agency_work
from kerege.core.accounts.models import Agency, PastRole, RoleAssignment, User
from kerege.core.accounts.open_work import OpenWork
from kerege.core.security.key_events import SealedValues, collect_sealed, keys_rotated, values_resealed

recovery_codes.read_rows_of_allauth()
user_logged_in.connect(sign_in_events.signed_in, weak=False, dispatch_uid="accounts.signed_in")
user_logged_out.connect(sign_in_events.signed_out, weak=False, dispatch_uid="accounts.signed_out")
user_login_failed.connect(sign_in_events.failed, weak=False, dispatch_uid="accounts.sign_in_failed")
authentication_step_completed.connect(sign_in_events.step_completed, weak=False, dispatch_uid="accounts.step_completed")
for signal, name in ((password_changed, "changed"), (password_set, "set"), (password_reset, "reset")):
    signal.connect(sign_in_events.password_changed, weak=False, dispatch_uid=f"accounts.password_{name}")
password_reset.connect(invitations.accept, weak=False, dispatch_uid="accounts.accept_invitation")
authenticator_added.connect(sign_in_events.factor_added, weak=False, dispatch_uid="accounts.factor_added")
authenticator_reset.connect(sign_in_events.factor_added, weak=False, dispatch_uid="accounts.factor_reset")
authenticator_removed.connect(sign_in_events.factor_removed, weak=False, dispatch_uid="accounts.factor_removed")

pre_migrate.connect(
    role_triggers.drop_before, sender=apps.get_app_config("accounts"), dispatch_uid="accounts.drop_triggers"
)
post_migrate.connect(
    role_triggers.install_after, sender=apps.get_app_config("accounts"), dispatch_uid="accounts.install_triggers"
)


@receiver(keys_rotated, dispatch_uid="accounts.rewrap")
def rewrap(sender: object, purpose: str, **kwargs: object) -> int:
    """Re-encrypt second factors under a new key-encryption key; return the number of authenticators."""
    return sealed_secrets.rewrap() if purpose == "kek" else 0


@receiver(values_resealed, dispatch_uid="accounts.reseal")
def reseal(sender: object, **kwargs: object) -> int:
    """Encrypt second factors again with the current cipher; return the number of authenticators."""
    return sealed_secrets.rewrap()


@receiver(collect_sealed, dispatch_uid="accounts.sealed")
def count_sealed(sender: object, **kwargs: object) -> list[SealedValues]:
    """Return the number of second-factor secrets under each key."""
    counts = sealed_secrets.count_by_key()
    return [SealedValues.of("second factors", key_id, count, opens) for (key_id, opens), count in counts.items()]


@receiver(pre_save, sender=Authenticator, dispatch_uid="accounts.bind_secrets")
def bind_secrets(sender: object, instance: Authenticator, **kwargs: object) -> None:
    """Bind the secrets of an authenticator to its row; keep no seed of recovery codes."""
    recovery_codes.drop_seed(instance)
    sealed_secrets.bind(instance)


@receiver(post_delete, sender=RoleAssignment, dispatch_uid="accounts.keep_past_role")
def keep_past_role(sender: object, instance: RoleAssignment, origin: object = None, **kwargs: object) -> None:
    """Keep a role that ends, unless the account itself is deleted."""
    if not isinstance(origin, User):
        PastRole.objects.create(
            user_id=instance.user_id, agency_id=instance.agency_id, role=instance.role, since=instance.since
        )


@receiver(collect_agency_work, dispatch_uid="accounts.agency_work")
def list_work_of_agency(sender: object, agency: Agency, **kwargs: object) -> list[OpenWork]:
    """Return the agencies below an agency, and its users."""
    users = User.objects.filter(is_active=True, assignments__agency=agency).distinct().count()
    below = Agency.objects.filter(parent=agency, closed_on=None).count()
    return [
        OpenWork(_("agencies below it"), below, _("Move them below another agency, or close them.")),
        OpenWork(_("users"), users, _("Move those who go on working. The roles of the others end."), blocks=False),
    ]
