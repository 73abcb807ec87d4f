"""Addresses of the account pages: ours, and those of allauth that make sense without self sign-up and mail."""

from __future__ import annotations

from allauth.account import urls as allauth_account
from django.urls import URLPattern, URLResolver, include, path

from kerege.core.accounts import sessions, users, views

KEPT = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
ours = (
    [
        path("demo/", views.demo_sign_in, name="demo"),
        path("start/", views.start, name="start"),
        path("stay/", views.stay, name="stay"),
        path("agency/", views.choose_agency, name="agency"),
        path("confirm/", views.step_up, name="step-up"),
        path("users/", users.users, name="users"),
        path("users/<uuid:pk>/", users.change, name="user"),
        path("users/<uuid:pk>/access/", users.rights, name="rights"),
        path("users/<uuid:pk>/end-sessions/", users.end_sessions, name="end-sessions"),
        path("end-session/", sessions.end_one, name="end-session"),
        path("agencies/", users.agencies, name="agencies"),
        path("language/", views.set_language, name="language"),
    ],
    "accounts",
)
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(ours)),
    # allauth leads a user without a password here; its own page would let them choose one without the administrator
    path("password/set/", views.no_password, name="account_set_password"),
    *(pattern for pattern in allauth_account.urlpatterns if pattern.name in KEPT),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
