"""Addresses at which releases are composed and approved."""

from __future__ import annotations

from django.urls import path

from kerege.publishing import compose_views, records_views, staff_views

app_name = "releases"
ONE = "work/releases/<int:pk>"
urlpatterns = [
    path("work/releases/", staff_views.every, name="list"),
    path("work/releases/new/", compose_views.new, name="new"),
    path("work/releases/freeze/", compose_views.freeze, name="freeze"),
    path("work/releases/deputies/", staff_views.deputies, name="deputies"),
    path("work/releases/deputies/<int:pk>/end/", staff_views.end_deputy, name="end-deputy"),
    path(f"{ONE}/", staff_views.release, name="release"),
    path(f"{ONE}/about/", compose_views.about, name="about"),
    path(f"{ONE}/data/", compose_views.data, name="data"),
    path(f"{ONE}/tables/", compose_views.tables, name="tables"),
    path(f"{ONE}/table/", compose_views.table, name="add-table"),
    path(f"{ONE}/table/<slug:table>/", compose_views.table, name="table"),
    path(f"{ONE}/table/<slug:table>/remove/", compose_views.remove_table, name="remove-table"),
    path(f"{ONE}/microdata/", records_views.edit, name="add-records"),
    path(f"{ONE}/microdata/<slug:records>/", records_views.edit, name="records"),
    path(f"{ONE}/microdata/<slug:records>/remove/", records_views.remove, name="remove-records"),
    path(f"{ONE}/microdata/<slug:records>/evaluation.html", records_views.evaluation, name="evaluation"),
    path(f"{ONE}/microdata/<slug:records>/<slug:kind>/", records_views.file, name="records-file"),
    path(f"{ONE}/prediction/<slug:unit>/", records_views.prediction, name="prediction"),
    path(f"{ONE}/text/", compose_views.text, name="text"),
    path(f"{ONE}/discard/", compose_views.discard, name="discard"),
    path(f"{ONE}/check/", staff_views.check, name="check"),
    path(f"{ONE}/check-here/", staff_views.check_here, name="check-here"),
    path(f"{ONE}/safe/", staff_views.take_safe, name="safe"),
    path(f"{ONE}/tables/<slug:table>.csv", staff_views.table_file, name="table-file"),
    path(f"{ONE}/approve/", staff_views.approve, name="approve"),
    path(f"{ONE}/sign/", staff_views.sign, name="sign"),
    path(f"{ONE}/take-back/", staff_views.take_back, name="take-back"),
    path(f"{ONE}/correct/", staff_views.correct, name="correct"),
    path(f"{ONE}/withdraw/", staff_views.withdraw, name="withdraw"),
]
