"""Open work, which others take over before an agency closes or a user leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.utils.functional import Promise

from kerege.core.accounts.events import collect_agency_work, collect_user_work
from kerege.core.accounts.models import Agency, User
from kerege.core.answers import collect_answers
from kerege.core.authorization import session_scope


@dataclass(frozen=True)
class OpenWork:
    """A kind of open work: how much there is, and the step that leaves none.

    Work that does not block a closing ends with it.
    """

    label: str | Promise
    count: int
    todo: str | Promise
    blocks: bool = True


def list_agency_work(agency: Agency) -> list[OpenWork]:
    """Return the open work of an agency, kind by kind, without the kinds that have none."""
    with session_scope.bypass_row_security("an administrator sees how much work is open, and no record"):
        return _some(collect_answers(collect_agency_work, Agency, agency=agency))


def blocks_closing(work: Iterable[OpenWork]) -> bool:
    """Return whether an agency with this open work cannot close yet."""
    return any(line.blocks for line in work)


def list_user_work(user: User, agency: Agency) -> list[OpenWork]:
    """Return the open work of a user in an agency, kind by kind, without the kinds that have none."""
    with session_scope.bypass_row_security("an administrator sees how much work is open, and no record"):
        return _some(collect_answers(collect_user_work, User, user=user, agency=agency))


def _some(answers: list[list[OpenWork]]) -> list[OpenWork]:
    return [work for work in chain.from_iterable(answers) if work.count]
