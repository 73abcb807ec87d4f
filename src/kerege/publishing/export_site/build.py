"""Export of the public site of one moment into a folder: completely or not at all, signed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views import defaults

import kerege
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_dir, home
from kerege.base.signing import release_key
from kerege.core.authorization import session_scope
from kerege.evidence.release import signed_site
from kerege.evidence.release.signed_site import FORMAT, SiteFile, SiteManifest, SiteRelease
from kerege.publishing.export_site import policy, server_files
from kerege.publishing.export_site.assets import Assets, type_of
from kerege.publishing.export_site.crawl import TEXT, Crawl, crawl
from kerege.publishing.export_site.public_answer import Rendered, SiteRequest
from kerege.publishing.export_site.refusals import Hidden, find_refusals
from kerege.publishing.export_site.series_gaps import list_lost_periods
from kerege.publishing.export_site.server_rules import ServerRules, file_of, list_gone, list_types
from kerege.publishing.export_site.site_map import robots, site_map
from kerege.publishing.releases import catalogue, public_clock, queries
from kerege.publishing.storage import release_files
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import languages

FAVICON = "favicon.ico"
PRIVATE = 0o700  # until its moment, only the operator may read the site
SHOWN_REFUSALS = 5
HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
Files = dict[str, tuple[bytes, str]]  # name below the root -> content and type


@dataclass(frozen=True)
class ReleaseState:
    """The releases at a moment: public, corrected and withdrawn ones, and the hidden ones."""

    public: tuple[ReleaseFiles, ...]
    corrected: frozenset[str]
    withdrawn: tuple[str, ...]
    hidden: Hidden

    def identity(self) -> Hashable:
        """Return the public releases, and which were corrected or withdrawn: equal for equal states."""
        digests = frozenset((release.path.name, release.digest) for release in self.public)
        return digests, self.corrected, self.withdrawn


def export(
    out: Path,
    moment: datetime | None,
    base: str,
    languages: tuple[str, ...],
    warn: Callable[[str], object] = lambda note: None,
) -> SiteManifest:
    """Write the public site of a moment to `out`, by default of now, and return its signed list.

    `warn` gets a sentence for each series that lost periods.

    Raises BadInput for an `out` that exists and for a base that is no origin, and Refused if an answer must not be
    public, if two releases define a series differently or if releases change meanwhile; then nothing is written.
    """
    check_request(out, base)
    moment = (moment or timezone.now()).astimezone(UTC).replace(microsecond=0)
    with public_clock.remembering():
        state = read_state(moment)
        for note in list_lost_periods(moment):
            warn(note)
        crawled = crawl(moment, base, languages, state.public, state.withdrawn)
    if read_state(moment).identity() != state.identity():
        raise Refused("the releases changed while the site was built: build it again")
    refuse(crawled, state.hidden)
    files = compose(crawled, state)
    manifest = describe(crawled, state, files)
    with atomic_dir(out, PRIVATE) as folder:
        _write(folder, files)
        signed_site.sign(folder, manifest, release_key(home()))
    return manifest


def check_request(out: Path, base: str) -> None:
    """Raise BadInput for an `out` that exists, and for a base that is not the origin of a site."""
    if out.exists() or out.is_symlink():
        raise BadInput(Fault("exists", "name a new folder", file=str(out)))
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or base != f"{parts.scheme}://{parts.netloc}":
        raise BadInput(
            Fault(f"{base!r} is not the origin of a site", "write https://HOST, without a path", file="--base")
        )


def read_state(moment: datetime) -> ReleaseState:
    """Return the releases of a moment. Raises Refused for a public release whose signature does not fit."""
    with public_clock.fixed_at(moment), session_scope.closed():
        non_public = queries.non_public_folders(moment)
        folders = {path.name: path for path in release_files.list_folders()}
        public = tuple(release_files.read(path) for name, path in folders.items() if name not in non_public)
        entries = catalogue.list_releases()
        withdrawn = tuple(sorted(entry.name for entry in entries if entry.files is None))
        corrected = queries.superseded_folders(moment)
    hidden = [path for name, path in folders.items() if name in non_public]
    return ReleaseState(public, corrected, withdrawn, _hidden(hidden, withdrawn, public))


def _hidden(folders: list[Path], withdrawn: tuple[str, ...], public: tuple[ReleaseFiles, ...]) -> Hidden:
    """Return the marks of hidden releases that no public release has."""
    digests: set[str] = set()
    titles: set[str] = set()
    for path in folders:
        try:
            files = release_files.read(path)
        except (Refused, BadInput):
            continue  # not readable, so no view shows it
        digests |= {files.digest, *files.named.values()}
        titles |= set(files.title.values()) if path.name not in withdrawn else set()
    shown = {digest for release in public for digest in (release.digest, *release.named.values())}
    shown_titles = {title for release in public for title in release.title.values()}
    return Hidden(frozenset(digests - shown), frozenset(titles - shown_titles))


def refuse(crawled: Crawl, hidden: Hidden) -> None:
    """Raise Refused with the reasons why answers must not be public."""
    answers = {**crawled.pages, **crawled.gone}
    reasons = [
        reason for name, answer in answers.items() for reason in find_refusals(name, answer, crawled.base, hidden)
    ]
    if reasons:
        more = [f"and {len(reasons) - SHOWN_REFUSALS} more reasons"] if len(reasons) > SHOWN_REFUSALS else []
        raise Refused("; ".join([*reasons[:SHOWN_REFUSALS], *more]))


def compose(crawled: Crawl, state: ReleaseState) -> Files:
    """Return every file of the site, also those of servers and search engines."""
    assets = Assets()
    files: Files = {}
    for address, answer in sorted({**crawled.pages, **crawled.gone, **dict(_extra_pages(crawled))}.items()):
        content = _finish(address, answer, assets) if answer.content_type.startswith(TEXT) else answer.body
        _add(files, file_of(address).lstrip("/"), content, answer.content_type)
    for address, content in sorted(assets.files.items()):
        _add(files, address.lstrip("/"), content, type_of(address))
    _add(files, "sitemap.xml", site_map(crawled), "application/xml")
    _add(files, FAVICON, (Path(settings.WHITENOISE_ROOT) / FAVICON).read_bytes(), type_of(FAVICON))
    _add(files, "robots.txt", robots(crawled.base), PLAIN)
    for name, text in server_files.write_all(_rules(crawled, state, files)).items():
        _add(files, name, text.encode(), PLAIN)
    return files


def _add(files: Files, name: str, content: bytes, kind: str) -> None:
    if name in signed_site.LIST.files or ".." in name.split("/"):
        raise Refused(f"no page of the site may have the address /{name}")
    files[name] = (content, kind)


def _finish(address: str, answer: Rendered, assets: Assets) -> bytes:
    """Return a text as the export holds it: static files by hash, pages with their policy."""
    text = assets.rename(answer.body.decode()) if not answer.content_type.startswith("text/csv") else ""
    if not text:
        return answer.body
    if answer.is_page:
        text = policy.with_meta(address, text)
        text = policy.with_noindex(text) if answer.status != 200 else text
    return text.encode()


def _extra_pages(crawled: Crawl) -> Iterator[tuple[str, Rendered]]:
    """Yield the choice of a language, and the page of each language for addresses that do not exist."""
    names = [{"code": code, "name": name} for code, name in languages.choices() if code in crawled.languages]
    yield "/", Rendered(200, HTML, render_to_string("publishing/export/languages.html", {"languages": names}).encode())
    for language in crawled.languages:
        request = SiteRequest(f"/{language}/", crawled.base, crawled.languages)
        request.LANGUAGE_CODE = language
        with translation.override(language), public_clock.fixed_at(crawled.moment), session_scope.closed():
            page = defaults.page_not_found(request, Http404())
        yield f"/{language}/404.html", Rendered(404, HTML, page.content)


def _rules(crawled: Crawl, state: ReleaseState, files: Files) -> ServerRules:
    types = list_types({name: kind for name, (_, kind) in files.items()})
    return ServerRules(
        crawled.base,
        crawled.languages,
        crawled.redirects,
        list_gone(crawled.gone, state.withdrawn, crawled.languages),
        types,
    )


def describe(crawled: Crawl, state: ReleaseState, files: Mapping[str, tuple[bytes, str]]) -> SiteManifest:
    """Return the list of the site."""
    return SiteManifest(
        format=FORMAT,
        moment=crawled.moment.isoformat(),
        base=crawled.base,
        languages=list(crawled.languages),
        code_version=kerege.__version__,
        releases=[
            SiteRelease(
                name=release.path.name,
                manifest_sha256=release.digest,
                state="corrected" if release.path.name in state.corrected else "standing",
            )
            for release in state.public
        ],
        withdrawn=list(state.withdrawn),
        files={name: SiteFile.of(content, kind) for name, (content, kind) in sorted(files.items())},
        redirects=dict(sorted(crawled.redirects.items())),
        gone=sorted(crawled.gone),
    )


def _write(folder: Path, files: Files) -> None:
    for name, (content, _) in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (FileExistsError, IsADirectoryError, NotADirectoryError):
            raise Refused(f"/{name} is an address and the folder of another address") from None


def default_base() -> str:
    """Return the origin of the public site that the settings name, otherwise https://localhost."""
    host = settings.PUBLIC_HOST or urlsplit(settings.SITE_URL).netloc or "localhost"
    return f"https://{host}"
