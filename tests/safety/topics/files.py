"""Files, holds, requests to erase: what the pages of keeping need said of them (see first.py)."""

from __future__ import annotations

from typing import Any

SUBJECT = {
    "cases:file": "file",
    "cases:file-remove": "file",
    "cases:file-receipt": "file",
    "cases:file-put-back": "file",
    "cases:hold-end": "hold",
    "cases:erasure": "erasure",
    "cases:erasure-withdraw": "erasure",
    "cases:erasure-receipt": "erasure",
}
POST_ONLY = {"cases:file-put-back", "cases:hold-end", "cases:erasure-withdraw", "cases:retention-approve"}
READ_ONLY = {"cases:file", "cases:file-receipt", "cases:erasure-receipt", "cases:seen"}
# requests of every agency are decided by the coordinator, who sees neither case nor person
EVERYWHERE = {
    ("coordinator", "cases:erasure"),
    ("coordinator", "cases:erasure-receipt"),
    ("auditor", "cases:erasure-receipt"),
}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a file, a legal hold and an erasure request of the agency's case."""
    from kerege.casework.cases.services import attachments, erasure, legal_holds, registration
    from kerege.casework.cases.services.inputs import Registration
    from kerege.core.uploads import Cleaned
    from tests.safety.world import DAY, OPERATOR

    draft = attachments.FileDraft(Cleaned("pdf", b"%PDF"), "passport", DAY, words.note, words.note)
    over = registration.register(
        OPERATOR, Registration(own.agency, words.identity, DAY, status="closed", closed_on=DAY)
    )
    return {
        "file": attachments.add_file(OPERATOR, own.case, draft),
        "hold": legal_holds.place_hold(OPERATOR, own.case, "claim", words.note),
        "erasure": erasure.request_erasure(OPERATOR, over, "person_asked", DAY),
    }
