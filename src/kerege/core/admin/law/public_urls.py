"""URL of the public page of the law."""

from __future__ import annotations

from django.urls import path

from kerege.core.admin.law import views

app_name = "public-law"
urlpatterns = [path("law/", views.show_public_law, name="law")]
