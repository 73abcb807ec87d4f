"""Records sign-ins, sign-outs and failed attempts in the audit."""

from __future__ import annotations

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from kerege.core.accounts import secrets, trace  # noqa: F401

user_logged_in.connect(trace.signed_in, weak=False, dispatch_uid="accounts.signed_in")
user_logged_out.connect(trace.signed_out, weak=False, dispatch_uid="accounts.signed_out")
user_login_failed.connect(trace.failed, weak=False, dispatch_uid="accounts.sign_in_failed")
