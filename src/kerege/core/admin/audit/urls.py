"""URLs of the auditor's pages."""

from __future__ import annotations

from django.urls import path

from kerege.core.admin.audit import views

app_name = "audit"
urlpatterns = [
    path("work/audit/", views.audit_log_page, name="trail"),
    path("work/audit/export/", views.export, name="export"),
]
