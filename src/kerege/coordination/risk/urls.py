"""URLs of the regional risk assessment."""

from __future__ import annotations

from django.urls import path

from kerege.coordination.risk import views

app_name = "risk"
urlpatterns = [
    path("work/risk/", views.list_rounds, name="rounds"),
    path("work/risk/new/", views.new_round, name="new"),
    path("work/risk/<uuid:pk>/", views.show_round, name="round"),
    path("work/risk/<uuid:pk>/factor/", views.add_factor, name="factor"),
    path("work/risk/<uuid:pk>/population/", views.set_population, name="population"),
    path("work/risk/<uuid:pk>/file/", views.download, name="file"),
    path("work/risk/factors/<uuid:pk>/", views.set_values, name="values"),
    path("work/risk/commissions/<uuid:pk>/", views.judge, name="judge"),
]
