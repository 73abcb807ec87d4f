"""Addresses of files, legal holds, erasure, retention and the statement of who saw a record."""

from __future__ import annotations

from django.urls import path

from kerege.casework.cases.views import files, history, keeping, retention

KEEPING = [
    path("work/cases/<uuid:pk>/files/add/", files.add, name="file-add"),
    path("work/files/<uuid:pk>/", files.download, name="file"),
    path("work/files/<uuid:pk>/remove/", files.remove, name="file-remove"),
    path("work/files/<uuid:pk>/put-back/", files.put_back, name="file-put-back"),
    path("work/files/<uuid:pk>/receipt/", files.receipt, name="file-receipt"),
    path("work/cases/<uuid:pk>/hold/", keeping.hold, name="hold"),
    path("work/holds/<uuid:pk>/end/", keeping.end_hold, name="hold-end"),
    path("work/cases/<uuid:pk>/erasure/", keeping.ask, name="erasure-ask"),
    path("work/erasures/", keeping.erasures, name="erasures"),
    path("work/erasures/<uuid:pk>/", keeping.decide_erasure, name="erasure"),
    path("work/erasures/<uuid:pk>/withdraw/", keeping.withdraw, name="erasure-withdraw"),
    path("work/erasures/<uuid:pk>/receipt/", keeping.erasure_receipt, name="erasure-receipt"),
    path("work/cases/<uuid:pk>/seen/", history.statement, name="seen"),
    path("work/retention/", retention.page, name="retention"),
    path("work/retention/approve/", retention.approve, name="retention-approve"),
]
