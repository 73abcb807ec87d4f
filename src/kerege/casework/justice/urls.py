"""Addresses of justice officers."""

from __future__ import annotations

from django.urls import path

from kerege.casework.justice import views

app_name = "justice"
urlpatterns = [
    path("work/crimes/", views.crime_list, name="crime-list"),
    path("work/crimes/new/", views.record, name="record"),
    path("work/crimes/<uuid:pk>/", views.crime, name="crime"),
]
