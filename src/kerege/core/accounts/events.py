"""Signals of the accounts app. Apps above connect to them."""

from __future__ import annotations

from django.dispatch import Signal

# a user got a role; arguments: assignment (RoleAssignment)
role_given = Signal()
# a request for a role waits for a second person; argument: request (RoleRequest)
role_requested = Signal()
# roles ended because nobody confirmed them in the review; arguments: agency (Agency), count (int)
roles_ended = Signal()
# roles are held against the rules and end soon; argument: assignments (list of RoleAssignment)
roles_forbidden = Signal()
# roles ended because they were held against the rules; arguments: agency (Agency), count (int)
forbidden_roles_ended = Signal()
# attempts on an account are refused for a while; argument: user (User)
attempts_blocked = Signal()
# a user, a token or an address meets many refusals in a short time
refusals_burst = Signal()
# an administrator or the operator asked to remove the second factor of a user; argument: request (FactorReset)
factor_reset_requested = Signal()
# the second factor of a user was removed; argument: user (User)
factor_removed = Signal()
# receivers return a list of OpenWork that others take over before an agency closes; argument: agency (Agency)
collect_agency_work = Signal()
# receivers return a list of OpenWork of a user in an agency; arguments: user (User), agency (Agency)
collect_user_work = Signal()
# a move or a closing waits for a second person; argument: change (AgencyChange)
agency_change_requested = Signal()
# an agency was closed; argument: agency (Agency)
agency_closed = Signal()
