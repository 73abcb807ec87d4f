"""Notes for the first pages.

SUBJECT: which thing the `pk` of an address names (a case, where nothing is said). POST_ONLY: pages that only change
something. BY_SHARE: pages of a case that a share opens, or pairs (role, page) where only that role may open them.
NARROWER: pairs (role, page) of a role that may open the page, but not about everything that its agency has.
READ_ONLY: pages about a thing that change nothing.
EVERYWHERE: (role, page) that looks at every agency's things.
`furnish(own, elsewhere, words) -> {name: row}`: rows of the agency `own.agency` that addresses name.
"""

from __future__ import annotations

SUBJECT = {
    "accounts:user": "user",
    "intake:signal": "signal",
    "intake:close": "signal",
    "intake:open-case": "signal",
    "assistance:referral": "referral",
    "justice:crime": "crime",
    "cases:task-done": "task",
}
POST_ONLY = {"accounts:user", "intake:close", "intake:open-case", "cases:task-done"}
# what a share opens; everything else about another agency's case does not exist
BY_SHARE = {"cases:case", "cases:decide"}
READ_ONLY = {"intake:signal"}
