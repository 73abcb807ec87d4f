"""Addresses of the staff pages of releases."""

from __future__ import annotations

from django.urls import path

from kerege.publishing.composer import announced_views, approval_views, board_views, microdata_views, views

app_name = "releases"
ONE = "work/releases/<int:pk>"
urlpatterns = [
    path("work/releases/", approval_views.list_releases, name="list"),
    path("work/releases/new/", views.new, name="new"),
    path("work/releases/prepare/", board_views.prepare, name="prepare"),
    path("work/releases/freeze/", views.freeze, name="freeze"),
    path("work/releases/deputies/", approval_views.deputies, name="deputies"),
    path("work/releases/deputies/<int:pk>/end/", approval_views.end_deputy, name="end-deputy"),
    path("work/releases/calendar/", announced_views.announced, name="announced"),
    path("work/releases/calendar/<int:pk>/", announced_views.move_announced, name="move-announced"),
    path(f"{ONE}/", approval_views.release, name="release"),
    path(f"{ONE}/about/", views.about, name="about"),
    path(f"{ONE}/data/", views.data, name="data"),
    path(f"{ONE}/tables/", views.tables, name="tables"),
    path(f"{ONE}/table/", views.table, name="add-table"),
    path(f"{ONE}/table/<slug:table>/", views.table, name="table"),
    path(f"{ONE}/table/<slug:table>/remove/", views.remove_table, name="remove-table"),
    path(f"{ONE}/table/<slug:table>/change/", views.change_table, name="change-table"),
    path(f"{ONE}/composition/<slug:unit>/", views.table_composition, name="composition"),
    path(f"{ONE}/microdata/", microdata_views.edit, name="add-records"),
    path(f"{ONE}/microdata/<slug:records>/", microdata_views.edit, name="records"),
    path(f"{ONE}/microdata/<slug:records>/remove/", microdata_views.remove, name="remove-records"),
    path(f"{ONE}/microdata/<slug:records>/evaluation.html", microdata_views.evaluation, name="evaluation"),
    path(f"{ONE}/microdata/<slug:records>/<slug:kind>/", microdata_views.file, name="records-file"),
    path(f"{ONE}/prediction/<slug:unit>/", microdata_views.prediction, name="prediction"),
    path(f"{ONE}/text/", views.text, name="text"),
    path(f"{ONE}/discard/", views.discard, name="discard"),
    path(f"{ONE}/check/", approval_views.check, name="check"),
    path(f"{ONE}/check-here/", approval_views.check_here, name="check-here"),
    path(f"{ONE}/safe/", approval_views.take_safe, name="safe"),
    path(f"{ONE}/tables/<slug:table>.csv", approval_views.table_file, name="table-file"),
    path(f"{ONE}/approve/", approval_views.approve, name="approve"),
    path(f"{ONE}/sign/", approval_views.sign, name="sign"),
    path(f"{ONE}/take-back/", approval_views.take_back, name="take-back"),
    path(f"{ONE}/correct/", approval_views.correct, name="correct"),
    path(f"{ONE}/withdraw/", approval_views.withdraw, name="withdraw"),
]
