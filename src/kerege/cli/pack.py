"""`kerege pack`: check, sign, trust, install and compare the pack of a country."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from kerege.base import ed25519, files, key_file, signing
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.message_text import count_noun
from kerege.cli.load_django import setup
from kerege.cli.operator_account import operator_account
from kerege.config.env import env_bool, env_str
from kerege.core.pack_checks import PackReport, check_pack, list_faults
from kerege.core.pack_checks.check_lists import check_lost_codes
from kerege.core.pack_checks.compare_packs import compare_codes, compare_facts
from kerege.core.pack_checks.public_messages import public_messages
from kerege.vocabulary import clock_history
from kerege.vocabulary.pack import Pack, countries, find_pack, store, using
from kerege.vocabulary.pack.signature import PUBLIC_KEY, fingerprint_of, sign_pack
from kerege.vocabulary.profile import read_profile

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
CONSENT = ("consent_forms", "consent_length")
Folder = Annotated[Path, typer.Argument(help="Folder of the pack.")]


@app.command("check")
def check(
    folder: Folder,
    missing: Annotated[
        bool, typer.Option("--missing", help="List every message and label without a translation.")
    ] = False,
) -> None:
    """Check a pack: every fault at once, and what its author has still to do."""
    pack = store.read_source(folder)
    report = check_pack(pack, date.today())
    if faults := [*report.faults, *_consent_faults(pack)]:
        raise BadInput(faults)
    for line in _report_lines(report, all_messages=missing):
        print(line)
    print(f"{pack.identifier} {pack.version} has no fault: sha256:{pack.manifest_hash}")


def _report_lines(report: PackReport, *, all_messages: bool) -> list[str]:
    lines = [f"note: {note}" for note in report.notes]
    for language, messages in report.missing.items() if all_messages else ():
        lines += [f"{language}: not translated{_mark(message)}: {message}" for message in messages]
    for language, lists in report.missing_labels.items() if all_messages else ():
        lines += [f"{language}: no label in {name}: {', '.join(missing)}" for name, missing in lists.items()]
    return lines


def _mark(message: str) -> str:
    return ", public" if message in public_messages() else ""


@app.command("sign")
def sign(
    folder: Folder,
    key: Annotated[
        Path | None, typer.Option(help="Key file; it is created if there is none. Default: KEREGE_SIGNER.")
    ] = None,
) -> None:
    """Sign a pack as its publisher: write the list of its files and the signature into the folder."""
    if faults := _all_faults(store.read_source(folder)):
        raise BadInput(faults)
    signing_key = _signing_key(key)
    pack = sign_pack(folder, signing_key)
    public_key = folder.parent / PUBLIC_KEY
    public_key.write_bytes(signing.public_pem(signing_key))
    print(f"{pack.identifier} {pack.version} is signed: sha256:{pack.manifest_hash}")
    print(f"give your public key to the operators once, {public_key}")
    print(f"its fingerprint, to be read by telephone: {fingerprint_of(public_key.read_bytes())}")


def _signing_key(path: Path | None) -> signing.SigningKey:
    if path is not None:
        return key_file.read_or_create_key(path, "a signing key")
    command = signing.signing_command()
    if command is None:
        raise BadInput(Fault("there is no key", "name its file with --key, or set KEREGE_SIGNER"))
    return command


@app.command("trust")
def trust(
    key: Annotated[Path, typer.Argument(help="Public key of the publisher, in PEM.")],
    fingerprint: Annotated[str, typer.Option(help="The fingerprint that the publisher read to you by telephone.")] = "",
) -> None:
    """Trust the key of a publisher, after a comparison of its fingerprint."""
    pem = ed25519.read_public_key(key)
    own = fingerprint_of(pem)
    if not fingerprint:
        print(f"the fingerprint of this key is {own}")
        print("it is not trusted yet: ask the publisher for theirs by telephone, then repeat with --fingerprint")
        return
    if "".join(fingerprint.lower().split()) != own.replace(" ", ""):
        raise Refused("the fingerprint is not that of this key: do not use packs signed with it")
    store.trust(pem)
    print(f"packs signed with {own} can be installed")


@app.command("install")
def install(
    folder: Folder,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Without a signature; in a demo only.")] = False,
    new_publisher: Annotated[
        bool, typer.Option("--new-publisher", help="Accept another trusted key than that of the version in use.")
    ] = False,
) -> None:
    """Install a pack, completely or not at all; the version before stays for `back`."""
    if unsigned:
        _require_demo()
    country = store.read_source(folder).country
    note_clocks(country)
    pack = store.install(folder, _install_faults, unsigned=unsigned, new_publisher=new_publisher)
    note_clocks(country)
    record("packs.install", country, **pack.stamp)
    print(f"{pack.identifier} {pack.version} is installed: sha256:{pack.manifest_hash}")
    print("start kerege serve and kerege worker again: they use it from then on", file=sys.stderr)


def note_clocks(country: str) -> None:
    """Note the deadlines in force, so that running clocks keep theirs after an upgrade."""
    if country.lower() in countries():
        rules = read_profile(find_pack(country))
        days = {name: clock.business_days for name, clock in rules.clocks.items()}
        clock_history.note(rules.country, days, date.today())


def record(action: str, country: str, **stamp: str) -> None:
    """Record in the audit log that another pack is in use; a home without a register has no log."""
    if not (env_str("DATABASE_URL", "") or (files.home() / "kerege.sqlite3").is_file()):
        return
    setup()
    audit, authorization = import_module("kerege.core.audit"), import_module("kerege.core.authorization")
    if "audit_auditevent" in import_module("django.db").connection.introspection.table_names():
        audit.record(authorization.Actor.system(operator_account()), action, f"pack:{country.upper()}", **stamp)


def _require_demo() -> None:
    if not env_bool("KEREGE_DEMO", False):
        raise Refused("a pack without a signature is installed in a demo only: see kerege pack trust")


def _install_faults(pack: Pack) -> list[Fault]:
    """Return the faults of a pack, and the codes that it lacks of the version in use."""
    try:
        before = find_pack(pack.country)
    except BadInput:  # the first pack of a country
        return _all_faults(pack)
    return [*_all_faults(pack), *check_lost_codes(pack, before)]


def _all_faults(pack: Pack) -> list[Fault]:
    return [*list_faults(pack), *_consent_faults(pack)]


def _consent_faults(pack: Pack) -> list[Fault]:
    """Return the faults of the consent forms of a pack; only they need the labels of the pages."""
    if not pack.names("consent"):
        return []
    setup()
    forms, length = (import_module(f"kerege.casework.assistance.services.{name}") for name in CONSENT)
    with using(pack):
        faults: list[Fault] = forms.pack_faults(pack)
        return [*faults, *length.list_length_faults(pack)]


@app.command("back")
def back(country: Annotated[str, typer.Argument(help="Country code, such as kg.")]) -> None:
    """Use the version again that was in use before the present one."""
    version = store.back(country)
    note_clocks(country)
    record("packs.back", country, **find_pack(country).stamp)
    print(f"{version or 'the pack that Kerege ships'} is in use again")
    print("start kerege serve and kerege worker again: they use it from then on", file=sys.stderr)


@app.command("diff")
def diff(folder: Folder) -> None:
    """Compare a pack with the one in use: codes with their records, facts with their running clocks."""
    after = store.read_source(folder)
    before = find_pack(after.country)
    setup()
    lines = [*_code_lines(before, after), *_fact_lines(before, after)]
    print(f"{before.identifier} {before.version}, in use, and {after.identifier} {after.version}")
    for line in lines or ["no code and no fact differs"]:
        print(line)


def _code_lines(before: Pack, after: Pack) -> Iterator[str]:
    counts = import_module("kerege.core.database.code_usage")
    uses: dict[str, Counter[str]] = {}
    for change in compare_codes(before, after):
        if change.list_name not in uses:
            uses[change.list_name] = counts.count_uses(change.list_name)
        number = uses[change.list_name][change.code]
        have = f"; {count_noun(number, 'record')} {'has' if number == 1 else 'have'} it"
        yield f"{change.list_name} {change.code}: {change.words}{have}"


def _fact_lines(before: Pack, after: Pack) -> Iterator[str]:
    for change in compare_facts(before, after):
        ends = "; its confirmation ends" if change.ends_confirmation else ""
        yield f"{change.path}: {change.before or 'none'}, now {change.after or 'none'}{_clocks(change.path)}{ends}"


def _clocks(path: str) -> str:
    section, _, clock = path.partition(".")
    if section != "clocks":
        return ""
    number = import_module("kerege.casework.desk.running_clocks").count_running(clock)
    return "" if number is None else f"; {count_noun(number, 'clock')} that run keep the days under which they began"
