"""URLs of the page of connected systems."""

from __future__ import annotations

from django.urls import path

from kerege.core.integrations import views

app_name = "systems"
urlpatterns = [
    path("account/systems/", views.tokens, name="tokens"),
    path("account/systems/webhooks/", views.webhooks, name="webhooks"),
    path("account/systems/tokens/<uuid:token>/end/", views.revoke, name="revoke"),
    path("account/systems/tokens/<uuid:token>/confirm/", views.confirm, name="confirm"),
    path("account/systems/webhooks/<uuid:webhook>/end/", views.stop, name="stop"),
    path("account/systems/webhooks/<uuid:webhook>/secret/", views.renew_secret, name="renew-secret"),
    path("account/systems/deliveries/<uuid:delivery>/again/", views.redeliver, name="redeliver"),
]
