"""Signature of a pack: the publisher signs the list of its files, as releases are signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from kerege.base import ed25519, signing, strict_json
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_file
from kerege.base.message_text import listed
from kerege.vocabulary.pack.pack import MANIFEST, SIGNATURE, Pack, read_pack

PUBLIC_KEY = "publisher.pem"  # beside the folder of a pack, for the first exchange of the key


def fingerprint_of(pem: bytes) -> str:
    """Return the fingerprint of a public key as two people compare it by telephone; raises BadInput.

    It is the beginning of the SHA-256 of the key itself, in groups of four.
    """
    try:
        key = ed25519.public_bytes(pem)
    except ValueError:
        raise BadInput(Fault("is not a public key in PEM", "give the publisher's key")) from None
    digits = hashlib.sha256(key).hexdigest()[:32]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def sign_pack(folder: Path, key: signing.SigningKey) -> Pack:
    """Write the list of the files of a pack and its signature into the folder."""
    pack = read_pack(folder, "folder")
    content, signature = pack.manifest, signing.sign(pack.manifest, key)
    with atomic_file(folder / MANIFEST, shared=True) as path:
        path.write_bytes(content)
    with atomic_file(folder / SIGNATURE, shared=True) as path:
        path.write_text(signature + "\n", encoding="ascii")
    return pack


def is_signed(folder: Path) -> bool:
    """Return whether a folder holds a signature."""
    return (folder / SIGNATURE).is_file()


def check_signature(pack: Pack, folder: Path, publishers: Mapping[str, bytes]) -> str:
    """Return the fingerprint of the publisher who signed these very files; raises Refused.

    `publishers` are the trusted public keys by fingerprint.
    """
    if not is_signed(folder):
        raise Refused("the pack is not signed: ask its publisher for the signed one")
    if (folder / MANIFEST).read_bytes() != pack.manifest:
        raise Refused(_difference(pack, folder))
    signature = (folder / SIGNATURE).read_text(encoding="ascii", errors="replace")
    for fingerprint, pem in publishers.items():
        if _fits(pack.manifest, signature, pem):
            return fingerprint
    raise Refused("the pack is signed with a key that this installation does not trust: see kerege pack trust")


def _fits(content: bytes, signature: str, pem: bytes) -> bool:
    try:
        ed25519.check(content, signature, pem)
    except Refused:
        return False
    return True


def _difference(pack: Pack, folder: Path) -> str:
    """Return a sentence that names the files that differ from the signed list."""
    stated, present = _files_of((folder / MANIFEST).read_bytes()), _files_of(pack.manifest)
    changed = sorted(path for path in {*stated, *present} if stated.get(path) != present.get(path))
    return f"the files are not those that were signed ({listed(changed, 5) or MANIFEST}): get the pack again"


def _files_of(manifest: bytes) -> Mapping[str, object]:
    try:
        tree = strict_json.parse(manifest)
    except ValueError:
        return {}
    files = tree.get("files") if isinstance(tree, dict) else None
    return files if isinstance(files, dict) else {}
