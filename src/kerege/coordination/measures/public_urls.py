"""URLs of the public pages of the plan of measures."""

from __future__ import annotations

from django.urls import path

from kerege.coordination.measures.views import public
from kerege.core.pages.public_host import PUBLIC_PLAN

app_name = PUBLIC_PLAN
urlpatterns = [
    path("plan/", public.list_summaries, name="list"),
    path("plan/<uuid:plan_id>/<slug:half_year>/", public.show_summary, name="summary"),
    path("plan/<uuid:plan_id>/<slug:half_year>/plan.json", public.summary_json, name="json"),
    path("plan/<uuid:plan_id>/<slug:half_year>/plan.csv", public.summary_csv, name="csv"),
]
