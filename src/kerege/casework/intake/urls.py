"""Addresses of signals."""

from __future__ import annotations

from django.urls import path

from kerege.casework.intake import views

app_name = "intake"
urlpatterns = [
    path("work/signals/", views.signal_list, name="signal-list"),
    path("work/signals/new/", views.new_signal, name="new-signal"),
    path("work/signals/<uuid:pk>/", views.signal, name="signal"),
    path("work/signals/<uuid:pk>/close/", views.close, name="close"),
    path("work/signals/<uuid:pk>/case/", views.open_case, name="open-case"),
]
