"""URLs of attachments, legal holds, erasure, retention and the access statement."""

from __future__ import annotations

from django.urls import path

from kerege.casework.cases.views import access_history, attachments, erasure, retention

RECORDS_URLS = [
    path("work/cases/<uuid:pk>/files/add/", attachments.add, name="file-add"),
    path("work/files/<uuid:pk>/", attachments.download, name="file"),
    path("work/files/<uuid:pk>/remove/", attachments.remove, name="file-remove"),
    path("work/files/<uuid:pk>/put-back/", attachments.put_back, name="file-put-back"),
    path("work/files/<uuid:pk>/receipt/", attachments.receipt, name="file-receipt"),
    path("work/cases/<uuid:pk>/hold/", erasure.hold, name="hold"),
    path("work/holds/<uuid:pk>/end/", erasure.end_hold, name="hold-end"),
    path("work/cases/<uuid:pk>/erasure/", erasure.ask, name="erasure-ask"),
    path("work/erasures/", erasure.erasures, name="erasures"),
    path("work/erasures/<uuid:pk>/", erasure.decide_erasure, name="erasure"),
    path("work/erasures/<uuid:pk>/withdraw/", erasure.withdraw, name="erasure-withdraw"),
    path("work/erasures/<uuid:pk>/receipt/", erasure.erasure_receipt, name="erasure-receipt"),
    path("work/cases/<uuid:pk>/seen/", access_history.statement, name="seen"),
    path("work/retention/", retention.page, name="retention"),
    path("work/retention/approve/", retention.approve, name="retention-approve"),
]
