"""URL of the public page of the law."""

from __future__ import annotations

from django.urls import path

from kerege.core.admin.law import views
from kerege.core.pages.public_host import PUBLIC_LAW

app_name = PUBLIC_LAW
urlpatterns = [path("law/", views.show_public_law, name="law")]
