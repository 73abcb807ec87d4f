"""URLs of the pages of the law for staff."""

from __future__ import annotations

from django.urls import path

from kerege.core.admin.law import correction_views, views

app_name = "law"
urlpatterns = [
    path("work/law/", views.show_law, name="law"),
    path("work/law/correct/", correction_views.correct, name="correct"),
    path("work/law/confirm/", views.confirm, name="confirm"),
]
