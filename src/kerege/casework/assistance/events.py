"""The signals of the assistance room, sent inside the transaction of the act: an error in a receiver undoes it."""

from __future__ import annotations

from django.dispatch import Signal

# actor, consent, on: a consent is refused or withdrawn from this day; answers with the number of shares closed
consent_withdrawn = Signal()
# record_ids: these records belong to another agency now
cases_transferred = Signal()
