"""The second wall around identities: the agency that was told, and who has a case of hers.

As wide as `rules.own_or_shared`; what a share leaves out of an identity is left to the first wall.
"""

from __future__ import annotations

from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Membership,
    SealedText,
)
from kerege.core.row_security.policies import Guard, Policies, helper, planned_once, policies

# own record; or one with a case that the agency owns or that is lent to it
OF_HERS = """EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = wanted AND r.agency_id = kerege_agency())
    OR EXISTS (SELECT 1 FROM cases_case c WHERE c.record_id = wanted
        AND (c.agency_id = kerege_agency() OR kerege_borrows(c.id)))"""
# keys of signals and drafts belong to no record; their rows are guarded by the first wall alone
KEY_OF_HERS = """NOT EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.data_key_id = wanted)
    OR EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.data_key_id = wanted AND kerege_reads_record(r.id))"""

# What the machine asks for each new record (matching.py). With the policies of the tables in it, a plan takes ten times
# as long to make as to run: in a function each session makes it once. The policies hold inside as they do outside.
POSTINGS = """SELECT t.number, e.record_id FROM unnest(wanted) WITH ORDINALITY AS t(token, number),
    LATERAL (SELECT i.record_id FROM vault_indexentry i WHERE i.token = t.token LIMIT most) e"""
# the values of a record that was not erased, the newest last
NEWEST = """SELECT v.record_id, v.number, v.ciphertext, r.agency_id, k.id, k.kek_id, k.wrapped
    FROM vault_identityversion v JOIN vault_identityrecord r ON r.id = v.record_id
    JOIN vault_datakey k ON k.id = r.data_key_id
    WHERE k.wrapped IS NOT NULL AND v.record_id {} ORDER BY v.number"""

FUNCTIONS = (
    helper("kerege_reads_record(wanted uuid)", "boolean", OF_HERS),
    helper("kerege_opens_key(wanted uuid)", "boolean", KEY_OF_HERS),
    planned_once("kerege_postings(wanted bytea[], most integer)", "TABLE (number bigint, record_id uuid)", POSTINGS),
    planned_once(
        "kerege_newest(wanted uuid[])",
        "TABLE (record_id uuid, number integer, ciphertext bytea, agency_id uuid, key_id uuid, kek_id varchar,"
        " wrapped bytea)",
        NEWEST.format("= ANY (wanted)"),
    ),
)

ACTING = "(SELECT kerege_agency()) IS NOT NULL"


def case_of_hers(record: str) -> str:
    """The same as OF_HERS, asked of very many rows: what is lent is read once.

    Said in full, since whoever counts all cases reads no identity of theirs. `record` is a column with its table.
    """
    return f"""EXISTS (SELECT 1 FROM cases_case c WHERE c.record_id = {record} AND (
        c.agency_id = (SELECT kerege_agency()) OR c.id = ANY ((SELECT kerege_lent())::uuid[])))"""  # noqa: S608  # nosec B608


def of_record(table: str) -> str:
    """Rows of a table that hang on a record of hers."""
    return f"{ACTING} AND ({OWN_RECORD} OR {case_of_hers(f'{table}.record_id')})"


OWN_RECORD = (
    "EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = record_id AND r.agency_id = (SELECT kerege_agency()))"
)
OWN_KEY = (
    "EXISTS (SELECT 1 FROM vault_identityrecord r"
    " WHERE r.data_key_id = vault_datakey.id AND r.agency_id = (SELECT kerege_agency()))"
)
# whoever reads all records is not asked about each of them
OF_A_RECORD = (
    "(SELECT kerege_whole('vault_identityrecord'))"
    " OR EXISTS (SELECT 1 FROM vault_identityrecord r WHERE r.id = record_id)"
)

GUARDS = (
    Guard(
        IdentityRecord,
        f"{ACTING} AND (agency_id = (SELECT kerege_agency()) OR {case_of_hers('vault_identityrecord.id')})",
    ),
    Guard(IdentityVersion, of_record("vault_identityversion")),
    # searched as a whole by the machine, which then asks the first wall about each record
    Guard(IndexEntry, of_record("vault_indexentry")),
    Guard(Membership, OF_A_RECORD),
    # a key is stored before the record that it belongs to
    Guard(DataKey, f"{ACTING} AND ({OWN_KEY} OR kerege_opens_key(id))", writes=ACTING),
    Guard(SealedText, "EXISTS (SELECT 1 FROM vault_datakey k WHERE k.id = data_key_id)"),
    Guard(StoredFile, "EXISTS (SELECT 1 FROM vault_datakey k WHERE k.id = data_key_id)"),
)

policies.add(Policies("vault", GUARDS, FUNCTIONS, order=30))
