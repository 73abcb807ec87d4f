"""Card of a candidate pair: the fields that a reviewer needs to decide, and nothing else.

It shows names, birth, gender, citizenship and language; of documents and telephones only whether a number agrees. It
shows no agency, reference, case or score. A coordinator reads identities only here: two at a time, each read audited,
and only while the pair waits for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kerege.casework.cases.identity_mapping import written
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.models import MatchCandidate, Merge
from kerege.casework.persons.queries.review_queue import work_items
from kerege.casework.persons.services.unmerge import version_values
from kerege.casework.vault.identity import Identity, normal_number
from kerege.casework.vault.queries.candidate_search import open_many
from kerege.casework.vault.queries.masking import HIDDEN
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class CardLine:
    """Field of both records. `agrees` is None except for numbers, whose values are not shown."""

    field: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    agrees: bool | None = None


@dataclass(frozen=True)
class PairCard:
    """Two records side by side, without score, agency, reference or form of exploitation."""

    candidate: MatchCandidate
    lines: list[CardLine]


def get_pair_card(actor: Actor, candidate: MatchCandidate) -> PairCard:
    """Return the card for an actor who may answer the pair now; the read is noted in the audit event.

    Raises Denied for every other actor.
    """
    authorization.require(actor, "persons.review", candidate)
    if not work_items(actor).filter(pk=candidate.pk).exists():
        raise authorization.Denied("persons.review", f"match:{candidate.pk}", hidden=True)
    audit.note(identities=[str(candidate.left_id), str(candidate.right_id)], match=str(candidate.pk))
    opened = open_many([candidate.left_id, candidate.right_id])
    values = {pk: row.identity for pk, row in opened.items()} | _values_before_merge(candidate)
    empty = Identity()
    return PairCard(
        candidate, compare_identities(*(values.get(pk, empty) for pk in (candidate.left_id, candidate.right_id)))
    )


def _values_before_merge(candidate: MatchCandidate) -> dict[UUID, Identity]:
    """Return the surviving record's values before a merge of the pair, by record id; {} without one.

    After the merge it holds the values of both records and would always agree.
    """
    rows = Merge.objects.filter(candidate=candidate, kind=Merge.Kind.MERGE, undone_at=None)
    with session_scope.bypass_row_security(
        "the key of another record encrypts the journal of a merge; the rules have authorised the reviewer"
    ):
        merge = rows.select_related("journal__data_key", "kept__data_key").first()
        if merge is None:
            return {}
        return {merge.kept_id: version_values(merge.kept, open_text(merge.journal)["kept_version"])}


def compare_identities(left: Identity, right: Identity) -> list[CardLine]:
    """Return the lines of two identities, without fields that are empty in both."""
    lines = [
        _text_line("names", name_lines(left), name_lines(right)),
        _text_line("birth_date", _as_tuple(left.get("birth_date", "")), _as_tuple(right.get("birth_date", ""))),
        _text_line(
            "gender", _code_label(left.get("gender", ""), "gender"), _code_label(right.get("gender", ""), "gender")
        ),
        _text_line("citizenships", _code_labels(left, "citizenships"), _code_labels(right, "citizenships")),
        _text_line("languages", _code_labels(left, "languages"), _code_labels(right, "languages")),
        _number_line(
            "documents",
            _document_labels(left),
            _document_labels(right),
            _document_numbers(left),
            _document_numbers(right),
        ),
        _number_line("phones", (), (), _phone_numbers(left), _phone_numbers(right)),
    ]
    return [line for line in lines if line.left or line.right or line.agrees is not None]


def _text_line(name: str, left: tuple[str, ...], right: tuple[str, ...]) -> CardLine:
    """Return a line of visible values."""
    return CardLine(name, str(FIELDS[name]), left, right)


def _number_line(
    name: str, left: tuple[str, ...], right: tuple[str, ...], left_numbers: set[str], right_numbers: set[str]
) -> CardLine:
    """Return a line whose numbers are compared and not shown."""
    agrees = bool(left_numbers & right_numbers) if left_numbers and right_numbers else None
    return CardLine(name, str(FIELDS[name]), left, right, agrees)


def name_lines(identity: Identity) -> tuple[str, ...]:
    """Return every name on one line, the main names first."""
    rows = sorted(identity.get("names", []), key=lambda name: name.get("kind", "main") != "main")
    return tuple(text for name in rows if (text := written(name)))


def _as_tuple(value: str) -> tuple[str, ...]:
    """Return a value as a tuple; empty for ''."""
    return (value,) if value else ()


def _code_label(value: str, list_name: str) -> tuple[str, ...]:
    """Return the label of a code as a tuple; empty for ''."""
    return (code(value, list_name),) if value else ()


def _code_labels(identity: Identity, name: str) -> tuple[str, ...]:
    """Return the labels of a list of codes."""
    list_name = {"citizenships": "country", "languages": "language"}[name]
    values: Iterable[str] = identity.get(name, [])  # type: ignore[assignment]
    return tuple(code(value, list_name) for value in values)


def _document_labels(identity: Identity) -> tuple[str, ...]:
    """Return kind and country of each document, without its number."""
    labels = []
    for document in identity.get("documents", []):
        kind, country = document.get("kind", ""), document.get("country", "")
        parts = [code(kind, "document_kind") if kind else "", code(country, "country") if country else ""]
        labels.append(", ".join(filter(None, parts)) or HIDDEN)
    return tuple(labels)


def _document_numbers(identity: Identity) -> set[str]:
    """Return the normalised document numbers."""
    return {
        number for document in identity.get("documents", []) if (number := normal_number(document.get("number", "")))
    }


def _phone_numbers(identity: Identity) -> set[str]:
    """Return the last ten digits of each telephone number."""
    return {digits[-10:] for text in identity.get("phones", []) if (digits := "".join(filter(str.isdigit, text)))}
