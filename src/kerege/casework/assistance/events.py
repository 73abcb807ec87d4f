"""Signals of the assistance app, sent inside the transaction: an error in a receiver rolls it back."""

from __future__ import annotations

from django.dispatch import Signal

# actor, consent, on: the consent is refused or withdrawn from this day; a receiver returns how many shares it closed
consent_withdrawn = Signal()
# record_ids: the identity records that another agency owns from now on
cases_transferred = Signal()
# case -> whether the person counts as a child although no age says so
collect_presumed_children = Signal()
# case -> whether everyone recorded as the guardian has a conflict of interest
collect_unfit_guardians = Signal()
