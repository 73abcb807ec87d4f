"""Commands that set up, check and run the system."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote, urlsplit

import typer
from django.utils import translation

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.message_text import count_noun
from kerege.cli.load_django import setup
from kerege.cli.pack import note_clocks
from kerege.vocabulary import languages
from kerege.vocabulary.pack import active_pack

if TYPE_CHECKING:
    from kerege.core.key_inventory import PurposeEntry

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

LOOPBACK = "127.0.0.1"
COUNTRY_CODE = 2  # letters
Port = Annotated[int, typer.Option(min=1, max=65535, help="TCP port.")]


def say(text: str) -> None:
    """Print a message to stderr."""
    print(text, file=sys.stderr, flush=True)


@app.command("demo")
def demo(
    port: Port = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Build everything, serve nothing.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete the demo and build it anew.")] = False,
    pack: Annotated[str, typer.Option(help="Country: code, such as kg, or folder of its pack.")] = "",
) -> None:
    """Set up the demo programme (invented people) and serve the whole system at localhost."""
    if pack:
        _use_pack(pack)
    setup(demo=True)
    from kerege.cli import demo_build, web_server

    if not no_serve:
        # before the build, which takes a minute
        web_server.require_free(LOOPBACK, port)
    demo_build.build(fresh=fresh, wait=no_serve)
    if no_serve:
        print(demo_build.tour(port))
    else:
        _serve(LOOPBACK, port, with_worker=True, before=demo_build.tour(port))


def _use_pack(pack: str) -> None:
    """Choose the pack of this process and of those that it starts.

    Raises BadInput for a pack that cannot be read.
    """
    os.environ.pop("KEREGE_PACK", None)
    if len(pack) == COUNTRY_CODE:
        os.environ["KEREGE_COUNTRY"] = pack.lower()
    else:
        os.environ.pop("KEREGE_COUNTRY", None)
        os.environ["KEREGE_PACK"] = str(Path(pack).resolve())
    active_pack()


@app.command("serve")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Also run the background worker.")] = False,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, PEM.", envvar="KEREGE_TLS_CERT")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key, PEM.", envvar="KEREGE_TLS_KEY")] = None,
) -> None:
    """Serve the system."""
    setup()
    from django.conf import settings

    if settings.DEMO and host not in {"127.0.0.1", "::1", "localhost"}:
        raise Refused("a demo listens on this machine only: unset KEREGE_DEMO or leave --host out")
    if (tls_cert is None) != (tls_key is None):
        raise BadInput(Fault("a certificate needs its key", "give --tls-cert and --tls-key together"))
    _serve(host, port, workers=workers, with_worker=with_worker, cert=tls_cert, key=tls_key)


def _serve(
    host: str,
    port: int,
    *,
    workers: int = 1,
    with_worker: bool = False,
    cert: Path | None = None,
    key: Path | None = None,
    before: str = "",
) -> None:
    """Serve; when the port accepts connections, print `before` and the address of the system."""
    from kerege.cli import web_server
    from kerege.core import health, production

    def announce() -> None:
        if before:
            print(before, flush=True)
        name = "localhost" if host == LOOPBACK else host
        say(f"serving at http{'s' if cert else ''}://{name}:{port}/ (Ctrl+C stops)")

    health.require_healthy()
    production.require_decisions(production.Listening(host, cert, key))
    web_server.run(host, port, workers=workers, with_worker=with_worker, cert=cert, key=key, ready=announce)


@app.command("worker")
def worker(
    once: Annotated[bool, typer.Option("--once", help="Run what is due, then stop.")] = False,
) -> None:
    """Run background tasks and scheduled jobs."""
    setup()
    from kerege.core import health, production
    from kerege.core.jobs.worker import work

    health.require_healthy()
    production.require_decisions()
    work(once=once)


@app.command("migrate")
def migrate() -> None:
    """Create or upgrade the database; as the owner of its tables, where KEREGE_MIGRATE_URL names one."""
    database_url = os.environ.get("DATABASE_URL", "")
    if owner := os.environ.get("KEREGE_MIGRATE_URL"):
        os.environ["DATABASE_URL"] = owner
    setup()
    from django.core.management import call_command
    from django.db import connection

    from kerege.core import health, production
    from kerege.core.row_security import policies

    production.require_renewed_password()
    pending = health.pending()
    call_command("migrate", verbosity=0, interactive=False)
    note_clocks(active_pack().country)
    user = unquote(urlsplit(database_url).username or "")
    if connection.vendor == "postgresql" and user and user != connection.settings_dict["USER"]:
        policies.admit(connection, user)
    say(f"{count_noun(len(pending), 'migration')} applied" if pending else "nothing to do")


@app.command("createadmin")
def createadmin(
    agency_code: Annotated[str, typer.Option(prompt="Agency, short code (letters, digits, dashes)")],
    agency_kind: Annotated[str, typer.Option(prompt="Agency, kind (code list agency_kind)")],
    username: Annotated[str, typer.Option(prompt="Administrator, user name")],
    full_name: Annotated[str, typer.Option(prompt="Administrator, full name")],
    agency_name: Annotated[
        list[str] | None, typer.Option(help="Name of the agency as LANGUAGE=NAME, once for each language.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the administrator; by default that of the country.")] = "",
    url: Annotated[str, typer.Option(help="URL at which users reach the system.")] = "https://localhost:8000",
) -> None:
    """Create the first agency and its administrator in an empty register."""
    setup()
    from kerege.core import health
    from kerege.core.accounts import services
    from kerege.core.authorization import Actor

    health.require_healthy()
    path = services.set_up(
        Actor.system(),
        services.NewAgency(agency_code, agency_kind, _names_by_language(agency_name or [])),
        services.NewUser(username, full_name, language or languages.default()),
    )
    say("Open this address within 24 hours, once, to choose a password; a second factor is asked for next:")
    print(url.rstrip("/") + path)


def _names_by_language(given: list[str]) -> dict[str, str]:
    """Return the names of `LANGUAGE=NAME`; ask for missing ones, refuse other languages."""
    names = dict(text.partition("=")[::2] for text in given)
    if unknown := [tag for tag in names if tag not in languages.offered()]:
        todo = f"give LANGUAGE=NAME in {', '.join(languages.offered())}"
        raise BadInput(Fault(f"{unknown[0]!r} is not a language of the country", todo, file="--agency-name"))
    asked = [(tag, name) for tag, name in languages.choices() if not names.get(tag)]
    return names | {tag: str(typer.prompt(f"Agency, name ({name})")) for tag, name in asked}


@app.command("doctor")
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    keys: Annotated[bool, typer.Option("--keys", help="List the keys: age, and number of values.")] = False,
) -> None:
    """Check the installation and list what the country profile leaves unconfirmed."""
    setup()

    from kerege.core import health, key_inventory
    from kerege.core.admin.law import waiting_facts

    if keys:
        _print_keys(key_inventory.list_purposes(), as_json=as_json)
        return
    results = list(health.checks())
    with translation.override(languages.LAST_RESORT):
        subjects = waiting_facts.list_subjects()
        steps = list(waiting_facts.say_first_step(sum(len(lines) for _subject, lines in subjects)))
    if as_json:
        print(
            json.dumps(
                {"checks": [vars(check) for check in results], "unconfirmed": dict(subjects)}, ensure_ascii=False
            )
        )
    else:
        for check in results:
            print(f"{check.state:4}  {check.name}: {check.words}")
        print("", *steps, sep="\n")
        for subject, lines in subjects:
            print(f"\n{subject} ({len(lines)})", *(f"  - {line}" for line in lines), sep="\n")
    if any(check.state == "fail" for check in results):
        raise typer.Exit(1)


def _print_keys(purposes: list[PurposeEntry], *, as_json: bool) -> None:
    """Print the key inventory: no secret, and no value that a key seals."""
    if as_json:
        print(json.dumps({"purposes": [purpose.model_dump(mode="json") for purpose in purposes]}, ensure_ascii=False))
        return
    for purpose in purposes:
        print(f"{purpose.name}: {purpose.protects}")
        print(f"  last rotation: {purpose.rotated or 'none'}")
        for key in purpose.keys:
            sealed = ", ".join(f"{count} {kind}" for kind, count in sorted(key.values.items())) or "no stored value"
            print(f"  {key.id}  {'current' if key.is_current else 'older':7}  created {key.created}  {sealed}")
