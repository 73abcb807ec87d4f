"""URLs of cases. They contain random ids and no personal data."""

from __future__ import annotations

from django.urls import path

from kerege.casework.cases.records_urls import RECORDS_URLS
from kerege.casework.cases.views import (
    approvals,
    case,
    changes,
    closing,
    delegation,
    emergency_access,
    identity,
    lists,
    notices,
    registration,
    tasks,
)

app_name = "cases"
urlpatterns = [
    path("work/cases/", lists.case_list, name="list"),
    path("work/search/", lists.search, name="search"),
    path("work/register/", registration.register, name="register"),
    path("work/cases/<uuid:pk>/", case.case_page, name="case"),
    path("work/cases/<uuid:pk>/reveal/", case.reveal, name="reveal"),
    path("work/emergency/", emergency_access.declare, name="emergency-open"),
    path("work/emergencies/", emergency_access.queue, name="emergencies"),
    path("work/emergencies/<uuid:pk>/", emergency_access.review, name="emergency"),
    path("work/emergencies/<uuid:pk>/end/", emergency_access.end, name="emergency-end"),
    path("work/cases/<uuid:pk>/person/", identity.edit_identity, name="edit-identity"),
    path("work/cases/<uuid:pk>/exploitation/", changes.exploitation, name="exploitation"),
    path("work/cases/<uuid:pk>/exploitation/<uuid:episode>/", changes.exploitation, name="exploitation-change"),
    path("work/cases/<uuid:pk>/decide/", changes.decide, name="decide"),
    path("work/cases/<uuid:pk>/note/", changes.note, name="note"),
    path("work/cases/<uuid:pk>/task/", tasks.task, name="task"),
    path("work/cases/<uuid:pk>/move/", closing.move, name="move"),
    path("work/cases/<uuid:pk>/close/", closing.close, name="close"),
    path("work/cases/<uuid:pk>/reopen/", closing.reopen, name="reopen"),
    path("work/cases/<uuid:pk>/assign/", closing.assign, name="assign"),
    path("work/tasks/", tasks.task_list, name="tasks"),
    path("work/tasks/new/", tasks.task_new, name="task-new"),
    path("work/tasks/<uuid:pk>/", tasks.task_edit, name="task-edit"),
    path("work/notices/<uuid:pk>/", notices.notice, name="notice"),
    path("work/tasks/<uuid:pk>/done/", tasks.task_done, name="task-done"),
    path("work/tasks/<uuid:pk>/undo/", tasks.task_undo, name="task-undo"),
    path("work/approvals/", approvals.approval_list, name="approvals"),
    path("work/approvals/<uuid:pk>/", approvals.approval, name="approval"),
    path("work/away/", delegation.covers, name="covers"),
    path("work/away/<uuid:pk>/end/", delegation.cover_end, name="cover-end"),
    path("work/reassign/", delegation.reassign, name="reassign"),
    path("work/reassign/<uuid:pk>/undo/", delegation.undo_reassignment, name="undo-reassignment"),
    *RECORDS_URLS,
]
