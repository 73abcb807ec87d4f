"""URLs of the plan of measures."""

from __future__ import annotations

from django.urls import path

from kerege.coordination.measures.views import measures, plans, publications, summaries

app_name = "measures"
urlpatterns = [
    path("work/measures/", plans.list_plans, name="plans"),
    path("work/measures/new/", plans.new_plan, name="new-plan"),
    path("work/measures/names/", plans.name_bodies, name="names"),
    path("work/measures/reports/", measures.list_own, name="own"),
    path("work/measures/reports/<uuid:pk>/", measures.decide_report, name="decide"),
    path("work/measures/bodies/<uuid:pk>/", measures.write_report, name="report"),
    path("work/measures/plans/<uuid:pk>/", plans.show_plan, name="plan"),
    path("work/measures/plans/<uuid:pk>/import/", plans.import_plan, name="import"),
    path("work/measures/plans/<uuid:pk>/summary/", summaries.show_summary, name="summary"),
    path("work/measures/plans/<uuid:pk>/summary/file/", summaries.download_summary, name="summary-file"),
    path("work/measures/plans/<uuid:pk>/publish/", publications.request_publication, name="publish"),
    path("work/measures/publications/<uuid:pk>/", publications.show_publication, name="publication"),
    path("work/measures/<uuid:pk>/", measures.show_measure, name="measure"),
    path("work/measures/<uuid:pk>/change/", measures.change_measure, name="change"),
]
