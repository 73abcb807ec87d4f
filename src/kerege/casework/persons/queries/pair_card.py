"""The card of a pair: as much of two records as is needed to tell whether they are one person, and nothing else.

Names, birth, gender, citizenship and language as they were told; of documents and telephones only whether one is the
same. No agency, no reference, no case, no score. A coordinator reads no identity elsewhere; here she reads two at a
time, each with its trace, and only while she is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kerege.casework.cases.identity_mapping import written
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.queries.review_queue import work_items
from kerege.casework.persons.services.unmerge import version
from kerege.casework.vault.identity import Identity, normal_number
from kerege.casework.vault.queries.candidate_search import open_many
from kerege.casework.vault.queries.masking import HIDDEN
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class Line:
    """One field of both; `agrees` stands only where the values themselves are not shown (numbers)."""

    field: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    agrees: bool | None = None


@dataclass(frozen=True)
class PairCard:
    """Two records side by side without score, agency, reference or form of exploitation."""

    candidate: MatchCandidate
    lines: list[Line]


def pair_card(actor: Actor, candidate: MatchCandidate) -> PairCard:
    """The card, for somebody who may answer now; the read of both identities is noted in the audited page or act.

    Raises Denied for anybody else.
    """
    authorization.require(actor, "persons.review", candidate)
    if not work_items(actor).filter(pk=candidate.pk).exists():
        raise authorization.Denied("persons.review", f"match:{candidate.pk}", hidden=True)
    audit.note(identities=[str(candidate.left_id), str(candidate.right_id)], match=str(candidate.pk))
    opened = open_many([candidate.left_id, candidate.right_id])
    values = {pk: row.identity for pk, row in opened.items()} | _before_merge(candidate)
    empty = Identity()
    return PairCard(candidate, compared(*(values.get(pk, empty) for pk in (candidate.left_id, candidate.right_id))))


def _before_merge(candidate: MatchCandidate) -> dict[UUID, Identity]:
    """The surviving record of a merge as it was: since then it holds the values of both, and always agrees."""
    rows = Merge.objects.filter(candidate=candidate, kind=Merge.Kind.MERGE, undone_at=None)
    with session_scope.beyond(
        "the journal of a merge is sealed under the key of a record; the rules said who is asked"
    ):
        merge = rows.select_related("journal__data_key", "kept__data_key").first()
        if merge is None:
            return {}
        return {merge.kept_id: version(merge.kept, open_text(merge.journal)["kept_version"])}


def compared(left: Identity, right: Identity) -> list[Line]:
    """The lines of two identities, without those of which neither tells anything."""
    lines = [
        _line("names", names(left), names(right)),
        _line("birth_date", _one(left.get("birth_date", "")), _one(right.get("birth_date", ""))),
        _line("gender", _coded(left.get("gender", ""), "gender"), _coded(right.get("gender", ""), "gender")),
        _line("citizenships", _codes(left, "citizenships"), _codes(right, "citizenships")),
        _line("languages", _codes(left, "languages"), _codes(right, "languages")),
        _numbers("documents", _papers(left), _papers(right), _held(left), _held(right)),
        _numbers("phones", (), (), _phones(left), _phones(right)),
    ]
    return [line for line in lines if line.left or line.right or line.agrees is not None]


def _line(name: str, left: tuple[str, ...], right: tuple[str, ...]) -> Line:
    return Line(name, str(FIELDS[name]), left, right)


def _numbers(name: str, left: tuple[str, ...], right: tuple[str, ...], one: set[str], two: set[str]) -> Line:
    agrees = bool(one & two) if one and two else None
    return Line(name, str(FIELDS[name]), left, right, agrees)


def names(identity: Identity) -> tuple[str, ...]:
    """Every name in one line each, the main ones first."""
    rows = sorted(identity.get("names", []), key=lambda name: name.get("kind", "main") != "main")
    return tuple(text for name in rows if (text := written(name)))


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _coded(value: str, list_name: str) -> tuple[str, ...]:
    return (code(value, list_name),) if value else ()


def _codes(identity: Identity, name: str) -> tuple[str, ...]:
    list_name = {"citizenships": "country", "languages": "language"}[name]
    values: Iterable[str] = identity.get(name, [])  # type: ignore[assignment]
    return tuple(code(value, list_name) for value in values)


def _papers(identity: Identity) -> tuple[str, ...]:
    """Which documents there are, and of which country: never a number."""
    found = []
    for paper in identity.get("documents", []):
        kind, country = paper.get("kind", ""), paper.get("country", "")
        parts = [code(kind, "document_kind") if kind else "", code(country, "country") if country else ""]
        found.append(", ".join(filter(None, parts)) or HIDDEN)
    return tuple(found)


def _held(identity: Identity) -> set[str]:
    return {number for paper in identity.get("documents", []) if (number := normal_number(paper.get("number", "")))}


def _phones(identity: Identity) -> set[str]:
    return {digits[-10:] for text in identity.get("phones", []) if (digits := "".join(filter(str.isdigit, text)))}
