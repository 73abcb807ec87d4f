"""Ed25519 signatures over manifests, and the key file of the command line.

A public key in PEM names its algorithm. Signatures of a key that a command holds (`KEREGE_SIGNER`) may also be of Ed448
or of ML-DSA (FIPS 204), which withstands quantum computers.
"""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey, MLDSA87PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.key_file import read_or_create_key

VERIFIED = (Ed25519PublicKey, Ed448PublicKey, MLDSA65PublicKey, MLDSA87PublicKey)


def release_key(home: Path) -> bytes:
    """Return the newest `keys/release-*.key` of a home (32 bytes).

    Create it with mode 0600 if there is none.
    """
    folder = home / "keys"
    key_paths = sorted(folder.glob("release-*.key"), key=lambda path: path.name)
    return read_or_create_key(
        key_paths[-1] if key_paths else folder / f"release-0001-{secrets.token_hex(3)}.key", "a signing key"
    )


def sign(content: bytes, key: bytes) -> str:
    """Return the signature of the content in base64; `key` is the 32-byte Ed25519 seed."""
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(key).sign(content)).decode()


def public_pem(key: bytes) -> bytes:
    """Return the public key in PEM; `key` is the 32-byte Ed25519 seed."""
    public = Ed25519PrivateKey.from_private_bytes(key).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public_key(path: Path) -> bytes:
    """Return the public key (PEM) of a file; raise BadInput if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise BadInput(Fault(what, "name the file of a public key", file=str(path))) from None


def public_bytes(pem: bytes) -> bytes:
    """Return a public key in one form for every way to write its PEM; raise ValueError if it is none."""
    try:
        return load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except UnsupportedAlgorithm:
        raise ValueError("not of a known algorithm") from None


def check(content: bytes, signature: str, pem: bytes) -> None:
    """Raise Refused unless this public key (PEM) verifies the signature over the content."""
    try:
        public = load_pem_public_key(pem)
        if not isinstance(public, VERIFIED):
            raise ValueError("not of a known algorithm")
        public.verify(base64.b64decode(signature.strip(), validate=True), content)
    except (ValueError, InvalidSignature):
        raise Refused("the signature does not fit the manifest: it was changed, or signed with another key") from None
