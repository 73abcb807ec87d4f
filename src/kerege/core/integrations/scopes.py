"""Scopes of tokens and events of webhooks. The authorization rules treat each scope as a role."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "api:signals": _("Send signals and follow their outcome"),
    "api:inbox": _("See which signals are in the agency's inbox, without their content"),
    "api:referrals": _("Read, answer and send referrals of the agency"),
    "api:records": _("Import records of the agency (HTCDS)"),
    "api:export": _("Export records of the agency without identity (HTCDS)"),
}
# they read or change records of persons: nobody gives one alone
SECOND_PERSON = frozenset({"api:referrals", "api:records", "api:export"})
EVENTS = {
    "signal.received": _("A signal came into the agency's inbox"),
    "signal.state": _("The state of a signal that the agency sent has changed"),
    "referral.sent": _("A referral came into the agency's inbox"),
    "referral.state": _("The state of a referral that the agency sent or received has changed"),
    "records.imported": _("Records of the agency were imported"),
}
