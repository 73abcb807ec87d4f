"""URLs of the account pages.

They are ours, and those of allauth that work without self-registration and e-mail.
"""

from __future__ import annotations

from allauth.account import urls as allauth_account
from django.urls import URLPattern, URLResolver, include, path

from kerege.core.admin.accounts import address_views, agency_views, session_views, sign_in_views, user_views

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
        path("demo/", sign_in_views.demo_sign_in, name="demo"),
        path("start/", sign_in_views.start, name="start"),
        path("stay/", sign_in_views.stay, name="stay"),
        path("agency/", sign_in_views.choose_agency, name="agency"),
        path("confirm/", sign_in_views.step_up, name="step-up"),
        path("address/", address_views.own_address, name="address"),
        path("address/confirm/", address_views.confirm_address, name="confirm-address"),
        path("users/", user_views.users, name="users"),
        path("users/<uuid:pk>/", user_views.change, name="user"),
        path("users/<uuid:pk>/access/", user_views.rights, name="rights"),
        path("users/<uuid:pk>/end-sessions/", user_views.end_sessions, name="end-sessions"),
        path("role-requests/", user_views.role_requests, name="role-requests"),
        path("access-review/", user_views.access_review, name="access-review"),
        path("end-session/", session_views.end_one, name="end-session"),
        path("agencies/", user_views.agencies, name="agencies"),
        path("agencies/<uuid:agency>/", agency_views.edit, name="edit-agency"),
        path("agencies/<uuid:agency>/move/", agency_views.move, name="move-agency"),
        path("agencies/<uuid:agency>/close/", agency_views.close, name="close-agency"),
        path("invitation/", sign_in_views.invitation, name="invitation"),
        path("language/", sign_in_views.set_language, name="language"),
    ],
    "accounts",
)
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(ours)),
    # replaces allauth's page, on which a user without a password could set one without the administrator
    path("password/set/", sign_in_views.no_password, name="account_set_password"),
    *(pattern for pattern in allauth_account.urlpatterns if pattern.name in KEPT),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", session_views.own_sessions, name="usersessions_list"),
]
