"""Row-level security of the vault: the record's agency, and agencies with a case of the person.

The policies are as wide as `rules.own_or_shared`. They do not restrict the fields of an identity: field-level access
is checked in Python alone (`queries.field_access`).
"""

from __future__ import annotations

from kerege.casework.vault.models.drafts import Draft
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Membership,
    Person,
    SealedText,
)
from kerege.core.row_security.policies import Policies, TablePolicy, helper, planned_once, policies

# the agency's own record, or one with a case that the agency owns or that is shared with it
READS_RECORD = """EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = wanted AND r.agency_id = kerege_agency())
    OR EXISTS (SELECT 1 FROM cases_case c WHERE c.record_id = wanted
        AND (c.agency_id = kerege_agency() OR kerege_borrows(c.id)))"""
# A key belongs to a record, to a signal, to the draft of a user, or to the remark of a task without a case. A key that
# belongs to nothing yet opens nothing: every session may read it, or the session that makes it could not use it.
OPENS_KEY = """CASE
    WHEN EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.data_key_id = wanted)
        THEN EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.data_key_id = wanted AND kerege_reads_record(r.id))
    WHEN EXISTS (SELECT 1 FROM intake_signal s WHERE s.data_key_id = wanted)
        THEN EXISTS (SELECT 1 FROM intake_signal s
            WHERE s.data_key_id = wanted AND kerege_agency() IN (s.from_agency_id, s.to_agency_id))
    WHEN EXISTS (SELECT 1 FROM vault_draft d WHERE d.data_key_id = wanted)
        THEN EXISTS (SELECT 1 FROM vault_draft d WHERE d.data_key_id = wanted AND d.user_id = kerege_user())
    ELSE NOT EXISTS (SELECT 1 FROM vault_sealedtext x JOIN cases_task t ON t.remark_id = x.id
        WHERE x.data_key_id = wanted AND t.agency_id IS DISTINCT FROM kerege_agency())
    END"""

# Candidate search runs this query for each new record. Planning it with the policies of its tables takes ten times as
# long as running it. As a function, a session plans it once; the policies apply inside the function as well.
POSTINGS = """SELECT t.number, e.record_id FROM unnest(wanted) WITH ORDINALITY AS t(token, number),
    LATERAL (SELECT i.record_id FROM vault_indexentry i WHERE i.token = t.token LIMIT most) e"""
# versions of records that are not erased, the newest last
NEWEST = """SELECT v.record_id, v.number, v.ciphertext, r.agency_id, k.id, k.kek_id, k.wrapped
    FROM vault_identityversion v JOIN vault_identityrecord r ON r.id = v.record_id
    JOIN vault_datakey k ON k.id = r.data_key_id
    WHERE k.wrapped IS NOT NULL AND v.record_id {} ORDER BY v.number"""

FUNCTIONS = (
    helper("kerege_reads_record(wanted uuid)", "boolean", READS_RECORD),
    helper("kerege_opens_key(wanted uuid)", "boolean", OPENS_KEY),
    planned_once("kerege_postings(wanted bytea[], most integer)", "TABLE (number bigint, record_id uuid)", POSTINGS),
    planned_once(
        "kerege_newest(wanted uuid[])",
        "TABLE (record_id uuid, number integer, ciphertext bytea, agency_id uuid, key_id uuid, kek_id varchar,"
        " wrapped bytea)",
        NEWEST.format("= ANY (wanted)"),
    ),
)

ACTING = "(SELECT kerege_agency()) IS NOT NULL"


def case_condition(record: str) -> str:
    """Return the SQL condition of a case that the agency owns or that is shared with it.

    The same as the second half of READS_RECORD for many rows: the list of shared cases is read once. The condition is
    written out, since a user who counts all cases reads none of their identities. `record` is `table.column`.
    """
    return f"""EXISTS (SELECT 1 FROM cases_case c WHERE c.record_id = {record} AND (
        c.agency_id = (SELECT kerege_agency()) OR c.id = ANY ((SELECT kerege_lent())::uuid[])))"""  # noqa: S608  # nosec B608


def record_condition(table: str) -> str:
    """Return the condition for rows of a table that belong to a readable record."""
    return f"{ACTING} AND ({OWN_RECORD} OR {case_condition(f'{table}.record_id')})"


OWN_RECORD = (
    "EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = record_id AND r.agency_id = (SELECT kerege_agency()))"
)
OWN_KEY = (
    "EXISTS (SELECT 1 FROM vault_identityrecord r"
    " WHERE r.data_key_id = vault_datakey.id AND r.agency_id = (SELECT kerege_agency()))"
)
# skip the subquery for a session that may read all records
OF_A_RECORD = (
    "(SELECT kerege_whole('vault_identityrecord'))"
    " OR EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = record_id)"
)

GUARDS = (
    TablePolicy(
        IdentityRecord,
        f"{ACTING} AND (agency_id = (SELECT kerege_agency()) OR {case_condition('vault_identityrecord.id')})",
    ),
    TablePolicy(IdentityVersion, record_condition("vault_identityversion")),
    # candidate search bypasses this policy and then applies the rules to each record
    TablePolicy(IndexEntry, record_condition("vault_indexentry")),
    TablePolicy(Membership, OF_A_RECORD),
    # writes need no record: a key is stored before its record
    TablePolicy(DataKey, f"{ACTING} AND ({OWN_KEY} OR kerege_opens_key(id))", writes=ACTING),
    TablePolicy(SealedText, "EXISTS (SELECT 1 FROM vault_datakey k WHERE k.id = data_key_id)"),
    TablePolicy(StoredFile, "EXISTS (SELECT 1 FROM vault_datakey k WHERE k.id = data_key_id)"),
    TablePolicy(Draft, "user_id = (SELECT kerege_user())"),
    # a person is stored before its first membership
    TablePolicy(Person, "EXISTS (SELECT 1 FROM vault_membership m WHERE m.person_id = vault_person.id)", writes=ACTING),
)

policies.add(Policies("vault", GUARDS, FUNCTIONS, order=30))
