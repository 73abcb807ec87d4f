"""Real web servers on loopback that serve an exported site by the files which the export wrote."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kerege.publishing.export_site.server_files import ROOT, write_all
from kerege.publishing.export_site.server_rules import ServerRules

NGINX = """daemon off; pid {work}/pid; error_log {work}/errors; worker_processes 1; events {{}}
http {{ access_log off; client_body_temp_path {work}/body; proxy_temp_path {work}/proxy;
fastcgi_temp_path {work}/fastcgi; uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
include {work}/site.conf; }}
"""
MODULES = Path("/usr/lib/apache2/modules")
APACHE = """ServerRoot {work}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {work}/pid
ErrorLog {work}/errors
Mutex file:{work}
TypesConfig /dev/null
Include {work}/site.conf
"""
LOADED = ("mpm_event", "authz_core", "mime", "dir", "alias", "headers", "rewrite")
PROGRAMS = {"nginx": "nginx", "caddy": "caddy", "apache": "apache2"}
SECONDS = 10


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program_of(kind: str) -> str:
    """Return the program of a server; skip the test on a machine without it."""
    program = shutil.which(PROGRAMS[kind]) or shutil.which(PROGRAMS[kind], path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"{PROGRAMS[kind]} is not installed; .ci/run installs it")
    return program


@contextmanager
def serving(kind: str, folder: Path, rules: ServerRules, work: Path) -> Iterator[int]:
    """Serve a folder by a server, and yield its port."""
    program, port = program_of(kind), free_port()
    work.chmod(0o755)
    command = {"nginx": _nginx, "caddy": _caddy, "apache": _apache}[kind](program, folder, rules, work, port)
    environment = os.environ | {
        "HOME": str(work),
        "XDG_DATA_HOME": str(work),
        "XDG_CONFIG_HOME": str(work),
        "KEREGE_SITE_ROOT": str(folder),
        "KEREGE_SITE_ADDRESS": f"http://127.0.0.1:{port}",
    }
    with (work / "output").open("w") as output:
        server = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            _wait(server, port, work / "output")
            yield port
        finally:
            server.terminate()
            server.wait(SECONDS)


def _nginx(program: str, folder: Path, rules: ServerRules, work: Path, port: int) -> list[str]:
    text = write_all(rules)["server/nginx.conf"]
    (work / "site.conf").write_text(text.replace(ROOT, str(folder)).replace("listen 80;", f"listen 127.0.0.1:{port};"))
    (work / "nginx.conf").write_text(NGINX.format(work=work))
    return [program, "-c", str(work / "nginx.conf"), "-e", str(work / "errors")]


def _caddy(program: str, folder: Path, rules: ServerRules, work: Path, port: int) -> list[str]:
    (work / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + write_all(rules)["server/Caddyfile"])
    return [program, "run", "--config", str(work / "Caddyfile"), "--adapter", "caddyfile"]


def _apache(program: str, folder: Path, rules: ServerRules, work: Path, port: int) -> list[str]:
    text = write_all(rules)["server/apache.conf"]
    (work / "site.conf").write_text(text.replace(ROOT, str(folder)).replace("*:80", f"127.0.0.1:{port}"))
    modules = "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in LOADED)
    (work / "httpd.conf").write_text(modules + APACHE.format(work=work, port=port))
    return [program, "-DFOREGROUND", "-f", str(work / "httpd.conf")]


def _wait(server: subprocess.Popen[bytes], port: int, output: Path) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not start: {output.read_text()}")


class Reader:
    """Reader of a site at a port; keeps its connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def get(self, address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers by their lower-case names, and body."""
        self._connection.request("GET", address, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
