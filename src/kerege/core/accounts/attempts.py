"""Limits on attempts to guess a secret (password, code, token), on searches and on refusals.

All processes share the counters in the database. An account is counted apart from an address, so that one address
cannot try many accounts and many addresses cannot try one account. After the free failures each further failure doubles
the time in which nothing is tried. A success ends the count of the account, not that of the address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import transaction
from django.db.models import F

from kerege.core.accounts.models import AttemptCounter
from kerege.core.audit import clock
from kerege.core.security import macs
from kerege.core.security.keyring import keyring

AGAIN = 24  # attempts after which a burst that goes on is reported again; the longest delay is an hour
KNOWN_DAYS = 30  # an address from which a user signed in: strangers elsewhere do not lock this user out there


class TooManyAttempts(Exception):
    """Error: too many attempts; the next one is allowed after `seconds`."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} seconds")


@dataclass(frozen=True)
class Limit:
    """Failures without delay, the first and the longest delay, and the time that ends the count.

    All times are in seconds; `forget` is the time without a failure.
    """

    free: int
    first: int
    longest: int
    forget: int = 24 * 3600

    def delay(self, failures: int) -> int:
        """Return the delay in seconds after this many failures."""
        beyond = failures - self.free
        return 0 if beyond < 0 else min(self.first * 2 ** min(beyond, 20), self.longest)

    def count(self, row: AttemptCounter, now: datetime) -> None:
        """Count an attempt in a row, and set until when more are refused."""
        row.last_at = min(row.last_at, now)
        row.failures = 1 if now - row.last_at > timedelta(seconds=self.forget) else row.failures + 1
        delay = self.delay(row.failures)
        row.last_at, row.blocked_until = now, now + timedelta(seconds=delay) if delay else None


@dataclass(frozen=True)
class WindowLimit:
    """A limit of attempts within any `seconds`, successful or not."""

    most: int
    seconds: int = 3600

    def count(self, row: AttemptCounter, now: datetime) -> None:
        """Count an attempt in a row, and set until when more are refused."""
        start = now.timestamp() - self.seconds
        # an attempt in the future, before the clock was set back, counts as one of now
        earlier = [min(time, now.timestamp()) for time in row.recent if time > start]
        recent = sorted([*earlier, now.timestamp()])[-self.most :]
        row.recent, row.failures, row.last_at = recent, len(recent), now
        wait = timedelta(seconds=recent[0] - start)
        row.blocked_until = now + wait if len(recent) == self.most else None


LIMITS: dict[str, Limit | WindowLimit] = {
    # a password of one account from one address
    "pair": Limit(free=5, first=60, longest=3600),
    # a password of one account from all addresses: short delays, a stranger causes them
    "password": Limit(free=20, first=60, longest=900),
    # a code, recovery code or confirmation, which only a holder of the password or of a session can try
    "code": Limit(free=5, first=60, longest=3600),
    # everything from one address, which can be a whole office
    "address": Limit(free=60, first=30, longest=3600),
    # wrong tokens from one address: apart from sign-ins, so that a program with an expired token locks no office out
    "token": Limit(free=60, first=30, longest=3600),
    # searches of one user without a pause of ten minutes: enough for casework, too few to try out names
    "search": Limit(free=60, first=30, longest=600, forget=600),
    # refusals of pages and acts of one user
    "refusal": Limit(free=30, first=30, longest=900, forget=600),
    # emergencies of one user: nobody can find a case by guessing numbers
    "emergency": WindowLimit(most=5),
    # letters with a link to confirm an address, of one user
    "letter": WindowLimit(most=5),
    # initial reports by the public form: from one network, and from all together
    "report": WindowLimit(most=12),
    "all_reports": WindowLimit(most=300),
    # lookups of a document number at all agencies: enough for casework, too few to try numbers in turn
    "lookup": WindowLimit(most=20),
}


@dataclass(frozen=True)
class Counted:
    """A counter: its limit by name, and whom or which address it counts."""

    limit: str
    subject: str

    @property
    def key(self) -> str:
        """Return the keyed hash under which the counter is stored."""
        return keyed(self.limit, self.subject)


def keyed(purpose: str, subject: str) -> str:
    """Return a keyed hash of a text, in hexadecimal."""
    return _hash(keyring().current("import")[1], purpose, subject)


def older_keyed(purpose: str, subject: str) -> list[str]:
    """Return the hashes of a text under the older import keys, which rows from before a rotation have."""
    ring = keyring()
    return [_hash(ring.get("import", key_id), purpose, subject) for key_id in ring.ids("import")[:-1]]


def _hash(key: bytes, purpose: str, subject: str) -> str:
    return macs.digest(key, f"attempts:{purpose}:{subject}".encode()).hex()


def network_of(address: str) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address: one subscriber has it all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)  # a socket of both kinds: all these addresses are in one network of IPv6
    return str(ip_network(f"{parsed}/64", strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)


def of_password(name: str, address: str) -> list[Counted]:
    """Return the counters of a password attempt: one of name and address, one of each alone.

    An attempt from an address that the user signed in from before does not count for the name.
    """
    network = network_of(address)
    pair = Counted("pair", f"{name}|{network}")
    address_alone = Counted("address", network)
    return [pair, address_alone] if is_known(name, network) else [pair, address_alone, Counted("password", name)]


def of_address(address: str) -> list[Counted]:
    """Return the counter of an attempt that names no account, such as a passkey."""
    return [Counted("address", network_of(address))]


def count_wrong_token(address: str) -> int:
    """Count a wrong token; return their number when it is to be reported, else 0.

    Raises TooManyAttempts after many from one address.
    """
    return _burst(Counted("token", network_of(address)))


def of_code(user_key: str, address: str) -> list[Counted]:
    """Return the counters of an attempt on a second factor or a confirmation."""
    return [Counted("code", user_key), *of_address(address)]


def begin(counters: Iterable[Counted]) -> list[int]:
    """Count an attempt before the secret is checked, so that attempts at the same moment are counted too.

    Return the attempts of each counter so far. Raises TooManyAttempts while one of the counters refuses attempts;
    nothing is counted then.
    """
    by_key = {counter.key: counter for counter in counters}
    now = clock.now()
    with transaction.atomic():
        for counter in by_key.values():
            _carry_over(counter)
        new = [AttemptCounter(key=key, last_at=now) for key in by_key]
        AttemptCounter.objects.bulk_create(new, ignore_conflicts=True)
        # locked in one order, so that two attempts never wait for each other
        rows = list(AttemptCounter.objects.select_for_update().filter(key__in=by_key).order_by("key"))
        waits = [_wait(LIMITS[by_key[row.key].limit], row, now) for row in rows if row.blocked_until]
        if (wait := max(waits, default=0.0)) > 0:
            raise TooManyAttempts(int(wait) + 1)
        for row in rows:
            LIMITS[by_key[row.key].limit].count(row, now)
            row.save()
    return [row.failures for row in rows]


def _carry_over(counter: Counted) -> None:
    """Store a counter of an older import key under the present one, so that a rotation ends no count."""
    older = older_keyed(counter.limit, counter.subject)
    if older and not AttemptCounter.objects.filter(key=counter.key).exists():
        # newest first: of several rows, the one of the newest older key goes on
        rows = AttemptCounter.objects.select_for_update().filter(key__in=older)
        row = max(rows, key=lambda row: older.index(row.key), default=None)
        if row is not None:
            AttemptCounter.objects.filter(key=row.key).update(key=counter.key)


def _wait(limit: Limit | WindowLimit, row: AttemptCounter, now: datetime) -> float:
    """Return how many seconds a row refuses attempts: at most the longest delay, whatever the clock was."""
    longest = limit.longest if isinstance(limit, Limit) else limit.seconds
    return min((row.blocked_until - now).total_seconds(), longest) if row.blocked_until else 0.0


def count_refusal(label: str) -> int:
    """Count a refused page or act of an actor; return their number when it is to be reported, else 0.

    Raises TooManyAttempts after many in a row.
    """
    return _burst(Counted("refusal", label))


def _burst(counter: Counted) -> int:
    """Count an attempt; return the number of attempts if it must be reported, else 0.

    The last attempt before the first delay is reported, and then every `AGAIN`-th attempt. So a burst without pauses is
    reported again, and a steady series of wrong tokens about once a day.
    """
    limit, [count] = LIMITS[counter.limit], begin([counter])
    is_reported = isinstance(limit, Limit) and count >= limit.free and (count - limit.free) % AGAIN == 0
    return count if is_reported else 0


def count_search(label: str) -> None:
    """Count a search for a person; raise TooManyAttempts after many without a pause."""
    begin([Counted("search", label)])


def count_emergency(label: str) -> None:
    """Count an attempt to open a case in an emergency; raise TooManyAttempts after five in an hour."""
    begin([Counted("emergency", label)])


def count_lookup(label: str) -> None:
    """Count a lookup of a document number; raise TooManyAttempts after twenty in an hour."""
    begin([Counted("lookup", label)])


def is_blocked(counters: Iterable[Counted]) -> bool:
    """Return whether one of the counters refuses attempts now."""
    keys = [key for counter in counters for key in (counter.key, *older_keyed(counter.limit, counter.subject))]
    return AttemptCounter.objects.filter(key__in=keys, blocked_until__gt=clock.now()).exists()


def succeed(counters: Iterable[Counted]) -> None:
    """End the count of an account after a success, and take the attempt off the count of the address."""
    chosen = list(counters)
    accounts = [counter.key for counter in chosen if counter.limit != "address"]
    addresses = [counter.key for counter in chosen if counter.limit == "address"]
    AttemptCounter.objects.filter(key__in=accounts).update(failures=0, blocked_until=None)
    AttemptCounter.objects.filter(key__in=addresses, failures__gt=0).update(
        failures=F("failures") - 1, blocked_until=None
    )


def take_back(counters: Iterable[Counted]) -> None:
    """Remove an attempt that was not a guess from its counters; delays for earlier failures stay."""
    by_key = {counter.key: LIMITS[counter.limit] for counter in counters}
    with transaction.atomic():
        for row in AttemptCounter.objects.select_for_update().filter(key__in=by_key, failures__gt=0).order_by("key"):
            row.failures -= 1
            limit = by_key[row.key]
            if isinstance(limit, Limit) and not limit.delay(row.failures):
                row.blocked_until = None
            row.save(update_fields=["failures", "blocked_until"])


def remember_address(name: str, address: str) -> None:
    """Remember that a user signed in from an address."""
    AttemptCounter.objects.update_or_create(
        key=keyed("known", f"{name}|{network_of(address)}"), defaults={"last_at": clock.now()}
    )


def is_known(name: str, network: str) -> bool:
    """Return whether a user signed in from a network within the last days."""
    since = clock.now() - timedelta(days=KNOWN_DAYS)
    subject = f"{name}|{network}"
    keys = [keyed("known", subject), *older_keyed("known", subject)]
    return AttemptCounter.objects.filter(key__in=keys, last_at__gt=since).exists()


def forget_old() -> None:
    """Delete counters that no longer count."""
    AttemptCounter.objects.filter(last_at__lt=clock.now() - timedelta(days=KNOWN_DAYS)).delete()
