"""Where a working day begins."""

from __future__ import annotations

from django.urls import path

from kerege.casework.desk import views

app_name = "desk"
urlpatterns = [path("work/", views.home, name="home")]
