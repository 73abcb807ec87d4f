"""Signals of the vault, sent inside the transaction of the change.

An error in a receiver rolls the change back.
"""

from __future__ import annotations

from django.dispatch import Signal

# identities of `record_ids` were stored or changed
identity_stored = Signal()
# the person of `record_ids` is being erased; receivers return the ids of further data keys about the person
person_erased = Signal()
