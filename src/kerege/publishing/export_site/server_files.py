"""Files for nginx, Caddy and Apache: types, headers, language choice, 301 and 410."""

from __future__ import annotations

import re

from kerege.publishing.export_site import policy
from kerege.publishing.export_site.server_rules import (
    EMBEDS,
    FRESH,
    HASHED,
    HELP,
    NEVER,
    OPEN_FILES,
    ServerRules,
)

ASKED_EMBEDS = "expr=%{THE_REQUEST} =~ m#" + EMBEDS.replace("^", r"^\S+ ") + "#"
ROOT = "/srv/kerege-site"
HEAD = "# Written by `kerege site`. Replace {root} by the link that `kerege site publish` switches.\n"


def write_all(rules: ServerRules) -> dict[str, str]:
    """Return the text of each server file by its name."""
    return {
        "server/nginx.conf": write_nginx(rules),
        "server/Caddyfile": write_caddy(rules),
        "server/apache.conf": write_apache(rules),
    }


def write_nginx(rules: ServerRules) -> str:
    """Return the configuration of nginx, to be included on the level of `http`."""
    first, *others = rules.languages
    chosen = [f'  "~*^{code}" {code};' for code in rules.languages]
    chosen += [f'  "~*[, ]{code}\\b" {code};' for code in others]
    lines = [
        HEAD.format(root=ROOT),
        _map("http_accept_language", "kerege_language", first, chosen),
        _map("uri", "kerege_page_language", first, [f'  "~^/{code}/" {code};' for code in rules.languages]),
        _map("request_uri", "kerege_policy", f'"{policy.PAGES}"', [f'  "~{EMBEDS}" "{policy.EMBEDS}";']),
        _map("uri", "kerege_origins", '""', [f'  "~{OPEN_FILES}" "*";']),
        _map("uri", "kerege_readers", '"same-origin"', [f'  "~{OPEN_FILES}" "cross-origin";']),
        _map("uri", "kerege_cache", f'"{FRESH}"', [f'  "~^/static/" "{HASHED}";', f'  "~{HELP}" "{NEVER}";']),
        _map("uri", "kerege_vary", '""', ['  "/" "Accept-Language";']),
        _map(
            "request_uri", "kerege_reason", '""', [f'  "~{_of_request(g.pattern)}" "{g.reason}";' for g in rules.gone]
        ),
        *_nginx_server(rules),
    ]
    return "\n".join(lines) + "\n"


def _of_request(pattern: str) -> str:
    """Return a pattern over a path as one over the request, which may end with a question."""
    return pattern.removesuffix("$") + r"(?:\?.*)?$"


def _map(source: str, target: str, default: str, lines: list[str]) -> str:
    return "\n".join([f"map ${source} ${target} {{", f"  default {default};", *lines, "}", ""])


def _nginx_server(rules: ServerRules) -> list[str]:
    headers = {
        "Content-Security-Policy": "$kerege_policy",
        "Access-Control-Allow-Origin": "$kerege_origins",
        "Cross-Origin-Resource-Policy": "$kerege_readers",
        "Cache-Control": "$kerege_cache",
        "Vary": "$kerege_vary",
    }
    long = [(suffix, kind) for suffix, kind in rules.types.items() if "." in suffix]
    short = [(suffix, kind) for suffix, kind in rules.types.items() if "." not in suffix]
    return [
        "server {",
        "  listen 80;",
        f"  server_name {rules.host};",
        f"  root {ROOT};",
        "  index index.html;",
        "  server_tokens off;",
        "  absolute_redirect off;",
        "  gzip on;",
        "  gzip_vary on;",
        "  gzip_types text/css text/csv text/javascript text/plain application/json image/svg+xml application/xml;",
        "  types {",
        *[f'    "{kind.partition(";")[0]}" {suffix};' for suffix, kind in short],
        "  }",
        "  charset utf-8;",
        "  charset_types text/css text/csv text/javascript text/plain application/json application/atom+xml;",
        *[f'  add_header {name} "{value}" always;' for name, value in (rules.headers | headers).items()],
        "  if ($kerege_reason) { return 410; }",
        "  error_page 410 @gone;",
        "  error_page 403 404 =404 @missing;",
        "  location @gone { try_files $kerege_reason =404; }",
        "  location @missing { try_files /$kerege_page_language/404.html =404; }",
        "  location = / { return 302 /$kerege_language/; }",
        "  location ^~ /server/ { return 404; }",
        r"  location ~ /\. { return 404; }",
        *[f'  location ~ "\\.{_escaped(suffix)}$" {{ types {{}} default_type "{kind}"; }}' for suffix, kind in long],
        *[f'  location = "{old}" {{ return 301 "{new}"; }}' for old, new in sorted(rules.redirects.items())],
        "  location / { try_files $uri $uri/ =404; }",
        "}",
    ]


def _escaped(suffix: str) -> str:
    return suffix.replace(".", r"\.")


def write_caddy(rules: ServerRules) -> str:
    """Return the Caddyfile; `KEREGE_SITE_ADDRESS` and `KEREGE_SITE_ROOT` replace address and folder."""
    headers = [f'\theader {name} "{value}"' for name, value in rules.headers.items()]
    return "\n".join(
        [
            HEAD.format(root="$KEREGE_SITE_ROOT"),
            f"{{$KEREGE_SITE_ADDRESS:{rules.base}}} {{",
            f"\troot * {{$KEREGE_SITE_ROOT:{ROOT}}}",
            "\tencode gzip",
            "\troute {",  # keeps the order: of two headers the last counts
            *headers,
            f'\theader Content-Security-Policy "{policy.PAGES}"',
            *_caddy_header("embeds", EMBEDS, {"Content-Security-Policy": policy.EMBEDS}),
            '\theader Cross-Origin-Resource-Policy "same-origin"',
            *_caddy_header(
                "open", OPEN_FILES, {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
            ),
            f'\theader Cache-Control "{FRESH}"',
            *_caddy_header("hashed", "^/static/", {"Cache-Control": HASHED}),
            *_caddy_header("help", HELP, {"Cache-Control": NEVER}),
            *_caddy_types(rules),
            *_caddy_languages(rules),
            *_caddy_gone(rules),
            *[f'\tredir "{old}" "{new}" 301' for old, new in sorted(rules.redirects.items())],
            "\t@inside path /server/* */.*",
            "\terror @inside 404",
            "\tfile_server",
            "\t}",
            "\thandle_errors {",
            '\t\theader Content-Type "text/html; charset=utf-8"',
            "\t\t@gone expression {err.status_code} == 410",
            "\t\trewrite @gone {vars.reason}",
            "\t\t@missing expression {err.status_code} != 410",
            "\t\trewrite @missing /{vars.language}/404.html",
            "\t\tfile_server",
            "\t}",
            "}",
            "",
        ]
    )


def _caddy_header(name: str, pattern: str, headers: dict[str, str]) -> list[str]:
    values = [f'\theader @{name} {header} "{value}"' for header, value in headers.items()]
    return [f"\t@{name} path_regexp {pattern}", *values]


def _caddy_types(rules: ServerRules) -> list[str]:
    """Return the types; the longest suffix comes last, because the last header counts."""
    lines = []
    for place, (suffix, kind) in enumerate(reversed(list(rules.types.items()))):
        lines += [f"\t@type{place} path *.{suffix}", f'\theader @type{place} Content-Type "{kind}"']
    return lines


def _caddy_languages(rules: ServerRules) -> list[str]:
    first, *others = rules.languages
    lines = [f"\tvars language {first}"]
    for code in others:
        lines += [f"\t@page_{code} path /{code}/*", f"\tvars @page_{code} language {code}"]
    lines += ["\t@root path /", '\theader @root Vary "Accept-Language"']
    for code in rules.languages:
        lines += [f"\t@first_{code} {{", "\t\tpath /", f"\t\theader_regexp Accept-Language (?i)^{code}", "\t}"]
        lines += [f"\tredir @first_{code} /{code}/ 302"]
    for code in others:
        lines += [f"\t@then_{code} {{", "\t\tpath /", f"\t\theader_regexp Accept-Language (?i)[,\\s]{code}\\b", "\t}"]
        lines += [f"\tredir @then_{code} /{code}/ 302"]
    return [*lines, f"\tredir / /{first}/ 302"]


def _caddy_gone(rules: ServerRules) -> list[str]:
    lines = []
    for place, gone in enumerate(rules.gone):
        lines += [f"\t@gone{place} path_regexp {gone.pattern}", f"\tvars @gone{place} reason {gone.reason}"]
        lines += [f'\terror @gone{place} "Gone" 410']
    return lines


def write_apache(rules: ServerRules) -> str:
    """Return the configuration of Apache 2.4 with mod_headers and mod_rewrite, for one virtual host."""
    headers = rules.headers | {
        "Content-Security-Policy": policy.PAGES,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": FRESH,
    }
    first, *others = rules.languages
    languages = [(f"^{code}", code) for code in rules.languages] + [(rf"[,\ ]{code}\b", code) for code in others]
    return "\n".join(
        [
            HEAD.format(root=ROOT),
            "<VirtualHost *:80>",
            f"  ServerName {rules.host}",
            f'  DocumentRoot "{ROOT}"',
            f'  <Directory "{ROOT}">',
            "    Options FollowSymLinks",
            "    AllowOverride None",
            "    Require all granted",
            "  </Directory>",
            "  DirectoryIndex index.html",
            "  FileETag MTime Size",
            "  AddDefaultCharset utf-8",
            *[f'  Header always set {name} "{value}"' for name, value in headers.items()],
            # the address that was asked for counts, also where the page of a withdrawn release answers it
            f'  Header always set Content-Security-Policy "{policy.EMBEDS}" "{ASKED_EMBEDS}"',
            *_apache_section(
                OPEN_FILES,
                [
                    'Header always set Access-Control-Allow-Origin "*"',
                    'Header always set Cross-Origin-Resource-Policy "cross-origin"',
                ],
            ),
            *_apache_section("^/static/", [f'Header always set Cache-Control "{HASHED}"']),
            *_apache_section(HELP, [f'Header always set Cache-Control "{NEVER}"']),
            *_apache_section("^/$", ["Header always set Vary Accept-Language"]),
            *[
                line
                for suffix, kind in reversed(list(rules.types.items()))
                for line in _apache_section(rf"\.{_escaped(suffix)}$", [f'ForceType "{kind}"'])
            ],
            *[
                line
                for code in rules.languages
                for line in _apache_section(f"^/{code}/", [f"ErrorDocument 404 /{code}/404.html"])
            ],
            "  RewriteEngine On",
            *[
                line
                for gone in rules.gone
                for line in (
                    *_apache_section(gone.pattern, [f"ErrorDocument 410 {gone.reason}"]),
                    "  RewriteCond %{ENV:REDIRECT_STATUS} ^$",
                    f'  RewriteRule "{gone.pattern}" - [G]',
                )
            ],
            '  RewriteRule "^/server/" - [R=404]',
            r'  RewriteRule "/\." - [R=404]',
            *[
                line
                for pattern, code in languages
                for line in (
                    f'  RewriteCond "%{{HTTP:Accept-Language}}" "{pattern}" [NC]',
                    f'  RewriteRule "^/$" "/{code}/" [R=302,L]',
                )
            ],
            f'  RewriteRule "^/$" "/{first}/" [R=302,L]',
            *[f'  RedirectMatch 301 "^{re.escape(old)}$" "{new}"' for old, new in sorted(rules.redirects.items())],
            "</VirtualHost>",
            "",
        ]
    )


def _apache_section(pattern: str, lines: list[str]) -> list[str]:
    return [f'  <LocationMatch "{pattern}">', *(f"    {line}" for line in lines), "  </LocationMatch>"]
