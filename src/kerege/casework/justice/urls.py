"""URLs of the justice app."""

from __future__ import annotations

from django.urls import path

from kerege.casework.justice import views

app_name = "justice"
urlpatterns = [
    path("work/crimes/", views.show_crimes, name="crime-list"),
    path("work/crimes/new/", views.record_crime, name="record"),
    path("work/crimes/figures/", views.show_figures, name="figures"),
    path("work/crimes/<uuid:pk>/", views.show_crime, name="crime"),
    *(path(f"work/crimes/<uuid:pk>/{what}/", views.save_step, {"what": what}, name=what) for what in views.STEPS),
    path("work/crimes/<uuid:pk>/unlink/<int:link>/", views.unlink_case, name="unlink"),
    path("work/protections/<uuid:pk>/", views.change_protection, name="change-protection"),
    path("work/protections/<uuid:pk>/breach/", views.record_breach, name="breach"),
    path("work/compensations/<uuid:pk>/", views.add_compensation_step, name="compensation-step"),
    path("work/compensations/<uuid:pk>/amounts/", views.change_compensation, name="change-compensation"),
    path("work/suspects/<uuid:pk>/", views.change_suspect, name="change-suspect"),
    path("work/hearings/<uuid:pk>/", views.change_hearing, name="change-hearing"),
]
